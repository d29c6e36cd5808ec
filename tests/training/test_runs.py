"""Run folders: numbered, never overwritten, read as they were written."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from mnist_tool.errors import CheckpointError, SettingError, StorageError
from mnist_tool.training.evaluate import Evaluation
from mnist_tool.training.runs import Run, make_run, new_run
from mnist_tool.training.settings import Settings


def test_runs_are_numbered_per_recipe(tmp_path: Path) -> None:
    """Each recipe counts on from its highest number, whatever else lies there."""
    (tmp_path / "softmax-adam-9").mkdir()
    (tmp_path / "softmax-7").mkdir()
    (tmp_path / "softmax-old").mkdir()
    assert new_run(tmp_path, "softmax").name == "softmax-8"
    assert new_run(tmp_path, "softmax").name == "softmax-9"
    assert new_run(tmp_path, "cnn").name == "cnn-1"


def test_many_at_once_get_one_folder_each(tmp_path: Path) -> None:
    """Trainings that start at the same moment never share a folder."""
    with ThreadPoolExecutor(16) as pool:
        runs = list(pool.map(lambda _: new_run(tmp_path / "runs", "softmax"), range(64)))
    assert len({run.path for run in runs}) == 64


def test_named_folder_must_be_empty(tmp_path: Path) -> None:
    """A folder with something in it is refused, with the way to go on with it."""
    assert make_run(tmp_path / "mine").path.is_dir()
    assert make_run(tmp_path / "mine").path.is_dir()
    (tmp_path / "mine" / "notes.txt").write_text("keep me")
    with pytest.raises(SettingError, match="overwritten") as caught:
        make_run(tmp_path / "mine")
    assert "--resume --run" in caught.value.hint


def test_folder_that_cannot_be_made(tmp_path: Path) -> None:
    """A file where a folder should be is a storage error."""
    (tmp_path / "file").write_text("")
    with pytest.raises(StorageError) as caught:
        new_run(tmp_path / "file", "softmax")
    assert caught.value.hint.endswith("another folder with --runs.")


def test_what_is_written_is_read(tmp_path: Path) -> None:
    """Settings, metrics and result come back; a run without them has none."""
    run = new_run(tmp_path, "softmax")
    assert run.metrics() == []
    assert run.result() is None
    settings = Settings.of("softmax", epochs=2)
    run.write_settings(settings)
    run.write_metrics([{"epoch": 1, "cost": 0.5}, {"epoch": 2, "cost": 0.25}])
    run.write_result({"test": []})
    assert run.settings == settings
    assert [line["cost"] for line in run.metrics()] == [0.5, 0.25]
    assert run.result() == {"test": []}


@pytest.mark.parametrize(
    "content",
    [
        '{"epochs": ',
        "\udcff",
        "",
        "[1]",
        '{"epochs": 2}',
        '{"recipe": "lenet"}',
        '{"recipe": []}',
        '{"recipe": "cnn", "epochs": "two"}',
        '{"recipe": "cnn", "learning_rate": "fast"}',
        '{"recipe": "cnn", "betas": 1}',
    ],
)
def test_damaged_settings_are_refused(tmp_path: Path, content: str) -> None:
    """A settings file that is no JSON, or no settings, is an error of ours."""
    run = new_run(tmp_path, "softmax")
    (run.path / "settings.json").write_bytes(content.encode(errors="surrogateescape"))
    with pytest.raises(CheckpointError, match=r"settings\.json"):
        _ = run.settings


def test_a_file_that_is_not_there_is_named_once(tmp_path: Path) -> None:
    """And the system's reason without its number."""
    run = new_run(tmp_path, "softmax")
    with pytest.raises(CheckpointError) as caught:
        _ = run.settings
    where = run.path / "settings.json"
    assert caught.value.message == f"{where} cannot be read: No such file or directory."


def test_a_data_set_that_lies_elsewhere_is_no_damage(tmp_path: Path) -> None:
    """A run on pictures of one's own may be looked at from where they are not found."""
    run = new_run(tmp_path, "softmax")
    run.write_settings(Settings.of("softmax"))
    path = run.path / "settings.json"
    path.write_text(path.read_text().replace('"mnist"', '"no-such-pictures"'))
    with pytest.raises(CheckpointError, match="was trained on no-such-pictures") as caught:
        _ = run.settings
    assert "damaged" not in caught.value.message
    assert "MNIST_TOOL_ROOT" in caught.value.hint


@pytest.mark.parametrize(
    "line",
    [
        "5",
        '{"epoch": 2}',
        '{"cost": NaN}',
        '{"cost": "low"}',
        '{"cost": 1, "course": 2}',
        '{"cost": 1, "course": [0.5, NaN]}',
    ],
)
def test_damaged_metrics_are_refused(tmp_path: Path, line: str) -> None:
    """Every line of the metrics has a cost that can be drawn."""
    run = new_run(tmp_path, "softmax")
    (run.path / "metrics.jsonl").write_text('{"epoch": 1, "cost": 0.5}\n' + line + "\n")
    with pytest.raises(CheckpointError, match=r"metrics\.jsonl is damaged: its line 2"):
        run.metrics()


def test_a_run_shows_what_it_is(tmp_path: Path) -> None:
    """As far as its folder says; a path may be text."""
    run = Run(str(tmp_path))  # type: ignore[arg-type]
    assert run == Run(tmp_path)
    assert repr(run) == f"Run({str(tmp_path)!r})"
    run.write_settings(Settings.of("softmax"))
    run.write_metrics([{"epoch": 1, "cost": 0.5}])
    run.write_result({"test": []})
    assert run.accuracy is None
    assert repr(run).endswith("softmax on mnist, 1 of 15 epochs, not tested")
    evaluation = Evaluation(4, 3, 0.75, (0.3, 0.95), 1.0, ((0,) * 10,) * 10)
    run.write_result({"test": [evaluation.as_dict()]})
    assert run.accuracy == 0.75
    assert repr(run).endswith("accuracy 0.7500")
