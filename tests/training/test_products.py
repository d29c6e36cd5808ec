"""Test that products divided among threads have autograd's bits, or are not offered."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import torch
from torch import Tensor, nn

from mnist_tool.training.products import Products, Shared, Whole, choose
from mnist_tool.training.steps import LinearSteps

PIXELS, CLASSES = 784, 10


@pytest.fixture(autouse=True)
def two_threads() -> Iterator[None]:
    """Begin and end with two."""
    before = torch.get_num_threads()
    torch.set_num_threads(2)
    yield
    torch.set_num_threads(before)


class Numbers:
    """A weight, a bias, logits and an error, and an input for them."""

    def __init__(self, images: int, scale: float = 1.0, seed: int = 1) -> None:
        torch.manual_seed(seed)
        self.weight = torch.randn(CLASSES, PIXELS) * scale
        self.bias = torch.randn(CLASSES) * scale
        self.error = torch.randn(images, CLASSES) * scale
        self.logits = torch.empty(images, CLASSES)
        self.pixels = torch.rand(3 * images, 1, 28, 28)
        self.all = (self.weight, self.bias, self.logits, self.error)

    def run(self, way: Products) -> list[Tensor]:
        """Compute the logits of each batch, and step after each."""
        results = []
        for for_logits, for_descent in way.batches(self.pixels):
            way.logits(for_logits)
            results.append(self.logits.clone())
            way.descend(for_descent, 0.1)
        return [*results, self.weight]

    def expect(self) -> list[Tensor]:
        """Do the same with torch's own layer and autograd, on two threads."""
        linear = nn.Linear(PIXELS, CLASSES)
        linear.load_state_dict({"weight": self.weight.clone(), "bias": self.bias})
        results = []
        for x in self.pixels.view(3, -1, PIXELS):
            logits = linear(x)
            results.append(logits.detach())
            linear.zero_grad()
            logits.backward(self.error)
            with torch.no_grad():
                assert linear.weight.grad is not None
                linear.weight.add_(linear.weight.grad, alpha=-0.1)
        return [*results, linear.weight.detach()]


@pytest.mark.parametrize("scale", [1e-20, 1.0, 1e4])
@pytest.mark.parametrize("images", [1, 2, 7, 10, 31, 32, 33, 64, 100, 128, 250])
def test_every_way_that_is_offered_has_autograds_bits(images: int, scale: float) -> None:
    """For batches of every size, and numbers other than those of the rehearsal."""
    for seed in range(3):
        numbers = Numbers(images, scale, seed)
        expected = numbers.expect()
        start = numbers.weight.clone()
        for threads, way in choose(*numbers.all).items():
            torch.set_num_threads(threads)
            numbers.weight.copy_(start)
            found = numbers.run(way)
            torch.set_num_threads(2)
            assert all(map(torch.equal, found, expected)), (threads, type(way))


@pytest.mark.parametrize("rows", [1, 3, 8, 10])
@pytest.mark.parametrize("shares", [1, 2, 4])
def test_shares_are_the_whole_product(shares: int, rows: int) -> None:
    """However it is divided, every number is there and close to the one of the whole."""
    numbers = Numbers(100)
    expected = numbers.expect()
    found = numbers.run(Shared(*numbers.all, shares=shares, rows=rows))
    for mine, theirs in zip(found, expected, strict=True):
        torch.testing.assert_close(mine, theirs, rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize("product", ["bmm", "baddbmm"])
@pytest.mark.parametrize("threads", [1, 2])
def test_a_way_that_rounds_otherwise_is_not_offered(
    monkeypatch: pytest.MonkeyPatch, product: str, threads: int
) -> None:
    """As on a processor whose threads divide the work in a way that is not known here."""
    multiply = getattr(torch, product)

    def other(*factors: Tensor, out: Tensor) -> Tensor:
        multiply(*factors, out=out)
        return out.mul_(1 + 1e-6) if torch.get_num_threads() == threads else out

    monkeypatch.setattr(torch, product, other)
    offered = choose(*Numbers(100).all)
    assert isinstance(offered[2], Whole) if threads == 2 else list(offered) == [2]


def test_a_step_that_rounds_otherwise_is_not_offered(monkeypatch: pytest.MonkeyPatch) -> None:
    """The right gradient is not enough: where it is subtracted, it is rounded once more."""

    def descend(self: Shared, x: Tensor, rate: float) -> None:
        for error, gradient, weight in self._parts:
            torch.bmm(error, x, out=gradient)
            weight.sub_(gradient * rate)

    monkeypatch.setattr(Shared, "descend", descend)
    offered = choose(*Numbers(100).all)
    assert list(offered) == [2]
    assert isinstance(offered[2], Whole)


def test_the_number_of_threads_is_set_back(monkeypatch: pytest.MonkeyPatch) -> None:
    """Also when the rehearsal is interrupted."""

    def interrupted(*_: object, **__: object) -> None:
        torch.set_num_threads(1)
        raise KeyboardInterrupt

    monkeypatch.setattr(torch, "baddbmm", interrupted)
    with pytest.raises(KeyboardInterrupt):
        choose(*Numbers(100).all)
    assert torch.get_num_threads() == 2


def test_shares_are_equal_or_there_are_none() -> None:
    """A batch of seven images is not divided by two; one thread may still do it."""
    assert isinstance(choose(*Numbers(7).all)[2], Whole)


def test_without_mkl_two_threads_share_as_torch_has_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """Other libraries would compute one share after the other."""
    monkeypatch.setattr(torch.backends.mkl, "is_available", lambda: False)
    assert isinstance(choose(*Numbers(100).all)[2], Whole)


def test_one_thread_has_no_choice() -> None:
    """Whoever asks for one thread gets torch's calls on one."""
    torch.set_num_threads(1)
    offered = choose(*Numbers(100).all)
    assert list(offered) == [1]
    assert isinstance(offered[1], Whole)


def test_the_first_number_offered_is_the_usual_one() -> None:
    """It is what a training begins with, and goes on with later."""
    assert LinearSteps(nn.Linear(PIXELS, CLASSES), 0.1, 100).threads[0] == 2
    assert torch.get_num_threads() == 2
