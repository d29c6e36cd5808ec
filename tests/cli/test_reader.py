"""What reads: a run, or the weights that ship; and how sure it says it is."""

from __future__ import annotations

from pathlib import Path

import pytest

from mnist_tool.cli.reader import Reader, find_reader
from mnist_tool.cli.screen.output import Output
from mnist_tool.errors import RunNotFoundError
from mnist_tool.reading.layout import Candidate
from mnist_tool.reading.predict import Digit


def digit(most, second):
    """A 4, or else a 9."""
    rest = (1 - most - second) / 8
    shares = tuple({4: most, 9: second}.get(each, rest) for each in range(10))
    return Digit(shares, Candidate(0, 1, 1, 0, 0, 0, (0, 0, 1, 1)), (0, 0, 1, 1))


@pytest.mark.parametrize(
    ("most", "second", "said", "short"),
    [
        (0.95, 0.03, "4", "4"),
        (0.6, 0.35, "4, not sure: 4 or 9", "4?"),
        (0.3, 0.2, "no digit, most like a 4", "?"),
    ],
)
def test_how_sure_it_is(most, second, said, short):
    """In words for one, with a mark in a row of several."""
    reader = Reader(print, None, "robust", least=0.5)
    assert reader.say(digit(most, second)) == said
    assert reader.short(digit(most, second)) == short
    assert reader.other(digit(most, second)) == f"9 {second:.3f}"


def test_without_a_run_the_weights_that_ship_read(capfd):
    """And say so; a run that is named has to be there."""
    out = Output("predict")
    assert find_reader(out, None, Path("nowhere")).recipe == "robust"
    assert "the weights that ship" in capfd.readouterr().err
    with pytest.raises(RunNotFoundError) as caught:
        find_reader(out, Path("nothing"), None)
    assert caught.value.hint == (
        "Train one with: mnist-tool train, or name shipped instead, which needs no run."
    )


def test_the_weights_that_ship_are_suggested_as_a_run_is():
    """Also where there are runs, which no such word is near to."""
    for runs in (Path("nowhere"), Path("runs")):
        Path("runs/softmax-1").mkdir(parents=True, exist_ok=True)
        Path("runs/softmax-1/checkpoint.pt").touch()
        with pytest.raises(RunNotFoundError) as caught:
            find_reader(Output("predict"), Path("shiped"), runs)
        assert caught.value.hint == "Did you mean shipped?"


def test_a_run_reads_where_there_is_one(run_folder, capfd):
    """As before; what would be surer on pictures is said afterwards."""
    out = Output("predict")
    reader = find_reader(out, None, run_folder.parent)
    assert (reader.path, reader.recipe, reader.least) == (run_folder, "softmax", 0)
    reader.advise(out)
    assert "robust" in capfd.readouterr().err
    assert find_reader(out, Path("shipped"), run_folder.parent).path is None
