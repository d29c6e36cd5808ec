"""The model that ships is torch's, to four digits, and as accurate as it says."""

from __future__ import annotations

import numpy as np
import pytest

from mnist_tool.reading.network import WEIGHTS, Shipped, shipped
from tests.reading.calibration import calibration_error
from tests.real_data import REPOSITORY

# Matplotlib brings them, in each of its releases the same; OpenCV's are others since its fifth.
FONTS = ("DejaVuSans", "DejaVuSansMono", "DejaVuSerif", "DejaVuSerif-Italic")
FONTS += ("STIXGeneral", "STIXGeneralItalic", "cmmi10", "cmr10")


def test_the_file_is_small_and_nothing_but_numbers():
    """At most 500 KB."""
    path = REPOSITORY / "mnist_tool" / "reading" / WEIGHTS
    assert path.stat().st_size <= 500_000
    with np.load(path, allow_pickle=False) as content:
        assert {content[name].dtype.name for name in content.files} == {"float16", "uint8"}


def test_it_is_torchs_model():
    """On images and on noise, in one batch or in several."""
    import torch

    from mnist_tool.exporting.trained_model import model_of
    from mnist_tool.training.evaluate import logits

    random = np.random.default_rng(0)
    images = random.integers(0, 256, (150, 28, 28)).astype(np.uint8)
    images[:100, :, :8] = images[:100, :, 20:] = 0
    model = shipped()
    torchs = logits(model_of(model.arrays), torch.from_numpy(images))
    assert np.abs(model.logits(images) - torchs.numpy()).max() < 1e-4
    assert np.abs(model(images) - torchs.softmax(1).numpy()).max() < 1e-4


def test_outputs_that_are_far_apart_overflow_nothing():
    """However sure a model is, its probabilities are numbers and add up to 1."""
    model = shipped()
    loud = Shipped({**model.arrays, "weight": model.arrays["weight"] * 1000}, model.facts)
    images = np.random.default_rng(0).integers(0, 256, (20, 28, 28)).astype(np.uint8)
    with np.errstate(over="raise", invalid="raise"):
        chances = loud(images)
    assert np.allclose(chances.sum(axis=1), 1)
    assert (chances.argmax(axis=1) == loud.logits(images).argmax(axis=1)).all()


@pytest.mark.mnist
def test_it_is_as_accurate_as_it_says(mnist_root):
    """On MNIST's test images: more than 99.5 %."""
    from mnist_tool.exporting.trained_model import model_of
    from mnist_tool.training.data import load
    from mnist_tool.training.evaluate import evaluate

    model = shipped()
    result = evaluate(model_of(model.arrays), *load("test", root=mnist_root, download=False))
    assert result.accuracy == pytest.approx(model.facts["accuracy"], abs=3e-4)
    assert model.facts["accuracy"] > 0.995


def test_its_probabilities_are_those_of_being_right():
    """On digits that no training saw, changed as pictures from the world are, to two hundredths."""
    import torch

    from mnist_tool.dataset.written import draw_digits
    from mnist_tool.training.augment import vary
    from mnist_tool.training.seeded import seeded

    drawn, truths = draw_digits(3000, seed=2024)
    with seeded(2024):
        changed = vary(torch.from_numpy(drawn).unsqueeze(1).float() / 255)
    chances = shipped()((changed * 255).round().to(torch.uint8).squeeze(1).numpy())
    right = chances.argmax(axis=1) == truths
    assert calibration_error(chances.max(axis=1), right) < 0.02
    hot = chances**0.5 / (chances**0.5).sum(axis=1, keepdims=True)
    assert calibration_error(hot.max(axis=1), right) > 0.02  # the measure sees another temperature


def test_every_way_of_writing_that_the_tool_draws_is_read():
    """Of drawn digits that no training saw next to all."""
    from mnist_tool.dataset.written import draw_digits

    drawn, truths = draw_digits(2000, seed=2024)
    assert (shipped()(drawn).argmax(axis=1) == truths).mean() > 0.994


def test_two_digits_are_told_from_one():
    """Of drawn ones that touch or nearly do next to none is taken for a digit with 0.7."""
    import torch

    from mnist_tool.dataset.written import draw_digits
    from mnist_tool.training.touching import pairs

    digits = torch.from_numpy(draw_digits(500, seed=2024)[0])
    chances = shipped()(pairs(digits, 500, seed=2024).numpy()).max(axis=1)
    assert (chances >= 0.7).mean() < 0.03


def test_what_is_no_digit_is_told_from_digits():
    """Of letters that it never saw more than half are refused, of drawn digits next to none."""
    import matplotlib
    from PIL import Image, ImageDraw, ImageFont

    from mnist_tool.dataset.written import draw_digits
    from mnist_tool.reading.preprocess import normalise

    model = shipped()
    letters = []
    for name in FONTS:
        font = ImageFont.truetype(f"{matplotlib.get_data_path()}/fonts/ttf/{name}.ttf", 80)
        for letter in "ABDEFGHKMNPQRTUVWXYabdefhkmnprtuwxy":
            page = Image.new("L", (120, 120))
            ImageDraw.Draw(page).text((20, 10), letter, 255, font)
            letters.append(normalise(np.asarray(page)))
    refused = model(np.stack(letters)).max(axis=1) < model.facts["least"]
    assert refused.mean() > 0.5
    digits, _ = draw_digits(500, seed=4321)
    assert (model(digits).max(axis=1) < model.facts["least"]).mean() < 0.02
