"""Load torch without what no command needs."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from importlib.machinery import ModuleSpec, PathFinder, SourceFileLoader
from types import ModuleType
from typing import Any

__all__ = ["spare"]

# torch looks for this package and does without where it is not installed. It is for CUDA's profiler
# and green contexts, and takes 40 ms to load.
HIDDEN = "cuda.bindings"
# What shapes the results of torch's operations have, in Python: for tensors without numbers (device
# "meta"), compiling and exporting. It takes a fifth of the time in which torch loads.
LATE = "torch._meta_registrations"
# The releases that are known to load without it. `torch.Generator` is one of the things that do not
# work before it, so what the commands do draws from torch's default generator.
RELEASES = ("2.14.",)


def spare() -> None:
    """Let this process load torch without them: hide the first, and put off the second."""
    sys.modules[HIDDEN] = None  # type: ignore[assignment]  # importing it fails at once
    sys.meta_path.insert(0, _Finder())


class _Finder:
    """Find one module: one that is empty until somebody wants something of it."""

    def find_spec(
        self, name: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        if name != LATE or not sys.modules["torch"].__version__.startswith(RELEASES):
            return None
        spec = PathFinder.find_spec(name, path, target)
        if spec and isinstance(spec.loader, SourceFileLoader):
            spec.loader = _LateLoader(name, spec.loader.path)
        return spec


class _LateLoader(SourceFileLoader):
    def create_module(self, spec: ModuleSpec) -> ModuleType:
        return _LateModule(spec.name)

    def exec_module(self, module: ModuleType) -> None:
        """Put it off."""


class _LateModule(ModuleType):
    # `importlib.util.LazyLoader` would load at any look at the module, even at its `__file__`, and
    # torch looks at that of every module long before this one can be loaded.
    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(f"module {self.__name__!r} has no attribute {name!r}")
        self.__class__ = ModuleType  # type: ignore[assignment]  # an ordinary one from now on
        SourceFileLoader(self.__name__, str(self.__file__)).exec_module(self)
        return getattr(self, name)
