"""datasets: the table, and the card of each."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from mnist_tool.dataset.registry import DATASETS
from tests.dataset.shrunk import registered

Run = Callable[..., Any]
pytestmark = pytest.mark.usefixtures("no_sockets")


def test_the_table_has_every_data_set(run_tool: Run) -> None:
    """With what a program wants to know; nothing is here yet."""
    listed = run_tool("datasets", "--json").json["data"]["datasets"]
    assert [each["name"] for each in listed] == list(DATASETS)
    assert {each["here"] for each in listed} == {False}
    shown = run_tool("datasets").stdout
    for name, row in DATASETS.items():
        assert re.search(rf"^{name}\s+{len(row.classes)}\s", shown, re.MULTILINE)


@pytest.mark.parametrize("name", DATASETS)
def test_a_card_needs_no_data(name: str, run_tool: Run) -> None:
    """What, who, licence, citation; and how to get it."""
    card = DATASETS[name].card
    done = run_tool("datasets", name)
    assert done.exit_code == 0
    said = " ".join((done.stdout + done.stderr).split())
    for text in (card.about, card.authors, card.licence, card.homepage, card.citation):
        assert " ".join(text.split()) in said
    assert f"mnist-tool fetch{'' if name == 'mnist' else f' --dataset {name}'}" in said
    assert not Path("MNIST_data").exists()


@pytest.mark.parametrize("name", ["fashion-mnist", "emnist-letters", "qmnist", "k49"])
def test_what_is_here_is_counted_and_shown(name: str, run_tool: Run) -> None:
    """Of each class, in each split; a sample of some."""
    with registered(name) as made:
        Path("given").mkdir()
        for packed, content in made[name].packed.items():
            Path("given", packed).write_bytes(content)
        assert run_tool("fetch", "--dataset", name, "--from", "given").exit_code == 0
        dataset = made[name].dataset
        data = run_tool("datasets", name, "--json").json["data"]
        assert data["here"] is True
        for split in dataset.splits:
            counts = data["counts"][split.name]
            assert sum(counts) == dataset.count(split.name)
            assert len(counts) == len(dataset.classes)
        done = run_tool("datasets", name)
        assert "█" in done.stdout
        assert dataset.classes[0] in done.stdout.splitlines()[-1]
        assert "fetch" not in done.stderr


def test_damaged_data_is_a_warning(run_tool: Run) -> None:
    """The card is shown all the same, and nothing on the disk changes."""
    with registered("mnist") as made:
        made["mnist"].lay_down(Path("MNIST_data"))
        path = Path("MNIST_data/MNIST/raw/t10k-labels-idx1-ubyte")
        path.write_bytes(path.read_bytes()[:-1] + b"!")
        before = sorted(Path("MNIST_data").rglob("*"))
        done = run_tool("datasets", "mnist")
        assert done.exit_code == 0
        assert "t10k-labels-idx1-ubyte is not MNIST's file" in done.stderr
        assert "Yann LeCun" in done.stdout
        assert sorted(Path("MNIST_data").rglob("*")) == before


def test_an_unknown_name_is_usage(run_tool: Run) -> None:
    """And tells the nearest one."""
    done = run_tool("datasets", "fashion")
    assert done.exit_code == 2
    assert "fashion-mnist" in done.stderr
