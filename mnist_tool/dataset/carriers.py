"""Each kind of source: how it brings files into the store."""

from __future__ import annotations

import hashlib
import io
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, Protocol

from mnist_tool.dataset.archive import Sifted, sift_folder, sift_stream
from mnist_tool.dataset.download import Transfer, download, redact, session
from mnist_tool.dataset.errand import Attempt, Errand
from mnist_tool.dataset.index import locate
from mnist_tool.dataset.partials import Partial, claim
from mnist_tool.dataset.registry import DataFile
from mnist_tool.dataset.sniff import HEAD, describe, kind_of
from mnist_tool.errors import SourceError

if TYPE_CHECKING:
    import requests

__all__ = ["Archive", "Carrier", "Drawn", "Index", "Leftovers", "LocalPath", "Mirror", "Stream"]

# After one of these nothing else on the same host is worth asking for.
HOST_FAILURES = {"dns", "refused", "tls", "proxy", "timeout", "deadline", "slow", "usage"}


class Carrier(Protocol):
    """One source that can be walked to."""

    name: str
    location: str
    network: bool

    def bring(self, errand: Errand, first_byte: threading.Event) -> None:
        """Bring what is wanted; failures become attempts, only `StorageError` gets out."""


class Mirror:
    """A base URL under which each file lies as ``NAME.gz``."""

    network = True

    def __init__(self, name: str, base: str) -> None:
        self.name = name
        self.location = redact(base)
        self._base = base

    def bring(self, errand: Errand, first_byte: threading.Event) -> None:
        """Ask for each wanted file, until the host itself turns out to be of no use."""
        deadline = time.monotonic() + errand.clocks.source
        http = session()
        for file in errand.wanted():
            if errand.done():
                return
            url = f"{self._base}{file.name}.gz"
            with errand.attempt(self.name, redact(url), f"{file.name}.gz") as attempt:
                transfer = Transfer(url, errand.stop, min(deadline, errand.deadline), first_byte)
                key = f"{file.name}-{(file.gz_sha256 or '')[:12]}"
                _bring_url(errand, attempt, transfer, http, key, file)
            if attempt.outcome in HOST_FAILURES:
                return


class Archive:
    """One URL with everything in it, packed in whatever way."""

    network = True

    def __init__(self, name: str, url: str) -> None:
        self.name = name
        self.location = redact(url)
        self._url = url

    def bring(self, errand: Errand, first_byte: threading.Event) -> None:
        """Download it once and take what is wanted."""
        deadline = min(time.monotonic() + errand.clocks.source, errand.deadline)
        what = self.location.rpartition("/")[2] or self.location
        with errand.attempt(self.name, self.location, what) as attempt:
            transfer = Transfer(self._url, errand.stop, deadline, first_byte)
            _bring_url(errand, attempt, transfer, session(), _key(self._url))


class Index:
    """A file of a package index, read as an archive and never installed."""

    network = True

    def __init__(self, name: str, project: str, filename: str) -> None:
        self.name = name
        self.location = f"{project}: {filename}"
        self._project = project
        self._filename = filename

    def bring(self, errand: Errand, first_byte: threading.Event) -> None:
        """Look the file up, download it, compare the index's digest, take what is wanted."""
        deadline = min(time.monotonic() + errand.clocks.source, errand.deadline)
        with errand.attempt(self.name, self.location, self._filename) as attempt:
            http = session()
            listed = locate(self._project, self._filename, http, errand.clocks)
            first_byte.set()
            attempt.location = redact(listed.url)
            transfer = Transfer(listed.url, errand.stop, deadline, first_byte)
            _bring_url(errand, attempt, transfer, http, _key(listed.url), sha256=listed.sha256)


class LocalPath:
    """A file or a folder on this machine."""

    network = False

    def __init__(self, name: str, path: Path) -> None:
        self.name = name
        self.location = str(path)
        self._path = path

    def bring(self, errand: Errand, first_byte: threading.Event) -> None:
        """Take what is wanted, whatever it is called."""
        first_byte.set()
        with errand.attempt(self.name, self.location, self._path.name) as attempt:
            deposit = errand.deposit_from(attempt)
            if self._path.is_dir():
                _require(attempt, sift_folder(self._path, deposit, errand.done), errand)
                return
            try:
                stream = self._path.open("rb")
            except OSError as error:
                raise SourceError(
                    f"it cannot be read: {error.strerror}",
                    outcome="missing",
                    hint="Check the path and its permissions.",
                ) from error
            with stream:
                _require(
                    attempt, sift_stream(stream, self._path.name, deposit, errand.done), errand
                )


class Stream:
    """Standard input, or any other open stream of bytes."""

    network = False

    def __init__(self, name: str, stream: BinaryIO) -> None:
        self.name = name
        self.location = "standard input"
        self._stream = stream

    def bring(self, errand: Errand, first_byte: threading.Event) -> None:
        """Take what is wanted from it."""
        first_byte.set()
        with errand.attempt(self.name, self.location, "-") as attempt:
            deposit = errand.deposit_from(attempt)
            _require(attempt, sift_stream(self._stream, "-", deposit, errand.done), errand)


class Leftovers:
    """What already lies in the data folders: a .gz, an archive, a raw file with a dotted name."""

    name = "local"
    network = False

    def __init__(self, folders: list[Path]) -> None:
        self.location = str(folders[0])
        self._folders = folders

    def bring(self, errand: Errand, first_byte: threading.Event) -> None:
        """Look into each file; what helps becomes an attempt, what does not is no failure."""
        first_byte.set()
        for path in self._files():
            if errand.done():
                return
            attempt = Attempt(self.name, str(path), path.name)
            try:
                with path.open("rb") as stream:
                    sift_stream(stream, path.name, errand.deposit_from(attempt), errand.done)
            except OSError:
                continue
            if attempt.delivered:
                errand.attempts.append(attempt)

    def _files(self) -> list[Path]:
        found: list[Path] = []
        for folder in self._folders:
            if folder.is_dir():
                found += [p for p in sorted(folder.iterdir()) if p.is_file() and p.name[0] != "."]
        return found


class Drawn:
    """The synthetic digits, which the tool draws itself."""

    network = False

    def __init__(self, name: str) -> None:
        self.name = name
        self.location = "drawn by mnist-tool"

    def bring(self, errand: Errand, first_byte: threading.Event) -> None:
        """Draw all files and take the wanted ones."""
        from mnist_tool.dataset.synthetic import idx_files

        first_byte.set()
        with errand.attempt(self.name, self.location, "all files") as attempt:
            deposit = errand.deposit_from(attempt)
            for content in idx_files().values():
                deposit(io.BytesIO(content))


def _key(url: str) -> str:
    return f"url-{hashlib.sha256(url.encode()).hexdigest()[:16]}"


def _bring_url(
    errand: Errand, attempt: Attempt, transfer: Transfer, http: requests.Session, key: str,
    file: DataFile | None = None, sha256: str | None = None,
) -> None:  # fmt: skip
    """Download a URL and take what is wanted from it."""
    with claim(key) as partial:
        _receive(errand, attempt, transfer, http, partial, file)
        try:
            _take(errand, attempt, partial, file, sha256)
        except SourceError:
            partial.discard()
            if not transfer.resumed:
                raise
            # The beginning may have been another body's: once more, from zero.
            _receive(errand, attempt, transfer, http, partial, file)
            _take(errand, attempt, partial, file, sha256)
        finally:
            partial.discard()


def _take(
    errand: Errand, attempt: Attempt, partial: Partial, file: DataFile | None, sha256: str | None
) -> None:
    _check_digest(partial.path, sha256)
    with partial.path.open("rb") as body:
        sifted = sift_stream(body, attempt.what, errand.deposit_from(attempt), errand.done)
    _require(attempt, sifted, errand, partial.path, file)


def _receive(
    errand: Errand, attempt: Attempt, transfer: Transfer, http: requests.Session, partial: Partial,
    file: DataFile | None,
) -> None:  # fmt: skip
    expected = file.gz_size if file else None
    with errand.progress.bar(f"{attempt.source}: {attempt.what}", expected) as bar:
        try:
            download(
                transfer, partial.path, errand.clocks, http=http, bar=bar,
                remember=lambda validator: partial.remember(transfer.url, validator),
                expected=expected, validator=partial.validator(transfer.url),
            )  # fmt: skip
        finally:
            attempt.status = transfer.status
            attempt.received = transfer.received
            attempt.retry_after = transfer.retry_after


def _check_digest(path: Path, sha256: str | None) -> None:
    if sha256 is None:
        return
    got = hashlib.sha256(path.read_bytes()).hexdigest()
    if got != sha256:
        raise SourceError(f"its SHA-256 is {got}, but the index says {sha256}", outcome="content",
                          hint="Try another index.")  # fmt: skip


def _require(
    attempt: Attempt, sifted: Sifted, errand: Errand, body: Path | None = None,
    file: DataFile | None = None,
) -> None:  # fmt: skip
    """Raise what came instead, unless something wanted was in it."""
    if sifted.found or errand.done():
        return
    message = "; ".join(sifted.rejected[:3]) or "none of the wanted files is in it"
    if body is not None:
        message = _what_came(body, file) or message
        attempt.page = _page(body)
    raise SourceError(message, outcome="content", hint="Try another source.")


def _what_came(body: Path, file: DataFile | None) -> str | None:
    """Say what was sent in the place of data; ``None`` where it is data, but wrong inside."""
    with body.open("rb") as stream:
        head = stream.read(HEAD)
    if kind_of(head) in {"gzip", "zip", "tar", "idx", "npy"}:
        return None
    wanted = f"{file.gz_size:,} bytes of gzip" if file and file.gz_size else "an archive"
    were = "were" if file else "was"
    return f"sent {describe(head, body.stat().st_size)} where {wanted} {were} expected"


def _page(body: Path) -> str | None:
    content = body.read_bytes()
    return hashlib.sha256(content).hexdigest() if kind_of(content[:HEAD]) == "html" else None
