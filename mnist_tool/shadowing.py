"""Find the user's files that Python takes for modules of its own, with nothing they can replace."""

# No `from __future__`, no typing, no pathlib: this is what is left when any of the standard modules
# is not what it seems. `os` and `sys` are there before Python looks into any folder.
import os
import sys

__all__ = ["COULD_NOT", "HARMLESS", "REMEDY", "intruders", "named", "report"]

# Standard modules whose names people use for scripts without harm: nothing of torch imports them.
HARMLESS = {"test", "this", "antigravity", "turtle", "turtledemo", "idlelib", "__main__"}
# Of the packages that the command line needs, those that it loads before it can say anything.
NEEDED = {"typer", "rich", "click", "shellingham", "typing_extensions", "packaging"}
COULD_NOT = 3
REMEDY = (
    "Rename that file, take its folder out of PYTHONPATH, or work in another folder. A package "
    "that was a backport for an old Python is uninstalled."
)


def intruders(error: BaseException | None = None) -> list[tuple[str, str]]:
    """Return the files that stand in the place of modules, in the order in which they are found.

    Parameters
    ----------
    error : BaseException, optional
        What went wrong: where some of them took part in it, the others are left out.

    Returns
    -------
    list of (str, str)
        The name of each module and the path of the file or folder that is taken for it.
    """
    found = []
    library = os.path.dirname(os.path.abspath(os.__file__))
    for folder in sys.path:
        place = os.path.abspath(folder or ".")
        if place == library:
            break
        found += [(name, path) for name, path in _modules(place) if _taken(name, path)]
    guilty = _took_part(error) if error is not None else set()
    return [pair for pair in found if _within(pair[1], guilty)] or found


def _modules(place: str) -> list[tuple[str, str]]:
    """List what can be imported from a folder."""
    try:
        entries = sorted(os.listdir(place))
    except OSError:
        return []
    paths = [os.path.join(place, entry) for entry in entries]
    return [
        (os.path.basename(path).removesuffix(".py"), path)
        for path in paths
        if (path.endswith(".py") and os.path.isfile(path))
        or os.path.isfile(os.path.join(path, "__init__.py"))
    ]


def _taken(name: str, path: str) -> bool:
    """Whether a module's name belongs to another; a whole package may well be what was meant."""
    if name in HARMLESS:
        return False
    return name in sys.stdlib_module_names or (name in NEEDED and path.endswith(".py"))


def _took_part(error: BaseException) -> set[str]:
    """Return the files that were imported, and those in which it went wrong."""
    files = {getattr(module, "__file__", None) for module in list(sys.modules.values())}
    trace = error.__traceback__
    while trace is not None:
        files.add(trace.tb_frame.f_code.co_filename)
        trace = trace.tb_next
    files.add(getattr(error, "filename", None))  # of a SyntaxError
    files.add(getattr(error, "path", None))  # of an ImportError
    return {os.path.abspath(name) for name in files if isinstance(name, str)}


def _within(path: str, files: set[str]) -> bool:
    return any(name == path or name.startswith(path + os.sep) for name in files)


def report(error: BaseException) -> bool:
    """Say why the command line cannot be loaded; return whether anything could be said.

    Parameters
    ----------
    error : BaseException
        What its loading ended with.
    """
    pairs = intruders(error)
    lacking = isinstance(error, ImportError) and not str(error.name or "").startswith("mnist_tool")
    if not pairs and not lacking:
        return False
    message = f"mnist-tool cannot be loaded: {type(error).__name__}: {error}."
    hint = "Install mnist-tool anew into this Python, with what it needs."
    if isinstance(error, ModuleNotFoundError) and error.name:
        python = f'"{sys.executable}"' if " " in sys.executable else sys.executable
        hint = f"Install what is missing: {python} -m pip install {error.name.partition('.')[0]}"
    if pairs:
        message, hint = f"{named(pairs)} {message}", REMEDY
    if "--json" in sys.argv:
        one = f'{{"code": "dependency", "message": {_quoted(message)}, "hint": {_quoted(hint)}}}'
        head = '"schema": 1, "tool": "mnist-tool", "command": "mnist-tool", "status": "error"'
        rest = f'"exit_code": {COULD_NOT}, "data": {{}}, "errors": [{one}]'
        sys.stdout.write(f"{{{head}, {rest}}}\n")
    else:
        text = f"error: {message}\nhint: {hint}\n"
        seen = (c if c.isprintable() or c in "\n\t" else ascii(c)[1:-1] for c in text)
        sys.stderr.write("".join(seen))  # what a path says to the terminal is shown, not obeyed
    return True


def named(pairs: list[tuple[str, str]]) -> str:
    """Say which file is taken for which module."""
    return ", ".join(f"{path} is taken for the module {name}" for name, path in pairs) + "."


def _quoted(text: str) -> str:
    """Write a text for JSON, whose own module may be what is missing."""
    plain = (
        c if " " <= c <= "~" and c not in '"\\' else f"\\u{min(ord(c), 65533):04x}" for c in text
    )
    return f'"{"".join(plain)}"'
