"""A package of Debian's: what apt says of it, and what a machine without apt says."""

from __future__ import annotations

import hashlib
import io
import lzma
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from mnist_tool.dataset.fetching.fetch import race
from mnist_tool.dataset.fetching.state import Fetch
from mnist_tool.dataset.network.clocks import Clocks
from mnist_tool.dataset.network.download import session
from mnist_tool.dataset.network.way import Way
from mnist_tool.dataset.sources.apt import Apt, find_deb
from mnist_tool.errors import SourceError
from tests.dataset.bytes.test_containers import ar
from tests.faults import tiny
from tests.faults.server import Behaviour, Server, answer

Serve = Callable[[Behaviour], Server]
FOLDER = "./usr/share/datasets/digits"
PACKED = tiny.tar({f"{FOLDER}/{name}": content for name, content in tiny.PACKED.items()}, "w")
DEB = ar({"debian-binary": b"2.0\n", "control.tar.xz": b"?", "data.tar.xz": lzma.compress(PACKED)})
SOURCE = Apt("debian", "dataset-digits")


@pytest.fixture
def apt(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    """Put a program that prints a text in apt's place."""

    def say(text: str, code: int = 0) -> None:
        folder = tmp_path / "bin"
        folder.mkdir()
        program = folder / "apt-get"
        program.write_text(
            f"#!/bin/sh\n[ $# = 3 ] || exit 9\ncat <<'END'\n{text}\nEND\nexit {code}\n"
        )
        program.chmod(0o755)
        monkeypatch.setenv("PATH", f"{folder}{os.pathsep}{os.environ['PATH']}")

    return say


def line(url: str, digest: str = hashlib.sha256(DEB).hexdigest()) -> str:
    return f"'{url}' digits_1_all.deb {len(DEB)} SHA256:{digest}"


@pytest.mark.skipif(os.name == "nt", reason="scripts with a first line")
def test_a_package_is_read_as_an_archive(
    apt: Callable[[str], None], serve: Serve, state: Fetch
) -> None:
    """From where apt would take it."""
    server = serve(lambda _, wire: wire.send(answer(DEB)))
    apt(line(f"{server.url}digits.deb"))
    race(state, [SOURCE])
    assert state.wanted == []
    assert [request.path for request in server.requests] == ["/d/digits.deb"]
    [attempt] = state.attempts
    assert (attempt.outcome, attempt.location) == ("ok", f"{server.url}digits.deb")
    with session() as http:
        assert SOURCE.sample((), http, Clocks(), Way()) == f"{server.url}digits.deb"


@pytest.mark.skipif(os.name == "nt", reason="scripts with a first line")
def test_another_digest_than_apts_is_refused(
    apt: Callable[[str], None], serve: Serve, state: Fetch
) -> None:
    """However good what is in it may be."""
    server = serve(lambda _, wire: wire.send(answer(DEB)))
    apt(line(f"{server.url}digits.deb", "0" * 64))
    race(state, [SOURCE])
    assert {attempt.outcome for attempt in state.attempts} == {"content"}
    assert len(state.wanted) == 4


@pytest.mark.skipif(os.name == "nt", reason="scripts with a first line")
@pytest.mark.parametrize(
    ("said", "told"),
    [
        ("", "without an address"),
        ("'http://h/x.deb' x.deb 3 MD5Sum:00", "without an address"),
        (line("file:///etc/passwd"), "would take dataset-digits from file:///etc/passwd"),
        (line("http://me:secret@h:99999/"), r"from http://\*\*\*@h:99999/"),
    ],
)
def test_what_apt_says_may_be_anything(apt: Callable[[str], None], said: str, told: str) -> None:
    """It is our own error, without secrets."""
    apt(said)
    with pytest.raises(SourceError, match=told) as caught:
        find_deb("dataset-digits")
    assert caught.value.outcome == "index"


@pytest.mark.parametrize("path", ["", "/no/such"])
def test_a_machine_without_apt_is_told(
    path: str, monkeypatch: pytest.MonkeyPatch, state: Fetch
) -> None:
    """As an attempt that failed; the walk goes on."""
    monkeypatch.setenv("PATH", path)
    race(state, [SOURCE])
    [attempt] = state.attempts
    assert attempt.outcome == "index"
    assert "no apt here" in attempt.message


def test_by_hand_it_is_apts_own_command() -> None:
    """Which installs nothing."""
    assert SOURCE.by_hand(["x.gz"]) == [
        "or on Debian and Ubuntu, which installs nothing: apt download dataset-digits"
    ]
    assert SOURCE.shown == "dataset-digits"
    assert io.BytesIO(DEB).read(8) == b"!<arch>\n"
