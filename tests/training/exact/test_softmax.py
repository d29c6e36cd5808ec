"""Both layouts of the softmax have autograd's bits, where the rehearsal lets them be used."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor
from torch.nn import functional as F  # noqa: N812

from mnist_tool.training.exact import rehearsal, softmax
from mnist_tool.training.exact.softmax import Columns, Rows, Softmax


@pytest.fixture(autouse=True)
def _columns_are_quicker(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let bits alone decide, so that columns are tried wherever they would be used."""
    monkeypatch.setattr(rehearsal, "_seconds", lambda *_: (2.0, 1.0))


def bits(value: Tensor) -> Tensor:
    """Return float32 numbers as they are stored, so that NaN equals itself and -0 is not 0."""
    return value.contiguous().view(torch.int32)


def by_autograd(logits: Tensor, labels: Tensor) -> tuple[Tensor, Tensor]:
    """Return the mean cost of each batch, and its derivative by the logits."""
    z = logits.clone().requires_grad_()
    costs = torch.stack([F.cross_entropy(*batch) for batch in zip(z, labels, strict=True)])
    costs.sum().backward()  # type: ignore[no-untyped-call]
    assert z.grad is not None
    return costs.detach(), z.grad


def by_hand(way: Softmax, logits: Tensor, labels: Tensor) -> tuple[Tensor, Tensor]:
    """Return what `by_autograd` returns, of the same numbers."""
    logs, slopes, errors = way.empty(len(labels)), way.slopes(labels), torch.empty_like(logits)
    for z, log, slope, error in zip(logits, logs, slopes, errors, strict=True):
        way.forward(z, log)
        way.backward(log, slope, error)
    return way.costs(logs, labels), errors


def assert_same_bits(way: Softmax, logits: Tensor, labels: Tensor) -> None:
    """Compare every cost and every derivative with autograd's."""
    pairs = zip(by_hand(way, logits, labels), by_autograd(logits, labels), strict=True)
    assert all(torch.equal(bits(got), bits(expected)) for got, expected in pairs)


@pytest.mark.parametrize("kind", [Rows, rehearsal.choose])
@given(
    images=st.one_of(st.integers(1, 130), st.integers(240, 300)),
    batches=st.one_of(st.integers(1, 12), st.integers(60, 70)),
    size=st.sampled_from([1e-6, 0.1, 1.0, 30.0, 1e4, 1e30]),
    seed=st.integers(0, 2**31),
)
def test_both_ways_have_the_bits_of_autograd(
    kind: Callable[[Tensor], Softmax], images: int, batches: int, size: float, seed: int
) -> None:
    """For batches and blocks that fill vectors and that do not, and for logits of every size."""
    generator = torch.Generator().manual_seed(seed)
    logits = torch.randn(batches, images, 10, generator=generator).mul_(size)
    labels = torch.randint(10, (batches, images), generator=generator)
    assert_same_bits(kind(logits[0]), logits, labels)


@pytest.mark.parametrize("kind", [Rows, Columns])
def test_numbers_that_ran_away_stay_so(kind: Callable[[Tensor], Softmax]) -> None:
    """A cost that is no longer finite must be seen, whichever way was chosen."""
    logits = torch.zeros(4, 7, 10)
    logits[1, 3, 3], logits[2, 4, 5], logits[3, 0, 0] = float("inf"), float("nan"), -float("inf")
    labels = torch.zeros(4, 7, dtype=torch.int64)
    costs, errors = by_hand(kind(logits[0]), logits, labels)
    assert [cost.isfinite().item() for cost in costs] == [True, False, False, False]
    assert costs[3] == float("inf")  # an image of a zero that it was sure is none
    assert torch.isfinite(errors[[0, 3]]).all()
    assert torch.isfinite(errors[2, [0, 1, 2, 3, 5, 6]]).all()


def test_a_difference_that_is_rare_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without empty columns, the last images of a batch meet another function for exp."""
    monkeypatch.setattr(softmax, "LANES", 1)
    logits, labels = torch.randn(50, 99, 10), torch.randint(10, (50, 99))
    assert_same_bits(rehearsal.choose(logits[0]), logits, labels)
