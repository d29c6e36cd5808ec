"""Pictures from arrays, drawn by matplotlib; nothing here opens a window by itself."""

from mnist_tool.plots.canvas import check_format, kind_of, png_bytes, save, write
from mnist_tool.plots.curves import draw_costs
from mnist_tool.plots.digits import (
    draw_boxes,
    draw_digit,
    draw_gallery,
    draw_mistakes,
    draw_samples,
    draw_steps,
    misread,
)
from mnist_tool.plots.matrix import draw_confusion
from mnist_tool.plots.weights import draw_filters, draw_templates

__all__ = [
    "check_format",
    "draw_boxes",
    "draw_confusion",
    "draw_costs",
    "draw_digit",
    "draw_filters",
    "draw_gallery",
    "draw_mistakes",
    "draw_samples",
    "draw_steps",
    "draw_templates",
    "kind_of",
    "misread",
    "png_bytes",
    "save",
    "write",
]
