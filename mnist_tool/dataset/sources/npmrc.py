"""What npm is configured with: its registry, its CA bundle, and what it shows a registry."""

from __future__ import annotations

import base64
import binascii
import json
import os
import re
import shutil
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from mnist_tool.configuration import user_path

__all__ = ["NpmConfiguration"]

PREFIX = "npm_config_"
VARIABLE = re.compile(r"\$\{([^${}?]+)(\??)\}")


@dataclass(frozen=True)
class NpmConfiguration:
    """What npm would use.

    Parameters
    ----------
    registry : str
        Address of the registry, with its slash at the end; empty if none is named anywhere.
    certificates : str or None
        File of a CA bundle.
    settings : mapping of str to str
        All that the files say, the secrets too; it is never shown.
    """

    registry: str = ""
    certificates: str | None = None
    settings: Mapping[str, str] = field(default_factory=dict, repr=False)

    @classmethod
    def read(cls) -> NpmConfiguration:
        """Take each value from where npm takes it: the environment, the project, the user.

        What else there is, and its own default, only npm knows: it is asked where it is installed.
        """
        environment = _environment()
        user = environment.get("userconfig", "~/.npmrc")
        layers = (_npm_says(), _file(user), _file(_project()), environment)
        settings = {key: value for layer in layers for key, value in layer.items() if value}
        registry = settings.get("registry", "")
        bundle = settings.get("cafile") or os.environ.get("NODE_EXTRA_CA_CERTS", "")
        return cls(
            registry and registry.rstrip("/") + "/",
            bundle if _is_there(bundle) else None,  # npm passes over one that is not there, too
            settings,
        )

    def authorization(self, url: str) -> str:
        """Return the ``Authorization`` for an address, as the files have it; empty if none.

        They name whom a secret is for by the beginning of an address, without its scheme.
        """
        parts = urlsplit(url)
        path = f"//{parts.netloc.rpartition('@')[2]}{parts.path}"
        while (path := path.rpartition("/")[0]) not in {"", "/"}:
            if found := self._shown_to(f"{path}/:") or self._shown_to(f"{path}:"):
                return found
        return ""

    def _shown_to(self, prefix: str) -> str:
        """Return what is shown to exactly those addresses."""
        token, both, user, password = (
            self.settings.get(prefix + name, "")
            for name in ("_authToken", "_auth", "username", "_password")
        )
        if token:
            return f"Bearer {token}"
        if not both and user and password:
            with suppress(binascii.Error):
                plain = f"{user}:".encode() + base64.b64decode(password, validate=True)
                both = base64.b64encode(plain).decode()
        return f"Basic {both}" if both else ""


def _environment() -> dict[str, str]:
    """Return npm's settings among the variables: ``NPM_CONFIG_REGISTRY`` in either spelling."""
    return {
        name[len(PREFIX) :] if "//" in name else name[len(PREFIX) :].lower(): value
        for name, value in os.environ.items()
        if name.lower().startswith(PREFIX) and value
    }


def _project() -> str:
    """Return the project's file: in the nearest folder that npm would take for a project's."""
    with suppress(OSError):  # the current folder may be gone
        here = Path.cwd()
        for folder in (here, *here.parents):
            if (folder / "package.json").exists() or (folder / "node_modules").exists():
                return str(folder / ".npmrc")
    return ".npmrc"


def _is_there(name: str) -> bool:
    with suppress(OSError, ValueError):
        return bool(name) and Path(name).exists()
    return False


def _file(name: str) -> dict[str, str]:
    """Read the settings of an ``.npmrc``; what cannot be read says nothing."""
    with suppress(OSError, ValueError):
        return dict(_lines(user_path(name).read_text("utf-8", errors="replace")))
    return {}


def _lines(text: str) -> Iterator[tuple[str, str]]:
    for line in text.splitlines():
        name, equals, value = line.partition("=")
        name, value = name.strip(), value.strip()
        if name.startswith("["):  # what follows are sections, of which npm reads none
            return
        if not equals or name.startswith((";", "#")):
            continue
        if len(value) > 1 and value[0] == value[-1] and value[0] in "\"'":
            value = value[1:-1]
        else:
            value = re.split(r"\s[;#]", value)[0].rstrip()
        yield _expanded(name), _expanded(value)


def _expanded(text: str) -> str:
    """Put variables of the environment in the place of ``${NAME}``, as npm does."""
    return VARIABLE.sub(lambda found: os.environ.get(found[1], "" if found[2] else found[0]), text)


def _npm_says() -> dict[str, str]:
    """Ask npm for what is below the user's file: the machine's own settings and the default."""
    import subprocess  # not needed to list the sources

    program = shutil.which("npm")
    if program is None or not Path(program).is_absolute():  # nothing of the user's folder is run
        return {}
    try:
        printed = subprocess.run(
            [program, "config", "list", "--long", "--json"],
            capture_output=True,
            timeout=10,
            check=True,
            stdin=subprocess.DEVNULL,
            cwd=user_path("~"),
        ).stdout
        said = json.loads(printed)
        found = {name: said.get(name) for name in ("registry", "cafile")}
    except (OSError, ValueError, AttributeError, RecursionError, subprocess.SubprocessError):
        return {}
    return {name: value for name, value in found.items() if isinstance(value, str)}
