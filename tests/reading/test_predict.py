"""A picture becomes ten probabilities of the image that the model saw."""

from __future__ import annotations

import pytest

from mnist_tool.reading.predict import predict
from tests.reading.pictures import encoded, large


def test_predict_gives_what_the_model_says_of_the_prepared_image():
    """A model that only counts the ink of ten rows reads the one with the most."""

    def top_heavy(image):
        ink = image[4:14].sum(axis=1, dtype=float)
        return (ink / ink.sum()).tolist()

    result = predict(top_heavy, encoded(large()), "it.png")
    assert result.name == "it.png"
    assert sum(result.probabilities) == pytest.approx(1)
    assert result.digit == int(result.prepared.image[4:14].sum(axis=1).argmax())
    assert result.confidence == max(result.probabilities)
    assert sorted(result.ranking) == list(range(10))
    shares = [result.probabilities[digit] for digit in result.ranking]
    assert shares == sorted(shares, reverse=True)
