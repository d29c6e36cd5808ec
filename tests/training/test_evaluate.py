"""Evaluation against counting by hand, and the interval against its definition."""

from __future__ import annotations

import math

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor, nn

from mnist_tool.errors import SettingError
from mnist_tool.training.evaluate import (
    Evaluation,
    evaluate,
    evaluate_scales,
    probabilities,
    wilson,
)


class Says(nn.Module):
    """A model that reads its answer from the first pixel: 0 says digit 0, 1 says digit 9."""

    def __init__(self) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.ones(1))
        self.seen: list[float] = []

    def forward(self, pixels: Tensor) -> Tensor:
        """Return logits that peak at nine times the first pixel."""
        self.seen.append(float(pixels.max()))
        answer = (pixels[:, 0, 0, 0] * 9).round().clamp(0, 9).long()
        return nn.functional.one_hot(answer, 10).float() * 5 * self.weight


def saying(*digits: int) -> Tensor:
    """Images to which `Says` answers with these digits."""
    images = torch.zeros(len(digits), 28, 28, dtype=torch.uint8)
    images[:, 0, 0] = torch.tensor([round(digit * 255 / 9) for digit in digits])
    return images


def test_counts_by_hand() -> None:
    """Accuracy, confusion, precision and recall are those one counts."""
    result = evaluate(Says(), saying(0, 0, 1, 1, 9), torch.tensor([0, 1, 1, 1, 2]))
    assert (result.correct, result.total, result.accuracy) == (3, 5, 0.6)
    assert result.confusion[1][0] == 1
    assert result.confusion[2][9] == 1
    assert result.precision[:2] == (0.5, 1.0)
    assert result.recall[:3] == (1.0, 2 / 3, 0.0)
    assert math.isnan(result.precision[5])
    assert math.isnan(result.recall[5])
    assert result.as_dict()["precision"][5] is None
    right, wrong = (math.log(math.exp(5) + 9) - gain for gain in (5, 0))
    assert result.cost == pytest.approx((3 * right + 2 * wrong) / 5, rel=1e-6)


def test_raw_pixels_are_not_divided() -> None:
    """The lecture's scale feeds 0 to 255, the other 0 to 1; both are evaluated, raw first."""
    model, images = Says(), saying(9, 9)
    results = evaluate_scales(model, images, torch.tensor([9, 9]), raw=True)
    assert [result.raw for result in results] == [True, False]
    assert model.seen == [255.0, 1.0]


def test_probabilities_add_up_and_chunks_do_not_matter(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every row adds up to 1, and is the same however many images go at once."""
    images = torch.randint(0, 256, (25, 28, 28), dtype=torch.uint8)
    model = nn.Sequential(nn.Flatten(), nn.Linear(784, 10))
    whole = probabilities(model, images)
    assert torch.allclose(whole.sum(1), torch.ones(25))
    monkeypatch.setattr("mnist_tool.training.evaluate.CHUNK", 7)
    assert torch.allclose(probabilities(model, images), whole, atol=1e-6)


def test_mode_of_the_model_is_put_back() -> None:
    """Evaluation switches dropout off and leaves the model as it was."""
    model = nn.Sequential(nn.Flatten(), nn.Dropout(0.9), nn.Linear(784, 10))
    images = torch.full((3, 28, 28), 255, dtype=torch.uint8)
    model.train()
    assert torch.equal(probabilities(model, images), probabilities(model, images))
    assert model.training


@given(st.integers(1, 10_000).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))))
def test_wilson_interval_solves_its_equation(counts: tuple[int, int]) -> None:
    """Each end is a share from which the found one is exactly 1.96 standard errors away."""
    correct, total = counts
    share = correct / total
    low, high = wilson(correct, total)
    assert 0 <= low <= share <= high <= 1
    for end in (low, high):
        distance = abs(share - end)
        error = 1.959963984540054 * math.sqrt(end * (1 - end) / total)
        assert distance == pytest.approx(error, abs=1e-9)


def test_there_may_be_any_number_of_classes() -> None:
    """As many as the model tells apart, whether they occur or not."""
    model = nn.Sequential(nn.Flatten(), nn.Linear(784, 3))
    labels = torch.tensor([0, 1, 1, 1])
    result = evaluate(model, torch.zeros(4, 28, 28, dtype=torch.uint8), labels)
    assert [len(row) for row in result.confusion] == [3, 3, 3]
    assert sum(map(sum, result.confusion)) == 4
    assert len(result.precision) == len(result.recall) == 3
    assert math.isnan(result.recall[2])


@pytest.mark.parametrize(
    ("images", "labels"),
    [
        (torch.zeros(3, 28, 28), torch.zeros(3)),
        (torch.zeros(3, 1, 28, 28, dtype=torch.uint8), torch.zeros(3)),
        (torch.zeros(3, 28, 28, dtype=torch.uint8), torch.zeros(2)),
        (torch.zeros(0, 28, 28, dtype=torch.uint8), torch.zeros(0)),
    ],
)
def test_what_does_not_belong_together_is_refused(images: Tensor, labels: Tensor) -> None:
    """With what it should be, before torch says something about matrices."""
    with pytest.raises(SettingError, match="shape"):
        evaluate(nn.Flatten(), images, labels)


def test_an_evaluation_shows_itself_in_a_line() -> None:
    """Without its matrix."""
    shown = repr(Evaluation(4, 3, 0.75, (0.3, 0.95), 1.0, ((0,) * 10,) * 10))
    assert shown == (
        "Evaluation: 3 of 4 right, accuracy 0.7500 (95 %: 0.3000..0.9500), mean cost 1.0000"
    )


def test_mistakes_are_named_and_some_images_can_be_left_out() -> None:
    """By their places; what is left out counts neither way."""
    result = evaluate(Says(), saying(0, 0, 1, 1, 9), torch.tensor([0, 1, 1, 1, 2]))
    assert result.mistakes == (1, 4)
    assert result.without([4]) == 3 / 4
    assert result.without([0, 4]) == 2 / 3
    assert result.without([]) == result.accuracy
