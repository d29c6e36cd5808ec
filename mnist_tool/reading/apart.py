"""Decode a picture in a process of its own, for decoders that write to stderr by themselves.

libtiff does, with no way to tell it not to, and to redirect the descriptor for a while would take
from other threads what they write meanwhile. It also keeps a decoder that crashes, hangs, or opens
pictures within pictures (ICO) away from the process that asks.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from mnist_tool.advice import reason
from mnist_tool.errors import ImageError
from mnist_tool.reading.decoding import MOST_PIXELS, damaged, decode, one_line
from mnist_tool.reading.formats import supported

__all__ = ["answer", "decode_apart"]

PATIENCE = 30  # seconds; a tenth of one is usual
CODE = """
import json, sys
paths, name, kind = json.loads(sys.argv[1])
sys.path[:] = paths
from mnist_tool.reading.apart import answer
answer(name, kind)
"""


def decode_apart(content: bytes, name: str, kind: str) -> NDArray[np.uint8]:
    """Do what `decoding.decode` does, elsewhere.

    Parameters
    ----------
    content : bytes
        The file.
    name : str
        How errors call it.
    kind : str
        Its format.
    """
    paths = [str(Path(path).absolute()) for path in sys.path]
    command = [sys.executable, "-I", "-c", CODE, json.dumps([paths, name, kind])]
    try:
        done = subprocess.run(
            command, input=content, capture_output=True, timeout=PATIENCE, check=False
        )
    except subprocess.TimeoutExpired:
        raise damaged(name, f"its decoder was not done after {PATIENCE} seconds") from None
    except OSError as error:
        raise ImageError(
            f"{name} cannot be read: {kind} is decoded in a process of its own, which does not "
            f"start: {reason(error)}.",
            hint="Save it as PNG, which needs none.",
        ) from error
    head, _, pixels = done.stdout.partition(b"\n")
    if done.returncode or not head:
        raise damaged(name, "its decoder crashed")
    found = json.loads(head)
    if "shape" in found:
        return np.frombuffer(pixels, np.uint8).reshape(found["shape"]).copy()
    message = found["message"].removesuffix(".")
    words = done.stderr.decode(errors="replace").strip().splitlines()
    said = f" ({one_line(words[0].removeprefix('tempfile.tif: ')).rstrip('.')})" if words else ""
    raise ImageError(f"{message}{said}.", hint=found["hint"])


def answer(name: str, kind: str) -> None:
    """Decode the file on stdin and write the result to stdout: what the process of its own does.

    Parameters
    ----------
    name : str
        How errors call it.
    kind : str
        Its format.
    """
    Image.MAX_IMAGE_PIXELS = MOST_PIXELS // 2  # Pillow refuses at twice that, within an ICO too
    supported(kind)
    found: dict[str, Any]
    pixels = b""
    try:
        grey = decode(sys.stdin.buffer.read(), name, kind)
        found, pixels = {"shape": grey.shape}, grey.tobytes()
    except ImageError as error:
        found = {"message": error.message, "hint": error.hint}
    sys.stdout.buffer.write(json.dumps(found).encode() + b"\n" + pixels)
