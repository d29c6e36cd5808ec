"""The pictures say what the arrays say: the figures' own data is read, not their pixels."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from mnist_tool import plots
from mnist_tool.errors import DependencyError, DisplayError, SettingError, StorageError
from mnist_tool.plots.background import Drawing, Painter
from mnist_tool.plots.canvas import render
from mnist_tool.plots.window import show

RANDOM = np.random.RandomState(1)
IMAGES = RANDOM.randint(0, 256, (40, 28, 28)).astype(np.uint8)
LABELS = np.arange(40) % 10
TEN = np.array([0.01, 0.02, 0.03, 0.5, 0.04, 0.05, 0.06, 0.07, 0.12, 0.1])


def texts(figure):
    """All words of a figure, of its axes too."""
    return [t.get_text() for t in figure.texts] + [
        t.get_text() for axes in figure.axes for t in axes.texts
    ]


def test_curve_has_one_mark_per_epoch():
    """Each run is a line from epoch 1 on, under its name."""
    figure = plots.draw_costs({"a": [0.5, 0.3, 0.2], "b": [0.6, 0.4]})
    lines = {line.get_label(): line.get_xydata().tolist() for line in figure.axes[0].lines}
    assert lines == {"a": [[1, 0.5], [2, 0.3], [3, 0.2]], "b": [[1, 0.6], [2, 0.4]]}


def test_costs_within_an_epoch_stand_where_they_were_reached():
    """The costs after half an epoch, one, one and a half; a line without marks."""
    figure = plots.draw_costs({"a": [0.5, 0.3, 0.2]}, per_epoch=2)
    (line,) = figure.axes[0].lines
    assert line.get_xydata().tolist() == [[0.5, 0.5], [1, 0.3], [1.5, 0.2]]
    assert line.get_marker() == ""
    ends = [text for text in figure.axes[0].texts if text.get_text() in ("0.5000", "0.2000")]
    assert [text.xy for text in ends] == [(0.5, 0.5), (1.5, 0.2)]


def test_one_epoch_is_one_whole_number():
    """A single cost stands over the tick 1, on an axis that begins at nothing."""
    axes = plots.draw_costs({"a": [0.66]}).axes[0]
    low, high = axes.get_xlim()
    assert [tick for tick in axes.get_xticks() if low <= tick <= high] == [1]
    assert axes.get_ylim()[0] == 0


def test_long_names_stay_on_the_paper():
    """The legend lies within the picture."""
    figure = plots.draw_costs({"a" * 40: [0.5, 0.4], "b" * 40: [0.6, 0.5]})
    figure.canvas.draw()
    box = figure.axes[0].get_legend().get_window_extent()
    assert figure.bbox.x0 < box.x0 < box.x1 < figure.bbox.x1


@pytest.mark.parametrize(("costs", "scale"), [([0.5, 0.1], "linear"), ([0.5, 0.01], "log")])
def test_curve_turns_logarithmic_over_a_factor_of_ten(costs, scale):
    """Small costs stay visible beside large ones."""
    assert plots.draw_costs({"a": costs}).axes[0].get_yscale() == scale


def test_samples_stand_in_the_row_of_their_digit():
    """Row d holds the first images labelled d, in their order, dark ink on white."""
    figure = plots.draw_samples(IMAGES, LABELS, per_digit=3)
    (shown,) = figure.axes[0].images
    grid = shown.get_array()
    assert shown.get_clim() == (0, 255)
    assert shown.get_cmap().name == "Greys"
    cell = len(grid) // 10
    for digit in range(10):
        for place in range(3):
            top, left = digit * cell + 3, place * cell + 3
            expected = IMAGES[digit == LABELS][place]
            assert np.array_equal(grid[top : top + 28, left : left + 28], expected)


def test_too_few_samples_leave_paper():
    """A row that is not full ends in paper instead of failing."""
    grid = plots.draw_samples(IMAGES, LABELS, per_digit=6).axes[0].images[0].get_array()
    assert not grid[:, -34:].any()


def test_templates_share_a_symmetric_scale():
    """Zero is the middle colour for all ten, and each shows its own weights."""
    weights = RANDOM.randn(10, 28, 28)
    figure = plots.draw_templates(weights)
    shown = [axes.images[0] for axes in figure.axes if axes.images][:10]
    limit = np.abs(weights).max()
    assert {image.get_clim() for image in shown} == {(-limit, limit)}
    assert all(np.array_equal(i.get_array(), w) for i, w in zip(shown, weights, strict=True))


@pytest.mark.parametrize("count", [6, 24, 32, 64])
def test_filters_are_all_there(count):
    """The grid holds every filter once, and gaps that are no number."""
    filters = RANDOM.randn(count, 5, 5)
    grid = plots.draw_filters(filters).axes[0].images[0].get_array()
    assert np.array_equal(grid[:5, :5], filters[0])
    assert np.sum(~np.isnan(np.ma.filled(grid, np.nan))) == count * 25


def test_very_many_filters_are_not_all_drawn():
    """The heading says how many of them are shown."""
    figure = plots.draw_filters(RANDOM.randn(256, 5, 5), subtitle="mlp-1")
    grid = figure.axes[0].images[0].get_array()
    assert np.sum(~np.isnan(np.ma.filled(grid, np.nan))) == 96 * 25
    assert any("The first 96 of 256 filters" in text for text in texts(figure))


@pytest.mark.parametrize("shape", [(300, 400), (40, 4000), (4000, 40)])
def test_steps_stand_side_by_side(shape):
    """Whatever the picture's shape, the steps stay on the paper and apart."""
    steps = [("picture", np.zeros(shape, np.uint8)), ("28 x 28", IMAGES[0])]
    figure = plots.draw_steps(steps, title="Read as 5", subtitle="it.png, with probability 0.9")
    first, second = (axes.get_position() for axes in figure.axes)
    assert 0 < first.x0 < first.x1 < second.x0 < second.x1 < 1
    assert [axes.get_title(loc="left") for axes in figure.axes] == ["picture", "28 x 28"]
    assert np.array_equal(figure.axes[1].images[0].get_array(), IMAGES[0])


def test_confusion_writes_counts_and_recall():
    """Every count that is not zero stands at its place, and the diagonal is not coloured."""
    matrix = np.diag(np.arange(90, 100))
    matrix[8, 3] = 7
    figure = plots.draw_confusion(matrix)
    axes = figure.axes[0]
    marks = {t.get_position(): t.get_text() for t in axes.texts}
    assert marks[(3, 8)] == "7"
    assert marks[(0, 0)] == "90"
    assert (8, 3) not in marks
    assert f"{98 / 105:.1%}" in marks.values()
    assert np.all(np.isnan(np.ma.filled(axes.images[0].get_array(), np.nan).diagonal()))


def test_mistakes_come_worst_first():
    """Only wrong ones, the surest first, each with its number."""
    predictions = LABELS.copy()
    predictions[[4, 7, 9]] = [1, 2, 3]
    confidences = np.full(40, 0.99)
    confidences[[4, 7, 9]] = [0.5, 0.9, 0.7]
    figure = plots.draw_mistakes(IMAGES, LABELS, predictions, confidences, count=2)
    captions = [t.get_text() for t in figure.axes[0].texts]
    assert captions == ["7 read as 2", "90.0%  #7", "9 read as 3", "70.0%  #9"]
    assert np.array_equal(figure.axes[0].images[0].get_array()[:28, 6:34], IMAGES[7])


def test_digit_has_a_bar_per_probability():
    """The bars are as long as the probabilities; prediction and label are told apart."""
    figure = plots.draw_digit(IMAGES[0], TEN, title="t", label=8)
    bars = figure.axes[1].patches
    assert np.allclose([bar.get_width() for bar in bars], TEN)
    assert bars[3].get_facecolor() != bars[8].get_facecolor()
    assert any(text.startswith("0.120") and "label" in text for text in texts(figure))


@pytest.mark.parametrize(
    ("ending", "start"),
    [("png", b"\x89PNG"), ("svg", b"<?xml"), ("pdf", b"%PDF"), ("PNG", b"\x89PNG")],
)
def test_the_ending_decides_the_format(tmp_path: Path, ending, start):
    """Each format begins as it must, and drawing twice gives the same bytes."""
    first = plots.save(
        plots.draw_costs({"a": [0.5, 0.3]}), tmp_path / f"new/a.{ending}"
    ).read_bytes()
    again = plots.save(plots.draw_costs({"a": [0.5, 0.3]}), tmp_path / f"b.{ending}").read_bytes()
    assert first.startswith(start)
    assert first == again


def test_an_unknown_ending_is_refused(tmp_path: Path):
    """The error names the endings there are."""
    with pytest.raises(SettingError) as caught:
        plots.save(plots.draw_costs({"a": [0.5]}), tmp_path / "curve.txt")
    assert ".png" in caught.value.hint


def test_a_folder_in_the_way_is_a_storage_error(tmp_path: Path):
    """No OSError escapes."""
    (tmp_path / "curve.png").mkdir()
    with pytest.raises(StorageError, match=r"curve\.png"):
        plots.save(plots.draw_costs({"a": [0.5]}), tmp_path / "curve.png")


def test_the_remedy_fits_the_reason(tmp_path: Path):
    """A file in the way is to be moved, and the hint names the option that the command has."""
    (tmp_path / "file").write_text("")
    with pytest.raises(StorageError) as caught:
        plots.save(plots.draw_costs({"a": [0.5]}), tmp_path / "file" / "a.png")
    assert "Move the file" in caught.value.hint
    assert caught.value.hint.endswith("with --output.")


def test_no_window_without_a_display(tmp_path: Path, monkeypatch):
    """The error says where the picture lies instead."""
    monkeypatch.setattr("sys.platform", "linux")
    monkeypatch.delenv("DISPLAY", raising=False)
    monkeypatch.delenv("WAYLAND_DISPLAY", raising=False)
    with pytest.raises(DisplayError) as caught:
        show([tmp_path / "a.png"])
    assert "a.png" in caught.value.hint


def test_no_window_when_matplotlib_only_draws_files(tmp_path: Path, monkeypatch):
    """A display alone is not enough."""
    monkeypatch.setenv("DISPLAY", ":0")
    monkeypatch.setenv("MPLBACKEND", "agg")
    Image.new("L", (40, 30)).save(tmp_path / "a.png")
    with pytest.raises(DisplayError, match="only draws files"):
        show([tmp_path / "a.png"])


@pytest.mark.parametrize("kind", ["png", "svg"])
def test_a_second_process_draws_the_same(kind):
    """What the painter returns is, byte for byte, what this process would have drawn."""
    digit = np.arange(784, dtype=np.uint8).reshape(28, 28)
    options = {"title": "A digit", "subtitle": "of noise", "label": 3}
    drawing = Drawing("draw_digit", (digit, np.full(10, 0.1, np.float32)), options)
    with Painter() as painter:
        painter.begin(drawing, kind)
        content = painter.finish()
    assert content == render(drawing.figure(), kind)


def test_a_painter_that_fails_says_why():
    """The last line of its complaint comes back as our own error."""
    with Painter() as painter:
        painter.begin(Drawing("draw_costs", ({},)))
        with pytest.raises(DependencyError, match="ValueError"):
            painter.finish()


def test_a_painter_without_work_is_gone_after_the_block():
    """A command that fails leaves no process behind."""
    with Painter() as painter:
        process = painter._process
    assert process.returncode is not None


@pytest.mark.parametrize("name", ["a$b$", "$\\frac$", "\x1b[31m", "\udcff", "a_b^c\\"])
def test_any_name_of_a_run_is_drawn(name: str) -> None:
    """Also what Matplotlib would take for a formula, and what no encoding has."""
    figure = plots.draw_costs({name: [2.0, 1.0], "other": [2.0, 1.5]}, subtitle=name)
    assert render(figure, "png").startswith(b"\x89PNG")


NAMES = ("T-shirt/top", "Trouser", "Pullover", "Dress", "Coat", "Sandal", "Shirt", "Sneaker")
NAMES = (*NAMES, "Bag", "Ankle boot")


def _inside(figure):
    """Whether all words of a figure are on its paper."""
    figure.draw_without_rendering()
    words = [t for axes in figure.axes for t in (*axes.texts, axes.title, axes._left_title)]
    named = [axes for axes in figure.axes if not axes.collections]  # a scale of colours has some
    words += [t for a in named for t in (*a.get_xticklabels(), *a.get_yticklabels())]
    boxes = [t.get_window_extent() for t in words if t.get_text() and t.get_visible()]
    paper = figure.bbox
    return all(b.x0 >= 0 and b.y0 >= 0 and b.x1 <= paper.x1 and b.y1 <= paper.y1 for b in boxes)


def test_classes_are_called_by_their_names():
    """In every picture, and on the paper."""
    wrong = (LABELS + 1) % 10
    share = np.full(40, 0.9)
    samples = plots.draw_samples(IMAGES, LABELS, classes=NAMES)
    assert [t.get_text() for t in samples.axes[0].texts] == list(NAMES)
    mistakes = plots.draw_mistakes(IMAGES, LABELS, wrong, share, classes=NAMES)
    assert mistakes.axes[0].texts[0].get_text() == "T-shirt/top → Trouser"
    digit = plots.draw_digit(IMAGES[0], TEN, title="t", classes=NAMES)
    templates = plots.draw_templates(RANDOM.randn(10, 28, 28), classes=NAMES)
    assert [axes.get_title(loc="left") for axes in templates.axes][:10] == list(NAMES)
    confusion = plots.draw_confusion(np.diag(np.arange(10)), classes=NAMES)
    assert [t.get_text() for t in confusion.axes[0].get_yticklabels()] == list(NAMES)
    for figure in (samples, mistakes, digit, templates, confusion):
        assert _inside(figure)


@pytest.mark.parametrize("count", [2, 26, 62])
def test_there_may_be_any_number_of_classes(count):
    """Nothing falls off the paper, and every class has its place."""
    names = [chr(33 + each) for each in range(count)]
    images, labels = IMAGES[[0] * count], np.arange(count)
    samples = plots.draw_samples(images, labels, classes=names)
    assert [t.get_text() for t in samples.axes[0].texts] == names
    templates = plots.draw_templates(RANDOM.randn(count, 28, 28), classes=names)
    assert sum(bool(axes.images) for axes in templates.axes) == count
    confusion = plots.draw_confusion(np.diag(np.arange(count)) + 1, classes=names)
    assert [t.get_text() for t in confusion.axes[0].get_xticklabels()] == names
    digit = plots.draw_digit(IMAGES[0], np.arange(count) / 99, title="t", classes=names)
    assert len(digit.axes[1].patches) == min(count, 12)
    for figure in (samples, templates, confusion, digit):
        assert _inside(figure)


def test_every_letter_is_drawn_or_spelt(monkeypatch):
    """In a font that is there and has it; else as what it is called, without a warning."""
    from mnist_tool.plots import fonts

    title, curve = "손글씨_7.png \U0001f9e0 ±", "학습-1"
    figure = plots.draw_costs({curve: [0.5, 0.3], "b": [0.6, 0.4]}, per_epoch=1)
    figure.text(0.1, 0.9, title)
    render(figure, "png")
    drawn = "\n".join(text for text in texts(figure))
    assert "\\U0001f9e0" in drawn or "\U0001f9e0" in drawn
    assert "±" in drawn

    monkeypatch.setattr(fonts, "WIDE", ())
    figure = plots.draw_costs({curve: [0.5, 0.3], "b": [0.6, 0.4]}, per_epoch=1)
    figure.text(0.1, 0.9, title)
    render(figure, "svg")
    assert figure.texts[-1].get_text() == r"\uc190\uae00\uc528_7.png \U0001f9e0 ±"


@pytest.mark.parametrize("kind", ["png", "svg"])
def test_names_of_classes_beside_a_picture_are_drawn_or_spelt(monkeypatch, kind):
    """Drawing writes them anew; a letter that no font has would come with a warning."""
    from mnist_tool.plots import fonts

    monkeypatch.setattr(fonts, "WIDE", ())
    names = ["가", "나", "é", "a"]
    confusion = plots.draw_confusion(np.eye(4, dtype=int), classes=names)
    digit = plots.draw_digit(IMAGES[0], np.arange(4) / 6, title="t", classes=names)
    for axis in (confusion.axes[0].xaxis, confusion.axes[0].yaxis, digit.axes[1].yaxis):
        render(axis.get_figure(), kind)
        shown = [text.get_text() for text in axis.get_ticklabels()]
        assert sorted(shown) == sorted([r"\uac00", r"\ub098", "é", "a"])


def test_a_font_that_has_the_letters_is_taken(monkeypatch):
    """Beside the one that all other letters are drawn with; any installed font does for this."""
    from mnist_tool.plots import fonts

    real = fonts._letters

    def letters(name):
        return real(name) if name == "DejaVu Serif" else real(name) - {ord("é")}

    monkeypatch.setattr(fonts, "_letters", letters)
    monkeypatch.setattr(fonts, "WIDE", ("no such font", "DejaVu Serif"))
    figure = plots.draw_costs({"a": [0.5, 0.3], "b": [0.6, 0.4]}, per_epoch=1)
    text = figure.text(0.1, 0.9, "é")
    fonts.dress(figure)
    assert text.get_text() == "é"
    assert text.get_fontfamily()[-1] == "DejaVu Serif"
