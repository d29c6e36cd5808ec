"""Turn a function into a command: the options all share, the error edge, and the exit code."""

from __future__ import annotations

import functools
import inspect
import os
import signal
import sys
import threading
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import Annotated, Any

import typer

from mnist_tool.cli.frame.catalogue import register
from mnist_tool.cli.frame.help import HelpfulCommand
from mnist_tool.cli.screen.output import Output, discard
from mnist_tool.errors import MnistToolError, StorageError

__all__ = ["BUG", "Terminated", "command"]

BUG, INTERRUPTED, TERMINATED = 70, 130, 143
ISSUE_HINT = (
    "This is a bug in mnist-tool. Please report it with the output of `mnist-tool doctor --report` "
    "and of this command run again with MNIST_TOOL_DEBUG=1."
)

JsonOption = Annotated[
    bool, typer.Option("--json", help="Print one JSON document on stdout, in failure too.")
]
QuietOption = Annotated[
    bool,
    typer.Option("--quiet", "-q", help="No progress and no hints; the result and errors stay."),
]
NoColorOption = Annotated[bool, typer.Option("--no-color", help="No colours (as NO_COLOR=1).")]
SHARED: dict[str, Any] = {"json_mode": JsonOption, "quiet": QuietOption, "no_color": NoColorOption}


class Terminated(BaseException):
    """SIGTERM arrived; unwinds like Ctrl-C so that temporary files go."""


def command(
    name: str, *examples: tuple[str, str]
) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Register a function as a command.

    Parameters
    ----------
    name : str
        The word people type, as in the catalogue.
    *examples : tuple of (str, str)
        At least two pairs of an explanation and a command line, shown at the end of ``--help``.

    Returns
    -------
    callable
        A decorator for functions whose first parameter is the `Output`; the others are typer's.
        ``--json``, ``--quiet`` and ``--no-color`` are added to each.
    """

    def decorate(function: Callable[..., None]) -> Callable[..., None]:
        register(name, application(function, name, examples))
        return function

    return decorate


def application(
    function: Callable[..., None], name: str, examples: tuple[tuple[str, str], ...]
) -> typer.Typer:
    """Make a function an application with one command; see `command`."""
    # Not `get_type_hints`: before Python 3.11 it hides what is annotated with a default of None.
    own = list(inspect.signature(function, eval_str=True).parameters.values())[1:]
    shared = [
        inspect.Parameter(key, inspect.Parameter.KEYWORD_ONLY, default=False, annotation=kind)
        for key, kind in SHARED.items()
    ]

    @functools.wraps(function)
    def run(**arguments: Any) -> None:
        out = Output(name, **{key: arguments.pop(key) for key in SHARED})
        with edge(out):
            function(out, **arguments)
        raise typer.Exit(out.exit_code)

    parameters = [p.replace(kind=inspect.Parameter.KEYWORD_ONLY) for p in own] + shared
    run.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]
    run.__annotations__ = {p.name: p.annotation for p in parameters}
    page = type("Command", (HelpfulCommand,), {"examples": examples})
    alone = typer.Typer(add_completion=False, rich_markup_mode=None, pretty_exceptions_enable=False)
    alone.command(name, cls=page, help=inspect.getdoc(function))(run)
    return alone


@contextmanager
def edge(out: Output) -> Iterator[None]:
    """Turn every way a command can end into a report and an exit code."""
    try:
        with _sigterm_raises(), _signals_arrive():
            yield
        out.finish()
    except BrokenPipeError:
        discard(1)
    except MnistToolError as error:
        _trace()
        out.error(error)
        _finish(out)
    except (KeyboardInterrupt, typer.Abort):  # Typer turns Ctrl-C at a question into the second
        out.fail("interrupted", "Interrupted.", out.again, INTERRUPTED)
        _finish(out)
    except Terminated:
        out.fail("terminated", "Terminated.", out.again, TERMINATED)
        _finish(out)
    except typer.Exit:
        raise
    except OSError as error:
        _trace()
        if _folder_is_gone():
            out.fail("storage", "The current folder does not exist any more.",
                     "Change to one that does: cd ~", StorageError.exit_code)  # fmt: skip
            _finish(out)
            return
        # The library lets none out, so this is our own stdout: a full disk behind a redirection.
        # Typer lets out what it could not do to a file, when it installs the completion.
        what, hint = "Standard output cannot be written", "Send it somewhere else."
        if error.filename is not None:
            what, hint = f"{error.filename} cannot be used", "Look at its folder's permissions."
        out.fail("storage", f"{what}: {error.strerror}.", hint, StorageError.exit_code)
        discard(1)
    except Exception as error:
        _trace()
        out.fail("bug", f"{type(error).__name__}: {error}", ISSUE_HINT, BUG)
        _finish(out)


def _folder_is_gone() -> bool:
    try:
        Path.cwd()
    except FileNotFoundError:
        return True
    return False


def _trace() -> None:
    """Show the traceback to whoever asked for it."""
    if os.environ.get("MNIST_TOOL_DEBUG"):
        traceback.print_exc()


def _finish(out: Output) -> None:
    try:
        out.finish()
    except BrokenPipeError:
        discard(1)


@contextmanager
def _signals_arrive() -> Iterator[None]:
    """Send a signal again whose exception was lost.

    That happens where Python can raise none: in the callbacks that each import has, for one.
    """
    numbers = {KeyboardInterrupt: signal.SIGINT, Terminated: signal.SIGTERM}
    tell = sys.unraisablehook

    def again(lost: Any) -> None:
        if lost.exc_type not in numbers:
            tell(lost)
            return
        # From another thread, and a little later: here it would be lost again.
        arguments = (os.getpid(), numbers[lost.exc_type])
        threading.Timer(0.01, os.kill, arguments).start()

    sys.unraisablehook = again
    try:
        yield
    finally:
        sys.unraisablehook = tell


@contextmanager
def _sigterm_raises() -> Iterator[None]:
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def stop(number: int, frame: FrameType | None) -> None:  # noqa: ARG001
        raise Terminated

    before = signal.signal(signal.SIGTERM, stop)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)
