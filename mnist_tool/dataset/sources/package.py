"""A package of some registry: looked up, downloaded, its digest compared, and never installed."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from mnist_tool.dataset.attempt import redact
from mnist_tool.dataset.datafile import DataFile
from mnist_tool.dataset.sources.base import Receiver, Source

if TYPE_CHECKING:
    import requests

    from mnist_tool.dataset.network.clocks import Clocks
    from mnist_tool.dataset.network.way import Way

__all__ = ["Listed", "Package"]


@dataclass(frozen=True)
class Listed:
    """A package as a registry lists it.

    Parameters
    ----------
    url : str
        Where it is.
    digest : str or None
        What its bytes must have, hexadecimal, if the registry gives one.
    """

    url: str
    digest: str | None


@dataclass(frozen=True)
class Package(Source):
    """A source whose address somebody else knows, as a rule by the user's own configuration."""

    @property
    def asked_for(self) -> str:
        """What reports call the thing that is downloaded."""
        return self.location

    @abstractmethod
    def look_up(self, http: requests.Session, clocks: Clocks) -> Listed:
        """Ask where the package is.

        Parameters
        ----------
        http : requests.Session
            From `network.download.session`.
        clocks : Clocks
            The limits of patience.

        Raises
        ------
        SourceError
            If nobody knows; outcome ``"index"``, or the network's own.
        """

    def bring(self, receiver: Receiver) -> None:
        """Look it up, download it, compare the digest, take what is wanted."""
        from mnist_tool.dataset.network.download import session

        with receiver.attempt(self.shown, self.asked_for) as attempt, session() as http:
            with attempt.waiting():
                listed = self.look_up(http, receiver.clocks)
            attempt.location = redact(listed.url)
            receiver.download(attempt, listed.url, http, digest=listed.digest)

    def sample(
        self, files: Sequence[DataFile], http: requests.Session, clocks: Clocks, way: Way
    ) -> str:
        """Look its address up."""
        del files
        with way.at("index"):
            return self.look_up(http, clocks).url
