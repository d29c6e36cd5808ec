"""The probe in real child processes: what it tells, and what happens when it dies or hangs."""

from __future__ import annotations

import ast
import os
import sys
import time
from pathlib import Path

import pytest

from mnist_tool.diagnosis.runner import PROBE, examine

NEWER_THAN_2_7 = (
    ast.JoinedStr,
    ast.AnnAssign,
    ast.NamedExpr,
    ast.AsyncFunctionDef,
    ast.Await,
    ast.Nonlocal,
    ast.MatMult,
    ast.YieldFrom,
)


def fake_torch(folder: Path, body: str) -> Path:
    """A folder in which `import torch` does something else."""
    (folder / "torch.py").write_text(body)
    return folder


def test_the_probe_can_be_read_by_python_2_7() -> None:
    """No syntax and no letters that came later."""
    text = PROBE.read_bytes()
    text.decode("ascii")
    for node in ast.walk(ast.parse(text)):
        assert not isinstance(node, NEWER_THAN_2_7), ast.unparse(node)
        if isinstance(node, ast.FunctionDef):
            assert node.returns is None
            assert not node.args.kwonlyargs
            assert not any(argument.annotation for argument in node.args.args)
        if isinstance(node, ast.Raise):
            assert node.cause is None
        if isinstance(node, ast.List | ast.Tuple | ast.Set):
            assert not any(isinstance(each, ast.Starred) for each in node.elts), ast.unparse(node)
        if isinstance(node, ast.Dict):
            assert None not in node.keys, ast.unparse(node)


@pytest.mark.torch
def test_this_interpreter_is_described() -> None:
    """Version, width and packages, without importing any of them."""
    about = examine(sys.executable, [("about",)]).of("about").value

    assert about["version"].split(".")[:2] == [str(n) for n in sys.version_info[:2]]
    assert about["bits"] == 64
    assert {"torch", "numpy"} <= set(about["packages"])


@pytest.mark.torch
def test_torch_is_really_imported_and_computes() -> None:
    """The product is the one that was worked out by hand, and the bridge carries arrays."""
    value = examine(sys.executable, [("torch",)]).of("torch").value

    assert value["product"] == 24.0
    assert value["numpy"]["value"]["sum"] == 10.0


@pytest.mark.torch
@pytest.mark.parametrize("broken", [None, "first", "last"])
def test_every_member_of_a_committee_is_looked_at(tmp_path: Path, broken: str | None) -> None:
    """Weights that are no numbers are seen in whichever member they are."""
    import torch

    members = {name: {"weight": torch.ones(2)} for name in ("first", "last")}
    if broken:
        members[broken]["weight"][1] = float("nan")
    path = str(tmp_path / "checkpoint.pt")
    data = {"name": "mnist", "sha256": {}}
    kept = {"state_dict": members["last"], "members": [members["first"]]}
    torch.save({"recipe": "committee", "data": data, **kept}, path)
    told = examine(sys.executable, [("checkpoint", path)]).of("checkpoint", path).value
    assert told["finite"] is (broken is None)


def test_a_file_of_the_user_shadows_torch_as_it_does_in_a_script(tmp_path: Path) -> None:
    """The folder the user stands in comes first, and the probe's own modules are safe from it."""
    folder = fake_torch(tmp_path, "raise RuntimeError('not the real torch')")
    (folder / "json.py").write_text("raise RuntimeError('shadowed')")
    report = examine(sys.executable, [("about",), ("torch",)], cwd=folder)

    assert report.of("about").ok
    assert "not the real torch" in report.of("torch").message
    assert report.of("torch").own_files == ("torch.py",)


@pytest.mark.torch
@pytest.mark.parametrize("body", ["", "import torch\ntorch.ones", "raise OSError"])
def test_the_file_that_shadows_torch_is_named(tmp_path: Path, body: str) -> None:
    """Whether it fails itself, lacks what torch has, or stands in torch's own way."""
    own = examine(sys.executable, [("torch",)], cwd=fake_torch(tmp_path, body))
    assert own.of("torch").own_files == ("torch.py",)

    if "COVERAGE_PROCESS_CONFIG" in os.environ:
        pytest.skip("what measures coverage has imported Python's own module by then")
    (tmp_path / "torch.py").rename(tmp_path / "random.py")
    (tmp_path / "random.py").write_text("")
    (tmp_path / "bystander.py").write_text("")
    assert examine(sys.executable, [("torch",)], cwd=tmp_path).of("torch").own_files == (
        "random.py",
    )


@pytest.mark.skipif(os.name == "nt", reason="Windows has no signals to die of")
def test_a_step_that_kills_its_process_hides_no_other(tmp_path: Path) -> None:
    """The death is reported with its signal, and the later steps are tried in a new process."""
    folder = fake_torch(tmp_path, "import os\ndef load(path): os.abort()\n")
    steps = [("about",), ("load", "a.pt"), ("load", "b.pt"), ("open", ".", "MNIST", True)]
    report = examine(sys.executable, steps, cwd=folder)

    assert report.of("about").ok
    assert [report.of("load", name).kind for name in ("a.pt", "b.pt")] == ["SIGABRT", "SIGABRT"]
    assert report.of("open", ".", "MNIST", True).state == "error"


@pytest.mark.skipif(os.name == "nt", reason="Windows has no signals to die of")
def test_a_torch_that_kills_its_importer_ends_the_examination(tmp_path: Path) -> None:
    """What needs torch is not tried again and again."""
    folder = fake_torch(tmp_path, "import os\nos.abort()\n")
    report = examine(sys.executable, [("torch",), ("torchvision",)], cwd=folder)

    assert report.of("torch").state == "died"
    assert report.of("torchvision").state == "not-run"


def test_a_step_that_hangs_is_given_up(tmp_path: Path) -> None:
    """The limit holds, and the process is gone."""
    folder = fake_torch(tmp_path, "import time\ntime.sleep(60)\n")
    outcome = examine(sys.executable, [("torch",)], limit=1.0, cwd=folder).of("torch")

    assert outcome.state == "timeout"


def test_what_libraries_print_does_not_disturb_the_answer(tmp_path: Path) -> None:
    """Prints, also below Python, go to stderr."""
    folder = fake_torch(tmp_path, "import os\nprint('noise')\nos.write(1, b'{noise}')\n")
    report = examine(sys.executable, [("about",), ("torch",)], cwd=folder)

    assert report.of("about").ok
    assert "noise" in report.stderr


@pytest.mark.skipif(os.name == "nt", reason="a shell script")
def test_a_script_that_waits_for_another_program_is_given_up_with_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The program holds the pipe, so it must end too, or we would wait for it."""
    monkeypatch.setattr("mnist_tool.diagnosis.runner.START_LIMIT", 2.0)
    script = tmp_path / "python"
    script.write_text(f"#!/bin/sh\nsh -c 'echo $$ > {tmp_path}/pid; exec sleep 600'\n")
    script.chmod(0o755)

    assert examine(str(script), [("about",)]).of("about").state == "timeout"
    pid = int((tmp_path / "pid").read_text())
    for _ in range(100):  # until the system has taken note
        try:
            os.kill(pid, 0)
        except ProcessLookupError:
            return
        time.sleep(0.05)
    pytest.fail("the program still runs")


@pytest.mark.parametrize("python", ["/no/such/python", os.devnull])
def test_what_is_no_interpreter_is_a_finding(python: str) -> None:
    """A wrong path neither raises nor hangs."""
    assert examine(python, [("about",)]).of("about").state == "died"
