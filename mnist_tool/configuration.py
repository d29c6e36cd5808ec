"""Decide each setting, by option, environment, file or default, and remember which it was."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any, Generic, TypeVar

from mnist_tool.errors import SettingError

__all__ = ["OWN", "SETTINGS", "Setting", "Value", "get", "get_all", "resolve", "user_path"]

T = TypeVar("T")

LONGEST = 1e6  # seconds, 11 days: a socket's own clock ends after 24 days of milliseconds
FASTEST = 10**12  # bytes a second: no network brings more
# Where a project keeps its settings: a file of our own, or a table in everybody's.
OWN, PYPROJECT, TABLE = "mnist-tool.toml", "pyproject.toml", "mnist-tool"
LARGEST = 1 << 20  # bytes


@dataclass(frozen=True)
class Setting(Generic[T]):
    """One thing a user can set.

    Parameters
    ----------
    name : str
        Its name in the code, and its option without the dashes.
    default : object
        Its value when neither is given.
    parse : callable
        From a text to the value, for the variable and the option alike; raises ``ValueError`` with
        what is allowed.
    help : str
        One line for the documentation.
    """

    name: str
    default: T
    parse: Callable[[str], T]
    help: str

    @cached_property
    def variable(self) -> str:
        """The environment variable that sets it."""
        return f"MNIST_TOOL_{self.name.upper()}"


@dataclass(frozen=True)
class Value(Generic[T]):
    """A value and where it came from: an option, a variable, a file, or ``"default"``."""

    value: T
    origin: str


def _boolean(text: str) -> bool:
    lowered = text.strip().lower()
    if lowered in {"1", "true", "yes", "on"}:
        return True
    if lowered in {"", "0", "false", "no", "off"}:
        return False
    raise ValueError("1 or 0")


def _seconds(text: str) -> float:
    try:
        number = float(text)
    except ValueError:
        number = 0.0
    if not 0 < number <= LONGEST:  # nor is NaN
        raise ValueError(f"a number of seconds above 0, at most {LONGEST:,.0f}")
    return number


def _count(text: str) -> int:
    digits = text.strip()
    right = digits.isascii() and digits.isdigit() and len(digits) <= len(str(FASTEST))
    if not right or int(digits) > FASTEST:
        raise ValueError(f"a whole number from 0 to {FASTEST}")
    return int(digits)


def user_path(text: str | os.PathLike[str]) -> Path:
    """Return the path that a user means, with ``~`` taken for the home folder where there is one.

    `Path.expanduser` and `Path.home` raise where nobody has that name, or no home.
    """
    return Path(os.path.expanduser(text))  # noqa: PTH111


def _path(text: str) -> Path:
    if not text:
        raise ValueError("a path")
    try:
        whole = b"\0" not in os.fsencode(text)
    except UnicodeError:
        whole = False
    if not whole:
        raise ValueError("a path that this system can have")
    return user_path(text)


_ALL: tuple[Setting[Any], ...] = (
    Setting(
        "root",
        Path("MNIST_data"),
        _path,
        "Folder that holds MNIST/raw, as the root of torchvision's MNIST.",
    ),
    Setting("runs", Path("runs"), _path, "Folder in which every training makes a new run folder."),
    Setting(
        "cache",
        None,
        _path,
        "Folder for broken-off downloads and locks; the user's cache folder by default.",
    ),
    Setting("offline", False, _boolean, "1 forbids every use of the network."),
    Setting(
        "lock", True, _boolean, "0 fetches without waiting for another fetch into the same folder."
    ),
    Setting("timeout", 15.0, _seconds, "Seconds of silence before a source is given up."),
    Setting("connect_timeout", 5.0, _seconds, "Seconds for a connection to be made."),
    Setting(
        "patience",
        2.5,
        _seconds,
        "Seconds without a byte before the next source is started beside this one; "
        "silent sources together cost at most twice as much.",
    ),
    Setting(
        "min_rate",
        1024,
        _count,
        "Bytes a second below which a source counts as too slow; 0 allows any.",
    ),
    Setting(
        "grace",
        10.0,
        _seconds,
        "Seconds over which that rate is measured; a slow start may last as long.",
    ),
    Setting("source_deadline", 600.0, _seconds, "Seconds that one source may take in all."),
    Setting("deadline", 1800.0, _seconds, "Seconds that a whole fetch may take."),
    Setting(
        "lock_wait",
        120.0,
        _seconds,
        "Seconds to wait for another fetch into the same folder before fetching anyway.",
    ),
)
SETTINGS = {setting.name: setting for setting in _ALL}


def resolve(
    name: str,
    option: Any = None,
    *,
    environment: Mapping[str, str] | None = None,
    file: ProjectFile | None = None,
) -> Value[Any]:
    """Decide a setting.

    Parameters
    ----------
    name : str
        A key of ``SETTINGS``.
    option : object, optional
        What the user gave on the command line or in the call, checked as the variable's text is;
        ``None`` means not given.
    environment : mapping of str to str, optional
        Where variables are looked up; ``os.environ`` by default.
    file : ProjectFile, optional
        The project's; looked for by default.

    Returns
    -------
    Value
        The value and its origin.

    Raises
    ------
    SettingError
        If the option, the environment variable or the file cannot be used.

    Examples
    --------
    >>> resolve("timeout", environment={"MNIST_TOOL_TIMEOUT": "3"})
    Value(value=3.0, origin='MNIST_TOOL_TIMEOUT')
    """
    setting = SETTINGS[name]
    variable = (os.environ if environment is None else environment).get(setting.variable)
    folder = None
    if option is not None:  # a shell leaves ~ alone after --root=, so that it is read like the rest
        text = os.fspath(option) if isinstance(option, os.PathLike) else str(option)
        origin = f"--{name.replace('_', '-')}"
        said, hint = f"{origin} is {text or repr(text)}", f"Correct it, or leave {origin} out."
    elif variable is not None:
        text, origin = variable, setting.variable
        said = f"The environment variable {origin} is {text!r}"
        hint = f"Correct it, or remove it with: unset {origin}"
    else:
        file = file or _project_file()
        if name not in file.settings:
            return Value(setting.default, "default")
        text, origin, folder = file.settings[name], file.shown, file.path.parent
        said, hint = f"{origin} sets {name} to {text!r}", "Correct it there."
    try:
        value = setting.parse(text)
    except ValueError as error:
        raise SettingError(f"{said}, but it must be {error}.", hint=hint) from None
    if folder is not None and isinstance(value, Path) and folder != Path.cwd():
        value = folder / value  # a path in a file is meant from where the file is
    return Value(value, origin)


def get(name: str, option: Any = None) -> Any:
    """Return a setting's value alone; see `resolve`."""
    return resolve(name, option).value


def get_all(names: Iterable[str], options: Mapping[str, Any]) -> dict[str, Any]:
    """Return the values of several settings, with one look for the file; see `resolve`."""
    file = _project_file()
    values = {}
    for name in names:
        values[name] = resolve(name, options.get(name), file=file).value
    return values


# ---- the file that a project keeps -----------------------------------------------------------


@dataclass(frozen=True)
class ProjectFile:
    """The file with a project's settings.

    Parameters
    ----------
    path : Path
        Where it is.
    settings : mapping of str to str
        Each value as the text that the environment variable would have.
    """

    path: Path
    settings: Mapping[str, str]

    @property
    def shown(self) -> str:
        """How messages call it: by its name alone where the user stands beside it."""
        return self.path.name if self.path.parent == Path.cwd() else str(self.path)


def _project_file() -> ProjectFile:
    """Return the settings of the current folder, or of the nearest one above that has any.

    Raises
    ------
    SettingError
        If ``mnist-tool.toml`` cannot be read, or holds what is no setting or no value. What else is
        wrong with a ``pyproject.toml`` is its own tools' matter.
    """
    with suppress(OSError):  # the current folder was removed
        folder = Path.cwd()
        for each in (folder, *folder.parents):
            for name in (OWN, PYPROJECT):
                path = each / name
                with suppress(OSError):
                    facts = path.stat()
                    if path.is_file() and (found := _read(path, facts.st_mtime_ns, facts.st_size)):
                        return _checked(found)
    return ProjectFile(Path(), {})


def _checked(file: ProjectFile) -> ProjectFile:
    for name in file.settings:
        if name not in SETTINGS:
            raise SettingError(
                f"{file.shown} sets {name}, and there is no such setting.",
                hint=f"There are: {', '.join(SETTINGS)}.",
            )
    return file


@lru_cache(maxsize=8)
def _read(path: Path, changed: int, size: int) -> ProjectFile | None:
    """Return what a file holds for us; its age and size are for the memory of this function."""
    del changed
    try:
        if size > LARGEST:
            raise ValueError(f"it is larger than {LARGEST >> 20} MiB")
        content = _parse(path.read_text("utf-8"))
    except (ValueError, RecursionError, OSError) as error:
        if path.name == OWN:
            raise _refusal(path, str(error)) from error
        return None
    table = content if path.name == OWN else _inner(_inner(content, "tool"), TABLE)
    return None if table is None else ProjectFile(path, dict(_texts(path, table)))


def _parse(text: str) -> dict[str, Any]:
    if sys.version_info >= (3, 11):
        import tomllib
    else:
        import tomli as tomllib
    return tomllib.loads(text)


def _inner(table: dict[str, Any] | None, name: str) -> dict[str, Any] | None:
    found = (table or {}).get(name)
    return found if isinstance(found, dict) else None


def _texts(path: Path, table: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Yield each setting with its value as text."""
    for key, value in table.items():
        name = key.replace("-", "_")  # as options are written
        if isinstance(value, bool):
            yield name, str(int(value))
        elif isinstance(value, str | int | float):
            yield name, str(value)
        else:
            raise _refusal(path, f"{key} is a {type(value).__name__}, and no setting's value")


def _refusal(path: Path, why: str) -> SettingError:
    return SettingError(
        f"{path} cannot be used: {why.rstrip('.')}.",
        hint="Correct it; `mnist-tool init` in an empty folder writes one to begin with.",
    )
