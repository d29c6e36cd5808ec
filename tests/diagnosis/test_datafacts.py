"""What the checks gather from the real machine, where that can be made to differ."""

from __future__ import annotations

import os
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console
from rich.file_proxy import FileProxy

from mnist_tool.dataset.registry import DATASETS, MNIST
from mnist_tool.diagnosis.checks.data import judge_leftovers, judge_space
from mnist_tool.diagnosis.checks.display import gather_display, gather_terminal
from mnist_tool.diagnosis.checks.environment import gather_interpreters, gather_shadows
from mnist_tool.diagnosis.checks.network import gather_certificates, gather_proxies
from mnist_tool.diagnosis.context import Context, Request
from mnist_tool.diagnosis.datafacts import gather, odd_names
from mnist_tool.diagnosis.invocation import Invocation


def context(**environment: str) -> Context:
    """A context with other environment variables."""
    return Context(Request(Path("root"), "--root", MNIST, environment=environment), frozenset())


def test_the_terminal_is_seen_behind_a_moving_bar(monkeypatch: pytest.MonkeyPatch) -> None:
    """The stand-in that rich puts in place of stdout has no encoding of its own."""
    real = gather_terminal(context())
    monkeypatch.setattr(sys, "stdout", FileProxy(Console(), sys.stdout))

    assert gather_terminal(context()) == real
    assert real.encoding == sys.__stdout__.encoding  # type: ignore[union-attr]


def test_the_display_is_taken_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """A screen of X11 or Wayland; a backend as it is written."""
    monkeypatch.setattr(sys, "platform", "linux")

    assert not gather_display(context()).display
    assert gather_display(context(WAYLAND_DISPLAY="wayland-0")).display
    assert gather_display(context(MPLBACKEND="TkAgg")).backend == "tkagg"


def test_proxies_are_found_in_either_spelling() -> None:
    """Small letters and capitals; an empty one counts as none."""
    found = gather_proxies(context(http_proxy="http://a:1", HTTP_PROXY="b", HTTPS_PROXY=""))
    assert found == {"http_proxy": "http://a:1", "HTTP_PROXY": "b"}


def test_bundles_are_opened(tmp_path: Path) -> None:
    """One that is not there, one that holds no certificate, a folder, and a good one."""
    import certifi

    (tmp_path / "note.txt").write_text("no certificate")
    named = gather_certificates(
        context(
            REQUESTS_CA_BUNDLE="/no/such",
            CURL_CA_BUNDLE=str(tmp_path / "note.txt"),
            SSL_CERT_DIR=str(tmp_path),
            SSL_CERT_FILE=certifi.where(),
        )
    ).named

    assert named == {
        "REQUESTS_CA_BUNDLE": "is not there",
        "CURL_CA_BUNDLE": "holds no certificates",
        "SSL_CERT_DIR": "",
        "SSL_CERT_FILE": "",
    }


@pytest.mark.skipif(os.name == "nt", reason="scripts with a first line")
def test_pip_belongs_to_the_interpreter_in_its_first_line(tmp_path: Path) -> None:
    """Wherever the script itself lies."""
    for name in ("one", "two"):
        (tmp_path / name / "bin").mkdir(parents=True)
        (tmp_path / name / "pyvenv.cfg").touch()
        (tmp_path / name / "bin" / "python").touch(mode=0o755)
    pip = tmp_path / "one" / "bin" / "pip"
    pip.write_text(f"#!{tmp_path}/two/bin/python\n")
    pip.chmod(0o755)
    found = gather_interpreters(context(PATH=str(tmp_path / "one" / "bin"))).prefixes

    assert found["python"] == str(tmp_path / "one")
    assert found["pip"] == str(tmp_path / "two")


@pytest.mark.parametrize(
    ("name", "shadows"),
    [
        ("torch.py", True),
        ("random.py", True),
        ("numpy/__init__.py", True),
        ("numpy/notes.txt", False),
        ("test.py", False),
        ("mine.py", False),
    ],
)
def test_only_files_that_would_be_imported_shadow(name: str, shadows: Any) -> None:
    """A script or a package of that name, but not any folder, and not the harmless names."""
    Path(name).parent.mkdir(exist_ok=True)
    Path(name).touch()
    assert bool(gather_shadows(context()).names) == shadows


@pytest.mark.parametrize(
    ("name", "shadows"), [("torch.py", True), ("torch/__init__.py", False), ("mine.py", False)]
)
def test_files_in_pythonpath_shadow_too(tmp_path: Path, name: str, shadows: bool) -> None:
    """A single file does; a package is where clusters keep the real torch."""
    path = tmp_path / "other" / name
    path.parent.mkdir(parents=True)
    path.touch()
    found = gather_shadows(context(PYTHONPATH=str(tmp_path / "other"))).names
    assert found == ((str(path),) if shadows else ())


def test_a_bad_download_among_the_temporary_files_is_found(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The package mnist would read it again and again; a good one there is nobody's trouble."""
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    bad = tmp_path / "t10k-labels-idx1-ubyte.gz"
    bad.write_bytes(b"<html>")
    facts = gather(tmp_path / "root", "--root", MNIST, tmp_path, Invocation(root=tmp_path / "root"))
    assert facts.cached == (bad,)
    assert judge_leftovers(facts).status == "warning"


@pytest.mark.parametrize("name", ["file/root", "file", "x" * 300, "a\nb", "\udcff", "nul\0"])
def test_a_root_of_any_name_is_looked_at(
    tmp_path: Path, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Names that no file system takes, and a file where a folder should be, are findings."""
    (tmp_path / "file").write_text("no folder")
    root = tmp_path / name
    facts = gather(root, "--root", MNIST, tmp_path, Invocation(root))

    assert not facts.complete
    assert facts.obstacle == (tmp_path / "file" if name.startswith("file") else None)
    assert Context(Request(root, "--root", MNIST), frozenset()).steps() == [("about",)]


def test_every_registered_file_can_be_named_wrongly() -> None:
    """Whatever its type and dimensions; no wrong name is right."""
    for dataset in DATASETS.values():
        right = {file.name for file in dataset.files}
        for file in dataset.files:
            assert len(set(odd_names(file)) - right) == 5


def test_a_large_data_set_needs_more_room(tmp_path: Path) -> None:
    """EMNIST's zip and what comes out of it; for MNIST less is enough."""
    for name, status in (("mnist", "ok"), ("emnist-letters", "error")):
        facts = gather(tmp_path, "--root", DATASETS[name], tmp_path, Invocation(tmp_path))
        verdict = judge_space(replace(facts, free=400_000_000))
        assert verdict.status == status
    assert "676 MB are needed" in verdict.detail
