"""What torchvision's MNIST says when it downloads, unpacks and opens the data set."""

from __future__ import annotations

from mnist_tool.diagnosis.explained.entry import MEND, VISION, Explanation

__all__ = ["DATASET"]

READER = "https://github.com/pytorch/vision/blob/main/torchvision/datasets/mnist.py"

DATASET = (
    Explanation(
        "not-found",
        r"Dataset not found",
        "torchvision found no MNIST where it looks: its root must be the folder that holds "
        "MNIST/, with processed/*.pt for torchvision 0.9 and older, with raw/ for 0.10 and newer.",
        (MEND,),
        "Dataset not found. You can use download=True to download it",
        "https://github.com/Lightning-Universe/lightning-bolts/issues/353",
    ),
    Explanation(
        "not-idx",
        r"\AAssertionError:?\s*\Z|read_sn3_pascalvincent_tensor[\s\S]*^AssertionError",
        "A raw file is not an IDX file: a web page, or a .gz under the plain name.",
        (MEND,),
        "AssertionError",
        READER,
    ),
    Explanation(
        "empty-raw",
        r"invalid literal for int\(\) with base 16: b?''",
        "A raw file is empty.",
        (MEND,),
        "invalid literal for int() with base 16: b''",
        VISION + "541",
    ),
    Explanation(
        "short-raw",
        r"shape '\[\d+(, 28, 28)?\]' is invalid for input of size",
        "A raw file ends too early.",
        (MEND,),
        "shape '[10000, 28, 28]' is invalid for input of size 99984",
        VISION + "3500",
    ),
    Explanation(
        "swapped-raw",
        r"x should have \d dimension instead of \d",
        "A raw file holds what another one should: images and labels are swapped.",
        (MEND,),
        "x should have 3 dimension instead of 1",
        READER,
    ),
)
