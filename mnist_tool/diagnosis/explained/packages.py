"""What Python says when torch, torchvision, NumPy and Pillow do not fit, or are not whole."""

from __future__ import annotations

from mnist_tool.diagnosis.explained.entry import ISSUES, PAIR, REINSTALL, VISION, Explanation

__all__ = ["PACKAGES", "PACKAGES_IN_GENERAL"]

OPS = "https://github.com/pytorch/vision/blob/main/torchvision/extension.py"

PACKAGES = (
    Explanation(
        "nms",
        r"operator torchvision::nms does not exist|No such operator torchvision::nms",
        "torch and torchvision are from different builds or do not fit each other.",
        (REINSTALL,),
        "operator torchvision::nms does not exist",
        "https://github.com/pytorch/vision/blob/main/torchvision/_meta_registrations.py",
    ),
    Explanation(
        "torchvision-extension",
        r"module 'torchvision' has no attribute 'extension'",
        "torch and torchvision do not fit each other, so that torchvision broke off while it was "
        "imported. It is no matter of a circular import, nor of a file of yours.",
        (PAIR, REINSTALL),
        "partially initialized module 'torchvision' has no attribute 'extension' (most likely due "
        "to a circular import)",
        "https://github.com/pytorch/torchchat/issues/1158",
    ),
    Explanation(
        "custom-ops",
        r"Couldn't load custom C\+\+ ops",
        "torch and torchvision do not fit each other: the compiled part of torchvision was not "
        "loaded.",
        (REINSTALL,),
        "Couldn't load custom C++ ops. This can happen if your PyTorch and torchvision versions "
        "are incompatible",
        OPS,
    ),
    Explanation(
        "cuda-majors",
        r"compiled with different CUDA (major )?versions",
        "torch and torchvision were built for different CUDA versions: install both from one "
        "index.",
        (REINSTALL,),
        "Detected that PyTorch and torchvision were compiled with different CUDA major versions. "
        "PyTorch has CUDA Version=12.8 and torchvision has CUDA Version=11.8.",
        OPS,
    ),
    Explanation(
        "torchvision-symbol",
        r"torchvision[/\\]_C\S*: undefined symbol: _Z",
        "torchvision was compiled for another torch than the one that is installed.",
        (PAIR, REINSTALL),
        "/env/lib/python3.6/site-packages/torchvision/_C.cpython-36m-x86_64-linux-gnu.so: "
        "undefined symbol: _ZN2at7getTypeERKNS_6TensorE",
        "https://github.com/googlecolab/colabtools/issues/705",
    ),
    Explanation(
        "nms-cuda",
        r"Could not run 'torchvision::\w+' with arguments from the 'CUDA' backend",
        "torch is built for CUDA, and torchvision beside it for the CPU alone.",
        (REINSTALL,),
        "Could not run 'torchvision::nms' with arguments from the 'CUDA' backend.",
        VISION + "3058",
    ),
    Explanation(
        "torchvision-image",
        r"Failed to load image Python extension",
        "The part of torchvision that reads pictures does not load: it was made for another torch, "
        "or a library for JPEG or PNG is missing. MNIST does not need it.",
        (PAIR,),
        "UserWarning: Failed to load image Python extension: /env/torchvision/image.so: undefined "
        "symbol: _ZN3c105ErrorC2ENS_14SourceLocationESs",
        "https://github.com/NixOS/nixpkgs/issues/162286",
    ),
    Explanation(
        "functional-tensor",
        r"No module named '?torchvision\.transforms\.functional_tensor",
        "A package uses a module that torchvision 0.17 no longer has.",
        ("{install} torch<2.2 torchvision<0.17",),
        "No module named 'torchvision.transforms.functional_tensor'",
        "https://github.com/pytorch/vision/pull/7269",
        "Or update that package: it is the one whose file stands last in the traceback.",
    ),
    Explanation(
        "no-compiled-torch",
        r"No module named '?torch\._C",
        "The compiled part of torch is missing, or Python took a folder called torch, such as "
        "that of its source code, for the installed package.",
        (REINSTALL,),
        "No module named 'torch._C'",
        ISSUES + "574",
        "Work in another folder than that of the sources.",
    ),
    Explanation(
        "other-libtorch",
        r"libtorch\w*\.so[\w.]*: cannot open shared object file",
        "A package beside torch was compiled for another torch, whose libraries are not here, or "
        "it was imported before torch.",
        (),
        "ImportError: libtorch_cpu.so: cannot open shared object file: No such file or directory",
        "https://github.com/kakaobrain/torchlars/issues/15",
        "Import torch first; if that does not help, install that package again for this torch.",
    ),
    Explanation(
        "torch-six",
        r"No module named '?torch\._six|'torch' has no attribute '_six'",
        "torchvision 0.14 and older need torch._six, which torch 2.0 no longer has.",
        (PAIR,),
        "No module named 'torch._six'",
        ISSUES + "102410",
    ),
    Explanation(
        "pillow-version",
        r"cannot import name '?PILLOW_VERSION",
        "torchvision 0.4 and older need a name that Pillow 7 no longer has.",
        ("{install} pillow<7", PAIR),
        "cannot import name 'PILLOW_VERSION' from 'PIL'",
        VISION + "1726",
    ),
    Explanation(
        "pillow-core",
        r"_imaging extension was built for another version of (Pillow|PIL)|cannot import name "
        r"'?_imaging'?",
        "Pillow is mixed of two releases: its Python files and its compiled part do not belong "
        "together, as after an update that broke off, or pillow beside pillow-simd.",
        ("{reinstall} pillow",),
        "The _imaging extension was built for another version of Pillow or PIL:\nCore version: "
        "9.0.1\nPillow version: 9.1.0",
        "https://github.com/python-pillow/Pillow/blob/main/src/PIL/Image.py",
    ),
    Explanation(
        "source-folder",
        r"Failed to load PyTorch C extensions|loaded the `torch/_C` folder",
        "Python took a folder of PyTorch's source code, or what is left of a broken installation, "
        "for the installed package: work in another folder than that of the sources; if there are "
        "none, install torch anew.",
        (REINSTALL,),
        "Failed to load PyTorch C extensions:\n    It appears that PyTorch has loaded the "
        "`torch/_C` folder\n    of the PyTorch repository rather than the C extensions which\n"
        "    are expected in the `torch._C` namespace.",
        ISSUES + "62470",
    ),
    Explanation(
        "no-compiled-torchvision",
        r"cannot import name '?_C'? from|No module named '?torchvision\._C",
        "Python took a torchvision source folder for the installed package, or its build failed.",
        (REINSTALL,),
        "cannot import name '_C' from 'torchvision'",
        OPS,
    ),
    Explanation(
        "pillow-names",
        r"module 'PIL\.Image' has no attribute '(ANTIALIAS|LINEAR|CUBIC)'",
        "A package, or an old torchvision, uses a name that Pillow 10 no longer has.",
        ("{install} pillow<10", PAIR),
        "module 'PIL.Image' has no attribute 'ANTIALIAS'",
        "https://pillow.readthedocs.io/en/stable/deprecations.html",
    ),
    Explanation(
        "typing-extensions",
        r"cannot import name '\w+' from '?typing_extensions",
        "typing_extensions is older than this torch needs, which is 4.10 or newer.",
        ("{upgrade} typing-extensions",),
        "cannot import name 'TypeIs' from 'typing_extensions'",
        ISSUES + "133883",
    ),
    Explanation(
        "numpy-size-2",
        r"numpy\.\w+ size changed, may indicate binary incompatibility\. Expected 96\b[^,]*, got "
        r"88",
        "A package was compiled for NumPy 1, and there is NumPy 2.",
        ("{install} numpy<2",),
        "numpy.dtype size changed, may indicate binary incompatibility. Expected 96 from C header, "
        "got 88 from PyObject",
        "https://github.com/MathOnco/valis/issues/165",
        "Or update the package whose file stands last in the traceback.",
    ),
    Explanation(
        "numpy-size",
        r"numpy\.\w+ size changed, may indicate binary incompatibility",
        "A package was compiled for a newer NumPy than there is.",
        ("{upgrade} numpy",),
        "numpy.ndarray size changed, may indicate binary incompatibility. Expected 88 from C "
        "header, got 80 from PyObject",
        "https://github.com/watakandai/hiro_pytorch/issues/7",
    ),
    Explanation(
        "null-bytes",
        r"source code (string )?cannot contain null bytes",
        "A file of a package is damaged, most often by a computer that went off while it was "
        "being written.",
        (REINSTALL,),
        "ValueError: source code string cannot contain null bytes",
        "https://github.com/python/cpython/blob/main/Python/pythonrun.c",
    ),
    Explanation(
        "opencv-libgl",
        r"lib(GL|gthread-2\.0|SM|Xext)\.so[\w.]*: cannot open shared object file",
        "OpenCV was installed with its windows, whose libraries a server or container lacks.",
        ("{install} opencv-python-headless",),
        "ImportError: libGL.so.1: cannot open shared object file: No such file or directory",
        "https://github.com/opencv/opencv-python",
        "Uninstall opencv-python first, for both have the same files.",
    ),
    Explanation(
        "numpy-2",
        r"_ARRAY_API not found|compiled using NumPy 1\.x cannot be run in\s+NumPy 2",
        "torch before 2.3 was built for NumPy 1 and cannot use NumPy 2.",
        ("{install} numpy<2", PAIR),
        "A module that was compiled using NumPy 1.x cannot be run in NumPy 2.0.1 as it may crash.",
        ISSUES + "107302",
    ),
    Explanation(
        "numpy-unavailable",
        r"[Nn]umpy is not available|expected np\.ndarray \(got numpy\.ndarray\)",
        "torch cannot use the NumPy that is installed, or there is none. torch before 2.3 needs "
        "NumPy 1; a newer torch takes NumPy 2.",
        ("{upgrade} numpy torch torchvision", "{install} numpy<2"),
        "Numpy is not available",
        ISSUES + "132179",
    ),
    Explanation(
        "numpy-old",
        r"compiled against A[BP]I version 0x|numpy\.(_?core)\.multiarray failed to import",
        "torch was built for a newer NumPy than there is.",
        ("{upgrade} numpy",),
        "module compiled against API version 0xa but this version of numpy is 0x9\nImportError: "
        "numpy.core.multiarray failed to import",
        ISSUES + "413",
    ),
)
# What releases of torch and torchvision declare, and import, and the parts of their own.
DEPENDENCIES = (
    "torch|torchvision|torchgen|functorch|caffe2|triton|nvidia|filelock|typing_extensions|sympy|mpmath"
    "|networkx|jinja2|markupsafe|fsspec|numpy|PIL|requests|six|future|dataclasses"
)
PACKAGES_IN_GENERAL = (
    Explanation(
        "torch-attribute",
        r"module 'torch' has no attribute|partially initialized module 'torch(vision)?'",
        "torch is older or newer than what uses it expects, or only half of it is there. If a "
        "file of your own is called torch.py, or a folder torch, it is taken for torch: the check "
        "`shadows` looks for one.",
        (PAIR, REINSTALL),
        "module 'torch' has no attribute 'library'",
        "https://github.com/pytorch/vision/blob/main/torchvision/_meta_registrations.py",
    ),
    Explanation(
        "half-torch",
        r"module 'torch(vision)?\.\w+' has no attribute",
        "Only half of torch is there: parts of two releases, or an installation that broke off.",
        (REINSTALL,),
        "module 'torch.utils' has no attribute 'data'",
        ISSUES + "574",
    ),
    Explanation(
        "no-torchvision",
        r"No module named '?torchvision'?$",
        "torchvision is not installed in this interpreter.",
        ("{install} torchvision",),
        "No module named 'torchvision'",
        "https://pytorch.org/get-started/locally/",
    ),
    Explanation(
        "no-torch",
        r"No module named '?torch'?$",
        "torch is not installed in this interpreter.",
        ("{install} torch torchvision",),
        "No module named 'torch'",
        "https://pytorch.org/get-started/locally/",
    ),
    Explanation(
        "no-dependency",
        rf"No module named '?({DEPENDENCIES})\b",
        "A package that torch or torchvision needs is not installed, or only half of it is.",
        (REINSTALL,),
        "No module named 'sympy'",
        "https://pytorch.org/get-started/locally/",
    ),
    Explanation(
        "no-module",
        r"No module named '?([\w.]+)'?",
        "There is no module of this name in this interpreter: its package was never installed, was "
        "installed into another one, or the name is misspelt.",
        (),
        "No module named 'sklearn'",
        "https://docs.python.org/3/library/exceptions.html#ModuleNotFoundError",
        "Install the package that has the module, whose name may be another, with this "
        "interpreter's own installer. Where torch itself asks for it, install torch afresh.",
    ),
)
