"""A real browser, and pages in it."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import torch

import mnist_tool
from mnist_tool.page.document import document
from tests import kept
from tests.page.browser.environment import find_browser
from tests.page.content import content, untrained
from tests.real_data import REPOSITORY

# What a test asks for, so that it is refused.
ASKED_FOR = "file:///refused.png"
# Open a page, with options for the browser's context: a file, or one made of content or of an
# untrained model by its name.
Opener = Callable[..., Any]


@pytest.fixture(scope="session")
def browser() -> Iterator[Any]:
    """Chromium without a window; the tests are skipped, loudly, where there is none."""
    playwright = pytest.importorskip("playwright.sync_api", reason="NO PLAYWRIGHT IS HERE")
    path = find_browser()
    if path is None:
        pytest.skip("NO BROWSER IS HERE: set MNIST_TOOL_TEST_BROWSER or run `make test-page`")
    # Root, as in a container, has no sandbox there; the pages are our own.
    root = hasattr(os, "geteuid") and os.geteuid() == 0
    with playwright.sync_playwright() as driver:
        chromium = driver.chromium.launch(
            executable_path=str(path), args=["--no-sandbox"] if root else []
        )
        yield chromium
        chromium.close()


@pytest.fixture
def open_page(browser: Any, tmp_path: Path) -> Iterator[Opener]:
    """Open pages from their files; whatever the page reports as an error fails the test."""
    contexts: list[Any] = []
    problems: list[str] = []

    def hear(kind: str, text: str) -> None:
        if kind == "error" and ASKED_FOR not in text:
            problems.append(text)

    def open_page(made: Any = "linear", **options: Any) -> Any:
        context = browser.new_context(**{"locale": "en-GB"} | options)
        contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: problems.append(str(error)))
        page.on("console", lambda told: hear(told.type, told.text))
        file = made if isinstance(made, Path) else tmp_path / f"page-{len(contexts)}.html"
        if made is not file:
            html = document(content(untrained(made)) if isinstance(made, str) else made)
            file.write_text(html, encoding="utf-8")
        page.goto(file.as_uri())
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert problems == []


@pytest.fixture(scope="session")
def run_folder(mnist_root: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A fast-cnn as its recipe trains it on MNIST, in a few seconds."""
    folder = tmp_path_factory.mktemp("runs") / "fast-cnn-1"
    with torch.random.fork_rng(devices=[]):
        mnist_tool.train("fast-cnn", run=folder, root=mnist_root, offline=True, threads=1)
    return folder


@pytest.fixture(scope="session")
def page_of_run(run_folder: Path, mnist_root: Path) -> Path:
    """The page that the command makes of it."""
    words = ["page", "--run", str(run_folder), "--root", str(mnist_root), "--offline", "-q"]
    subprocess.run([sys.executable, "-m", "mnist_tool", *words], check=True, cwd=REPOSITORY)
    return kept.keep(run_folder) / "digit.html"
