"""The work that is compared, one function per side: ``python -m tests.benchmarks.sides NAME ROOT``.

Each prints one JSON object: the seconds its work took, without starting up, and what came out.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

Said = dict[str, Any]


def lecture(root: Path) -> Said:
    """The lecture's script, as its note has it, without the window at the end."""
    import torch
    import torchvision.datasets as dsets
    from torchvision import transforms

    began = time.perf_counter()
    torch.manual_seed(777)
    train = dsets.MNIST(root, train=True, transform=transforms.ToTensor(), download=True)
    test = dsets.MNIST(root, train=False, transform=transforms.ToTensor(), download=True)
    loader = torch.utils.data.DataLoader(
        dataset=train, batch_size=100, shuffle=True, drop_last=True
    )
    linear = torch.nn.Linear(784, 10, bias=True)
    criterion = torch.nn.CrossEntropyLoss()
    optimizer = torch.optim.SGD(linear.parameters(), lr=0.1)
    costs = []
    for _ in range(15):
        average = torch.zeros(())
        for images, labels in loader:
            optimizer.zero_grad()
            cost = criterion(linear(images.view(-1, 28 * 28)), labels)
            cost.backward()
            optimizer.step()
            average += cost.detach() / len(loader)
        costs.append(float(average))
    with torch.no_grad():
        right = linear(test.data.view(-1, 28 * 28).float()).argmax(1) == test.targets
    accuracy = right.float().mean().item()
    return {"seconds": time.perf_counter() - began, "costs": costs, "accuracy": accuracy}


def our_epochs(root: Path, epochs: str = "15", images: str = "60000") -> Said:
    """Our training alone, without starting up and loading; the first `images` images."""
    from mnist_tool import load
    from mnist_tool.training.recipes import Settings
    from mnist_tool.training.trainer import Trainer

    count = int(images)
    pixels, labels = load(root=root, offline=True)
    trainer = Trainer(Settings.of("softmax", epochs=int(epochs)), pixels[:count], labels[:count])
    began = time.perf_counter()
    costs = [result.cost for result in trainer.epochs()]
    return {"seconds": time.perf_counter() - began, "costs": costs}


def autograd_epochs(root: Path) -> Said:
    """The same epochs from whole float tensors, with autograd and torch.optim."""
    import torch

    from mnist_tool import load
    from mnist_tool.training.data import draw_seed, permutation

    images, labels = load(root=root, offline=True)
    torch.manual_seed(777)
    linear = torch.nn.Linear(784, 10)
    optimizer = torch.optim.SGD(linear.parameters(), lr=0.1)
    costs = []
    began = time.perf_counter()
    pixels = images.view(-1, 784).float().div_(255)
    for _ in range(15):
        order = permutation(60000, draw_seed())
        average = torch.zeros(())
        for batch in order.split(100):
            optimizer.zero_grad()
            cost = torch.nn.functional.cross_entropy(linear(pixels[batch]), labels[batch])
            cost.backward()
            optimizer.step()
            average += cost.detach() / 600
        costs.append(float(average))
    return {"seconds": time.perf_counter() - began, "costs": costs}


def our_load(root: Path) -> Said:
    """Both splits as tensors, verified."""
    from mnist_tool import load

    began = time.perf_counter()
    splits = [load(split, root=root, offline=True) for split in ("train", "test")]
    return {"seconds": time.perf_counter() - began, "images": sum(len(x) for x, _ in splits)}


def torchvision_load(root: Path) -> Said:
    """Both splits through torchvision, which does not look at their content."""
    import torchvision

    began = time.perf_counter()
    splits = [torchvision.datasets.MNIST(root, train=train) for train in (True, False)]
    return {"seconds": time.perf_counter() - began, "images": sum(map(len, splits))}


def on_a_terminal(root: Path) -> Said:
    """``mnist-tool train`` with its live display, on a pseudo-terminal."""

    leader, follower = os.openpty()
    process = _train(root, follower)
    os.close(follower)
    with suppress(OSError):  # the other end is closed when the process ends
        while process.poll() is None:
            os.read(leader, 65536)
    return _epoch_seconds(process)


def in_a_pipe(root: Path) -> Said:
    """``mnist-tool train`` where nothing moves."""
    return _epoch_seconds(_train(root, subprocess.DEVNULL))


def _train(root: Path, stderr: int) -> subprocess.Popen[bytes]:
    words = ["train", "--root", str(root), "--offline", "--no-pictures", "--run", "run"]
    return subprocess.Popen(
        [sys.executable, "-m", "mnist_tool", *words],
        stdout=subprocess.DEVNULL,
        stderr=stderr,
        env=os.environ | {"TERM": "xterm", "COLUMNS": "100"},
    )


def _epoch_seconds(process: subprocess.Popen[bytes]) -> Said:
    if process.wait():
        raise SystemExit(process.returncode)
    lines = Path("run/metrics.jsonl").read_text().splitlines()
    return {"seconds": sum(json.loads(line)["seconds"] for line in lines)}


SIDES: dict[str, Callable[..., Said]] = {
    side.__name__: side
    for side in (
        lecture, our_epochs, autograd_epochs, our_load, torchvision_load, on_a_terminal, in_a_pipe
    )
}  # fmt: skip

if __name__ == "__main__":
    name, root, *more = sys.argv[1:]
    print(json.dumps(SIDES[name](Path(root), *more)))
