"""Each recipe still reaches what its entry says; minutes of training: make test-slow."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from torch import Tensor

from mnist_tool.errors import SettingError
from mnist_tool.training import models
from mnist_tool.training.recipes import RECIPES, Expected
from mnist_tool.training.settings import Settings
from mnist_tool.training.trainer import Trainer
from tests.training.histogram import draw_seeds
from tests.training.measure import Place, entry, main, measure, summary
from tests.training.seedlog import SeedLog, Trained

MEASURED = {name: recipe.expected for name, recipe in RECIPES.items() if recipe.expected}

# A spread of a few seeds is itself uncertain, and other versions and processors round otherwise:
# only so many spreads away (of the least that is believed, or more) from all seeds that were
# measured a recipe is another one; a wide spread is known from many seeds, which need no more.
FACTOR, LEAST, MOST = 5, 0.0005, 0.015


def reached(expected: Expected, accuracy: float) -> bool:
    """Whether one training's accuracy belongs to the measured ones."""
    low = expected.accuracy if expected.minimum is None else expected.minimum
    high = expected.accuracy if expected.maximum is None else expected.maximum
    tolerance = min(MOST, FACTOR * max(expected.spread, LEAST))
    return low - tolerance <= accuracy <= high + tolerance


@pytest.mark.slow
@pytest.mark.mnist
@pytest.mark.timeout(7200)
@pytest.mark.parametrize("name", MEASURED)
def test_recipe_reaches_its_measured_accuracy(name: str, mnist_root: Path) -> None:
    """One training with the recipe's own seed comes to the mean, within the spread."""
    (trained,) = measure(name, seeds=1, root=mnist_root)
    assert reached(MEASURED[name], trained.accuracy), trained


@pytest.mark.parametrize("name", MEASURED)
def test_a_wrong_entry_would_be_noticed(name: str) -> None:
    """Two points below the least accuracy of its seeds, or above the most, are never within."""
    expected = MEASURED[name]
    seen = (expected.minimum, expected.accuracy, expected.maximum)
    known = [each for each in seen if each is not None]
    assert all(reached(expected, each) for each in known)
    assert not reached(expected, min(known) - 0.02)
    assert not reached(expected, max(known) + 0.02)


RESULTS = [Trained(777, 0.90, 3.0), Trained(778, 0.92, 5.0), Trained(779, 0.94, 4.0)]
PLACE = Place("Chip, 2 cores", "torch 9")


def test_the_entry_can_be_put_into_the_recipe() -> None:
    """Mean, deviation, seeds, median seconds, least, most and machine, in the fields for them."""
    assert entry(RESULTS, PLACE).startswith("Expected(0.92000, 0.02000, 3, 4, ")
    for results, spread in ((RESULTS, 0.02), (RESULTS[:1], 0.0)):
        found = eval(entry(results, PLACE), {"Expected": Expected})
        shares = [each.accuracy for each in results]
        assert found.accuracy == pytest.approx(np.mean(shares), abs=1e-5)
        assert (found.spread, found.seeds) == (spread, len(results))
        assert (found.minimum, found.maximum) == (min(shares), max(shares))
        assert found.seconds == np.median([each.seconds for each in results])
        assert (found.versions, found.machine) == ("torch 9", "Chip, 2 cores")


def test_the_summary_is_all_statistics() -> None:
    """Number, mean, standard deviation, least, most, seconds and machine; one has no deviation."""
    told = summary(RESULTS)
    assert told.startswith("n 3, mean 92.000 %, sd 2.000, min 90.00, max 94.00, median 4 s; ")
    assert "cores" in told.partition("; ")[2]
    assert "sd" not in summary(RESULTS[:1])


def test_the_machine_is_its_processor_and_the_cores_in_use(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without what makers own; what a recipe takes of the cores, or all."""
    monkeypatch.setattr("tests.training.measure.processor", lambda: "Some(R) Chip(TM) 9")
    monkeypatch.setattr("os.cpu_count", lambda: 2)
    monkeypatch.setattr("tests.training.measure.THREADS", 2)
    assert Place.of("softmax").machine == "Some Chip 9, 2 cores"
    assert Place.of("mlp-plain", threads=1).machine == "Some Chip 9, 1 of 2 cores"
    assert Place.of("mlp-batchnorm").machine == "Some Chip 9, 1 of 2 cores"


@pytest.fixture
def small(split: tuple[Tensor, Tensor], monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Few images in place of MNIST, and the seeds that were trained on them."""
    seeds = []

    class Counted(Trainer):
        def __init__(self, settings: Settings, *images: Any) -> None:
            seeds.append(settings.recipe.seed)
            super().__init__(settings, *images)

    monkeypatch.setattr("tests.training.netsfolder.Trainer", Counted)
    monkeypatch.setattr("tests.training.measure.THREADS", 1)
    few = [each[:100] for each in split]
    monkeypatch.setattr("tests.training.measure.load", lambda *_, **__: few)
    return seeds


def test_what_the_log_has_is_not_trained_again(small: list[int], tmp_path: Path) -> None:
    """Cut after two seeds, it goes on with the third; what it says is what it would have said."""
    log = tmp_path / "log.jsonl"
    whole = [(each.seed, each.accuracy) for each in measure("softmax", 4)]
    first = measure("softmax", 4, log=log)
    begun = [next(first), next(first)]
    first.close()
    assert small == [777, 778, 779, 780, 777, 778]
    rest = list(measure("softmax", 4, log=log))
    assert small[6:] == [779, 780]
    assert [(each.seed, each.accuracy) for each in rest] == whole
    assert rest[:2] == begun
    assert list(measure("softmax", 2, log=log)) == begun
    assert len(log.read_text().splitlines()) == 4


def test_a_log_holds_several_recipes(small: list[int], tmp_path: Path) -> None:
    """Each goes on from its own lines; a committee of two from every second seed."""
    log = tmp_path / "log.jsonl"
    measured = {name: list(measure(name, 1, log=log)) for name in ("softmax", "softmax-adam")}
    assert small == [777, 777]
    for name, results in measured.items():
        assert list(measure(name, 1, log=log)) == results
    assert small == [777, 777]


def test_a_committee_is_made_of_kept_networks(
    small: list[int], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Those that another recipe trained alike, with their seconds; any other is trained."""
    few = replace(RECIPES["mlp-plain"], epochs=1, title="few epochs")
    monkeypatch.setitem(RECIPES, "mlp-plain", few)
    monkeypatch.setitem(RECIPES, "two", replace(few, name="two", members=2))
    expected = [each.accuracy for each in measure("two", 1)]
    single = list(measure("mlp-plain", 2, nets=tmp_path))
    del small[:]
    (both,) = measure("two", 1, nets=tmp_path)
    assert small == []
    assert [both.accuracy] == expected
    assert both.seconds == sum(each.seconds for each in single)
    list(measure("two", 2, nets=tmp_path))
    assert small == [779, 780]
    monkeypatch.setitem(RECIPES, "two", replace(few, name="two", members=2, learning_rate=0.02))
    list(measure("two", 1, nets=tmp_path))
    assert small == [779, 780, 777, 778]


def lines(log: Path, **changes: Any) -> None:
    """Change values in the last line of a log."""
    *before, last = log.read_text().splitlines()
    log.write_text("\n".join([*before, json.dumps(json.loads(last) | changes)]) + "\n")


@pytest.mark.parametrize(
    ("damage", "told"),
    [
        (lambda log: log.write_text("{"), "line 1: it is no JSON"),
        (lambda log: log.write_bytes(b"\xff\n"), "is no text"),
        (lambda log: log.write_text(log.read_text()[:-30]), "line 2: it is no JSON"),
        (lambda log: log.write_text("[]\n"), "line 1: it is a list"),
        (lambda log: lines(log, accuracy=1.5), "line 2: accuracy is 1.5, not a number from 0 to 1"),
        (lambda log: lines(log, seed="777"), "line 2: seed is '777'"),
        (lambda log: lines(log, seed=777), "has seed 777 twice, again in line 2"),
        (lambda log: lines(log, machine="Abacus"), "in line 2 the machine is 'Abacus' (now "),
        (lambda log: lines(log, network="a1"), "in line 2 the network is 'a1' (now "),
        (lambda log: lines(log, versions="torch 1"), "in line 2 the versions are 'torch 1' (now "),
        (
            lambda log: lines(log, settings={"recipe": "softmax", "epochs": 3}),
            "epochs 3 (now 15)",
        ),
    ],
)
def test_a_log_of_something_else_is_refused(
    small: list[int], tmp_path: Path, damage: Callable[[Path], object], told: str
) -> None:
    """Before anything is trained, with the file, the line and what is wrong; it stays as it is."""
    log, place = tmp_path / "log.jsonl", Place.of("softmax")
    for trained in RESULTS[:2]:
        SeedLog(log, Settings.of("softmax"), place.machine, place.versions).add(trained)
    assert list(measure("softmax", 2, log=log)) == RESULTS[:2]
    damage(log)
    before = log.read_bytes()
    with pytest.raises(SettingError) as caught:
        next(measure("softmax", 3, log=log))
    assert str(log) in caught.value.message
    assert told in caught.value.message
    assert "--log FILE" in caught.value.hint
    assert log.read_bytes() == before
    assert small == []


def test_a_log_of_another_network_is_refused(
    small: list[int], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever changes a recipe's network, or a value that is no setting, measures anew."""
    log = tmp_path / "log.jsonl"
    before = list(measure("softmax", 1, log=log))
    other = replace(RECIPES["softmax"], title="the same by another name", expected=None)
    monkeypatch.setitem(RECIPES, "softmax", other)
    assert list(measure("softmax", 1, log=log)) == before
    for changes in ({"model": "mlp-plain"}, {"drawn": 0.5}):
        monkeypatch.setitem(RECIPES, "softmax", replace(other, **changes))
        with pytest.raises(SettingError, match="the network is"):
            next(measure("softmax", 1, log=log))
    monkeypatch.setitem(RECIPES, "softmax", other)
    monkeypatch.setitem(models.MODELS, "linear", models.MODELS["mlp-plain"])
    with pytest.raises(SettingError, match="the network is"):
        next(measure("softmax", 1, log=log))


def test_the_picture_has_a_bar_for_each_number_of_images() -> None:
    """Each seed is in a bar over its accuracy, and the dashed line is the mean."""
    shares = [0.9901, 0.9901, 0.9903, 0.9906]
    figure = draw_seeds(shares, title="Recipe softmax")
    (axes,) = figure.axes
    bars = {round(bar.get_x() + bar.get_width() / 2, 4): bar.get_height() for bar in axes.patches}
    assert bars == {99.01: 2, 99.03: 1, 99.06: 1}
    assert axes.lines[0].get_xdata()[0] == pytest.approx(100 * np.mean(shares))


@pytest.mark.parametrize("shares", [[0.9], [0.2, 0.9], [0.0, 1.0], [0.95] * 100])
def test_all_seeds_are_in_the_picture(shares: list[float]) -> None:
    """However far they lie apart, in not too many bars, all on the paper."""
    (axes,) = draw_seeds(shares, title="").axes
    assert sum(bar.get_height() for bar in axes.patches) == len(shares)
    low, high = axes.get_xlim()
    width = axes.patches[0].get_width()
    assert (high - low) / width < 50
    for bar in axes.patches:
        assert low < bar.get_x() < bar.get_x() + width < high


@pytest.mark.parametrize("name", ["seeds.svg", "seeds.png"])
def test_the_command_prints_the_entry_and_draws(
    name: str, small: list[int], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The lines of the seeds, the summary, the entry, the picture; the same when it goes on."""
    picture, log = tmp_path / "new" / name, tmp_path / "log.jsonl"
    words = ["softmax", "--seeds", "2", "--log", str(log), "--save", str(picture)]
    main(words)
    first = capsys.readouterr().out
    assert "softmax seed 778: " in first
    assert re.search(r"^softmax: n 2, mean ", first, re.MULTILINE)
    assert re.search(r"^softmax: Expected\(0\.", first, re.MULTILINE)
    drawn = picture.read_bytes()
    assert drawn.startswith(b"<?xml" if name.endswith("svg") else b"\x89PNG")
    main(words)
    again = capsys.readouterr().out
    assert [line for line in again.splitlines() if "; " not in line] == [
        line for line in first.splitlines() if "; " not in line
    ]
    assert picture.read_bytes() == drawn
    assert small == [777, 778]


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["softmax", "--save", "seeds.txt"], "cannot be a .txt"),
        (["softmax", "mlp", "--save", "seeds.png"], "--save draws one recipe"),
        (["softmax", "--seeds", "0"], "--seeds must be 1 or more"),
        (["softmax", "--log", "."], "cannot be read"),
    ],
)
def test_what_cannot_be_done_is_said_before_the_training(
    words: list[str], told: str, small: list[int], capsys: pytest.CaptureFixture[str]
) -> None:
    """Not after hours."""
    with pytest.raises(SystemExit) as ended:
        main(words)
    assert ended.value.code == 2
    assert told in capsys.readouterr().err
    assert small == []
