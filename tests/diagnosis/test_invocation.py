"""Every command that the doctor can suggest is run, so that none can rot."""

from __future__ import annotations

import os
import shlex
import subprocess
import sys
import zipfile
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest

from mnist_tool.diagnosis.explain import EXPLANATIONS
from mnist_tool.diagnosis.installer import Installer
from tests.diagnosis.facts import INVOCATION
from tests.diagnosis.test_checks import CASES, JUDGES

PYTHON = "/opt/python"  # the interpreter of the injected facts; this one stands in for it
NOT_HERE = {"nvidia-smi"}  # comes with a driver; only its line is read by a shell
# What only shows something; none of it makes a finding go away.
LOOKING = {"nvidia-smi", "date", "df", "ls", "cat"}


VERDICTS = [JUDGES[name](facts) for name, facts, _, _ in CASES]


def _lines(lines: Iterable[str]) -> list[str]:
    """Each line once, for the interpreter of the injected facts."""
    return sorted({line.replace(sys.executable, PYTHON) for line in lines})


FIXES = _lines(
    [line for verdict in VERDICTS for line in verdict.fix]
    + [line for entry in EXPLANATIONS for line in INVOCATION.of(entry, Installer(PYTHON))]
)
LOOKS = _lines(line for verdict in VERDICTS for line in verdict.look)
LINES = sorted({*FIXES, *LOOKS})
OURS = [line for line in LINES if line.startswith("mnist-tool ")]
PIP = [line for line in LINES if " -m pip " in line and not line.startswith("export")]
OTHERS = sorted(set(LINES) - set(OURS) - set(PIP))


def _only_looks(line: str) -> bool:
    words = shlex.split(line)
    examines = words[:2] == ["mnist-tool", "doctor"] and "--fix" not in words
    return examines or words[0] in LOOKING or bool({"--help", "-h", "--version"} & set(words))


@pytest.mark.parametrize("line", FIXES)
def test_what_only_looks_is_no_fix(line: str) -> None:
    """After a fix the finding is gone; help, a version and another look at it change nothing."""
    assert not _only_looks(line)


@pytest.mark.parametrize("line", LOOKS)
def test_a_look_changes_nothing(line: str) -> None:
    """What would change something is a fix, and called so."""
    assert _only_looks(line)


@pytest.fixture(scope="session")
def shelf(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder from which pip can install, offline, an old and a new release of every package."""
    folder = tmp_path_factory.mktemp("shelf")
    for line in PIP:
        for name in {word.strip("'") for word in line.split()[4:] if not word.startswith("-")}:
            project = name.split("<")[0].split(">")[0].replace("-", "_")
            for version in ("0.1", "1.0", "99.0"):
                info = f"{project}-{version}.dist-info"
                with zipfile.ZipFile(folder / f"{project}-{version}-py3-none-any.whl", "w") as z:
                    text = f"Metadata-Version: 2.1\nName: {project}\nVersion: {version}\n"
                    z.writestr(f"{info}/METADATA", text)
                    z.writestr(f"{info}/WHEEL", "Wheel-Version: 1.0\nTag: py3-none-any\n")
                    z.writestr(f"{info}/RECORD", "")
    return folder


def run(line: str, *more: str, **environment: str) -> str:
    """Run a line in the shell people have, in an empty folder, and return what it printed."""
    line = shlex.join([*shlex.split(line), *more]) if more else line
    done = subprocess.run(
        ["bash", "-euc", line.replace(PYTHON, sys.executable)],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
        env={**os.environ, **environment},
    )
    assert done.returncode == 0, f"{line}\n{done.stdout}{done.stderr}"
    return done.stdout


@pytest.mark.parametrize("line", OURS)
def test_our_own_commands(line: str, run_tool: Any) -> None:
    """Each takes its own options and arguments; a repair also shows what it would do."""
    words = shlex.split(line.replace(PYTHON, shlex.quote(sys.executable)))[1:]
    assert run_tool(*words, *(() if "--help" in words else ("--help",))).exit_code == 0
    if "--fix" in words:
        assert run_tool(*words, "shadows", "--dry-run").exit_code == 0


@pytest.mark.skipif(os.name == "nt", reason="the lines are for the shell of this system")
@pytest.mark.parametrize("line", PIP)
def test_pip_commands(line: str, shelf: Path) -> None:
    """pip takes each line and finds what it should install; nothing is installed."""
    offline = ("--dry-run", "--no-deps", "--no-index", "--find-links", str(shelf))
    words = offline if " pip install " in line else ("--help",) if "uninstall" in line else ()
    # A developer's configuration may hold versions back.
    run(
        line.replace("python -m", f"{PYTHON} -m") if line.startswith("python ") else line,
        *words,
        PIP_CONFIG_FILE=os.devnull,
    )


@pytest.mark.skipif(os.name == "nt", reason="the lines are for the shell of this system")
@pytest.mark.parametrize("line", OTHERS)
def test_commands_of_the_shell(line: str) -> None:
    """Each is run in an empty folder, and what it should change has changed."""
    words = shlex.split(line)
    if words[0] in NOT_HERE:
        subprocess.run(["bash", "-nc", line], check=True)
    elif words[0] == "mv":
        Path(words[-2]).touch()
        Path(words[-1]).write_text("mine")
        run(line)
        assert Path(words[-1]).read_text() == "mine"
        Path(words[-1]).unlink()
        run(line)
        assert Path(words[-1]).exists()
    elif words[0] == "unset":
        assert run(f"{line}; echo ${{{words[1]}-gone}}", **{words[1]: "set"}) == "gone\n"
    else:
        assert words[0] == "export"
        name, _, value = words[1].partition("=")
        source = value.strip('"$')
        proxy = {source: "http://p:1"} if "proxy" in source.lower() else {}
        shown = run(f"{line}; echo ${name}", **proxy).strip()
        assert shown in {"1", "utf-8", "http://p:1"} or Path(shown).is_file()
