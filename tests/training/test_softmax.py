"""The softmax in columns: the same bits as autograd's, or it is not used."""

from __future__ import annotations

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor
from torch.nn import functional as F  # noqa: N812

from mnist_tool.training import softmax
from mnist_tool.training.softmax import Columns, Rows, quickest


def bits(value: Tensor) -> Tensor:
    """Return float32 numbers as they are stored, so that NaN equals itself and -0 is not 0."""
    return value.contiguous().view(torch.int32)


def by_autograd(logits: Tensor, labels: Tensor) -> tuple[Tensor, Tensor]:
    """Return log softmax, and the derivative of the mean cost by the logits."""
    z = logits.clone().requires_grad_()
    logs = F.log_softmax(z, 1)
    F.nll_loss(logs, labels).backward()  # type: ignore[no-untyped-call]
    assert z.grad is not None
    return logs.detach(), z.grad


def run(way: Rows | Columns, labels: Tensor, error: Tensor) -> tuple[Tensor, Tensor]:
    """Return what `by_autograd` returns."""
    logs = way.forward().clone()
    (slope,) = way.slopes(labels.unsqueeze(0))
    way.backward(slope)
    return logs, error.clone()


@given(
    images=st.integers(1, 130),
    size=st.sampled_from([1e-6, 0.1, 1.0, 30.0, 1e4, 1e30]),
    seed=st.integers(0, 2**31),
)
def test_chosen_way_has_the_bits_of_autograd(images: int, size: float, seed: int) -> None:
    """For batches that fill vectors and that do not, and for logits of every size."""
    numbers = torch.Generator().manual_seed(seed)
    logits, error = torch.empty(images, 10), torch.empty(images, 10)
    chosen = quickest(logits, error)
    for _ in range(2):  # nothing of a batch is left for the next one
        logits.copy_(torch.randn(images, 10, generator=numbers).mul_(size))
        labels = torch.randint(10, (images,), generator=numbers)
        for got, expected in zip(
            run(chosen, labels, error), by_autograd(logits, labels), strict=True
        ):
            assert torch.equal(bits(got), bits(expected))


def test_numbers_that_ran_away_stay_so() -> None:
    """A cost that is no longer finite must be seen, whichever way was chosen."""
    logits, error = torch.zeros(7, 10), torch.zeros(7, 10)
    chosen = quickest(logits, error)
    logits.fill_(0)
    logits[2, 3], logits[4, 5] = float("inf"), float("nan")
    labels = torch.zeros(7, dtype=torch.int64)
    logs, _ = run(chosen, labels, error)
    assert torch.isnan(F.nll_loss(logs, labels))
    assert torch.isfinite(logs[[0, 1, 3, 5, 6]]).all()


@pytest.mark.parametrize("method", ["forward", "backward"])
@pytest.mark.parametrize("place", [(0, 0), (99, 9)])
def test_columns_that_round_otherwise_are_not_chosen(
    monkeypatch: pytest.MonkeyPatch, method: str, place: tuple[int, int]
) -> None:
    """Not even where a single number differs in its last bit, as on a processor not known here."""
    logits, error = torch.empty(100, 10), torch.empty(100, 10)
    right = getattr(Columns, method)

    def other(self: Columns, *slope: Tensor) -> Tensor | None:
        result: Tensor | None = right(self, *slope)
        number = (error if result is None else result)[place]
        number.copy_(torch.nextafter(number, torch.tensor(9.0)))
        return result

    monkeypatch.setattr(Columns, method, other)
    assert isinstance(quickest(logits, error), Rows)


def test_a_difference_that_is_rare_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without empty columns, the last images of a batch meet another function for exp."""
    monkeypatch.setattr(softmax, "LANES", 1)
    logits, error = torch.empty(99, 10), torch.empty(99, 10)
    labels = torch.randint(10, (99,))
    chosen = quickest(logits, error)
    for _ in range(50):
        logits.copy_(torch.randn(99, 10))
        for got, expected in zip(
            run(chosen, labels, error), by_autograd(logits, labels), strict=True
        ):
            assert torch.equal(bits(got), bits(expected))


def test_the_rehearsal_leaves_the_random_numbers_alone() -> None:
    """They belong to the training."""
    before = torch.get_rng_state()
    quickest(torch.empty(10, 10), torch.empty(10, 10))
    assert torch.equal(torch.get_rng_state(), before)
