"""What each command writes, in success and failure, for every kind of reader of its streams."""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from typing import Any

import pytest

from tests.cli.forks import SUPPORTED, Forks
from tests.cli.lines import FAILURES, WORDS
from tests.conftest import Done

pytestmark = pytest.mark.skipif(not SUPPORTED, reason="no process can be forked there")

LINES = [(line, 0) for line in WORDS.values()] + list(FAILURES.values())
ESCAPE = re.compile(r"\x1b(\[[0-9;?]*[A-Za-z])?")
COLOUR = re.compile(r"\x1b\[(?:[0-9;]*;)?(?:[349][0-7]|[34]8;[0-9;]+|10[0-7])m")
MOVEMENT = re.compile(r"\x1b\[[0-9;?]*[A-Za-ln-z]|\r(?!\n)")

# Where a table has no room, a record begins with its first cell, whose heading is left out.
LEFT_OUT = {"name", "label", "recipe"}


def _words(text: str) -> list[str]:
    """Return all words but those that draw a picture, which colours draw in another way."""
    return re.sub("[\u2580-\u259f]+", " ", ESCAPE.sub("", text)).split()


def _name(line: tuple[str, int] | str) -> str:
    return line if isinstance(line, str) else f"{line[0].split()[0]}-{line[1]}"


@pytest.fixture(params=LINES, ids=_name)
def run(request: pytest.FixtureRequest, told: Callable[..., Any], forks: Forks) -> Any:
    """Run a line on a terminal or for another reader; its exit code is always the same."""
    line, code = request.param

    def run_line(*more: str, variables: dict[str, str], **options: Any) -> Done:
        names = ("TERM", "COLUMNS", "GITHUB_ACTIONS", "CI")
        environment = {key: value for key, value in os.environ.items() if key not in names}
        done = forks.run(*told(line), *more, env=environment | variables, **options)
        assert done.exit_code == code, done
        assert "Traceback" not in done.stdout + done.stderr
        return done

    return run_line


ENCODED = [(line, encoding) for line in LINES for encoding in ("ascii", "cp949", "cp1252")]


@pytest.mark.parametrize(
    ("run", "encoding"),
    [(line, each) for line, each in ENCODED if line[1] == 0 or each == "cp949"],
    indirect=["run"],
    ids=_name,
)
def test_a_poor_encoding_gets_all_of_it(run: Callable[..., Done], encoding: str) -> None:
    """Few letters, a width that is none, no movement: nothing fails, and no escape is printed."""
    poor = {"COLUMNS": "0", "TERM": "dumb", "GITHUB_ACTIONS": "1"}
    done = run(variables=poor, encoding=encoding)
    assert done.stdout.strip() or done.exit_code
    assert "\x1b" not in done.stdout + done.stderr


def test_a_reader_that_leaves_changes_nothing_else(run: Callable[..., Done]) -> None:
    """``| head -0``: the exit code is the same, and stderr says nothing of it."""
    done = run(variables={}, reader="gone")
    assert "roken pipe" not in done.stderr


def test_a_dumb_terminal_gets_no_escape(run: Callable[..., Done]) -> None:
    """None that moves, and none that colours."""
    done = run(variables={"TERM": "dumb", "COLUMNS": "79"}, reader="terminal")
    assert "\x1b" not in done.stdout
    assert not MOVEMENT.search(done.stdout)


def test_each_reader_gets_all_words(run: Callable[..., Done]) -> None:
    """In 40 columns no word of a pipe is cut, so that it can be copied; forced colours are alone.

    The terminal gets no colour with ``NO_COLOR=1``; ``FORCE_COLOR=1`` in a pipe adds nothing else.
    """
    narrow = {"TERM": "xterm-256color", "COLUMNS": "40"}
    piped = run(variables=narrow)
    shown = run(variables=narrow | {"NO_COLOR": "1"}, reader="terminal")
    assert not COLOUR.search(shown.stdout)
    expected = set(_words(piped.stdout + piped.stderr)) - LEFT_OUT
    assert expected <= set(_words(shown.stdout))

    coloured = run(variables=narrow | {"FORCE_COLOR": "1"})
    assert not MOVEMENT.search(coloured.stdout + coloured.stderr)
    assert _words(coloured.stdout) == _words(piped.stdout)
    assert _words(coloured.stderr) == _words(piped.stderr)
