"""Pickles of NumPy's arrays, by the word of Python's pickle; nothing else is built or run."""

from __future__ import annotations

import collections
import io
import pickle
import struct
from contextlib import suppress
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from mnist_tool.dataset.bytes.forms.pickled import MOST_STEPS, read, unpickle
from mnist_tool.errors import FormatError

NUMBERS = st.sampled_from(["u1", "i1", "?", "<u2", ">u2", ">i4", "<i8", "<f2", ">f4", "<f8"])
ARRAYS = NUMBERS.flatmap(
    lambda kind: arrays.arrays(kind, arrays.array_shapes(min_dims=0, max_dims=4, min_side=0))
)
KEYS = st.text(max_size=5) | st.integers(-(2**70), 2**70)
PLAIN = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text() | st.binary() | ARRAYS,
    lambda inner: (
        st.lists(inner) | st.lists(inner).map(tuple) | st.dictionaries(KEYS, inner, max_size=5)
    ),
    max_leaves=20,
)
PROTOCOLS = st.sampled_from([2, 3, 4, 5])

IMAGES = np.random.default_rng(0).integers(0, 256, (60, 784), np.uint8)
LABELS = np.arange(60, dtype=np.uint8) % 10


def comparable(value: Any) -> Any:
    """Return what can be compared, of ours and of Python's."""
    value = getattr(value, "values", value) if not isinstance(value, dict) else value
    if isinstance(value, np.ndarray | np.generic):
        return ("array", value.dtype.newbyteorder("="), value.shape, value.tolist())
    if isinstance(value, dict):
        return {key: comparable(part) for key, part in value.items()}
    if isinstance(value, list | tuple):
        return [type(value), *map(comparable, value)]
    return bytes(value) if isinstance(value, bytearray) else value


@given(PLAIN, PROTOCOLS)
def test_containers_and_arrays_are_what_python_reads(value: Any, protocol: int) -> None:
    """In every protocol, in whatever they lie."""
    body = pickle.dumps(value, protocol)
    ours, pythons = unpickle(io.BytesIO(body)), pickle.loads(body)
    assert repr(comparable(ours)) == repr(comparable(pythons))  # repr: a NaN is a NaN


def found(value: Any, protocol: int = 2) -> dict[str, np.ndarray]:
    """Return the files in a pickle by name."""
    body = pickle.dumps(value, protocol)
    return {name: file.values for name, file in read(io.BytesIO(body), "x")}


@pytest.mark.parametrize("protocol", [2, 3, 4, 5])
def test_the_dictionary_of_deep_learning_from_scratch(protocol: int) -> None:
    """Keys are the names."""
    files = found({"train_img": IMAGES, "train_label": LABELS}, protocol)
    assert files.keys() == {"x/train_img", "x/train_label"}
    assert np.array_equal(files["x/train_img"].reshape(60, 784), IMAGES)
    assert np.array_equal(files["x/train_label"], LABELS)


@pytest.mark.parametrize("kind", [tuple, list])
def test_the_three_pairs_of_deeplearning_net(kind: type) -> None:
    """What was split off to validate with belongs behind what is left to train with."""
    pixels, labels = (IMAGES / 256).astype("f4"), LABELS.astype("i8")
    cuts = (slice(0, 40), slice(40, 50), slice(50, 60))
    files = found(kind((pixels[cut], labels[cut]) for cut in cuts))
    assert {name: len(values) for name, values in files.items()} == {
        "x/train/images": 50,
        "x/train/labels": 50,
        "x/test/images": 10,
        "x/test/labels": 10,
    }
    assert np.array_equal(files["x/train/images"].reshape(50, 784), IMAGES[:50])
    assert np.array_equal(files["x/test/labels"], LABELS[50:])


def test_what_python_2_wrote_is_read() -> None:
    """Its texts are bytes (BINSTRING), as in the file of deeplearning.net."""
    body = pickle.dumps(IMAGES, 3).replace(b"\x80\x03", b"\x80\x02", 1)
    assert b"B" + struct.pack("<I", IMAGES.size) in body
    body = body.replace(b"B" + struct.pack("<I", IMAGES.size), b"T" + struct.pack("<I", 60 * 784))
    body = body.replace(b"X\x02\x00\x00\x00u1", b"U\x02u1")
    ((_, file),) = read(io.BytesIO(body), "x")
    assert np.array_equal(file.values.reshape(60, 784), IMAGES)


def test_other_ways_to_keep_labels() -> None:
    """A list of numbers, plain or NumPy's; an OrderedDict."""
    for labels in (LABELS.tolist(), list(LABELS), list(LABELS.astype("i8"))):
        files = found(collections.OrderedDict(y=labels))
        assert np.array_equal(files["x/y"], LABELS)


class Call:
    """Something that is called when it is unpickled."""

    def __init__(self, function: Any, *arguments: Any) -> None:
        self.called = (function, arguments)

    def __reduce__(self) -> Any:
        return self.called

    def __str__(self) -> str:
        return self.called[0].__name__


@pytest.mark.parametrize("protocol", [2, 3, 4, 5])
@pytest.mark.parametrize(
    ("value", "words"),
    [
        (Call(print, "run"), r"look up \w+\.print; nothing of it was run"),
        (Call(__import__("os").system, "true"), r"look up posix\.system"),
        (Call(eval, "1"), r"look up \w+\.eval"),
        ({1, 2}, "opcode|look up"),
        (print, "look up"),
        (Call, "look up"),
        (slice(2), "look up"),
        (2j, "look up"),
        (np.array([1j]), "an array of type c16"),
        (np.array([None]), "an array of type O8"),
        (np.array([(1, 2)], "i4,i4"), "an array of type V8"),
        (np.array(["text"]), "an array of type U4"),
        (np.random.default_rng(0), "look up numpy"),
        (collections.OrderedDict.fromkeys, "look up"),
        (Call(np.dtype, "u1", False, True, None), "a call that makes no array"),
        (10**1000, "opcode"),
    ],
    ids=lambda each: getattr(each, "__name__", str(each)),
)
def test_anything_else_is_refused_by_name(
    value: Any, words: str, protocol: int, capsys: pytest.CaptureFixture[str]
) -> None:
    """And not run."""
    with pytest.raises(FormatError, match=words) as refused:
        unpickle(io.BytesIO(pickle.dumps([value], protocol)))
    assert f"protocol {protocol}" in refused.value.message
    assert capsys.readouterr().out == ""


@pytest.mark.parametrize("protocol", [0, 1])
def test_older_protocols_are_refused(protocol: int) -> None:
    """They are texts, and nobody has MNIST in one."""
    with pytest.raises(FormatError, match="no pickle of protocol 2 to 5"):
        unpickle(io.BytesIO(pickle.dumps([1], protocol) + b"   "))


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (b"", "no pickle"),
        (b"\x80", "no pickle"),
        (b"\x80\x02", "ends too early"),
        (b"\x80\x04\x8e" + b"\xff" * 8, "ends too early"),  # 16 EiB of bytes
        (b"\x80\x04\x96" + (1 << 40).to_bytes(8, "little"), "ends too early"),
        (b"\x80\x02cnumpy\n" + b"n" * 500, "a name without end"),
        (b"\x80\x02(.", "not there"),
        (b"\x80\x02NN.", "leaves values"),
        (b"\x80\x02]r\xff\xff\xff\x7f.", "remembers a value under the number"),
        (b"\x80\x02X\x01\x00\x00\x00\xff.", "damaged"),
        (b"\x80\x02}b.", "not there"),
        (b"\x80\x02}}b.", "state"),
        (b"\x80\x02)R.", "not there"),
        (b"\x80\x02N)R.", "makes no array"),
        (b"\x80\x05\x97.", "opcode"),
        (b"\x80\x02\x8b\xff\xff\xff\x7f.", "opcode"),
        (b"\x80\x02\x82\x01.", "opcode"),
        (b"\x80\x02P1\n.", "opcode"),
    ],
)
def test_hostile_pickles_are_refused(body: bytes, words: str) -> None:
    """Claims of much, and what no pickler writes."""
    with pytest.raises(FormatError, match=words):
        unpickle(io.BytesIO(body))


def test_an_array_of_another_size_is_refused() -> None:
    """What is announced is compared with what is there, before anything is made of it."""
    body = pickle.dumps(np.zeros(100, np.uint8), 3)
    for size in (b"J\xff\xff\xff\x7f", b"K\x63"):
        with pytest.raises(FormatError, match="another size"):
            unpickle(io.BytesIO(body.replace(b"Kd\x85", size + b"\x85")))


def test_a_pickle_of_steps_alone_is_refused() -> None:
    """One byte each, which make hundreds of megabytes of nothing."""
    with pytest.raises(FormatError, match="steps"):
        unpickle(io.BytesIO(b"\x80\x02" + b")" * (MOST_STEPS + 1)))


@given(st.binary(max_size=60), st.integers(0, 300), PROTOCOLS)
def test_any_damage_is_our_error_or_a_value(patch: bytes, at: int, protocol: int) -> None:
    """Nothing else comes out."""
    body = bytearray(pickle.dumps({"a": np.zeros((2, 3), "f4"), "b": [1, (2, "c")]}, protocol))
    body[at : at + len(patch)] = patch
    with suppress(FormatError):
        list(read(io.BytesIO(bytes(body)), "x"))


def test_a_pickle_without_arrays_is_told() -> None:
    """It was read, and there is nothing in it."""
    with pytest.raises(FormatError, match="no array in it"):
        list(read(io.BytesIO(pickle.dumps({"a": 1})), "x"))
