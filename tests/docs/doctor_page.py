"""Write docs/doctor.md from the checks and explanations: ``python -m tests.docs.doctor_page``."""

from __future__ import annotations

from mnist_tool.diagnosis.checks import CHECKS
from mnist_tool.diagnosis.explain import EXPLANATIONS
from tests.real_data import REPOSITORY

__all__ = ["PAGE", "page"]

PAGE = REPOSITORY / "docs" / "doctor.md"

HEAD = """# The doctor: every check

```console
$ mnist-tool doctor
$ mnist-tool doctor data torch
$ mnist-tool doctor --fix --dry-run
$ mnist-tool doctor --python python3 --json
$ mnist-tool doctor --network --report
$ pbpaste | mnist-tool doctor --explain -
```

The doctor changes nothing unless `--fix` is given, and opens no connection unless `--network` is.
It exits with 1 when a check is an error or crashed; `--strict` counts warnings too.

A check that is content and has nothing to tell shares a line with its neighbours; `-v` gives each
one its own, with all it knows. `--json` has everything, always.

`--network` walks to every source by stages, the name (DNS), the connection (TCP), the certificate
(TLS), the status, the first bytes and some of the body, and says where the way ends or how fast it
is; `-v` and `--json` have the seconds of each stage. It compares the clock with the servers' and
looks for a login page that answers in their place. Behind a proxy, the way to the proxy is walked.

It tries instead of guessing: `--python PATH`, of any age from Python 2.7 on, runs a small script in
that interpreter, which imports torch and torchvision, computes, loads `processed/*.pt` and opens
the data set.

A `.pt` file holds pickles, and to load a pickle is to run it. So the doctor reads the file's bytes
first, and lets an interpreter load it only if it is proven harmless: laid out as torch lays it out,
with nothing in any of its pickles but the opcodes, names and calls that make plain tensors within
the file's size. At the first byte that is not understood, or that readers understand in different
ways, the finding says "not tried", and why; then `opens` does not load it either. The interpreter
also runs with `weights_only=True`, whatever the environment says, where its torch knows it (1.13
and newer). A compiled model (TorchScript) and a tar of torch 0.1 are never tried.

What is tried is the user's own file, not one of the same format made for the purpose: only this
shows whether torch reads *it*, whole, and whether it holds the data set. What is not tried is not
replaced by such a sample, since no answer to it would change the remedy: `--fix` keeps the file out
of the way and writes a right one.

`--skip CHECK` leaves a check or a group out, and so does `MNIST_TOOL_DOCTOR_SKIP` with several
names, so that a finding you have accepted does not keep a CI red; the report names what was left
out. On a terminal each group is shown as soon as it is known, and `-v` has the seconds of each
check: what waits for an interpreter has those of the waiting.

Below a finding stands `fix:`, a command after which the check is content, and `look:`, one that
only shows more. Where neither helps, such as with a wrong clock, the text says what to do.

`--fix` shows each step and asks (`--yes` allows all). Nothing is ever deleted: what is in the way
is kept in `MNIST/set-aside/`. Afterwards the checks run again. Packages are never upgraded; the
doctor prints the pip command for the interpreter.

`--explain FILE` (`-` for standard input) answers an error text that you met elsewhere: a message, a
traceback, or all that the terminal showed. It looks the last exception up among the texts below,
and says its cause, what to do, the commands for the interpreter at hand (or `--python PATH`), and
where it was seen. What is not known is shown whole, with a search and no guess, and exit code 1.
In a notebook `mnist_tool.doctor()` shows the findings, and `mnist_tool.explain_error()` explains
the error of the cell before.

Commands that install are those of what installs there: pip of the interpreter; `uv pip` in an
environment that uv made without pip; conda in conda's, unless pip brought its torch; and a virtual
environment first where the system keeps its Python to itself.

## Checks

Those marked * are asked once for each examined interpreter, those marked + only with `--network`.

| group | check | question |
|---|---|---|
"""

MIDDLE = """
## Error texts it explains

The names lead to where each text was seen, or to the code that writes it.

| name | what it means |
|---|---|
"""


def page() -> str:
    """Return the whole page."""
    checks = "".join(
        f"| {c.group} | `{c.name}`{'*' * c.per_interpreter}{'+' * c.network} | {c.purpose} |\n"
        for c in CHECKS
    )
    texts = "".join(
        f"| [`{entry.name}`]({entry.source}) | {entry.told} |\n" for entry in EXPLANATIONS
    )
    return HEAD + checks + MIDDLE + texts


if __name__ == "__main__":
    PAGE.write_text(page(), "utf-8")
