"""What torch says of a GPU that it cannot use."""

from __future__ import annotations

from mnist_tool.doctor.explained.entry import PAIR, Explanation

__all__ = ["DEVICES"]

DEVICES = (
    Explanation(
        "old-driver",
        r"NVIDIA driver on your system is too old",
        "The NVIDIA driver is older than the CUDA that this torch was built with.",
        (),
        "The NVIDIA driver on your system is too old (found version 10020).",
        "https://github.com/pytorch/pytorch/blob/main/torch/csrc/cuda/Module.cpp",
        "Update the driver; until then training runs on the CPU.",
    ),
    Explanation(
        "no-driver",
        r"Found no NVIDIA driver on your system",
        "This torch could use an NVIDIA card, but there is none, or no driver for it.",
        (),
        "CUDA initialization: Found no NVIDIA driver on your system. Please check that you have an "
        "NVIDIA GPU and installed a driver from http://www.nvidia.com/Download/index.aspx",
        "https://github.com/pytorch/pytorch/blob/main/c10/cuda/CUDAFunctions.cpp",
        "Install the card's driver if there is a card; training runs on the CPU, too.",
    ),
    Explanation(
        "no-kernel",
        r"no kernel image is available|CUDA capability sm_\d+ is not compatible",
        "This torch was not built for this GPU.",
        (PAIR,),
        "no kernel image is available for execution on the device",
        "https://github.com/pytorch/pytorch/blob/main/torch/cuda/__init__.py",
    ),
)
