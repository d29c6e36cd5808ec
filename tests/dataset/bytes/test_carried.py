"""Data whose own hash nobody has published: known by what carries it, and by nothing else."""

from __future__ import annotations

import gzip
import io
import tarfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from mnist_tool.dataset.bytes.carried import Digests, carrier_of
from mnist_tool.dataset.bytes.containers import zip_members
from mnist_tool.dataset.datafile import Carrier
from mnist_tool.dataset.fetching.fetch import fetch
from mnist_tool.dataset.registry import DATASETS
from mnist_tool.dataset.store import verify
from mnist_tool.errors import FetchError
from tests.dataset.shrunk import Shrunk, registered

CARRIED = [name for name, row in DATASETS.items() if row.algorithms]


@pytest.fixture(params=CARRIED)
def small(request: pytest.FixtureRequest) -> Iterator[Shrunk]:
    """Each data set whose files are known by their carriers."""
    with registered(request.param) as made:
        yield made[request.param]


def given_as(small: Shrunk, how: str) -> str:
    """Lay the published files down in one of the ways in which people have them."""
    place = Path("given")
    place.mkdir()
    for name, content in small.packed.items():
        (place / name).write_bytes(content)
    if how == "folder":
        return str(place)
    with tarfile.open("all.tar.gz", "w:gz") as tar:
        tar.add(place, "anything")
    return "all.tar.gz"


@pytest.mark.parametrize("how", ["folder", "tar.gz"])
def test_what_comes_out_of_a_published_file_is_taken(small: Shrunk, how: str) -> None:
    """Byte for byte, and it is verified from then on; other members are not unpacked."""
    name = small.dataset.name
    report = fetch("root", dataset=name, sources=given_as(small, how), offline=True)
    raw = Path("root", small.dataset.folder, "raw")
    assert {path.name: path.read_bytes() for path in raw.iterdir()} == small.plain
    assert {file.state for file in report.files} == {"fetched"}
    assert {status.state for status in verify("root", name)} == {"verified"}
    assert {file.state for file in fetch("root", dataset=name).files} == {"present"}
    (raw / small.dataset.files[0].name).write_bytes(bytes(100))
    assert verify("root", name)[0].state == "wrong"


def test_the_plain_files_alone_prove_nothing(small: Shrunk) -> None:
    """Neither given nor lying there; the error names what would."""
    small.lay_down(Path("root"))
    small.lay_down(Path("other"))
    statuses = verify("root", small.dataset.name)
    assert {status.state for status in statuses} == {"wrong"}
    for status in statuses:
        assert status.file.packed in status.problem
    for sources in (None, "other"):
        with pytest.raises(FetchError):
            fetch("root", dataset=small.dataset.name, sources=sources, offline=True)


def test_what_lies_beside_them_does(small: Shrunk) -> None:
    """As torchvision leaves both: no network is needed."""
    small.lay_down(Path("root"))
    for name, content in small.packed.items():
        Path("root", small.dataset.folder, "raw", name).write_bytes(content)
    report = fetch("root", dataset=small.dataset.name, offline=True)
    assert {file.state for file in report.files} == {"fetched"}


def test_a_carrier_with_one_other_byte_proves_nothing(small: Shrunk) -> None:
    """However good what is in it may be."""
    for name, content in small.packed.items():
        other = gzip.compress(gzip.decompress(content), 1) if name.endswith(".gz") else content
        small.packed[name] = other + b"\0" if other == content else other
    with pytest.raises(FetchError):
        fetch("root", dataset=small.dataset.name, sources=given_as(small, "folder"), offline=True)
    assert not Path("root").exists()


def test_members_that_begin_alike_are_told_apart_by_their_names() -> None:
    """Three of EMNIST's six have as many images here; each gets its own."""
    for name in ("emnist-byclass", "emnist-bymerge", "emnist-letters"):
        with registered(name) as made:
            source = Path("gzip.zip")
            source.write_bytes(made[name].packed["gzip.zip"])
            fetch(name, dataset=name, sources=source, offline=True)
            for file, content in made[name].plain.items():
                assert Path(name, "EMNIST", "raw", file).read_bytes() == content


def test_a_published_zip_is_read_where_it_lies(monkeypatch: pytest.MonkeyPatch) -> None:
    """No copy of half a gigabyte is made of it."""

    def refuse(*_: object, **__: object) -> None:
        raise AssertionError

    monkeypatch.setattr("tempfile.TemporaryFile", refuse)
    with registered("emnist-digits") as made:
        Path("x").write_bytes(made["emnist-digits"].packed["gzip.zip"])
        with Path("x").open("rb") as file:
            names = [name for name, _ in zip_members(file, 100, file)]
    assert len(names) == 24
    assert "gzip/emnist-letters-test-labels-idx1-ubyte.gz" in names


def test_digests_are_those_of_hashlib() -> None:
    """In pieces, by the algorithm that a carrier's digest is long for."""
    digests = Digests(["md5"])
    for piece in (b"a", b"bc"):
        digests.update(piece)
    assert digests.are_of(Carrier("x", "900150983cd24fb0d6963f7d28e17f72"))
    assert not digests.are_of(Carrier("x", "0" * 32))
    assert not digests.are_of(Carrier("x", "0" * 64))


@pytest.mark.parametrize("stream", [io.BytesIO(b"x"), None])
def test_other_streams_came_out_of_nothing(stream: object) -> None:
    """Only what was found in a container has one."""
    assert carrier_of(stream, [Carrier("x", "0" * 64)]) is None
