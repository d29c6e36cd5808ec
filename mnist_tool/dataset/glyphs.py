"""How people write the ten digits: the pen strokes of the synthetic data set."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from math import sqrt

__all__ = ["DIGIT_GLYPHS", "DOTS", "Glyph", "Point", "blend"]

Point = tuple[float, float]
Stroke = Sequence[Point]
Glyph = Sequence[Stroke]

# Dots of the pen along one glyph; with a pen 2 to 4 pixels wide they merge into a smooth line.
DOTS = 72
STEPS = 40  # between two points of a stroke, to measure its length

# For each digit its ways of being written. A stroke passes smoothly through its points; where the
# pen turns sharply one stroke ends and the next begins. x goes right, y down, both about 0 to 1.
DIGIT_GLYPHS: tuple[tuple[Glyph, ...], ...] = (
    (  # 0: closed at the top; begun further right, with the end crossing over
        (((0.5, 0), (0.2, 0.12), (0.05, 0.5), (0.2, 0.88), (0.5, 1), (0.8, 0.88), (0.95, 0.5),
          (0.8, 0.12), (0.5, 0)),),
        (((0.72, 0.1), (0.4, 0.02), (0.12, 0.3), (0.1, 0.7), (0.4, 1), (0.75, 0.85), (0.9, 0.45),
          (0.7, 0.08), (0.45, 0.06)),),
    ),
    (  # 1: a stroke; with a flag; with flag and foot
        (((0.5, 0), (0.5, 0.5), (0.5, 1)),),
        (((0.36, 0.2), (0.52, 0)), ((0.52, 0), (0.51, 0.5), (0.5, 1))),
        (((0.34, 0.2), (0.52, 0)), ((0.52, 0), (0.52, 1)), ((0.3, 1), (0.74, 1))),
    ),
    (  # 2: with a straight foot; with a loop
        (((0.12, 0.24), (0.3, 0.04), (0.6, 0), (0.85, 0.2), (0.74, 0.5), (0.42, 0.78), (0.08, 1)),
         ((0.08, 1), (0.5, 0.96), (0.92, 0.98))),
        (((0.15, 0.2), (0.42, 0), (0.8, 0.12), (0.78, 0.42), (0.48, 0.78), (0.2, 0.96),
          (0.08, 0.86), (0.28, 0.78), (0.6, 0.95), (0.98, 0.9)),),
    ),
    (  # 3: two bows; with a flat top
        (((0.15, 0.12), (0.45, 0), (0.8, 0.14), (0.7, 0.4), (0.38, 0.48)),
         ((0.38, 0.48), (0.8, 0.58), (0.86, 0.84), (0.5, 1), (0.1, 0.88))),
        (((0.15, 0.02), (0.85, 0)), ((0.85, 0), (0.42, 0.4)),
         ((0.42, 0.4), (0.8, 0.5), (0.88, 0.76), (0.58, 1), (0.14, 0.92))),
    ),
    (  # 4: open; closed; open and round
        (((0.22, 0), (0.1, 0.52)), ((0.1, 0.52), (0.92, 0.5)), ((0.76, 0.05), (0.7, 1))),
        (((0.66, 0), (0.05, 0.66)), ((0.05, 0.66), (0.95, 0.64)), ((0.66, 0), (0.64, 1))),
        (((0.15, 0.04), (0.1, 0.38), (0.38, 0.54), (0.78, 0.42)), ((0.84, 0), (0.74, 1))),
    ),
    (  # 5: with corners; in one sweep
        (((0.86, 0), (0.26, 0.02)), ((0.26, 0.02), (0.18, 0.44)),
         ((0.18, 0.44), (0.52, 0.36), (0.86, 0.58), (0.78, 0.88), (0.42, 1), (0.08, 0.9))),
        (((0.92, 0.04), (0.5, 0.02), (0.28, 0.14), (0.24, 0.4), (0.54, 0.44), (0.82, 0.64),
          (0.7, 0.92), (0.35, 1), (0.1, 0.9)),),
    ),
    (  # 6: a wide sweep; a steep one
        (((0.75, 0.02), (0.4, 0.2), (0.15, 0.6), (0.26, 0.92), (0.56, 1), (0.85, 0.8), (0.7, 0.56),
          (0.4, 0.56), (0.18, 0.78)),),
        (((0.5, 0), (0.25, 0.35), (0.14, 0.76), (0.4, 1), (0.74, 0.9), (0.74, 0.66), (0.45, 0.6),
          (0.16, 0.8)),),
    ),
    (  # 7: plain; with a bar; with a hook
        (((0.08, 0.05), (0.9, 0.02)), ((0.9, 0.02), (0.6, 0.45), (0.4, 1))),
        (((0.08, 0.04), (0.9, 0.02)), ((0.9, 0.02), (0.6, 0.45), (0.42, 1)),
         ((0.32, 0.52), (0.82, 0.48))),
        (((0.1, 0.22), (0.12, 0.03)), ((0.12, 0.03), (0.88, 0.04)), ((0.88, 0.04), (0.46, 1))),
    ),
    (  # 8: in one stroke from the right; two rings
        (((0.76, 0.16), (0.5, 0), (0.2, 0.15), (0.32, 0.4), (0.66, 0.58), (0.84, 0.8), (0.5, 1),
          (0.14, 0.8), (0.34, 0.55), (0.7, 0.36), (0.76, 0.16)),),
        (((0.5, 0), (0.2, 0.2), (0.5, 0.45), (0.8, 0.2), (0.5, 0)),
         ((0.5, 0.45), (0.1, 0.72), (0.5, 1), (0.9, 0.72), (0.5, 0.45))),
    ),
    (  # 9: with a straight leg; with a curved one
        (((0.84, 0.26), (0.55, 0.02), (0.2, 0.14), (0.16, 0.4), (0.5, 0.52), (0.84, 0.26)),
         ((0.84, 0.26), (0.78, 0.62), (0.66, 1))),
        (((0.84, 0.28), (0.55, 0), (0.2, 0.12), (0.15, 0.4), (0.5, 0.52), (0.84, 0.28)),
         ((0.84, 0.28), (0.84, 0.68), (0.58, 0.98), (0.18, 0.92))),
    ),
)  # fmt: skip


def blend(glyph: Glyph) -> tuple[tuple[Point, ...], list[list[float]]]:
    """Say how each dot of the pen follows from the points that a glyph is drawn through.

    The strokes are Catmull-Rom splines (Catmull and Rom, 1974). They are linear in their points, so
    a glyph whose points were moved is drawn by the same weights.

    Parameters
    ----------
    glyph : sequence of strokes
        Each stroke at least two points.

    Returns
    -------
    points : tuple of (float, float)
        The points, each once; strokes that share one stay joined when it moves.
    weights : list of ``DOTS`` lists of float
        For each dot the weight of each point; the dots are evenly spaced along the glyph.
    """
    points = tuple(dict.fromkeys(point for stroke in glyph for point in stroke))
    rows: list[list[float]] = []
    ways: list[float] = []
    way = 0.0
    for stroke in glyph:
        before = stroke[0]
        for row in _fine(stroke, points):
            here = _position(row, points)
            way += sqrt(_square(here[0] - before[0]) + _square(here[1] - before[1]))
            before = here
            rows.append(row)
            ways.append(way)
    return points, [rows[bisect_left(ways, way * (dot / (DOTS - 1)))] for dot in range(DOTS)]


def _fine(stroke: Stroke, points: Sequence[Point]) -> Iterator[list[float]]:
    """Yield the weights of the points in many small steps along one stroke."""
    places = [points.index(point) for point in stroke]
    padded = [places[0], *places, places[-1]]
    for start in range(len(stroke) - 1):
        for step in range(STEPS + 1):
            row = [0.0] * len(points)
            for place, weight in zip(padded[start:], _catmull_rom(step / STEPS), strict=False):
                row[place] += weight
            yield row


def _catmull_rom(t: float) -> tuple[float, float, float, float]:
    """Weights of four neighbouring points at `t`, 0 at the second and 1 at the third of them."""
    return (
        (-t + 2 * t * t - t * t * t) / 2,
        (2 - 5 * t * t + 3 * t * t * t) / 2,
        (t + 4 * t * t - 3 * t * t * t) / 2,
        (-t * t + t * t * t) / 2,
    )


def _square(x: float) -> float:
    return x * x  # not x ** 2, which some platforms compute through logarithms


def _position(row: Sequence[float], points: Sequence[Point]) -> Point:
    x = y = 0.0
    for weight, point in zip(row, points, strict=True):
        x += weight * point[0]
        y += weight * point[1]
    return x, y
