"""The progress protocol: what long work reports to, and two listeners for library users."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from importlib.util import find_spec
from typing import Any, Protocol

__all__ = ["Bar", "Progress", "Silent", "Tqdm", "in_cell", "in_notebook", "listening"]


class Bar(Protocol):
    """One running piece of work."""

    def advance(self, amount: int) -> None:
        """Count `amount` more units as done; a negative one takes back what must be done again."""

    def resize(self, total: int | None) -> None:
        """Change the expected total; ``None`` when it is unknown."""

    def describe(self, detail: str) -> None:
        """Show a short changing detail beside the bar (a cost, a rate)."""


class Progress(Protocol):
    """Whoever wants to know how far long work is; called from any thread."""

    def bar(self, label: str, total: int | None, unit: str = "B") -> AbstractContextManager[Bar]:
        """Open a bar for `total` units (``"B"`` bytes, ``"img"`` images); close it at the end."""

    def note(self, text: str) -> None:
        """Tell one line of news, such as a source that failed and what comes next."""


class _SilentBar:
    def advance(self, amount: int) -> None:
        """Ignore it."""

    def resize(self, total: int | None) -> None:
        """Ignore it."""

    def describe(self, detail: str) -> None:
        """Ignore it."""


class Silent:
    """Report nothing; the default of every library function outside a notebook."""

    @contextmanager
    def bar(self, label: str, total: int | None, unit: str = "B") -> Iterator[Bar]:  # noqa: ARG002
        """Open a bar that shows nothing."""
        yield _SilentBar()

    def note(self, text: str) -> None:
        """Ignore the news."""


class Tqdm:
    """Show tqdm bars: on a terminal as text, in a notebook as its widget.

    Examples
    --------
    >>> from mnist_tool import fetch
    >>> from mnist_tool.progress import Tqdm
    >>> report = fetch(progress=Tqdm())  # doctest: +SKIP
    """

    @contextmanager
    def bar(self, label: str, total: int | None, unit: str = "B") -> Iterator[Bar]:
        """Open a tqdm bar."""
        with _tqdm()(desc=label, total=total, unit=unit, unit_scale=True, leave=False) as bar:
            yield _TqdmBar(bar)

    def note(self, text: str) -> None:
        """Write the news above the bars."""
        _tqdm().write(text)


def in_notebook() -> bool:
    """Whether this is the kernel of a notebook, whose output is a page and not a terminal."""
    get_shell = getattr(sys.modules.get("IPython"), "get_ipython", None)
    return get_shell is not None and "IPKernelApp" in getattr(get_shell(), "config", ())


def in_cell() -> bool:
    """Whether a cell of a notebook has started this process, as ``!mnist-tool train``.

    Jupyter gives it a terminal, but shows on the page each frame below the one before, and nobody
    can type there.
    """
    inline = "inline" in os.environ.get("MPLBACKEND", "")  # kernels that Jupyter has not started
    return "JPY_PARENT_PID" in os.environ or inline


def listening(progress: Progress | None) -> Progress:
    """Return who is told: whoever was named, else tqdm in a notebook, and nobody elsewhere."""
    return progress or (Tqdm() if in_notebook() else Silent())


def _tqdm() -> Any:
    """Choose tqdm's widget where the notebook can show it, otherwise its text."""
    if in_notebook() and find_spec("ipywidgets"):
        from tqdm.notebook import tqdm as widget

        return widget
    from tqdm import tqdm

    return tqdm


class _TqdmBar:
    def __init__(self, bar: object) -> None:
        self._bar = bar

    def advance(self, amount: int) -> None:
        self._bar.update(amount)  # type: ignore[attr-defined]

    def resize(self, total: int | None) -> None:
        self._bar.reset(total)  # type: ignore[attr-defined]

    def describe(self, detail: str) -> None:
        # Shown with the next count: drawing at each short step would take longer than the step.
        self._bar.set_postfix_str(detail, refresh=False)  # type: ignore[attr-defined]
