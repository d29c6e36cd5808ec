"""The notebook of the lecture runs from top to bottom in a real kernel, with bars and pictures."""

from __future__ import annotations

import shutil
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from tests import real_data

NOTEBOOK = real_data.REPOSITORY / "docs" / "lecture.ipynb"
WIDGET = "application/vnd.jupyter.widget-view+json"


def _run(cells: list[str], folder: Path) -> Any:
    """Run cells in a kernel of this Python, each within two minutes; an error fails the test."""
    pytest.importorskip("ipykernel")
    pytest.importorskip("ipywidgets")
    nbformat = pytest.importorskip("nbformat")
    client = pytest.importorskip("nbclient").NotebookClient
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(c) for c in cells])
    client(
        notebook, timeout=120, kernel_name="python3", resources={"metadata": {"path": folder}}
    ).execute()
    return notebook


def _code(notebook: Any) -> list[str]:
    return [cell["source"] for cell in notebook["cells"] if cell["cell_type"] == "code"]


def _shown(notebook: Any) -> Counter[str]:
    """Count what the cells show, by its type."""
    outputs = [output for cell in notebook["cells"] for output in cell["outputs"]]
    return Counter(kind for output in outputs for kind in output.get("data", {}))


@pytest.fixture
def lecture() -> Any:
    """The notebook as it is in the repository."""
    return pytest.importorskip("nbformat").read(NOTEBOOK, as_version=4)


def test_it_is_kept_without_results(lecture: Any) -> None:
    """Whoever opens it makes them; and each cell is one that every reader of notebooks takes."""
    pytest.importorskip("nbformat").validate(lecture)
    for cell in lecture["cells"]:
        assert not cell.get("outputs")
        assert cell.get("execution_count") is None


@pytest.mark.torch
def test_it_runs_from_top_to_bottom(
    lecture: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """On real MNIST where it is at hand, otherwise on drawn digits."""
    monkeypatch.setenv("OMP_NUM_THREADS", "1")  # two wait for each other on a busy machine
    cells = _code(lecture)
    if (place := real_data.find()) and place.is_dir():
        shutil.copytree(place, tmp_path / "MNIST_data")  # fetch knows them by their content
    else:
        cells = [cell.replace('DATASET = "mnist"', 'DATASET = "synthetic"') for cell in cells]
    ran = _run(cells, tmp_path)
    shown = _shown(ran)
    assert shown["image/png"] == 4
    assert shown["text/html"] == 1  # the doctor's table
    assert shown[WIDGET] >= 2  # a bar for each training
    states = ran["metadata"]["widgets"]["application/vnd.jupyter.widget-state+json"]["state"]
    assert "FloatProgressModel" in {state["model_name"] for state in states.values()}
    plain = [o["data"]["text/plain"] for c in ran["cells"] for o in c["outputs"] if "data" in o]
    assert any(text.startswith("FetchReport: 4 of 4 files") for text in plain)
    assert any(text.startswith("Run('runs/softmax-1'): softmax on ") for text in plain)
    assert any(text.startswith("Evaluation: ") for text in plain)
