"""What comes from outside is shown and never obeyed, wherever it can appear."""

from __future__ import annotations

import io
import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from rich.console import Group
from rich.live import Live
from rich.text import Text

from mnist_tool.cli.screen.listeners import terminal_bars
from mnist_tool.cli.screen.spelling import OBEYED
from mnist_tool.cli.screen.streams import PatientConsole
from mnist_tool.training.runs import Run as Folder
from tests.faults.server import Request, Wire, serving

Run = Callable[..., Any]

# Red, a window's title, a bell, the line back to its start, a C1 command, DEL, letters turned.
EVIL = "\x1b[31m\x1b]0;owned\x07\r\x9b2J\x7f\u202eexe.\u2066\udc9b"
PLACES = {
    "a command": [f"{EVIL}"],
    "an option": ["train", f"--{EVIL}"],
    "a number": ["train", "--epochs", EVIL],
    "a number of seconds": ["fetch", "--timeout", EVIL],
    "a recipe": ["train", "--recipe", EVIL],
    "a device": ["train", "--device", EVIL],
    "--set": ["train", "--set", EVIL],
    "--set's name": ["train", "--set", f"{EVIL}=1"],
    "--set's value": ["train", "--set", f"betas={EVIL}"],
    "a data set": ["fetch", "--dataset", EVIL],
    "a source": ["fetch", "--from", EVIL],
    "an address": ["fetch", "--from", f"http://{EVIL}/"],
    "a path in an address": ["fetch", "--from", f"http://127.0.0.1:9/{EVIL}", "--force"],
    "an archive": ["fetch", "--from", f"{EVIL}.tar.gz"],
    "a root": ["verify", "--root", EVIL],
    "a root to fetch into": ["fetch", "--root", EVIL, "--offline"],
    "a run": ["test", "--run", EVIL],
    "a folder of runs": ["test", "--runs", EVIL],
    "a picture": ["predict", EVIL],
    "a new run": ["train", "--dataset", EVIL, "--run", EVIL],
    "an interpreter": ["doctor", "interpreters", "--python", EVIL],
    "a check": ["doctor", EVIL],
    "the doctor's root": ["doctor", "root", "files", "--root", EVIL, "-v"],
    "the doctor's report": ["doctor", "root", "files", "--root", EVIL, "--report"],
    "a kind of picture": ["visualize", EVIL],
}


NOT_REPEATED = {"a number", "a number of seconds", "a picture"}  # another error comes first


def assert_shown(done: Any, *, repeated: bool = True) -> None:
    """Nothing that a terminal obeys is left, and what was there is seen."""
    text = done.stdout + done.stderr
    assert not OBEYED.findall(text)
    assert "bug in mnist-tool" not in text
    if repeated:
        assert r"\x1b[31m" in text or "\\u001b[31m" in text


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("more", [[], ["--json"]], ids=["people", "programs"])
def test_words_of_a_command(place: str, more: list[str], run_tool: Run) -> None:
    """In every option, argument and path."""
    assert_shown(run_tool(*PLACES[place], *more), repeated=place not in NOT_REPEATED)


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("MNIST_TOOL_TIMEOUT", ["fetch", "--dataset", "synthetic"]),
        ("MNIST_TOOL_ROOT", ["verify"]),
        ("MNIST_TOOL_RUNS", ["test"]),
    ],
)
def test_environment(
    name: str, words: list[str], run_tool: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In every variable."""
    monkeypatch.setenv(name, EVIL)
    assert_shown(run_tool(*words))


def test_debugging(run_tool: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """In a traceback that the user asked for."""
    monkeypatch.setenv("MNIST_TOOL_DEBUG", "1")
    done = run_tool("train", "--recipe", EVIL)
    assert "Traceback" in done.stderr
    assert_shown(done)


def test_a_page_in_place_of_a_file(run_tool: Run) -> None:
    """In what a server sends: its page's title and its reason."""
    page = f"<html><title>{EVIL}</title>{EVIL}</html>".encode(errors="surrogatepass")

    def behave(request: Request, wire: Wire) -> None:
        wire.send(b"HTTP/1.1 403 \x1b[31mForbidden\r\nContent-Type: text/html\r\n")
        wire.send(b"Server: \x1b[31mred\r\nContent-Length: %d\r\n\r\n" % len(page) + page)

    with serving(behave) as server:
        done = run_tool("fetch", "--from", server.url + "/")
    assert done.exit_code == 3
    assert not OBEYED.findall(done.stdout + done.stderr)


WRONG = {"recipe": EVIL, "dataset": EVIL, "device": EVIL, "optimizer": EVIL}


@pytest.mark.parametrize("words", [["test"], ["visualize", "weights"], ["predict-random"]])
@pytest.mark.parametrize("key", WRONG)
def test_settings_of_a_run(
    key: str, words: list[str], run_folder: Path, synthetic_root: Path, run_tool: Run
) -> None:
    """In a document of a run folder, whose own name is evil too."""
    folder = Path(EVIL)
    shutil.copytree(run_folder, folder)
    values = json.loads((folder / "settings.json").read_text())
    (folder / "settings.json").write_text(json.dumps(values | {key: WRONG[key]}))
    done = run_tool(*words, "--run", EVIL, "--root", str(synthetic_root), "--offline")
    assert done.exit_code == 3
    assert_shown(done)


@pytest.mark.parametrize("change", [("recipe",), ("data", "name"), ("settings", "recipe")])
def test_names_in_a_checkpoint(
    change: tuple[str, ...], run_folder: Path, synthetic_root: Path, run_tool: Run
) -> None:
    """In the checkpoint, for the commands that use it and for the doctor."""
    folder = Path("runs", EVIL)
    shutil.copytree(run_folder, folder)
    path = Folder(folder).checkpoint_path
    document = torch.load(path, weights_only=True)
    part = document
    for key in change[:-1]:
        part = part[key]
    part[change[-1]] = EVIL.replace("\udc9b", "")
    torch.save(document, path)
    for words in (["test"], ["predict-random"], ["train", "--resume"], ["visualize", "curve"]):
        done = run_tool(*words, "--run", str(folder), "--root", str(synthetic_root), "--offline")
        assert done.exit_code in (0, 3)
        assert not OBEYED.findall(done.stdout + done.stderr)
    assert_shown(run_tool("doctor", "run", "--root", str(synthetic_root), "-v"))


def test_what_moves_on_a_terminal() -> None:
    """In the label of a bar, a name in a live display, and text that came as no string."""
    stream = io.StringIO()
    console = PatientConsole(file=stream, force_terminal=True, width=200)
    with terminal_bars(console) as bars, bars.bar(EVIL, 10) as bar:
        bar.describe(EVIL)
        bars.note(EVIL)
    with Live(Group(Text(EVIL), EVIL), console=console):
        pass
    console.print(Text(EVIL, style="bold"))
    written = stream.getvalue()
    for sign in ("\x1b[31m", "\x1b]0;", "\x07", "\x9b", "\x7f", "\u202e", "\u2066"):
        assert sign not in written
    assert written.count(r"\x1b[31m") >= 4
    assert "\x1b[1m" in written  # our own colours


def test_newlines_and_tabs_stay() -> None:
    """They are layout."""
    stream = io.StringIO()
    PatientConsole(file=stream).print("one\n\ttwo", markup=False)
    assert stream.getvalue() == "one\n        two\n"
