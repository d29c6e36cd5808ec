"""Let every letter of a figure be seen: in a font that has it, else spelt in ASCII."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from matplotlib.figure import Figure
    from matplotlib.text import Text

__all__ = ["dress"]

# Fonts of the usual systems with Korean, Chinese, Japanese and much else; the first that are there
# are taken.
WIDE = (
    "Noto Sans CJK KR",
    "Noto Sans KR",
    "NanumGothic",
    "Malgun Gothic",
    "Apple SD Gothic Neo",
    "AppleGothic",
    "Noto Sans CJK JP",
    "Microsoft YaHei",
    "Yu Gothic",
    "Hiragino Sans",
    "WenQuanYi Zen Hei",
    "Arial Unicode MS",
    "Noto Sans",
    "Unifont",
)


def dress(drawn: Figure) -> None:
    """Give each text of a figure fonts that have its letters, and spell what no font has.

    Matplotlib would draw an empty box for such a letter, and warn of it.
    """
    from matplotlib.axis import Axis
    from matplotlib.text import Text

    for axis in drawn.findobj(Axis):
        labels = axis.get_ticklabels()
        changed = [_dress(each) for each in labels]
        if any(changed):
            axis.set_ticklabels([each.get_text() for each in labels])  # which drawing writes anew
    for text in drawn.findobj(Text):
        _dress(text)


def _dress(text: Text) -> bool:
    """Do it with one text, and return whether there was need to."""
    said = text.get_text()
    families = list(text.get_fontfamily())
    lacking = set() if said.isascii() else _lacking(said, families)
    if lacking:
        more = [each for each in WIDE if _letters(each) & lacking]
        text.set_fontfamily([*families, *more])
        missing = _lacking(said, [*families, *more])
        spelt = (ascii(c)[1:-1].replace("$", "") if ord(c) in missing else c for c in said)
        text.set_text("".join(spelt))
    return bool(lacking)


def _lacking(text: str, families: list[str]) -> set[int]:
    """Return the letters that none of some font families has; a newline is no letter."""
    return {ord(c) for c in text if c != "\n"}.difference(*map(_letters, families))


@cache
def _letters(family: str) -> frozenset[int]:
    """Return the code points that a font has; none where it is not installed."""
    from matplotlib import font_manager

    try:
        path = font_manager.findfont(
            font_manager.FontProperties(family=[family]), fallback_to_default=False
        )
        return frozenset(font_manager.get_font(path).get_charmap())
    except (ValueError, OSError, RuntimeError):
        return frozenset()
