"""A pasted text is answered by the last exception in it, for the interpreter at hand."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mnist_tool.diagnosis.explain import EXPLANATIONS, Explanation, explain, explain_pasted
from mnist_tool.diagnosis.pasted import answer, decoded
from tests.diagnosis.facts import interpreter, package

FRAMES = 'Traceback (most recent call last):\n  File "/home/ann/train.py", line 1, in <module>\n'


@pytest.mark.parametrize("entry", EXPLANATIONS, ids=lambda entry: entry.name)
@pytest.mark.parametrize("form", ["{}", FRAMES + "ImportError: {}\n", "$ python a.py\n{}\n$ "])
def test_each_text_is_known_in_what_a_terminal_shows(entry: Explanation, form: str) -> None:
    """Alone, at the end of a traceback, and among what else stands there."""
    alone = entry.name == "not-idx"  # its text says nothing but what was raised
    text = form.format(entry.example) if not alone else f"{FRAMES}{entry.example}"
    assert explain_pasted(entry.example if alone else text) is entry


def test_the_last_exception_of_a_chain_counts() -> None:
    """What came before it is only how it came about."""
    text = (
        f"{FRAMES}ModuleNotFoundError: No module named 'sympy'\n\n"
        "During handling of the above exception, another exception occurred:\n\n"
        f"{FRAMES}RuntimeError: operator torchvision::nms does not exist\n"
    )
    known = explain_pasted(text)
    assert known is not None
    assert known.name == "nms"


def test_an_earlier_one_helps_where_the_last_one_is_unknown() -> None:
    """A library's own words may stand around torch's."""
    text = f"{FRAMES}ImportError: No module named 'torch._six'\n\n{FRAMES}ThatLibraryError: no\n"
    known = explain_pasted(text)
    assert known is not None
    assert known.name == "torch-six"


@pytest.mark.parametrize("packages", [{"torch": package("2.1.2"), "numpy": package("2.2.6")}])
def test_the_versions_at_hand_decide_the_way(packages: Any) -> None:
    """torch says the same of every NumPy it cannot use."""
    found = answer("RuntimeError: Numpy is not available", interpreter(packages=packages))
    assert found.known is not None
    assert found.known.name == "numpy-2"
    assert found.fix[0] == "/opt/python -m pip install 'numpy<2'"


def test_what_is_not_known_is_said_whole_without_a_remedy() -> None:
    """The message with all its lines; the search leaves out what is this machine's own."""
    found = answer(f"{FRAMES}ValueError: /home/ann/x.py is 'odd'\nand more\n", interpreter())
    assert (found.known, found.fix) == (None, ())
    assert found.said == "ValueError: /home/ann/x.py is 'odd'\nand more"
    assert "ann" not in found.search


@given(st.text() | st.text(alphabet="Error:'\n `_.<>0xW[]/\\", max_size=400))
def test_no_text_makes_it_fail(text: str) -> None:
    """Whatever is pasted has an answer."""
    found = answer(text, interpreter())
    assert (found.known is None) <= (found.fix == ())
    explain(text)


@given(st.binary(max_size=300))
def test_no_bytes_make_it_fail(content: bytes) -> None:
    """A file may hold anything; what is left can be printed."""
    text = decoded(content)
    assert all(character in "\n\t" or character.isprintable() or character > "\x9f"
               for character in text)  # fmt: skip


def test_a_long_log_is_answered_at_once() -> None:
    """No pattern goes back and forth over it."""
    for line in ("a" * 99, "Error: " * 20, "/usr/lib/" * 9, "version `GLIBC_" * 9, "(" * 90):
        assert answer(f"{line}\n" * 20_000, interpreter()).known is None
