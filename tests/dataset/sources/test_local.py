"""What is on this machine: a path, a stream, and what lies about."""

from __future__ import annotations

import io
from pathlib import Path

import pytest

from mnist_tool.dataset.fetching.fetch import race
from mnist_tool.dataset.fetching.state import Fetch
from mnist_tool.dataset.sources.base import Source
from mnist_tool.dataset.sources.local import Leftovers, LocalPath, OpenStream
from tests.faults import tiny

ALL = tiny.tar(tiny.CONTENT, "w")


def outcome(state: Fetch, source: Source) -> tuple[str, str]:
    """Ask one source and return how that ended."""
    race(state, [source])
    [attempt] = state.attempts
    return attempt.outcome, attempt.message


@pytest.mark.parametrize("kind", ["file", "folder", "stream"])
def test_everything_from_one_place(state: Fetch, kind: str) -> None:
    """With a member for each file in the record, and nothing taken away."""
    Path("x").write_bytes(ALL)
    tiny.laid_down(Path("d/e"), tiny.PACKED)
    source: Source = {
        "file": LocalPath("local", "x"),
        "folder": LocalPath("local", "d"),
        "stream": OpenStream(stream=io.BytesIO(ALL)),
    }[kind]
    assert outcome(state, source) == ("ok", "")
    assert state.wanted == []
    for name, origin in state.origins.items():
        assert name in origin.member
    assert Path("x").read_bytes() == ALL
    assert len(list(Path("d/e").iterdir())) == 4


@pytest.mark.parametrize(
    ("path", "found"),
    [("nowhere", ("missing", "it cannot be read: No such file or directory")),
     ("empty", ("content", "none of the wanted files is in it")),
     ("page", ("content", "it is a web page"))],
)  # fmt: skip
def test_what_a_path_may_be_instead(state: Fetch, path: str, found: tuple[str, str]) -> None:
    """A name that leads nowhere is the user's; another content is the source's."""
    Path("empty").mkdir()
    Path("page").write_bytes(b"<html>")
    assert outcome(state, LocalPath("local", path)) == found


class Broken(io.RawIOBase):
    """A stream that breaks off."""

    def read(self, size: int = -1, /) -> bytes:
        raise OSError(5, "Input/output error")


def test_a_stream_that_breaks_is_damage(state: Fetch) -> None:
    """Not the disk's refusal."""
    kind, message = outcome(state, OpenStream(stream=Broken()))  # type: ignore[arg-type]
    assert kind == "content"
    assert "Input/output error" in message


def test_without_a_stream_there_is_no_attempt(state: Fetch) -> None:
    """It can be listed all the same."""
    race(state, [OpenStream()])
    assert state.attempts == []


def test_only_leftovers_that_help_are_told(state: Fetch) -> None:
    """Until nothing is wanted any more; one that is gone is passed over."""
    Path("page").write_bytes(b"<html>")
    Path("x").write_bytes(ALL)
    paths = [Path(name) for name in ("page", "gone", "x", "page")]
    race(state, [Leftovers(paths=tuple(paths))])
    assert [(a.location, a.outcome) for a in state.attempts] == [("x", "ok")]
    assert state.wanted == []
