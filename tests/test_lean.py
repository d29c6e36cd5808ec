"""Commands load torch without what they do not need, and nothing that they do is different."""

from __future__ import annotations

import ast
import os
import subprocess
import sys
from pathlib import Path

import pytest
import torch

from mnist_tool import lean
from tests.real_data import REPOSITORY

LEAN = "from mnist_tool import lean; lean.install()\n"
KNOWN = pytest.mark.skipif(
    not torch.__version__.startswith(lean.RELEASES), reason="this torch loads in full"
)


def run(code: str, folder: Path) -> str:
    """Run a script in a process of its own, in a folder, and return what it prints."""
    environment = os.environ | {"OMP_NUM_THREADS": "1"}
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=folder,
        env=environment,
        check=False,
        text=True,
        capture_output=True,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


RECIPES = """
import torch
from mnist_tool.training.evaluate import evaluate
from mnist_tool.training.recipes import RECIPES
from mnist_tool.training.settings import Settings
from mnist_tool.training.trainer import Trainer
torch.manual_seed(3)
images, labels = torch.randint(256, (300, 28, 28), dtype=torch.uint8), torch.randint(10, (300,))
for name in RECIPES:
    trainer = Trainer(Settings.of(name, epochs=1, batch_size=50, validation=50), images, labels)
    (result,) = trainer.epochs()
    tested = evaluate(trainer.model, images[:100], labels[:100])
    print(name, result.cost, tested.accuracy, tested.confusion)
"""
COMMANDS = """
from mnist_tool.cli import main
data = ["--dataset", "synthetic", "--root", {root!r}, "--offline"]
for words in (
    ["train", *data, "--epochs", "2"],
    ["train", *data, "--recipe", "mlp", "--epochs", "1", "--no-pictures"],
    ["test", "--root", {root!r}, "--offline", "--run", "runs/softmax-1"],
    ["predict-random", "--root", {root!r}, "--offline", "--run", "runs/mlp-1", "--seed", "4",
     "--output", "one.png"],
    ["visualize", "samples", *data, "-o", "samples.png"],
    ["visualize", "weights", "--run", "runs/softmax-1", "-o", "weights.png"],
    ["visualize", "digit", "7", *data, "-o", "digit.png"],
    ["predict", "digit.png", "--run", "runs/mlp-1"],
):
    try:
        main(words)
    except SystemExit as end:
        print("exit", end.code)
"""


@KNOWN
def test_every_recipe_has_the_same_digits(tmp_path: Path) -> None:
    """Convolutions, dropout, normalisation, moved images: costs and what is recognised."""
    told = run(LEAN + RECIPES, tmp_path)
    assert len(told.splitlines()) > 10
    assert told == run(RECIPES, tmp_path)


@KNOWN
def test_every_command_prints_the_same(tmp_path: Path, synthetic_root: Path) -> None:
    """And writes the same pictures."""
    code = COMMANDS.format(root=str(synthetic_root))
    results = []
    for start in (LEAN, ""):
        folder = tmp_path / (start and "lean")
        folder.mkdir(exist_ok=True)
        told = run(start + code, folder)
        results.append((told, {each.name: each.read_bytes() for each in folder.glob("*.png")}))
    assert results[0] == results[1]
    assert len(results[0][1]) == 4
    codes = [line for line in told.splitlines() if line.startswith("exit")]
    assert codes == ["exit 0"] * 8


@KNOWN
def test_what_was_put_off_is_there_when_it_is_asked_for(tmp_path: Path) -> None:
    """To look at the module is not to ask; whoever takes something out of it gets it."""
    look = f"""
import inspect, sys, torch
late = sys.modules[{lean.LATE!r}]
print(len(vars(late)) < 20, hasattr(late, "__file__"), hasattr(late, "__wrapped__"))
inspect.getmodule(sys._getframe())  # looks at every module
print(len(vars(late)) < 20)
print(late.pooling_output_shape(28, 2, 0, 2, 1, False), len(vars(late)) > 300)
print(torch.randperm(3, generator=torch.Generator().manual_seed(1)).sum().item())
print(torch.nn.Conv2d(1, 2, 3, device="meta")(torch.ones(1, 1, 5, 5, device="meta")).shape)
import torch._meta_registrations as again
print(again is late, hasattr(late, "no_such_name"))
"""
    assert run(LEAN + look, tmp_path).splitlines() == [
        "True True False",
        "True",
        "14 True",
        "3",
        "torch.Size([1, 2, 3, 3])",
        "True False",
    ]


@pytest.mark.parametrize(
    "use",
    [
        "import torchvision",
        "torch.optim.Adam([torch.ones(1, requires_grad=True)])",
        "import torch._dynamo; print(torch.export.export(torch.nn.ReLU(), (torch.ones(2),)))",
        "import torch._decomp, torch._refs, torch._prims, torch._dynamo",
    ],
)
def test_what_needs_the_compiler_finds_all_of_torch(use: str, tmp_path: Path) -> None:
    """Nobody has to know that a part of torch was put off."""
    run(f"{LEAN}import torch\n{use}\ntorch.Generator()", tmp_path)


def test_threads_that_want_it_at_once_all_get_it(tmp_path: Path) -> None:
    """One loads it, the others wait."""
    code = f"""
import sys, torch
from concurrent.futures import ThreadPoolExecutor
late = sys.modules[{lean.LATE!r}]
with ThreadPoolExecutor(4) as threads:
    print(len(set(threads.map(lambda _: late.pooling_output_shape, range(4)))))
"""
    assert run(LEAN + code, tmp_path) == "1\n"


@KNOWN
@pytest.mark.parametrize("known", [True, False])
def test_only_tried_releases_of_torch_are_loaded_without_anything(
    known: bool, tmp_path: Path
) -> None:
    """What holds for one need not hold for the next."""
    package = tmp_path / "cuda" / "bindings"
    package.mkdir(parents=True)
    (package / "__init__.py").write_text("print('loaded')")
    look = f"""
import sys
sys.path.insert(0, {str(tmp_path)!r})
lean.RELEASES = lean.RELEASES if {known} else ("1.0.",)
import torch
print(len(vars(sys.modules[{lean.LATE!r}])) < 20)
"""
    told = run(LEAN + look, tmp_path).splitlines()
    assert told == (["True"] if known else ["loaded", "False"])


# `torch.Generator` fails before the part that is put off is there, and so does "meta".
FORBIDDEN = {"Generator", "DataLoader", "meta"}


@pytest.mark.parametrize(
    "path", sorted((REPOSITORY / "mnist_tool").rglob("*.py")), ids=lambda path: path.stem
)
def test_no_command_asks_for_what_is_not_there(path: Path) -> None:
    """Neither by name nor as a text."""
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if getattr(node, "attr", "") in FORBIDDEN:
            assert ast.unparse(node) == "np.random.Generator"  # NumPy's, not torch's
        assert not (isinstance(node, ast.Constant) and node.value in FORBIDDEN)
