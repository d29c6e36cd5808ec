"""A package of Debian's: where apt would get it, read as an archive and never installed."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from mnist_tool.dataset.attempt import is_web_address, redact
from mnist_tool.dataset.bytes.text import printable
from mnist_tool.dataset.sources.package import Listed, Package
from mnist_tool.errors import SourceError

if TYPE_CHECKING:
    import requests

    from mnist_tool.dataset.network.clocks import Clocks

__all__ = ["Apt", "find_deb"]

PATIENCE = 10  # seconds; apt only reads its lists
# A line of apt's: address in quotes, file name, bytes, and the digest of its signed lists.
LINE = re.compile(r"'([^']+)' \S+ \d+ SHA256:([0-9a-f]{64})\s*")


@dataclass(frozen=True)
class Apt(Package):
    """A package of Debian or one of its children; `location` is its name.

    Which mirror, apt's configuration says; the digest is that of the lists whose signature apt has
    checked. Nothing of the package is run, and no rights are needed.
    """

    kind: ClassVar[str] = "apt"

    def look_up(self, http: requests.Session, clocks: Clocks) -> Listed:
        """Ask apt; see `find_deb`."""
        del http, clocks
        return find_deb(self.location)

    def by_hand(self, names: Sequence[str]) -> list[str]:
        """Return apt's command, which downloads and installs nothing."""
        del names
        return [f"or on Debian and Ubuntu, which installs nothing: apt download {self.location}"]


def find_deb(package: str) -> Listed:
    """Ask apt where it would download a package from.

    Raises
    ------
    SourceError
        If there is no apt here, or it does not know the package; outcome ``"index"``.
    """
    import subprocess  # not needed to list the sources

    command = ["apt-get", "--print-uris", "download", package]
    try:
        done = subprocess.run(
            command,
            capture_output=True,
            text=True,
            errors="replace",
            timeout=PATIENCE,
            check=False,
            stdin=subprocess.DEVNULL,
        )
    except FileNotFoundError:
        raise _refusal("there is no apt here: it is Debian's and Ubuntu's") from None
    except (OSError, subprocess.SubprocessError) as error:
        raise _refusal(f"apt-get does not answer: {type(error).__name__}") from error
    found = LINE.search(done.stdout)
    if done.returncode or not found:
        said = printable(done.stderr) or f"it ended with {done.returncode} and without an address"
        raise _refusal(f"apt does not have {package}: {said}")
    if not is_web_address(found[1]):
        raise _refusal(f"apt would take {package} from {redact(printable(found[1]))}")
    return Listed(found[1], found[2])


def _refusal(what: str) -> SourceError:
    return SourceError(what, outcome="index", hint="Try another source, or: apt-get update")
