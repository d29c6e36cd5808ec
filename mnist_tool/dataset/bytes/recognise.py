"""Recognise bytes by what they are, whatever they are called, and say it in words."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable

from mnist_tool.dataset.bytes.idx import parse_header
from mnist_tool.dataset.bytes.kinds import kind_of
from mnist_tool.dataset.bytes.text import printable

__all__ = ["describe", "explanation", "page_key"]

WORDS = {
    "empty": "nothing",
    "gzip": "gzip data",
    "bzip2": "bzip2 data",
    "xz": "xz data",
    "zstd": "zstd data, which is not unpacked here",
    "7z": "a 7z archive, which is not unpacked here",
    "rar": "a RAR archive, which is not unpacked here",
    "parquet": "a parquet file",
    "hdf5": "an HDF5 file, which is not read here",
    "matlab": "a MATLAB file",
    "tfrecord": "a TFRecord file, which is not read here",
    "old-pickle": "a pickle of protocol 0 or 1, which is not read here",
    "png": "a PNG picture",
    "jpeg": "a JPEG picture, whose pixels are not those it was made from",
    "arff": "an ARFF file",
    "table": "a table of numbers",
    "zip": "a zip archive",
    "tar": "a tar archive",
    "ar": "a Debian package, or another ar archive",
    "npy": "a NumPy array",
    "idx": "an IDX file",
    "html": "a web page",
    "xml": "XML",
    "json": "JSON",
    "lfs": "a Git LFS pointer instead of the file",
    "pickle": "a pickle",
    "text": "text",
}

# Python's names of the encodings that web pages still have, by the names that pages give them
# (https://encoding.spec.whatwg.org/#names-and-labels).
CHARSETS = {
    b"euc-kr": "cp949",
    b"ks_c_5601-1987": "cp949",
    b"shift_jis": "cp932",
    b"euc-jp": "euc_jp",
    b"gb2312": "gb18030",
    b"gbk": "gb18030",
    b"gb18030": "gb18030",
    b"big5": "big5hkscs",
    b"iso-8859-1": "cp1252",
    b"windows-1252": "cp1252",
    b"windows-1251": "cp1251",
}


def describe(head: bytes, size: int | None = None) -> str:
    """Say in words what these bytes are, for an error message.

    Parameters
    ----------
    head : bytes
        The first `HEAD` bytes.
    size : int, optional
        Bytes in all, where known.

    Examples
    --------
    >>> describe(b"<html><title>Error. Page cannot be displayed</title>", 67)
    "a web page (67 bytes, title 'Error. Page cannot be displayed')"
    """
    kind = kind_of(head)
    words = WORDS.get(kind, f"unknown bytes ({head[:4].hex(' ')} ...)")
    details = [f"{size:,} byte{'' if size == 1 else 's'}"] if size and kind != "empty" else []
    details += _details(kind, head)
    return f"{words} ({', '.join(details)})" if details else words


def explanation(head: bytes) -> str:
    """Return the title, error code or message of a page that came beside a refusal, or nothing.

    Examples
    --------
    >>> explanation(b"<?xml version='1.0'?><Error><Code>AccessDenied</Code></Error>")
    'error code AccessDenied'
    """
    kind = kind_of(head)
    return ", ".join(_details(kind, head)) if kind in {"html", "xml", "json"} else ""


def _details(kind: str, head: bytes) -> Iterable[str]:
    if kind == "html":
        found = re.search(rb"<title[^>]*>(.*?)</title", head, re.IGNORECASE | re.DOTALL)
        return [f"title {_line(found[1], _charset(head))!r}"] if found else []
    if kind == "xml":
        found = re.search(rb"<code>(.*?)</code>", head, re.IGNORECASE | re.DOTALL)
        return [f"error code {_line(found[1])}"] if found else []
    if kind == "pickle":
        return [f"protocol {head[1]}"]
    if kind in {"parquet", "matlab", "hdf5"}:
        return [f"it begins {_line(head[:20])!r}"]
    if kind == "idx":
        return [f"shape {parse_header(head).shape}"]
    if kind == "json":
        return _json_message(head)
    if kind == "text":
        return [f"it begins {_line(head[:60])!r}"]
    return []


def _json_message(head: bytes) -> list[str]:
    try:
        document = json.loads(head)
    except (ValueError, RecursionError):
        return []
    for key in ("message", "error", "detail"):
        found = document.get(key) if isinstance(document, dict) else None
        if isinstance(found, dict):  # {"error": {"code": 403, "message": ...}}
            found = found.get("message")
        if isinstance(found, str):
            return [f"{key} {_line(found.encode(errors='replace'))!r}"]
    return []


def page_key(head: bytes) -> str:
    """Return what tells one web page from another: its title, or a hash where it has none.

    A login portal writes the address asked for into its page, but not into the title.
    """
    title = "".join(_details("html", head))
    return title or hashlib.sha256(head).hexdigest()


def _charset(page: bytes) -> str:
    """Return the encoding that a web page says it has; of a login page it often is an old one."""
    found = re.search(rb"charset\s*=\s*[\"']?([\w-]+)", page)
    return CHARSETS.get(found[1].lower(), "utf-8") if found else "utf-8"


def _line(text: bytes, charset: str = "utf-8") -> str:
    return printable(text.decode(charset, "replace"))[:80]
