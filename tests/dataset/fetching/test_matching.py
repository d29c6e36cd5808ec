"""Other forms of a data set become its files; what does not is told for what it is."""

from __future__ import annotations

import csv
import gzip
import io
import pickle
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import scipy.io

from mnist_tool.dataset.bytes.forms.pictures import encoded
from mnist_tool.dataset.bytes.forms.values import InMemory
from mnist_tool.dataset.bytes.idx import decode
from mnist_tool.dataset.fetching.fetch import fetch
from mnist_tool.dataset.fetching.matching import why_unfit
from mnist_tool.dataset.registry import MNIST
from mnist_tool.dataset.reordered import order_free
from mnist_tool.errors import FetchError
from tests.faults import tiny

TRAIN_X, TRAIN_Y, TEST_X, TEST_Y = (decode(tiny.CONTENT[file.name]) for file in tiny.FILES)
ALL_X, ALL_Y = np.concatenate([TRAIN_X, TEST_X]), np.concatenate([TRAIN_Y, TEST_Y])


def table(images: np.ndarray, labels: np.ndarray) -> bytes:
    """Return a CSV with the label last."""
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow([*(f"pixel{n}" for n in range(784)), "label"])
    writer.writerows(np.column_stack([images.reshape(-1, 784), labels]).tolist())
    return text.getvalue().encode()


def npz(**arrays: np.ndarray) -> bytes:
    buffer = io.BytesIO()
    np.savez_compressed(buffer, **arrays)
    return buffer.getvalue()


def mat(**arrays: np.ndarray) -> bytes:
    buffer = io.BytesIO()
    scipy.io.savemat(buffer, arrays, do_compression=True)
    return buffer.getvalue()


def parquet(images: np.ndarray, labels: np.ndarray) -> bytes:
    buffer = io.BytesIO()
    pictures = [{"bytes": encoded(image), "path": None} for image in images]
    pq.write_table(pa.table({"image": pictures, "label": labels.astype("i8")}), buffer)
    return buffer.getvalue()


def pictures(images: np.ndarray, labels: np.ndarray, split: str) -> dict[str, bytes]:
    return {
        f"{split}/{label}/{number}.png": encoded(image)
        for number, (image, label) in enumerate(zip(images, labels, strict=True))
    }


DICTIONARY = {
    "train_img": TRAIN_X.reshape(-1, 784),
    "train_label": TRAIN_Y,
    "test_img": TEST_X.reshape(-1, 784),
    "test_label": TEST_Y,
}
THREE = (
    ((TRAIN_X[:50] / 256).astype("f4").reshape(50, 784), TRAIN_Y[:50].astype("i8")),
    ((TRAIN_X[50:] / 256).astype("f4").reshape(10, 784), TRAIN_Y[50:].astype("i8")),
    ((TEST_X / 256).astype("f4").reshape(20, 784), TEST_Y.astype("i8")),
)
FORMS = {
    "mnist.pkl.gz": {"x": gzip.compress(pickle.dumps(THREE, 2))},
    "dictionary": {"x": pickle.dumps(DICTIONARY, 4)},
    "keras": {"x": npz(x_train=TRAIN_X, y_train=TRAIN_Y, x_test=TEST_X, y_test=TEST_Y)},
    "odd npz": {
        "x": npz(
            a=TRAIN_X.reshape(60, 784) / 255, b=TRAIN_Y.astype("i8"), c=TEST_X[..., None], d=TEST_Y
        )
    },
    "one csv": {"x": gzip.compress(table(ALL_X, ALL_Y))},
    "two csv": {"x": table(TRAIN_X, TRAIN_Y), "y": table(TEST_X, TEST_Y)},
    "mat": {"x": mat(trainX=TRAIN_X, trainY=TRAIN_Y[None], testX=TEST_X, testY=TEST_Y[None])},
    "whole mat": {"x": mat(data=ALL_X.reshape(-1, 784).T, label=ALL_Y[None].astype("f8"))},
    "parquet": {"x": parquet(TRAIN_X, TRAIN_Y), "y": parquet(TEST_X, TEST_Y)},
    "pictures": pictures(TRAIN_X, TRAIN_Y, "train") | pictures(TEST_X, TEST_Y, "test"),
    "zip of pictures": {
        "x": tiny.zipped(pictures(TRAIN_X, TRAIN_Y, "a") | pictures(TEST_X, TEST_Y, "b"))
    },
    "tar of all": {
        "x": tiny.tar({"a.csv": table(TRAIN_X, TRAIN_Y), "b.pkl": pickle.dumps((TEST_X, TEST_Y))})
    },
}


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.usefixtures("tiny_registered")
def test_each_form_gives_the_four_files(form: str, tmp_path: Path) -> None:
    """Byte for byte, and each tells where it came from."""
    folder = tiny.laid_down(tmp_path / "given", FORMS[form])
    report = fetch(tmp_path / "root", dataset="tiny", sources=[folder], offline=True)
    for file in report.files:
        assert file.path.read_bytes() == tiny.CONTENT[file.name]
        assert file.member.startswith(str(folder))
    assert len(report.files) == 4
    assert tiny.bad_things(tmp_path / "root") == []


def refused(tmp_path: Path, files: dict[str, bytes]) -> str:
    """Return what is said of an input that gives nothing."""
    folder = tiny.laid_down(tmp_path / "given", files)
    with pytest.raises(FetchError) as error:
        fetch(tmp_path / "root", dataset="tiny", sources=[folder], offline=True)
    (attempt,) = error.value.attempts
    return attempt.message


ORDER = np.random.default_rng(5).permutation(60)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (
            npz(x=TRAIN_X[:40]),
            "40 images of 28 x 28 pixels where Tiny has 60 (train) and 20 (t",
        ),
        (npz(y=TRAIN_Y[:41]), "41 labels where Tiny has 60 (train) and 20 (test)"),
        (npz(x=TRAIN_X[:, :14, :14]), "60 images of 14 x 14 pixels, and Tiny has no such files"),
        (npz(x=TRAIN_X.astype("c8")), "array of complex64 of shape (60, 28, 28)"),
        (npz(x=TRAIN_X[:, 1:]), "array of uint8 of shape (60, 27, 28)"),
        (pickle.dumps(print, 5), "look up builtins.print; nothing of it was run (a pickle of prot"),
        (pickle.dumps({"a": 1}, 0), "a pickle of protocol 0 or 1, which is not read here"),
        (b"\x89HDF\r\n\x1a\n", "an HDF5 file, which is not read here"),
        (b"PAR1", "damaged"),
        (tiny.CONTENT["t10k-labels-idx1-ubyte"][:4] + b"\0\0\0\7" + bytes(7), "an IDX file (shape"),
        (b"\xff\xd8\xff\xe0", "a JPEG picture, whose pixels are not those it was made from"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
@pytest.mark.usefixtures("tiny_registered")
def test_what_is_not_taken_is_named(content: bytes, words: str, tmp_path: Path) -> None:
    """For what it is, alone and in an archive."""
    assert words in refused(tmp_path, {"x": content})
    assert words in refused(tmp_path, {"x": tiny.zipped({"y": content})})


@pytest.fixture
def _known(monkeypatch: pytest.MonkeyPatch) -> None:
    for file in tiny.FILES:
        known = order_free(decode(tiny.CONTENT[file.name]))
        monkeypatch.setitem(vars(file), "any_order", known)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (npz(x=TRAIN_X[ORDER]), "the 60 images of 28 x 28 pixels of train-images-idx3-ubyte"),
        (npz(x=np.sort(TEST_Y)), "the 20 labels of t10k-labels-idx1-ubyte"),
        (
            mat(data=ALL_X[::-1]),
            "80 images of 28 x 28 pixels of train-images-idx3-ubyte and t10k-images-idx3-ubyte",
        ),
    ],
)
@pytest.mark.usefixtures("tiny_registered", "_known")
def test_the_right_rows_in_another_order_are_told(
    content: bytes, words: str, tmp_path: Path
) -> None:
    """The four files cannot be made from them."""
    message = refused(tmp_path, {"x": content})
    assert words in message
    assert "in another order, so that the original cannot be made from it" in message


@pytest.mark.usefixtures("tiny_registered", "_known")
def test_other_rows_are_not_said_to_be_in_another_order(tmp_path: Path) -> None:
    """One pixel is enough."""
    other = TRAIN_X.copy()
    other[3, 3, 3] ^= 1
    assert "its SHA-256 is" in refused(tmp_path, {"x": npz(x=other)})
    assert "another order" not in refused(tmp_path, {"y": npz(x=other)})


@pytest.mark.parametrize(
    ("count", "words"), [(42_000, "Kaggle's train.csv, which lacks 28,000"), (28_000, "test.csv")]
)
def test_kaggles_files_are_known_by_their_number(count: int, words: str) -> None:
    """And what is missing in them is told."""
    assert words in why_unfit(InMemory(np.zeros((count, 28, 28), np.uint8)), MNIST)
    assert "Kaggle" not in why_unfit(InMemory(np.zeros(count, np.uint8)), MNIST)


def test_other_streams_are_left_to_the_store() -> None:
    """Whoever gives bytes alone says nothing of itself."""
    stream: Any = io.BytesIO(b"x")
    assert why_unfit(stream, MNIST) == ""
