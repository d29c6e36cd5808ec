"""What torch says of a GPU that it cannot use."""

from __future__ import annotations

from mnist_tool.diagnosis.explained.entry import ISSUES, PAIR, Explanation

__all__ = ["DEVICES"]

DEVICES = (
    Explanation(
        "cuda-checkpoint",
        r"deserialize object on (a CUDA|CUDA) device",
        "The file was written on a machine with an NVIDIA card, and there is none here, or this "
        "torch cannot use it.",
        (),
        "Attempting to deserialize object on a CUDA device but torch.cuda.is_available() is False.",
        "https://github.com/invoke-ai/InvokeAI/issues/3442",
        "Load it with torch.load(..., map_location='cpu'). mnist-tool's own runs need nothing.",
    ),
    Explanation(
        "cuda-not-built",
        r"Torch not compiled with CUDA enabled",
        "The script asks for the GPU, and this torch was built for the CPU alone.",
        (),
        "AssertionError: Torch not compiled with CUDA enabled",
        ISSUES + "28111",
        "Take the device that is there (`torch.cuda.is_available()`), or install a build for CUDA "
        "as pytorch.org says.",
    ),
    Explanation(
        "cuda-no-gpu",
        r"No CUDA GPUs are available",
        "The script asks for the GPU, and torch sees none: CUDA_VISIBLE_DEVICES hides it, or the "
        "container was started without it.",
        (),
        "RuntimeError: No CUDA GPUs are available",
        "https://github.com/pytorch/pytorch/blob/main/c10/cuda/CUDAFunctions.cpp",
        "Look at `nvidia-smi` and at CUDA_VISIBLE_DEVICES; training works on the CPU, too.",
    ),
    Explanation(
        "cuda-unknown",
        r"CUDA unknown error",
        "The NVIDIA driver does not answer: it was updated or went to sleep while it was loaded.",
        (),
        "CUDA initialization: CUDA unknown error - this may be due to an incorrectly set up "
        "environment, e.g. changing env variable CUDA_VISIBLE_DEVICES after program start.",
        ISSUES + "159954",
        "Restart the machine, or load the module again: "
        "`sudo modprobe -r nvidia_uvm && sudo modprobe nvidia_uvm`.",
    ),
    Explanation(
        "cuda-memory",
        r"CUDA out of memory|CUDA error: out of memory",
        "The memory of the GPU is full, most often with other processes: MNIST needs little.",
        (),
        "torch.OutOfMemoryError: CUDA out of memory. Tried to allocate 2.00 MiB.",
        "https://pytorch.org/docs/stable/notes/faq.html",
        "Look at `nvidia-smi`, end what is not needed, or take a smaller batch.",
    ),
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
        ISSUES + "150733",
        "Cards before the RTX 20 series need a build for CUDA 12.6 or an older torch.",
    ),
)
