"""Checks around the interpreter: packages, shadowing files, other interpreters, memory."""

from __future__ import annotations

import importlib.metadata
import multiprocessing
import os
import shutil
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from packaging.requirements import Requirement

from mnist_tool import configuration
from mnist_tool.advice import command_line, did_you_mean
from mnist_tool.diagnosis.context import Context
from mnist_tool.diagnosis.findings import Check, Status, Verdict
from mnist_tool.diagnosis.installer import own_installer
from mnist_tool.diagnosis.shell import rename
from mnist_tool.errors import SettingError
from mnist_tool.shadowing import HARMLESS

__all__ = ["CHECKS", "Installed", "Interpreters", "SettingFacts", "Shadows", "Workers"]

DISTRIBUTION = "mnist-tool"
OURS = {
    "torch",
    "torchvision",
    "numpy",
    "PIL",
    "matplotlib",
    "requests",
    "typer",
    "rich",
    "tqdm",
    "filelock",
    "packaging",
}
PREFIX = "MNIST_TOOL_"
VARIABLES = (
    *(setting.variable for setting in configuration.SETTINGS.values()),
    "MNIST_TOOL_DEBUG",
    "MNIST_TOOL_DOCTOR_SKIP",
)
SMALL_SHM = 256_000_000  # bytes; Docker gives 64 MB, which a few DataLoader workers fill


@dataclass(frozen=True)
class Installed:
    """The declared ranges and what is installed, by package.

    Parameters
    ----------
    wanted : mapping of str to str
        Specifier of each required package, as the tool's own metadata declares it.
    found : mapping of str to str
        Installed version of each; a missing package is left out.
    """

    wanted: Mapping[str, str]
    found: Mapping[str, str]


def gather_installed(context: Context) -> Installed:  # noqa: ARG001
    """Read the metadata of this tool and of what it needs."""
    try:
        lines = importlib.metadata.requires(DISTRIBUTION) or []
    except importlib.metadata.PackageNotFoundError:
        return Installed({}, {})
    required = [Requirement(line) for line in lines]
    wanted = {r.name: str(r.specifier) for r in required if r.marker is None}
    return Installed(wanted, {name: version for name in wanted if (version := _version(name))})


def _version(package: str) -> str | None:
    try:
        return importlib.metadata.version(package)
    except importlib.metadata.PackageNotFoundError:
        return None


def judge_packages(facts: Installed) -> Verdict:
    """Judge whether every package is there in a version within its range."""
    if not facts.wanted:
        return Verdict("skipped", "mnist-tool runs from its source folder, without metadata")
    bad = {
        name: f"{name} {facts.found.get(name, 'is missing')}, needs {specifier or 'any'}"
        for name, specifier in facts.wanted.items()
        if name not in facts.found
        or not Requirement(name + specifier).specifier.contains(facts.found[name], prereleases=True)
    }
    if not bad:
        return Verdict("ok", f"all {len(facts.wanted)} in their ranges", data=dict(facts.found))
    needed = [f"{name}{facts.wanted[name]}" for name in bad]
    summary = f"{len(bad)} of {len(facts.wanted)} missing or out of range"
    fix = own_installer().install(*needed)
    return Verdict("error", summary, "\n".join(bad.values()), fix, dict(facts.found))


@dataclass(frozen=True)
class Shadows:
    """Files that Python would import in place of a module.

    Parameters
    ----------
    folder : Path
        Where the user stands.
    names : tuple of str
        Names of files and folders there, and paths of files in the folders of PYTHONPATH.
    """

    folder: Path
    names: tuple[str, ...]


def gather_shadows(context: Context) -> Shadows:
    """Look for modules of the user with the names of others."""
    folder = context.request.cwd
    taken = (set(sys.stdlib_module_names) | OURS) - HARMLESS
    names = []
    for path in sorted(folder.iterdir()):
        package = path.is_dir() and (path / "__init__.py").is_file()
        if path.stem in taken and (package or (path.suffix == ".py" and path.is_file())):
            names.append(path.name)
    # A whole package there may well be what was meant; a single file of that name hardly is.
    elsewhere = map(Path, context.request.environment.get("PYTHONPATH", "").split(os.pathsep))
    files = [p for other in elsewhere if other.is_absolute() for p in sorted(other.glob("*.py"))]
    names += [str(p) for p in files if p.stem in taken and p.parent != folder]
    return Shadows(folder, tuple(names))


def judge_shadows(facts: Shadows) -> Verdict:
    """Judge whether a file of the user takes the place of a module."""
    if not facts.names:
        return Verdict("ok", "no file here has the name of a module")
    stems = {Path(name).stem for name in facts.names}
    detail = (
        "Python looks in the folder of the script and in those of PYTHONPATH first. Rename what "
        f"lies in {facts.folder} or there."
    )
    status: Status = "error" if stems & OURS else "warning"
    summary = f"{', '.join(facts.names)} would be imported in place of the module"
    fix = tuple(rename(name) for name in facts.names)
    return Verdict(status, summary, detail, fix, {"names": list(facts.names)})


@dataclass(frozen=True)
class Interpreters:
    """Which environment each command on PATH belongs to.

    Parameters
    ----------
    prefixes : mapping of str to str
        For ``python``, ``python3``, ``pip``, ``pip3``, ``jupyter``: where it comes from; one that
        is not on PATH is left out.
    running : str
        The environment this tool runs in.
    executable : str
        Its interpreter.
    """

    prefixes: Mapping[str, str]
    running: str
    executable: str


def gather_interpreters(context: Context) -> Interpreters:
    """Find the commands that people type, without running them."""
    path = context.request.environment.get("PATH", "")
    prefixes = {}
    for command in ("python", "python3", "pip", "pip3", "jupyter"):
        found = shutil.which(command, path=path)
        if found:
            prefixes[command] = str(_prefix(Path(found)))
    return Interpreters(prefixes, str(Path(sys.prefix).resolve()), sys.executable)


def _prefix(command: Path) -> Path:
    """Return the environment of a command: its script names its interpreter in the first line."""
    if command.parent.name == "shims":  # pyenv decides anew at each call
        return command.parent
    try:
        with command.open("rb") as stream:
            first = stream.readline(512).decode("utf-8", "replace").strip()
    except OSError:
        first = ""
    if first.startswith("#!") and "python" in first and "env " not in first:
        command = Path(first[2:].split(" -")[0].strip())
    # The link of a virtual environment's python is not followed: its folder is what counts.
    if (command.parent.parent / "pyvenv.cfg").is_file():
        return command.parent.parent.resolve()
    return command.resolve().parent.parent


def judge_interpreters(facts: Interpreters) -> Verdict:
    """Judge whether `python` and `pip` are of one environment, and of this one."""
    data = {**facts.prefixes, "running": facts.running}
    pairs = [("python", "pip"), ("python3", "pip3")]
    for python, pip in pairs:
        where, whose = facts.prefixes.get(python), facts.prefixes.get(pip)
        if where and whose and where != whose:
            detail = (
                f"{python}: {where}\n{pip}: {whose}\nWhat {pip} installs, {python} does not see. "
                f"Let the interpreter itself call pip: {python} -m pip install ..."
            )
            summary = f"{python} and {pip} belong to different environments"
            look = (f"{python} -m pip --version",)
            return Verdict("warning", summary, detail, data=data, look=look)
    first = facts.prefixes.get("python") or facts.prefixes.get("python3")
    if first and first != facts.running and not first.endswith("shims"):
        detail = (
            f"python: {first}\nmnist-tool: {facts.running}\nA script started with `python` has "
            "other packages than the ones examined here. This examines its interpreter:"
        )
        summary = "`python` is another environment than the one mnist-tool runs in"
        look = (command_line("doctor", "--python", "python"),)
        return Verdict("warning", summary, detail, data=data, look=look)
    return Verdict("ok", f"{facts.executable}", data=data)


@dataclass(frozen=True)
class Workers:
    """What DataLoader workers meet here.

    Parameters
    ----------
    shm : int or None
        Bytes of /dev/shm in all; ``None`` where there is none.
    start_method : str
        How this Python starts worker processes: ``"fork"``, ``"forkserver"`` or ``"spawn"``.
    """

    shm: int | None
    start_method: str


def gather_workers(context: Context) -> Workers:  # noqa: ARG001
    """Look at the shared memory and at how workers start."""
    shm = Path("/dev/shm")  # noqa: S108  it is looked at, nothing is put there
    size = shutil.disk_usage(shm).total if shm.is_dir() else None
    return Workers(size, multiprocessing.get_start_method(allow_none=True) or _default_method())


def _default_method() -> str:
    return multiprocessing.get_all_start_methods()[0]


def judge_workers(facts: Workers) -> Verdict:
    """Judge whether a DataLoader with workers would fail here. mnist-tool itself uses none."""
    data = {"shm": facts.shm, "start_method": facts.start_method}
    if facts.shm is not None and facts.shm < SMALL_SHM:
        detail = (
            "A DataLoader with num_workers above 0 may die with a bus error. Start the container "
            "with --shm-size=1g or --ipc=host, or use num_workers=0. mnist-tool needs no workers."
        )
        summary = f"shared memory (/dev/shm) has only {facts.shm / 1e6:.0f} MB"
        return Verdict("warning", summary, detail, data=data)
    summary = f"DataLoader workers start by {facts.start_method}"
    if facts.start_method != "fork":
        summary += ': scripts need `if __name__ == "__main__":` and no lambda transforms'
    return Verdict("ok", summary, data=data)


@dataclass(frozen=True)
class SettingFacts:
    """Every setting as a command without options would decide it.

    Parameters
    ----------
    values : mapping of str to Value
        Those that can be used.
    wrong : tuple of SettingError
        Why the others cannot.
    unknown : tuple of str
        Variables that look like ours and are none.
    """

    values: Mapping[str, configuration.Value[Any]]
    wrong: tuple[SettingError, ...] = ()
    unknown: tuple[str, ...] = ()


def gather_settings(context: Context) -> SettingFacts:
    """Decide all, and look for misspelt variables."""
    values, wrong = {}, []
    for name in configuration.SETTINGS:
        try:
            values[name] = configuration.resolve(name)
        except SettingError as error:  # noqa: PERF203 - a dozen
            wrong.append(error)
    environment = context.request.environment
    unknown = (each for each in environment if each.startswith(PREFIX) and each not in VARIABLES)
    return SettingFacts(values, tuple(wrong), tuple(sorted(unknown)))


def judge_settings(facts: SettingFacts) -> Verdict:
    """Tell which settings somebody has changed, and where; and what cannot be meant."""
    data = {
        name: f"{each.value} ({each.origin})"
        for name, each in facts.values.items()
        if each.value is not None
    }
    if facts.wrong:
        said = "\n".join(dict.fromkeys(f"{each.message} {each.hint}" for each in facts.wrong))
        return Verdict("error", "a setting cannot be used", said, data=data)
    if facts.unknown:
        said = "\n".join(f"{name}: {did_you_mean(name, VARIABLES)}" for name in facts.unknown)
        summary = f"no such setting: {', '.join(facts.unknown)}"
        return Verdict("warning", summary, said, data=data)
    origins = {name: each.origin for name, each in facts.values.items()}
    changed = [f"{name} by {origin}" for name, origin in origins.items() if origin != "default"]
    summary = ", ".join(changed) or "all as they are by default"
    return Verdict("ok", summary, data=data, told=bool(changed))


CHECKS: tuple[Check[Any], ...] = (
    Check(
        "settings",
        "environment",
        "Which settings are changed here, and by what?",
        gather_settings,
        judge_settings,
        terse=True,
    ),
    Check(
        "packages",
        "environment",
        "Are the packages mnist-tool needs in their declared ranges?",
        gather_installed,
        judge_packages,
        terse=True,
    ),
    Check(
        "shadows",
        "environment",
        "Does a file in this folder take the place of a module?",
        gather_shadows,
        judge_shadows,
        terse=True,
    ),
    Check(
        "interpreters",
        "environment",
        "Do python, pip and mnist-tool belong together?",
        gather_interpreters,
        judge_interpreters,
        terse=True,
    ),
    Check(
        "workers",
        "environment",
        "Would DataLoader workers run here?",
        gather_workers,
        judge_workers,
        terse=True,
    ),
)
