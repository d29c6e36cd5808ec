"""The house: layers only downwards, one owner per library, quick imports, no printing below cli."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path

import pytest

import mnist_tool
from mnist_tool.cli.frame.catalogue import COMMANDS
from tests.modules import MODULES, PACKAGE, imports, part, path_of, tree
from tests.real_data import REPOSITORY

# Which part may import which: the picture in docs/architecture.md.
GROUND = {"errors", "configuration", "advice", "progress", "files", "replacement", "folders"}
ALLOWED = {
    "version": set(),
    "errors": set(),
    "progress": set(),
    "configuration": {"errors"},
    "advice": {"configuration"},
    "files": {"errors", "advice"},
    "folders": {"errors", "advice", "files"},
    "replacement": {"errors", "advice", "files"},
    "dataset": GROUND | {"version"},
    "training": GROUND | {"version", "dataset", "reading"},
    "reading": GROUND | {"dataset"},
    "plots": GROUND,
    "page": GROUND,
    "exporting": GROUND | {"version", "dataset", "training", "reading", "page"},
    "diagnosis": GROUND | {"version", "shadowing", "dataset"},
    "cli": GROUND
    | {
        "version",
        "shadowing",
        "terminal_size",
        "dataset",
        "training",
        "reading",
        "plots",
        "page",
        "diagnosis",
        "exporting",
    },
    "starter": {""},
    "lean": set(),
    "shadowing": set(),
    "terminal_size": set(),
    "process": {"cli", "lean", "terminal_size"},
    "__main__": {"process", "shadowing"},
    "": {"version", "errors", "dataset", "training", "diagnosis", "exporting"},
}
# Which library is used where; the others (numpy, the standard library) belong to everybody.
OWNERS = {
    "requests": {
        "dataset/network/download.py",
        "dataset/network/failures.py",
        "dataset/sources/index.py",
    },
    "urllib3": {"dataset/network"},
    "pypi_simple": {"dataset/sources/index.py"},
    "filelock": {"dataset/cache.py"},
    "PIL": {"reading", "dataset/bytes/forms/pictures.py"},
    "cv2": {"reading"},
    "pillow_heif": {"reading/formats.py"},
    "pandas": {"dataset/loaders.py"},
    "pyarrow": {"dataset/bytes/forms/parquet.py"},
    "scipy": {"dataset/bytes/forms/matlab.py"},
    "sklearn": {"dataset/loaders.py"},
    "starlette": {"dataset/serving"},
    "uvicorn": {"dataset/serving"},
    "segno": {"dataset/serving/pages.py"},
    "ifaddr": {"dataset/serving/addresses.py"},
    "packaging": {"diagnosis"},
    "matplotlib": {"plots"},
    "typer": {"cli"},
    "rich": {"cli"},
    "tqdm": {"progress.py"},
    "onnx": {"exporting/onnx_graph.py"},
    "safetensors": {"exporting/model_export.py"},
    "tensorboard": {"training/tensorboard.py"},
    "torch": {"training", "exporting/trained_model.py", "starter", "diagnosis/probe.py"},
    "torchvision": {"training/dropin.py", "starter", "diagnosis/probe.py"},
}


@pytest.mark.parametrize("module", MODULES)
def test_layers_point_downwards(module: str) -> None:
    """A module imports only from its own part of the house and from the parts below."""
    for name in imports(module):
        if name in MODULES:
            assert part(name) in ALLOWED[part(module)] | {part(module)}, f"imports {name}"


@pytest.mark.parametrize("module", MODULES)
def test_each_outside_library_has_one_owner(module: str) -> None:
    """A library is used where it belongs and nowhere else; its types may be named anywhere."""
    for name in imports(module, hints=False):
        owners = OWNERS.get(name.split(".")[0], {""})
        assert path_of(module).startswith(tuple(owners)), f"imports {name}"


def _cycles(edges: Mapping[str, Iterable[str]]) -> list[str]:
    """Return what lies on a cycle or between two, by removing the ends that lead nowhere."""
    left = {name: set(targets) - {name} for name, targets in edges.items()}
    while ends := [
        name
        for name, targets in left.items()
        if not targets or not any(name in others for others in left.values())
    ]:
        for end in ends:
            del left[end]
        for targets in left.values():
            targets.difference_update(ends)
    return sorted(left)


def _edges() -> dict[str, set[str]]:
    """Return which module imports which, also inside functions and for type checkers alone."""
    return {module: set(imports(module)) & set(MODULES) for module in MODULES}


def test_no_module_is_in_a_cycle() -> None:
    """Whoever reads a module never comes back to it by what it imports."""
    assert _cycles(_edges()) == []


def test_no_package_is_in_a_cycle() -> None:
    """Nor does who reads a folder, such as dataset/network, as one thing."""

    def folder(module: str) -> str:
        return ".".join(module.split(".")[:3])

    edges: dict[str, set[str]] = {}
    for module, targets in _edges().items():
        edges.setdefault(folder(module), set()).update(map(folder, targets))
    assert _cycles(edges) == []


def test_cycles_are_found() -> None:
    """What leads into a cycle and what it leads to are left out."""
    assert _cycles({"a": "b", "b": "c", "c": "bd", "d": "", "e": ""}) == ["b", "c"]


def test_the_picture_is_true() -> None:
    """Each arrow in docs/architecture.md is an import, and each import between rooms an arrow."""
    page = (REPOSITORY / "docs" / "architecture.md").read_text("utf-8")
    drawn, *_ = re.findall(r"```mermaid\n(.*?)```", page, re.DOTALL)
    arrows = set(re.findall(r"^\s*(\w+) --> (\w+)", drawn, re.MULTILINE))
    rooms = {room.name for room in PACKAGE.iterdir() if (room / "__init__.py").exists()}
    used = {
        (part(module), part(name))
        for module, targets in _edges().items()
        for name in targets
        if part(module) != part(name) and {part(module), part(name)} <= rooms
    }
    assert arrows == used


def test_the_page_names_only_what_is_there() -> None:
    """Each file in docs/architecture.md exists, wherever in the house it is meant."""
    page = (REPOSITORY / "docs" / "architecture.md").read_text("utf-8")
    there = [
        f"/{path.relative_to(REPOSITORY).as_posix()}" for path in REPOSITORY.glob("tests/*.py")
    ]
    there += [f"/{path_of(module)}" for module in MODULES]
    named = set(re.findall(r"[\w/]+\.py\b", page))
    assert [name for name in named if not any(path.endswith(f"/{name}") for path in there)] == []


# Lines of a file that can still be read in one sitting.
LONGEST = 380

HEAVY = (
    "torch",
    "torchvision",
    "matplotlib",
    "numpy",
    "requests",
    "PIL",
    "cv2",
    "tqdm",
    "pypi_simple",
)


def test_help_loads_nothing_heavy() -> None:
    """Help answers at once because none of the big libraries is imported for it, by no command."""
    code = f"""
import sys
from mnist_tool.cli import main
from mnist_tool.cli.frame.catalogue import COMMANDS
for words in [["--help"], ["--version"], *([name, "--help"] for name in COMMANDS)]:
    try:
        main(words)
    except SystemExit:
        print(words, sorted(set({HEAVY}) & set(sys.modules)), file=sys.stderr)
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    told = done.stderr.splitlines()
    assert len(told) == len(COMMANDS) + 2
    assert [line for line in told if not line.endswith(" []")] == []


@pytest.mark.parametrize("command", ["fetch", "verify", "sources", "recipes"])
def test_without_torch(command: str, synthetic_root: Path) -> None:
    """What deals with the data alone works where torch is not installed."""
    code = (
        "import sys\n"
        "sys.modules.update(torch=None, torchvision=None)\n"
        "from mnist_tool.cli import main\n"
        "main(sys.argv[1:])"
    )
    words = ["--root", str(synthetic_root)] if command in {"fetch", "verify"} else []
    words += ["--dataset", "synthetic"] if command != "recipes" else []
    done = subprocess.run(
        [sys.executable, "-c", code, command, *words], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("module", [m for m in MODULES if part(m) != "cli"])
def test_only_the_command_line_prints_or_exits(module: str) -> None:
    """Library layers return values and raise errors; two files are programs of their own."""
    if module in {"mnist_tool.diagnosis.probe", "mnist_tool.starter.lecture"}:
        pytest.skip("a stand-alone script for other interpreters; it prints its result")
    for node in ast.walk(tree(module)):
        if isinstance(node, ast.Call):
            assert ast.unparse(node.func) not in {"print", "sys.exit", "exit", "quit"}


@pytest.mark.parametrize("module", MODULES)
def test_modules_are_short_and_say_their_job(module: str) -> None:
    """A file can be read in one sitting, and its first line says what it is for."""
    assert len(MODULES[module].read_text("utf-8").splitlines()) <= LONGEST
    assert (ast.get_docstring(tree(module)) or "").splitlines()[0].endswith(".")


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
    "files.py": {"os.open", "os.fdopen"},  # the door
    "replacement.py": {"path.write_bytes"},  # into a pipe or a device
    "folders.py": {"target.write_bytes"},  # the same door for folders
    "dataset/network/download.py": {"path.open"},  # a download begun, in a name of its own
    "dataset/packing.py": {"tarfile.open"},  # into a stream that was given
    "dataset/cache.py": {"tempfile.TemporaryFile"},  # a trial whether the folder takes a file
    "dataset/bytes/containers.py": {"tempfile.TemporaryFile"},  # a zip, laid down to be read
    # What an interpreter says, in a file without a name, or nowhere.
    "diagnosis/runner.py": {"tempfile.TemporaryFile", "Path(os.devnull).open"},
    "diagnosis/probe.py": {"os.fdopen"},  # its standard output
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


@pytest.mark.parametrize("module", MODULES)
def test_files_are_written_through_one_door(module: str) -> None:
    """A reader sees the old file or the new one, whole, whatever ends the writer."""
    nodes = ast.walk(tree(module))
    calls = [node for node in nodes if isinstance(node, ast.Call) and _opens_for_writing(node)]
    found = {ast.unparse(call.func) for call in calls}
    allowed = OPENS_FOR_WRITING.get(path_of(module), set())
    assert found == allowed, [call.lineno for call in calls]
