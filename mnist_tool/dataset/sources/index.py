"""A package index: a file of a project, read as an archive and never installed."""

from __future__ import annotations

import ast
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar
from urllib.parse import urlsplit

from mnist_tool.dataset.attempt import is_web_address, redact
from mnist_tool.dataset.sources.package import Listed, Package
from mnist_tool.errors import SourceError

if TYPE_CHECKING:
    import requests

    from mnist_tool.dataset.network.clocks import Clocks

__all__ = ["Index", "PipConfiguration", "locate"]


@dataclass(frozen=True)
class Index(Package):
    """A file of a package index; `location` is ``PROJECT FILE-NAME``.

    Which index, pip's configuration says; without any it is the default one.
    """

    kind: ClassVar[str] = "index"

    @property
    def shown(self) -> str:
        """The project and the file."""
        return self.location.replace(" ", ": ")

    @property
    def asked_for(self) -> str:
        """The file alone."""
        return self.location.partition(" ")[2]

    def look_up(self, http: requests.Session, clocks: Clocks) -> Listed:
        """Ask each configured index; see `locate`."""
        project, filename = self.location.split()
        return locate(project, filename, http, clocks)


@dataclass(frozen=True)
class PipConfiguration:
    """What pip would use.

    Parameters
    ----------
    indexes : tuple of str
        Addresses of the indexes that speak http, the main one first; empty means the default.
    certificates : str or None
        File of a CA bundle.
    """

    indexes: tuple[str, ...] = ()
    certificates: str | None = None

    @classmethod
    def read(cls) -> PipConfiguration:
        """Ask pip itself, since it knows all the places; without pip, the environment alone."""
        values = _pip_config_list()
        names = ("index-url", "extra-index-url")
        found = [url for name in names for url in _value(values, name).split()]
        usable = [url for url in found if url.partition(":")[0].lower() in {"http", "https"}]
        return cls(tuple(dict.fromkeys(usable)), _value(values, "cert") or None)


def _pip_config_list() -> dict[str, str]:
    import subprocess  # not needed to list the sources

    command = [sys.executable, "-m", "pip", "--disable-pip-version-check", "config", "list"]
    try:
        # Not in the user's folder, where a `pip.py` may lie.
        printed = subprocess.run(
            command,
            capture_output=True,
            text=True,
            errors="replace",
            timeout=10,
            check=True,
            stdin=subprocess.DEVNULL,
            cwd=Path(sys.executable).parent,
        ).stdout
    except (OSError, subprocess.SubprocessError):
        return {}
    values = {}
    for line in printed.splitlines():
        key, _, quoted = line.partition("=")
        with suppress(ValueError, SyntaxError):
            values[key] = str(ast.literal_eval(quoted))
    return values


def _value(values: dict[str, str], name: str) -> str:
    """Look a setting up in pip's own order: environment, the command's section, global."""
    variable = "PIP_" + name.upper().replace("-", "_")
    sections = (":env:", "download", "install", "global")
    found = [os.environ.get(variable)] + [values.get(f"{section}.{name}") for section in sections]
    return next((value for value in found if value), "")


def locate(project: str, filename: str, http: requests.Session, clocks: Clocks) -> Listed:
    """Look a file up in each configured index.

    Parameters
    ----------
    project, filename : str
        The project's name and the file wanted.
    http : requests.Session
        From `network.download.session`; gets pip's CA bundle if it has no other.
    clocks : Clocks
        The limits of patience.

    Returns
    -------
    Listed
        The file, from the first index that has it.

    Raises
    ------
    SourceError
        If no index lists it; outcome ``"index"``, or the network's own.
    """
    configuration = PipConfiguration.read()
    if configuration.certificates and http.verify is True:
        http.verify = configuration.certificates
    problems: list[SourceError] = []
    for endpoint in configuration.indexes or (_default_index(),):
        try:
            return _look_up(endpoint, project, filename, http, clocks)
        except SourceError as error:  # noqa: PERF203 - a handful of indexes
            problems.append(error)
    if len(problems) == 1:
        raise problems[0]
    raise SourceError(
        "; ".join(problem.message for problem in problems),
        outcome="index",
        hint="Name an index that carries it with PIP_INDEX_URL=URL.",
    )


def _default_index() -> str:
    from pypi_simple import PYPI_SIMPLE_ENDPOINT

    return PYPI_SIMPLE_ENDPOINT


def _look_up(
    endpoint: str, project: str, filename: str, http: requests.Session, clocks: Clocks
) -> Listed:
    from pypi_simple import PyPISimple

    from mnist_tool.dataset.network.failures import network_errors

    where = f"the package index at {redact(endpoint).partition('://')[2].partition('/')[0]}"
    timeout = (clocks.connect_timeout, clocks.timeout)
    with network_errors(endpoint, clocks), _index_errors(where, project):
        page = PyPISimple(endpoint, session=http).get_project_page(project, timeout=timeout)
        for package in page.packages:
            if package.filename == filename:
                url = _with_credentials(package.url, endpoint)
                if not is_web_address(url):
                    raise _refusal(where, f"has {filename} at an address that cannot be asked")
                return Listed(url, (package.digests or {}).get("sha256"))
    raise _refusal(where, f"does not list {filename}")


def _with_credentials(url: str, endpoint: str) -> str:
    """Give a file on the index's own host the index's credentials, as pip does."""
    file, index = urlsplit(url), urlsplit(endpoint)
    credentials, at, host = index.netloc.rpartition("@")
    if at and (file.scheme, file.netloc) == (index.scheme, host):
        return file._replace(netloc=f"{credentials}@{host}").geturl()
    return url


@contextmanager
def _index_errors(where: str, project: str) -> Iterator[None]:
    """Turn an index's refusals into a `SourceError`; the network's own are left to others."""
    import pypi_simple
    import requests

    try:
        yield
    except pypi_simple.NoSuchProjectError:
        raise _refusal(where, f"has no project {project}") from None
    except requests.HTTPError as error:
        raise _refusal(where, f"answers HTTP {error.response.status_code}") from error
    except (requests.RequestException, OSError, SourceError):
        raise
    except Exception as error:  # of a page that says anything: the library promises no classes
        raise _refusal(where, "speaks something else than an index") from error


def _refusal(where: str, what: str) -> SourceError:
    return SourceError(f"{where} {what}", hint="Check PIP_INDEX_URL.", outcome="index")
