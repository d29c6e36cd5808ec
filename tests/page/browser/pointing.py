"""What the tests of the page do with it: draw, wait, look."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

__all__ = ["bars", "draw", "sentence", "settle"]

Point = tuple[float, float]  # as shares of the canvas


def draw(page: Any, points: Sequence[Point]) -> None:
    """Draw a stroke with the mouse."""
    page.locator("#canvas").scroll_into_view_if_needed()
    box = page.locator("#canvas").bounding_box()
    places = [(box["x"] + x * box["width"], box["y"] + y * box["height"]) for x, y in points]
    page.mouse.move(*places[0])
    page.mouse.down()
    for place in places[1:]:
        page.mouse.move(*place, steps=4)
    page.mouse.up()
    settle(page)


def settle(page: Any) -> None:
    """Wait until the page has answered."""
    page.evaluate("App.settled()")
    page.evaluate("new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")
    page.evaluate("App.settled()")


def sentence(page: Any) -> str:
    """Return what the page says that it reads."""
    return str(page.locator("#sentence").text_content())


def bars(page: Any) -> list[str]:
    """Return the percentages beside the bars."""
    found: list[str] = page.locator("#bars .share").all_text_contents()
    return found
