"""What was there in the place of what was wanted, in words that say the cause once."""

from __future__ import annotations

from pathlib import Path

import pytest

from mnist_tool.dataset.attempt import Attempt
from mnist_tool.dataset.bytes.archives import Contents, Rejected
from mnist_tool.dataset.fetching.judgement import FEW, nothing_wanted, told, wrong_body
from tests.faults import tiny

FILE = tiny.TINY.file("test", "labels")
PAGE = b"<html><title>Sign in</title>"


@pytest.fixture
def attempt() -> Attempt:
    """A try for one archive."""
    return Attempt("m", "https://host/x.tar", "x.tar")


def body_of(content: bytes) -> Path:
    """Lay down what came."""
    Path("body").write_bytes(content)
    return Path("body")


def test_a_few_are_told_and_the_whole_is_not_called_by_its_name(attempt: Attempt) -> None:
    """Its name stands in front of the sentence already; so does a full stop at the end."""
    contents = Contents(rejected=[Rejected("x.tar", "no."), Rejected("x.tar/a", head=b"<html>")])
    assert told(attempt, contents) == "no; x.tar/a: it is a web page"
    contents.rejected *= FEW
    assert told(attempt, contents).count(";") == FEW - 1
    assert told(attempt, Contents()) == ""


@pytest.mark.parametrize(
    ("content", "file", "words"),
    [
        (PAGE, FILE, f"title 'Sign in') where {FILE.gz_size} bytes of gzip were expected"),
        (PAGE, None, "a web page (28 bytes, title 'Sign in') where an archive was expected"),
        (b"", FILE, f"sent nothing where {FILE.gz_size} bytes of gzip were expected"),
        (b"\x1f\x8b", None, "none of the wanted files is in it"),
    ],
)  # fmt: skip
def test_another_kind_of_body_is_told_beside_what_was_expected(
    attempt: Attempt, content: bytes, file: object, words: str
) -> None:
    """A page is noted, for whoever compares the pages of several hosts."""
    error = nothing_wanted(attempt, Contents(), body_of(content), file)  # type: ignore[arg-type]
    assert words in error.message
    assert error.outcome == "content"
    assert (attempt.page == "title 'Sign in'") == (content == PAGE)


def test_another_wanted_file_under_this_name_is_told(attempt: Attempt) -> None:
    """It was of use, and it is not what was asked for."""
    attempt.delivered = ["other"]
    error = wrong_body(attempt, Contents(), body_of(b""), FILE)
    assert error.message == "sent other under this name"
