"""An archive's URL: one request for everything in it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from mnist_tool.dataset.cache import cache_folder
from mnist_tool.dataset.fetching.fetch import fetch, race
from mnist_tool.dataset.fetching.state import Fetch
from mnist_tool.dataset.registry import DATASETS
from mnist_tool.dataset.sources.archive import Archive
from mnist_tool.errors import FetchError
from tests.dataset.shrunk import registered
from tests.faults import tiny
from tests.faults.server import Behaviour, Server, answer

Serve = Callable[[Behaviour], Server]


@pytest.mark.parametrize("body", [tiny.tar(tiny.CONTENT), tiny.zipped(tiny.CONTENT)])
def test_one_download_brings_all(state: Fetch, serve: Serve, body: bytes) -> None:
    """However it is packed, and whatever is wrong with what nobody needs."""
    server = serve(lambda request, wire: wire.send(answer(body)))
    race(state, [Archive("a", f"{server.url}x.bin?token=hunter2")])
    [attempt] = state.attempts
    assert (attempt.what, attempt.outcome) == ("x.bin?***", "ok")
    assert attempt.delivered == list(tiny.CONTENT)
    assert len(server.requests) == 1
    assert state.origins[tiny.FILES[0].name].member == f"x.bin?***/{tiny.FILES[0].name}"


def test_an_archive_with_a_part_says_what_is_wrong_with_the_rest(
    state: Fetch, serve: Serve
) -> None:
    """It brought something, so it is no failure."""
    first, second, *_ = tiny.CONTENT
    body = tiny.tar({first: tiny.CONTENT[first], second: tiny.CONTENT[second][:-1]})
    server = serve(lambda request, wire: wire.send(answer(body)))
    race(state, [Archive("a", f"{server.url}x")])
    [attempt] = state.attempts
    assert (attempt.outcome, attempt.delivered) == ("ok", [first])
    assert f"x/{second}: it looks like {second}" in attempt.message


def test_by_hand_it_is_one_line() -> None:
    """Without secrets."""
    archive = Archive("a", "https://me:hunter2@host/x.tar")
    assert archive.by_hand(["a", "b"]) == ["or everything at once: https://***@host/x.tar"]


def test_an_archive_of_several_data_sets_is_kept_for_the_others(serve: Serve) -> None:
    """EMNIST's six come out of one download, each when it is asked for."""
    with registered("emnist-digits", "emnist-letters") as made:
        body = made["emnist-digits"].packed["gzip.zip"]
        server = serve(lambda request, wire: wire.send(answer(body)))
        source = Archive("nist", f"{server.url}gzip.zip", keep="gzip.zip")
        for each in made.values():
            DATASETS[each.dataset.name] = replace(each.dataset, sources=(source,))
        fetch("root", dataset="emnist-digits", clocks=tiny.CLOCKS)
        raw = Path("root/EMNIST/raw")
        assert {path.name for path in raw.iterdir()} == {"gzip.zip", *made["emnist-digits"].plain}
        report = fetch("root", dataset="emnist-letters", offline=True, clocks=tiny.CLOCKS)
        assert {file.source for file in report.files} == {"local"}
        for name, content in made["emnist-letters"].plain.items():
            assert (raw / name).read_bytes() == content
        assert len(server.requests) == 1
        assert cache_folder().is_dir()
        assert list((cache_folder() / "partial").iterdir()) == []


def test_an_archive_that_was_of_no_use_is_not_kept(serve: Serve) -> None:
    """Nothing wrong ever has the right name."""
    with registered("emnist-digits") as made:
        body = made["emnist-digits"].packed["gzip.zip"] + b"\0"
        server = serve(lambda request, wire: wire.send(answer(body)))
        source = Archive("nist", f"{server.url}gzip.zip", keep="gzip.zip")
        DATASETS["emnist-digits"] = replace(made["emnist-digits"].dataset, sources=(source,))
        with pytest.raises(FetchError):
            fetch("root", dataset="emnist-digits", clocks=tiny.CLOCKS)
        assert not Path("root").exists()
