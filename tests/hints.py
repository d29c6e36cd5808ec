"""Hold each hint against the command line: what it tells people to type is there, and whole."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator

from mnist_tool.cli.frame.catalogue import COMMANDS, LazyCommands
from mnist_tool.configuration import SETTINGS

__all__ = ["faults"]

# A line ends where the shell's part begins, at a backquote, or at the sentence's next part.
LINE = re.compile(r"mnist-tool(?: +(?:'[^']*'|\"[^\"]*\"|[^\s`;()<>[|'\"]+)+)+")
OPTION = re.compile(r"(?<![\w/-])--?[a-z][a-z-]*")
# Programs of others that hints name, and the options that are theirs.
OTHERS = re.compile(r"`[^`]*`|(?:\S*pip|uv|conda|docker|torchrun|tensorboard|\S*python\S*) [^\n]*")


def faults(hint: str, command: str) -> list[str]:
    """Return what is wrong with a hint: nothing, if all that it names can be typed.

    Parameters
    ----------
    hint : str
        As an error carries it.
    command : str
        The name of the command that failed with it.
    """
    found = []
    for line in LINE.findall(hint):
        found += [f"{line}: {why}" for why in _line_faults(_words(line))]
    rest = OTHERS.sub("", LINE.sub("", hint))
    if command in COMMANDS:
        known = _options(command)
        for option in OPTION.findall(rest):
            setting = SETTINGS.get(option.removeprefix("--").replace("-", "_"))
            if option not in known and (setting is None or setting.variable not in hint):
                found.append(f"{command} has no {option}")
    return found


def _words(line: str) -> list[str]:
    """Split a line that stands in a sentence, which may end or go on with a comma there."""
    words: list[str] = []
    for word in shlex.split(line)[1:]:
        words.append(word.rstrip(".,?:") or word)
        if words[-1] != word and word != ".":
            break
    return words


def _line_faults(words: list[str]) -> Iterator[str]:
    """Parse the words as the program does; what does not end the line is not looked at."""
    if words[0] not in COMMANDS:
        if not words[0].startswith("-"):
            yield f"{words[0]} is no command"
        return
    made = LazyCommands()[words[0]]
    try:
        made.make_context(words[0], words[1:], resilient_parsing="--help" in words)
    except Exception as error:
        yield f"{type(error).__name__}: {error}"


def _options(command: str) -> set[str]:
    params = LazyCommands()[command].params
    return {name for each in params for name in (*each.opts, *each.secondary_opts)} | {
        "-h",
        "--help",
    }
