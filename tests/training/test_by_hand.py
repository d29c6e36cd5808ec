"""Gradients written out: autograd finds the same, and the training is the lecture's own."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor, nn

from mnist_tool.errors import SettingError
from mnist_tool.training import models
from mnist_tool.training.by_hand import back_propagate, sigmoid, sigmoid_prime
from mnist_tool.training.group import Group
from mnist_tool.training.settings import Settings
from mnist_tool.training.trainer import Trainer

Split = tuple[Tensor, Tensor]
BATCH = 10


def _batch(kind: torch.dtype) -> tuple[nn.Module, Tensor, Tensor]:
    torch.manual_seed(3)
    model = models.build("mlp-by-hand").to(kind)
    return model, torch.rand(BATCH, 1, 28, 28, dtype=kind), torch.randint(10, (BATCH,))


def test_the_derivative_is_autograds() -> None:
    """At every sum, also where the sigmoid is flat."""
    sums = torch.linspace(-50, 50, 1001, dtype=torch.float64, requires_grad=True)
    (expected,) = torch.autograd.grad(sigmoid(sums).sum(), sums)
    torch.testing.assert_close(sigmoid_prime(sums), expected, rtol=1e-12, atol=1e-15)
    torch.testing.assert_close(sigmoid(sums), sums.sigmoid(), rtol=1e-12, atol=1e-15)


@pytest.mark.parametrize(("kind", "within"), [(torch.float64, 1e-13), (torch.float32, 1e-5)])
@pytest.mark.parametrize("smoothing", [0.0, 0.1])
def test_gradients_are_autograds(kind: torch.dtype, within: float, smoothing: float) -> None:
    """Those of half the squared error: its sum for the weights, its mean for the biases.

    The last bits differ, for autograd has another formula for the derivative; the tolerance is
    relative to the largest gradient of each parameter.
    """
    model, pixels, labels = _batch(kind)
    cost = back_propagate(model, pixels, labels, smoothing)
    by_hand = {name: each.grad for name, each in model.named_parameters()}
    model.zero_grad()
    truth = nn.functional.one_hot(labels, 10).to(kind) * (1 - smoothing) + smoothing / 10
    error = ((model(pixels).sigmoid() - truth) ** 2).sum() / 2
    error.backward()  # type: ignore[no-untyped-call]
    torch.testing.assert_close(cost, error.detach() / BATCH, rtol=within, atol=0)
    for name, each in model.named_parameters():
        assert each.grad is not None
        expected = each.grad / BATCH if "bias" in name else each.grad
        largest = float(expected.abs().max())
        torch.testing.assert_close(by_hand[name], expected, rtol=0, atol=within * largest)


def _lecture(split: Split, epochs: int, rate: float) -> tuple[list[Tensor], list[float]]:
    """Train as lab 08-4 does: plain tensors, a row for each input, its own order of drawing."""
    torch.manual_seed(777)
    loader = torch.utils.data.DataLoader(
        torch.utils.data.TensorDataset(*split), batch_size=BATCH, shuffle=True, drop_last=True
    )
    w1, b1, w2, b2 = (torch.empty(shape) for shape in ((784, 30), 30, (30, 10), 10))
    for each in (w1, b1, w2, b2):
        nn.init.normal_(each)
    costs = []
    for _ in range(epochs):
        total = 0.0
        for x, labels in loader:
            x = x.view(-1, 784) / 255
            y = torch.zeros(BATCH, 10).scatter_(1, labels.unsqueeze(1), 1)
            l1 = torch.add(torch.matmul(x, w1), b1)
            a1 = sigmoid(l1)
            l2 = torch.add(torch.matmul(a1, w2), b2)
            diff = sigmoid(l2) - y
            d_l2 = diff * sigmoid_prime(l2)
            d_l1 = torch.matmul(d_l2, w2.T) * sigmoid_prime(l1)
            w1 = w1 - rate * torch.matmul(x.T, d_l1)
            b1 = b1 - rate * torch.mean(d_l1, 0)
            w2 = w2 - rate * torch.matmul(a1.T, d_l2)
            b2 = b2 - rate * torch.mean(d_l2, 0)
            total += float((diff**2).sum() / 2 / BATCH) / len(loader)
        costs.append(total)
    return [w1.T, b1, w2.T, b2], costs


def test_training_is_the_lectures(split: Split) -> None:
    """The same first numbers, the same order of images, the same steps, but for rounding."""
    expected, costs = _lecture(split, 2, 0.5)
    trainer = Trainer(Settings.of("mlp-by-hand", device="cpu"), *split)
    assert [each.cost for each in trainer.epochs()] == pytest.approx(costs, rel=1e-4)
    for mine, theirs in zip(trainer.model.parameters(), expected, strict=True):
        torch.testing.assert_close(mine.detach(), theirs, rtol=0, atol=1e-3)


def test_nothing_is_left_to_autograd(split: Split, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is never asked."""
    monkeypatch.setattr(torch.Tensor, "backward", None)
    trainer = Trainer(Settings.of("mlp-by-hand", epochs=1, device="cpu"), *split)
    assert len(list(trainer.epochs())) == 1


def test_several_processes_are_refused() -> None:
    """They would share their gradients by autograd."""
    with pytest.raises(SettingError, match="mlp-by-hand"):
        Group(0, 2, 0).check(Settings.of("mlp-by-hand"))
