"""Arrays as text: exactly, and in few bytes."""

from __future__ import annotations

import base64
import json

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays

from mnist_tool.page.encoding import encode, encode_images


def _unpack(text: str) -> list[int]:
    """Read it as content.js does."""
    packed = list(base64.b64decode(text))
    pixels: list[int] = []
    while packed:
        pixel = packed.pop(0)
        pixels += [pixel] if pixel else [0] * packed.pop(0)
    return pixels


@given(arrays(np.float32, array_shapes(), elements=st.floats(width=32, allow_nan=False)))
def test_numbers_are_kept_exactly(values: np.ndarray) -> None:
    """Whatever they are; json takes them."""
    found = json.loads(json.dumps(encode({"weight": values})))["weight"]
    back = np.frombuffer(base64.b64decode(found["data"]), np.dtype(found["type"]))
    back = back.reshape(found["shape"]).astype(np.float32)
    if found["type"] == "int8":
        scales = np.frombuffer(base64.b64decode(found["scales"]["data"]), np.float32)
        back *= scales.reshape(-1, *[1] * (values.ndim - 1))
    assert np.array_equal(back, values)


def test_half_precision_is_used_where_it_loses_nothing() -> None:
    """A weight that was rounded to 16 bits takes 16; one that is larger than those can be, 32."""
    assert encode(np.array([0.5, -3], np.float32))["type"] == "float16"
    assert encode(np.array([0.1], np.float32))["type"] == "float32"
    assert encode(np.array([1e30], np.float32))["type"] == "float32"


@given(st.lists(st.one_of(st.just(0), st.integers(0, 255))), st.integers(0, 600))
def test_images_come_back(pixels: list[int], zeros: int) -> None:
    """Also with long runs of paper at the end."""
    image = np.array([*pixels, *[0] * zeros], np.uint8)
    assert _unpack(encode_images(image)) == image.tolist()


def test_a_text_is_one_of_utf8() -> None:
    """Also a folder's name that is none."""
    assert encode({"name": "bad\udcff", "class": "가"}) == {"name": r"bad\udcff", "class": "가"}


def test_the_rest_stays() -> None:
    """Texts, numbers and nothing, in whatever holds them."""
    value = {"a": ["b", 1, None], "c": (2.5, {"d": True})}
    assert encode(value) == {"a": ["b", 1, None], "c": [2.5, {"d": True}]}
