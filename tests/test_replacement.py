"""A file that a user has named appears whole, and never in the place of what is not ours."""

from __future__ import annotations

import os
import stat
from contextlib import nullcontext
from pathlib import Path

import pytest

from mnist_tool.errors import SettingError, StorageError
from mnist_tool.replacement import replace_content


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """An empty folder."""
    (tmp_path / "folder").mkdir()
    return tmp_path / "folder"


def test_a_link_stays_and_what_it_leads_to_is_replaced(folder: Path) -> None:
    """A picture that a user keeps elsewhere is still there."""
    (folder / "elsewhere").mkdir()
    (folder / "elsewhere" / "kept").write_bytes(b"old")
    (folder / "name").symlink_to(folder / "elsewhere" / "kept")
    replace_content(folder / "name", b"new", "picture", "--output", ours=b"")
    assert (folder / "name").is_symlink()
    assert (folder / "elsewhere" / "kept").read_bytes() == b"new"


def test_a_pipe_is_written_to(folder: Path) -> None:
    """No file may take the place of what is none."""
    os.mkfifo(folder / "pipe")
    reader = os.open(folder / "pipe", os.O_RDONLY | os.O_NONBLOCK)
    try:
        replace_content(folder / "pipe", b"content", "picture", "--output", ours=b"")
        assert os.read(reader, 100) == b"content"
    finally:
        os.close(reader)
    assert stat.S_ISFIFO((folder / "pipe").stat().st_mode)


def test_a_pipe_is_written_to_by_the_name_that_a_shell_gives_it(folder: Path) -> None:
    """As in ``-o >(wc -c)``, where the name leads to no path at all."""
    reader, writer = os.pipe()
    try:
        name = Path(f"/dev/fd/{writer}")
        replace_content(name, b"content", "page", "--output", ours=b"page")
        assert os.read(reader, 100) == b"content"
    finally:
        os.close(reader)
        os.close(writer)


def test_only_what_is_ours_is_replaced(folder: Path) -> None:
    """Or has nothing in it; what anything else is, nobody here knows."""
    for there, stays in ((b"a page", False), (b"", False), (b"a checkpoint", True)):
        (folder / "name").write_bytes(there)
        with pytest.raises(SettingError, match="no page of this tool") if stays else nullcontext():
            replace_content(folder / "name", b"new", "page", "--output", ours=b"page")
        assert (folder / "name").read_bytes() == (there if stays else b"new")


def test_a_folder_is_told_to_be_one(folder: Path) -> None:
    """The disk is not to blame."""
    with pytest.raises(StorageError) as caught:
        replace_content(folder, b"content", "page", "--output", ours=b"page")
    assert caught.value.hint == "Name a file in it, or choose another place with --output."


def test_a_name_may_be_as_long_as_names_can_be(folder: Path) -> None:
    """The temporary one beside it is no longer."""
    replace_content(folder / ("n" * 255), b"content", "picture", "--output", ours=b"")
    assert (folder / ("n" * 255)).read_bytes() == b"content"
