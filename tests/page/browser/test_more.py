"""What the page offers beside drawing: keys, pictures in and out, examples, a look inside."""

from __future__ import annotations

import io
import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image, ImageDraw

from tests.page.browser.pointing import draw, sentence, settle
from tests.page.content import content, untrained

pytestmark = pytest.mark.browser

SEVEN = [(0.3, 0.2), (0.6, 0.2), (0.55, 0.4), (0.48, 0.6), (0.44, 0.85)]


def _picture(path: Path, ink: int = 20, paper: int = 235) -> Path:
    """Save a photograph of a 1, a little noisy."""
    image = Image.new("L", (300, 400), paper)
    ImageDraw.Draw(image).line([(160, 60), (140, 340)], fill=ink, width=26)
    noise = np.random.default_rng(1).integers(-8, 9, (400, 300))
    Image.fromarray(np.clip(np.asarray(image) + noise, 0, 255).astype(np.uint8)).save(path)
    return path


def _press(page: Any, *keys: str) -> None:
    for key in keys:
        page.keyboard.press(key)
    settle(page)


def test_it_is_drawn_on_with_the_keyboard_alone(open_page: Any, page_of_run: Any) -> None:
    """Tab to the drawing, move, put the pen down, draw a 1, take it back, draw it again, clear."""
    page = open_page(page_of_run)
    page.keyboard.press("Tab")  # the language
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.id") == "canvas"
    _press(page, *["ArrowUp"] * 2)
    assert sentence(page) == "Nothing drawn yet."
    _press(page, "Space", *["ArrowDown"] * 20, "Space")
    assert sentence(page) == "I read 1."
    _press(page, *["ArrowRight"] * 3)  # the pen is up
    assert page.evaluate("App.drawing.items.length") == 1
    _press(page, "Backspace")
    assert sentence(page) == "Nothing drawn yet."
    _press(page, "Space", "ArrowLeft", "Shift+ArrowLeft", "Escape", "ArrowLeft")
    assert page.evaluate("App.drawing.items.length") == 0


def test_every_control_is_reached_by_tab(open_page: Any) -> None:
    """In the order of the page."""
    page = open_page()
    draw(page, SEVEN)
    page.locator("#language").focus()
    reached = []
    for _ in range(40):
        page.keyboard.press("Tab")
        name = page.evaluate("document.activeElement.id || document.activeElement.tagName")
        if name == "BODY":
            break
        reached.append(name)
    wanted = ["canvas", "undo", "clear", "save", "file", "another", "was-right", "was-wrong"]
    assert [name for name in reached if name in wanted] == wanted
    assert "SUMMARY" in reached


def test_a_screen_reader_is_told_when_a_drawing_rests(open_page: Any, page_of_run: Any) -> None:
    """Once, in a live region; and how much lies on the drawing."""
    page = open_page(page_of_run)
    spoken = page.locator("#spoken")
    assert spoken.get_attribute("role") == "status"
    draw(page, SEVEN)
    page.locator("#spoken", has_text="I read 7.").wait_for(state="attached")
    assert page.locator("#canvas").get_attribute("aria-label") == "Drawing area, 1 on it"


def test_the_drawing_is_saved_as_png(open_page: Any) -> None:
    """Black on white, as large as what is read."""
    page = open_page()
    draw(page, SEVEN)
    with page.expect_download() as waiting:
        page.get_by_role("button", name="Save as PNG").click()
    assert waiting.value.suggested_filename == "digit.png"
    with Image.open(io.BytesIO(Path(waiting.value.path()).read_bytes())) as image:
        assert image.size == (480, 360)
        assert image.convert("L").getextrema() == (0, 255)
        assert image.convert("L").getpixel((3, 3)) == 255


@pytest.mark.parametrize("ink", [20, 250])
def test_a_picture_file_is_read(open_page: Any, page_of_run: Any, tmp_path: Path, ink: int) -> None:
    """Dark on light or light on dark."""
    page = open_page(page_of_run)
    page.set_input_files("#file", _picture(tmp_path / "one.png", ink, 270 - ink))
    page.locator("#undo:enabled").wait_for()
    settle(page)
    assert sentence(page) == "I read 1."


def test_a_photograph_in_a_shadow_is_read(open_page: Any, page_of_run: Any, tmp_path: Path) -> None:
    """With a speck on the paper, and a finger that reaches in at the border."""
    page = open_page(page_of_run)
    with Image.open(_picture(tmp_path / "one.png")) as image:
        pixels = np.asarray(image).astype(float)
    pixels[:40, :30] = 60
    pixels[330:334, 250:254] = 30
    shadow = np.linspace(1, 0.35, 300)[None] * np.linspace(1, 0.8, 400)[:, None]
    Image.fromarray((pixels * shadow).astype(np.uint8)).save(tmp_path / "one.png")
    page.set_input_files("#file", tmp_path / "one.png")
    page.locator("#undo:enabled").wait_for()
    settle(page)
    assert sentence(page) == "I read 1."


@pytest.mark.parametrize("way", ["drop", "paste"])
def test_a_picture_is_dropped_or_pasted(
    open_page: Any, page_of_run: Any, tmp_path: Path, way: str
) -> None:
    """Anywhere on the page."""
    page = open_page(page_of_run)
    page.evaluate(
        """([way, bytes]) => {
          const given = new DataTransfer();
          given.items.add(new File([Uint8Array.from(bytes)], "a.png", { type: "image/png" }));
          document.dispatchEvent(way === "drop"
            ? new DragEvent("drop", { dataTransfer: given, cancelable: true })
            : new ClipboardEvent("paste", { clipboardData: given, cancelable: true }));
        }""",
        [way, list(_picture(tmp_path / "one.png").read_bytes())],
    )
    page.locator("#undo:enabled").wait_for()
    settle(page)
    assert sentence(page) == "I read 1."


def _photograph(page: Any, folder: Path, side: int = 2600) -> None:
    """Give the page a large photograph of a 1, and return at once."""
    with Image.open(_picture(folder / "small.png")) as small:
        small.resize((side, side * 4 // 3)).save(folder / "large.png", compress_level=1)
    page.wait_for_function("() => Beside.runs")
    page.set_input_files("#file", folder / "large.png")


def test_the_page_is_free_while_a_photograph_is_read(
    open_page: Any, page_of_run: Any, tmp_path: Path
) -> None:
    """It says that it reads and draws frame after frame; not a line of the reading runs in it."""
    page = open_page(page_of_run)
    page.evaluate("""() => {
      for (const part of [Greying, Ink, Parts, Layout]) {
        for (const name of Object.keys(part)) {
          if (typeof part[name] === "function") part[name] = () => { throw new Error(name); };
        }
      }
      window.frames = 0;
      window.said = new Set();
      const count = () => {
        if (Beside.looks) window.frames++;
        window.said.add(document.getElementById("told").textContent);
        requestAnimationFrame(count);
      };
      count();
    }""")
    _photograph(page, tmp_path)
    page.locator("#undo:enabled").wait_for()
    settle(page)
    assert sentence(page) == "I read 1."
    assert page.evaluate("window.frames") > 2
    assert page.evaluate("[...window.said]") == ["", "Reading the picture …"]
    assert page.locator("#told").inner_text() == ""


def test_who_draws_while_a_photograph_is_read_wants_it_no_more(
    open_page: Any, page_of_run: Any, tmp_path: Path
) -> None:
    """The drawing is read at once and stays, and the worker that was busy is gone."""
    page = open_page(page_of_run)
    _photograph(page, tmp_path)
    page.wait_for_function("() => Beside.looks")
    draw(page, SEVEN)
    assert not page.evaluate("Beside.looks")
    assert sentence(page) == "I read 7."
    assert page.locator("#told").inner_text() == ""
    assert page.evaluate("App.drawing.items.length") == 1


def test_a_picture_takes_the_place_of_a_drawing_until_undo(
    open_page: Any, page_of_run: Any, tmp_path: Path
) -> None:
    """And so does a test image: nothing that was drawn is lost by a click."""
    page = open_page(page_of_run)
    draw(page, SEVEN)
    page.set_input_files("#file", _picture(tmp_path / "one.png"))
    page.wait_for_function("() => App.drawing.images")
    page.locator("#right button").first.click()
    settle(page)
    for read in ("I read 1.", "I read 7."):
        page.get_by_role("button", name="Undo").click()
        settle(page)
        assert sentence(page) == read


def test_a_picture_lifts_the_pen_of_the_keyboard(open_page: Any, tmp_path: Path) -> None:
    """So that the space bar puts it down on the picture."""
    page = open_page()
    page.locator("#canvas").focus()
    _press(page, "Space", "ArrowDown")
    page.set_input_files("#file", _picture(tmp_path / "one.png"))
    page.wait_for_function("() => App.drawing.images")
    _press(page, "ArrowDown")
    assert page.evaluate("App.drawing.items.length") == 1
    _press(page, "Space", "ArrowDown")
    assert page.evaluate("App.drawing.items.length") == 2


def test_without_workers_a_picture_is_read_in_the_page(
    open_page: Any, page_of_run: Any, tmp_path: Path
) -> None:
    """Nor is there need of a canvas without a document, which browsers have only since 2023."""
    page = open_page(page_of_run)
    page.add_init_script("window.Worker = class { constructor() { throw new Error(); } };"
                         "delete window.OffscreenCanvas")  # fmt: skip
    page.reload()
    page.set_input_files("#file", _picture(tmp_path / "one.png"))
    page.locator("#undo:enabled").wait_for()
    settle(page)
    assert sentence(page) == "I read 1."


def test_what_is_no_picture_is_told(open_page: Any, tmp_path: Path) -> None:
    """And what is on the drawing stays; an empty sheet is told too."""
    page = open_page()
    draw(page, SEVEN)
    (tmp_path / "a.png").write_bytes(b"no picture")
    page.set_input_files("#file", tmp_path / "a.png")
    page.locator("#told", has_text="cannot read").wait_for()
    Image.new("L", (50, 50), 200).save(tmp_path / "b.png")
    page.set_input_files("#file", tmp_path / "b.png")
    page.locator("#told", has_text="no ink").wait_for()
    assert page.evaluate("App.drawing.items.length") == 1


def test_test_images_are_seen_as_they_are(open_page: Any, page_of_run: Any) -> None:
    """A mistake that is clicked on is made again: the network sees the very pixels."""
    page = open_page(page_of_run)
    pictures = page.locator("#right button, #mistakes button")
    assert pictures.count() >= 20
    for place in range(0, pictures.count(), 4):
        button = pictures.nth(place)
        name = button.get_attribute("aria-label")
        read = re.fullmatch(r".*: test image \d+, of class \d, read as (\d)", name)[1]
        button.click()
        settle(page)
        assert page.evaluate("Content.classes[App.readings[0].best]") == read
        assert page.evaluate(
            "Content.examples.some(({ image }) => image === App.readings[0].image)"
        )
    lecture = page.locator("[aria-label*='test image 3757, of class 8']")
    assert lecture.locator("small").inner_text() == "№ 3757"


@pytest.mark.parametrize("name", ["linear", "mlp-plain", "cnn", "fast-cnn"])
def test_a_look_inside(open_page: Any, name: str) -> None:
    """What speaks for and against a class adds up to its output, whatever the network."""
    page = open_page(name)
    draw(page, SEVEN)
    page.get_by_text("Look inside").click()
    settle(page)
    assert page.locator(".reasons li").count() == 10
    kinds = page.evaluate("Content.network.steps.map(({ kind }) => kind)")
    shown = [kind for kind in kinds[:-1] if kind not in ("scale", "affine")]
    assert page.locator("#layers figure").count() == len(shown)
    difference = page.evaluate("""() => {
      const states = Network.trace(Content.network, App.readings[0].image);
      const { weight, bias } = Content.network.steps.at(-1);
      const sums = Inside.evidence(weight, states.at(-2)).map((map, i) =>
        map.reduce((a, b) => a + b, bias.values[i]));
      return Math.max(...sums.map((sum, i) => Math.abs(sum - states.at(-1).values[i])));
    }""")
    assert difference < 1e-3


def test_inside_a_linear_model_each_pixel_counts(open_page: Any) -> None:
    """The template of each class times the image, as 28 x 28."""
    page = open_page()
    page.get_by_text("Look inside").click()
    page.locator("#layers", has_text="Nothing drawn yet.").wait_for()
    draw(page, SEVEN)
    sides = page.evaluate(
        "[...document.querySelectorAll('.reasons canvas')].map((c) => [c.width, c.height])"
    )
    assert sides == [[28, 28]] * 10


def test_the_game_is_won_by_what_it_is_taken_for(open_page: Any, page_of_run: Any) -> None:
    """Draw a 7 that it takes for a 1: a plain 1 will do, for the page cannot see a cheat."""
    page = open_page(page_of_run)
    assert page.locator("#challenge").inner_text() == "Draw a 7 that it takes for a 1."
    draw(page, SEVEN)
    assert page.locator("#won").inner_text() == ""
    page.get_by_role("button", name="Clear").click()
    draw(page, [(0.5, 0.15), (0.5, 0.85)])
    assert page.locator("#won").inner_text().startswith("It takes it for a 1!")
    page.get_by_role("button", name="Another one").click()
    settle(page)
    assert page.locator("#challenge").inner_text() != "Draw a 7 that it takes for a 1."


def test_drawings_are_counted(open_page: Any) -> None:
    """And each one makes room for the next."""
    page = open_page()
    assert page.get_by_role("button", name="Right", exact=True).is_disabled()
    for answer in ("Right", "Wrong", "Right"):
        draw(page, SEVEN)
        page.get_by_role("button", name=answer, exact=True).click()
        settle(page)
    assert page.locator("#score").inner_text() == "It read 2 of 3 of your drawings right."
    assert sentence(page) == "Nothing drawn yet."


def test_classes_have_the_names_of_the_data(open_page: Any) -> None:
    """Not every data set is of digits."""
    names = [
        "top",
        "trouser",
        "pullover",
        "dress",
        "coat",
        "sandal",
        "shirt",
        "shoe",
        "bag",
        "boot",
    ]
    page = open_page(content(untrained("linear"), classes=names))
    draw(page, SEVEN)
    assert page.locator("#bars .class").all_text_contents() == names
    assert any(name in sentence(page) for name in names)


def test_it_can_be_printed(open_page: Any) -> None:
    """Without what only a screen is for, black on white."""
    page = open_page(color_scheme="dark")
    draw(page, SEVEN)
    page.emulate_media(media="print")
    assert page.locator("#undo").is_hidden()
    assert page.locator("#challenge").is_hidden()
    assert page.locator("#bars").is_visible()
    assert page.evaluate("getComputedStyle(document.body).color") == "rgb(0, 0, 0)"
