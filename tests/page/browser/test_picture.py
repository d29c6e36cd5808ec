"""The picture of the page that the README shows: taken here, of the page as it is."""

from __future__ import annotations

import io
import os
from typing import Any

import pytest
from PIL import Image

from tests.page.browser.pointing import draw, sentence
from tests.real_data import REPOSITORY

pytestmark = pytest.mark.browser

PICTURE = REPOSITORY / "docs" / "page.png"
# 1 takes the picture anew; read at import, because tests run without a developer's variables.
TAKE = os.environ.get("MNIST_TOOL_TEST_PICTURE") == "1"
FOUR = [(0.3, 0.15), (0.2, 0.55), (0.45, 0.55)], [(0.4, 0.3), (0.38, 0.85)]
TWO = [(0.58, 0.3), (0.66, 0.16), (0.77, 0.22), (0.75, 0.4), (0.58, 0.82), (0.84, 0.82)]


def test_the_readme_shows_the_page(open_page: Any, page_of_run: Any) -> None:
    """Two drawn digits, the bars of the last one, and what the model saw of both."""
    page = open_page(page_of_run, viewport={"width": 960, "height": 690})
    for stroke in (*FOUR, TWO):
        draw(page, stroke)
    assert sentence(page) == "I read 4 2."
    page.evaluate("document.activeElement.blur(); window.scrollTo(0, 0)")
    with Image.open(io.BytesIO(page.screenshot(animations="disabled"))) as taken:
        few = taken.convert("RGB").quantize(32)
        if TAKE:
            few.save(PICTURE, optimize=True)
        with Image.open(PICTURE) as shown:
            assert shown.size == taken.size
    assert PICTURE.stat().st_size < 30_000
    assert "docs/page.png" in (REPOSITORY / "README.md").read_text("utf-8")
