"""train as people and programs use it, on the synthetic digits."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch

from mnist_tool.training.runs import Run as Folder
from mnist_tool.training.session import Session
from tests.training import lecture

Run = Callable[..., Any]


def test_stdout_is_the_lectures_table(train: Run) -> None:
    """One line per epoch in the lecture's form, then the accuracies with their reason."""
    done = train()
    lines = done.stdout.splitlines()
    assert done.exit_code == 0
    assert [bool(re.fullmatch(r"Epoch: 000\d cost = \d\.\d{9}", line)) for line in lines[:2]] == [
        True,
        True,
    ]
    assert lines[2] == "Learning finished"
    interval = r"\(95 %: 0\.\d{4}\.\.0\.\d{4}\)"
    for line, pixels in zip(lines[3:5], ("255", "1"), strict=True):
        expected = rf"Accuracy: 0\.\d{{4}} on synthetic pixels 0\.\.{pixels}, not MNIST {interval}"
        assert re.fullmatch(expected, line)
        assert len(line) < 80
    assert "On 0..255 ink counts 255 times as much, but the biases do not." in done.stderr
    assert lines[5] == "Run: runs/softmax-1"
    assert "\x1b" not in done.stdout + done.stderr


def test_synthetic_digits_are_never_called_mnist(train: Run) -> None:
    """Every accuracy on the tool's own digits says so."""
    lines = [line for line in train().stdout.splitlines() if line.startswith("Accuracy")]
    assert lines
    assert all("not MNIST" in line for line in lines)


def test_run_folder_keeps_everything(train: Run) -> None:
    """Settings, metrics, result and a checkpoint stay, and a second run gets its own folder."""
    first, second = train("--seed", "5"), train()
    assert (first.exit_code, second.exit_code) == (0, 0)
    folder = Folder(Path("runs/softmax-1"))
    assert folder.settings.recipe.seed == 5
    assert len(folder.metrics()) == 2
    assert folder.checkpoint().recipe == "softmax"
    assert Path("runs/softmax-2/checkpoint.pt").exists()


def test_picture_is_drawn_and_named(run_tool: Run, words: list[str]) -> None:
    """The cost curve is a PNG in the run folder, and stdout says where."""
    done = run_tool("train", *words, "--dataset", "synthetic", "--epochs", "1", "--run", "mine")
    assert "Picture: mine/cost.png" in done.stdout
    assert Path("mine/cost.png").read_bytes().startswith(b"\x89PNG")


@pytest.mark.parametrize("part", ["__init__", "finish"])
def test_a_failed_picture_costs_the_picture_alone(
    run_tool: Run, words: list[str], part: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where no second process starts, or it fails, the training still ends well, with a warning."""
    if part == "__init__":
        monkeypatch.setattr(sys, "executable", str(Path.cwd()))
    else:
        monkeypatch.setenv("MPLBACKEND", "no such backend")
    done = run_tool("train", *words, "--dataset", "synthetic", "--epochs", "1")
    assert done.exit_code == 0, done.stderr
    assert "warning:" in done.stderr
    assert "Run: runs/softmax-1" in done.stdout
    assert "Picture:" not in done.stdout


def test_a_picture_that_cannot_be_written_costs_the_picture_alone(
    run_tool: Run, words: list[str]
) -> None:
    """And no option is advised that `train` lacks."""
    started = run_tool("train", *words, "--dataset", "synthetic", "--epochs", "1", "--run", "mine")
    assert started.exit_code == 0
    Path("mine/cost.png").write_bytes(b"my own")
    done = run_tool("train", *words, "--resume", "--run", "mine")
    assert done.exit_code == 0, done.stderr
    assert "mine/cost.png is there already, and it is no picture of this tool." in done.stderr
    assert "--output" not in done.stderr
    assert Path("mine/cost.png").read_bytes() == b"my own"


def test_the_next_command_looks_where_this_one_did(train: Run, words: list[str]) -> None:
    """The hint after a training carries the folders that were named."""
    (hint,) = re.findall("next: (.*)", train("--runs", "my runs").stderr)
    assert hint == f"mnist-tool predict-random --runs 'my runs' --root {words[1]}"
    assert "predict-random --run mine " in train("--run", "mine").stderr


def test_json_is_one_document(train: Run) -> None:
    """--json prints nothing but the document, with every epoch and both evaluations."""
    done = train("--json", "--val", "100")
    data = done.json["data"]
    assert done.stderr == ""
    assert [epoch["epoch"] for epoch in data["epochs"]] == [1, 2]
    assert 0 <= data["epochs"][0]["validation_accuracy"] <= 1
    assert [each["pixels"] for each in data["test"]] == ["0..255", "0..1"]
    assert data["run"] == "runs/softmax-1"
    assert data["settings"]["validation"] == 100


def test_set_changes_the_recipe_and_is_kept(train: Run, run_tool: Run, words: list[str]) -> None:
    """--set trains with other values, writes them down, and --resume goes on with them."""
    plain = train("--json").json["data"]
    changed = train("--json", "--set", "schedule=one-cycle", "--set", "warm-up=0.5").json["data"]
    assert changed["settings"] == plain["settings"] | {"schedule": "one-cycle", "warm_up": 0.5}
    assert changed["epochs"][0]["cost"] != plain["epochs"][0]["cost"]
    checkpoint = Folder(Path("runs/softmax-2")).checkpoint()
    assert checkpoint.settings["schedule"] == "one-cycle"
    again = run_tool("train", "--resume", "--run", "softmax-2", "--no-pictures", "--json", *words)
    assert again.json["data"]["settings"] == changed["settings"]


@pytest.mark.parametrize(
    "words",
    [
        ("--recipe", "sofmax"),
        ("--set", "schedule=linear"),
        ("--set", "epochs=3"),
        ("--batch-size", "0"),
        ("--epochs", "-1"),
        ("--learning-rate", "nan"),
        ("--val", "60000"),
        ("--device", "tpu"),
        ("--dataset", "mnits"),
        ("--epochs", "many"),
    ],
)
def test_bad_settings_fail_before_anything_is_loaded(words: tuple[str, str]) -> None:
    """Exit code 2 and a hint, without torch, without data, without a run folder."""
    code = (
        "import sys\nfrom mnist_tool.cli import main\n"
        "try: main(sys.argv[1:])\n"
        "finally: print('TORCH' if 'torch' in sys.modules else 'quick')"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, "train", *words], capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stdout) == (2, "quick\n")
    assert "hint:" in done.stderr
    assert list(Path().iterdir()) == []


def test_wrong_recipe_is_suggested(run_tool: Run) -> None:
    """A typo gets the near name as the option that mends it."""
    assert "--recipe softmax" in run_tool("train", "--recipe", "sofmax").stderr


def test_no_data_and_no_network_is_told_before_a_run_is_made(run_tool: Run) -> None:
    """Without data, offline: exit 3, and no run folder is left behind."""
    done = run_tool("train", "--offline", "--no-pictures")
    assert done.exit_code == 3
    assert not Path("runs").exists()


def test_divergence_is_an_error_in_words(train: Run) -> None:
    """A cost that is no number ends with exit 3 and a smaller learning rate to try."""
    done = train("--recipe", "mlp", "--learning-rate", "1e30")
    assert done.exit_code == 3
    assert "1e+30" in done.stderr
    assert done.stderr.endswith("with the recipe's own steps: --learning-rate 0.001\n")


def test_named_run_is_never_overwritten(train: Run) -> None:
    """A second training into the same folder is refused."""
    assert train("--run", "mine").exit_code == 0
    before = Path("mine/checkpoint.pt").read_bytes()
    again = train("--run", "mine")
    assert again.exit_code == 2
    assert "--resume --run mine" in again.stderr
    assert Path("mine/checkpoint.pt").read_bytes() == before


def test_resume_keeps_the_runs_settings(train: Run, run_tool: Run, words: list[str]) -> None:
    """Settings cannot be changed on the way; without a run there is nothing to resume."""
    assert run_tool("train", "--resume").exit_code == 3
    assert train().exit_code == 0
    changes = ["--epochs", "5", "--val", "100", "--set", "betas=0.8,0.9"]
    done = run_tool("train", "--resume", *changes, *words)
    assert done.exit_code == 2
    assert "so --set betas, --epochs, --val cannot be changed" in done.stderr


@pytest.mark.parametrize(
    ("name", "value", "why"),
    [("threads", 1000, "must be 4 or less"), ("device", "mps", "finds no such device here")],
)
def test_what_a_run_takes_and_this_machine_has_not_is_said_to_be_the_runs(
    name: str,
    value: object,
    why: str,
    train: Run,
    run_tool: Run,
    words: list[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Nobody typed the option, so nobody is told to leave it out."""
    monkeypatch.setattr(os, "cpu_count", lambda: 1)
    monkeypatch.setattr("torch.backends.mps.is_available", lambda: False)
    assert train("--run", "mine").exit_code == 0
    path = Path("mine/settings.json")
    path.write_text(json.dumps(json.loads(path.read_text()) | {name: value}))
    done = run_tool("train", "--resume", "--run", "mine", *words)
    assert done.exit_code == 2
    assert f"mine cannot go on here: its --{name} is {value}, but" in done.stderr
    assert why in done.stderr
    assert "train anew without --resume" in done.stderr


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_stopped_process_goes_on_to_the_same_costs(
    number: int, run_tool: Run, words: list[str]
) -> None:
    """However a training is stopped, --resume ends with the table of an uninterrupted one."""
    options = ["--dataset", "synthetic", "--epochs", "120", "--threads", "1", "--no-pictures"]
    whole = run_tool("train", *words, *options, "--run", "whole", "--json")
    command = [sys.executable, "-m", "mnist_tool", "train", *words, *options, "--run", "cut"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        _wait_for(Path("cut/checkpoint.pt"), process)
        os.kill(process.pid, number)
        _, complaint = process.communicate(timeout=100)
    codes = {signal.SIGINT: 130, signal.SIGTERM: 143, signal.SIGKILL: -9}
    assert process.returncode == codes[number], complaint
    assert (b"mnist-tool train --resume --run cut" in complaint) == (number != signal.SIGKILL)
    assert len(Folder(Path("cut")).metrics()) < 120
    done = run_tool("train", "--resume", "--run", "cut", "--no-pictures", "--json", *words)
    assert done.exit_code == 0
    costs = [[e["cost"] for e in each.json["data"]["epochs"]] for each in (whole, done)]
    assert costs[0] == costs[1]
    assert done.json["data"]["test"] == whole.json["data"]["test"]


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no /dev/full here")
@pytest.mark.parametrize("full", ["stdout", "disk"])
def test_what_is_refused_in_the_middle_tells_the_way_on(
    full: str, words: list[str], tmp_path: Path
) -> None:
    """There is a run to go on with, as after Ctrl-C."""
    options = ["--dataset", "synthetic", "--epochs", "2", "--no-pictures", "--run", "cut"]
    command = [sys.executable, "-m", "mnist_tool", "train", *words, *options]

    def small_files() -> None:
        """Let the settings fit and no checkpoint."""
        import resource

        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (4096, 4096))

    with Path("/dev/full" if full == "stdout" else os.devnull).open("w") as stdout:
        limit = small_files if full == "disk" else None
        done = subprocess.run(
            command, stdout=stdout, stderr=subprocess.PIPE, preexec_fn=limit, text=True
        )
    assert done.returncode == 3, done.stderr
    assert "Go on with: mnist-tool train --resume --run cut" in done.stderr
    again = subprocess.run(
        [*command[:4], *words, "--resume", "--run", "cut", "--no-pictures"], capture_output=True
    )
    assert again.returncode == 0, again.stderr


def _wait_for(path: Path, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + 100
    while not path.exists() and process.poll() is None and time.monotonic() < deadline:
        time.sleep(0.01)
    assert path.exists()


@pytest.mark.mnist
def test_the_lecture_as_a_real_process(run_process: Run, mnist_root: Path) -> None:
    """`mnist-tool train` on real MNIST: the costs of the lecture's loop, and its accuracies.

    The digits are those that autograd's loop has here, on the same number of threads; those of the
    note were made by another processor, so they may be a few steps of float32 away.
    """
    done = run_process("train", "--root", str(mnist_root), "--offline", "--threads", "1")
    costs = re.findall(r"cost = (\S+)", done.stdout)
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        expected = lecture.loop(mnist_root, epochs=15)
    finally:
        torch.set_num_threads(before)
    assert costs == [f"{cost:.9f}" for cost in expected]
    assert lecture.near_the_note(expected)
    assert "Accuracy: 0.8883 on pixels 0..255, as the lecture tested" in done.stdout
    assert "Accuracy: 0.9226 on pixels 0..1, as trained" in done.stdout
    assert all(len(line) < 80 for line in done.stdout.splitlines())


def test_a_training_that_learned_nothing_says_so(train: Run) -> None:
    """In a warning, and in the JSON document."""
    done = train("--recipe", "mlp-plain", "--learning-rate", "1e6")
    assert done.exit_code == 0
    assert "warning: The training has not learned as it should: its accuracy" in done.stderr
    data = train("--recipe", "mlp-plain", "--learning-rate", "1e6", "--json").json["data"]
    assert data["learned"] is False
    assert "that of guessing" in data["learned_reason"]
    data = train("--json").json["data"]
    assert (data["learned"], data["learned_reason"]) == (True, None)


def test_tensorboard_can_follow(train: Run) -> None:
    """The line to paste comes before the training, and the files lie in the run's folder."""
    pytest.importorskip("tensorboard")
    done = train("--tensorboard")
    assert done.exit_code == 0, done.stderr
    assert "Follow it with: tensorboard --logdir runs\n" in done.stderr
    assert list(Path("runs/softmax-1").glob("events.out.tfevents*"))


def test_a_committee_says_which_member_it_trains(train: Run, run_tool: Run) -> None:
    """A line for each epoch of each, how each does alone and how all do, and one run."""
    done = train("--recipe", "mlp-plain", "--members", "2", "--json")
    told = json.loads(done.stdout)["data"]
    assert [(each["member"], each["epoch"]) for each in told["epochs"]] == [
        (member, epoch) for member in (1, 2) for epoch in (1, 2)
    ]
    assert told["settings"]["members"] == len(told["members"]) == 2
    lines = train("--recipe", "mlp-plain", "--members", "2").stdout.splitlines()
    assert [re.split(r" cost| alone| on", line)[0] for line in lines[:8]] == [
        *(f"Member: 0{member} Epoch: 000{epoch}" for member in (1, 2) for epoch in (1, 2)),
        "Learning finished",
        *(f"Member {n}: {each['accuracy']:.4f}" for n, each in enumerate(told["members"], 1)),
        f"Accuracy: {told['test'][0]['accuracy']:.4f}",
    ]
    assert lines[-1] == "Run: runs/mlp-plain-2"
    assert "each alone" in run_tool("runs", "show", "mlp-plain-2").stdout
    assert "4/4" in run_tool("runs").stdout


def test_every_command_asks_the_whole_committee(
    train: Run, run_tool: Run, words: list[str]
) -> None:
    """Test, compare, predict-random and visualize take one as any run; page refuses by name."""
    accuracy = json.loads(train("--recipe", "mlp-plain", "--members", "2", "--json").stdout)
    accuracy = accuracy["data"]["test"][-1]["accuracy"]
    train("--recipe", "mlp-plain")
    run = ["--run", "mlp-plain-1"]
    tested = json.loads(run_tool("test", *run, *words, "--json").stdout)["data"]
    assert (tested["test"][-1]["accuracy"], tested["finished"]) == (accuracy, True)
    compared = run_tool("compare", "mlp-plain-1", "mlp-plain-2", *words, "--json")
    assert json.loads(compared.stdout)["data"]["accuracies"][0] == accuracy
    for what in (["predict-random", "--seed", "1"], ["visualize", "weights"]):
        assert run_tool(*what, *run, *words).exit_code == 0
    refused = run_tool("page", *run, *words)
    assert refused.exit_code != 0
    assert "mlp-plain-1" in refused.stderr
    assert "Committee" in refused.stderr
    assert run_tool("runs", "rm", "mlp-plain-1", "--yes").exit_code == 0
    assert not Path("runs/mlp-plain-1").exists()


def test_a_committee_goes_on_after_the_members_it_has(
    train: Run, run_tool: Run, words: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Stopped after the second of three, it says so, and ends with the same costs."""
    whole = train("--recipe", "mlp-plain", "--members", "3").stdout
    stopped = [0]
    save = Session.save

    def stop(self: Session) -> None:
        save(self)
        stopped[0] += 1
        if stopped[0] == 4:
            os.kill(os.getpid(), signal.SIGINT)

    monkeypatch.setattr(Session, "save", stop)
    cut = train("--recipe", "mlp-plain", "--members", "3", "--run", "cut")
    assert cut.exit_code == 130
    assert "train --resume" in cut.stderr
    monkeypatch.setattr(Session, "save", save)
    assert "2 of its 3 members" in run_tool("test", "--run", "cut", *words).stderr
    again = run_tool("train", "--resume", "--run", "cut", *words, "--no-pictures")
    assert "after member 2 of 3" in again.stderr
    assert again.stdout.splitlines()[0].startswith("Member: 03 Epoch: 0001")
    told = [line for line in (cut.stdout + again.stdout).splitlines() if "Run: " not in line]
    assert told == [line for line in whole.splitlines() if "Run: " not in line]
