"""Each kind of file is known by its beginning, as the program that writes it makes it."""

from __future__ import annotations

import io
import pickle
import struct

import numpy as np
import pandas
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import scipy.io
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from mnist_tool.dataset.bytes.kinds import HEAD, kind_of
from mnist_tool.dataset.bytes.recognise import describe


def written(write, *arguments, **options) -> bytes:
    """Return what a program writes into a file."""
    buffer = io.BytesIO()
    write(buffer, *arguments, **options)
    return buffer.getvalue()


PIXELS = np.zeros((9, 785), np.uint8)
PICTURE = Image.fromarray(PIXELS[:, :9])
# The first record of a file of TensorFlow's: length, its masked CRC-32C, an Example of 300 bytes.
RECORD = struct.pack("<QI", 300, 0x9D5BFEF2) + b"\x0a\xa9\x02" + bytes(300)

KINDS = [
    (pandas.DataFrame(PIXELS).to_csv().encode(), "table"),
    (pandas.DataFrame(PIXELS).to_csv(sep="\t", header=False).encode(), "table"),
    (pandas.DataFrame(PIXELS).to_csv(sep=" ", header=False).encode(), "table"),
    (b"a b c d e f g h i j k l m n o p " * 250, "text"),
    (b"%PDF-1.4\n" + b"text" * 100, "text"),
    (b"% comment\n" * 400 + b"@RELATION x\n", "arff"),
    (b"@Relation mnist\n", "arff"),
    (written(lambda file: pq.write_table(pa.table({"a": [1]}), file)), "parquet"),
    (written(scipy.io.savemat, {"a": 1}), "matlab"),
    (b"MATLAB 7.3 MAT-file, Platform: GLNXA64", "hdf5"),
    (b"\x89HDF\r\n\x1a\n", "hdf5"),
    (RECORD, "tfrecord"),
    (written(PICTURE.save, "PNG"), "png"),
    (written(PICTURE.save, "JPEG"), "jpeg"),
    *((pickle.dumps({"a": [1, "b"]}, protocol), "pickle") for protocol in (2, 3, 4, 5)),
    *((pickle.dumps(value, 0), "old-pickle") for value in ({"a": 1}, [1, 2], print)),
]


@pytest.mark.parametrize(("content", "kind"), KINDS)
def test_what_programs_write_is_known(content: bytes, kind: str) -> None:
    """And called by its name, with what tells one such file from another."""
    assert kind_of(content[:HEAD]) == kind
    words = describe(content[:HEAD], len(content))
    assert "unknown" not in words
    if kind == "pickle":
        assert f"protocol {content[1]}" in words


@given(st.binary(max_size=600))
def test_any_bytes_are_of_some_kind(head: bytes) -> None:
    """One word, whatever they are."""
    assert kind_of(head)
