"""The reading that is likeliest as a whole is chosen, of every kind of picture."""

from __future__ import annotations

import numpy as np
import pytest

from mnist_tool.dataset.written import draw_digits
from mnist_tool.reading.layout import Candidate
from mnist_tool.reading.network import shipped
from mnist_tool.reading.predict import Digit, choose, groups, predict
from mnist_tool.reading.prepare import prepare
from tests.benchmarks.rows import page as set_page
from tests.reading.pictures import encoded, large
from tests.reading.scenes import KINDS, paper, write
from tests.reading.scenes import WAYS as GLYPHS

# Of ten digits of a kind, so many may be misread: what is drawn with a brush of a fifth of the
# picture, or parted by a crease, is hard for people too.
MISREAD = {"brush": 1, "dotted": 1, "split": 1}


def test_predict_gives_what_the_model_says_of_the_prepared_images():
    """A model that only counts the ink of ten rows reads the one with the most."""

    def top_heavy(images):
        ink = images[:, 4:14].sum(axis=2, dtype=float)
        return ink / ink.sum(axis=1, keepdims=True)

    prepared = prepare(encoded(large()), "it.png", one=True)
    (result,) = predict(top_heavy, [prepared])
    (digit,) = result.digits
    assert result.name == "it.png"
    assert sum(digit.probabilities) == pytest.approx(1)
    assert digit.digit == int(prepared.images[0][4:14].sum(axis=1).argmax())
    assert digit.confidence == max(digit.probabilities)
    shares = [digit.probabilities[each] for each in digit.ranking]
    assert shares == sorted(shares, reverse=True)
    assert np.array_equal(result.images[0], prepared.images[0])


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_of_picture_is_read(kind):
    """Ten digits of each, as several may be in a picture: one is read, and it is the right one."""
    pictures = [prepare(encoded(KINDS[kind](digit)), kind) for digit in range(10)]
    read = [[each.digit for each in result.digits] for result in predict(shipped(), pictures)]
    wrong = [(digit, found) for digit, found in enumerate(read) if found != [digit]]
    assert len(wrong) <= MISREAD.get(kind, 0), wrong


def page(*rows, gap=26, pen=7, touching=()):
    """Rows of digits, each 60 pixels high; the numbers of those that touch the next one."""
    picture = paper(40 + 110 * len(rows), 60 + max(map(len, rows)) * (40 + gap))
    for down, row in enumerate(rows):
        left = 30
        for place, digit in enumerate(row):
            write(picture, GLYPHS[int(digit)][0], (left, 30 + 110 * down, 40, 64), pen)
            left += 40 + (-2 if place in touching else gap)
    return encoded(picture)


@pytest.mark.parametrize("rows", [["0104", "2857"], ["31415926"], ["42"], ["123", "456", "789"]])
def test_rows_are_read_in_order(rows):
    """Each digit with a probability and a box of its own."""
    (result,) = predict(shipped(), [prepare(page(*rows), "page")])
    assert ["".join(str(each.digit) for each in row) for row in result.rows] == rows
    boxes = [digit.box for digit in result.digits]
    assert len(set(boxes)) == len("".join(rows))
    assert all(0 <= left < right <= 1 for left, _, right, _ in boxes)
    assert all(0 <= top < bottom <= 1 for _, top, _, bottom in boxes)


@pytest.mark.parametrize("row", ["00", "58", "67"])
def test_touching_digits_are_parted(row):
    """Where that is likelier as a whole."""
    content = page(row, touching=range(len(row)))
    (result,) = predict(shipped(), [prepare(content, "page")])
    assert [str(each.digit) for each in result.digits] == list(row)


def test_touching_digits_in_a_row_are_parted():
    """Also narrow ones, such as 61 and 31; of 40 rows in many hands, 30 wholly right."""
    random = np.random.default_rng(1)
    digits, truth = draw_digits(400, 7)
    chosen = [random.integers(0, len(digits), 6) for _ in range(40)]
    pages = [encoded(set_page(digits[each], random, touching=1)) for each in chosen]
    read = predict(shipped(), [prepare(each, "page") for each in pages])
    right = [
        [digit.digit for digit in result.digits] == truth[each].tolist()
        for each, result in zip(chosen, read, strict=True)
    ]
    assert sum(right) >= 30


@pytest.mark.parametrize(("high", "count"), [(36, 3), (56, 4)])
def test_what_is_low_is_a_piece_of_its_neighbour(high, count):
    """Where both are nearly as likely; a stroke nearly as high as the rest is a digit."""
    picture = paper(120, 260)
    for left, top, width in ((30, 30, 24), (100, 30, 24), (190, 30, 24)):
        picture[top : top + 64, left : left + width] = 40
    picture[94 - high : 94, 127:135] = 40

    def likely(candidate):
        left, _, right, _ = candidate.box
        return 0.9 if candidate.first < candidate.last else 0.54 if right - left < 20 else 0.99

    prepared = prepare(encoded(picture), "page")
    chances = np.full((len(prepared.images), 10), 0.01)
    chances[:, 1] = list(map(likely, prepared.layout.candidates))
    assert len(choose(prepared, chances).digits) == count


def test_one_digit_is_one_reading():
    """Where that is asked for, whatever is likelier."""
    (result,) = predict(shipped(), [prepare(page("42"), "page", one=True)])
    assert len(result.digits) == 1


def test_no_pictures_are_no_predictions():
    """Nor is the model asked."""
    assert predict(lambda _: 1 / 0, []) == []


@pytest.mark.parametrize(
    ("lefts", "sizes"),
    [
        ([0, 30, 60, 130, 160, 190, 220], [3, 4]),
        ([0, 30, 110, 140, 220, 250], [2, 2, 2]),
        ([0, 30, 60, 92, 126], [5]),  # not quite even
        ([0, 90, 180], [3]),  # wide, but all are
        ([0, 90], [2]),
        ([0], [1]),
    ],
)
def test_a_row_is_divided_where_its_gaps_are_wide(lefts, sizes):
    """Wider than others of the row, and than most of a digit."""
    row = [
        Digit(
            (0.1,) * 10, Candidate(0, place, place, 0, 0, 0, (left, 0, left + 22, 40)), (0, 0, 1, 1)
        )
        for place, left in enumerate(lefts, 1)
    ]
    found = groups(row)
    assert [len(each) for each in found] == sizes
    assert [digit for group in found for digit in group] == row
