"""A usage error says what to type instead, to people and to programs."""

from __future__ import annotations

import shlex
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from mnist_tool.cli.frame.catalogue import COMMANDS
from mnist_tool.cli.frame.usage import usage_hint

Run = Callable[..., Any]


@pytest.mark.parametrize(
    "words", ["-q verify", "--json --root x verify", "--no-color datasets kmnist"]
)
def test_options_before_the_command_are_put_behind_it(words: str, run_tool: Run) -> None:
    """The line of the hint is the one that was meant."""
    done = run_tool(*words.split())
    assert done.exit_code == 2
    said = done.json["errors"][0]["hint"] if "--json" in words else done.stderr
    line = shlex.split(said.split("behind the command: ")[1])
    assert line[1] in COMMANDS
    assert sorted(line[1:]) == sorted(words.split())


@pytest.mark.parametrize(
    ("words", "meant"),
    [
        ("train softmax", "--recipe softmax"),
        ("train fashion-mnits", "--dataset fashion-mnist"),
        ("verify kmnist", "--dataset kmnist"),
        ("train cuda", "--device cuda"),
        ("train nothing-like-it", "mnist-tool train --help"),
    ],
)
def test_a_word_that_an_option_takes_is_given_to_it(words: str, meant: str, run_tool: Run) -> None:
    """What shells complete for an option is what it takes."""
    done = run_tool(*words.split())
    assert done.exit_code == 2
    assert meant in done.stderr.splitlines()[1]


def test_a_run_is_given_to_its_option(run_tool: Run, run_folder: Path, monkeypatch: Any) -> None:
    """`export-model RUN` takes it so, `test` does not."""
    monkeypatch.setenv("MNIST_TOOL_RUNS", str(run_folder.parent))
    assert f"--run {run_folder.name}?" in run_tool("test", run_folder.name).stderr


def test_a_misspelt_command_is_suggested_once() -> None:
    """Newer releases of Typer say so in their message, older ones say only that there is none."""
    for more, hint in (
        ("", "Did you mean mnist-tool train?"),
        (" Did you mean 'train'?", "See: mnist-tool --help"),
    ):
        said = f"No such command 'trian'.{more}"
        error = SimpleNamespace(ctx=None, format_message=lambda said=said: said)
        assert usage_hint(error, ["trian"]) == hint


# A word for each closed list, wrong by two letters, and what is to be suggested.
MISSPELT = {
    "fetch --dataset kmnits": "kmnist",
    "fetch --from ossic": "--from ossci",
    "export x.csv --format cvs": "--format csv",
    "datasets mnsit": "mnist",
    "doctor dispaly": "display",
    "doctor --skip pyhton": "python",
    "train --recipe sofmtax": "--recipe softmax",
    "train --device cdua": "cuda",
    "train --set optimiser=sgd": "--set optimizer=sgd",
    "train --set optimizer=adma": "--set optimizer=adam",
    "runs shwo": "mnist-tool runs show",
    "runs show sotfmax-1": "softmax-1",
    "test --run sotfmax-1": "softmax-1",
    "visualize sampels": "mnist-tool visualize samples",
    "export-model --format onxx": "--format onnx",
}


@pytest.mark.parametrize("words", MISSPELT)
def test_whatever_is_misspelt_is_suggested(
    words: str, run_tool: Run, run_folder: Path, monkeypatch: Any
) -> None:
    """By the same words everywhere, and as one document with --json."""
    monkeypatch.setenv("MNIST_TOOL_RUNS", str(run_folder.parent))
    done = run_tool(*words.split(), "--offline" if words.startswith("fetch") else "--json")
    said = done.stderr if words.startswith("fetch") else done.json["errors"][0]["hint"]
    assert done.exit_code in {2, 3}
    assert "Did you mean " in said
    meant = MISSPELT[words]  # with what else was typed, where it is a whole line
    assert f"{meant}?" in said or f"{meant} --json?" in said


@pytest.mark.parametrize("words", ["test -o -", "export -", "init -", "runs shwo", "verify kmnist"])
def test_what_is_refused_while_words_are_read_is_one_document_too(
    words: str, run_tool: Run
) -> None:
    """Of the command that was meant."""
    document = run_tool(*words.split(), "--json").json
    assert (document["command"], document["exit_code"]) == (words.split()[0], 2)
