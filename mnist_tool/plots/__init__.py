"""Pictures from arrays, drawn by matplotlib; nothing here opens a window by itself."""

from mnist_tool.plots.canvas import png_bytes, save
from mnist_tool.plots.curves import cost_curve, draw_costs

__all__ = ["cost_curve", "draw_costs", "png_bytes", "save"]
