"""What is on this machine: a file, a folder, an open stream, and what lies about in the root."""

from __future__ import annotations

import contextlib
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, ClassVar

from mnist_tool.dataset.sources.base import Receiver, Source
from mnist_tool.errors import SourceError

__all__ = ["Leftovers", "LocalPath", "OpenStream"]


@dataclass(frozen=True)
class LocalPath(Source):
    """A file or a folder; `location` is its path."""

    kind: ClassVar[str] = "local"
    network: ClassVar[bool] = False

    @property
    def shown(self) -> str:
        """The path: it holds no secrets."""
        return self.location

    def bring(self, receiver: Receiver) -> None:
        """Take what is wanted, whatever it is called."""
        path = Path(self.location)
        with receiver.attempt(self.shown, path.name) as attempt:
            if path.is_dir():
                receiver.require(attempt, receiver.unpack(attempt, path, self.location))
                return
            try:
                stream = path.open("rb")
            except OSError as error:
                raise SourceError(
                    f"it cannot be read: {error.strerror}",
                    outcome="missing",
                    hint="Check the path and its permissions.",
                ) from error
            with stream:
                receiver.require(attempt, receiver.unpack(attempt, stream, self.location))


@dataclass(frozen=True)
class OpenStream(Source):
    """Standard input, or any other open stream of bytes.

    Parameters
    ----------
    stream : binary stream
        Read once, from where it stands.
    """

    name: str = "stdin"
    location: str = "standard input"
    stream: BinaryIO | None = None

    kind: ClassVar[str] = "stream"
    network: ClassVar[bool] = False

    @property
    def shown(self) -> str:
        """What reports say in the place of an address."""
        return self.location

    def bring(self, receiver: Receiver) -> None:
        """Take what is wanted from it."""
        if self.stream is None:
            return
        with receiver.attempt(self.shown, "-") as attempt:
            receiver.require(attempt, receiver.unpack(attempt, self.stream, self.location))


@dataclass(frozen=True)
class Leftovers(Source):
    """What already lies in the data folders: a .gz, an archive, a raw file with a dotted name.

    Parameters
    ----------
    paths : tuple of Path
        The files to look into.
    """

    name: str = "local"
    location: str = ""
    paths: tuple[Path, ...] = ()

    kind: ClassVar[str] = "leftovers"
    network: ClassVar[bool] = False

    def bring(self, receiver: Receiver) -> None:
        """Look into each file; what helps becomes an attempt, what does not is no failure."""
        for path in self.paths:
            if receiver.over():
                return
            with (
                receiver.attempt(str(path), path.name, asked_for=False) as attempt,
                contextlib.suppress(OSError),
                path.open("rb") as stream,
            ):
                receiver.unpack(attempt, stream, str(path), name_strangers=False)
