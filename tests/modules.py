"""The modules of the package as they are written: where they lie, and what each one imports."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from copy import deepcopy
from functools import cache
from pathlib import Path

from tests.real_data import REPOSITORY

__all__ = ["MODULES", "PACKAGE", "imports", "names", "part", "path_of", "tree"]

PACKAGE = REPOSITORY / "mnist_tool"


def names(path: Path) -> str:
    """Return where a module lies in the package: ``dataset/store.py``."""
    return path.relative_to(PACKAGE).as_posix()


def _dotted(path: Path) -> str:
    words = path.relative_to(REPOSITORY).with_suffix("").parts
    return ".".join(words).removesuffix(".__init__")


MODULES = {_dotted(path): path for path in sorted(PACKAGE.rglob("*.py"))}


def path_of(module: str) -> str:
    """Return where a module lies in the package, by its dotted name."""
    return names(MODULES[module])


def part(module: str) -> str:
    """Return the part of the house that a module belongs to; empty for the package's own file."""
    return (*module.split("."), "")[1]


@cache
def tree(module: str) -> ast.Module:
    """Return a module's syntax."""
    return ast.parse(MODULES[module].read_text("utf-8"))


class _WithoutHints(ast.NodeTransformer):
    """Removes what only type checkers import."""

    def visit_If(self, node: ast.If) -> ast.AST | None:
        return None if ast.unparse(node.test) == "TYPE_CHECKING" else self.generic_visit(node)


def imports(module: str, *, hints: bool = True) -> Iterator[str]:
    """Yield what a module imports, wherever it does; our own modules by their full names.

    Parameters
    ----------
    module : str
        The dotted name.
    hints : bool
        Whether what only type checkers import counts too.
    """
    syntax = tree(module) if hints else _WithoutHints().visit(deepcopy(tree(module)))
    for node in ast.walk(syntax):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            for alias in node.names:
                submodule = f"{node.module}.{alias.name}"
                yield submodule if submodule in MODULES else node.module
