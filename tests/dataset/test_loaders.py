"""What Keras' and scikit-learn's loaders give: shapes, types, order, names."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import mnist_tool
from mnist_tool.dataset.bytes.idx import decode
from mnist_tool.errors import DependencyError
from tests.dataset.shrunk import Shrunk, registered


@pytest.fixture
def small() -> Iterator[Shrunk]:
    """A small MNIST, fetched into ``root``."""
    with registered("mnist") as made:
        for name, content in made["mnist"].packed.items():
            Path(name).write_bytes(content)
        mnist_tool.fetch("root", sources=".", offline=True)
        yield made["mnist"]


def arrays(small: Shrunk) -> dict[str, Any]:
    """Return all four files as arrays."""
    return {name.partition("-idx")[0]: decode(content) for name, content in small.plain.items()}


def test_keras_four_arrays(small: Shrunk) -> None:
    """The very bytes of the files, as uint8."""
    (x_train, y_train), (x_test, y_test) = mnist_tool.keras_load_data("x.npz", root="root")
    found = {
        "train-images": x_train,
        "train-labels": y_train,
        "t10k-images": x_test,
        "t10k-labels": y_test,
    }
    for name, expected in arrays(small).items():
        assert found[name].dtype == np.uint8
        assert np.array_equal(found[name], expected)


def test_openml_arrays_need_no_package(small: Shrunk, monkeypatch: pytest.MonkeyPatch) -> None:
    """Training images first, digits as text; keys are attributes, whoever made the class."""
    monkeypatch.setitem(sys.modules, "sklearn.utils", None)
    bunch = mnist_tool.fetch_openml_mnist(as_frame=False, root="root")
    four = arrays(small)
    images = np.concatenate([four["train-images"], four["t10k-images"]])
    assert bunch.data.dtype == np.int64
    assert np.array_equal(bunch.data, images.reshape(len(images), 784))
    labels = np.concatenate([four["train-labels"], four["t10k-labels"]])
    assert bunch.target.tolist() == [str(label) for label in labels]
    assert (bunch.frame, bunch["categories"]) == (None, {"class": list("0123456789")})
    assert (bunch.feature_names[0], bunch.feature_names[-1]) == ("pixel1", "pixel784")
    assert set(dir(bunch)) == set(bunch)
    with pytest.raises(AttributeError):
        _ = bunch.nothing
    data, target = mnist_tool.fetch_openml_mnist(as_frame=False, return_X_y=True, root="root")
    assert np.array_equal(data, bunch.data)
    assert np.array_equal(target, bunch.target)


@pytest.mark.usefixtures("small")
def test_openml_frames() -> None:
    """A column for each pixel, and the digits as categories."""
    pandas = pytest.importorskip("pandas")
    bunch = mnist_tool.fetch_openml_mnist(root="root")
    assert bunch.data.shape[1] == 784
    assert list(bunch.data.columns) == bunch.feature_names
    assert list(bunch.target.cat.categories) == list("0123456789")
    assert bunch.target.name == "class"
    pandas.testing.assert_frame_equal(bunch.frame.drop(columns="class"), bunch.data)
    pandas.testing.assert_series_equal(bunch.frame["class"], bunch.target)


def test_a_frame_without_pandas_is_a_clear_error(monkeypatch: pytest.MonkeyPatch) -> None:
    """Before anything is fetched; it says what to do."""
    monkeypatch.setattr("mnist_tool.dataset.loaders.find_spec", lambda _: None)
    with pytest.raises(DependencyError, match="pandas") as caught:
        mnist_tool.fetch_openml_mnist(root="root")
    assert "pip install pandas" in caught.value.hint
    assert "as_frame=False" in caught.value.hint
