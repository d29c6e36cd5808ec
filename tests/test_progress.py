"""Which bars are shown where: tqdm's widget in a notebook that has one, its text elsewhere."""

from __future__ import annotations

import sys
from types import SimpleNamespace

import pytest

from mnist_tool import progress
from mnist_tool.cli.screen.output import Output


@pytest.mark.parametrize(
    ("config", "widgets", "module"),
    [
        (None, True, "tqdm.std"),
        ({"TerminalIPythonApp": {}}, True, "tqdm.std"),
        ({"IPKernelApp": {}}, False, "tqdm.std"),
        ({"IPKernelApp": {}}, True, "tqdm.notebook"),
    ],
)
def test_the_bar_fits_the_place(
    config: dict[str, object] | None, widgets: bool, module: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Only a notebook's kernel with ipywidgets gets the widget, and only a kernel is a notebook."""
    shell = None if config is None else SimpleNamespace(config=config)
    monkeypatch.setitem(sys.modules, "IPython", SimpleNamespace(get_ipython=lambda: shell))
    monkeypatch.setattr(progress, "find_spec", lambda name: object() if widgets else None)
    assert progress._tqdm().__module__ == module
    kernel = config is not None and "IPKernelApp" in config
    assert progress.in_notebook() == kernel
    assert isinstance(progress.listening(None), progress.Tqdm if kernel else progress.Silent)
    with Output("fetch").progress() as listener:
        assert isinstance(listener, progress.Tqdm) == kernel


@pytest.mark.parametrize(
    ("variables", "expected"),
    [
        ({"JPY_PARENT_PID": "1"}, True),
        ({"MPLBACKEND": "module://matplotlib_inline.backend_inline"}, True),
        ({"MPLBACKEND": "agg"}, False),
        ({}, False),
    ],
)
def test_a_cell_is_known_by_what_its_kernel_passes_on(
    variables: dict[str, str], expected: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Jupyter's own variable, or matplotlib's way to show pictures on the page."""
    for name in ("JPY_PARENT_PID", "MPLBACKEND"):
        monkeypatch.delenv(name, raising=False)
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    assert progress.in_cell() == expected


def test_who_was_named_is_told() -> None:
    """Wherever this runs."""
    named = progress.Tqdm()
    assert progress.listening(named) is named
