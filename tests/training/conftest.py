"""A small data set of random images, and the plain loop every recipe is compared with."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import pytest
import torch
from torch import Tensor, nn

IMAGES = 400


@pytest.fixture(autouse=True)
def _own_generator() -> Iterator[None]:
    """Train with one thread, for speed, and leave torch's generator and threads as they were."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    with torch.random.fork_rng(devices=[]):
        yield
    torch.set_num_threads(threads)


@pytest.fixture(autouse=True)
def _on_the_processor(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Leave devices to the tests that are about them: the others compare digits to the last bit."""
    if not request.node.get_closest_marker("device"):
        for backend in (torch.cuda, torch.backends.mps):
            # With what it wraps: torch's compiler, which its optimizers load, looks for that.
            nothing = functools.wraps(backend.is_available)(lambda: False)
            monkeypatch.setattr(backend, "is_available", nothing)


@pytest.fixture(scope="session")
def split() -> tuple[Tensor, Tensor]:
    """400 images of which a model can learn something: noise with a bar at the label's place."""
    generator = torch.Generator().manual_seed(5)
    labels = torch.randint(0, 10, (IMAGES,), generator=generator)
    images = torch.randint(0, 120, (IMAGES, 28, 28), dtype=torch.uint8, generator=generator)
    for image, label in zip(images, labels.tolist(), strict=True):
        image[2 * label : 2 * label + 4] += 100
    return images, labels


@dataclass
class PlainRun:
    """What the course's own loop came to."""

    costs: list[float]
    model: nn.Module


class _ToTensor(torch.utils.data.Dataset[tuple[Tensor, Tensor]]):
    def __init__(self, images: Tensor, labels: Tensor) -> None:
        self._images, self._labels = images, labels

    def __len__(self) -> int:
        return len(self._images)

    def __getitem__(self, index: int) -> tuple[Tensor, Tensor]:
        # torchvision's ToTensor: a channel in front, float, divided by 255
        return self._images[index].unsqueeze(0).float().div(255), self._labels[index]


@pytest.fixture
def plain_loop(split: tuple[Tensor, Tensor]) -> Callable[..., PlainRun]:
    """Train as the course does: DataLoader, autograd, torch.optim."""

    def run(
        build: Callable[[], nn.Module],
        optimizer: Callable[..., torch.optim.Optimizer],
        *,
        epochs: int,
        batch_size: int,
        seed: int = 777,
        label_smoothing: float = 0.0,
    ) -> PlainRun:
        torch.manual_seed(seed)
        loader = torch.utils.data.DataLoader(
            _ToTensor(*split), batch_size=batch_size, shuffle=True, drop_last=True
        )
        model = build()
        criterion = nn.CrossEntropyLoss(label_smoothing=label_smoothing)
        steps = optimizer(model.parameters())
        costs = []
        for _ in range(epochs):
            average: Tensor = torch.zeros(())
            for images, labels in loader:
                steps.zero_grad()
                cost = criterion(model(images), labels)
                cost.backward()
                steps.step()
                average += cost / len(loader)
            costs.append(float(average.detach()))
        return PlainRun(costs, model)

    return run
