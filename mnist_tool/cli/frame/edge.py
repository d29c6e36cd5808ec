"""Turn every way a command can end into a report and an exit code."""

from __future__ import annotations

import os
import signal
import sys
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import typer

from mnist_tool.advice import reason
from mnist_tool.cli.frame.broken import broken_package
from mnist_tool.cli.frame.shortage import shortage
from mnist_tool.cli.frame.signals import Terminated, signals_raise
from mnist_tool.cli.screen.output import Output
from mnist_tool.cli.screen.spelling import spell
from mnist_tool.cli.screen.streams import discard, has_left
from mnist_tool.errors import MnistToolError, StorageError

__all__ = ["edge"]

BUG, INTERRUPTED, TERMINATED = 70, 130, 143
ISSUE_HINT = (
    "This is a bug in mnist-tool. Please report it with the output of `mnist-tool doctor --report` "
    "and of this command run again with MNIST_TOOL_DEBUG=1."
)


@contextmanager
def edge(out: Output) -> Iterator[None]:
    """Report whatever ends the block, and set the exit code.

    Parameters
    ----------
    out : Output
        Where to report it. Only `typer.Exit` gets through: the code is set already.
    """
    heard: list[int] = []
    try:
        with signals_raise() as heard:
            yield
        out.finish()
    except MnistToolError as error:
        _trace()
        if isinstance(error, StorageError):
            _refused(out, error.code, error.message, error.hint)
        else:
            out.error(error)
        _finish(out)
    except (KeyboardInterrupt, typer.Abort):  # Typer turns Ctrl-C at a question into the second
        _stopped(out, signal.SIGINT)
    except Terminated:
        _stopped(out, signal.SIGTERM)
    except typer.Exit:
        raise
    except Exception as error:
        if isinstance(error, OSError) and has_left(error):
            discard(1)
            return
        _trace()
        if heard:  # in the middle of an import, say
            _stopped(out, heard[-1])
        elif (lacking := shortage(error)) is not None:
            _refused(out, "shortage", *lacking)
            _finish(out)
        elif (broken := broken_package(error)) is not None:
            out.error(broken)
            _finish(out)
        elif isinstance(error, OSError):
            _report_refusal(out, error)
        else:
            out.fail("bug", f"{type(error).__name__}: {error}", ISSUE_HINT, BUG)
            _finish(out)


def _stopped(out: Output, number: int) -> None:
    """Say that a signal ended it."""
    hint = out.way_on or "Run the same command again to go on."
    if number == signal.SIGTERM:
        out.fail("terminated", "Terminated.", hint, TERMINATED)
    else:
        out.fail("interrupted", "Interrupted.", hint, INTERRUPTED)
    _finish(out)


def _refused(out: Output, code: str, message: str, hint: str) -> None:
    """Say what the machine refused, and how to go on when it does not any more."""
    out.fail(code, message, f"{hint} {out.way_on}".rstrip(), StorageError.exit_code)


def _report_refusal(out: Output, error: OSError) -> None:
    """Name what the system refused; the library lets no such error out."""
    if _folder_is_gone():
        what, hint = "The current folder does not exist any more.", "Change to one that does: cd ~"
        out.fail("storage", what, hint, StorageError.exit_code)
        _finish(out)
        return
    if error.filename is None:  # our own stdout: a full disk behind a redirection
        what, hint = "Standard output cannot be written", "Send it somewhere else."
    else:  # Typer lets out what it could not do to a file, when it installs the completion
        what, hint = f"{error.filename} cannot be used", "Look at its folder's permissions."
    _refused(out, "storage", f"{what}: {reason(error)}.", hint)
    discard(1)


def _folder_is_gone() -> bool:
    try:
        Path.cwd()
    except FileNotFoundError:
        return True
    return False


def _trace() -> None:
    """Show the traceback to whoever asked for it."""
    if os.environ.get("MNIST_TOOL_DEBUG"):
        sys.stderr.write(spell(traceback.format_exc(), sys.stderr.encoding or "ascii"))


def _finish(out: Output) -> None:
    try:
        out.finish()
    except OSError as error:
        if not has_left(error):
            raise
        discard(1)
