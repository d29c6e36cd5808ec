"""The choice of threads: it follows the clock, changes no digit, and leaves torch as it was."""

from __future__ import annotations

import itertools
from collections.abc import Iterator

import pytest
import torch
from torch import nn

from mnist_tool.training import pace
from mnist_tool.training.pace import Pace
from mnist_tool.training.recipes import Settings
from mnist_tool.training.steps import LinearSteps
from mnist_tool.training.trainer import Trainer

Split = tuple[torch.Tensor, torch.Tensor]


@pytest.fixture(autouse=True)
def threads() -> Iterator[int]:
    """Begin with two threads, and put back what was set before."""
    before = torch.get_num_threads()
    torch.set_num_threads(2)
    yield 2
    torch.set_num_threads(before)


class Clock:
    """A clock that goes as fast as each number of threads is said to be slow."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, speed: dict[int, float]) -> None:
        self.now = 0.0
        self.speed = speed
        monkeypatch.setattr(pace.time, "perf_counter", lambda: self.now)

    def run(self, choice: Pace, blocks: int, batches: int = 1) -> list[int]:
        """Run an epoch of so many blocks and return the number of threads of each."""
        used = []
        with choice.epoch():
            for _ in range(blocks):
                with choice.block(batches):
                    used.append(torch.get_num_threads())
                    self.now += batches * self.speed[used[-1]]
        return used


SLOW, FAST = 0.002, 0.001


@pytest.mark.parametrize(("one", "two", "best"), [(SLOW, FAST, 2), (FAST, SLOW, 1)])
def test_an_epoch_goes_on_with_the_fastest(
    monkeypatch: pytest.MonkeyPatch, one: float, two: float, best: int
) -> None:
    """Both numbers are tried, the faster one does all the rest."""
    used = Clock(monkeypatch, {1: one, 2: two}).run(Pace((2, 1)), 30)
    assert set(used) == {1, 2}
    assert used == [2] * pace.TRIES + [1] * pace.TRIES + [best] * (30 - 2 * pace.TRIES)


def test_a_short_block_is_not_a_fast_one(monkeypatch: pytest.MonkeyPatch) -> None:
    """The last block of an epoch may have fewer batches than those it is compared with."""
    choice, clock = Pace((2, 1)), Clock(monkeypatch, {1: SLOW, 2: FAST})
    clock.run(choice, pace.TRIES, batches=10)
    clock.run(choice, pace.TRIES, batches=1)
    assert clock.run(choice, 10) == [2] * 10


def test_a_machine_that_becomes_busy_is_noticed_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """One slow block is chance; after the second the other number goes on."""
    choice, clock = Pace((2, 1)), Clock(monkeypatch, {1: FAST, 2: FAST / 2})
    assert clock.run(choice, 20)[-1] == 2
    clock.speed[2] = SLOW
    assert clock.run(choice, 1) == [2]
    clock.speed[2] = FAST / 2
    assert clock.run(choice, 10) == [2] * 10
    clock.speed[2] = SLOW
    assert clock.run(choice, 10) == [2] * 2 + [1] * 8


def test_a_machine_that_becomes_quiet_is_noticed_soon(monkeypatch: pytest.MonkeyPatch) -> None:
    """Also if two threads were slow only while torch was starting them."""
    choice, clock = Pace((2, 1)), Clock(monkeypatch, {1: FAST, 2: SLOW})
    assert clock.run(choice, 20)[-1] == 1
    clock.speed[2] = FAST / 2
    used = clock.run(choice, 2 * round(pace.AGAIN[0] / FAST))
    assert used.index(2) * FAST <= pace.AGAIN[0]
    assert used[used.index(2) :].count(1) <= pace.TRIES


def test_looking_for_something_better_costs_little(monkeypatch: pytest.MonkeyPatch) -> None:
    """A number that is twice as slow gets two blocks in a tenth of a second."""
    choice, clock = Pace((2, 1)), Clock(monkeypatch, {1: SLOW, 2: FAST})
    clock.run(choice, 20)
    used = clock.run(choice, 1000)
    tries = [len(list(blocks)) for threads, blocks in itertools.groupby(used) if threads == 1]
    assert 1000 * FAST / pace.AGAIN[0] >= len(tries) >= 1000 * FAST / pace.AGAIN[0] - 2
    assert set(tries) == {pace.TRIES}


def test_looking_costs_little_where_a_block_takes_long(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where a try takes longer than the time after which there is another one."""
    used = Clock(monkeypatch, {1: 2.0, 2: 1.0}).run(Pace((2, 1)), 100)
    assert used.count(1) <= 100 * pace.TRIES / pace.AGAIN[1]


def test_a_slow_first_block_is_not_the_last_word(monkeypatch: pytest.MonkeyPatch) -> None:
    """It also wakes the other threads."""
    choice, clock = Pace((2, 1)), Clock(monkeypatch, {1: FAST, 2: 5 * FAST})
    clock.run(choice, 1)
    clock.speed[2] = FAST / 2
    assert clock.run(choice, 10)[-1] == 2


def test_the_usual_number_is_set_again(monkeypatch: pytest.MonkeyPatch) -> None:
    """After an epoch, and after one that an exception ends."""
    choice, clock = Pace((2, 1)), Clock(monkeypatch, {1: FAST, 2: SLOW})
    assert clock.run(choice, 20)[-1] == 1
    assert torch.get_num_threads() == 2
    del clock.speed[1]  # the first block on one thread fails
    with pytest.raises(KeyError):
        clock.run(choice, 20)
    assert torch.get_num_threads() == 2


@pytest.mark.parametrize(("choices", "fewest"), [((2, 1), 1), ((1, 2), 1), ((2,), 2)])
def test_threads_are_spared_for_others(choices: tuple[int, ...], fewest: int) -> None:
    """For a while; never a number that is not offered."""
    choice = Pace(choices)
    with choice.spare():
        assert torch.get_num_threads() == fewest
    assert torch.get_num_threads() == choices[0]


def test_one_number_is_not_compared(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where there is no choice, nothing else is ever set."""
    assert Clock(monkeypatch, {2: FAST}).run(Pace((2,)), 10) == [2] * 10


def _train(order: list[int]) -> tuple[torch.Tensor, torch.Tensor, list[torch.Tensor]]:
    """Train a linear classifier, each block on its own number of threads."""
    torch.set_num_threads(2)
    torch.manual_seed(3)
    linear = nn.Linear(784, 10)
    steps = LinearSteps(linear, 0.1, 100)
    costs = []
    for threads in order:
        pixels, labels = torch.rand(1000, 1, 28, 28), torch.randint(0, 10, (1000,))
        torch.set_num_threads(threads if threads in steps.threads else 2)
        costs += steps(pixels, labels)
    return linear.weight.detach(), linear.bias.detach(), costs


def test_changing_threads_changes_no_bit() -> None:
    """Where one thread is offered beside two, weights and costs are the same to the last bit."""
    usual, mixed = _train([2] * 8), _train([1, 2, 1, 1, 2, 2, 1, 2])
    assert torch.equal(usual[0], mixed[0])
    assert torch.equal(usual[1], mixed[1])
    assert torch.equal(torch.stack(usual[2]), torch.stack(mixed[2]))


def test_a_training_goes_on_with_the_threads_it_began_with(split: Split) -> None:
    """The digits of what is left depend on them, whatever torch has been told meanwhile."""
    begun = Trainer(Settings.of("softmax"), *split)
    torch.set_num_threads(1)
    other = Trainer(Settings.of("softmax"), *split)
    other.load_state_dict(begun.model.state_dict(), begun.state_dict())
    torch.set_num_threads(1)
    used: list[int] = []

    class Listener:
        def progress(self, epoch: int, images: int, cost: float) -> None:
            used.append(torch.get_num_threads())

    next(other.epochs(Listener()))
    assert used[0] == 2


def test_the_rehearsal_leaves_no_trace() -> None:
    """Neither in the weights, nor in the random numbers of the training, nor in torch."""
    linear = nn.Linear(784, 10)
    weights, random = linear.weight.detach().clone(), torch.get_rng_state()
    LinearSteps(linear, 0.1, 100)
    assert torch.equal(linear.weight, weights)
    assert torch.equal(torch.get_rng_state(), random)
    assert torch.get_num_threads() == 2
