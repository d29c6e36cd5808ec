"""One explained error text: how it is known, its cause, what mends it, and where it was seen."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["ISSUES", "MEND", "PAIR", "REINSTALL", "VISION", "Explanation"]

ISSUES = "https://github.com/pytorch/pytorch/issues/"
VISION = "https://github.com/pytorch/vision/issues/"

# `Invocation.of` turns the word in braces into the command of the interpreter's own installer.
PAIR = "{upgrade} torch torchvision"
REINSTALL = "{reinstall} torch torchvision"
MEND = "{doctor} --fix"


@dataclass(frozen=True)
class Explanation:
    """One error text, its cause, and the commands that mend it.

    Parameters
    ----------
    name : str
        Short name, for ``--json`` and the documentation.
    pattern : str
        Regular expression that finds the text; ``^`` and ``$`` are ends of lines.
    cause : str
        Why it happens.
    fix : tuple of str
        Commands. ``{install}``, ``{upgrade}``, ``{reinstall}`` and ``{uninstall}`` stand for those
        of pip, uv or conda, whichever the interpreter has, ``{python}`` for the interpreter,
        ``{doctor}`` and ``{fetch}`` for our own with the user's options. Empty where none helps.
    example : str
        The text as it was seen, which a test finds with `pattern`.
    source : str
        Where it was seen and what its maintainers said, or the code that writes it.
    advice : str
        What to do where no command does it, or beside it.
    """

    name: str
    pattern: str
    cause: str
    fix: tuple[str, ...]
    example: str
    source: str
    advice: str = ""

    @property
    def told(self) -> str:
        """The cause, and the advice where there is any."""
        return f"{self.cause} {self.advice}".rstrip()
