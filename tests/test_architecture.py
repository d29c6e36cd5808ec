"""The house: layers only downwards, one owner per library, quick imports, no printing below cli."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

import mnist_tool
from tests.real_data import REPOSITORY

PACKAGE = REPOSITORY / "mnist_tool"
MODULES = sorted(PACKAGE.rglob("*.py"))

# Which part may import which: the picture in docs/architecture.md.
FOUNDATION = {"version", "errors", "configuration", "advice", "progress", "files"}
ALLOWED = {
    "version": set(),
    "errors": set(),
    "configuration": {"errors"},
    "progress": set(),
    "advice": {"configuration"},
    "files": {"errors", "advice"},
    "dataset": FOUNDATION,
    "training": FOUNDATION | {"dataset"},
    "reading": FOUNDATION,
    "plots": FOUNDATION,
    "doctor": FOUNDATION | {"dataset", "shadowing"},
    "cli": FOUNDATION | {"dataset", "training", "reading", "plots", "doctor", "shadowing"},
    "lean": set(),
    "process": {"cli", "lean"},
    "shadowing": set(),
    "__main__": {"process", "shadowing"},
    "": {"version", "errors", "dataset", "training"},
}
OWNERS = {
    "requests": {
        "dataset/network/download.py",
        "dataset/network/failures.py",
        "dataset/sources/index.py",
    },
    "pypi_simple": {"dataset/sources/index.py"},
    "matplotlib": {"plots"},
    "typer": {"cli"},
    "rich": {"cli"},
    "tqdm": {"progress.py"},
    "torchvision": {"training/dropin.py", "doctor/probe.py"},
    "filelock": {"dataset/cache.py"},
}


def _part(path: Path) -> str:
    """The part of the house a module belongs to; empty for the package's own file."""
    relative = path.relative_to(PACKAGE)
    part = relative.parts[0].removesuffix(".py")
    return "" if part == "__init__" else part


class _WithoutHints(ast.NodeTransformer):
    """Removes what only type checkers import."""

    def visit_If(self, node: ast.If) -> ast.AST | None:
        return None if ast.unparse(node.test) == "TYPE_CHECKING" else self.generic_visit(node)


def _imports(path: Path) -> Iterator[str]:
    for node in ast.walk(_WithoutHints().visit(ast.parse(path.read_text("utf-8")))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield node.module
            if node.module == "mnist_tool":
                yield from (f"mnist_tool.{alias.name}" for alias in node.names)


def _names(path: Path) -> str:
    return path.relative_to(PACKAGE).as_posix()


@pytest.mark.parametrize("path", MODULES, ids=_names)
def test_layers_point_downwards(path: Path) -> None:
    """A module imports only from its own part of the house and from the parts below."""
    part = _part(path)
    for name in _imports(path):
        words = name.split(".")
        if words[0] == "mnist_tool" and len(words) > 1 and words[1] in ALLOWED:
            assert words[1] in ALLOWED[part] | {part}, f"{_names(path)} imports {name}"


@pytest.mark.parametrize("path", MODULES, ids=_names)
def test_each_outside_library_has_one_owner(path: Path) -> None:
    """A library is used where it belongs and nowhere else."""
    for name in _imports(path):
        owners = OWNERS.get(name.split(".")[0], {""})
        assert _names(path).startswith(tuple(owners)), f"{_names(path)} imports {name}"


def _module_cycles() -> list[list[str]]:
    """Cycles among imports at module level, found by removing what nobody waits for."""
    known = {}
    for path in MODULES:
        words = ("mnist_tool", *path.relative_to(PACKAGE).with_suffix("").parts)
        known[".".join(words).removesuffix(".__init__")] = path
    edges = {name: _eager(path, set(known)) - {name} for name, path in known.items()}
    while leaves := [name for name, targets in edges.items() if not targets]:
        for leaf in leaves:
            del edges[leaf]
        for targets in edges.values():
            targets.difference_update(leaves)
    return [sorted(edges)] if edges else []


def _eager(path: Path, known: set[str]) -> set[str]:
    """What a module imports when it is imported itself."""
    found = set()
    for node in ast.parse(path.read_text("utf-8")).body:
        if isinstance(node, ast.ImportFrom) and node.module:
            submodules = {f"{node.module}.{alias.name}" for alias in node.names}
            found |= submodules & known or {node.module} & known
        elif isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names} & known
    return found


def test_no_import_cycles() -> None:
    """Modules can be imported in an order in which each finds what it needs."""
    assert _module_cycles() == []


# Lines of a file that can still be read in one sitting.
LONGEST = 400

HEAVY = ("torch", "torchvision", "matplotlib", "numpy", "requests", "PIL", "tqdm", "pypi_simple")


@pytest.mark.parametrize(
    "words", [["--help"], ["--version"], ["fetch", "--help"], ["doctor", "-h"]]
)
def test_help_loads_nothing_heavy(words: list[str]) -> None:
    """Help answers at once because none of the big libraries is imported for it."""
    code = (
        "import sys, mnist_tool.cli as c\n"
        "try: c.main(sys.argv[1:])\n"
        "except SystemExit: pass\n"
        f"print(sorted(set({HEAVY}) & set(sys.modules)), file=sys.stderr)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, *words], capture_output=True, text=True, check=True
    )
    assert done.stderr.splitlines()[-1] == "[]"


@pytest.mark.parametrize("path", [p for p in MODULES if _part(p) != "cli"], ids=_names)
def test_only_the_command_line_prints_or_exits(path: Path) -> None:
    """Library layers return values and raise errors; `probe.py` is a program of its own."""
    if path.name == "probe.py":
        pytest.skip("a stand-alone script for other interpreters; it prints its result")
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Call):
            assert ast.unparse(node.func) not in {"print", "sys.exit", "exit", "quit"}


@pytest.mark.parametrize("path", MODULES, ids=_names)
def test_modules_are_short_and_say_their_job(path: Path) -> None:
    """A file can be read in one sitting, and its first line says what it is for."""
    text = path.read_text("utf-8")
    assert len(text.splitlines()) <= LONGEST
    assert (ast.get_docstring(ast.parse(text)) or "").splitlines()[0].endswith(".")


def test_the_public_names_are_those_announced() -> None:
    """`__all__` is the API: each name resolves, and nothing else is offered."""
    assert set(dir(mnist_tool)) == set(mnist_tool.__all__)
    for name in mnist_tool.__all__:
        assert getattr(mnist_tool, name) is not None
    with pytest.raises(AttributeError, match="nothing_of_the_kind"):
        mnist_tool.nothing_of_the_kind  # noqa: B018


def test_the_public_types_are_marked() -> None:
    """Type checkers of users see our annotations."""
    assert (PACKAGE / "py.typed").exists()


# Whatever writes a file leaves that to `files`: beside it, then renamed. These have a reason.
OPENS_FOR_WRITING = {
    "files.py": {"os.open", "os.fdopen", "target.write_bytes"},  # the door
    "dataset/network/download.py": {"path.open"},  # a download begun, in a name of its own
    "dataset/cache.py": {"tempfile.TemporaryFile"},  # a trial whether the folder takes a file
    "dataset/bytes/containers.py": {"tempfile.TemporaryFile"},  # a zip, laid down to be read
    # What an interpreter says, in a file without a name, or nowhere.
    "doctor/runner.py": {"tempfile.TemporaryFile", "Path(os.devnull).open"},
    "doctor/probe.py": {"os.fdopen"},  # its standard output
    "cli/screen/streams.py": {"os.open"},  # standard output that leads nowhere
    "process.py": {"os.open", "os.fdopen"},  # streams that the shell has closed
    "training/checkpoint.py": {"torch.save"},  # into memory
    "plots/canvas.py": {"drawn.savefig"},  # into memory
    "plots/background.py": {"pickle.dump"},  # into a pipe
}
WRITERS = {
    "write_text", "write_bytes", "savefig", "touch", "imwrite", "tofile", "savez", "savetxt",
    "copyfile", "copy", "copy2", "copytree", "mkstemp", "NamedTemporaryFile", "TemporaryFile",
    "SpooledTemporaryFile",
}  # fmt: skip
DUMPERS = {"torch.save", "np.save", "numpy.save", "json.dump", "pickle.dump", "shutil.move"}


def _opens_for_writing(call: ast.Call) -> bool:
    """Whether a call can make or change a file that has a name."""
    name = ast.unparse(call.func)
    last = name.rpartition(".")[2]
    if name in DUMPERS or (last in WRITERS and not (last == "copy" and "shutil" not in name)):
        return True
    if name == "os.open":
        return ast.unparse(call.args[1]) != "os.O_RDONLY"
    if last not in ("open", "fdopen"):
        return False
    texts = [word.value for word in (*call.args, *(k.value for k in call.keywords))
             if isinstance(word, ast.Constant) and isinstance(word.value, str)]  # fmt: skip
    modes = [text for text in texts if set(text) <= set("rwxabt+|:") and len(text) <= 4]
    computed = any(isinstance(word, ast.IfExp) for word in call.args)
    return computed or any(set(mode) & set("wxa+") for mode in modes)


@pytest.mark.parametrize("path", MODULES, ids=_names)
def test_files_are_written_through_one_door(path: Path) -> None:
    """A reader sees the old file or the new one, whole, whatever ends the writer."""
    calls = [node for node in ast.walk(ast.parse(path.read_text("utf-8")))
             if isinstance(node, ast.Call) and _opens_for_writing(node)]  # fmt: skip
    found = {ast.unparse(call.func) for call in calls}
    assert found == OPENS_FOR_WRITING.get(_names(path), set()), [call.lineno for call in calls]
