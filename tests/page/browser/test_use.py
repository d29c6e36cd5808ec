"""The page as people use it: with a mouse, a finger, a pen, in Korean, in the dark."""

from __future__ import annotations

import re
from typing import Any

import pytest

from tests.page.browser.pointing import bars, draw, sentence, settle

pytestmark = pytest.mark.browser

PHONE = {"viewport": {"width": 360, "height": 640}, "has_touch": True, "is_mobile": True,
         "device_scale_factor": 3}  # fmt: skip
SEVEN = [(0.3, 0.2), (0.6, 0.2), (0.55, 0.4), (0.48, 0.6), (0.44, 0.85)]


def test_a_stroke_moves_the_bars(open_page: Any, page_of_run: Any) -> None:
    """And is read, while the empty page says that there is nothing."""
    page = open_page(page_of_run)
    assert sentence(page) == "Nothing drawn yet."
    assert bars(page) == ["\N{EN DASH}"] * 10
    draw(page, SEVEN)
    assert sentence(page) == "I read 7."
    shares = [float(share.removesuffix(" %")) for share in bars(page)]
    assert shares[7] == max(shares)
    assert sum(shares) == pytest.approx(100, abs=1)


def test_undo_and_clear(open_page: Any) -> None:
    """Back by one stroke, and to the empty page; then there is nothing to take back."""
    page = open_page()
    draw(page, SEVEN)
    before = bars(page)
    draw(page, [(0.1, 0.9), (0.9, 0.9)])
    assert bars(page) != before
    page.get_by_role("button", name="Undo").click()
    settle(page)
    assert bars(page) == before
    page.get_by_role("button", name="Clear").click()
    settle(page)
    assert sentence(page) == "Nothing drawn yet."
    assert page.get_by_role("button", name="Undo").is_disabled()
    assert page.locator("#images").is_hidden()


def test_what_is_taken_back_while_it_is_drawn_is_gone(open_page: Any) -> None:
    """A second finger on a button, or a key, ends the stroke of the first."""
    page = open_page()
    for take_back in ("undo", "clear"):
        draw(page, SEVEN)
        box = page.locator("#canvas").bounding_box()
        page.mouse.move(box["x"] + 40, box["y"] + 40)
        page.mouse.down()
        page.mouse.move(box["x"] + 80, box["y"] + 90)
        page.evaluate("(id) => document.getElementById(id).click()", take_back)
        page.mouse.move(box["x"] + 120, box["y"] + 60)
        page.mouse.up()
        settle(page)
        left = page.evaluate("App.drawing.items.map(({ points }) => points.length)")
        assert len(left) == (1 if take_back == "undo" else 0)
    assert sentence(page) == "Nothing drawn yet."


def test_doubt_is_told(open_page: Any) -> None:
    """A network without training is not sure of anything."""
    page = open_page("fast-cnn")
    page.evaluate("() => { for (const s of Content.network.steps.at(-1).weight.values.keys())"
                  " Content.network.steps.at(-1).weight.values[s] = 0; }")  # fmt: skip
    draw(page, SEVEN)
    assert re.fullmatch(r"Not sure: \d or \d\.", sentence(page))


def test_a_finger_draws_and_scrolls_nothing(open_page: Any, page_of_run: Any) -> None:
    """A vertical line on a phone, by real touch events."""
    page = open_page(page_of_run, **PHONE)
    page.evaluate("window.scrollTo(0, 40)")
    settle(page)
    before = page.evaluate("window.scrollY")
    box = page.locator("#canvas").bounding_box()
    touch = page.context.new_cdp_session(page)
    x, top, height = box["x"] + box["width"] / 2, box["y"] + 20, box["height"] - 40
    points = [{"x": x, "y": top + height * i / 20} for i in range(21)]
    touch.send("Input.dispatchTouchEvent", {"type": "touchStart", "touchPoints": points[:1]})
    for point in points[1:]:
        touch.send("Input.dispatchTouchEvent", {"type": "touchMove", "touchPoints": [point]})
    touch.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
    settle(page)
    assert sentence(page) == "I read 1."
    assert page.evaluate("window.scrollY") == before > 0
    assert page.evaluate("App.drawing.items.length") == 1


def test_it_fits_a_phone(open_page: Any) -> None:
    """Nothing is wider than the screen, and drawing and sentence are seen together."""
    page = open_page(**PHONE)
    assert page.evaluate("document.documentElement.scrollWidth") == 360
    box = page.locator("#sentence").bounding_box()
    assert box["y"] + box["height"] < 640


def test_it_is_as_sharp_as_the_screen(open_page: Any) -> None:
    """The canvas has as many pixels as it covers on the screen; what is read has always as many."""
    page = open_page(**PHONE)
    wide = page.locator("#canvas").bounding_box()["width"]
    assert page.evaluate("document.getElementById('canvas').width") == pytest.approx(
        3 * wide, abs=3
    )
    assert page.evaluate("App.drawing.ink().columns") == 480


def test_the_answer_is_the_same_on_every_screen(open_page: Any) -> None:
    """The same strokes in the same places give the same bits."""
    seen = []
    for options in ({}, PHONE, {"device_scale_factor": 2}):
        page = open_page(**options)
        page.evaluate("App.drawing.begin({ x: 200, y: 80, pressure: 1 });"
                      "App.drawing.extend({ x: 240, y: 280, pressure: 1 })")  # fmt: skip
        seen.append(page.evaluate("Array.from(Reader.images(App.drawing)[0])"))
    assert seen[0] == seen[1] == seen[2]


def test_a_pen_that_is_pressed_draws_broader(open_page: Any) -> None:
    """A mouse never is."""
    page = open_page()
    widths = page.evaluate(
        """(pointers) => pointers.map(([kind, p]) => {
      const canvas = document.getElementById("canvas");
      canvas.setPointerCapture = () => {};
      const { left, top } = canvas.getBoundingClientRect();
      const at = { pointerId: 5, pointerType: kind, pressure: p, button: 0,
                   clientX: left + 50, clientY: top + 50 };
      canvas.dispatchEvent(new PointerEvent("pointerdown", at));
      canvas.dispatchEvent(new PointerEvent("pointerup", at));
      return App.drawing.items.at(-1).points[0].pressure;
    })""",
        [["pen", 0.1], ["pen", 0.9], ["mouse", 0.5]],
    )
    assert widths[0] < widths[2] == 1 < widths[1]


def test_no_request_leaves_the_page(open_page: Any, page_of_run: Any) -> None:
    """Neither while it opens nor while it is used: the file itself is all that was asked for."""
    page = open_page(page_of_run)
    asked: list[str] = []
    page.context.on("request", lambda request: asked.append(request.url))
    page.reload()
    draw(page, SEVEN)
    page.get_by_role("button", name="한국어").click()
    settle(page)
    assert [url for url in asked if not url.startswith(("data:", "blob:"))] == [page.url]
    assert page.url.startswith("file://")
    refused = page.evaluate("""() => new Promise((done) => {
      document.addEventListener("securitypolicyviolation", (event) => done(event.blockedURI));
      new Image().src = "file:///refused.png";
    })""")
    assert refused == "file"


def test_it_speaks_korean_where_the_browser_does(open_page: Any) -> None:
    """And changes by the switch."""
    page = open_page(locale="ko-KR")
    assert page.title() == "숫자를 그려 보세요"
    assert page.evaluate("document.documentElement.lang") == "ko"
    page.get_by_role("button", name="English").click()
    assert page.title() == "Draw a digit"


def test_both_languages_have_every_word(open_page: Any) -> None:
    """With the same names in braces, and each is used."""
    page = open_page()
    every = page.evaluate("Texts.ALL")
    assert every["ko"].keys() == every["en"].keys()
    for key, text in every["en"].items():
        assert set(re.findall(r"{\w+}", text)) == set(re.findall(r"{\w+}", every["ko"][key])), key


def test_without_javascript_it_says_so(open_page: Any) -> None:
    """In one line."""
    page = open_page(java_script_enabled=False)
    said, *others = filter(None, page.inner_text("body").splitlines())
    assert "needs JavaScript" in said
    assert others == ["Draw a digit"]  # and shows nothing that would not work


def test_the_first_answer_is_quick(open_page: Any, page_of_run: Any) -> None:
    """Within 200 ms of opening on a quiet machine; here five times as long is allowed."""
    page = open_page(page_of_run)
    opened = page.evaluate("App.opened")
    spent = page.evaluate("""() => {
      App.drawing.begin({ x: 200, y: 80, pressure: 1 });
      App.drawing.extend({ x: 240, y: 280, pressure: 1 });
      const start = performance.now();
      Reader.read(App.drawing);
      return performance.now() - start;
    }""")
    print(f"ready after {opened:.0f} ms, read after {spent:.1f} ms more")
    assert opened + spent < 1000


def test_it_reads_in_a_worker_so_that_drawing_never_waits(open_page: Any, page_of_run: Any) -> None:
    """Where none runs it reads in the page: the answer is the same."""
    page = open_page(page_of_run)
    page.wait_for_function("() => Beside.runs")
    draw(page, SEVEN)
    found = bars(page)
    assert sentence(page) == "I read 7."
    page.add_init_script("window.Worker = class { constructor() { throw new Error(); } }")
    page.reload()
    draw(page, SEVEN)
    assert not page.evaluate("Beside.runs")
    assert bars(page) == found


def test_a_worker_that_fails_is_replaced_by_the_page(open_page: Any, page_of_run: Any) -> None:
    """What it was asked last is read all the same."""
    page = open_page(page_of_run)
    page.add_init_script("""
      window.Worker = class {
        constructor() { setTimeout(() => this.onmessage({ data: null })); }
        postMessage({ ink }) { if (ink) setTimeout(() => this.onerror(new Event("error"))); }
      };""")
    page.reload()
    page.wait_for_function("() => Beside.runs")
    draw(page, SEVEN)
    assert sentence(page) == "I read 7."
    assert not page.evaluate("Beside.runs")
