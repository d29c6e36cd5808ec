"""Try torch and torchvision in whatever interpreter runs this file, and tell it as JSON lines.

Stand-alone: no package, only the standard library, and readable by Python 2.7 and every later
one, because it is run by the interpreter under examination:

    python probe.py '{"steps": [["about"], ["torch"], ["load", "processed/training.pt"]]}'

Each step writes a line when it begins and a line when it ends. So whoever reads them knows which
step killed the process, and can start another one for the steps that are left.
"""

from __future__ import print_function

import os
import sys

# Neither this file's own folder nor the folder the user stands in may shadow the standard modules
# imported here. The user's folder comes back in `main`: that is where a script would see it.
if sys.path and os.path.abspath(sys.path[0] or ".") in (
    os.path.dirname(os.path.abspath(__file__)), os.getcwd()
):
    del sys.path[0]

import ctypes
import gc
import glob
import hashlib
import io
import json
import platform
import re
import struct
import time
import traceback
import warnings

PACKAGES = (
    "torch", "torchvision", "numpy", "pillow", "pillow-simd", "matplotlib", "requests", "typer",
    "rich", "tqdm", "filelock", "packaging", "pypi-simple", "mnist-tool", "mkl", "intel-openmp",
)
TEXT_LIMIT = 6000
ANSI = re.compile(r"\x1b\[[0-9;]*m")
OPENMP = re.compile(r"/(lib(?:gomp|iomp5|omp|vcomp)[^/ ]*)$")


def about():
    """Return what can be known of this interpreter without importing any package."""
    return {
        "version": platform.python_version(),
        "implementation": platform.python_implementation(),
        "executable": sys.executable,
        "prefix": sys.prefix,
        "base_prefix": getattr(sys, "base_prefix", getattr(sys, "real_prefix", sys.prefix)),
        "bits": struct.calcsize("P") * 8,
        "system": platform.system(),
        "machine": platform.machine(),
        "musl": platform.libc_ver()[0] != "glibc" and bool(glob.glob("/lib/ld-musl-*")),
        "library": os.path.dirname(os.path.abspath(os.__file__)),
        "path": [os.path.abspath(folder or ".") for folder in sys.path],
        "packages": installed_packages(),
    }


def installed_packages():
    """Return the metadata of each installed copy of the packages of interest, by package."""
    found = {}
    seen = set()
    for folder in sys.path:
        place = os.path.realpath(folder or ".")
        if place in seen or not os.path.isdir(place):
            continue
        seen.add(place)
        for entry in sorted(os.listdir(place)):
            match = re.match(r"([A-Za-z0-9_.-]+?)-([^-]+)(?:-py[0-9.]+)?\.(?:dist|egg)-info$", entry)
            name = match and re.sub(r"[-_.]+", "-", match.group(1)).lower()
            if name in PACKAGES:
                copy = {"version": match.group(2), "folder": place,
                        "requires": requirements(os.path.join(place, entry))}
                found.setdefault(name, []).append(copy)
    return found


def requirements(info):
    """Return the Requires-Dist lines of a dist-info folder."""
    path = os.path.join(info, "METADATA")
    if not os.path.isfile(path):
        return []
    with io.open(path, encoding="utf-8", errors="replace") as lines:
        return [line.split(":", 1)[1].strip() for line in lines if line.startswith("Requires-Dist:")]


def try_torch():
    """Import torch, let it compute something whose result is known, and look at its devices."""
    import torch

    left = torch.ones(2, 3)
    right = torch.ones(3, 2) * 2
    return {
        "version": str(torch.__version__),
        "file": getattr(torch, "__file__", None),
        "product": torch.mm(left, right).sum().item(),
        "threads": torch.get_num_threads(),
        "numpy": attempt(numpy_bridge),
        "cuda": attempt(cuda_facts),
        "mps": attempt(mps_facts),
        "openmp": openmp_runtimes(),
    }


def numpy_bridge():
    """Pass an array to torch and back."""
    import numpy
    import torch

    back = torch.from_numpy(numpy.arange(4, dtype="float32")).add(1).numpy()
    return {"version": numpy.__version__, "sum": float(back.sum())}


def cuda_facts():
    """Return what torch says about its CUDA build and the GPUs, and compute on the first one."""
    import torch

    build = getattr(torch.version, "cuda", None)
    facts = {"build": build, "hip": getattr(torch.version, "hip", None), "available": False}
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        facts["available"] = bool(torch.cuda.is_available())
    facts["warnings"] = [clean(str(warning.message)) for warning in caught]
    if facts["available"]:
        facts["name"] = torch.cuda.get_device_name(0)
        facts["capability"] = list(torch.cuda.get_device_capability(0))
        facts["built_for"] = list(getattr(torch.cuda, "get_arch_list", list)())
        facts["sum"] = torch.ones(4).cuda().sum().item()
    return facts


def mps_facts():
    """Return whether torch can use an Apple GPU."""
    import torch

    backend = getattr(getattr(torch, "backends", None), "mps", None)
    if backend is None:
        return {"built": False, "available": False}
    return {"built": bool(backend.is_built()), "available": bool(backend.is_available())}


def openmp_runtimes():
    """Return the OpenMP libraries that are in this process by now (Linux only)."""
    if not os.path.exists("/proc/self/maps"):
        return []
    with open("/proc/self/maps") as lines:
        matches = [OPENMP.search(line.strip()) for line in lines]
    return sorted(set(match.group(1) for match in matches if match))


def try_torchvision():
    """Import torchvision and see whether its compiled part is there."""
    import torchvision

    extension = getattr(torchvision, "extension", None)
    has_ops = getattr(extension, "_has_ops", None)
    return {
        "version": str(getattr(torchvision, "__version__", "")),
        "file": getattr(torchvision, "__file__", None),
        "compiled": bool(has_ops()) if callable(has_ops) else None,
    }


def try_training():
    """Train a classifier of drawn patterns for a hundred steps, and let it tell them apart."""
    import torch

    torch.manual_seed(1)
    patterns, labels = torch.rand(10, 784), torch.arange(0, 10).long()
    model = torch.nn.Linear(784, 10)
    costs = []
    for _ in range(100):
        images = patterns + torch.rand(10, 784) * 0.1
        cost = torch.nn.functional.cross_entropy(model(images), labels)
        model.zero_grad()
        cost.backward()
        for parameter in model.parameters():
            parameter.data -= 0.1 * parameter.grad.data
        costs.append(cost.item())
    right = (model(patterns).max(1)[1] == labels).sum().item()
    return {"steps": len(costs), "first": costs[0], "last": costs[-1], "right": int(right)}


def load(path):
    """Load a file, which was found to hold plain tensors, and describe them."""
    import torch

    content = torch.load(path, **plain_only(torch.load))
    if not isinstance(content, (tuple, list)):
        return {"type": type(content).__name__, "tensors": []}
    return {"type": type(content).__name__, "tensors": [describe(part) for part in content]}


def plain_only(function):
    """Return the argument by which this torch.load makes nothing but plain tensors, if it can."""
    code = getattr(function, "__code__", None)
    return {"weights_only": True} if "weights_only" in getattr(code, "co_varnames", ()) else {}


def open_dataset(root, name, train):
    """Open a data set with this torchvision's own class, without any download."""
    from torchvision import datasets

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        data = getattr(datasets, name)(root, train=train, download=False)
        half = "train" if train else "test"
        images = getattr(data, "data", None) if hasattr(data, "data") else getattr(data, half + "_data")
        labels = getattr(data, "targets", None)
        if labels is None:
            labels = getattr(data, half + "_labels")
        first = int(data[0][1])
    return {"length": len(data), "first_label": first, "tensors": [describe(images), describe(labels)]}


def load_checkpoint(path):
    """Load a file of ours, which holds nothing but plain values and tensors, and describe it."""
    import torch

    content = torch.load(path, map_location="cpu", weights_only=True)
    weights = [content["state_dict"]] + list(content.get("members", []))
    finite = all(bool((part == part).all()) for each in weights for part in each.values())
    name, hashes = content["data"]["name"], content["data"]["sha256"]
    data = {"name": str(name)[:100], "sha256": dict((str(k), str(v)) for k, v in hashes.items())}
    return {"recipe": str(content["recipe"])[:100], "data": data, "finite": finite}


def describe(tensor):
    """Return a tensor's shape and type, and the SHA-256 of the IDX file that would hold it."""
    shape = list(getattr(tensor, "shape", ()))
    if not hasattr(tensor, "data_ptr"):
        return {"type": type(tensor).__name__}
    flat = tensor.byte().contiguous()
    header = bytearray([0, 0, 8, len(shape)]) + b"".join(struct.pack(">I", n) for n in shape)
    digest = hashlib.sha256(bytes(header))
    digest.update(ctypes.string_at(flat.data_ptr(), flat.numel()))
    return {"type": str(tensor.dtype), "shape": shape, "idx_sha256": digest.hexdigest()}


STEPS = {
    "about": about,
    "torch": try_torch,
    "torchvision": try_torchvision,
    "train": try_training,
    "load": load,
    "open": open_dataset,
    "checkpoint": load_checkpoint,
}


def attempt(function, *arguments):
    """Call a function and return ``{"value": ...}`` or ``{"error": ...}``."""
    try:
        return {"value": function(*arguments)}
    except Exception as error:
        return {"error": failure(error)}
    except SystemExit as error:
        return {"error": failure(error)}


def failure(error):
    """Return an exception as plain values."""
    return {
        "type": type(error).__name__,
        "message": clean(error_text(error)),
        "traceback": clean(traceback.format_exc())[-TEXT_LIMIT:],
        "own_files": own_files(),
    }


def own_files():
    """Return the user's files, beside which this runs, that were imported or are to blame."""
    if os.path.basename(os.getcwd()) in ("site-packages", "dist-packages"):
        return []  # what lies here is what was meant
    # On PYTHONPATH may lie whole packages that are meant; a file with a standard name is not.
    elsewhere = set(os.environ.get("PYTHONPATH", "").split(os.pathsep)) - set(["", os.getcwd()])
    taken = ("torch", "torchvision", "numpy") + tuple(getattr(sys, "stdlib_module_names", ()))
    frames = traceback.extract_tb(sys.exc_info()[2])
    files = [getattr(module, "__file__", None) for module in list(sys.modules.values())]
    found = set()
    for name in files + [frame[0] for frame in frames]:
        folder, last = os.path.split(os.path.abspath(name or os.sep))
        if last.startswith("__init__."):
            folder, last = os.path.split(folder)
        if folder == os.getcwd() and os.path.exists(last):
            found.add(last)
        elif folder in elsewhere and last.endswith(".py") and last[:-3] in taken:
            found.add(os.path.join(folder, last))
    return sorted(found)


def error_text(error):
    """Return an exception's text, also where Python 2 holds it as bytes."""
    try:
        return str(error)
    except UnicodeError:
        return repr(error)


def clean(text):
    """Return a text without terminal codes, and not endlessly long."""
    if isinstance(text, bytes):
        text = text.decode("utf-8", "replace")
    return ANSI.sub("", text)[:TEXT_LIMIT]


def quiet_death():
    """Let an abort of this process leave neither a core file nor a dialogue window."""
    try:
        import resource
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    except (ImportError, ValueError, OSError):
        pass
    if sys.platform == "win32":
        ctypes.windll.kernel32.SetErrorMode(0x0001 | 0x0002)


def main():
    """Run the steps that the first argument asks for."""
    request = json.loads(sys.argv[1]) if len(sys.argv) > 1 else {"steps": [["about"], ["torch"]]}
    # Libraries may print: the lines of this file get the real stdout, all else goes to stderr.
    lines = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    quiet_death()
    # The same for the torch.load calls of others: torch 1.13 and newer then make only tensors.
    os.environ.pop("TORCH_FORCE_NO_WEIGHTS_ONLY_LOAD", None)
    os.environ["TORCH_FORCE_WEIGHTS_ONLY_LOAD"] = "1"
    # Imports create millions of objects and no garbage: without the collector they are faster.
    gc.disable()
    if not getattr(sys.flags, "safe_path", False):
        sys.path.insert(0, "")
    for number, step in enumerate(request["steps"]):
        tell(lines, {"begin": number})
        start = time.time()
        result = attempt(STEPS[step[0]], *step[1:])
        result.update(end=number, seconds=round(time.time() - start, 3))
        tell(lines, result)
    lines.flush()
    # A torch whose shutdown hangs or aborts has done its steps all the same.
    os._exit(0)


def tell(lines, record):
    """Write one line at once, so that it is out before the next step can kill the process."""
    lines.write(json.dumps(record) + "\n")
    lines.flush()


if __name__ == "__main__":
    main()
