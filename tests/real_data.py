"""Where the tests find the real MNIST files."""

from __future__ import annotations

import os
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parent.parent
CACHE = REPOSITORY / ".cache" / "mnist"


def find() -> Path | None:
    """Return a folder or archive with real MNIST, if this machine has one."""
    chosen = os.environ.get("MNIST_TOOL_TEST_DATA")
    places = [Path(chosen)] if chosen else []
    places += [REPOSITORY.parent / "shared" / "mnist", CACHE / "MNIST" / "raw"]
    return next((place for place in places if place.exists()), None)
