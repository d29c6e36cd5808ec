"""The product on stdout, the talk on stderr, one document with --json."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from mnist_tool.cli.screen.output import Output
from tests.cli.processes import FULL, python

Run = Callable[..., Any]


ENVELOPE = {"schema", "tool", "version", "command", "status", "exit_code", "data", "errors"}


@pytest.mark.parametrize(
    "setting", [{"NO_COLOR": "1"}, {"TERM": "dumb"}, {"LC_ALL": "C", "PYTHONIOENCODING": "ascii"}]
)
def test_plain_streams_get_plain_text(
    run_process: Run, setting: dict[str, str], synthetic_root: Path
) -> None:
    """No escape sequences in a pipe, and nothing that an ASCII stream cannot carry."""
    words = ["verify", "--root", str(synthetic_root), "--dataset", "synthetic"]
    done = run_process(*words, env={**os.environ, **setting})
    assert done.exit_code == 0
    assert "\x1b" not in done.stdout + done.stderr
    if "LC_ALL" in setting:
        assert done.stdout.isascii()


def test_json_uses_nothing_but_one_document(run_tool: Run, synthetic_root: Path) -> None:
    """In success the envelope has the same keys, and stderr is silent."""
    done = run_tool("verify", "--root", str(synthetic_root), "--dataset", "synthetic", "--json")
    assert set(done.json) == ENVELOPE
    assert (done.json["status"], done.json["exit_code"], done.stderr) == ("ok", 0, "")


TALKS = """
from mnist_tool.cli.screen.output import Output
out = Output("test")
for word in ("one", "two"):
    out.warn(word)
    out.print(word)
out.finish()
"""


def test_a_reader_of_the_talk_that_leaves_takes_no_product_along() -> None:
    """`mnist-tool test > FILE 2> >(head -1)` keeps the whole file."""
    read, write = os.pipe()
    os.close(read)
    with os.fdopen(write, "w") as talk:
        done = python(TALKS, stderr=talk)
    assert (done.returncode, done.stdout) == (0, "one\ntwo\n")


@pytest.mark.skipif(not FULL.exists(), reason="there is no /dev/full here")
def test_talk_that_cannot_be_written_stops_no_work() -> None:
    """A training is not lost because its log is on a full disk."""
    with FULL.open("w") as full:
        done = python(TALKS, stderr=full)
    assert (done.returncode, done.stdout) == (0, "one\ntwo\n")


def test_what_is_no_number_is_null(capsys: pytest.CaptureFixture[str]) -> None:
    """JSON knows neither NaN nor infinity, wherever they come from; strict readers refuse them."""
    out = Output("verify", json_mode=True)
    out.data(a=float("nan"), b={"c": [1.5, float("inf")]}, d=(-float("inf"), True, "NaN"))
    out.finish()

    def refuse(word: str) -> None:
        raise AssertionError(word)

    found = json.loads(capsys.readouterr().out, parse_constant=refuse)["data"]
    assert found == {"a": None, "b": {"c": [1.5, None]}, "d": [None, True, "NaN"]}


def test_what_was_typed_is_written_again() -> None:
    """With what it lacked, for the shell; never is the command itself changed."""
    out = Output("runs", words=["runs", "shw", "runs", "--root", "my data", "--", "-x"])
    assert out.line() == "mnist-tool runs shw runs --root 'my data' -- -x"
    assert out.line("--yes") == "mnist-tool runs shw runs --root 'my data' --yes -- -x"
    changed = out.line(instead={"shw": "show", "runs": None})
    assert changed == "mnist-tool runs show --root 'my data' -- -x"
    assert Output("doctor").line("--fix") == "mnist-tool doctor --fix"
