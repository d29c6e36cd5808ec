"""A sheet of paper on a table is found, and a light digit is none."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from PIL import Image

from mnist_tool.reading.prepare import prepare
from mnist_tool.reading.sheet import find_card, find_sheet, shrunk
from tests.reading.pictures import NEAR, encoded, far, large


def _sheet(picture):
    return find_sheet(shrunk(picture, 128), picture.shape)


def _card(picture):
    return find_card(shrunk(picture, 128), picture.shape)


def test_the_sheet_is_found_without_its_edge():
    """A light rectangle with some ink on something dark; without ink, or alone, it is none."""
    table = np.full((200, 300), 60, np.uint8)
    assert _sheet(table) is None
    table[40:160, 50:250] = 230
    assert _sheet(table) is None
    table[70:130, 140:160] = 20
    sheet = _sheet(table)
    assert sheet[50:150, 65:235].all()
    assert not sheet[:41].any()
    assert not sheet[:, 249:].any()
    assert _sheet(table[40:160, 50:250]) is None


def test_a_sheet_that_is_seen_askew_is_found():
    """Its far side is shorter; what is notched, or an oval, is none."""

    def lying(*corners):
        table = np.full((200, 300), 60, np.uint8)
        cv2.fillPoly(table, [np.array(corners)], 230)
        table[70:130, 140:160] = 20
        return _sheet(table)

    askew = (90, 20), (200, 20), (270, 180), (30, 180)
    assert lying(*askew)[60:150, 120:180].all()
    assert lying(*askew[:2], (180, 100), *askew[2:]) is None
    oval = cv2.ellipse2Poly((150, 100), (110, 85), 0, 0, 360, 5)
    assert lying(*oval.tolist()) is None


def test_the_light_half_of_a_page_is_no_sheet():
    """Where the light falls slowly from one side to the other; an edge lets it fall at once."""
    page = np.tile(np.linspace(250, 90, 300), (200, 1)).astype(np.uint8)
    page[60:140, 60:70] = 20
    assert _sheet(page) is None
    page[:, 160:] = 60
    assert _sheet(page)[20:180, 20:130].all()


@pytest.mark.parametrize("left", [80, -40])
@pytest.mark.parametrize("shadow", [1.0, 0.6])
def test_a_sheet_on_a_table_is_read_like_the_sheet(left, shadow):
    """Where the paper's edges are in view, whole or cut off, the ink is looked for on it alone."""
    sheet = Image.fromarray((60 + large() * 0.7).astype(np.uint8)).resize((300, 300))
    turned = sheet.rotate(5, expand=True, fillcolor=238)
    table = Image.new("L", (520, 400), 70)
    table.paste(turned, (left, 40), Image.new("L", (300, 300), 255).rotate(5, expand=True))
    light = np.clip(np.add.outer(np.arange(400), np.arange(520)) / -300 + 2.4, shadow, 1)
    noise = np.random.RandomState(1).normal(0, 3, (400, 520))
    photo = (np.asarray(table) * light + noise).clip(0, 255).astype(np.uint8)
    alone = prepare(encoded(turned), "sheet").images[0]
    seen = prepare(encoded(photo), "photo").images[0]
    # Rounding the centre of mass to whole pixels may move it by one.
    moved = [np.roll(seen, (down, 0), (0, 1)) for down in (-1, 0, 1)]
    assert min(far(each, alone) for each in moved) < NEAR


def test_light_digits_are_no_sheets():
    """A bold chalk 0 with a slit is a digit, although it is light with something dark inside."""
    rows, columns = np.mgrid[-1:1:200j, -1:1:200j]
    oval, slit = rows**2 / 0.8 + columns**2 / 0.4, np.maximum(abs(rows) / 4, abs(columns)) < 0.12
    picture = np.where((oval < 0.8) & ~slit, 255, 0).astype(np.uint8)
    prepared = prepare(encoded(picture), "0").images[0]
    assert prepared[14, 14] == 0
    assert prepared[14, 9] == prepared[14, 18] == 255


def test_a_dark_card_on_a_page_is_found():
    """With light ink on it and an even page around; without either it is none."""
    page = np.full((240, 320), 250, np.uint8)
    page[40:200, 60:220] = 10
    assert _card(page) is None
    page[80:160, 130:150] = 240
    found = _card(page)
    assert found[50:190, 70:210].all()
    assert not found[:38].any()
    assert not found[:, 223:].any()
    assert _card(255 - page) is None
    assert _card(page[40:200, 60:220]) is None
    shaded = np.minimum(page, np.linspace(100, 250, 320).astype(np.uint8))
    assert _card(shaded) is None


def test_ticks_belong_to_no_card():
    """Those of a plot's axes; light ink may come near the card's edge."""
    page = np.full((240, 320), 250, np.uint8)
    page[40:200, 60:220] = 10
    page[80:197, 130:150] = 240
    page[100:102, 52:60] = page[200:208, 100:102] = 10
    found = _card(page)
    assert found[50:190, 70:210].all()
    assert not found[:, :58].any()


def test_a_dark_canvas_in_a_window_is_found():
    """On a page that is darker than the ink, beside a title and a button; broad too."""
    window = np.full((240, 320), 235, np.uint8)
    window[:34] = 205
    window[215:235, 40:110] = 210
    window[60:200, 20:300] = 0
    window[80:180, 140:160] = 255
    found = _card(window)
    assert found[70:190, 30:290].all()
    assert not found[:58].any()
    assert not found[202:].any()
    window[60:200] = 235
    window[60:140, 20:300] = 0
    window[85:115, 60:90] = 255
    assert _card(window) is None  # so low it is a title's bar


def test_a_digit_of_straight_strokes_is_no_card():
    """A seven-segment 0 has a hole, and so has a square one."""
    page = np.full((240, 320), 250, np.uint8)
    page[40:200, 100:180] = 10
    page[55:185, 115:165] = 250
    assert _card(page) is None
    page[40:200, 80:240] = 10
    page[60:180, 100:220] = 250
    assert _card(page) is None
