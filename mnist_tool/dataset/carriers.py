"""Each kind of source: how it brings files into the store."""

from __future__ import annotations

import contextlib
import hashlib
import io
import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, Protocol

from mnist_tool.dataset.addresses import redact
from mnist_tool.dataset.archive import Sifted, sift_folder, sift_stream
from mnist_tool.dataset.download import MAX_PACKED, Body, Transfer, download, session
from mnist_tool.dataset.errand import Attempt, Errand, Visit
from mnist_tool.dataset.index import locate
from mnist_tool.dataset.partials import Partial, claim
from mnist_tool.dataset.registry import DataFile
from mnist_tool.dataset.sniff import HEAD, describe, kind_of, page_key
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

    def bring(self, errand: Errand, visit: Visit) -> None:
        """Bring what is wanted; failures become attempts, only `StorageError` gets out."""


class Mirror:
    """A base URL under which each file lies as ``NAME.gz``."""

    network = True

    def __init__(self, name: str, base: str) -> None:
        self.name = name
        self.location = redact(base)
        self._base = base
        self._refused: set[str] = set()

    def bring(self, errand: Errand, visit: Visit) -> None:
        """Ask for each wanted file, until the host itself turns out to be of no use.

        In a later turn a file is left out if asking again for it cannot help.
        """
        deadline = min(time.monotonic() + errand.clocks.source, errand.deadline)
        http = session()
        for file in errand.wanted():
            if file.name in self._refused or file not in errand.wanted():
                continue
            url = f"{self._base}{file.name}.gz"
            with errand.attempt(visit, redact(url), f"{file.name}.gz") as attempt:
                needed = _still_needed(errand, visit, file)
                transfer = Transfer(url, needed, deadline, visit.pulse)
                key = f"{file.name}-{(file.gz_sha256 or '')[:12]}"
                _Delivery(errand, visit, attempt, http, file).bring(transfer, key)
            if not attempt.again:
                self._refused.add(file.name)
            if attempt.outcome in HOST_FAILURES or errand.done() or visit.given_up:
                return


class Archive:
    """One URL with everything in it, packed in whatever way."""

    network = True

    def __init__(self, name: str, url: str) -> None:
        self.name = name
        self.location = redact(url)
        self._url = url

    def bring(self, errand: Errand, visit: Visit) -> None:
        """Download it once and take what is wanted."""
        deadline = min(time.monotonic() + errand.clocks.source, errand.deadline)
        what = self.location.rpartition("/")[2] or self.location
        with errand.attempt(visit, self.location, what) as attempt:
            transfer = Transfer(self._url, _still_needed(errand, visit), deadline, visit.pulse)
            _Delivery(errand, visit, attempt, session()).bring(transfer, _key(self._url))


class Index:
    """A file of a package index, read as an archive and never installed."""

    network = True

    def __init__(self, name: str, project: str, filename: str) -> None:
        self.name = name
        self.location = f"{project}: {filename}"
        self._project = project
        self._filename = filename

    def bring(self, errand: Errand, visit: Visit) -> None:
        """Look the file up, download it, compare the index's digest, take what is wanted."""
        deadline = min(time.monotonic() + errand.clocks.source, errand.deadline)
        with errand.attempt(visit, self.location, self._filename) as attempt:
            http = session()
            with visit.pulse.waiting():
                listed = locate(self._project, self._filename, http, errand.clocks)
            attempt.location = redact(listed.url)
            transfer = Transfer(listed.url, _still_needed(errand, visit), deadline, visit.pulse)
            delivery = _Delivery(errand, visit, attempt, http)
            delivery.bring(transfer, _key(listed.url), sha256=listed.sha256)


class LocalPath:
    """A file or a folder on this machine."""

    network = False

    def __init__(self, name: str, path: Path) -> None:
        self.name = name
        self.location = str(path)
        self._path = path

    def bring(self, errand: Errand, visit: Visit) -> None:
        """Take what is wanted, whatever it is called."""
        with errand.attempt(visit, self.location, self._path.name) as attempt:
            deposit = errand.deposit_for(visit, attempt)
            if self._path.is_dir():
                _require(sift_folder(self._path, deposit, errand.done), errand, attempt)
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
                sifted = sift_stream(stream, str(self._path), deposit, errand.done)
                _require(sifted, errand, attempt)


class Stream:
    """Standard input, or any other open stream of bytes."""

    network = False

    def __init__(self, name: str, stream: BinaryIO) -> None:
        self.name = name
        self.location = "standard input"
        self._stream = stream

    def bring(self, errand: Errand, visit: Visit) -> None:
        """Take what is wanted from it."""
        with errand.attempt(visit, self.location, "-") as attempt:
            deposit = errand.deposit_for(visit, attempt)
            sifted = sift_stream(self._stream, self.location, deposit, errand.done)
            _require(sifted, errand, attempt)


class Leftovers:
    """What already lies in the data folders: a .gz, an archive, a raw file with a dotted name."""

    name = "local"
    network = False

    def __init__(self, folders: list[Path]) -> None:
        self.location = str(folders[0])
        self._folders = folders

    def bring(self, errand: Errand, visit: Visit) -> None:
        """Look into each file; what helps becomes an attempt, what does not is no failure."""
        for path in self._files():
            if errand.done():
                return
            with (
                errand.attempt(visit, str(path), path.name, asked_for=False) as attempt,
                contextlib.suppress(OSError),
                path.open("rb") as stream,
            ):
                deposit = errand.deposit_for(visit, attempt, name_strangers=False)
                sift_stream(stream, str(path), deposit, errand.done)

    def _files(self) -> list[Path]:
        found: list[Path] = []
        for folder in self._folders:
            if folder.is_dir():
                found += [path for path in sorted(folder.iterdir()) if _worth_a_look(path)]
        return found


def _worth_a_look(path: Path) -> bool:
    """A root may be anybody's folder: nothing hidden, nothing larger than any carrier."""
    return path.is_file() and path.name[0] != "." and path.stat().st_size <= MAX_PACKED


class Drawn:
    """The synthetic digits, which the tool draws itself."""

    network = False

    def __init__(self, name: str) -> None:
        self.name = name
        self.location = "drawn by mnist-tool"

    def bring(self, errand: Errand, visit: Visit) -> None:
        """Draw all files and take the wanted ones."""
        from mnist_tool.dataset.synthetic import idx_files

        with errand.attempt(visit, self.location, "all files") as attempt:
            deposit = errand.deposit_for(visit, attempt, name_strangers=False)
            for name, content in idx_files().items():
                deposit(io.BytesIO(content), name)


def _key(url: str) -> str:
    return f"url-{hashlib.sha256(url.encode()).hexdigest()[:16]}"


def _still_needed(errand: Errand, visit: Visit, file: DataFile | None = None) -> Callable[[], bool]:
    def needed() -> bool:
        wanted = errand.wanted()
        return not (visit.given_up or errand.stop.is_set()) and (
            file in wanted if file else bool(wanted)
        )

    return needed


class _Delivery:
    """Brings one URL for one attempt, and takes what is wanted out of it."""

    def __init__(
        self, errand: Errand, visit: Visit, attempt: Attempt, http: requests.Session,
        file: DataFile | None = None,
    ) -> None:  # fmt: skip
        self._errand = errand
        self._visit = visit
        self._attempt = attempt
        self._http = http
        self._file = file

    def bring(self, transfer: Transfer, key: str, sha256: str | None = None) -> None:
        """Download the URL, going on from what `key` has kept, and take what is wanted."""
        with claim(key) as partial:
            self._receive(transfer, partial)
            try:
                self._use_up(partial, sha256)
            except SourceError:
                if not transfer.resumed:
                    raise
                # The beginning may have been another body's: once more, from zero.
                self._receive(transfer, partial)
                self._use_up(partial, sha256)

    def _receive(self, transfer: Transfer, partial: Partial) -> None:
        attempt, file = self._attempt, self._file
        body = Body(
            partial.path,
            lambda validator: partial.remember(transfer.url, validator),
            partial.validator(transfer.url),
            size=file.gz_size if file else None,
            # A .gz is never much longer than what is in it.
            cap=min(MAX_PACKED, file.size + file.size // 1000 + (64 << 10)) if file else MAX_PACKED,
        )
        with self._errand.progress.bar(f"{attempt.source}: {attempt.what}", body.size) as bar:
            try:
                download(transfer, body, self._errand.clocks, http=self._http, bar=bar)
            finally:
                attempt.status = transfer.status
                attempt.received = transfer.received
                attempt.retry_after = transfer.retry_after

    def _use_up(self, partial: Partial, sha256: str | None) -> None:
        with self._errand.at_the_disk():
            try:
                self._take(partial, sha256)
            finally:
                partial.discard()

    def _take(self, partial: Partial, sha256: str | None) -> None:
        deposit = self._errand.deposit_for(self._visit, self._attempt)
        try:
            with partial.path.open("rb") as body:
                _check_digest(body, sha256)
                sifted = sift_stream(body, self._attempt.what, deposit, self._errand.done)
                body.seek(0)
                self._judge(sifted, body)
        except OSError as error:
            raise SourceError(
                f"what came cannot be read back: {error.strerror}",
                outcome="unexpected",
                hint="Choose another folder for it with MNIST_TOOL_CACHE=FOLDER.",
            ) from error

    def _judge(self, sifted: Sifted, body: BinaryIO) -> None:
        """Raise what came instead, unless what was asked for was in it."""
        if self._file is None or self._file not in self._errand.wanted():
            sifted = sifted if self._file is None else Sifted(found=[self._file])
        elif sifted.found:
            names = ", ".join(file.name for file in sifted.found)
            sifted = Sifted(rejected=[f"sent {names} under this name"])
        try:
            _require(sifted, self._errand, self._attempt)
        except SourceError as error:
            head = body.read(HEAD)
            if kind_of(head) == "html":
                self._attempt.page = page_key(head)
            what = _what_came(head, os.fstat(body.fileno()).st_size, self._file)
            if what is None:
                raise
            raise SourceError(what, outcome="content", hint=error.hint) from None


def _check_digest(body: BinaryIO, sha256: str | None) -> None:
    if sha256 is None:
        return
    digest = hashlib.sha256()
    while chunk := body.read(1 << 20):
        digest.update(chunk)
    body.seek(0)
    if digest.hexdigest() != sha256:
        raise SourceError(
            f"its SHA-256 is {digest.hexdigest()}, but the index says {sha256}",
            outcome="content",
            hint="Try another index.",
        )


def _require(sifted: Sifted, errand: Errand, attempt: Attempt) -> None:
    """Raise what was there instead, unless something wanted was."""
    if errand.done():
        return
    message = "; ".join(reason.removesuffix(".") for reason in sifted.rejected[:3])
    if sifted.found:
        attempt.message = message
        return
    message = message or "none of the wanted files is in it"
    raise SourceError(message, outcome="content", hint="Try another source.")


def _what_came(head: bytes, size: int, file: DataFile | None) -> str | None:
    """Say what was sent in the place of data; ``None`` where it is data, but wrong inside."""
    if kind_of(head) in {"gzip", "zip", "tar", "idx", "npy"}:
        return None
    wanted = f"{file.gz_size:,} bytes of gzip" if file and file.gz_size else "an archive"
    were = "were" if file else "was"
    return f"sent {describe(head, size)} where {wanted} {were} expected"
