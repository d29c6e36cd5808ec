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
    """Return the mean cost of each batch, and its derivative by the logits."""
    z = logits.clone().requires_grad_()
    costs = torch.stack([F.cross_entropy(*batch) for batch in zip(z, labels, strict=True)])
    costs.sum().backward()  # type: ignore[no-untyped-call]
    assert z.grad is not None
    return costs.detach(), z.grad


def run(
    way: Rows | Columns, logits: Tensor, error: Tensor, numbers: Tensor, labels: Tensor
) -> tuple[Tensor, Tensor]:
    """Return what `by_autograd` returns, of the same numbers."""
    room, slopes, errors = way.room(len(labels)), way.slopes(labels), []
    for z, logs, slope in zip(numbers, room, slopes, strict=True):
        logits.copy_(z)
        way.forward(logs)
        way.backward(logs, slope)
        errors.append(error.clone())
    return way.costs(room, labels), torch.stack(errors)


@given(
    images=st.one_of(st.integers(1, 130), st.integers(240, 300)),
    batches=st.one_of(st.integers(1, 12), st.integers(60, 70)),
    size=st.sampled_from([1e-6, 0.1, 1.0, 30.0, 1e4, 1e30]),
    seed=st.integers(0, 2**31),
)
def test_chosen_way_has_the_bits_of_autograd(
    images: int, batches: int, size: float, seed: int
) -> None:
    """For batches and blocks that fill vectors and that do not, and for logits of every size."""
    generator = torch.Generator().manual_seed(seed)
    logits, error = torch.empty(images, 10), torch.empty(images, 10)
    chosen = quickest(logits, error)
    numbers = torch.randn(batches, images, 10, generator=generator).mul_(size)
    labels = torch.randint(10, (batches, images), generator=generator)
    for got, expected in zip(
        run(chosen, logits, error, numbers, labels), by_autograd(numbers, labels), strict=True
    ):
        assert torch.equal(bits(got), bits(expected))


def test_numbers_that_ran_away_stay_so() -> None:
    """A cost that is no longer finite must be seen, whichever way was chosen."""
    logits, error = torch.zeros(7, 10), torch.zeros(7, 10)
    chosen = quickest(logits, error)
    numbers = torch.zeros(4, 7, 10)
    numbers[1, 3, 3], numbers[2, 4, 5], numbers[3, 0, 0] = float("inf"), float("nan"), -float("inf")
    labels = torch.zeros(4, 7, dtype=torch.int64)
    costs, errors = run(chosen, logits, error, numbers, labels)
    assert [cost.isfinite().item() for cost in costs] == [True, False, False, False]
    assert costs[3] == float("inf")  # an image of a zero that it was sure is none
    assert torch.isfinite(errors[[0, 3]]).all()
    assert torch.isfinite(errors[2, [0, 1, 2, 3, 5, 6]]).all()


@pytest.mark.parametrize("method", ["forward", "backward", "costs"])
@pytest.mark.parametrize("place", [0, -1])
def test_columns_that_round_otherwise_are_not_chosen(
    monkeypatch: pytest.MonkeyPatch, method: str, place: int
) -> None:
    """Not even where a single number differs in its last bit, as on a processor not known here."""
    logits, error = torch.empty(112, 10), torch.empty(112, 10)
    right = getattr(Columns, method)

    def other(self: Columns, *given: Tensor) -> Tensor | None:
        result: Tensor | None = right(self, *given)
        changed = {"forward": given[0], "backward": error, "costs": result}[method]
        assert changed is not None
        number = changed.view(-1)[place]
        number.copy_(torch.nextafter(number, torch.tensor(9.0)))
        return result

    monkeypatch.setattr(Columns, method, other)
    assert isinstance(quickest(logits, error), Rows)


@pytest.mark.parametrize("images", [7, 100, 1000, 3000])
def test_costs_that_are_added_up_otherwise_are_not_chosen(
    monkeypatch: pytest.MonkeyPatch, images: int
) -> None:
    """Half of them are equal all the same, so some must be compared for large batches too."""

    def costs(self: Columns, logs: Tensor, labels: Tensor) -> Tensor:
        return logs.gather(1, labels.unsqueeze(1)).squeeze(1).neg().mean(1)

    monkeypatch.setattr(Columns, "costs", costs)
    assert isinstance(quickest(torch.empty(images, 10), torch.empty(images, 10)), Rows)


def test_a_difference_that_is_rare_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without empty columns, the last images of a batch meet another function for exp."""
    monkeypatch.setattr(softmax, "LANES", 1)
    logits, error = torch.empty(99, 10), torch.empty(99, 10)
    chosen = quickest(logits, error)
    numbers, labels = torch.randn(50, 99, 10), torch.randint(10, (50, 99))
    for got, expected in zip(
        run(chosen, logits, error, numbers, labels), by_autograd(numbers, labels), strict=True
    ):
        assert torch.equal(bits(got), bits(expected))


def test_the_rehearsal_leaves_the_random_numbers_alone() -> None:
    """They belong to the training."""
    before = torch.get_rng_state()
    quickest(torch.empty(10, 10), torch.empty(10, 10))
    assert torch.equal(torch.get_rng_state(), before)
