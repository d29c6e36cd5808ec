"""Build the old Python and torch environments that `make test-legacy` tries."""

from __future__ import annotations

import os
import sys
from dataclasses import dataclass
from pathlib import Path

from tests import interpreters
from tests.interpreters import base_python
from tests.real_data import REPOSITORY

__all__ = ["ENVIRONMENTS", "Environment", "cache_folder", "ensure"]

# Read at import, because every test runs without the variables of the developer.
CHOSEN = os.environ.get("MNIST_TOOL_LEGACY_CACHE")


@dataclass(frozen=True)
class Environment:
    """One old pair of torch and torchvision and what it was made for.

    Parameters
    ----------
    torch, torchvision : str
        Exact releases, as they were published together.
    python : str
        The Python minor version that still has wheels of them.
    others : tuple of str
        Requirements for their companions: torchvision before 0.5 cannot import Pillow 7.
    """

    torch: str
    torchvision: str
    python: str
    others: tuple[str, ...] = ("numpy<1.22", "pillow<7")

    @property
    def name(self) -> str:
        """Name of its folder in the cache."""
        return f"torch-{self.torch}"

    @property
    def requirements(self) -> list[str]:
        """What pip installs."""
        pair = (("torch", self.torch), ("torchvision", self.torchvision))
        return [f"{name}=={version}" for name, version in pair] + list(self.others)


ENVIRONMENTS = (
    Environment("1.2.0", "0.4.0", "3.7"),
    Environment("1.3.1", "0.4.2", "3.7"),
    Environment("1.4.0", "0.5.0", "3.7"),
    Environment("1.5.1", "0.6.1", "3.8", ("numpy<1.24", "pillow<9")),
)


def cache_folder() -> Path:
    """Where the environments lie: MNIST_TOOL_LEGACY_CACHE, or ``.cache/legacy`` in the checkout."""
    return Path(CHOSEN or REPOSITORY / ".cache" / "legacy")


def ensure(environment: Environment) -> Path | None:
    """Return the interpreter of an environment and build it first where that is needed.

    Returns
    -------
    Path or None
        The environment's interpreter; ``None`` where its Python is not on this machine.

    Raises
    ------
    subprocess.CalledProcessError
        If pip cannot install it.
    """
    base = base_python(environment.python)
    if base is None:
        return None
    return interpreters.environment(
        cache_folder() / environment.name, base, environment.requirements
    )


def main() -> int:
    """Build what is missing and say what there is.

    Returns
    -------
    int
        0, also where no old Python exists: then there is nothing to test, and it says so.
    """
    for environment in ENVIRONMENTS:
        interpreter = ensure(environment)
        state = interpreter or f"left out: there is no Python {environment.python} here"
        sys.stdout.write(f"{environment.name}: {state}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
