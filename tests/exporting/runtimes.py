"""Those who read an exported model: each runs it by itself, without this package."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from tests.real_data import REPOSITORY

Floats = NDArray[np.float32]
PAGE = REPOSITORY / "mnist_tool" / "page" / "source"


def in_onnx_runtime(content: bytes, images: NDArray[np.uint8]) -> Floats:
    """Return the logits of images of bytes."""
    onnxruntime = pytest.importorskip("onnxruntime")
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    session = onnxruntime.InferenceSession(content, options, ["CPUExecutionProvider"])
    pixels = images[:, None].astype(np.float32) / 255
    found: Floats = session.run(["logits"], {"pixels": pixels})[0]
    return found


# A document with nothing but the file's content, then the page's own scripts.
PROGRAM = """
const fs = require("fs");
const text = fs.readFileSync(process.argv[1], "utf-8");
const content = JSON.stringify({ ...JSON.parse(text), examples: { images: "", digits: [] } });
globalThis.document = { getElementById: () => ({ textContent: content }) };
const sources = process.argv.slice(3).map((path) => fs.readFileSync(path, "utf-8")).join("\\n");
const images = fs.readFileSync(process.argv[2]);
const rows = new Function(sources + `
  return (images) => {
    const rows = [];
    for (let i = 0; i < images.length; i += 784) {
      rows.push(Network.logits(Content.network, images.subarray(i, i + 784)));
    }
    return rows;
  };`)()(images);
console.log(JSON.stringify(rows));
"""


def in_the_page(model: Path, images: NDArray[np.uint8]) -> Floats:
    """Return the logits that the scripts of the page compute, under Node."""
    node = shutil.which("node")
    if node is None:
        pytest.skip("NODE IS NOT HERE: what reads the JSON is not tried")
    place = model.with_name("images.bin")
    place.write_bytes(images.tobytes())
    scripts = [str(PAGE / name) for name in ("network.js", "content.js")]
    done = subprocess.run(
        [node, "-e", PROGRAM, str(model), str(place), *scripts],
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    return np.array(json.loads(done.stdout), np.float32)
