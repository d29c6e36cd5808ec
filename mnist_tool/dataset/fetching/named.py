"""The sources that somebody means by names, addresses, paths or open streams."""

from __future__ import annotations

import contextlib
import io
import os
import re
from collections.abc import Sequence
from typing import BinaryIO
from urllib.parse import unquote, urlsplit

from mnist_tool import configuration
from mnist_tool.advice import did_you_mean
from mnist_tool.dataset.attempt import redact
from mnist_tool.dataset.registry import Dataset
from mnist_tool.dataset.sources.archive import Archive
from mnist_tool.dataset.sources.base import Source
from mnist_tool.dataset.sources.local import LocalPath, OpenStream
from mnist_tool.dataset.sources.mirror import Mirror
from mnist_tool.errors import SettingError

__all__ = ["SourceLike", "sources_named"]

SourceLike = str | os.PathLike[str] | BinaryIO


def sources_named(dataset: Dataset, given: Sequence[SourceLike] | SourceLike) -> list[Source]:
    """Return the sources that are meant, in the order given.

    Parameters
    ----------
    dataset : Dataset
        Whose registered sources have names.
    given : str, path or stream, or a sequence of them
        Names, addresses, paths or streams of bytes.

    Raises
    ------
    SettingError
        If there is no such source.
    """
    if isinstance(given, str) or not isinstance(given, Sequence):
        given = (given,)
    return [_meant(dataset, each) for each in given]


def _meant(dataset: Dataset, given: SourceLike) -> Source:
    if not isinstance(given, str | os.PathLike):
        if isinstance(given, io.TextIOBase) or not hasattr(given, "read"):
            raise SettingError(
                f"{type(given).__name__} is no name, address, path or stream of bytes.",
                hint="Open files with mode 'rb', or give their path as text.",
            )
        return OpenStream(stream=given)
    text = os.fspath(given)
    for source in dataset.sources:
        if text == source.name:
            return source
    scheme = text.partition(":")[0].lower()
    if scheme in {"http", "https"}:
        return _addressed(text)
    if "://" in text and scheme != "file":
        raise SettingError(
            f"--from {redact(text)}: sources speak http or https, not {scheme}.",
            hint="Download it with another program and give its path.",
        )
    with contextlib.suppress(OSError, ValueError):  # a name that no file system takes
        named = unquote(urlsplit(text).path) if scheme == "file" else text
        path = configuration.user_path(named)
        if path.exists():
            return LocalPath("local", str(path))
    shown = redact(text) if re.search(":.*@", text) else text  # an address without its scheme
    raise SettingError(
        f"--from {shown}: there is no file or folder of that name, and no source.",
        hint=_known_sources(dataset, text),
    )


def _known_sources(dataset: Dataset, text: str) -> str:
    """Say what else could be named."""
    names = [source.name for source in dataset.sources]
    if not names:
        return "Give a URL or an existing path."
    known = did_you_mean(text, names, "--from {}", f"Known names: {', '.join(names)}.")
    return f"{known} Or give a URL or an existing path."


def _addressed(url: str) -> Source:
    """Take a URL that ends like a folder for a mirror's base, any other for one file."""
    try:
        parts = urlsplit(url)
        host = parts.hostname if parts.port != 0 else None
    except ValueError:
        host = None
    if host is None:
        raise SettingError(
            f"{redact(url)} is no address.", hint="Give a full one: https://HOST/PATH/"
        )
    last = parts.path.rpartition("/")[2]
    if "." in last or last.endswith("ubyte") or parts.query:
        return Archive(host, url)
    return Mirror(host, url if url.endswith("/") else url + "/", plain=True)
