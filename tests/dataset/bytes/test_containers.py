"""The members of a tar or a zip: the same as the standard library and the shell's tar see."""

from __future__ import annotations

import io
import shutil
import stat
import subprocess
import tarfile
import tempfile
import zipfile
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mnist_tool.dataset.bytes import containers
from mnist_tool.dataset.bytes.archives import Capped
from mnist_tool.dataset.bytes.containers import ArchiveMember, ar_members, tar_members
from mnist_tool.dataset.bytes.readable import read_exactly
from mnist_tool.errors import FormatError
from tests.faults import tiny

Members = Callable[[Capped], Iterator[ArchiveMember]]
CAP = 2 << 20


def zip_members(stream: Capped) -> Iterator[ArchiveMember]:
    """Yield those of a zip with no more members than a test has."""
    return containers.zip_members(stream, 99)


def read(members: Members, body: bytes) -> dict[str, object]:
    """Return what each member gives: its bytes, or what was said instead."""
    found: dict[str, object] = {}
    for name, content in members(Capped(io.BytesIO(body), CAP)):
        plain = content is not None and not isinstance(content, FormatError)
        found[name] = read_exactly(content, CAP) if plain else content
    return found


files = st.dictionaries(
    st.text("abcxyz.-_", min_size=1, max_size=20).filter(lambda name: name.strip(".")),
    st.binary(max_size=2000),
    max_size=6,
)


@given(files)
def test_what_was_packed_is_there(content: dict[str, bytes]) -> None:
    """Name by name and byte by byte, from a tar of every kind and from a zip."""
    for kind in (tarfile.USTAR_FORMAT, tarfile.GNU_FORMAT, tarfile.PAX_FORMAT):
        buffer = io.BytesIO()
        with tarfile.open(fileobj=buffer, mode="w", format=kind) as archive:
            for name, body in content.items():
                member = tarfile.TarInfo(name)
                member.size = len(body)
                archive.addfile(member, io.BytesIO(body))
        assert read(tar_members, buffer.getvalue()) == content
    assert read(zip_members, tiny.zipped(content)) == content


def test_what_the_shell_packs_is_read(tmp_path: Path) -> None:
    """Folders are left out; links are there, and are no plain files."""
    tiny.laid_down(tmp_path / "in", {"d/one": b"1" * 700, "two": b"2"})
    (tmp_path / "in" / "link").symlink_to("/etc/passwd")
    (tmp_path / "in" / "hard").hardlink_to(tmp_path / "in" / "two")
    (tmp_path / "in" / "holes").write_bytes(b"")
    with (tmp_path / "in" / "holes").open("r+b") as file:
        for at in range(30):  # more than the map of holes has room for in one block
            file.seek(at << 15)
            file.write(b"x")
    command = ["tar", "-cf", "-", "--format=gnu", "--sparse", "--hole-detection=raw"]
    command += ["holes", "d", "two", "link", "hard"]
    body = subprocess.run(command, cwd=tmp_path / "in", capture_output=True, check=True).stdout
    found = read(tar_members, body)
    assert found == {"d/one": b"1" * 700, "two": b"2", "link": None, "hard": None, "holes": None}


def _unusual(kind: str) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        member = zipfile.ZipInfo("x")
        if kind == "link":
            member.external_attr = (stat.S_IFLNK | 0o777) << 16
        packing = {"lzma": zipfile.ZIP_LZMA, "bzip2": zipfile.ZIP_BZIP2}.get(kind)
        archive.writestr(member, b"content", packing)
        archive.mkdir("folder") if hasattr(archive, "mkdir") else archive.writestr("folder/", b"")
    body = bytearray(buffer.getvalue())
    if kind == "encrypted":
        body[body.index(b"PK\x01\x02") + 8] |= 1
    return bytes(body)


@pytest.mark.parametrize("kind", ["plain", "link", "bzip2", "lzma", "encrypted"])
def test_members_of_a_zip_that_are_no_plain_files(kind: str) -> None:
    """Links are passed by, a password is told, and any packing of the library's is unpacked."""
    [(name, content)] = read(zip_members, _unusual(kind)).items()
    assert name == "x"
    if kind == "encrypted":
        assert isinstance(content, FormatError)
        assert "encrypted" in content.message
    else:
        assert content == (None if kind == "link" else b"content")


def test_a_member_that_cannot_be_opened_is_no_reason_to_leave_the_others() -> None:
    """Its local header is another's; the next member is as good as before."""
    body = bytearray(tiny.zipped({"bad": b"1", "good": b"2"}))
    body[body.index(b"bad")] = ord("B")
    found = read(zip_members, bytes(body))
    assert isinstance(found["bad"], FormatError)
    assert found["good"] == b"2"


@pytest.mark.parametrize("name", ["../../x", "/etc/x", "a\nb\x1b[31m", "x" * 255])
def test_names_are_fit_to_be_shown(name: str) -> None:
    """They are told, and never become paths."""
    for members, body in ((tar_members, tiny.tar({name: b"1"}, "w")),
                          (zip_members, tiny.zipped({name: b"1"}))):  # fmt: skip
        [shown] = read(members, body)
        assert shown.isprintable()
        assert len(shown) <= 200


@pytest.mark.parametrize("kind", [tarfile.GNU_FORMAT, tarfile.PAX_FORMAT])
def test_a_name_longer_than_a_header_is_told(kind: int) -> None:
    """It stands in a header of its own, and belongs to the next member alone."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w", format=kind) as archive:
        for name in ("ü" * 150, "short"):
            archive.addfile(tarfile.TarInfo(name))
    assert read(tar_members, buffer.getvalue()) == {"ü" * 150: b"", "short": b""}


def ar(content: dict[str, bytes]) -> bytes:
    """Pack as ar does."""
    packed = b"!<arch>\n"
    for name, body in content.items():
        packed += f"{name:<16}{0:<12}{0:<6}{0:<6}{100644:<8}{len(body):<10}`\n".encode()
        packed += body + b"\n" * (len(body) % 2)
    return packed


@given(st.dictionaries(st.text("abc.-", min_size=1, max_size=15), st.binary(max_size=99)))
def test_what_was_packed_by_ar_is_there(content: dict[str, bytes]) -> None:
    """Of even and odd lengths, and of none."""
    assert read(ar_members, ar(content)) == content


@pytest.mark.skipif(not shutil.which("ar"), reason="needs ar of binutils")
def test_what_the_shells_ar_packs_is_read(tmp_path: Path) -> None:
    """It ends names with a slash."""
    content = {"debian-binary": b"2.0\n", "data.tar.xz": b"x" * 7}
    tiny.laid_down(tmp_path, content)
    subprocess.run(["ar", "qc", "x.deb", *content], cwd=tmp_path, check=True)
    assert read(ar_members, (tmp_path / "x.deb").read_bytes()) == content
    assert ar(content) != (tmp_path / "x.deb").read_bytes()


@given(st.integers(0, 190), st.binary(max_size=3), st.booleans())
def test_a_damaged_ar_is_told(at: int, other: bytes, cut: bool) -> None:
    """What is wrong is said by our own error, or by that of an early end."""
    whole = ar({"one": b"1" * 21, "two": b"2" * 40})
    with suppress(FormatError, EOFError):
        read(ar_members, whole[:at] + other + (b"" if cut else whole[at + len(other) :]))


def test_an_ar_ends_with_a_member() -> None:
    """Not within a header, and not before all of a member is there."""
    whole = ar({"one": b"1" * 21})
    with pytest.raises(FormatError, match="no proper header"):
        read(ar_members, whole + b"more")
    with pytest.raises(FormatError, match="ends within a member"):
        list(ar_members(Capped(io.BytesIO(whole[:-9]), CAP)))


@pytest.mark.parametrize("members", [tar_members, zip_members, ar_members])
def test_noise_is_damage(members: Members) -> None:
    """No foreign exception comes out."""
    for body in (b"PK\x03\x04" + b"\xff" * 900, b"\xff" * 2000, b"PK\x05\x06" + bytes(10)):
        with pytest.raises(FormatError, match="it is damaged"):
            read(members, body)


def test_a_zip_leaves_no_copy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is laid down in the folder for temporary files, and is gone with the last member."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    monkeypatch.setattr(tempfile, "_O_TMPFILE_WORKS", False)
    members = containers.zip_members(Capped(io.BytesIO(tiny.zipped({"x": b"1"})), CAP), 9)
    next(members)
    members.close()  # type: ignore[attr-defined]
    assert list(tmp_path.iterdir()) == [tmp_path / "here"]
