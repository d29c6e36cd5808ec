"""Digits and probabilities as characters, as well as the terminal can."""

from __future__ import annotations

import io

import numpy as np
import pytest
from rich.console import Console

from mnist_tool.cli.screen.halfblocks import bars, beside, code, picture, row


def console(**options):
    """A console that writes to memory."""
    return Console(file=io.StringIO(), width=options.pop("width", 80), **options)


def test_halfblocks_show_every_pixel():
    """Without colours each character is two pixels, ink or paper."""
    image = np.zeros((28, 28), int)
    image[0, 0] = image[1, 1] = image[2, 2] = image[3, 2] = 255
    lines = [line.plain for line in picture(image.tolist(), console())]
    assert len(lines) == 14
    assert lines[0] == "▀▄" + " " * 26
    assert lines[1] == "  █" + " " * 25


def test_colours_carry_grey_levels():
    """Foreground and background are the two pixels, dark ink on white paper."""
    image = np.zeros((28, 28), int)
    image[0, 0], image[1, 0] = 255, 100
    stream = console(force_terminal=True, color_system="truecolor")
    first = picture(image.tolist(), stream)[0].spans[0].style
    assert first.color.triplet == (0, 0, 0)
    assert first.bgcolor.triplet == (155, 155, 155)


def test_no_color_needs_no_colour():
    """With ``NO_COLOR`` the picture does not depend on colours that are left out."""
    stream = console(force_terminal=True, color_system="truecolor", no_color=True)
    assert {line.plain.strip() for line in picture(np.zeros((28, 28), int).tolist(), stream)} == {
        ""
    }


def test_bars_are_as_long_as_the_probability():
    """Eighths of a column; prediction and label are named."""
    lines = [line.plain for line in bars([0.5, 0.0, 0.5 / 20] + [0.0] * 7, console(), label=2)]
    assert lines[0] == "0  " + "█" * 10 + " " * 10 + "  0.500  prediction"
    assert lines[2].startswith("2  ▌ ")
    assert lines[2].endswith("label")


@pytest.mark.parametrize(("width", "lines"), [(80, 14), (40, 25)])
def test_narrow_terminals_get_the_bars_below(width, lines):
    """Nothing is wrapped."""
    stream = console(width=width)
    left = picture(np.zeros((28, 28), int).tolist(), stream)
    text = beside(left, bars([0.1] * 10, stream, label=0), stream)
    assert len(text.plain.split("\n")) == lines
    assert all(len(line) <= width for line in text.plain.split("\n"))


def test_bars_have_names():
    """As wide as the longest; nothing is wrapped."""
    lines = [line.plain for line in bars([0.5, 0.5], console(width=40), classes=("Bag", "Sandal"))]
    assert lines[0].startswith("Bag     ██")
    assert lines[1].startswith("Sandal  ██")
    assert max(map(len, lines)) <= 40


def test_of_many_classes_the_likeliest_are_drawn():
    """In their order, and the right answer even where it is not among them."""
    shares = [share / 1000 for share in range(40)]
    lines = [line.plain for line in bars(shares, console(), label=3)]
    assert [line.split()[0] for line in lines] == [*map(str, range(39, 28, -1)), "3"]
    assert lines[0].endswith("prediction")
    assert lines[-1].endswith("label")
    lines = [line.plain for line in bars(shares, console(), label=38)]
    assert [line.split()[0] for line in lines] == [*map(str, range(39, 27, -1))]


def test_a_code_is_dark_on_light_whatever_the_terminal():
    """With colours as it is; without them light on the terminal's dark; in letters not at all."""
    rows = [[True, False], [False, False], [True, True]]
    coloured = code(rows, console(force_terminal=True, color_system="truecolor"))
    assert coloured[0].spans[0].style.color.triplet == (0, 0, 0)
    assert coloured[0].spans[0].style.bgcolor.triplet == (255, 255, 255)
    plain = code(rows, console(color_system=None))
    assert [line.plain for line in plain] == ["▄█", "▄▄"]
    stream = io.TextIOWrapper(io.BytesIO(), encoding="ascii")
    assert code(rows, Console(file=stream)) == []


@pytest.mark.parametrize(("width", "count"), [(80, 5), (44, 3), (43, 2), (10, 1)])
def test_a_row_has_as_many_images_as_there_is_room_for(width, count):
    """Half as large, each with its name below, cut where it is too long."""
    ink = np.full((28, 28), 255)
    names = [f"class number {each}" for each in range(9)]
    lines = row([ink.tolist()] * 9, names, console(width=width)).plain.split("\n")
    assert len(lines) == 8
    assert lines[0] == " ".join(["█" * 14] * count)
    assert lines[-1] == " ".join(name[:14] for name in names[:count])
