"""A line for each command that works and one that fails, for what holds for all of them."""

from __future__ import annotations

from pathlib import Path

from mnist_tool.dataset.bytes.forms.pictures import encoded

__all__ = ["FAILURES", "RUN", "WITHOUT_TORCH", "WORDS", "pictures"]


def pictures(folder: Path) -> Path:
    """Make a folder of pictures for each of two classes."""
    import numpy as np

    for name in ("a", "b"):
        (folder / name).mkdir(parents=True)
        for number in range(10):
            pixels = np.full((28, 28), 100 + number, np.uint8)
            (folder / name / f"{number}.png").write_bytes(encoded(pixels))
    return folder


# What each command is told so that it does its work on drawn digits; ROOT is their folder, RUN a
# short training on them, HERE a new folder. `serve` works until Ctrl-C and has its own test.
RUN = "--run RUN --root ROOT --offline"
WORDS = {
    "init": "init HERE",
    "fetch": "fetch --dataset synthetic --root ROOT --offline",
    "verify": "verify --dataset synthetic --root ROOT",
    "sources": "sources",
    "export": "export HERE/x.csv --split test --limit 3 --dataset synthetic --root ROOT --offline",
    "datasets": "datasets",
    "import": "import PICTURES --dataset-name mine --root HERE",
    "doctor": "doctor names --root ROOT",
    "train": (
        "train --dataset synthetic --root ROOT --offline --epochs 1 --threads 1 --runs HERE "
        "--no-pictures"
    ),
    "recipes": "recipes",
    "runs": "runs show RUN",
    "test": f"test {RUN}",
    "compare": "compare RUN RUN --root ROOT --offline",
    "visualize": f"visualize samples -o HERE/samples.png {RUN}",
    "predict": "predict data/five-chalk.png --run shipped",
    "predict-random": f"predict-random --seed 1 --output HERE/digit.png {RUN}",
    "export-model": "export-model RUN -o HERE/model.json",
    "page": f"page -o HERE/page.html {RUN}",
}
WITHOUT_TORCH = {"init", "fetch", "verify", "sources", "export", "datasets", "import", "recipes"}


# Words with which a command fails, and its exit code.
FAILURES = {
    "init": ("init data/five-chalk.png", 3),
    "fetch": ("fetch --from HERE/nothing --root HERE --offline", 2),
    "verify": ("verify --root HERE", 1),
    "sources": ("sources --dataset nope", 2),
    "export": ("export HERE/x.csv --root HERE/none --offline", 3),
    "serve": ("serve --root HERE/none --offline", 3),
    "datasets": ("datasets nope", 2),
    "import": ("import HERE/none --dataset-name mine --root HERE", 3),
    "doctor": ("doctor space --root HERE --dataset nope", 2),
    "train": ("train --root HERE/none --offline", 3),
    "recipes": ("recipes nope", 2),
    "runs": ("runs show nope --runs HERE", 3),
    "test": (f"test --min-accuracy 1 {RUN}", 1),
    "compare": ("compare RUN nope --runs HERE", 3),
    "visualize": ("visualize weights --run nope --runs HERE", 3),
    "predict": ("predict HERE/nothing.png --run shipped", 3),
    "predict-random": ("predict-random --run nope --runs HERE", 3),
    "export-model": ("export-model nope --runs HERE", 3),
    "page": ("page --run nope --runs HERE", 3),
}
