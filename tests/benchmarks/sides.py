"""The work that is compared, one function per side.

``python -m tests.benchmarks.sides NAME ROOT [KEY=VALUE ...]`` runs one and prints a JSON object:
the seconds its work took, without starting up, and what came out.
"""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

from tests.benchmarks import networks

Said = dict[str, Any]


def lecture(root: Path) -> Said:
    """All that the lecture's script does, but for the window at its end."""
    import random

    import matplotlib.pyplot as plt
    import torch
    import torchvision.datasets as dsets
    from torchvision import transforms

    began = time.perf_counter()
    random.seed(777)
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
            average = average + cost / len(loader)
        costs.append(average.item())
    with torch.no_grad():
        right = linear(test.data.view(-1, 28 * 28).float()).argmax(1) == test.targets
        place = random.randint(0, len(test) - 1)
        digit = test.data[place]
        prediction = linear(digit.view(-1, 28 * 28).float()).argmax(1).item()
    plt.imshow(digit, cmap="Greys", interpolation="nearest")
    return {
        "seconds": time.perf_counter() - began,
        "costs": costs,
        "accuracy": right.float().mean().item(),
        "prediction": [place, prediction],
    }


def our_epochs(
    root: Path,
    recipe: str = "softmax",
    epochs: str = "15",
    images: str = "60000",
    threads: str = "",
    tested: str = "",
) -> Said:
    """Our training alone, without starting up and loading; the first `images` images.

    `tested` asks the model for the test images behind the clock's back, for what memory that takes.
    """
    from mnist_tool import evaluate, load
    from mnist_tool.training.settings import Settings
    from mnist_tool.training.trainer import Trainer

    count, some = int(images), int(threads) if threads else None
    settings = Settings.of(recipe, epochs=int(epochs), threads=some)
    pixels, labels = load(root=root, offline=True)
    trainer = Trainer(settings, pixels[:count], labels[:count])
    began = time.perf_counter()
    costs = [result.cost for result in trainer.epochs()]
    seconds = time.perf_counter() - began
    if tested:
        evaluate(trainer.model, *load("test", root=root, offline=True))
    return {"seconds": seconds, "costs": costs}


def our_processes(root: Path, count: str, recipe: str) -> Said:
    """The second epoch of a training in so many processes of a thread each, as torchrun does it."""
    with tempfile.TemporaryDirectory() as runs:
        command = [sys.executable, "-m", "torch.distributed.run", "--standalone"]
        command += [f"--nproc-per-node={count}", "-m", "mnist_tool", "train", "--json"]
        command += ["--recipe", recipe, "--epochs", "2", "--threads", "1", "--no-pictures"]
        command += ["--root", str(root), "--runs", runs, "--offline"]
        done = subprocess.run(command, capture_output=True, text=True, check=True)
    last = json.loads(done.stdout)["data"]["epochs"][-1]
    return {"seconds": last["seconds"], "rate": last["images"] / last["seconds"]}


def our_iteration(root: Path) -> Said:
    """One of the 9,000 iterations of the lecture's training, as they are in it."""
    said = our_epochs(root)
    return {"seconds": said["seconds"] / (15 * 600)}


def kernels(root: Path) -> Said:
    """What an iteration calls, each call alone, again and again on the same numbers."""
    import torch

    from mnist_tool import load
    from mnist_tool.training.data import Blocks
    from mnist_tool.training.exact.rehearsal import choose

    images, labels = load(root=root, offline=True)
    blocks = Blocks(images, labels, 100)
    order = torch.randperm(len(images))[: blocks.batches * 100]
    pixels, digits = blocks.take(order)
    x, truth = pixels[:100].flatten(1), digits.view(-1, 100)
    weight, bias = torch.randn(10, 784), torch.zeros(10)
    logits, error, gradient = torch.randn(100, 10), torch.empty(100, 10), torch.empty(10, 784)
    softmax = choose(logits)
    logs, slope = softmax.empty(len(truth)).zero_(), softmax.slopes(truth)[0]
    calls: dict[str, Callable[[], object]] = {
        "logits": lambda: torch.addmm(bias, x, weight.t(), out=logits),
        "log_softmax": lambda: softmax.forward(logits, logs[0]),
        "its backward": lambda: softmax.backward(logs[0], slope, error),
        "gradient": lambda: torch.mm(error.t(), x, out=gradient),
        "weight": lambda: weight.add_(gradient, alpha=0),
        "bias": lambda: bias.add_(error.sum(0), alpha=0),
    }
    with torch.inference_mode():
        alone = {name: _seconds(call) for name, call in calls.items()}
        for name, call in {
            "costs": lambda: softmax.costs(logs, truth),
            "gather and convert": lambda: blocks.take(order),
        }.items():
            alone[name] = _seconds(call) / len(truth)
    return {"seconds": sum(alone.values()), "kernels": alone}


def _seconds(call: Callable[[], object], calls: int = 200) -> float:
    """Return how long one call takes: the median over stretches of many."""
    stretches = []
    for _ in range(25):
        began = time.perf_counter()
        for _ in range(calls):
            call()
        stretches.append((time.perf_counter() - began) / calls)
    return statistics.median(stretches)


def our_accuracy(root: Path, recipe: str, seeds: str) -> Said:
    """A recipe as it stands, trained once per seed: median time, mean accuracy."""
    from tests.training.measure import measure

    trained = list(measure(recipe, int(seeds), root))
    shares = [each.accuracy for each in trained]
    return {
        "seconds": statistics.median(each.seconds for each in trained),
        "accuracy": statistics.mean(shares),
        "accuracies": shares,
    }


def example(root: Path, epochs: str = "14", enough: str = "1") -> Said:
    """The model and settings of PyTorch's own MNIST example; stops at an accuracy of `enough`.

    Its source is ``mnist/main.py`` of github.com/pytorch/examples. The time is that of training
    alone, without the test after each epoch.
    """
    import torch
    from torch import nn
    from torch.utils.data import DataLoader
    from torchvision import datasets, transforms

    torch.manual_seed(1)
    model = nn.Sequential(
        *(nn.Conv2d(1, 32, 3), nn.ReLU(), nn.Conv2d(32, 64, 3), nn.ReLU()),
        *(nn.MaxPool2d(2), nn.Dropout(0.25), nn.Flatten()),
        *(nn.Linear(9216, 128), nn.ReLU(), nn.Dropout(0.5), nn.Linear(128, 10)),
    )
    optimizer = torch.optim.Adadelta(model.parameters(), lr=1.0)
    schedule = torch.optim.lr_scheduler.StepLR(optimizer, step_size=1, gamma=0.7)
    steps = [transforms.ToTensor(), transforms.Normalize((0.1307,), (0.3081,))]
    train, test = (
        datasets.MNIST(root, train=part, transform=transforms.Compose(steps))
        for part in (True, False)
    )
    seconds, shares = 0.0, list[float]()
    while len(shares) < int(epochs) and max(shares, default=0) < float(enough):
        began = time.perf_counter()
        model.train()
        for images, labels in DataLoader(train, batch_size=64, shuffle=True):
            optimizer.zero_grad()
            nn.functional.cross_entropy(model(images), labels).backward()
            optimizer.step()
        schedule.step()
        seconds += time.perf_counter() - began
        model.eval()
        with torch.no_grad():
            batches = DataLoader(test, batch_size=1000)
            right = sum(int((model(x).argmax(1) == y).sum()) for x, y in batches)
        shares.append(right / len(test))
    return {"seconds": seconds, "accuracy": shares[-1], "accuracies": shares}


def autograd_epochs(root: Path, epochs: str = "15") -> Said:
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
    for _ in range(int(epochs)):
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


def our_pictures(root: Path, count: str = "1000") -> Said:
    """Photos of MNIST's test digits, read with the weights that ship in one call."""
    os.environ["OPENBLAS_NUM_THREADS"] = "1"  # as the command has it
    from mnist_tool.reading.many import read_many
    from mnist_tool.reading.network import shipped

    truths = _photos(root, int(count))
    model = shipped()
    began, used, right = time.perf_counter(), time.process_time(), 0
    for name, found in read_many(model, truths, lambda name: Path(name).read_bytes()):
        right += [each.digit for each in getattr(found, "digits", ())] == [truths[name]]
    return _read(began, used, right, len(truths))


def otsu_pictures(root: Path, count: str = "1000") -> Said:
    """The same photos, prepared as tutorials do, all at once."""
    os.environ["OPENBLAS_NUM_THREADS"] = "1"
    import numpy as np

    from mnist_tool.reading.network import shipped
    from tests.benchmarks.handwriting import otsu

    truths = _photos(root, int(count))
    model = shipped()
    began, used = time.perf_counter(), time.process_time()
    chances = model(np.stack([otsu(Path(name).read_bytes(), name) for name in truths]))
    right = sum(
        chances.argmax(axis=1).tolist()[place] == truth
        for place, truth in enumerate(truths.values())
    )
    return _read(began, used, right, len(truths))


def _read(began: float, used: float, right: int, count: int) -> Said:
    return {
        "seconds": time.perf_counter() - began,
        "work": time.process_time() - used,
        "accuracy": right / count,
        "pictures": count,
    }


def _photos(root: Path, count: int) -> dict[str, int]:
    """Write photos of 400 x 400 into this folder: uneven light, noise; return their digits."""
    import cv2
    import numpy as np

    from mnist_tool import load

    images, labels = load("test", root=root)
    random, rise = np.random.default_rng(400), np.linspace(0.7, 1, 400)
    truths = {}
    for place in range(count):
        ink = np.zeros((400, 400), np.float32)
        ink[60:340, 60:340] = cv2.resize(images[place].numpy(), (280, 280)) / 255
        paper = 225 * random.permuted([rise, rise[::-1]], axis=0)[0] * (1 - 0.75 * ink)
        photo = (paper + random.normal(0, 3, paper.shape)).clip(0, 255).astype(np.uint8)
        name = f"{place}.jpg"
        cv2.imwrite(name, photo)
        truths[name] = int(labels[place])
    return truths


SIDES: dict[str, Callable[..., Said]] = {
    side.__name__: side
    for side in (
        lecture,
        our_epochs,
        our_processes,
        our_iteration,
        kernels,
        our_accuracy,
        example,
        autograd_epochs,
        our_load,
        torchvision_load,
        on_a_terminal,
        in_a_pipe,
        our_pictures,
        otsu_pictures,
        *(getattr(networks, name) for name in networks.__all__),
    )
}

if __name__ == "__main__":
    name, root, *more = sys.argv[1:]
    print(json.dumps(SIDES[name](Path(root), **dict(word.split("=", 1) for word in more))))
