"""Questions: asked where somebody can answer, refused elsewhere; nothing waits for ever."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.cli.processes import on_terminal

pytestmark = pytest.mark.skipif(os.name == "nt", reason="there are no pseudo-terminals there")
RUN = Path("runs", "softmax-1")


@pytest.fixture(autouse=True)
def _run() -> None:
    """What looks like a run in the current folder."""
    RUN.mkdir(parents=True)
    (RUN / "settings.json").write_text("{}")


@pytest.mark.parametrize(("answer", "there"), [("y\n", False), ("n\n", True), ("\n", True)])
def test_somebody_at_a_terminal_decides(answer: str, there: bool) -> None:
    """Enter alone is no."""
    code, text = on_terminal("runs", "rm", str(RUN), answer=answer)
    assert code == 0, text
    assert "Remove this run for ever?" in text
    assert RUN.exists() == there


def test_a_cell_is_not_asked() -> None:
    """It would wait until somebody stops it; the option that answers is named."""
    code, text = on_terminal("runs", "rm", str(RUN), JPY_PARENT_PID="1")
    assert code == 2
    assert "--yes" in text
    assert RUN.exists()
