"""Looking into anything: what the standard library packs is found, in whatever it lies."""

from __future__ import annotations

import bz2
import gzip
import io
import itertools
import lzma
import os
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mnist_tool.dataset.bytes.archives import (
    HEAD,
    Capped,
    Contents,
    Limits,
    Rejected,
)
from mnist_tool.dataset.bytes.forms.pictures import encoded
from mnist_tool.errors import FormatError
from tests.faults import tiny
from tests.nobody import nobody

LABELS = "t10k-labels-idx1-ubyte"
IDX = tiny.CONTENT[LABELS]


class Drip:
    """A stream that gives as many bytes at once as it likes."""

    def __init__(self, content: bytes, sizes: list[int]) -> None:
        self._stream = io.BytesIO(content)
        self._sizes = itertools.cycle(sizes)

    def read(self, size: int, /) -> bytes:
        return self._stream.read(min(size, next(self._sizes)))


def found(body: bytes, **limits: int) -> tuple[dict[str, bytes], Contents]:
    """Return the IDX files in a body by name, and what else was said of it."""
    contents = Contents(limits=Limits(**limits))
    files = {
        name: b"".join(iter(lambda s=stream: s.read(999), b""))
        for name, stream in contents.idx_files(io.BytesIO(body), "body")
    }
    return files, contents


bodies = st.binary(max_size=3 * HEAD) | st.integers(0, 3 * HEAD).map(bytes)
steps = st.lists(st.integers(1, 2 * HEAD), min_size=1, max_size=5)


@given(bodies, steps, steps)
def test_capped_gives_the_same_bytes_whatever_is_asked_for(
    content: bytes, given_at_once: list[int], asked_at_once: list[int]
) -> None:
    """Looking at the head takes nothing away, and short reads of the source lose nothing."""
    stream = Capped(Drip(content, given_at_once), len(content))
    assert stream.head == content[:HEAD]
    got = b""
    for size in itertools.cycle(asked_at_once):
        chunk = stream.read(size)
        assert len(chunk) <= size
        if not chunk:
            break
        got += chunk
    assert got == content
    assert stream.read(5) == b""


@given(st.integers(0, 3 * HEAD), st.integers(0, 3 * HEAD), steps)
def test_capped_ends_one_byte_after_its_cap(size: int, cap: int, asked: list[int]) -> None:
    """Neither a byte less than the cap nor one more gets through."""
    got, refused = 0, False
    try:
        stream = Capped(Drip(bytes(size), asked), cap)
        while chunk := stream.read(asked[0]):
            got += len(chunk)
    except FormatError:
        refused = True
    assert refused == (size > cap)
    assert got == size or refused


def test_all_at_once_is_refused() -> None:
    """Nobody takes 512 MiB into memory by a call without a size."""
    with pytest.raises(FormatError, match="at once"):
        Capped(io.BytesIO(b"x"), 10).read()


def test_whether_anybody_waits_is_asked_at_once_and_after_each_mib() -> None:
    """Often enough to end soon, and not for every block."""
    asked: list[int] = []
    stream = Capped(io.BytesIO(bytes(3 << 20)), 4 << 20, lambda: asked.append(1))
    assert len(asked) == 1
    while stream.read(10_000):
        pass
    assert 3 <= len(asked) <= 4


def test_what_ends_the_reading_is_no_damage() -> None:
    """`go_on` may raise what damage looks like, such as an OSError, and it comes out as it is."""

    def stop() -> None:
        raise OSError("stop")

    with pytest.raises(OSError, match="stop"):
        list(Contents(stop).idx_files(io.BytesIO(gzip.compress(IDX)), "x"))


WRAPS: dict[str, Callable[[str, bytes], tuple[str, bytes]]] = {
    "gzip": lambda name, body: (name, gzip.compress(body)),
    "tar": lambda name, body: (f"{name}/a/b", tiny.tar({"a/b": body}, "w")),
    "zip": lambda name, body: (f"{name}/c", tiny.zipped({"c": body})),
    "bzip2": lambda name, body: (name, bz2.compress(body)),
    "xz": lambda name, body: (name, lzma.compress(body, preset=0)),
}


@given(st.lists(st.sampled_from(sorted(WRAPS)), max_size=6), st.integers(1, 4))
def test_packed_in_anything_in_anything(wraps: list[str], depth: int) -> None:
    """As deep as is allowed it is found under the names of all around it; deeper it is told."""
    body, parts = IDX, []
    for wrap in wraps:
        name, body = WRAPS[wrap]("", body)
        parts.insert(0, name)
    files, contents = found(body, depth=depth)
    if len(wraps) <= depth:
        assert files == {"body" + "".join(parts): IDX}
        assert contents.rejected == []
    else:
        assert files == {}
        assert contents.rejected == [
            Rejected("body" + "".join(parts[:depth]), f"it is packed more than {depth} times")
        ]


def test_what_is_wrong_with_the_whole_is_told_before_its_members() -> None:
    """A truncated archive says more than the strangers in it; names have their containers."""
    damaged = gzip.compress(IDX)[:-9]
    whole = tiny.tar({"one": damaged, "two": damaged, "cut": bytes(30_000)}, "w")
    _, contents = found(whole[:20_000])
    assert [each.name for each in contents.rejected] == ["body", "body/one", "body/two"]
    assert all(each.reason.startswith("it is damaged") for each in contents.rejected)


def test_strangers_are_counted_inside_an_archive_and_named_by_themselves() -> None:
    """A program in an archive is nothing to tell; given alone it is what came."""
    stranger = b"\x7fELF\x02\x01\x01\x00"
    _, contents = found(tiny.tar({"a": stranger, "b": b"", "._c": b"text"}, "w"))
    assert (contents.rejected, contents.ignored) == ([], 3)
    _, contents = found(stranger)
    assert (contents.rejected, contents.ignored) == ([Rejected("body", head=stranger)], 0)


@pytest.mark.parametrize("pack", [lambda members: tiny.tar(members, "w"), tiny.zipped])
@pytest.mark.parametrize(("count", "fine"), [(5, True), (6, False)])
def test_members_are_counted_over_all_archives(
    pack: Callable[[dict[str, bytes]], bytes], count: int, fine: bool
) -> None:
    """Two archives in one have their members together."""
    inner = pack({f"{n}": b"text" for n in range(count - 2)})
    _, contents = found(pack({"in": inner, "out": b"text"}), members=5)
    told = [each.reason for each in contents.rejected if each.reason]
    assert told == ([] if fine else ["it has more than 5 members"])


@pytest.mark.parametrize("pack", [lambda members: tiny.tar(members, "w"), tiny.zipped])
@pytest.mark.parametrize(("count", "fine"), [(5, True), (6, False)])
def test_pictures_have_a_limit_of_their_own(
    pack: Callable[[dict[str, bytes]], bytes], count: int, fine: bool
) -> None:
    """They are no members: there may be as many as a data set has images."""
    picture = encoded(np.zeros((28, 28), np.uint8))
    body = pack({f"train/7/{n}.png": picture for n in range(count)})
    _, contents = found(body, members=1, pictures=5)
    assert bool(contents.rejected) != fine


def test_a_folder_is_looked_through_by_content(tmp_path: Path) -> None:
    """Whatever the names; in order, links to nowhere and named pipes left alone."""
    tiny.laid_down(tmp_path, {"b/x.txt": gzip.compress(IDX), "a/y": IDX, "c/page": b"<html>"})
    (tmp_path / "a" / "dangling").symlink_to("nowhere")
    os.mkfifo(tmp_path / "a" / "pipe")
    (tmp_path / "c" / "empty").touch()
    contents = Contents()
    names = [name for name, _ in contents.idx_files(tmp_path, "")]
    assert names == [str(tmp_path / "a" / "y"), str(tmp_path / "b" / "x.txt")]
    rejected = [str(tmp_path / "c" / name) for name in ("empty", "page")]
    assert [each.name for each in contents.rejected] == rejected


@pytest.mark.skipif(os.name == "nt", reason="there are no such modes there")
@pytest.mark.parametrize(
    ("mode", "refused"),
    [
        (0o000, ["in"]),
        (0o666, ["in/a", "in/b"]),  # names can be read, and nothing of what they name
        (0o333, ["in"]),
        (0o777, ["in/b"]),
    ],
)
def test_what_may_not_be_read_is_told(
    mode: int, refused: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A folder as well as a file: to say that nothing is in it would be wrong."""
    monkeypatch.chdir(tmp_path)  # nobody may not come here otherwise
    tmp_path.chmod(0o755)
    folder = Path("in")
    tiny.laid_down(folder, {"a": IDX, "b": IDX})
    (folder / "b").chmod(0)
    folder.chmod(mode)
    contents = Contents()
    try:
        with nobody():
            names = [name for name, _ in contents.idx_files(folder, "")]
    finally:
        folder.chmod(0o755)
    assert names == (["in/a"] if mode == 0o777 else [])
    assert [each.name for each in contents.rejected] == refused
    assert all("cannot be read" in each.reason for each in contents.rejected)


@pytest.mark.skipif(os.name == "nt", reason="there are no such modes there")
def test_an_empty_file_of_a_folder_is_not_opened(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A kernel's files say that they are empty, and some have nothing until something happens."""
    monkeypatch.chdir(tmp_path)
    tmp_path.chmod(0o755)
    tiny.laid_down(Path("in"), {"a": b""})
    Path("in/a").chmod(0)
    contents = Contents()
    with nobody():
        assert list(contents.idx_files(Path("in"), "")) == []
    assert contents.rejected == [Rejected("in/a")]
