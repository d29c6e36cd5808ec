"""Tell a machine that gives no more memory, threads or open files from a bug of ours."""

from __future__ import annotations

import errno

from mnist_tool.advice import reason, remedy

__all__ = ["shortage"]

MEMORY_HINT = (
    "Close other programs, raise the limit (ulimit -v, or the container's), or ask for less."
)
THREADS_HINT = "Close other programs, or raise the limit: ulimit -u, or the container's."
# torch and OpenCV say it in words alone, and Python where it starts a thread.
SAID_OF_MEMORY = (
    "can't allocate memory",
    "not enough memory",
    "out of memory",
    "insufficient memory",
)
NO_THREAD = "can't start new thread"
SHORT = {errno.EMFILE, errno.ENFILE, errno.ENOMEM, errno.EAGAIN}


def shortage(error: Exception) -> tuple[str, str] | None:
    """Return what the machine lacks and what helps; ``None`` if `error` says nothing of that.

    Parameters
    ----------
    error : exception
        What ended the command; what it came from is looked at too.
    """
    behind: BaseException | None = error
    while behind is not None:
        if found := _lacking(behind):
            return found
        behind = behind.__cause__ or behind.__context__
    return None


def _lacking(error: BaseException) -> tuple[str, str] | None:
    said = str(error).lower()
    if isinstance(error, MemoryError) or any(words in said for words in SAID_OF_MEMORY):
        return "There is not enough memory for this.", MEMORY_HINT
    if isinstance(error, RuntimeError) and NO_THREAD in said:
        return "The system gives no more threads.", THREADS_HINT
    if isinstance(error, OSError) and error.errno in SHORT:
        return f"The system refuses to go on: {reason(error)}.", f"{remedy(error)}."
    return None
