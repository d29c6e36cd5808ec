"""Pictures of one synthetic digit, as files."""

from __future__ import annotations

import io

import numpy as np
from PIL import Image

from mnist_tool.dataset.synthetic import draw

DIGIT = draw("test")[0][0]


def encoded(image, kind="PNG", **options):
    """The bytes of a picture file."""
    buffer = io.BytesIO()
    picture = image if isinstance(image, Image.Image) else Image.fromarray(image)
    picture.save(buffer, kind, **options)
    return buffer.getvalue()


def large(side=280, pad=(40, 40)):
    """The digit in black on white, enlarged, with paper around it."""
    image = Image.fromarray(255 - DIGIT).resize((side, side), Image.Resampling.BICUBIC)
    return np.pad(np.asarray(image), [pad, pad[::-1]], constant_values=255)


def far(one, other):
    """Mean difference of two images in grey levels."""
    return np.abs(one.astype(int) - other.astype(int)).mean()


NEAR = 6  # grey levels on average; another digit is 40 or more away
