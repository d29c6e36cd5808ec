"""Bytes are recognised by what they are."""

from __future__ import annotations

import gzip
import io
import tarfile
import zipfile

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mnist_tool.dataset.bytes.idx import encode
from mnist_tool.dataset.bytes.kinds import HEAD, kind_of
from mnist_tool.dataset.bytes.recognise import describe, explanation, page_key


def _tar() -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as archive:
        archive.addfile(tarfile.TarInfo("a"))
    return buffer.getvalue()


def _zip() -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("a", "b")
    return buffer.getvalue()


def _npy() -> bytes:
    buffer = io.BytesIO()
    np.save(buffer, np.zeros(3, np.uint8))
    return buffer.getvalue()


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (b"", "empty"),
        (gzip.compress(b"x", mtime=0), "gzip"),
        (_zip(), "zip"),
        (_tar(), "tar"),
        (_npy(), "npy"),
        (encode(np.zeros((2, 3), np.uint8)), "idx"),
        (b"\n  <!DOCTYPE HTML><title>x</title>", "html"),
        (b"<?xml version='1.0'?><Error><Code>AccessDenied</Code></Error>", "xml"),
        (b'{"error": "no"}', "json"),
        (b"version https://git-lfs.github.com/spec/v1\noid sha256:1", "lfs"),
        (b"\x80\x02\x8a\nl\xfc", "pickle"),
        (b"Not found, sorry.\n", "text"),
        (b"\x7fELF\x02\x01\x01\x00", "unknown"),
    ],
)
def test_each_kind_is_known_by_its_bytes(content: bytes, kind: str) -> None:
    """What the standard library writes is recognised, and so is what servers send instead."""
    assert kind_of(content[:HEAD]) == kind


@given(st.binary(max_size=600), st.none() | st.integers(0, 10**9))
def test_any_bytes_can_be_described_in_one_line(head: bytes, size: int | None) -> None:
    """A stranger's bytes never break a message or carry control characters into it."""
    words = describe(head, size)
    assert words
    assert words.isprintable()


def test_descriptions_say_what_came() -> None:
    """Title, error code and message of what came instead are quoted."""
    page = b"<html><head><title>\n Sign in\x1b[31m </title></head>"
    assert describe(page, 67) == "a web page (67 bytes, title 'Sign in?[31m')"
    assert "error code AccessDenied" in describe(b"<?xml?><Error><Code>AccessDenied</Code>")
    assert "message 'rate limit'" in describe(b'{"message": "rate limit"}')
    assert "LFS pointer" in describe(b"version https://git-lfs.github.com/spec/v1")


@given(st.binary(max_size=600))
def test_any_page_explains_itself_in_one_line_or_not_at_all(head: bytes) -> None:
    """What comes beside a refusal is quoted only where it is a page, XML or JSON."""
    for body in (head, b"<html><title>" + head, b"<?xml?><code>" + head + b"</code>", b"{" + head):
        said = explanation(body)
        assert said == "" or said.isprintable()
        assert kind_of(body) in {"html", "xml", "json"} or said == ""


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (b'{"error": {"code": 403, "message": "quota"}}', "error 'quota'"),
        (b'{"detail": "gone", "error": 5}', "detail 'gone'"),
        (b'{"message": 3}', ""),
        (b"[[[" * 2000, ""),
        (b"Forbidden", ""),
    ],
)
def test_where_json_keeps_its_message(body: bytes, said: str) -> None:
    """Whatever its shape, it is read or passed by."""
    assert explanation(body) == said


def test_a_portal_is_known_by_its_title_whatever_else_it_says() -> None:
    """The address asked for differs from page to page; without a title the whole decides."""
    pages = [b"<html><title>Sign in</title>" + host for host in (b"a", b"b")]
    assert len({page_key(page) for page in pages}) == 1
    assert len({page_key(b"<html>" + host) for host in (b"a", b"b", b"a")}) == 2


@pytest.mark.parametrize(
    ("charset", "title"),
    [
        ("euc-kr", "로그인이 필요합니다"),
        ("EUC-KR", "네트워크 인증"),
        ("ks_c_5601-1987", "똠방각하"),  # in Windows' extension of it alone
        ("shift_jis", "ログイン"),
        ("euc-jp", "認証"),
        ("gb2312", "登录"),
        ("big5", "登入"),
        ("iso-8859-1", "Accès refusé"),
        ("windows-1251", "Вход"),
        ("utf-8", "로그인"),
        ("rot13", "Sign in"),  # no such page
    ],
)
@pytest.mark.parametrize("meta", ['<meta charset="{}">', "<META content='text/html; charset={}'>"])
def test_titles_of_pages_in_old_encodings(charset: str, title: str, meta: str) -> None:
    """Portals of universities and companies still have them."""
    encoding = {"ks_c_5601-1987": "cp949", "rot13": "ascii"}.get(charset, charset)
    page = f"<html><head>{meta.format(charset)}<title>{title}</title>".encode(encoding)
    assert repr(title) in describe(page)


@given(st.binary(max_size=80), st.sampled_from([b"euc-kr", b"utf-7", b"idna", b"big5", b"hex"]))
def test_no_title_is_too_odd(title: bytes, charset: bytes) -> None:
    """Whatever is in it, and whatever it says that it is."""
    assert describe(
        b"<html><meta charset=" + charset + b"><title>" + title + b"</title>"
    ).isprintable()
