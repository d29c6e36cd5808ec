"""One source at work for a fetch: a thread of its own, its attempts, and what it brings."""

from __future__ import annotations

import gzip
import random
import threading
import time
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from mnist_tool.advice import allow_more
from mnist_tool.dataset.attempt import Attempt, Cancelled
from mnist_tool.dataset.bytes.archives import Contents, Limits
from mnist_tool.dataset.bytes.readable import Readable
from mnist_tool.dataset.cache import claim
from mnist_tool.dataset.datafile import DataFile
from mnist_tool.dataset.fetching.judgement import compare_digest, nothing_wanted, told, wrong_body
from mnist_tool.dataset.fetching.matching import file_by_file, why_other, why_unfit
from mnist_tool.dataset.fetching.state import Fetch
from mnist_tool.dataset.network.download import Body, Download
from mnist_tool.dataset.outcomes import OUTCOMES
from mnist_tool.dataset.record import Origin
from mnist_tool.dataset.sources.base import Source
from mnist_tool.errors import FormatError, SourceError, StorageError

if TYPE_CHECKING:
    import requests

__all__ = ["Worker"]

# How often a source is asked at most.
TURNS = 3
# After its own deadline a source that still lives has had the time to say so itself.
MARGIN = 1.0
SLACK = 8 << 20


class Worker:
    """One source, and the thread of its own in which it works; see `sources.base.Receiver`.

    Parameters
    ----------
    fetch : Fetch
        What it works for.
    source : Source
        Where it goes.

    Attributes
    ----------
    due : float
        When it may be asked again, on the clock of ``time.monotonic``; infinity for never.
    turns : int
        How often it was asked.
    working : bool
        Whether somebody waits for it.
    at_the_disk : RLock
        Held while it has files to put away, so that the process must not end.
    """

    def __init__(self, fetch: Fetch, source: Source) -> None:
        self.source = source
        self.clocks = fetch.clocks
        self.due = 0.0
        self.turns = 0
        self.working = False
        self.at_the_disk = threading.RLock()
        self.error: BaseException | None = None
        self._fetch = fetch
        self._given_up = False
        self._attempts: list[Attempt] = []
        self._open: Attempt | None = None
        self._in_vain: list[DataFile] = []
        self._began = self._patience = 0.0

    # ---- seen from the fetch -----------------------------------------------------------------

    def start(self, patience: float) -> None:
        """Ask the source, and let no other one start before it was silent for `patience`."""
        self._began = time.monotonic()
        self._patience = patience
        self.turns += 1
        self.due = float("inf")
        self.working = True
        threading.Thread(target=self._work, name=self.source.name, daemon=True).start()

    def _work(self) -> None:
        before = len(self._attempts)
        try:
            self.source.bring(self)
        except BaseException as error:
            self.error = error
        finally:
            # Another turn may help as soon as the first of those that could be asked again is due.
            wait = float("inf")
            for attempt in self._attempts[before:]:
                if attempt.again and not self._given_up:
                    wait = min(wait, attempt.retry_after or 0.0)
            if self.turns < TURNS:
                pause = self.clocks.backoff * 2 ** (self.turns - 1) * random.uniform(0.5, 1.5)
                self.due = time.monotonic() + max(wait, pause)
            self.working = False
            self._fetch.news.set()

    def watch(self) -> bool:
        """Return whether it is silent, so that the next source may start beside it.

        It is given up where nobody should wait for it any longer.
        """
        clocks, attempt = self.clocks, self._open
        silence, work = attempt.silence_and_work() if attempt else (0.0, 0.0)
        late = self._began + clocks.source_deadline + MARGIN
        error: SourceError | None = None
        # The time-outs of a socket come first, but do not see everything.
        if silence > clocks.timeout and silence > clocks.answer:
            hint = f"{allow_more('timeout')}."
            error = SourceError(f"no answer in {silence:.0f} s", outcome="timeout", hint=hint)
        elif self.source.network and time.monotonic() > late:
            message = f"not done in {clocks.source_deadline:g} s"
            hint = f"{allow_more('source_deadline')}."
            error = SourceError(message, outcome="deadline", hint=hint)
        if error is not None:
            self.give_up(error)
        # Whatever keeps a source at work for so long, it must not keep the next one from serving.
        return silence >= self._patience or work >= clocks.timeout or not self.working

    def give_up(self, error: SourceError) -> None:
        """Wait no longer; the thread ends by itself when its socket does."""
        with self._fetch.lock:
            self._given_up = True
        self.working = False
        if self._open is not None:
            self._close(self._open, error)

    # ---- seen from the source ----------------------------------------------------------------

    def over(self, file: DataFile | None = None) -> bool:
        """Return whether nothing is wanted any more, or not `file`, or nobody waits for this."""
        wanted = self._fetch.wanted
        unneeded = file not in wanted if file else not wanted
        return self._given_up or self._fetch.ended or unneeded

    def wanted(self) -> Iterator[DataFile]:
        """Yield each file that is still wanted when its turn comes.

        In a later turn a file is left out if asking again for it cannot help.
        """
        for file in tuple(self._fetch.wanted):
            if file in self._fetch.wanted and file not in self._in_vain:
                yield file

    @contextmanager
    def attempt(
        self, location: str, what: str, *, file: DataFile | None = None, asked_for: bool = True
    ) -> Iterator[Attempt]:
        """Record one try; a `SourceError` inside ends it and goes no further.

        Parameters
        ----------
        location, what : str
            See `Attempt`.
        file : DataFile, optional
            The only file it could bring; by default anything that is wanted.
        asked_for : bool
            What nobody has asked for only counts if it brings something, or if the disk refuses.

        Yields
        ------
        Attempt
            The record, with its limits.
        """
        attempt = Attempt(self.source.name, location, what)
        attempt.over = partial(self.over, file)
        if self.source.network:
            attempt.deadline = min(self._began + self.clocks.source_deadline, self._fetch.deadline)
        with self._fetch.lock:  # who was given up records nothing more
            self._open = None if self._given_up else attempt
        try:
            yield attempt
        except SourceError as error:
            self._close(attempt, error)
        except Cancelled:
            self._close(attempt, self._fetch.reason())
        except StorageError as error:
            refused = SourceError(error.message, outcome="storage", hint=error.hint)
            self._close(attempt, refused)
            raise
        else:
            if asked_for or attempt.delivered:
                self._close(attempt, None)
        self._open = None
        if file is not None and not attempt.again:
            self._in_vain.append(file)

    def _close(self, attempt: Attempt, error: SourceError | None) -> None:
        with self._fetch.lock:
            if self._open is not attempt:  # given up meanwhile, and recorded then
                return
            self._open = None
            if error is not None and error.outcome == "cancelled" and attempt.delivered:
                error = None  # what nobody waits for any more is only the end of its work
            attempt.seconds = round(time.monotonic() - attempt.began, 3)
            if error is not None:
                attempt.end(error)
            self._attempts.append(attempt)
            self._fetch.attempts.append(attempt)
        if error is not None and OUTCOMES[error.outcome].fault != "nobody":
            self._fetch.progress.note(f"{attempt.source}: {attempt.what}: {error.message}")

    # ---- bringing and taking -----------------------------------------------------------------

    def download(
        self,
        attempt: Attempt,
        url: str,
        http: requests.Session,
        *,
        file: DataFile | None = None,
        digest: str | None = None,
        keep: str = "",
    ) -> None:
        """Bring what a URL sends, going on with an earlier try, and take what is wanted.

        Parameters
        ----------
        attempt : Attempt
            Whose download it is.
        url : str
            What is asked for.
        http : requests.Session
            From `network.download.session`.
        file : DataFile, optional
            What should come, as a .gz; by default anything, packed in whatever way.
        digest : str, optional
            Of the body, hexadecimal, where somebody has told it; its length tells the algorithm.
        keep : str
            Name under which the body stays in ``raw/``, where it was of use.
        """
        name, body = None, Body(cap=self._fetch.store.dataset.largest_archive)
        if file is not None:
            name = f"{file.name}-{(file.gz_sha256 or file.identity)[:12]}"
            # A .gz is never much longer than what is in it, but may have long names and padding.
            body = Body(file.gz_size, file.gz_sha256, min(body.cap, file.size + SLACK))
        label = f"{attempt.source}: {attempt.what}"
        with claim(self._fetch.cache, url, name) as beginning:
            while True:
                with self._fetch.progress.bar(label, body.size) as bar:
                    coming = Download(url, beginning, attempt, self.clocks, http, bar, body)
                    arrived = coming.run()
                try:
                    with self.at_the_disk, beginning.used_up():
                        if file is not None and file.sha256 and arrived == "proven":
                            self._gunzip(attempt, beginning.path, file)
                        else:
                            self._unpack_body(attempt, beginning.path, file, digest, keep)
                    return
                except SourceError:
                    if arrived != "resumed":
                        raise
                    # The beginning may have been another body's: once more, from zero.

    def _gunzip(self, attempt: Attempt, body: Path, file: DataFile) -> None:
        """Put away the content of a registered .gz, in which nothing has to be recognised."""
        attempt.go_on()  # unless another source was faster
        with gzip.open(body) as plain:
            self._put(attempt, plain, attempt.what, [file])

    def _unpack_body(
        self, attempt: Attempt, body: Path, file: DataFile | None, digest: str | None, keep: str
    ) -> None:
        """Take what is wanted out of a body that may be anything."""
        if digest is not None:
            compare_digest(body, digest)
        with body.open("rb") as stream:
            contents = self.unpack(attempt, stream, attempt.what)
        if file is None:
            self.require(attempt, contents, body)
        elif file in self._fetch.wanted and not self.over():
            raise wrong_body(attempt, contents, body, file)
        if keep and attempt.delivered:
            self._fetch.store.keep(body, keep)

    def require(self, attempt: Attempt, contents: Contents, body: Path | None = None) -> None:
        """Raise what was there instead, unless something wanted was.

        Parameters
        ----------
        attempt : Attempt
            Whose.
        contents : Contents
            What was found.
        body : Path, optional
            What came over the network.
        """
        if self.over():
            return
        if not attempt.delivered:
            raise nothing_wanted(attempt, contents, body)
        attempt.message = told(attempt, contents)

    def unpack(
        self, attempt: Attempt, source: BinaryIO | Path, name: str, *, name_strangers: bool = True
    ) -> Contents:
        """Put away what is wanted out of a stream or a folder, however it is packed.

        With `name_strangers`, a registered file that nobody wants is called by its name.
        """
        fetch, dataset = self._fetch, self._fetch.store.dataset
        limits = Limits(plain=max(Limits.plain, dataset.largest_file))
        arrange = partial(file_by_file, dataset)
        contents = Contents(attempt.go_on, limits, dataset.algorithms, arrange=arrange)
        for member, idx in contents.idx_files(source, name):
            strangers = name_strangers and not attempt.delivered
            try:
                file = self._put(attempt, idx, member, fetch.wanted, name_strangers=strangers)
            except FormatError as error:
                contents.reject(member, why_other(idx, dataset) or error.message)
                continue
            if file is None and (reason := why_unfit(idx, dataset)):
                contents.reject(member, reason)
            if self.over():
                break
        return contents

    def _put(
        self,
        attempt: Attempt,
        idx: Readable,
        member: str,
        wanted: Collection[DataFile],
        *,
        name_strangers: bool = False,
    ) -> DataFile | None:
        """Put away an IDX file, if it is one of those wanted, and note what came."""
        fetch = self._fetch
        origin = Origin(attempt.source, attempt.location, member)
        with self.at_the_disk:
            file = fetch.store.put(idx, list(wanted), origin, name_strangers=name_strangers)
        if file is not None:
            with fetch.lock:
                attempt.delivered.append(file.name)
                if file in fetch.wanted:  # another source may have put it away at the same moment
                    fetch.wanted.remove(file)
                fetch.origins[file.name] = origin
        return file
