"""Load torch without what no command needs: hide one package of CUDA's, put off one part of torch.

The package is for CUDA's profiler and green contexts; torch does without it where it is not
installed. The part tells what shapes the results of torch's operations have, for tensors without
numbers (device "meta"), for compiling and for exporting. It is a module that stays empty until
somebody takes something out of it, or loads torch's compiler, as torch's own optimizers and
torchvision do. Two things do not wait for it but fail before it is there: `torch.Generator`, which
a shuffling ``DataLoader`` makes, and some operations on the device "meta". The commands use neither
(`tests/test_lean.py`), and only their process is lean: `import mnist_tool` changes nothing.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from importlib.machinery import ModuleSpec, PathFinder, SourceFileLoader
from threading import RLock
from types import ModuleType
from typing import Any

__all__ = ["install"]

HIDDEN = "cuda.bindings"  # 40 ms
LATE = "torch._meta_registrations"  # 0.2 s, a fifth of the time in which torch loads
COMPILER = "torch._dynamo"  # it and the late module import each other's parts, the late one first
# The releases of torch that have been tried this way; all others load in full.
RELEASES = ("2.13.", "2.14.", "2.15.")


def install() -> None:
    """Let this process load torch without them, if it does later on."""
    sys.meta_path.insert(0, _Finder())


class _Finder:
    """Decide about three modules, when torch asks for them."""

    def find_spec(
        self, name: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        if name not in (HIDDEN, LATE, COMPILER) or not _known_torch():
            return None
        if name == HIDDEN:
            raise ModuleNotFoundError(f"{name} is hidden from torch", name=name)
        if name == COMPILER:
            late = sys.modules.get(LATE)
            if isinstance(late, _LateModule):
                late.load()
            return None
        spec = PathFinder.find_spec(name, path, target)
        if spec and isinstance(spec.loader, SourceFileLoader):
            spec.loader = _LateLoader(name, spec.loader.path)
        return spec


def _known_torch() -> bool:
    return getattr(sys.modules.get("torch"), "__version__", "").startswith(RELEASES)


class _LateLoader(SourceFileLoader):
    def create_module(self, spec: ModuleSpec) -> ModuleType:
        return _LateModule(spec.name)

    def exec_module(self, module: ModuleType) -> None:
        """Put it off."""


class _LateModule(ModuleType):
    def __init__(self, name: str) -> None:
        super().__init__(name)
        self._lock = RLock()
        self._begun = False

    # `importlib.util.LazyLoader` would load at any look at the module, even at its `__file__`, and
    # torch looks at that of every module long before this one can be loaded.
    def __getattr__(self, name: str) -> Any:
        if not name.startswith("__"):
            self.load()
            if name in vars(self):
                return vars(self)[name]
        raise AttributeError(f"module {self.__name__!r} has no attribute {name!r}")

    def load(self) -> None:
        """Load it, once; another thread that wants something of it waits."""
        with self._lock:
            if not self._begun:  # what it imports may look at it while it loads
                self._begun = True
                SourceFileLoader(self.__name__, str(self.__file__)).exec_module(self)
