"""Draw the diagrams of the pages as SVG, when the site is built.

GitHub draws the same text, which is Mermaid's; on the site no script and no other server is needed,
and the colours are the theme's, light or dark. Known is what our pages use, all else is an error.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from html import escape
from itertools import pairwise
from typing import Any

LETTER, LINE = 7.0, 17  # of a text in the diagram, in its own units
ROW = 96  # from one rank to the next
GAP, BESIDE = 22, 16  # between two nodes; for an arrow that passes them
STYLE = (
    "<style>.diagram{max-width:100%;height:auto;font:13px var(--md-text-font-family,sans-serif)}"
    ".diagram text{fill:var(--md-default-fg-color);text-anchor:middle}"
    ".diagram rect{fill:var(--md-code-bg-color);stroke:var(--md-default-fg-color--light)}"
    ".diagram .arrow{fill:none;stroke:var(--md-default-fg-color--light);stroke-width:1.3}"
    ".diagram .quiet{stroke-dasharray:4 4}.diagram .head{fill:var(--md-default-fg-color--light)}"
    ".diagram .said{paint-order:stroke;stroke:var(--md-default-bg-color);stroke-width:4px}</style>"
    '<defs><marker id="head" viewBox="0 0 8 8" refX="8" refY="4" markerWidth="8" markerHeight="8" '
    'orient="auto"><path class="head" d="M0,0L8,4L0,8z"/></marker></defs>'
)


def on_config(config: Any) -> Any:
    """Have the blocks of the pages drawn; MkDocs calls it once for each language."""
    fence = {"name": "mermaid", "class": "diagram", "format": formatted}
    config["mdx_configs"].setdefault("pymdownx.superfences", {})["custom_fences"] = [fence]
    return config


def formatted(source: str, *_: object, **__: object) -> str:
    """Return a block of a page as SVG; superfences calls it."""
    return drawn(source)


def drawn(source: str) -> str:
    """Return a diagram as an SVG element.

    Raises
    ------
    ValueError
        If a line is of another form than those of our pages.
    """
    kind, *lines = [line.strip() for line in source.strip().splitlines()]
    if kind == "flowchart TD":
        return _flowchart(lines)
    if kind == "sequenceDiagram":
        return _sequence(lines)
    raise ValueError(f"no diagram begins with {kind!r}")


def _matched(pattern: str, line: str) -> re.Match[str]:
    match = re.fullmatch(pattern, line)
    if match is None:
        raise ValueError(f"this line of a diagram cannot be drawn: {line!r}")
    return match


def _svg(width: float, height: float, parts: Iterable[str]) -> str:
    size = f'viewBox="0 0 {width:.0f} {height:.0f}" width="{width:.0f}"'
    head = f'<svg xmlns="http://www.w3.org/2000/svg" class="diagram" {size}>'
    return "".join([head, STYLE, *parts, "</svg>"])


def _box(x: float, y: float, width: float, height: float, texts: Sequence[str], look: str) -> str:
    """Draw a box around its middle, with lines of text in it."""
    box = f'<rect class="{look}" x="{x - width / 2:.1f}" y="{y - height / 2:.1f}" '
    box += f'width="{width:.1f}" height="{height}" rx="5"/>'
    top = y - (len(texts) - 1) * LINE / 2 + 4.5
    for number, text in enumerate(texts):
        weight = ' font-weight="bold"' if number == 0 and len(texts) > 1 else ""
        box += f'<text x="{x:.1f}" y="{top + number * LINE:.1f}"{weight}>{escape(text)}</text>'
    return box


# ---- a flowchart, from the top down --------------------------------------------------------------


@dataclass
class _Node:
    """A box, or the place where an arrow passes between two of them."""

    texts: list[str]
    look: str = ""
    x: float = 0.0
    above: list[_Node] = field(default_factory=list)
    below: list[_Node] = field(default_factory=list)

    @property
    def width(self) -> float:
        return max(len(text) for text in self.texts) * LETTER + 22 if self.texts else BESIDE


def _flowchart(lines: list[str]) -> str:
    nodes: dict[str, _Node] = {}
    arrows: list[tuple[str, str, str]] = []
    for line in lines:
        if "[" in line:
            name, text, look = _matched(r'(\w+)\["([^"]+)"\](?::::(\w+))?', line).groups()
            nodes[name] = _Node(text.split("<br>"), look or "")
        elif not line.startswith("classDef "):
            start, arrow, end = _matched(r"(\w+) (-->|-\.->) (\w+)", line).groups()
            arrows.append((start, end, "quiet" if "." in arrow else ""))
    rank = _ranks(list(nodes), arrows)
    ranks: list[list[_Node]] = [[] for _ in range(max(rank.values()) + 1)]
    for name, node in nodes.items():
        ranks[rank[name]].append(node)
    ways = [
        _way(nodes[start], nodes[end], rank[start], rank[end], ranks) for start, end, _ in arrows
    ]
    _order(ranks)
    width = _place(ranks) + GAP
    level = {id(node): number for number, row in enumerate(ranks) for node in row}
    parts = [
        _curve([(node.x, 40 + ROW * level[id(node)]) for node in way], look)
        for way, (_, _, look) in zip(ways, arrows, strict=True)
    ]
    parts += [
        _box(node.x, 40 + ROW * level[id(node)], node.width, 46, node.texts, node.look)
        for node in nodes.values()
    ]
    return _svg(width, ROW * (len(ranks) - 1) + 80, parts)


def _ranks(names: list[str], arrows: list[tuple[str, str, str]]) -> dict[str, int]:
    """Return how far each node is from the top, by the longest way."""
    rank = dict.fromkeys(names, 0)
    for _ in names:
        for start, end, _look in arrows:
            rank[end] = max(rank[end], rank[start] + 1)
    return rank


def _way(start: _Node, end: _Node, first: int, last: int, ranks: list[list[_Node]]) -> list[_Node]:
    """Make a place for an arrow in each rank that it passes; return where it goes."""
    between = [_Node([]) for _ in range(first + 1, last)]
    for number, node in enumerate(between, first + 1):
        ranks[number].append(node)
    way = [start, *between, end]
    for upper, lower in pairwise(way):
        upper.below.append(lower)
        lower.above.append(upper)
    return way


def _order(ranks: list[list[_Node]]) -> None:
    """Sort each rank by the middle of its neighbours in the last one, down and up again."""
    for sweep in range(12):
        _place(ranks)
        for row in ranks if sweep % 2 == 0 else ranks[::-1]:
            for node in row:
                beside = node.above if sweep % 2 == 0 else node.below
                node.x = sum(n.x for n in beside) / len(beside) if beside else node.x
            row.sort(key=lambda node: node.x)


def _place(ranks: list[list[_Node]]) -> float:
    """Put the nodes of each rank beside one another, in the middle; return the width of all."""
    widths = [sum(node.width + GAP for node in row) for row in ranks]
    for row, width in zip(ranks, widths, strict=True):
        left = (max(widths) - width + GAP) / 2 + GAP / 2
        for node in row:
            node.x = left + node.width / 2
            left += node.width + GAP
    return max(widths)


def _curve(points: list[tuple[float, float]], look: str) -> str:
    """Draw an arrow that goes straight through the ranks and bends between them."""
    path = f"M{points[0][0]:.1f},{points[0][1] + 23}"
    for (x, y), (to_x, to_y) in pairwise(points):
        top, bottom = y + 23, to_y - 24
        middle = (top + bottom) / 2
        path += f"L{x:.1f},{top}C{x:.1f},{middle} {to_x:.1f},{middle} {to_x:.1f},{bottom}"
    return f'<path class="arrow {look}" marker-end="url(#head)" d="{path}"/>'


# ---- who asks whom, one after the other ----------------------------------------------------------


def _sequence(lines: list[str]) -> str:
    names: dict[str, str] = {}
    said: list[tuple[str, str, str, str]] = []
    for line in lines:
        if line.startswith("participant "):
            name, text = _matched(r"participant (\w+) as (.+)", line).groups()
            names[name] = text
        else:
            start, arrow, end, text = _matched(r"(\w+)(-?->>)(\w+): (.+)", line).groups()
            said.append((start, end, text, "quiet" if arrow == "-->>" else ""))
    step = max(map(len, names.values())) * LETTER + 24
    places = {name: step * (number + 0.5) for number, name in enumerate(names)}
    width, height = step * len(names), 90 + 38 * len(said)
    parts = [f'<path class="arrow quiet" d="M{x:.1f},50V{height - 10}"/>' for x in places.values()]
    parts += [_box(places[name], 28, step - 14, 30, [text], "") for name, text in names.items()]
    for number, (start, end, text, look) in enumerate(said):
        y = 90 + 38 * number
        middle = (places[start] + places[end]) / 2
        half = len(text) * LETTER / 2 + 4
        x = min(max(middle, half), width - half)
        parts.append(
            f'<path class="arrow {look}" marker-end="url(#head)" '
            f'd="M{places[start]:.1f},{y}H{places[end]:.1f}"/>'
            f'<text class="said" x="{x:.1f}" y="{y - 7}">{escape(text)}</text>'
        )
    return _svg(width, height, parts)
