"""Convolutional networks as others train and ask them: sides of comparisons, see `sides`."""

from __future__ import annotations

import statistics
import time
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from torch import Tensor, nn
    from torch.utils.data import DataLoader

__all__ = ["author_loop", "loader_predictions", "our_predictions", "plain_loop", "resnet"]

Said = dict[str, Any]
FIRST_SEED = 777  # as tests.training.measure has it
MEAN, DEVIATION = 0.1307, 0.3081  # of MNIST's training pixels, as in PyTorch's example
PASSES = 5  # over the images; the median counts


def plain_loop(
    root: Path,
    recipe: str = "fast-cnn",
    seeds: str = "3",
    epochs: str = "1",
    enough: str = "1",
    images: str = "60000",
) -> Said:
    """A recipe's own network in the loop that a user of Keras would write in torch.

    Arrays of NumPy, a DataLoader that shuffles them, a conversion per batch, torch's Adam as it
    comes, and the cost of each batch for the display. Stops at an accuracy of `enough`, although
    the test images say so; the tests are not timed.
    """
    import numpy as np
    import torch
    from torch.nn.functional import cross_entropy
    from torch.utils.data import DataLoader

    from mnist_tool.training import models
    from mnist_tool.training.recipes import RECIPES

    (pixels, labels), (x_test, y_test) = (_arrays(root, split) for split in ("train", "test"))
    pairs: Any = list(zip(pixels[: int(images)], labels[: int(images)], strict=True))
    test = list(zip(_floats(x_test).split(1000), torch.from_numpy(y_test).split(1000), strict=True))
    loader: DataLoader[Any] = DataLoader(
        pairs,
        batch_size=RECIPES[recipe].batch_size,
        shuffle=True,
        collate_fn=lambda batch: tuple(map(np.stack, zip(*batch, strict=True))),
    )
    took, shares, done = list[float](), list[float](), list[int]()
    for seed in range(FIRST_SEED, FIRST_SEED + int(seeds)):
        torch.manual_seed(seed)
        model = models.build(RECIPES[recipe].model)
        optimizer = torch.optim.Adam(model.parameters())
        seconds, share, epoch = 0.0, 0.0, 0
        while epoch < int(epochs) and share < float(enough):
            model.train()
            began = time.perf_counter()
            costs = []
            for some, digits in loader:
                cost = cross_entropy(model(_floats(some)), torch.from_numpy(digits))
                optimizer.zero_grad()
                cost.backward()
                optimizer.step()
                costs.append(cost.item())
            seconds += time.perf_counter() - began
            share, epoch = _accuracy(model, test), epoch + 1
        took.append(seconds)
        shares.append(share)
        done.append(epoch)
    return _trained(took, shares) | {"epochs": statistics.mean(done)}


def author_loop(root: Path, seeds: str = "3", images: str = "60000") -> Said:
    """The network and settings of train_mnist_fast in its ninth and last version, one epoch.

    After ``8_Final_00s76.ipynb`` of github.com/tuomaso/train_mnist_fast: the images are made ready
    beforehand, in one order for all seeds, and that is not timed; nor is the test, which is there.
    """
    import torch
    from torch import nn
    from torch.nn.functional import nll_loss

    (x, y), (x_test, y_test) = (_ready(root, split) for split in ("train", "test"))
    batches = list(zip(x[: int(images)].split(256), y[: int(images)].split(256), strict=True))
    seconds, shares = [], []
    for seed in range(FIRST_SEED, FIRST_SEED + int(seeds)):
        torch.manual_seed(seed)
        began = time.perf_counter()
        model = nn.Sequential(
            *(nn.Conv2d(1, 24, 5), nn.MaxPool2d(2), nn.ReLU()),
            *(nn.Conv2d(24, 32, 3), nn.MaxPool2d(2), nn.ReLU()),
            *(nn.Flatten(), nn.Linear(800, 256), nn.ReLU(), nn.Linear(256, 10), nn.LogSoftmax(1)),
        )
        optimizer = torch.optim.Adam(model.parameters(), lr=0.01, betas=(0.7, 0.9))
        schedule = torch.optim.lr_scheduler.OneCycleLR(
            optimizer, max_lr=0.01, total_steps=len(batches), cycle_momentum=False
        )
        for some, digits in batches:
            optimizer.zero_grad()
            nll_loss(model(some), digits).backward()
            optimizer.step()
            schedule.step()
        seconds.append(time.perf_counter() - began)
        shares.append(_accuracy(model, zip(x_test.split(2000), y_test.split(2000), strict=True)))
    return _trained(seconds, shares)


def resnet(root: Path, seconds: str = "", recipe: str = "best") -> Said:
    """torchvision's ResNet-18 for one channel, for as long as a recipe takes on this machine.

    That is judged by an epoch of the recipe, unless `seconds` are given. Adam, batches of 128 from
    a DataLoader, and a learning rate that falls to nothing at the end.
    """
    import torch
    from torch import nn
    from torch.nn.functional import cross_entropy
    from torchvision.models import resnet18

    budget = float(seconds) if seconds else _time_of(recipe, root)
    torch.manual_seed(FIRST_SEED)
    model = resnet18(num_classes=10)
    model.conv1 = nn.Conv2d(1, 64, 7, stride=2, padding=3, bias=False)
    optimizer = torch.optim.Adam(model.parameters())
    done, size = 0, 128
    began = time.perf_counter()
    while time.perf_counter() - began < budget:
        for images, labels in _loader(root, train=True, batch_size=size):
            spent = (time.perf_counter() - began) / budget
            if spent >= 1:
                break
            optimizer.param_groups[0]["lr"] = 1e-3 * (1 - spent)
            optimizer.zero_grad()
            cross_entropy(model(images), labels).backward()
            optimizer.step()
            done += len(images)
    took = time.perf_counter() - began
    share = _accuracy(model, _loader(root, train=False, batch_size=1000))
    return _trained([took], [share]) | {"epochs": done / 60_000}


def our_predictions(root: Path, recipe: str, images: str = "10000") -> Said:
    """All test images through a recipe's network, untrained, as `test` does it."""
    from mnist_tool import load
    from mnist_tool.training.evaluate import probabilities

    pixels, _ = load("test", root=root, offline=True)
    model = _untrained(recipe)
    return _timed(lambda: probabilities(model, pixels[: int(images)]).argmax(1), int(images))


def loader_predictions(root: Path, recipe: str, images: str = "10000") -> Said:
    """The same network and images in a loop over a DataLoader with torchvision's data set."""
    import torch
    from torch.utils.data import DataLoader, Subset
    from torchvision import datasets, transforms

    data = datasets.MNIST(root, train=False, transform=transforms.ToTensor())
    model = _untrained(recipe)

    def predict() -> Tensor:
        said = []
        with torch.no_grad():
            loader: DataLoader[Any] = DataLoader(Subset(data, range(int(images))), batch_size=1000)
            for some, _ in loader:
                said.append(model(some).argmax(1))
        return torch.cat(said)

    return _timed(predict, int(images))


def _timed(predict: Any, images: int) -> Said:
    """Predict several times; return the median time, and what was predicted."""
    seconds = []
    for _ in range(PASSES):
        began = time.perf_counter()
        said = predict()
        seconds.append(time.perf_counter() - began)
    middle = statistics.median(seconds)
    return {"seconds": middle, "rate": images / middle, "digits": said.tolist()}


def _untrained(recipe: str) -> nn.Module:
    import torch

    from mnist_tool.training import models
    from mnist_tool.training.recipes import RECIPES

    torch.manual_seed(FIRST_SEED)
    return models.build(RECIPES[recipe].model).eval()


def _time_of(recipe: str, root: Path) -> float:
    """Return how long a recipe takes here, by one of its epochs."""
    from mnist_tool.training.recipes import RECIPES
    from tests.benchmarks.sides import our_epochs

    whole = RECIPES[recipe]
    return float(our_epochs(root, recipe, epochs="1")["seconds"]) * whole.epochs * whole.members


def _arrays(root: Path, split: str) -> Any:
    """Return a split as NumPy's arrays, as ``keras.datasets.mnist.load_data`` does."""
    from mnist_tool import load

    return tuple(each.numpy() for each in load(split, root=root, offline=True))


def _floats(pixels: Any) -> Tensor:
    """Return pixels of NumPy as floats from 0 to 1, with a channel."""
    import torch

    return torch.from_numpy(pixels.astype("float32") / 255).unsqueeze(1)


def _ready(root: Path, split: str) -> tuple[Tensor, Tensor]:
    """Return a split as normalised floats with a channel."""
    from mnist_tool import load

    images, labels = load(split, root=root, offline=True)
    return (images.unsqueeze(1).float() / 255 - MEAN) / DEVIATION, labels


def _loader(root: Path, *, train: bool, batch_size: int) -> DataLoader[Any]:
    from torch.utils.data import DataLoader
    from torchvision import datasets, transforms

    steps = [transforms.ToTensor(), transforms.Normalize((MEAN,), (DEVIATION,))]
    data = datasets.MNIST(root, train=train, transform=transforms.Compose(steps))
    return DataLoader(data, batch_size=batch_size, shuffle=train)


def _accuracy(model: nn.Module, batches: Iterable[Any]) -> float:
    import torch

    model.eval()
    right = total = 0
    with torch.no_grad():
        for images, labels in batches:
            right += int((model(images).argmax(1) == labels).sum())
            total += len(labels)
    return right / total


def _trained(seconds: list[float], shares: list[float]) -> Said:
    """Return what `sides.our_accuracy` returns."""
    return {
        "seconds": statistics.median(seconds),
        "accuracy": statistics.mean(shares),
        "accuracies": shares,
    }
