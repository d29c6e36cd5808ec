"""What the standard library's readers raise on damaged input, turned into our own error."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress

from mnist_tool.errors import FormatError

__all__ = ["HINT", "damage", "damage_told", "damaged"]

HINT = "Another source is needed, or an undamaged copy."


def damage() -> tuple[type[Exception], ...]:
    """Return what these readers raise; a look at the disk needs none of them loaded.

    Listed, not `Exception`: a bug of ours must not look like a damaged archive.
    """
    import struct
    import zipfile
    import zlib

    readers = [zlib.error, zipfile.BadZipFile, struct.error]
    with suppress(ImportError):  # Python can be built without it
        from lzma import LZMAError

        readers.append(LZMAError)
    numbers = (ValueError, KeyError, IndexError, OverflowError, MemoryError)
    return (OSError, EOFError, NotImplementedError, RuntimeError, *readers, *numbers)


def damaged(error: BaseException) -> FormatError:
    """Return our error for one of `damage`."""
    return FormatError(f"it is damaged: {str(error) or type(error).__name__}", hint=HINT)


@contextmanager
def damage_told() -> Iterator[None]:
    """Turn `damage` inside the block into a `FormatError`."""
    try:
        yield
    except damage() as error:
        raise damaged(error) from error
