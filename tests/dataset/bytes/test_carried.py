"""Data whose own hash nobody has published: known by what carries it, and by nothing else."""

from __future__ import annotations

import gzip
import io
import tarfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from mnist_tool.dataset import store as store_module
from mnist_tool.dataset.bytes.carried import Digests, carrier_of, may_come_from
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


def test_what_is_not_wanted_is_not_unpacked(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of 24 members that begin alike, the four."""
    copied: list[int] = []
    real = store_module.copy_hashed

    def counted(*arguments: Any, **options: Any) -> tuple[int, str]:
        copied.append(1)
        return real(*arguments, **options)

    monkeypatch.setattr(store_module, "copy_hashed", counted)
    with registered("emnist-mnist") as made:
        Path("x").write_bytes(made["emnist-mnist"].packed["gzip.zip"])
        fetch("root", dataset="emnist-mnist", sources="x", offline=True)
    assert len(copied) == 4


@dataclass
class Step:
    """A stream of which only the names and the digest are of interest."""

    member: str
    digest: str = ""
    within: Step | None = None

    @property
    def digests(self) -> Step:
        return self

    def are_of(self, carrier: Carrier) -> bool:
        return carrier.digest == self.digest


def test_a_member_of_another_name_is_another_file() -> None:
    """Name and archive count together, at whatever depth."""
    zipped = Step("all.zip", "z" * 64)
    chain = Step("", "p" * 64, Step("one.gz", "g" * 64, zipped))
    one = Carrier("all.zip", "z" * 64, member="one.gz")
    assert carrier_of(chain, [one]) == one
    assert carrier_of(chain, [Carrier("one.gz", "g" * 64)]) == Carrier("one.gz", "g" * 64)
    for other in (
        Carrier("all.zip", "z" * 64, member="two.gz"),
        Carrier("all.zip", "z" * 64),
        Carrier("one.gz", "g" * 64, member="one.gz"),
        Carrier("all.zip", "p" * 64, member="one.gz"),
    ):
        assert carrier_of(chain, [other]) is None
    assert may_come_from(chain, [one])
    assert may_come_from(chain, [Carrier("any", "0" * 64)])
    assert not may_come_from(chain, [Carrier("all.zip", "z" * 64, member="two.gz")])


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
