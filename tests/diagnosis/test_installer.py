"""Who installs packages into an interpreter, by what lies in its folders."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from mnist_tool.diagnosis.installer import Installer, installer_of, own_installer


def _about(folder: Path, *files: str, own: bool = True, pip: bool = True) -> dict[str, Any]:
    """What an interpreter in a folder tells, which has these files; folders end with a slash."""
    site = folder / "lib" / "site-packages"
    for name in [*files, "lib/site-packages/pip/"] if pip else files:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.mkdir(parents=True) if name.endswith("/") else path.write_text("uv = 0.5\n")
    base = folder if own else folder / "base"
    return {
        "prefix": str(folder),
        "base_prefix": str(base),
        "library": str(folder / "lib"),
        "path": [str(site)],
        "packages": {"torch": [{"version": "2.5.1", "folder": str(site), "requires": []}]},
    }


@pytest.mark.parametrize(
    ("files", "pip", "own", "tool"),
    [
        ((), True, True, "pip"),
        ((), True, False, "pip"),
        (("pyvenv.cfg",), False, False, "uv"),
        (("pyvenv.cfg",), True, False, "pip"),  # uv venv --seed
        (("lib/ensurepip/",), False, True, "ensurepip"),
        ((), False, True, "none"),
        (("lib/EXTERNALLY-MANAGED",), True, True, "venv"),
        (("lib/EXTERNALLY-MANAGED",), True, False, "pip"),  # a virtual environment of that one
        (("conda-meta/",), True, True, "conda"),
    ],
)
def test_it_is_known_by_what_lies_there(
    files: tuple[str, ...], pip: bool, own: bool, tool: str, tmp_path: Path
) -> None:
    """No command is run for it."""
    assert installer_of("python", _about(tmp_path, *files, own=own, pip=pip)).tool == tool


@pytest.mark.parametrize(("by", "tool"), [("pip", "pip"), ("conda", "conda")])
def test_a_torch_that_pip_brought_into_conda_stays_pips(by: str, tool: str, tmp_path: Path) -> None:
    """Conda would put a second one beside it."""
    about = _about(tmp_path, "conda-meta/")
    notes = tmp_path / "lib" / "site-packages" / "torch-2.5.1.dist-info" / "INSTALLER"
    notes.parent.mkdir()
    notes.write_text(f"{by}\n")
    assert installer_of("python", about).tool == tool


def test_where_nothing_was_told_it_is_pip() -> None:
    """As for an interpreter that does not start."""
    assert installer_of("python", {}) == Installer("python")
    assert own_installer().install("torch") != ()


LINES = {
    "pip": [
        "py -m pip install 'numpy<2'",
        "py -m pip install --upgrade torch torchvision",
        "py -m pip install --force-reinstall torch",
        "py -m pip uninstall mkl",
    ],
    "uv": [
        "uv pip install --python py 'numpy<2'",
        "uv pip install --python py --upgrade torch torchvision",
        "uv pip install --python py --reinstall torch",
        "uv pip uninstall --python py mkl",
    ],
    "conda": [
        "conda install --prefix /c --channel conda-forge 'numpy<2'",
        "conda update --prefix /c --channel conda-forge pytorch torchvision",
        "conda install --prefix /c --channel conda-forge --force-reinstall pytorch",
        "conda remove --prefix /c mkl",
    ],
    "venv": [
        "py -m venv .venv && .venv/bin/python -m pip install 'numpy<2'",
        "py -m venv .venv && .venv/bin/python -m pip install torch torchvision",
        "py -m venv .venv && .venv/bin/python -m pip install torch",
    ],
    "ensurepip": [
        "py -m ensurepip && py -m pip install 'numpy<2'",
        "py -m ensurepip && py -m pip install --upgrade torch torchvision",
        "py -m ensurepip && py -m pip install --force-reinstall torch",
    ],
    "none": [],
}


@pytest.mark.parametrize(("tool", "lines"), LINES.items())
def test_each_has_its_own_words(tool: Any, lines: list[str]) -> None:
    """Its own options and, with conda, its own name for torch."""
    installer = Installer("py", tool, "/c")
    commands = [
        installer.install("numpy<2"),
        installer.upgrade(),
        installer.reinstall("torch"),
        installer.uninstall("mkl"),
    ]
    assert [line for command in commands for line in command] == lines
