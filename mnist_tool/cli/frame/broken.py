"""Tell a package that cannot be imported here from a bug of ours."""

from __future__ import annotations

from mnist_tool.advice import command_line
from mnist_tool.errors import DependencyError
from mnist_tool.shadowing import REMEDY, intruders, named

__all__ = ["broken_package"]

OURS = "mnist_tool"
# It only hands on what is to be imported; see there.
HANDING_ON = "mnist_tool.lean"


def broken_package(error: Exception) -> DependencyError | None:
    """Return the error that a failed import of another package is; ``None`` for anything else.

    Whatever was raised while a package was being imported is the package's matter or the
    machine's: a library that is not there is an OSError, a file that stands in the place of a
    module most often an AttributeError.
    """
    package = _imported(error)
    pairs = intruders(error) if package or not isinstance(error, OSError) else []
    if not package and not _touched(error, pairs):
        return None
    kind = type(error).__name__
    if pairs:
        what = f"{named(pairs)} {kind}: {_lines(error)[0]}"
        return DependencyError(what, hint=REMEDY)
    line, cause = _explained(error)
    return DependencyError(
        f"{package} cannot be imported here: {kind}: {line}. {cause}".strip(),
        hint=f"See what mends it with: {command_line('doctor')}",
    )


def _imported(error: Exception) -> str:
    """Return the package that was being imported, or an empty text if none was."""
    trace = error.__traceback__
    package = ""
    while trace is not None:
        name = str(trace.tb_frame.f_globals.get("__name__", ""))
        if name.partition(".")[0] == OURS and name != HANDING_ON:
            package = ""
        elif not package and trace.tb_frame.f_code.co_name == "<module>":
            package = name.partition(".")[0]
        trace = trace.tb_next
    if not package and isinstance(error, ImportError):
        lacking = str(error.name or "").partition(".")[0]
        package = "" if lacking == OURS else lacking
    return package


def _touched(error: Exception, pairs: list[tuple[str, str]]) -> bool:
    """Whether a file that stands in the place of a module took part in it."""
    files = set()
    trace = error.__traceback__
    while trace is not None:
        files.add(trace.tb_frame.f_code.co_filename)
        trace = trace.tb_next
    return any(name.startswith(path) for _, path in pairs for name in files)


def _explained(error: BaseException) -> tuple[str, str]:
    """Return the line that says most, and what it means where that is known.

    NumPy and others raise an error of their own, and the reason stands behind it.
    """
    from mnist_tool.diagnosis.explain import explain

    behind: BaseException | None = error
    while behind is not None:
        if known := explain(str(behind)):
            lines = _lines(behind)
            return next((line for line in lines if explain(line) is known), lines[-1]), known.told
        behind = behind.__cause__ or behind.__context__
    return _lines(error)[-1], ""


def _lines(error: BaseException) -> list[str]:
    return [line.strip() for line in str(error).splitlines() if line.strip()] or [""]
