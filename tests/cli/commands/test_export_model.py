"""export-model as people and programs use it."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.cli.test_odd_paths import ODD

pytest.importorskip("onnx")
pytest.importorskip("safetensors")
Run = Callable[..., Any]


def test_it_writes_onnx_into_the_runs_folder(run_tool: Run, run_folder: Path) -> None:
    """By default, of the newest run; and again only with --force."""
    words = ("export-model", "--runs", str(run_folder.parent))
    done = run_tool(*words)
    assert done.exit_code == 0, done.stderr
    assert done.stdout.startswith(f"Model: {run_folder / 'model.onnx'} (")
    again = run_tool(*words)
    assert again.exit_code == 2
    assert "--force" in again.stderr
    assert run_tool(*words, "--force").exit_code == 0


def test_the_document_tells_what_stands_in_it(run_tool: Run, run_folder: Path) -> None:
    """Path, form, bytes and metadata."""
    data = run_tool("export-model", str(run_folder), "-o", "a.safetensors", "--json").json["data"]
    assert data.keys() == {"run", "model", "format", "bytes", "metadata"}
    assert (data["run"], data["format"]) == (str(run_folder), "safetensors")
    assert data["bytes"] == Path(data["model"]).stat().st_size
    assert data["metadata"]["recipe"] == "softmax"


def test_the_weights_that_ship_need_no_run(run_tool: Run) -> None:
    """In the current folder, or on stdout."""
    done = run_tool("export-model", "shipped", "--json")
    assert done.json["data"]["run"] == "shipped"
    assert Path(done.json["data"]["model"]) == Path("shipped.onnx")
    assert Path("shipped.onnx").exists()


def test_on_stdout(run_folder: Path) -> None:
    """``-o -`` writes the model and nothing else."""
    words = ["export-model", str(run_folder), "--format", "json", "-o", "-"]
    done = subprocess.run(
        [sys.executable, "-m", "mnist_tool", *words], capture_output=True, check=True
    )
    assert json.loads(done.stdout)["run"]["recipe"] == "softmax"


def test_stdout_is_for_the_model_alone(run_tool: Run, run_folder: Path) -> None:
    """Two wishes for one stream are a usage error."""
    done = run_tool("export-model", str(run_folder), "-o", "-", "--json")
    assert done.exit_code == 2
    assert "--json" in done.stdout


@pytest.mark.parametrize("words", [("-o", "model.bin"), ("--format", "onxx")])
def test_a_form_that_is_none_is_refused(
    run_tool: Run, run_folder: Path, words: tuple[str, ...]
) -> None:
    """With the names of those there are."""
    done = run_tool("export-model", str(run_folder), *words)
    assert done.exit_code == 2
    assert "onnx" in done.stderr


@pytest.mark.parametrize("odd", ODD)
def test_odd_paths(odd: str, run_tool: Run, run_folder: Path) -> None:
    """It is written, or refused in words."""
    Path("file").write_text("no folder")
    Path("loop").symlink_to("loop")
    done = run_tool("export-model", str(run_folder), "--format", "json", "-o", ODD[odd], "--force")
    assert done.exit_code in {0, 2, 3}, done.stderr
    assert "Traceback" not in done.stderr


def test_the_weights_that_ship_are_suggested(run_tool: Any) -> None:
    """Their name is no run's, and misspelt like one."""
    done = run_tool("export-model", "shiped")
    assert done.exit_code == 3
    assert "Did you mean shipped?" in done.stderr
