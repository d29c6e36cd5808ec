"""A run's model for others: each form is loaded by what reads it, and computes the same."""

from __future__ import annotations

import json
import shutil
import sys
from pathlib import Path

import numpy as np
import pytest
import torch

from mnist_tool import Run, export_model, load, train
from mnist_tool.errors import (
    DependencyError,
    RunNotFoundError,
    SettingError,
    StorageError,
    TrainingError,
)
from mnist_tool.exporting.model_export import MODEL_FORMATS
from mnist_tool.training import models
from mnist_tool.training.evaluate import logits
from mnist_tool.version import __version__
from tests.exporting.runtimes import in_onnx_runtime, in_the_page
from tests.kept import keep
from tests.page.content import untrained

pytest.importorskip("onnx")
pytest.importorskip("safetensors")
IMAGES = 1000


@pytest.fixture(scope="module", params=["softmax", "fast-cnn"])
def trained(
    request: pytest.FixtureRequest, synthetic_root: Path, tmp_path_factory: pytest.TempPathFactory
) -> Path:
    """A short training on the synthetic digits."""
    folder = tmp_path_factory.mktemp("runs") / f"{request.param}-1"
    where = {"root": synthetic_root, "dataset": "synthetic", "run": folder}
    with torch.random.fork_rng(devices=[]):
        train(request.param, epochs=1, threads=1, device="cpu", **where)
    return keep(folder)


@pytest.fixture
def run(trained: Path, tmp_path: Path) -> Run:
    """A copy of its run, into which a test may write."""
    return Run(shutil.copytree(trained, tmp_path / "runs" / trained.name))


@pytest.fixture
def images(synthetic_root: Path) -> torch.Tensor:
    """Drawn digits that it has not seen."""
    found = load("test", root=synthetic_root, dataset="synthetic", offline=True)[0]
    return torch.cat([found] * (IMAGES // len(found) + 1))[:IMAGES]


def test_onnx_runtime_computes_the_same(run: Run, images: torch.Tensor) -> None:
    """Within 1e-4, from pixels 0 to 1: normalisation and views are in the graph."""
    written = export_model(run, "model.onnx")
    found = in_onnx_runtime(written.path.read_bytes(), images.numpy())
    assert np.abs(found - logits(run.model(), images).numpy()).max() < 1e-4


def test_safetensors_brings_the_same_weights(run: Run, images: torch.Tensor) -> None:
    """Bit for bit, under the names that torch gives them."""
    from safetensors.torch import load_file

    written = export_model(run, "model.safetensors")
    model = models.build(run.settings.recipe.model)
    model.load_state_dict(load_file(written.path))
    assert torch.equal(logits(model, images), logits(run.model(), images))


def test_the_pages_scripts_compute_the_same(run: Run, images: torch.Tensor) -> None:
    """Within 1e-4: the JSON is what they read."""
    written = export_model(run, "model.json")
    found = in_the_page(written.path, images.numpy())
    assert np.abs(found - logits(run.model(), images).numpy()).max() < 1e-4


@pytest.mark.parametrize("name", models.MODELS)
def test_the_pages_scripts_know_every_model(name: str, images: torch.Tensor) -> None:
    """Also those that no test trains; of outputs of thousands, 1e-6 of the largest."""
    model = untrained(name)
    Path("a.json").write_bytes(MODEL_FORMATS["json"].content(model, {"classes": []}))
    expected = logits(model, images[:2]).numpy()
    found = in_the_page(Path("a.json"), images[:2].numpy())
    assert np.abs(found - expected).max() < max(1e-4, 1e-6 * np.abs(expected).max())


def test_a_committee_is_a_model(synthetic_root: Path, images: torch.Tensor) -> None:
    """For ONNX Runtime and for torch; the page's scripts know single ones alone."""
    where = {"root": synthetic_root, "dataset": "synthetic", "threads": 1, "device": "cpu"}
    with torch.random.fork_rng(devices=[]):
        run = train("softmax", epochs=1, members=2, **where)
    expected = logits(run.model(), images).numpy()
    found = in_onnx_runtime(export_model(run, "a.onnx").path.read_bytes(), images.numpy())
    assert np.abs(found - expected).max() < 1e-4
    assert export_model(run, "a.safetensors").facts["epochs"] == 2
    with pytest.raises(TrainingError, match="Committee"):
        export_model(run, "a.json")
    assert not Path("a.json").exists()


def _metadata(path: Path) -> dict[str, str]:
    """Return what stands in a file of the model, as texts."""
    if path.suffix == ".onnx":
        import onnx

        return {each.key: each.value for each in onnx.load(path).metadata_props}
    if path.suffix == ".safetensors":
        from safetensors import safe_open

        with safe_open(path, "pt") as file:
            return dict(file.metadata())
    content = json.loads(path.read_text("utf-8"))
    facts = content["run"] | {"classes": content["classes"]}
    return {key: each if isinstance(each, str) else json.dumps(each) for key, each in facts.items()}


@pytest.mark.parametrize("form", MODEL_FORMATS)
def test_what_one_must_know_stands_in_it(run: Run, form: str) -> None:
    """The same in each form: pixels, classes, recipe, accuracy, data, versions, date."""
    written = export_model(run, form=form)
    assert (written.path, written.form) == (run.path / f"model.{form}", form)
    assert written.size == written.path.stat().st_size
    facts = _metadata(written.path)
    assert json.loads(facts["classes"]) == list("0123456789")
    assert json.loads(facts["accuracy"]) == run.accuracy
    assert (facts["recipe"], facts["date"]) == (run.settings.recipe.name, run.date)
    assert (facts["mnist_tool"], facts["torch"]) == (__version__, torch.__version__)
    assert "not MNIST" in facts["data"] or "ynthetic" in facts["data"]
    assert "0.0 is paper" in facts["pixels"]


@pytest.mark.parametrize("form", MODEL_FORMATS)
def test_a_name_that_is_no_utf8_is_spelt(run: Run, form: str, tmp_path: Path) -> None:
    """A folder may be called anything; the file holds text."""
    odd = tmp_path / "bad\udcff"
    shutil.copytree(run.path, odd)
    assert _metadata(export_model(odd, f"a.{form}").path)["name"] == r"bad\udcff"


def test_nothing_is_replaced_without_force(run: Run) -> None:
    """What is there stays as it is."""
    Path("a.json").write_text("mine")
    with pytest.raises(SettingError, match=r"a\.json is there already"):
        export_model(run, "a.json")
    assert Path("a.json").read_text() == "mine"
    export_model(run, "a.json", force=True)
    assert Path("a.json").read_text("utf-8").startswith("{")


def test_the_name_says_the_form(run: Run) -> None:
    """In any case of letters; in a folder the run gives the name."""
    assert export_model(run, "A.SafeTensors").form == "safetensors"
    Path("folder").mkdir()
    assert export_model(run, "folder", form="json").path == Path("folder", f"{run.name}.json")
    with pytest.raises(SettingError, match="its name does not say"):
        export_model(run, "model.bin")
    with pytest.raises(SettingError, match="no format 'onxx'") as caught:
        export_model(run, "model.bin", form="onxx")
    assert caught.value.hint == "Did you mean --format onnx?"


def test_a_name_that_says_another_form_is_refused(run: Run) -> None:
    """Whoever opens it later would believe the name; one that says nothing is taken."""
    with pytest.raises(SettingError, match=r"a\.onnx would be json, but it ends in \.onnx"):
        export_model(run, "a.onnx", form="json")
    assert not Path("a.onnx").exists()
    assert export_model(run, "a.bin", form="json").form == "json"


def test_a_run_is_named_as_elsewhere(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """By its folder, or by its name among the runs."""
    assert export_model(run.path, "a.json").facts["name"] == run.name
    monkeypatch.setenv("MNIST_TOOL_RUNS", str(run.path.parent))
    assert export_model(run.name, "b.json").facts["name"] == run.name
    with pytest.raises(RunNotFoundError):
        export_model("nothing", "c.json")


@pytest.mark.parametrize(("form", "package"), [("onnx", "onnx"), ("safetensors", "safetensors")])
def test_a_missing_package_is_told_with_what_installs_it(
    run: Run, form: str, package: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And nothing is written."""
    for name in [each for each in sys.modules if each.split(".")[0] == package]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, package, None)
    with pytest.raises(DependencyError, match=rf"pip install 'mnist-tool\[{package}\]'"):
        export_model(run, f"a.{form}")
    assert not Path(f"a.{form}").exists()


def test_a_place_that_cannot_be_written_is_told(run: Run) -> None:
    """With the option that names another one."""
    Path("file").write_text("")
    with pytest.raises(StorageError, match=r"file/a\.json cannot be written") as caught:
        export_model(run, Path("file", "a.json"))
    assert "--output" in caught.value.hint
