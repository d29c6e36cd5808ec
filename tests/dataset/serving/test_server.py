"""Where it listens, and what is said where it cannot."""

from __future__ import annotations

import socket
from collections.abc import Callable
from pathlib import Path

import pytest

from mnist_tool.dataset.fetching.fetch import fetch
from mnist_tool.dataset.registry import DATASETS
from mnist_tool.dataset.serving.offer import Offer, prepare
from mnist_tool.dataset.serving.server import listen, urls_of
from mnist_tool.dataset.store import Store
from mnist_tool.errors import MissingDataError, SettingError
from mnist_tool.progress import Silent
from tests.dataset.serving.conftest import Served
from tests.dataset.shrunk import registered
from tests.faults import tiny
from tests.faults.tiny import laid_down


def test_it_listens_where_it_is_told() -> None:
    """And says how it is reached."""
    with listen("127.0.0.1", 0) as opened:
        port = opened.getsockname()[1]
        assert urls_of(opened) == [f"http://127.0.0.1:{port}/"]
    with listen("0.0.0.0", 0) as opened:
        assert urls_of(opened)[-1] == f"http://127.0.0.1:{opened.getsockname()[1]}/"


def test_a_port_that_is_taken_is_told_with_another() -> None:
    """Before anything is packed."""
    with listen("127.0.0.1", 0) as opened:
        port = opened.getsockname()[1]
        with pytest.raises(SettingError, match=f"Port {port} is taken") as caught:
            listen("127.0.0.1", port)
    assert f"--port {port + 1}" in caught.value.hint


@pytest.mark.parametrize("host", ["192.0.2.77", "no such host", "\ud800", "x" * 300, "é" * 80])
def test_an_address_that_is_not_here_is_told(host: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """No name server is asked for strange names."""

    def unknown(*_: object, **__: object) -> None:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    if not host.startswith("192"):
        monkeypatch.setattr(socket, "getaddrinfo", unknown)
    with pytest.raises(SettingError, match="no address") as caught:
        listen(host, 0)
    assert "--host 0.0.0.0" in caught.value.hint


@pytest.mark.parametrize("what", ["", "Tiny.tar.gz"])
def test_our_own_fetch_takes_it(
    served: Served, tiny_registered: None, tmp_path: Path, what: str
) -> None:
    """As a mirror, also where the .gz have other bytes than the original; and as an archive."""
    there = fetch(tmp_path / "new", dataset="tiny", sources=served.url + what, clocks=tiny.CLOCKS)
    assert {file.state for file in there.files} == {"fetched"}
    for name, content in tiny.CONTENT.items():
        assert (tmp_path / "new" / "Tiny" / "raw" / name).read_bytes() == content


PROVEN = [name for name, row in DATASETS.items() if any(file.proofs for file in row.files)]


@pytest.mark.parametrize("name", PROVEN)
def test_what_only_published_files_prove_is_given_on_in_them(
    name: str, serve_offer: Callable[[Offer], Served], tmp_path: Path
) -> None:
    """So others can verify what they get; without them nothing is offered."""
    with registered(name) as small:
        store = Store(tmp_path / "here", small[name].dataset)
        published = laid_down(tmp_path / "published", small[name].packed)
        fetch(store.root, dataset=name, sources=[published], offline=True)
        for each in store.raw.iterdir():
            if each.name in small[name].packed:
                each.unlink()
        packed = laid_down(tmp_path / "packed", {"x": b""})
        with pytest.raises(MissingDataError, match="by the files that were published"):
            prepare(store, packed, Silent())
        laid_down(store.raw, small[name].packed)
        served = serve_offer(prepare(store, packed, Silent()))
        there = tmp_path / "there"
        fetch(there, dataset=name, sources=served.url, clocks=tiny.CLOCKS)
        for file, content in small[name].plain.items():
            raw = there / small[name].dataset.folder / "raw"
            assert (raw / file).read_bytes() == content
