"""Make the pictures of the documentation with the commands themselves: ``make pictures``."""

from __future__ import annotations

import io
import os
import shlex
import subprocess
import sys
import tempfile
from pathlib import Path

from PIL import Image
from rich.console import Console
from rich.text import Text

from tests import real_data

FOLDER = real_data.REPOSITORY / "docs" / "pictures"
WIDTH = 800  # of a picture: enough for a page, and a third of the bytes

# The session of the terminal's picture; then the other pictures, each by the command that draws it.
TERMINAL = ("fetch", "train --no-pictures", "predict-random --seed 777")
PICTURES = {
    "samples": "visualize samples --run runs/softmax-1",
    "cost": "visualize curve --run runs/softmax-1",
    "weights": "visualize weights --run runs/softmax-1",
    "confusion": "visualize confusion --run runs/softmax-1",
    "digit": "visualize digit 3757 --run runs/softmax-1",
    "mistakes": "visualize mistakes --run runs/fast-cnn-1",
}


def run(line: str, folder: Path, **environment: str) -> str:
    """Run a command of the tool in a folder, and return all that a terminal would show."""
    done = subprocess.run(
        [sys.executable, "-m", "mnist_tool", *shlex.split(line)],
        cwd=folder,
        env=os.environ | {"PYTHONPATH": str(real_data.REPOSITORY)} | environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
        check=True,
    )
    return done.stdout


def shrink(picture: Path) -> bytes:
    """Return a picture as a small PNG."""
    with Image.open(picture) as image:
        size = (WIDTH, round(image.height * WIDTH / image.width))
        small = image.convert("RGB").resize(size, Image.Resampling.LANCZOS)
    content = io.BytesIO()
    small.quantize(256, Image.Quantize.FASTOCTREE).save(content, "png", optimize=True)
    return content.getvalue()


def terminal(folder: Path) -> str:
    """Return a session as a picture of a terminal, in SVG."""
    console = Console(record=True, width=80, file=io.StringIO(), force_terminal=True)
    for line in TERMINAL:
        console.print(Text.assemble(("$ ", "bold green"), f"mnist-tool {line}"))
        colours = {"FORCE_COLOR": "1", "COLORTERM": "truecolor", "TERM": "xterm-256color"}
        console.print(Text.from_ansi(run(line, folder, **colours, COLUMNS="80")))
    svg = console.export_svg(title="mnist-tool")
    # rich names a font on another server. A picture asks nobody for anything.
    before, _, rest = svg.partition("@font-face")
    return before + rest[rest.index(".terminal") :] if rest else svg


def main() -> None:
    """Fetch from the real files at hand, train, and write each picture."""
    place = real_data.find()
    if place is None:
        sys.exit("The pictures show real MNIST: set MNIST_TOOL_TEST_DATA, or run `make test` first")
    FOLDER.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        run(f"fetch --offline --from {shlex.quote(str(place))}", folder)
        (FOLDER / "terminal.svg").write_text(terminal(folder), "utf-8")
        run("train --recipe fast-cnn --no-pictures", folder)
        for picture, line in PICTURES.items():
            run(f"{line} -o {picture}.png", folder)
            (FOLDER / f"{picture}.png").write_bytes(shrink(folder / f"{picture}.png"))


if __name__ == "__main__":
    main()
