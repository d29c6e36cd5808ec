"""Every word for how an attempt can end is in the table, and the table has no word too many."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

import mnist_tool
from mnist_tool.dataset.outcomes import LAST, OUTCOMES
from tests.real_data import REPOSITORY

PACKAGE = Path(mnist_tool.__file__).parent / "dataset"


def texts(node: ast.AST) -> Iterator[str]:
    """Yield the texts that an expression may be."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        yield node.value
    elif isinstance(node, ast.IfExp):
        yield from texts(node.body)
        yield from texts(node.orelse)


def assigned(node: ast.Assign) -> Iterator[str]:
    """Yield the texts that become an `outcome`, alone or in a row of names."""
    pairs: list[tuple[ast.AST, ast.AST]] = []
    for target in node.targets:
        if isinstance(target, ast.Tuple) and isinstance(node.value, ast.Tuple):
            pairs += zip(target.elts, node.value.elts, strict=True)
        else:
            pairs.append((target, node.value))
    for name, value in pairs:
        if isinstance(name, ast.Name) and name.id == "outcome":
            yield from texts(value)
        elif isinstance(name, ast.Name) and name.id == "REASONS" and isinstance(value, ast.Dict):
            yield from (word for key in value.keys if key for word in texts(key))


def raised() -> set[str]:
    """The outcomes that the code says: named arguments, assignments, and kinds of failures."""
    words: set[str] = set()
    for path in PACKAGE.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.keyword) and node.arg == "outcome":
                words.update(texts(node.value))
            elif isinstance(node, ast.Assign):
                words.update(assigned(node))
            elif isinstance(node, ast.AnnAssign) and ast.unparse(node.target) == "outcome":
                words.update(texts(node.value or node))
            elif isinstance(node, ast.Call) and ast.unparse(node.func) == "_Kind":
                words.update(texts(node.args[0]))
    return words


def test_the_table_has_the_words_that_the_code_says() -> None:
    """No more and no fewer."""
    assert raised() == set(OUTCOMES)


@pytest.mark.parametrize("word", OUTCOMES)
def test_each_row_makes_sense(word: str) -> None:
    """What ends the host is not asked again; what is nobody's fault has no consequences."""
    row = OUTCOMES[word]
    assert row.meaning
    assert not (row.again and row.ends_host)
    assert 0 <= row.rank <= LAST
    if row.fault == "nobody":
        assert (row.again, row.ends_host) == (False, False)
        assert row.rank >= OUTCOMES["busy"].rank


def test_the_reference_lists_them() -> None:
    """Each with its meaning, as the table says it."""
    page = (REPOSITORY / "docs" / "reference.md").read_text("utf-8")
    for word, row in OUTCOMES.items():
        assert f"| `{word}` | {row.meaning} |" in page
