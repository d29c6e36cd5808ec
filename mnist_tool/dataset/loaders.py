"""Data as the loaders of Keras and scikit-learn give it, from our sources, without either."""

from __future__ import annotations

import os
from collections.abc import Sequence
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any, Literal

from mnist_tool.dataset.arrays import read_split
from mnist_tool.dataset.fetching.fetch import fetch
from mnist_tool.dataset.registry import DATASETS
from mnist_tool.dataset.roots import check_root
from mnist_tool.dataset.row import DIGITS
from mnist_tool.dataset.store import open_store
from mnist_tool.errors import DependencyError

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Arrays = tuple[NDArray[np.uint8], NDArray[np.uint8]]

__all__ = ["fetch_openml_mnist", "keras_load_data"]

Root = str | os.PathLike[str] | None


def keras_load_data(
    path: str = "mnist.npz",  # noqa: ARG001 - Keras' own argument
    *,
    root: Root = None,
    dataset: str = "mnist",
    offline: bool | None = None,
) -> tuple[Arrays, Arrays]:
    """Return what ``keras.datasets.mnist.load_data()`` returns; Keras is not needed.

    Parameters
    ----------
    path : str
        As Keras has it: how it calls its own copy. There is none here.
    root : path, optional
        Folder that holds ``MNIST/raw``; else ``MNIST_TOOL_ROOT``, else ``MNIST_data``.
    dataset : str
        Name of a data set with the splits ``train`` and ``test``; ``fashion-mnist`` gives what
        ``keras.datasets.fashion_mnist.load_data()`` returns.
    offline : bool, optional
        Forbid the network; else ``MNIST_TOOL_OFFLINE``.

    Returns
    -------
    x_train, y_train : ndarray of uint8, shapes (60000, 28, 28) and (60000,)
        As a tuple: pixels 0 (paper) to 255 (ink), and labels.
    x_test, y_test : ndarray of uint8, shapes (10000, 28, 28) and (10000,)
        As a second tuple.

    Raises
    ------
    DataError
        If the files cannot be had.

    Examples
    --------
    >>> import mnist_tool
    >>> (x_train, y_train), (x_test, y_test) = mnist_tool.keras_load_data()  # doctest: +SKIP
    """
    train, test = _splits(root, dataset, offline)
    return train, test


def fetch_openml_mnist(
    *,
    as_frame: bool | Literal["auto"] = "auto",
    return_X_y: bool = False,  # noqa: N803 - scikit-learn's own argument
    root: Root = None,
    offline: bool | None = None,
) -> Any:
    """Return what ``sklearn.datasets.fetch_openml("mnist_784", version=1)`` returns.

    scikit-learn is not needed. Frames need pandas, as there; arrays (``as_frame=False``) do not.

    Parameters
    ----------
    as_frame : bool or 'auto'
        Whether data and target are a DataFrame and a Series; ``'auto'`` means yes, as there.
    return_X_y : bool
        Return data and target alone.
    root : path, optional
        Folder that holds ``MNIST/raw``; else ``MNIST_TOOL_ROOT``, else ``MNIST_data``.
    offline : bool, optional
        Forbid the network; else ``MNIST_TOOL_OFFLINE``.

    Returns
    -------
    Bunch
        A dictionary whose keys are attributes too: ``data`` (70000 x 784, int64, 0 to 255),
        ``target`` (70000, the digits as text), ``frame``, ``categories``, ``feature_names``,
        ``target_names``, ``DESCR``, ``details`` and ``url``. The 60,000 training images come
        first.

    Raises
    ------
    DependencyError
        If frames are wanted and there is no pandas.
    DataError
        If the files cannot be had.

    Examples
    --------
    >>> import mnist_tool
    >>> mnist_tool.fetch_openml_mnist(as_frame=False).data.shape  # doctest: +SKIP
    (70000, 784)
    """
    import numpy as np

    if as_frame and find_spec("pandas") is None:
        raise DependencyError(
            "A DataFrame needs pandas, which is not installed.",
            hint="Install it: pip install pandas. Or take arrays: "
            "mnist_tool.fetch_openml_mnist(as_frame=False)",
        )
    splits = _splits(root, "mnist", offline)
    data: Any = np.concatenate([images.reshape(len(images), -1) for images, _ in splits])
    data = data.astype(np.int64)
    digits = np.array(DIGITS, object)
    target: Any = digits[np.concatenate([labels for _, labels in splits])]
    names = [f"pixel{number}" for number in range(1, data.shape[1] + 1)]
    frame = None
    if as_frame:
        data, target, frame = _framed(data, target, names)
    if return_X_y:
        return data, target
    card = DATASETS["mnist"].card
    return _bunch()(
        data=data,
        target=target,
        frame=frame,
        categories=None if as_frame else {"class": list(DIGITS)},
        feature_names=names,
        target_names=["class"],
        DESCR=f"{card.about}\n\n{card.authors}\n\n{card.citation}",
        details={"id": "554", "name": "mnist_784", "version": "1", "licence": card.licence},
        url="https://www.openml.org/d/554",
    )


def _framed(data: Any, target: Any, names: Sequence[str]) -> tuple[Any, Any, Any]:
    """Return data and target as pandas has them, and both in one frame."""
    import pandas as pd

    frame = pd.DataFrame(data, columns=list(names))
    classes = pd.Series(pd.Categorical(target, categories=list(DIGITS)), name="class")
    return frame, classes, frame.assign(**{"class": classes})


class Bunch(dict[str, Any]):
    """A dictionary whose keys are attributes too, where scikit-learn's own is not there."""

    def __getattr__(self, name: str) -> Any:
        """Return the value of a key."""
        try:
            return self[name]
        except KeyError:
            raise AttributeError(name) from None

    def __dir__(self) -> list[str]:
        """Name the keys."""
        return list(self)


def _bunch() -> Any:
    """Return scikit-learn's class where it can be had, so that ``isinstance`` agrees."""
    try:
        from sklearn.utils import Bunch as Theirs
    except ImportError:
        return Bunch
    return Theirs


def _splits(root: Root, dataset: str, offline: bool | None) -> list[Any]:
    """Fetch what is missing and read both halves."""
    store = open_store(root, dataset)
    check_root(store.root, store.dataset)
    fetch(store.root, dataset=dataset, offline=offline)
    return [read_split(store, split) for split in ("train", "test")]
