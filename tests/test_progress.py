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


def test_who_was_named_is_told() -> None:
    """Wherever this runs."""
    named = progress.Tqdm()
    assert progress.listening(named) is named
