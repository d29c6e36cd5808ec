"""The command doctor as people and scripts use it."""

from __future__ import annotations

import re
import shutil
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
import torch

from mnist_tool.dataset.arrays import read
from mnist_tool.dataset.registry import MNIST
from mnist_tool.diagnosis import checks
from mnist_tool.diagnosis.checks import CHECKS, GROUPS
from mnist_tool.diagnosis.findings import Check, Verdict
from mnist_tool.diagnosis.fixes import Repair
from mnist_tool.diagnosis.runner import Examination, Outcome, Step

FAST = ("shadows", "workers", "files", "root")


def crash(facts: object) -> Verdict:
    """A check with a bug."""
    raise ZeroDivisionError("a bug")


def with_checks(monkeypatch: pytest.MonkeyPatch, *added: Check[Any]) -> None:
    """Let the doctor have other checks."""
    monkeypatch.setattr(checks, "CHECKS", added)


def test_list_names_every_check(run_tool: Any) -> None:
    """Name, group and question of each."""
    listed = run_tool("doctor", "--list", "--json").json["data"]["checks"]

    assert [entry["name"] for entry in listed] == [check.name for check in CHECKS]
    assert {entry["group"] for entry in listed} == set(GROUPS)


def test_names_of_checks_and_groups_choose(run_tool: Any) -> None:
    """Only what was asked for is run."""
    findings = run_tool("doctor", "display", "files", "--json").json["data"]["findings"]

    assert {f["check"] for f in findings} == {"display", "terminal", "files"}


def test_a_python_that_does_not_start_fails_whatever_was_asked(run_tool: Any) -> None:
    """Otherwise its checks would be skipped, and all would seem well."""
    done = run_tool("doctor", "pair", "--python", "nowhere/python", "--json")

    assert done.exit_code == 1
    assert [f["check"] for f in done.json["data"]["findings"]] == ["python", "pair"]


def test_a_misspelt_check_is_a_usage_error(run_tool: Any) -> None:
    """The nearest name is offered."""
    done = run_tool("doctor", "torchvison")

    assert done.exit_code == 2
    assert "torchvision" in done.stderr


def test_missing_data_warns_and_damaged_data_fails(run_tool: Any) -> None:
    """0 and 1; --strict counts warnings; the fix names the user's root."""
    assert run_tool("doctor", *FAST, "--root", "here").exit_code == 0
    assert run_tool("doctor", *FAST, "--root", "here", "--strict").exit_code == 1

    raw = Path("here/MNIST/raw")
    raw.mkdir(parents=True)
    (raw / MNIST.files[0].name).write_text("<html>403</html>")
    done = run_tool("doctor", *FAST, "--root", "here")
    assert done.exit_code == 1
    assert "a web page" in done.stdout
    assert "fix: mnist-tool fetch --root here" in done.stdout


def test_looking_writes_nothing(run_tool: Any, mnist_root: Path) -> None:
    """Not a file more, not a time changed, under the root or in the current folder."""

    def state() -> dict[Path, int]:
        places = [*mnist_root.rglob("*"), *Path.cwd().rglob("*")]
        return {path: path.stat().st_mtime_ns for path in places}

    before = state()
    run_tool("doctor", "data", "environment", "display", "--root", str(mnist_root))
    assert state() == before


def test_a_check_that_crashes_is_a_finding_and_the_others_go_on(
    run_tool: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It counts as failed, and -v shows where."""
    good = next(check for check in CHECKS if check.name == "workers")
    with_checks(monkeypatch, Check("odd", "data", "?", lambda context: 1, crash), good)
    done = run_tool("doctor", "-v")

    assert done.exit_code == 1
    assert "ZeroDivisionError: a bug" in done.stdout
    assert "1 crashed, 1 ok" in done.stdout


def test_a_check_that_hangs_is_given_up(run_tool: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its limit holds and it counts as crashed."""
    import threading

    never = threading.Event()
    hanging = Check("hang", "data", "?", lambda context: never.wait(), crash, limit=0.2)
    with_checks(monkeypatch, hanging)

    finding = run_tool("doctor", "--json").json["data"]["findings"][0]
    never.set()
    assert finding["status"] == "crashed"
    assert "0.2 s" in finding["summary"]


def test_another_interpreter_is_examined(run_tool: Any) -> None:
    """A path that is none is an error of that interpreter, not of doctor."""
    findings = run_tool("doctor", "python", "--python", "/no/such", "--json").json["data"][
        "findings"
    ]

    assert [(f["check"], f["subject"], f["status"]) for f in findings] == [
        ("python", "/no/such", "error")
    ]


def test_the_report_names_nobody(run_tool: Any) -> None:
    """No home folder in it; the statuses are."""
    done = run_tool("doctor", *FAST, "--report", "--root", str(Path.home() / "secret-place"))

    # As a path of its own: "data/root" is a check, whatever the home of the superuser is called.
    assert not re.search(rf"(?<!\w){re.escape(str(Path.home()))}\b", done.stdout)
    assert "~/secret-place" in done.stdout


def test_fix_belongs_to_yes_and_dry_run(run_tool: Any) -> None:
    """They mean nothing alone."""
    assert run_tool("doctor", "--yes").exit_code == 2


@pytest.mark.mnist
def test_fix_mends_a_harmful_processed_folder(
    run_tool: Any, mnist_root: Path, tmp_path: Path
) -> None:
    """A web page in both files blocks good raw files, until --fix sets the folder aside."""
    root = Path(shutil.copytree(mnist_root, tmp_path / "root"))
    processed = root / "MNIST" / "processed"
    processed.mkdir()
    for name in ("training.pt", "test.pt"):
        (processed / name).write_text("<html>403</html>")
    words = ("doctor", "data", "--root", str(root))

    assert run_tool(*words).exit_code == 1
    shown = run_tool(*words, "--fix", "--dry-run")
    assert "aside" in shown.stdout
    assert processed.exists()
    refused = run_tool(*words, "--fix")
    assert refused.exit_code == 2
    assert "--yes" in refused.stderr
    assert run_tool(*words, "--fix", "--yes").exit_code == 0
    assert (root / "MNIST" / "set-aside" / "processed-1" / "test.pt").exists()


@pytest.mark.mnist
def test_files_that_this_torch_reads_are_left_alone(
    run_tool: Any, mnist_root: Path, tmp_path: Path
) -> None:
    """A zip-format processed/ does no harm to a torch that reads it."""
    from mnist_tool.dataset.store import Store

    root = Path(shutil.copytree(mnist_root, tmp_path / "root"))
    (root / "MNIST" / "processed").mkdir()
    store = Store(root, MNIST)
    for split, name in (("train", "training.pt"), ("test", "test.pt")):
        images, labels = (
            torch.from_numpy(read(store, MNIST.file(split, r))) for r in ("images", "labels")
        )
        torch.save((images, labels.long()), root / "MNIST" / "processed" / name)
    done = run_tool("doctor", "processed", "opens", "--root", str(root), "--fix", "--yes", "--json")

    assert done.exit_code == 0
    assert done.json["data"]["steps"] == []


@pytest.mark.parametrize(
    ("checks", "moves", "looks"), [("torch", False, 1), ("torch", True, 2), ("display", False, 1)]
)
def test_an_interpreter_is_tried_again_only_after_a_fix(
    run_tool: Any, monkeypatch: pytest.MonkeyPatch, *, checks: str, moves: bool, looks: int
) -> None:
    """The plan takes what the examination has found, which looks for it whatever is asked for."""
    seen: list[Sequence[Step]] = []

    def examine(python: str, steps: Sequence[Step], **_: object) -> Examination:
        seen.append(steps)
        return Examination(python, {step: Outcome("ok") for step in steps}, "")

    def planned(*_: object, **__: object) -> list[Repair]:
        return [Repair("move", "move it", lambda _: "moved")] * moves

    monkeypatch.setattr("mnist_tool.diagnosis.context.examine", examine)
    monkeypatch.setattr("mnist_tool.diagnosis.fixes.plan_repairs", planned)
    run_tool("doctor", checks, "--fix", "--yes")
    assert len(seen) == looks
    assert {step[0] for step in seen[0]} >= {"about", "open"}


def test_doctor_loads_no_torch_itself(run_process: Any) -> None:
    """It works where torch cannot be imported: only its children try."""
    import subprocess

    code = (
        "import sys; sys.modules['torch'] = None; sys.modules['torchvision'] = None\n"
        "from mnist_tool.cli import main\n"
        "main(['doctor', 'environment', 'display', 'files'])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("by_option", [True, False])
def test_a_check_that_is_left_out_is_not_asked(
    by_option: bool, run_tool: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By the option or the variable, so that one accepted finding does not keep a CI red."""
    Path("random.py").touch()
    words = ("doctor", "shadows", "workers", "--strict", "--json")
    assert run_tool(*words).exit_code == 1
    if not by_option:
        monkeypatch.setenv("MNIST_TOOL_DOCTOR_SKIP", "shadows, display")

    done = run_tool(*words, *(("--skip", "shadows") if by_option else ()))

    findings = {finding["check"]: finding for finding in done.json["data"]["findings"]}
    assert done.exit_code == 0
    assert (findings["shadows"]["status"], findings["workers"]["status"]) == ("skipped", "ok")
    assert "as you said" in findings["shadows"]["summary"]


def test_a_group_can_be_left_out_and_a_misspelt_name_is_named(run_tool: Any) -> None:
    """As where checks are named."""
    done = run_tool("doctor", "display", "root", "--skip", "display", "--json")
    assert [f["status"] for f in done.json["data"]["findings"]] == ["ok", "skipped", "skipped"]
    wrong = run_tool("doctor", "--skip", "shadow")
    assert wrong.exit_code == 2
    assert "shadows" in wrong.stderr


def test_verbose_tells_the_seconds(run_tool: Any) -> None:
    """Of each check, for whoever wonders what takes so long."""
    shown = run_tool("doctor", *FAST, "-v").stdout
    assert len(re.findall(r"^ +\d+\.\d\d s$", shown, re.MULTILINE)) == len(FAST)


def test_this_interpreter_really_trains(run_tool: Any) -> None:
    """A hundred steps and a prediction, in a process of its own."""
    done = run_tool("doctor", "trains", "--json")
    (finding,) = (f for f in done.json["data"]["findings"] if f["check"] == "trains")
    assert finding["status"] == "ok"
    assert finding["data"]["steps"] == 100
    assert finding["data"]["last"] < finding["data"]["first"] / 10
