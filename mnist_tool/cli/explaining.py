"""Draw what a model saw in a picture: the steps to one digit, or the boxes around several."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from mnist_tool.dataset.row import DIGITS

if TYPE_CHECKING:
    from mnist_tool.reading.predict import Prediction

__all__ = ["Explainer"]


class Explainer:
    """Draws one picture after the other into a folder.

    Parameters
    ----------
    folder : Path
        Where the drawings go.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._seen: Counter[str] = Counter()

    def draw(self, result: Prediction, classes: Sequence[str] = DIGITS) -> Path:
        """Draw one picture and return where that is."""
        from mnist_tool import plots

        title = "Read as " + " / ".join(
            " ".join(classes[digit.digit] for digit in row) for row in result.rows
        )
        least = min(digit.confidence for digit in result.digits)
        subtitle = f"{Path(result.name).name}, with probability {least:.3f}"
        if len(result.digits) == 1:
            drawn = plots.draw_steps(result.steps(), title=title, subtitle=subtitle)
        else:
            boxes = [(digit.box, classes[digit.digit]) for digit in result.digits]
            drawn = plots.draw_boxes(
                result.prepared.grey, boxes, title=title, subtitle=f"{subtitle} or more each"
            )
        return plots.save(drawn, self._folder / self._file_name(result.name))

    def _file_name(self, name: str) -> str:
        """Name a file after each picture, numbered where several have the same name."""
        plain = re.sub(r"[^\w.-]+", "-", Path(name).stem)
        self._seen[plain] += 1
        number = f"-{self._seen[plain]}" if self._seen[plain] > 1 else ""
        return f"explain-{plain}{number}.png"
