"""The site builds without a warning and without the network, and loads nothing from elsewhere."""

from __future__ import annotations

import json
import os
import re
import runpy
import subprocess
import sys
from pathlib import Path

import pytest

import mnist_tool
from mnist_tool.cli.frame.catalogue import LazyCommands
from mnist_tool.cli.frame.help import FORMER_OUTPUT
from tests.real_data import REPOSITORY

CONFIGURATION = REPOSITORY / "docs" / "site" / "mkdocs.yml"


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What `make site` builds; a warning ends it."""
    for package in ("material", "mkdocs_static_i18n", "mkdocstrings"):
        pytest.importorskip(package)
    folder = tmp_path_factory.mktemp("site")
    words = (sys.executable, "-m", "mkdocs", "build", "--quiet", "--strict", "-d", folder)
    done = subprocess.run(
        [*words, "-f", CONFIGURATION],
        cwd=REPOSITORY,
        env=os.environ | {"NO_MKDOCS_2_WARNING": "1", "HTTPS_PROXY": "http://127.0.0.1:9"},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert (done.returncode, done.stdout + done.stderr) == (0, "")
    return folder


def test_nothing_is_loaded_from_elsewhere(site: Path) -> None:
    """Scripts, styles and pictures are those of the site itself."""
    for page in site.rglob("*.html"):
        text = page.read_text("utf-8")
        parts = re.findall(r'<(?:script|img|iframe)[^>]*\bsrc="([^"]+)"', text)
        parts += re.findall(r'<link[^>]*rel="(?:stylesheet|icon|preload)"[^>]*href="([^"]+)"', text)
        assert parts
        for part in parts:
            assert "//" not in part, f"{page.name} loads {part}"
            assert part.startswith(("data:", "/")) or (page.parent / part.split("?")[0]).exists()


def test_each_diagram_is_drawn_into_its_page(site: Path) -> None:
    """Of what the theme would draw by a script from another server nothing is left."""
    drawn = 0
    for page in (REPOSITORY / "docs").glob("*.md"):
        sources = re.findall(r"```mermaid\n(.*?)```", page.read_text("utf-8"), re.DOTALL)
        text = (site / f"{page.stem}.html").read_text("utf-8") if sources else ""
        pictures = re.findall(r'<svg [^>]*class="diagram".*?</svg>', text, re.DOTALL)
        assert len(pictures) == len(sources)
        for source, picture in zip(sources, pictures, strict=True):
            words = re.findall(r'\["(.+?)"\]|>\w+: (.+)| as (.+)', source)
            for told in (part for match in words for word in match for part in word.split("<br>")):
                assert f">{told}</text>" in picture or not told
            assert picture.count("marker-end") == len(re.findall(r"-->|-\.->|->>", source))
            drawn += 1
    assert drawn
    assert not [
        page for page in site.rglob("*.html") if 'class="mermaid"' in page.read_text("utf-8")
    ]


@pytest.mark.parametrize("line", ["pie", "flowchart TD\na ~~~ b", "sequenceDiagram\nnote over a"])
def test_a_diagram_of_another_form_is_refused(line: str) -> None:
    """It ends the build, so that no page lacks its picture."""
    with pytest.raises(ValueError, match="diagram"):
        runpy.run_path(str(CONFIGURATION.with_name("diagrams.py")))["drawn"](line)


def test_the_search_finds_both_languages(site: Path) -> None:
    """Also where a page is opened from a folder, which takes the index as a script."""
    index = (site / "search" / "search_index.js").read_text("utf-8").removeprefix("var __index = ")
    found = json.loads(index)["docs"]
    assert {"tutorial.html", "ko/index.html"} <= {entry["location"] for entry in found}
    # A page that is not translated stands in it once.
    assert not any(entry["location"].startswith("ko/reference") for entry in found)


def test_each_public_name_has_its_place(site: Path) -> None:
    """What `mnist_tool` offers stands on the page of the Python API."""
    text = (site / "api.html").read_text("utf-8")
    for name in {*mnist_tool.__all__} - {"__version__", "errors"}:
        assert f'id="mnist_tool.{name}"' in text


def test_each_command_has_all_its_options(site: Path) -> None:
    """Written from the commands themselves while the site is built, so it cannot lag behind."""
    text = (site / "commands.html").read_text("utf-8")
    for name, command in LazyCommands().items():
        assert f"mnist-tool {name}<" in text
        for parameter in command.params:
            for option in {*parameter.opts} - {FORMER_OUTPUT}:
                assert option in text or not option.startswith("-")
    assert FORMER_OUTPUT not in text
