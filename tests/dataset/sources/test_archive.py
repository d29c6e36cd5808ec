"""An archive's URL: one request for everything in it."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from mnist_tool.dataset.fetching.race import race
from mnist_tool.dataset.fetching.state import Fetch
from mnist_tool.dataset.sources.archive import Archive
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
