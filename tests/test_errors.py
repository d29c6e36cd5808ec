"""One error tree: drawn in its module, the same in the documentation, each with a way out."""

from __future__ import annotations

import inspect
import pickle
import re

import pytest

from mnist_tool import errors
from mnist_tool.errors import MnistToolError
from tests.real_data import REPOSITORY

CLASSES = [
    value
    for value in vars(errors).values()
    if inspect.isclass(value) and issubclass(value, MnistToolError)
]


def _drawn() -> dict[str, str]:
    """Return each class in the module's drawing with the class above it."""
    parents: dict[str, str] = {}
    stack = [(-1, "Exception")]
    for line in (errors.__doc__ or "").splitlines():
        match = re.match(r"(\W*)(\w+Error)\b", line)
        if match:
            depth = len(match[1])
            while stack[-1][0] >= depth:
                stack.pop()
            parents[match[2]] = stack[-1][1]
            stack.append((depth, match[2]))
    return parents


def test_the_drawing_is_the_tree() -> None:
    """The docstring shows every class under its real base."""
    assert _drawn() == {c.__name__: c.__bases__[0].__name__ for c in CLASSES}


def test_the_documentation_shows_the_same_tree() -> None:
    """The reference page has the very drawing of the module."""
    drawing = inspect.cleandoc(errors.__doc__ or "").split("::\n\n")[1]
    page = (REPOSITORY / "docs" / "reference.md").read_text("utf-8")
    for line in drawing.splitlines():
        assert line.strip() in page


def test_every_class_is_exported_and_has_a_code_of_its_own() -> None:
    """Programs tell errors apart by their codes."""
    assert sorted(errors.__all__) == sorted(c.__name__ for c in CLASSES)
    codes = [c.code for c in CLASSES]
    assert len(set(codes)) == len(codes)


@pytest.mark.parametrize("kind", CLASSES, ids=lambda kind: kind.__name__)
def test_every_error_carries_a_hint(kind: type[MnistToolError]) -> None:
    """No error can be raised without saying what to do next."""
    extra = {"outcome": "dns"} if kind is errors.SourceError else {}
    error = kind("It broke.", hint="Mend it.", **extra)
    assert (error.message, error.hint) == ("It broke.", "Mend it.")
    assert str(error) == "It broke.\nMend it."  # all that a notebook shows
    again = pickle.loads(pickle.dumps(error))
    assert (type(again), vars(again), str(again)) == (kind, vars(error), str(error))
    assert error.exit_code in {2, 3}
    with pytest.raises(TypeError):
        kind("It broke.")
