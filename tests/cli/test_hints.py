"""What the tool tells people to type: commands that there are, with all that they need."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from mnist_tool.advice import command_line
from mnist_tool.cli.frame.catalogue import COMMANDS, LazyCommands
from tests.cli.lines import RUN
from tests.hints import faults
from tests.modules import MODULES, tree

# A value that is only known later; a number, so that options for numbers take it.
LATER = "1"


def _texts() -> Iterator[str]:
    """Yield each text of the package that is shown to somebody, with something for its values."""
    for module in MODULES:
        parts: set[int] = set()
        for node in ast.walk(tree(module)):
            if isinstance(node, ast.JoinedStr):
                parts |= {id(value) for value in node.values}
                values = (v.value if isinstance(v, ast.Constant) else LATER for v in node.values)
                yield "".join(map(str, values))
            elif isinstance(node, ast.Expr):  # a docstring
                parts.add(id(node.value))
            elif id(node) not in parts and isinstance(node, ast.Constant):
                yield str(node.value)


def test_each_line_that_is_written_somewhere_can_be_typed() -> None:
    """Also in hints that no test reaches."""
    texts = [text for text in _texts() if "mnist-tool " in text]
    assert len(texts) > 50
    found = [fault for text in texts for fault in faults(text, "")]
    # The name of the tool also stands in sentences about it.
    assert [fault for fault in found if "is no command" not in fault] == []


def _calls() -> Iterator[ast.Call]:
    for module in MODULES:
        for node in ast.walk(tree(module)):
            if isinstance(node, ast.Call) and ast.unparse(node.func) == command_line.__name__:
                yield node


def test_each_line_that_is_put_together_has_options_of_its_command() -> None:
    """`--root` for a command that takes none would be refused."""
    calls = [call for call in _calls() if isinstance(call.args[0], ast.Constant)]
    assert len(calls) > 20
    for call in calls:
        name, *words = (word.value for word in call.args if isinstance(word, ast.Constant))
        known = {option for each in LazyCommands()[str(name)].params for option in each.opts}
        used = {word for word in map(str, words) if word.startswith("-")}
        used |= {f"--{keyword.arg}" for keyword in call.keywords}
        assert used <= known, ast.unparse(call)


@pytest.mark.parametrize(
    ("hint", "command", "told"),
    [
        ("Choose another run with --run.", "compare", "compare has no --run"),
        ("Allow more with --deadline.", "train", "train has no --deadline"),
        ("Read it: mnist-tool predict", "test", "Missing parameter"),
        ("Go on: mnist-tool train --resume --epoch 3", "", "No such option"),
        ("Go on: mnist-tool tran", "", "tran is no command"),
    ],
)
def test_what_cannot_be_typed_is_noticed(hint: str, command: str, told: str) -> None:
    """Or the tests above hold nothing."""
    (fault,) = faults(hint, command)
    assert told in fault


@pytest.mark.parametrize(
    "hint",
    ["Did you mean --recipe cnn?", "Ask `mnist-tool doctor data`, or mnist-tool runs.",
     "Allow more with MNIST_TOOL_DEADLINE=SECONDS, in fetch also with --deadline.",
     "Train it: mnist-tool train --runs 'my runs', or name a folder.",
     "Start the container with `docker run --shm-size=1g`."],
)  # fmt: skip
def test_what_can_be_typed_is_not(hint: str) -> None:
    """An option that only another command has stands beside its variable."""
    assert "train" in COMMANDS
    assert faults(hint, "train") == []


# What people type, and the line that they are told to type instead: their own one, mended.
MENDED = {
    "visualize digit --run it's": "visualize digit --run 'it'\"'\"'s' 3757",
    "visualize samples 5 --runs HERE": "visualize digit 5 --runs HERE",
    "visualize -o x.png --split train": "visualize -o x.png --split train samples",
    "visualize --run a --run b": "visualize --run a --run b curve",
    "visualize weights --run a --run b": "visualize curve --run a --run b",
    "visualize mistake --root {a}": "visualize mistakes --root '{a}'",
    "runs shw --runs HERE": "runs show --runs HERE",
    "runs show --runs HERE": "runs --runs HERE",
    "runs clean RUN --keep 3": "runs rm RUN --keep 3",
    "doctor torch --yes": "doctor torch --yes --fix",
    "fetch --from - --root HERE": "fetch --from - --root HERE < MNIST.tar.gz",
    "export-model -o - --json --runs HERE": "export-model -o - --json --runs HERE -o model.onnx",
    f"visualize digit 99999 {RUN}": f"visualize digit 999 {RUN}",
    f"visualize disputed {RUN}": f"visualize disputed {RUN} --dataset mnist --split test",
}


@pytest.mark.parametrize("line", MENDED)
def test_who_types_half_of_it_gets_the_whole_line(
    run_tool: Any, told: Any, monkeypatch: pytest.MonkeyPatch, line: str
) -> None:
    """With their own folders and names, quoted for the shell."""
    monkeypatch.setattr("sys.stdin", None)
    done = run_tool(*told(line))
    assert done.exit_code == 2
    whole = " ".join(told(MENDED[line]))
    assert f"mnist-tool {whole}" in done.stdout.replace('\\"', '"') + done.stderr


ADDRESS = "https://me:hunter2@host.example/"


@pytest.mark.parametrize(
    "words",
    [
        ("--json", "fetch", "--from", ADDRESS),
        ("fetch", "--offline", f"--from={ADDRESS}"),
        ("fetch", "--from", ADDRESS, "--from", "-"),
        ("predict", f"{ADDRESS}1.png"),
        ("visualize", ADDRESS),
        ("visualize", "digit", "--output", f"{ADDRESS}1.png"),
        ("runs", ADDRESS),
        ("doctor", ADDRESS),
        ("export", "-o", "-", "--only", ADDRESS),
        ("serve", "--host", ADDRESS),
        ("train", "--offline", "--set", f"epochs={ADDRESS}"),
    ],
)
@pytest.mark.parametrize("json", [(), ("--json",)])
def test_no_password_is_repeated(
    words: tuple[str, ...], json: tuple[str, ...], run_tool: Callable[..., Any]
) -> None:
    """Though messages and hints repeat what was typed."""
    done = run_tool(*words, *json)
    assert done.exit_code != 0
    assert "hunter2" not in done.stdout + done.stderr
