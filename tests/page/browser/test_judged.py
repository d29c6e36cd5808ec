"""The page judged by others: axe-core, for whoever cannot see or point, and html-validate."""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import Any

import pytest

from mnist_tool.page.document import document
from tests.page.browser.environment import JUDGES
from tests.page.browser.pointing import draw
from tests.page.content import content, untrained

pytestmark = pytest.mark.browser


def _judge(name: str) -> Path:
    path = JUDGES / name
    if not path.exists():
        pytest.skip("NO JUDGES ARE HERE: run `make test-page` where npm is")
    return path


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("locale", ["en", "ko"])
def test_axe_finds_nothing(open_page: Any, scheme: str, locale: str) -> None:
    """Neither on the empty page nor with two digits drawn and a look inside."""
    page = open_page(color_scheme=scheme, locale=locale, reduced_motion="reduce")
    page.evaluate(_judge("axe-core/axe.min.js").read_text("utf-8"))
    for strokes in ([], [[(0.2, 0.2), (0.2, 0.8)], [(0.6, 0.2), (0.6, 0.8)]]):
        for stroke in strokes:
            draw(page, stroke)
            page.locator("summary").click()
        found = page.evaluate("axe.run()")
        assert [(each["id"], each["nodes"][0]["html"]) for each in found["violations"]] == []


def test_html_validate_finds_nothing(tmp_path: Path) -> None:
    """With its recommended rules."""
    program = _judge("html-validate/bin/html-validate.mjs")
    file = tmp_path / "page.html"
    file.write_text(document(content(untrained("linear"))), encoding="utf-8")
    done = subprocess.run(
        ["node", str(program), "--preset", "recommended", str(file)],
        capture_output=True,
        text=True,
        check=False,
        cwd=tmp_path,
    )
    assert done.returncode == 0, done.stdout + done.stderr
