"""Word what helps: the command to paste, the name that was meant, what a refusing disk needs."""

from __future__ import annotations

import errno
import os
import re
import shlex
from collections.abc import Iterable, Sequence
from pathlib import Path

from mnist_tool import configuration

__all__ = [
    "allow_more",
    "command_line",
    "did_you_mean",
    "install_extra",
    "nearest",
    "quoted",
    "reason",
    "remedy",
]

USUAL_DATASET = "mnist"


def quoted(words: Sequence[str]) -> str:
    """Join words to a command line for the shell that people have on this system."""
    return " ".join(map(_for_windows if os.name == "nt" else shlex.quote, words))


def _for_windows(word: str) -> str:
    """Put double quotes around what cmd or PowerShell would take for its own, such as ``>``."""
    if re.fullmatch(r"[\w./\\:=+~-]+", word):
        return word
    # Before a quote, and only there, a backslash stands for itself if there are two.
    word = re.sub(r'(\\*)"', r'\1\1\\"', word)
    return '"' + re.sub(r"(\\+)\Z", r"\1\1", word) + '"'


def command_line(
    *words: str,
    dataset: str | None = None,
    run: Path | None = None,
    runs: Path | None = None,
    root: Path | None = None,
) -> str:
    """Write a command of this tool that looks where the user's own one did, ready to be pasted.

    Parameters
    ----------
    *words : str
        The command's name and what else is said to it, each word for itself.
    dataset, run, runs, root : optional
        The values of these options. ``None``, and what would be taken anyway, is not written.

    Examples
    --------
    >>> command_line("train", "--resume", dataset="mnist", run=Path("runs/softmax-1"))
    'mnist-tool train --resume --run runs/softmax-1'
    """
    line = ["mnist-tool", *words]
    if dataset not in (None, USUAL_DATASET):
        line += ["--dataset", str(dataset)]
    if run is not None:
        line += ["--run", str(run)]
    for name, place in (("runs", runs), ("root", root)):
        if place is not None and place != configuration.get(name):
            line += [f"--{name}", str(place)]
    return quoted(line)


def allow_more(setting: str) -> str:
    """Return how to raise a limit of fetching, without a full stop; other commands fetch too.

    Examples
    --------
    >>> allow_more("source_deadline")
    'Allow more with MNIST_TOOL_SOURCE_DEADLINE=SECONDS, in fetch also with --source-deadline'
    """
    variable, option = configuration.SETTINGS[setting].variable, setting.replace("_", "-")
    return f"Allow more with {variable}=SECONDS, in fetch also with --{option}"


def install_extra(name: str) -> str:
    """Return the line that installs what few need, by its name in brackets.

    Examples
    --------
    >>> install_extra("onnx")
    "pip install 'mnist-tool[onnx]'"
    """
    return quoted(["pip", "install", f"mnist-tool[{name}]"])


def nearest(word: str, names: Iterable[str]) -> str | None:
    """Return the name that was most likely meant, or ``None`` where none is near."""
    from difflib import get_close_matches  # only failures need it

    known = {name.casefold(): name for name in names}
    # A caller in Python may say anything.
    near = get_close_matches(str(word).casefold(), known, n=1)
    return known[near[0]] if near else None


def did_you_mean(word: str, names: Iterable[str], form: str = "{}", otherwise: str = "") -> str:
    """Name what was most likely meant by a word that is none of `names`.

    Parameters
    ----------
    word : str
        What was said.
    names : iterable of str
        What there is.
    form : str
        How a name is said, such as ``"--recipe {}"``.
    otherwise : str
        What to say where nothing is near; by default what there is.

    Examples
    --------
    >>> did_you_mean("sotfmax", ["softmax", "cnn"], "--recipe {}")
    'Did you mean --recipe softmax?'
    >>> did_you_mean("forest", ["softmax", "cnn"])
    'Choose one of: softmax, cnn.'
    """
    names = list(names)
    near = nearest(word, names)
    if near is not None:
        return f"Did you mean {form.format(near)}?"
    return otherwise or f"Choose one of: {', '.join(names)}."


def reason(error: OSError) -> str:
    """Return why the system refused, in its own words and without the file's name."""
    return error.strerror or str(error)


# What the disk is not to blame for.
OTHER_REMEDIES = {
    errno.ENOENT: "See whether the folder has been removed or moved meanwhile",
    errno.ENAMETOOLONG: "Take a shorter name",
    errno.ELOOP: "Remove the link that leads to itself",
    errno.EISDIR: "Name a file in it",
    errno.EFBIG: "Allow larger files: ulimit -f unlimited",
    errno.EMFILE: "Allow more open files: ulimit -n 1024",
    errno.ENFILE: "End other programs, which have too many files open",
    errno.ENOMEM: "Close other programs, which leave too little memory",
}


def remedy(error: OSError) -> str:
    """Return what would make a folder take a file that it refused, without a full stop."""
    if error.errno in {errno.ENOSPC, errno.EDQUOT}:
        return "Free some space there"
    if error.errno in {errno.EACCES, errno.EPERM, errno.EROFS}:
        return "Make it writable for you"
    if isinstance(error, NotADirectoryError | FileExistsError):
        return "Move the file that stands where a folder is needed"
    return OTHER_REMEDIES.get(error.errno or 0, "Check the disk")
