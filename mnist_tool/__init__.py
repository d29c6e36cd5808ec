"""MNIST that always arrives, a doctor for the machine it arrives on, and an exact, fast trainer."""

from __future__ import annotations

from mnist_tool import errors
from mnist_tool.errors import MnistToolError
from mnist_tool.version import __version__

TYPE_CHECKING = False  # typing itself may be another module than it seems; see `shadowing`
if TYPE_CHECKING:
    from typing import Any

    from mnist_tool.dataset.export import export
    from mnist_tool.dataset.fetching.fetch import fetch
    from mnist_tool.dataset.loaders import fetch_openml_mnist, keras_load_data
    from mnist_tool.dataset.store import verify
    from mnist_tool.diagnosis.doctor import doctor, explain_error
    from mnist_tool.exporting.model_export import export_model
    from mnist_tool.training.data import load
    from mnist_tool.training.dropin import EMNIST, KMNIST, MNIST, QMNIST, FashionMNIST
    from mnist_tool.training.evaluate import evaluate
    from mnist_tool.training.recipes import RECIPES
    from mnist_tool.training.runs import Run
    from mnist_tool.training.train import train

del TYPE_CHECKING

__all__ = [
    "EMNIST",
    "KMNIST",
    "MNIST",
    "QMNIST",
    "RECIPES",
    "FashionMNIST",
    "MnistToolError",
    "Run",
    "__version__",
    "doctor",
    "errors",
    "evaluate",
    "explain_error",
    "export",
    "export_model",
    "fetch",
    "fetch_openml_mnist",
    "keras_load_data",
    "load",
    "train",
    "verify",
]

# Where each public name lives. They are imported on first use, so that `import mnist_tool` stays
# quick and works where torch does not.
_HOMES = {
    "EMNIST": "mnist_tool.training.dropin",
    "FashionMNIST": "mnist_tool.training.dropin",
    "KMNIST": "mnist_tool.training.dropin",
    "MNIST": "mnist_tool.training.dropin",
    "QMNIST": "mnist_tool.training.dropin",
    "RECIPES": "mnist_tool.training.recipes",
    "Run": "mnist_tool.training.runs",
    "doctor": "mnist_tool.diagnosis.doctor",
    "evaluate": "mnist_tool.training.evaluate",
    "explain_error": "mnist_tool.diagnosis.doctor",
    "export": "mnist_tool.dataset.export",
    "export_model": "mnist_tool.exporting.model_export",
    "fetch": "mnist_tool.dataset.fetching.fetch",
    "fetch_openml_mnist": "mnist_tool.dataset.loaders",
    "keras_load_data": "mnist_tool.dataset.loaders",
    "load": "mnist_tool.training.data",
    "train": "mnist_tool.training.train",
    "verify": "mnist_tool.dataset.store",
}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    value = globals()[name] = getattr(import_module(_HOMES[name]), name)
    return value


def __dir__() -> list[str]:
    return sorted(__all__)
