"""Recognise bytes by what they are, whatever they are called, and say it in words."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable

from mnist_tool.dataset.idx import parse_header
from mnist_tool.dataset.registry import DATASETS, DataFile
from mnist_tool.errors import FormatError

__all__ = [
    "HEAD",
    "describe",
    "explanation",
    "is_html",
    "kind_of",
    "name_known",
    "page_key",
    "printable",
]

# Enough bytes for every sign below: a tar's magic stands at 257, a page's title somewhat later.
HEAD = 4096


def kind_of(head: bytes) -> str:
    """Return what kind of bytes these are.

    Parameters
    ----------
    head : bytes
        The first `HEAD` bytes of a file, or all of a shorter one.

    Returns
    -------
    str
        ``"empty"``, ``"gzip"``, ``"zip"``, ``"tar"``, ``"npy"``, ``"idx"``, ``"html"``, ``"xml"``,
        ``"json"``, ``"lfs"``, ``"pickle"``, ``"text"`` or ``"unknown"``.

    Examples
    --------
    >>> kind_of(bytes.fromhex("1f8b0808"))
    'gzip'
    >>> kind_of(b"<!DOCTYPE html><title>Sign in</title>")
    'html'
    """
    if not head:
        return "empty"
    for kind, magic in (("gzip", b"\x1f\x8b"), ("zip", b"PK\x03\x04"), ("zip", b"PK\x05\x06"),
                        ("npy", b"\x93NUMPY"), ("lfs", b"version https://git-lfs"),
                        ("pickle", b"\x80\x02"), ("pickle", b"\x80\x04")):  # fmt: skip
        if head.startswith(magic):
            return kind
    if head[257:262] == b"ustar":
        return "tar"
    if _is_idx(head):
        return "idx"
    return _kind_of_text(head)


def _is_idx(head: bytes) -> bool:
    try:
        parse_header(head)
    except FormatError:
        return False
    return True


def _kind_of_text(head: bytes) -> str:
    start = head.lstrip(b"\xef\xbb\xbf \t\r\n")[:1024].lower()
    if start.startswith((b"<!doctype html", b"<html", b"<head")) or b"<html" in start:
        return "html"
    if start.startswith((b"<?xml", b"<error")):
        return "xml"
    if start.startswith((b"{", b"[")):
        return "json"
    printable = sum(byte >= 32 or byte in b"\t\r\n" for byte in head)
    return "text" if printable == len(head) else "unknown"


def is_html(head: bytes) -> bool:
    """Return whether these are the first bytes of a web page."""
    return kind_of(head) == "html"


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
    words = {
        "empty": "nothing", "gzip": "gzip data", "zip": "a zip archive", "tar": "a tar archive",
        "npy": "a NumPy array", "idx": "an IDX file", "html": "a web page", "xml": "XML",
        "json": "JSON", "lfs": "a Git LFS pointer instead of the file", "pickle": "a pickle",
        "text": "text", "unknown": f"unknown bytes ({head[:4].hex(' ')} ...)",
    }[kind]  # fmt: skip
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
        return [f"title {_line(found[1])!r}"] if found else []
    if kind == "xml":
        found = re.search(rb"<code>(.*?)</code>", head, re.IGNORECASE | re.DOTALL)
        return [f"error code {_line(found[1])}"] if found else []
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
    except ValueError:
        return []
    for key in ("message", "error", "detail"):
        found = document.get(key) if isinstance(document, dict) else None
        if isinstance(found, dict):  # {"error": {"code": 403, "message": ...}}
            found = found.get("message")
        if isinstance(found, str):
            return [f"{key} {_line(found.encode())!r}"]
    return []


def page_key(head: bytes) -> str:
    """Return what tells one web page from another: its title, or a hash where it has none.

    A login portal writes the address asked for into its page, but not into the title.
    """
    title = "".join(_details("html", head))
    return title or hashlib.sha256(head).hexdigest()


def printable(text: str) -> str:
    """Return one short line without control characters: the text comes from a stranger."""
    return "".join(c if c.isprintable() else "?" for c in " ".join(text.split()))[:200]


def _line(text: bytes) -> str:
    return printable(text.decode("utf-8", "replace"))[:80]


def name_known(sha256: str) -> str | None:
    """Return the name of the registered file with this SHA-256 of its plain bytes, if any.

    Examples
    --------
    >>> name_known("bad3541b69d912435c50bb6ba87bec294ff4f6a2e1246121d8633921760443d9")
    'train-labels-idx1-ubyte of Fashion-MNIST'
    """
    for dataset in DATASETS.values():
        for file in dataset.files:
            if file.sha256 == sha256:
                return _full_name(file, dataset.title)
    return None


def _full_name(file: DataFile, title: str) -> str:
    return f"{file.name} of {title}"
