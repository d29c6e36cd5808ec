"""What people call a place: a source's name, an address, a path; and an address without secrets."""

from __future__ import annotations

import difflib
import os
import re
from collections.abc import Sequence
from pathlib import Path
from typing import BinaryIO
from urllib.parse import unquote, urlsplit

from mnist_tool.dataset.registry import Dataset, Source
from mnist_tool.errors import SettingError

__all__ = ["plan", "redact"]

# What people mistype is looked at too: one slash, no scheme, a password with "/" or "#" in it.
_START = re.compile(r"(https?:|[\w+.-]+:(?=//))?/*", re.IGNORECASE)
_USER = re.compile(r"[^/?#]*@|[^/?#@]*:(?!\d*([/?#]|$)).*@", re.DOTALL)


def redact(url: str) -> str:
    """Return a URL without its user, password, query and fragment.

    Examples
    --------
    >>> redact("https://me:secret@host/simple/?token=1")
    'https://***@host/simple/?***'
    >>> redact("https:/me:sec/ret@host/")
    'https:/***@host/'
    """
    start = _START.match(url)
    begin = start.end() if start else 0
    user = _USER.match(url, begin)
    rest = url[user.end() if user else begin :].partition("#")[0]
    path, mark, _ = rest.partition("?")
    return url[:begin] + ("***@" if user else "") + path + ("?***" if mark else "")


def plan(
    dataset: Dataset, given: Sequence[str | os.PathLike[str] | BinaryIO] | None, *, mirror: bool
) -> list[Source | BinaryIO]:
    """Find out where to look.

    Parameters
    ----------
    dataset : Dataset
        Whose registered sources count.
    given : sequence, optional
        What a user says: registered names, addresses, paths, open streams.
    mirror : bool
        Where nothing is given: leave the primary site out and begin with the archive mirrors.

    Returns
    -------
    list of Source or binary stream
        In the order in which they are to be asked.

    Raises
    ------
    SettingError
        If something given is none of these.
    """
    if given:
        return [_meant(each, dataset) for each in given]
    if not dataset.sources:
        raise SettingError(
            f"{dataset.title} is registered only so that its files are called by their name.",
            hint="Fetch mnist or synthetic, or name a source with --from.",
        )
    return list(dataset.fallbacks if mirror else dataset.sources)


def _meant(given: str | os.PathLike[str] | BinaryIO, dataset: Dataset) -> Source | BinaryIO:
    if not isinstance(given, str | os.PathLike):
        return given
    text = os.fspath(given)
    for source in dataset.sources:
        if text == source.name:
            return source
    scheme = text.partition(":")[0].lower()
    if scheme in {"http", "https"}:
        return _address(text)
    if "://" in text and scheme != "file":
        raise SettingError(f"--from {redact(text)}: sources speak http or https, not {scheme}.",
                           hint="Download it with another program and give its path.")  # fmt: skip
    path = Path(unquote(urlsplit(text).path) if scheme == "file" else text).expanduser()
    if path.exists():
        return Source("local", "local", str(path))
    raise _unknown_source(text, dataset)


def _address(url: str) -> Source:
    """A URL that ends like a folder is a mirror's base, any other one file to look into."""
    try:
        parts = urlsplit(url)
        host = parts.hostname if parts.port != 0 else None
    except ValueError:
        host = None
    if host is None:
        raise SettingError(f"{redact(url)} is no address.",
                           hint="Give a full one: https://HOST/PATH/")  # fmt: skip
    last = parts.path.rpartition("/")[2]
    if "." in last or last.endswith("ubyte") or parts.query:
        return Source(host, "archive", url)
    return Source(host, "files", url if url.endswith("/") else url + "/")


def _unknown_source(text: str, dataset: Dataset) -> SettingError:
    names = [source.name for source in dataset.sources]
    near = difflib.get_close_matches(text, names, n=1)
    known = f"Did you mean --from {near[0]}?" if near else f"Known names: {', '.join(names)}."
    shown = redact(text) if re.search(":.*@", text) else text  # an address without its scheme
    return SettingError(
        f"--from {shown}: there is no file or folder of that name, and no source.",
        hint=f"{known} Or give a URL or an existing path.",
    )
