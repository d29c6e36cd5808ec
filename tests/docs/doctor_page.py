"""Write docs/doctor.md from the checks and explanations: ``python -m tests.docs.doctor_page``."""

from __future__ import annotations

from mnist_tool.doctor.checks import CHECKS
from mnist_tool.doctor.explain import EXPLANATIONS
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
the data set. A `.pt` file is a pickle, so its bytes are read first, and one that would run anything
but the making of tensors is not loaded at all.

Below a finding stands `fix:`, a command after which the check is content, and `look:`, one that
only shows more. Where neither helps, such as with a wrong clock, the text says what to do.

`--fix` shows each step and asks (`--yes` allows all). Nothing is ever deleted: what is in the way
is kept in `MNIST/set-aside/`. Afterwards the checks run again. Packages are never upgraded; the
doctor prints the pip command for the interpreter.

## Checks

Those marked * are asked once for each examined interpreter, those marked + only with `--network`.

| group | check | question |
|---|---|---|
"""

MIDDLE = """
## Error texts it explains

| name | what it means |
|---|---|
"""


def page() -> str:
    """Return the whole page."""
    checks = "".join(
        f"| {c.group} | `{c.name}`{'*' * c.per_interpreter}{'+' * c.network} | {c.purpose} |\n"
        for c in CHECKS
    )
    texts = "".join(f"| `{entry.name}` | {entry.cause} |\n" for entry in EXPLANATIONS)
    return HEAD + checks + MIDDLE + texts


if __name__ == "__main__":
    PAGE.write_text(page(), "utf-8")
