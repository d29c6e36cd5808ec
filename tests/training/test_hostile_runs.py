"""Run folders that came damaged, or from somebody who wished us ill."""

from __future__ import annotations

import copy
import io
import json
import os
import pickle
import shutil
import zipfile
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from torch import Tensor

from mnist_tool.errors import CheckpointError, MnistToolError
from mnist_tool.training.evaluate import evaluate_scales
from mnist_tool.training.runs import Run, new_run
from mnist_tool.training.session import Session
from mnist_tool.training.settings import Settings
from tests.kept import keep

Split = tuple[Tensor, Tensor]
Place = tuple[str | int, ...]
SETTINGS = Settings.of("mlp-plain", epochs=3, batch_size=40, threads=1)

TEXTS = ["", "x", "\x1b[31mred", "\ud800", "7", "a" * 100_000]
NUMBERS = [-1, 0, 1, 7, 2**31, 2**63, -(2**63), 10**30, 0.5, -0.0, 1e39, 1e308]
NO_NUMBERS = [float("nan"), float("inf"), float("-inf"), None, True]
NESTED: list[Any] = [[], {}, [[]], {"epoch": 1}, [1] * 11, [None]]
TENSORS = [
    torch.zeros(3),
    torch.zeros(10, 784),
    torch.tensor(float("nan")),
    torch.zeros(1).expand(1000, 1000),
    torch.zeros(2, dtype=torch.int64),
    torch.zeros(3, requires_grad=True),
    torch.zeros(5056, dtype=torch.uint8),
]


@pytest.fixture(scope="module")
def sound(tmp_path_factory: pytest.TempPathFactory, split: Split) -> Run:
    """A run stopped inside its second epoch, tested all the same: every part has something."""
    run = new_run(tmp_path_factory.mktemp("runs"), "mlp-plain")
    session = Session(run, SETTINGS, *split)
    for event in session.train():
        if getattr(event, "epoch", 0) == 2:
            break
    session.save()
    results = evaluate_scales(session.trainer.model, *split, raw=True)
    run.write_result({"test": [each.as_dict() for each in results]})
    keep(run.path)
    return run


@pytest.fixture
def run(sound: Run, tmp_path: Path) -> Run:
    """A copy that may be spoilt."""
    return copied(sound, tmp_path / "run")


def copied(sound: Run, folder: Path) -> Run:
    """Copy a run."""
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(sound.path, folder)
    return Run(folder)


def use(run: Run, split: Split) -> None:
    """Do with a run what the commands do; each part ends well, or with an error of ours."""
    for part in (
        lambda: run.settings,
        run.metrics,
        run.unfinished,
        run.result,
        lambda: evaluate_scales(run.model(), *split, raw=False),
        lambda: list(Session(run, run.settings, *split).train()),
    ):
        with suppress(MnistToolError):
            part()  # type: ignore[operator]


def places(value: Any, here: Place = ()) -> Iterator[Place]:
    """Yield the places of all parts of a document."""
    yield here
    if isinstance(value, dict | list):
        for key, part in value.items() if isinstance(value, dict) else enumerate(value):
            yield from places(part, (*here, key))


def changed(document: Any, place: Place, value: Any) -> Any:
    """Return a document with another value at a place."""
    if not place:
        return value
    document = copy.deepcopy(document)
    part = document
    for key in place[:-1]:
        part = part[key]
    part[place[-1]] = value
    return document


VALUES = st.sampled_from([*TEXTS, *NUMBERS, *NO_NUMBERS, *NESTED])


@pytest.mark.parametrize("name", ["settings.json", "metrics.jsonl", "result.json"])
@given(data=st.data())
@settings(max_examples=30, suppress_health_check=list(HealthCheck))
def test_any_value_in_a_document(name: str, data: st.DataObject, sound: Run, split: Split) -> None:
    """Whatever stands where another value should be, nothing but our errors comes out."""
    run = copied(sound, sound.path.parent / "spoilt")
    first, *rest = (run.path / name).read_text().split("\n") if "jsonl" in name else [None]
    document = json.loads(first or (run.path / name).read_text())
    place = data.draw(st.sampled_from(sorted(places(document), key=str)))
    text = json.dumps(changed(document, place, data.draw(VALUES)))
    (run.path / name).write_text("\n".join([text, *rest]))
    use(run, split)


@given(data=st.data())
@settings(max_examples=100, suppress_health_check=list(HealthCheck))
def test_any_value_in_a_checkpoint(data: st.DataObject, sound: Run, split: Split) -> None:
    """The same for every part of the checkpoint, tensors where none should be included."""
    run = copied(sound, sound.path.parent / "spoilt")
    document = torch.load(run.checkpoint_path, weights_only=True)
    document["state_dict"] = dict(document["state_dict"])
    costs = document["trainer"]["costs"]
    document["trainer"]["costs"] = costs[:1]  # else most places would be costs
    chosen = sorted((p for p in places(document) if "course" not in p[:-1]), key=str)
    document["trainer"]["costs"] = costs
    place = data.draw(st.sampled_from(chosen))
    value = data.draw(st.one_of(VALUES, st.sampled_from(TENSORS)))
    torch.save(changed(document, place, value), run.checkpoint_path)
    use(run, split)


DOCUMENTS = {
    "nested": b"[" * 100_000,
    "nested objects": b'{"a":' * 100_000,
    "digits": b'{"recipe": "mlp-plain", "cost": 1, "test": [], "epochs": ' + b"9" * 5000 + b"}",
    "a name twice": b'{"recipe": "softmax", "recipe": "mlp-plain", "cost": 1, "cost": 2}',
    "beyond a float": b'{"recipe": "mlp-plain", "cost": 1e999, "learning_rate": 1e999}',
    "UTF-16": '{"recipe": "mlp-plain"}'.encode("utf-16"),
    "latin-1": '{"recipe": "gr\xf6\xdfer"}'.encode("latin-1"),
    "NUL": b"\0" * 100,
    "a mark first": b'\xef\xbb\xbf{"recipe": "mlp-plain"}',
    "large": b" " * (17 << 20),
}


@pytest.mark.parametrize("name", ["settings.json", "metrics.jsonl", "result.json"])
@pytest.mark.parametrize("content", DOCUMENTS.values(), ids=DOCUMENTS)
def test_a_document_that_is_none(name: str, content: bytes, run: Run, split: Split) -> None:
    """Named as damaged by its path, with the next command."""
    (run.path / name).write_bytes(content)
    reader = {"metrics.jsonl": run.metrics, "result.json": run.result}.get(name)
    with pytest.raises(CheckpointError, match=name.replace(".", r"\.")) as caught:
        reader() if reader else run.settings
    assert "--run" in caught.value.hint
    use(run, split)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no named pipes")
@pytest.mark.parametrize("name", ["settings.json", "metrics.jsonl", "result.json", "checkpoint.pt"])
def test_a_pipe_is_not_waited_for(name: str, run: Run, split: Split) -> None:
    """Nobody will ever write into it."""
    (run.path / name).unlink()
    os.mkfifo(run.path / name)
    use(run, split)


def repacked(run: Run, change: Callable[[str, bytes], bytes], method: int = 0) -> None:
    """Write the parts of a checkpoint anew, each as `change` has it."""
    with zipfile.ZipFile(run.checkpoint_path) as archive:
        parts = {name: change(name, archive.read(name)) for name in archive.namelist()}
    with zipfile.ZipFile(run.checkpoint_path, "w", method) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)


BYTEARRAY = b"\x80\x02cbuiltins\nbytearray\n\x8a\x05\x00\x00\x00\x00\x10\x85R."
MEMO = b"\x80\x02}r\xff\xff\xff\x7f."


@pytest.mark.parametrize(
    ("pickled", "why"),
    [
        (BYTEARRAY, "more than numbers and names"),  # 64 GiB of zeros
        (b"\x80\x02cos\nsystem\nX\x04\x00\x00\x00true\x85R.", "more than numbers and names"),
        (b"\x80\x02I0x10\n0cos\nsystem\n.", "damaged"),
        (pickle.dumps({"a": 1}, 5), "more than numbers and names"),
        (b"\x80\x02}.more", "something follows"),
        (b"\x80\x02}", "damaged"),
        (b"", "damaged"),
        (b"\x80\x02X\xff\xff\xff\xff.", "damaged"),
        (b"\x80\x02" + b"}0" * (5 << 20), "8 MiB"),
    ],
)
def test_values_that_ask_for_more(pickled: bytes, why: str, run: Run, split: Split) -> None:
    """Refused before torch looks at them, at little cost."""
    repacked(run, lambda name, content: pickled if name.endswith("data.pkl") else content)
    with pytest.raises(CheckpointError, match=why):
        run.checkpoint()
    use(run, split)


def test_what_is_packed_is_not_unpacked(run: Run) -> None:
    """A file of a few kilobytes may hold gigabytes of zeros; torch packs nothing."""
    repacked(run, lambda _, content: content, zipfile.ZIP_DEFLATED)
    with pytest.raises(CheckpointError, match="compressed"):
        run.checkpoint()


def test_gigabytes_that_are_announced_are_not_read(run: Run) -> None:
    """By the directory of the zip file."""
    content = bytearray(run.checkpoint_path.read_bytes())
    entry = content.index(b"PK\x01\x02")
    content[entry + 24 : entry + 28] = (2**31).to_bytes(4, "little")
    run.checkpoint_path.write_bytes(content)
    with pytest.raises(CheckpointError, match="announces more than"):
        run.checkpoint()


def test_two_parts_of_one_name_are_refused(run: Run) -> None:
    """Who reads the first and who the second?"""
    with zipfile.ZipFile(run.checkpoint_path, "a") as archive:
        archive.writestr(archive.namelist()[0].upper(), b"other")
    with pytest.raises(CheckpointError, match="one name"):
        run.checkpoint()


def test_more_epochs_than_the_run_has(run: Run, split: Split) -> None:
    """A checkpoint that has come further than its settings go is no checkpoint of theirs."""
    values = json.loads((run.path / "settings.json").read_text())
    (run.path / "settings.json").write_text(json.dumps(values | {"epochs": 1}))
    document = torch.load(run.checkpoint_path, weights_only=True)
    document["metrics"] *= 2
    torch.save(document, run.checkpoint_path)
    with pytest.raises(CheckpointError, match="2 epochs, but its run has 1"):
        run.model()
    use(run, split)


def test_a_run_as_it_was_written_is_whole(run: Run, split: Split) -> None:
    """What the others spoil is right, and goes on to its end."""
    assert run.settings == SETTINGS
    assert len(run.metrics()) == 1
    assert run.result() is not None
    assert io.BytesIO(run.checkpoint_path.read_bytes()).getbuffer().nbytes < 1 << 20
    list(Session(run, run.settings, *split).train())
    assert len(run.metrics()) == SETTINGS.recipe.epochs
