"""Tell what kind of file some bytes are, by their beginning and never by a name."""

from __future__ import annotations

import re

from mnist_tool.dataset.bytes.idx import TYPES

__all__ = ["HEAD", "kind_of"]

# Enough bytes for every sign below: a tar's magic stands at 257, a page's title somewhat later.
HEAD = 4096

MAGIC = (
    (b"\x1f\x8b", "gzip"),
    (b"PK\x03\x04", "zip"),
    (b"PK\x05\x06", "zip"),
    (b"!<arch>\n", "ar"),
    (b"\x93NUMPY", "npy"),
    (b"version https://git-lfs", "lfs"),
    (b"\x80\x02", "pickle"),
    (b"\x80\x03", "pickle"),
    (b"\x80\x04", "pickle"),
    (b"\x80\x05", "pickle"),
    (b"BZh", "bzip2"),
    (b"\xfd7zXZ\0", "xz"),
    (b"\x28\xb5\x2f\xfd", "zstd"),
    (b"7z\xbc\xaf\x27\x1c", "7z"),
    (b"Rar!\x1a\x07", "rar"),
    (b"PAR1", "parquet"),
    (b"\x89HDF\r\n\x1a\n", "hdf5"),
    (b"MATLAB 7.3 MAT-file", "hdf5"),
    (b"MATLAB 5.0 MAT-file", "matlab"),
    (b"\x89PNG\r\n\x1a\n", "png"),
    (b"\xff\xd8\xff", "jpeg"),
)
# A table of pixels separates hundreds of values at its beginning; no prose does.
SEPARATED = 150
# It may have thousands of letters of comments in front.
_ARFF = re.compile(rb"^@relation\b|\A%(?!PDF|!)", re.IGNORECASE | re.MULTILINE)
# What pickle writes in its first protocol, which is text: a dictionary, a list, a tuple, a name.
_OLD_PICKLE = re.compile(rb"\((dp|lp|[cdlt(]).{0,80}\n|c[\w.]{1,80}\n\w{1,80}\n", re.DOTALL)


def kind_of(head: bytes) -> str:
    """Return what kind of bytes these are.

    Parameters
    ----------
    head : bytes
        The first `HEAD` bytes of a file, or all of a shorter one.

    Returns
    -------
    str
        One word: ``"empty"``, ``"gzip"``, ``"bzip2"``, ``"xz"``, ``"zip"``, ``"tar"``, ``"ar"``,
        ``"npy"``, ``"idx"``, ``"html"``, ``"xml"``, ``"json"``, ``"lfs"``, ``"pickle"``,
        ``"old-pickle"``, ``"zstd"``, ``"7z"``, ``"rar"``, ``"parquet"``, ``"hdf5"``, ``"matlab"``,
        ``"tfrecord"``, ``"png"``, ``"jpeg"``, ``"arff"``, ``"table"`` (of numbers), ``"text"`` or
        ``"unknown"``.

    Examples
    --------
    >>> kind_of(bytes.fromhex("1f8b0808"))
    'gzip'
    >>> kind_of(b"<!DOCTYPE html><title>Sign in</title>")
    'html'
    """
    if not head:
        return "empty"
    for magic, kind in MAGIC:
        if head.startswith(magic):
            return kind
    if head[257:262] == b"ustar":
        return "tar"
    if len(head) >= 4 and head[:2] == b"\0\0" and head[2] in TYPES and len(head) >= 4 + 4 * head[3]:
        return "idx"
    if _is_record(head):
        return "tfrecord"
    return _kind_of_text(head)


def _is_record(head: bytes) -> bool:
    """Whether a TFRecord begins so: a length of 8 bytes, then their masked CRC-32C."""
    remainder = 0xFFFFFFFF
    for byte in head[:8]:
        remainder ^= byte
        for _ in range(8):
            remainder = (remainder >> 1) ^ (0x82F63B78 if remainder & 1 else 0)
    remainder ^= 0xFFFFFFFF
    masked = ((remainder >> 15 | remainder << 17) + 0xA282EAD8) & 0xFFFFFFFF
    return len(head) >= 12 and int.from_bytes(head[8:12], "little") == masked


def _kind_of_text(head: bytes) -> str:
    start = head.lstrip(b"\xef\xbb\xbf \t\r\n")[:1024].lower()
    if start.startswith((b"<!doctype html", b"<html", b"<head")) or b"<html" in start:
        return "html"
    if start.startswith((b"<?xml", b"<error")):
        return "xml"
    if start.startswith((b"{", b"[")):
        return "json"
    printable = sum(byte >= 32 or byte in b"\t\r\n" for byte in head)
    if printable != len(head):
        return "unknown"
    if _ARFF.search(head):
        return "arff"
    if _OLD_PICKLE.match(head):
        return "old-pickle"
    numbers = not head.translate(None, b"0123456789.+-eE,; \t\r\n")
    separated = max(map(head.count, (b",", b";", b"\t", b" " if numbers else b",")))
    return "table" if separated >= SEPARATED else "text"
