"""The rehearsal takes columns where they have the same bits and are quicker, and nowhere else."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor

from mnist_tool.training.exact import rehearsal
from mnist_tool.training.exact.softmax import Columns, Rows

SLOW, FAST = 2.0, 1.0


seconds = rehearsal._seconds


@pytest.fixture(autouse=True)
def times(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """Seconds that rows and columns are said to take; columns win unless a test says otherwise."""
    said = [SLOW, FAST]
    monkeypatch.setattr(rehearsal, "_seconds", lambda *_: said)
    return said


@pytest.mark.parametrize("images", [1, 7, 100, 3000])
def test_the_same_bits_are_not_enough(images: int, times: list[float]) -> None:
    """Columns that round alike but take as long, or longer, are not worth it."""
    logits = torch.empty(images, 10)
    quick = type(rehearsal.choose(logits))
    for by_columns in (SLOW, 2 * SLOW):
        times[:] = SLOW, by_columns
        assert isinstance(rehearsal.choose(logits), Rows)
    times[:] = SLOW, FAST
    assert isinstance(rehearsal.choose(logits), quick)


@pytest.mark.parametrize("method", ["forward", "backward", "costs"])
@pytest.mark.parametrize("place", [0, -1])
def test_columns_that_round_otherwise_are_not_chosen(
    monkeypatch: pytest.MonkeyPatch, method: str, place: int
) -> None:
    """Not even where a single number differs in its last bit, as on a processor not known here."""
    right = getattr(Columns, method)

    def other(self: Columns, *given: Tensor) -> Tensor | None:
        result: Tensor | None = right(self, *given)
        changed = given[-1] if result is None else result
        number = changed.view(-1)[place]
        number.copy_(torch.nextafter(number, torch.tensor(9.0)))
        return result

    monkeypatch.setattr(Columns, method, other)
    assert isinstance(rehearsal.choose(torch.empty(112, 10)), Rows)


@pytest.mark.parametrize("images", [7, 100, 1000, 3000])
def test_costs_that_are_added_up_otherwise_are_not_chosen(
    monkeypatch: pytest.MonkeyPatch, images: int
) -> None:
    """Half of them are equal all the same, so some must be compared for large batches too."""

    def costs(self: Columns, logs: Tensor, labels: Tensor) -> Tensor:
        return logs.gather(1, labels.unsqueeze(1)).squeeze(1).neg().mean(1)

    monkeypatch.setattr(Columns, "costs", costs)
    assert isinstance(rehearsal.choose(torch.empty(images, 10)), Rows)


def test_the_rehearsal_leaves_the_random_numbers_alone() -> None:
    """They belong to the training."""
    before = torch.get_rng_state()
    rehearsal.choose(torch.empty(10, 10))
    assert torch.equal(torch.get_rng_state(), before)


def test_the_quickest_round_of_each_way_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    """A moment at which the machine did something else is not held against a way."""
    taken = iter([5.0, 2.0, 3.0, 9.0, 4.0, 9.0])  # rows, columns, rows ...
    now = [0.0]

    def play(*_: object) -> None:
        now[0] += next(taken)

    monkeypatch.setattr(rehearsal, "_play", play)
    monkeypatch.setattr(rehearsal.time, "perf_counter", lambda: now[0])
    logits = torch.empty(2, 10)
    ways = (Rows(logits), Columns(logits))
    assert seconds(ways, torch.empty(0), torch.empty(0)) == [3.0, 2.0]
