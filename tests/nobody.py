"""A user whose rights count, for tests of what may not be read or written."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager

__all__ = ["nobody"]


@contextmanager
def nobody() -> Iterator[None]:
    """Be that user, if we are root."""
    if root := os.geteuid() == 0:
        os.seteuid(65534)
    try:
        yield
    finally:
        if root:
            os.seteuid(0)
