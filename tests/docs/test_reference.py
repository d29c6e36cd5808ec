"""The reference names each exit code, each variable that is read and each file that is left."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

import mnist_tool
from mnist_tool import errors
from mnist_tool.cli.frame import edge
from tests.docs.test_translations import text
from tests.real_data import REPOSITORY

PAGE = text(REPOSITORY / "docs" / "reference.md")
# Set by the tool for libraries that it loads, or for a child: nobody else has to know them.
OWN = {"GOMP_SPINCOUNT", "OPENBLAS_NUM_THREADS", "TORCH_FORCE_WEIGHTS_ONLY_LOAD"}


def test_each_exit_code_is_explained() -> None:
    """Those of the errors, of the answers "yes" and "no", of a bug and of the signals."""
    raised = {getattr(errors, name).exit_code for name in errors.__all__ if name.endswith("Error")}
    table = PAGE.partition("## Exit codes")[2].partition("\n## ")[0]
    told = {
        int(code)
        for row in re.findall(r"^\| ([\d, ]+) \|", table, re.MULTILINE)
        for code in row.split(",")
    }
    assert told == raised | {0, 1, edge.BUG, edge.INTERRUPTED, edge.TERMINATED}


def _read(tree: ast.AST) -> set[str]:
    """Return the variables whose names stand where a module asks the environment."""
    found = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and ast.unparse(node.func).endswith(
            ("environ.get", "getenv")
        ):
            found |= {a.value for a in node.args[:1] if isinstance(a, ast.Constant)}
        elif isinstance(node, ast.Subscript) and ast.unparse(node.value).endswith("environ"):
            found |= {node.slice.value} if isinstance(node.slice, ast.Constant) else set()
    return {name for name in found if isinstance(name, str)}


def test_each_variable_that_is_read_is_named() -> None:
    """Of all modules; the settings have a table of their own."""
    modules = (REPOSITORY / "mnist_tool").rglob("*.py")
    read = {name for module in modules for name in _read(ast.parse(text(module)))}
    assert {"MNIST_TOOL_DEBUG", "TERM", "DISPLAY"} <= read
    assert {name for name in read - OWN if f"`{name}`" not in PAGE} == set()


@pytest.mark.torch
def test_each_file_that_is_left_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """After a fetch and a training, in the data, the run and the cache."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("MNIST_TOOL_CACHE", str(tmp_path / "cache"))
    mnist_tool.fetch("MNIST_data", dataset="synthetic")
    mnist_tool.train("softmax", epochs=1, dataset="synthetic", root="MNIST_data")
    part = PAGE.partition("## On the disk")[2]
    left = {
        path.name for path in tmp_path.rglob("*") if path.is_file() and "cache" not in path.parts
    }
    assert {"checkpoint.pt", "metrics.jsonl", "train-images-idx3-ubyte"} <= left
    assert {name for name in left if name not in part and "-ubyte" not in name} == set()
