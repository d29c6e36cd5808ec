"""What `torch.load` says of a file that it cannot read."""

from __future__ import annotations

from mnist_tool.diagnosis.explained.entry import ISSUES, MEND, PAIR, Explanation

__all__ = ["FILES", "FILES_IN_GENERAL"]

FILES = (
    Explanation(
        "zip-for-torch-before-1.4",
        r"is a zip archive \(did you mean to use torch\.jit\.load",
        "The file was written by torch 1.6 or newer (zip format), and torch 1.3 and older read "
        "only the legacy format.",
        (MEND, PAIR),
        "MNIST_data/MNIST/processed/training.pt is a zip archive (did you mean to use "
        "torch.jit.load()?)",
        ISSUES + "43766",
    ),
    Explanation(
        "zip-for-torch-1.4",
        r"file with version (\d+), but the maximum supported version for reading is (\d+)",
        "The file was written by torch 1.6 or newer (zip format, version 3), and torch 1.4 reads "
        "only up to version 2.",
        (MEND, PAIR),
        "version_ <= kMaxSupportedFileFormatVersion INTERNAL ASSERT FAILED at "
        "/pytorch/caffe2/serialize/inline_container.cc:132, please report a bug to PyTorch. "
        "Attempted to read a PyTorch file with version 3, but the maximum supported version for "
        "reading is 2. Your PyTorch installation may be too old.",
        ISSUES + "47243",
    ),
    Explanation(
        "zip-for-torch-1.0",
        r"A load persistent id instruction was encountered",
        "The file is a zip of torch 1.6 or newer, read as a plain pickle by an older torch.",
        (MEND, PAIR),
        "A load persistent id instruction was encountered, but no persistent_load function was "
        "specified.",
        "https://docs.python.org/3/library/pickle.html#persistence-of-external-objects",
    ),
    Explanation(
        "torch-0.3",
        r"Can't get attribute '_rebuild_tensor_v2'",
        "The file was written by torch 0.4 or newer, and torch 0.3 cannot read it.",
        (PAIR,),
        "Can't get attribute '_rebuild_tensor_v2' on <module 'torch._utils' from '_utils.py'>",
        "https://github.com/pytorch/pytorch/blob/main/torch/_utils.py",
    ),
    Explanation(
        "web-page-as-pt",
        r"invalid load key, '<'|Unsupported operand 60",
        "The file is a web page that was saved under the name of a data file.",
        (MEND,),
        "invalid load key, '<'.",
        "https://github.com/pytorch/pytorch/blob/main/torch/_weights_only_unpickler.py",
    ),
    Explanation(
        "lfs-pointer-as-pt",
        r"invalid load key, 'v'|Unsupported operand 118",
        "The file is a Git LFS pointer: a few lines of text in place of the data. `git lfs pull` "
        "in its repository brings the content.",
        (MEND,),
        "Weights only load failed. WeightsUnpickler error: \n\nUnsupported operand 118",
        "https://github.com/git-lfs/git-lfs/issues/4366",
    ),
    Explanation(
        "torchscript",
        r"with TorchScript archives passed to|looks like a TorchScript archive",
        "The file is a compiled model (TorchScript), not a data set.",
        (MEND,),
        "Cannot use ``weights_only=True`` with TorchScript archives passed to ``torch.load``.",
        "https://github.com/pytorch/pytorch/blob/main/torch/serialization.py",
    ),
    Explanation(
        "unsupported-global",
        r"Unsupported (global: GLOBAL|class) (\S+)",
        "The file holds more than tensors, and torch 2.6 and newer load only plain tensors unless "
        "told otherwise. For MNIST's own files there is never a reason to allow it.",
        (MEND,),
        "Weights only load failed. WeightsUnpickler error: Unsupported global: GLOBAL "
        "numpy._core.multiarray.scalar was not an allowed global by default.",
        "https://github.com/GET-Foundation/get_model/issues/23",
    ),
    Explanation(
        "plain-pickle",
        r"Invalid magic number; corrupt file|Unsupported operand 149",
        "The file is a pickle that torch.save did not write.",
        (MEND,),
        "Invalid magic number; corrupt file?",
        "https://github.com/pytorch/pytorch/blob/main/torch/serialization.py",
    ),
    Explanation(
        "truncated-zip",
        r"failed finding central directory|not a ZIP archive",
        "The file ends too early: its download or copy was cut off.",
        (MEND,),
        "PytorchStreamReader failed reading zip archive: failed finding central directory",
        "https://github.com/CompVis/stable-diffusion/issues/93",
    ),
    Explanation(
        "truncated-legacy",
        r"unexpected EOF, expected \d+ more bytes|pickle data was truncated|Ran out of input",
        "The file ends too early: its download or copy was cut off.",
        (MEND,),
        "unexpected EOF, expected 70000 more bytes. The file might be corrupted.",
        "https://github.com/pytorch/pytorch/blob/main/torch/csrc/serialization.cpp",
    ),
)
FILES_IN_GENERAL = (
    Explanation(
        "jit-of-plain",
        r"failed locating file constants\.pkl",
        "The file was written by torch.save, and torch.jit.load reads compiled models only.",
        (),
        "PytorchStreamReader failed locating file constants.pkl: file not found",
        "https://github.com/pytorch/pytorch/blob/main/caffe2/serialize/inline_container.cc",
        "Load it with torch.load.",
    ),
    Explanation(
        "weights-only",
        r"Weights only load failed",
        "torch 2.6 and newer load only plain tensors, and this file holds something else.",
        (MEND,),
        "Weights only load failed. This file can still be loaded, to do so you have two options",
        "https://github.com/ppogg/YOLOv5-Lite/issues/277",
    ),
)
