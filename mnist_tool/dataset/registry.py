"""The data sets there are, by their names."""

from __future__ import annotations

from mnist_tool.advice import did_you_mean
from mnist_tool.dataset.own import find
from mnist_tool.dataset.row import Dataset
from mnist_tool.dataset.rows.emnist import EMNISTS
from mnist_tool.dataset.rows.fashion import FASHION
from mnist_tool.dataset.rows.kuzushiji import K49, KMNIST
from mnist_tool.dataset.rows.mnist import MNIST, SYNTHETIC
from mnist_tool.dataset.rows.qmnist import QMNIST, QMNIST_NIST
from mnist_tool.errors import SettingError

__all__ = ["DATASETS", "MNIST", "SYNTHETIC", "Dataset"]


class Datasets(dict[str, Dataset]):
    """The data sets by name, somebody's own as well; an unknown name tells the nearest one.

    Examples
    --------
    >>> DATASETS["mnist"].file("test", "labels").size
    10008
    """

    def __missing__(self, name: str) -> Dataset:
        if (own := find(name)) is not None:
            return own
        raise SettingError(f"There is no data set {name!r}.", hint=did_you_mean(name, self))

    def __contains__(self, name: object) -> bool:
        """Return whether there is a data set of that name."""
        return super().__contains__(name) or (isinstance(name, str) and find(name) is not None)


ROWS = (MNIST, FASHION, KMNIST, K49, *EMNISTS, QMNIST, QMNIST_NIST, SYNTHETIC)
DATASETS = Datasets((row.name, row) for row in ROWS)
