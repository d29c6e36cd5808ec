"""What a source is, and what it is given to work with."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, ClassVar, Protocol

from mnist_tool.dataset.attempt import Attempt, redact
from mnist_tool.dataset.datafile import DataFile

if TYPE_CHECKING:
    import requests

    from mnist_tool.dataset.bytes.archives import Contents
    from mnist_tool.dataset.network.clocks import Clocks
    from mnist_tool.dataset.network.way import Way

__all__ = ["Receiver", "Source"]


class Receiver(Protocol):
    """What takes the bytes that a source brings; `fetching.worker.Worker` is it."""

    clocks: Clocks

    def wanted(self) -> Iterator[DataFile]:
        """Yield each file that is still wanted when its turn comes."""

    def over(self) -> bool:
        """Return whether nothing is wanted any more, or nobody waits for this source."""

    def attempt(
        self, location: str, what: str, *, file: DataFile | None = None, asked_for: bool = True
    ) -> AbstractContextManager[Attempt]:
        """Record one try; a `SourceError` inside ends it and goes no further."""

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
        """Bring what a URL sends, and take what is wanted out of it."""

    def unpack(
        self, attempt: Attempt, source: BinaryIO | Path, name: str, *, name_strangers: bool = True
    ) -> Contents:
        """Take what is wanted out of a stream or a folder, however it is packed."""

    def require(self, attempt: Attempt, contents: Contents) -> None:
        """Raise what was there instead, unless something wanted was."""


@dataclass(frozen=True)
class Source(ABC):
    """One place that carries a data set.

    Parameters
    ----------
    name : str
        Short name for ``fetch --from`` and the reports.
    location : str
        Where it is, in the way of its kind.
    note : str
        What a user should know about it.
    refuses : bool
        Whether it is known to refuse, so that only a plain fetch still asks it, last of all.

    Attributes
    ----------
    kind : str
        The word for its kind in reports.
    network : bool
        Whether it needs the network.
    """

    name: str
    location: str
    note: str = ""
    refuses: bool = field(default=False, kw_only=True)

    kind: ClassVar[str]
    network: ClassVar[bool] = True

    @property
    def shown(self) -> str:
        """Its location without secrets."""
        return redact(self.location)

    @abstractmethod
    def bring(self, receiver: Receiver) -> None:
        """Bring what is wanted.

        Failures become attempts; only `StorageError` gets out.
        """

    def sample(
        self,
        files: Sequence[DataFile],  # noqa: ARG002 - kinds without a network have no address
        http: requests.Session,  # noqa: ARG002
        clocks: Clocks,  # noqa: ARG002
        way: Way,  # noqa: ARG002
    ) -> str | None:
        """Return the address whose first bytes tell whether the source works.

        Parameters
        ----------
        files : sequence of DataFile
            What it should carry.
        http : requests.Session
            From `network.download.session`, in case it must ask for the address.
        clocks : Clocks
            The limits of patience.
        way : Way
            Told of the stages of asking.

        Returns
        -------
        str or None
            ``None`` where there is nothing to ask: it always works.

        Raises
        ------
        SourceError
            If the address cannot be found out.
        """
        return None

    def by_hand(self, names: Sequence[str]) -> list[str]:  # noqa: ARG002 - few kinds can be
        """Return the lines that tell people what to download from here: files called `names`."""
        return []
