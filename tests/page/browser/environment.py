"""Bring what `make test-page` needs: a browser, what drives it, and what judges the page.

Each part is installed by its own ordinary client where that may be done, and its lack is told
loudly: the tests that need it are skipped then.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

from tests.real_data import REPOSITORY

__all__ = ["JUDGES", "find_browser"]

CACHE = REPOSITORY / ".cache" / "page"
JUDGES = CACHE / "node_modules"
NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
# Read at import, because every test runs without the variables of the developer.
CHOSEN = os.environ.get("MNIST_TOOL_TEST_BROWSER")


def find_browser() -> Path | None:
    """Return a Chromium of this machine, or the one that MNIST_TOOL_TEST_BROWSER names."""
    found = CHOSEN or next(filter(None, map(shutil.which, NAMES)), None)
    return Path(found) if found else None


def _run(*words: str, folder: Path = REPOSITORY) -> bool:
    """Run a command, in at most four minutes; its words are shown where it fails."""
    try:
        done = subprocess.run(
            words,
            cwd=folder,
            capture_output=True,
            text=True,
            timeout=240,
            check=False,
            stdin=subprocess.DEVNULL,
            env=os.environ | {"DEBIAN_FRONTEND": "noninteractive"},
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        print(f"{words[0]}: {error}", file=sys.stderr)
        return False
    if done.returncode:
        print(*(done.stdout + done.stderr).splitlines()[-5:], sep="\n", file=sys.stderr)
    return not done.returncode


def _bring_browser() -> None:
    if find_browser() is None and shutil.which("apt-get") and os.geteuid() == 0:
        install = ("apt-get", "install", "--yes", "--no-install-recommends", "chromium")
        if not _run(*install):
            _run("apt-get", "update")
            _run(*install)


def _bring_judges() -> None:
    wanted = ("axe-core", "html-validate")
    if shutil.which("npm") and not all((JUDGES / name).is_dir() for name in wanted):
        CACHE.mkdir(parents=True, exist_ok=True)
        _run("npm", "install", "--no-audit", "--no-fund", "--prefix", str(CACHE), *wanted)


def main() -> None:
    """Bring everything, and say what there is."""
    if find_spec("playwright") is None:
        _run(sys.executable, "-m", "pip", "install", "--quiet", "-e", ".[page]")
    _bring_browser()
    _bring_judges()
    browser = find_browser()
    if browser is None or find_spec("playwright") is None:
        print("NO BROWSER IS HERE: the tests of the page are skipped.", file=sys.stderr)
    if not JUDGES.is_dir():
        print("NO NPM IS HERE: axe-core and html-validate do not judge the page.", file=sys.stderr)
    print(f"Browser for the tests: {browser}")


if __name__ == "__main__":
    main()
