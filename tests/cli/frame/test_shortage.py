"""What a machine lacks is told from a bug."""

from __future__ import annotations

import errno
import os

import pytest

from mnist_tool.cli.frame.edge import edge
from mnist_tool.cli.frame.shortage import shortage
from mnist_tool.cli.screen.output import Output


def _made(by: str) -> Exception:
    """The error itself, as Python and torch raise it."""
    try:
        if by == "torch":
            import torch

            torch.empty(1 << 60)
        bytearray(1 << 62)
    except Exception as error:
        return error
    raise AssertionError(by)


@pytest.mark.parametrize("by", ["bytes", "torch"])
def test_too_little_memory_is_no_bug(by: str, capsys: pytest.CaptureFixture[str]) -> None:
    out = Output("do")
    with edge(out):
        raise _made(by)
    assert out.exit_code == 3
    stderr = capsys.readouterr().err
    assert "not enough memory" in stderr
    assert "bug" not in stderr


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (RuntimeError("can't start new thread"), "threads"),
        (RuntimeError("error: (-4:Insufficient memory) Failed to allocate 9 bytes"), "memory"),
        (OSError(errno.EMFILE, os.strerror(errno.EMFILE), "x.py"), "ulimit -n"),
        (OSError(errno.ENOMEM, os.strerror(errno.ENOMEM)), "memory"),
    ],
)
def test_each_lack_is_named_with_what_helps(error: Exception, words: str) -> None:
    found = shortage(error)
    assert found is not None
    assert words in " ".join(found)
    behind = ValueError("x")
    behind.__cause__ = error
    assert shortage(behind) == found


@pytest.mark.parametrize("error", [RuntimeError("x"), OSError(errno.EACCES, "no"), ValueError()])
def test_anything_else_is_none(error: Exception) -> None:
    assert shortage(error) is None
