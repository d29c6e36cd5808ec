"""What the error texts of torch, torchvision and their libraries mean, as data."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from mnist_tool.doctor.runner import Outcome

__all__ = ["EXPLANATIONS", "Explanation", "explain", "explain_outcome"]


@dataclass(frozen=True)
class Explanation:
    """One error text, its cause in one sentence, and the commands that mend it.

    Parameters
    ----------
    name : str
        Short name, for ``--json`` and the documentation.
    pattern : str
        Regular expression that finds the text.
    cause : str
        Why it happens.
    fix : tuple of str
        Commands; ``{python}`` is the interpreter, ``{doctor}`` the doctor with the user's options.
        Empty where none helps, so that `cause` says what to do.
    example : str
        The text as it was seen, which a test finds with `pattern`.
    """

    name: str
    pattern: str
    cause: str
    fix: tuple[str, ...]
    example: str


PAIR = "{python} -m pip install --upgrade torch torchvision"
REINSTALL = "{python} -m pip install --force-reinstall torch torchvision"
MEND = "{doctor} --fix"

# The first that fits wins, so the narrow ones stand first. Texts: provoked with the versions named
# in facts of the project, or quoted from the issue threads of pytorch and torchvision.
EXPLANATIONS: tuple[Explanation, ...] = (
    # ---- loading a .pt file --------------------------------------------------------------------
    Explanation(
        "zip-for-torch-before-1.4",
        r"is a zip archive \(did you mean to use torch\.jit\.load",
        "The file was written by torch 1.6 or newer (zip format), and torch 1.3 and older read "
        "only the legacy format.",
        (MEND, PAIR),
        "MNIST_data/MNIST/processed/training.pt is a zip archive (did you mean to use "
        "torch.jit.load()?)",
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
    ),
    Explanation(
        "zip-for-torch-1.0",
        r"A load persistent id instruction was encountered",
        "The file is a zip of torch 1.6 or newer, read as a plain pickle by an older torch.",
        (MEND, PAIR),
        "A load persistent id instruction was encountered, but no persistent_load function was "
        "specified.",
    ),
    Explanation(
        "torch-0.3",
        r"Can't get attribute '_rebuild_tensor_v2'",
        "The file was written by torch 0.4 or newer, and torch 0.3 cannot read it.",
        (PAIR,),
        "Can't get attribute '_rebuild_tensor_v2' on <module 'torch._utils' from '_utils.py'>",
    ),
    Explanation(
        "web-page-as-pt",
        r"invalid load key, '<'|Unsupported operand 60",
        "The file is a web page that was saved under the name of a data file.",
        (MEND,),
        "invalid load key, '<'.",
    ),
    Explanation(
        "lfs-pointer-as-pt",
        r"invalid load key, 'v'|Unsupported operand 118",
        "The file is a Git LFS pointer: a few lines of text in place of the data.",
        (MEND,),
        "Weights only load failed. WeightsUnpickler error: \n\nUnsupported operand 118",
    ),
    Explanation(
        "torchscript",
        r"with TorchScript archives passed to|looks like a TorchScript archive",
        "The file is a compiled model (TorchScript), not a data set.",
        (MEND,),
        "Cannot use ``weights_only=True`` with TorchScript archives passed to ``torch.load``.",
    ),
    Explanation(
        "unsupported-global",
        r"Unsupported global: GLOBAL (\S+)",
        "The file holds more than tensors, and torch 2.6 and newer load only plain tensors unless "
        "told otherwise. For MNIST's own files there is never a reason to allow it.",
        (MEND,),
        "Weights only load failed. WeightsUnpickler error: Unsupported global: GLOBAL "
        "numpy._core.multiarray.scalar was not an allowed global by default.",
    ),
    Explanation(
        "plain-pickle",
        r"Invalid magic number; corrupt file|Unsupported operand 149",
        "The file is a pickle that torch.save did not write.",
        (MEND,),
        "Invalid magic number; corrupt file?",
    ),
    Explanation(
        "truncated-zip",
        r"failed finding central directory|not a ZIP archive",
        "The file ends too early: its download or copy was cut off.",
        (MEND,),
        "PytorchStreamReader failed reading zip archive: failed finding central directory",
    ),
    Explanation(
        "truncated-legacy",
        r"unexpected EOF, expected \d+ more bytes|pickle data was truncated|Ran out of input",
        "The file ends too early: its download or copy was cut off.",
        (MEND,),
        "unexpected EOF, expected 70000 more bytes. The file might be corrupted.",
    ),
    Explanation(
        "weights-only",
        r"Weights only load failed",
        "torch 2.6 and newer load only plain tensors, and this file holds something else.",
        (MEND,),
        "Weights only load failed. This file can still be loaded, to do so you have two options",
    ),
    # ---- opening the data set ------------------------------------------------------------------
    Explanation(
        "not-found",
        r"Dataset not found",
        "torchvision found no MNIST where it looks: its root must be the folder that holds "
        "MNIST/, with processed/*.pt for torchvision 0.9 and older, with raw/ for 0.10 and newer.",
        (MEND,),
        "Dataset not found. You can use download=True to download it",
    ),
    Explanation(
        "not-idx",
        r"^AssertionError$",
        "A raw file is not an IDX file: a web page, or a .gz under the plain name.",
        (MEND,),
        "AssertionError",
    ),
    Explanation(
        "empty-raw",
        r"invalid literal for int\(\) with base 16: b''",
        "A raw file is empty.",
        (MEND,),
        "invalid literal for int() with base 16: b''",
    ),
    Explanation(
        "short-raw",
        r"shape '\[\d+(, 28, 28)?\]' is invalid for input of size",
        "A raw file ends too early.",
        (MEND,),
        "shape '[10000, 28, 28]' is invalid for input of size 99984",
    ),
    Explanation(
        "swapped-raw",
        r"x should have \d dimension instead of \d",
        "A raw file holds what another one should: images and labels are swapped.",
        (MEND,),
        "x should have 3 dimension instead of 1",
    ),
    # ---- importing torch and torchvision -------------------------------------------------------
    Explanation(
        "nms",
        r"operator torchvision::nms does not exist|No such operator torchvision::nms",
        "torch and torchvision are from different builds or do not fit each other.",
        (REINSTALL,),
        "operator torchvision::nms does not exist",
    ),
    Explanation(
        "custom-ops",
        r"Couldn't load custom C\+\+ ops",
        "torch and torchvision do not fit each other: the compiled part of torchvision was not "
        "loaded.",
        (REINSTALL,),
        "Couldn't load custom C++ ops. This can happen if your PyTorch and torchvision versions "
        "are incompatible",
    ),
    Explanation(
        "cuda-majors",
        r"compiled with different CUDA major versions",
        "torch and torchvision were built for different CUDA versions: install both from one "
        "index.",
        (REINSTALL,),
        "Detected that PyTorch and torchvision were compiled with different CUDA major versions. "
        "PyTorch has CUDA Version=12.8 and torchvision has CUDA Version=11.8.",
    ),
    Explanation(
        "torch-six",
        r"No module named '?torch\._six",
        "torchvision 0.14 and older need torch._six, which torch 2.0 no longer has.",
        (PAIR,),
        "No module named 'torch._six'",
    ),
    Explanation(
        "pillow-version",
        r"cannot import name '?PILLOW_VERSION",
        "torchvision 0.4 and older need a name that Pillow 7 no longer has.",
        ('{python} -m pip install "pillow<7"', PAIR),
        "cannot import name 'PILLOW_VERSION' from 'PIL'",
    ),
    Explanation(
        "no-compiled-torchvision",
        r"cannot import name '?_C'? from|No module named '?torchvision\._C",
        "Python took a torchvision source folder for the installed package, or its build failed.",
        (REINSTALL,),
        "cannot import name '_C' from 'torchvision'",
    ),
    Explanation(
        "numpy-2",
        r"_ARRAY_API not found|compiled using NumPy 1\.x cannot be run in NumPy 2",
        "torch before 2.3 was built for NumPy 1 and cannot use NumPy 2.",
        ('{python} -m pip install "numpy<2"', PAIR),
        "A module that was compiled using NumPy 1.x cannot be run in NumPy 2.0.1 as it may crash.",
    ),
    Explanation(
        "numpy-unavailable",
        r"Numpy is not available",
        "torch cannot use the NumPy that is installed, or there is none.",
        ("{python} -m pip install --upgrade numpy",),
        "Numpy is not available",
    ),
    Explanation(
        "openmp-15",
        r"OMP: Error #15",
        "Two OpenMP libraries are in one process, most often conda's and pip's: use a fresh "
        "environment with everything from one of them. KMP_DUPLICATE_LIB_OK=TRUE hides it and may "
        "give wrong results.",
        (),
        "OMP: Error #15: Initializing libiomp5.dylib, but found libomp.dylib already initialized.",
    ),
    Explanation(
        "fbgemm-dll",
        r"WinError 126.*|fbgemm\.dll",
        "A library that torch needs is missing on this Windows, most often Microsoft's Visual C++ "
        "redistributable; torch 2.4.0 also lacked libomp140.",
        (PAIR,),
        'OSError: [WinError 126] The specified module could not be found. Error loading "'
        r'C:\torch\lib\fbgemm.dll" or one of its dependencies.',
    ),
    Explanation(
        "glibc",
        r"version `(GLIBC|GLIBCXX|CXXABI)_[\d.]+' not found",
        "This torch was built for a newer Linux than this one; pip chooses the newest that fits.",
        (REINSTALL,),
        "/lib64/libc.so.6: version `GLIBC_2.28' not found (required by libtorch.so)",
    ),
    Explanation(
        "illegal-instruction",
        r"SIGILL|[Ii]llegal instruction",
        "The processor lacks instructions that this torch was built with.",
        (PAIR,),
        "SIGILL",
    ),
    Explanation(
        "shadowed-torch",
        r"module 'torch' has no attribute|partially initialized module 'torch'|circular import",
        "A file of your own has the name of a module that torch imports (torch.py, random.py ...): "
        "rename it. The check `shadows` names those in this folder.",
        (),
        "partially initialized module 'torch' has no attribute 'Tensor' (most likely due to a "
        "circular import)",
    ),
    Explanation(
        "half-torch",
        r"module 'torch\.\w+' has no attribute",
        "Only half of torch is there: parts of two releases, or an installation that broke off.",
        (REINSTALL,),
        "module 'torch.utils' has no attribute 'data'",
    ),
    Explanation(
        "no-torchvision",
        r"No module named '?torchvision'?$",
        "torchvision is not installed in this interpreter.",
        ("{python} -m pip install torchvision",),
        "No module named 'torchvision'",
    ),
    Explanation(
        "no-torch",
        r"No module named '?torch'?$",
        "torch is not installed in this interpreter.",
        ("{python} -m pip install torch torchvision",),
        "No module named 'torch'",
    ),
    Explanation(
        "no-module",
        r"No module named '?([\w.]+)'?",
        "A package that torch or torchvision needs is not installed, or only half of it is.",
        (REINSTALL,),
        "No module named 'sympy'",
    ),
    # ---- devices -------------------------------------------------------------------------------
    Explanation(
        "old-driver",
        r"NVIDIA driver on your system is too old",
        "The NVIDIA driver is older than the CUDA that this torch was built with; training runs "
        "on the CPU until the driver is updated.",
        (),
        "The NVIDIA driver on your system is too old (found version 10020).",
    ),
    Explanation(
        "no-kernel",
        r"no kernel image is available|CUDA capability sm_\d+ is not compatible",
        "This torch was not built for this GPU.",
        (PAIR,),
        "no kernel image is available for execution on the device",
    ),
)


def explain(text: str) -> Explanation | None:
    """Return what an error text means, or ``None`` if it is not a known one.

    Examples
    --------
    >>> explain("operator torchvision::nms does not exist").name
    'nms'
    """
    return next((entry for entry in EXPLANATIONS if re.search(entry.pattern, text)), None)


def explain_outcome(outcome: Outcome, stderr: str = "") -> Explanation | None:
    """Explain a failed step by its message, by how it died, or by what was written to stderr."""
    texts: Iterator[str] = iter((outcome.message, outcome.kind, stderr))
    return next((found for found in map(explain, texts) if found), None)
