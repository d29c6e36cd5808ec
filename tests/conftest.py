"""What all tests share: a clean environment, real MNIST where it is at hand, a command runner."""

from __future__ import annotations

import json
import os
import re
import signal
import socket
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings

from mnist_tool import fetch
from mnist_tool.dataset.registry import DATASETS
from tests import hints, kept, real_data
from tests.schemas import described

# Typer looks at these when it is imported: plain help, whatever terminal or CI this is.
os.environ["_TYPER_FORCE_DISABLE_TERMINAL"] = "1"
os.environ["TERMINAL_WIDTH"] = "100"

# Tests share the processors: torch's threads give them up soon, as `accuracy.calm_threads` lets
# those of the commands. GNU's OpenMP looks at it when torch is loaded.
os.environ.setdefault("GOMP_SPINCOUNT", "20000")

# A shell lets what runs in its background (`make test &`) ignore Ctrl-C, and so would all
# processes that the tests start and interrupt.
signal.signal(signal.SIGINT, signal.default_int_handler)

# How long an example takes is a property of the machine and of what else it does at that time.
settings.register_profile(
    "any machine", deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("any machine")

# A data set's root by itself must not be touched by what a developer has set.
FOREIGN = ("MNIST_TOOL_", "PIP_", "NO_COLOR", "FORCE_COLOR", "HTTP_PROXY", "HTTPS_PROXY")
FOREIGN += ("JPY_", "MPLBACKEND")

# A line of advice, which goes on where a quoted name has a line break in it.
ADVICE = re.compile(r"^(?:hint|next): ((?:'[^']*'|[^'\n]|'(?![^']*'))*)", re.MULTILINE)

TORCH = find_spec("torch") is not None


class _WithoutTorch:
    """Leaves out what imports torch where it is not installed: `make test-pythons`."""

    def find_spec(self, name: str, *_: object) -> None:
        if name in {"torch", "torchvision"}:
            pytest.skip("needs torch", allow_module_level=True)


if not TORCH:
    sys.meta_path.append(_WithoutTorch())


def pytest_runtest_setup(item: pytest.Item) -> None:
    """Leave out what is marked, because its processes import torch, where it is not installed."""
    if item.get_closest_marker("torch") and not TORCH:
        pytest.skip("needs torch")


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """Show what was left out: what needs torch, real MNIST or a device that is not here."""
    skipped = terminalreporter.stats.get("skipped", [])
    reasons = Counter(each.longrepr[2].removeprefix("Skipped: ") for each in skipped)
    for reason, count in sorted(reasons.items()):
        if "HERE" in reason:
            terminalreporter.write_line(f"Left out ({count}): {reason}")
    if modules := Counter(r.nodeid.split("::")[0] for r in skipped if "torch" in str(r.longrepr)):
        told = ", ".join(f"{module} ({count})" for module, count in sorted(modules.items()))
        terminalreporter.write_line(f"Left out, for they need torch: {told}")


@pytest.fixture(autouse=True)
def _clean_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Every test runs in an empty folder, with its own cache and without a developer's settings."""
    for name in list(os.environ):
        if name.upper().startswith(FOREIGN):
            monkeypatch.delenv(name)
    monkeypatch.setenv("MNIST_TOOL_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("PYTHONPATH", str(real_data.REPOSITORY))
    folder = tmp_path / "here"
    folder.mkdir()
    monkeypatch.chdir(folder)


@pytest.fixture(scope="session")
def mnist_files() -> Path:
    """A folder or archive with real MNIST; the test is skipped, loudly, where there is none."""
    place = real_data.find()
    if place is None:
        pytest.skip("REAL MNIST IS NOT HERE: set MNIST_TOOL_TEST_DATA or run `make test`")
    return place


@pytest.fixture(scope="session")
def mnist_root(mnist_files: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A root with the four verified raw files of real MNIST; tests only read it."""
    root = tmp_path_factory.mktemp("mnist")
    fetch(root, sources=[mnist_files], offline=True)
    return kept.keep(root)


@pytest.fixture(scope="session")
def synthetic_root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A root with the synthetic data set; tests only read it."""
    root = tmp_path_factory.mktemp("synthetic")
    fetch(root, dataset="synthetic", offline=True)
    return kept.keep(root)


@pytest.fixture(autouse=True)
def _shared_folders_stay() -> Iterator[None]:
    """What one test leaves in a folder that others read is not theirs to stumble over."""
    yield
    assert kept.changes() == []


@dataclass(frozen=True)
class Done:
    """How a command ended."""

    exit_code: int
    stdout: str
    stderr: str

    @property
    def json(self) -> Any:
        """The one document on stdout; it is as docs/schema says."""
        return described(json.loads(self.stdout))

    def checked(self, words: Sequence[str]) -> Done:
        """Return it, if all that it advises can be typed; `words` are those that it was told."""
        told = ADVICE.findall(self.stderr)
        with suppress(ValueError, TypeError, KeyError):
            told += [error["hint"] for error in json.loads(self.stdout)["errors"]]
        assert [fault for hint in told for fault in hints.faults(hint, words[0])] == []
        return self


@pytest.fixture(autouse=True)
def _registry_as_it_was() -> Iterator[None]:
    """Whatever a test registers is gone after it."""
    before = dict(DATASETS)
    yield
    DATASETS.clear()
    DATASETS.update(before)


@pytest.fixture
def no_sockets(monkeypatch: pytest.MonkeyPatch) -> None:
    """Connecting, sending, or asking for a name fails the test."""

    def refuse(*_: object, **__: object) -> None:
        raise AssertionError("the network was used")

    class Refusing(socket.socket):
        """As modules that are imported from now on may inherit from it."""

        connect = connect_ex = bind = sendto = refuse  # type: ignore[assignment]

    monkeypatch.setattr(socket, "socket", Refusing)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)


@pytest.fixture
def run_tool(capfd: pytest.CaptureFixture[str]) -> Callable[..., Done]:
    """Run ``mnist-tool`` within this process."""
    from mnist_tool.cli import main

    def run(*words: str) -> Done:
        capfd.readouterr()
        with pytest.raises(SystemExit) as ended:
            main(list(words))
        stdout, stderr = capfd.readouterr()
        code = ended.value.code
        return Done(code if isinstance(code, int) else 0, stdout, stderr).checked([*words, ""])

    return run


@pytest.fixture
def run_process() -> Callable[..., Done]:
    """Run ``mnist-tool`` as a process of its own, as users do."""

    def run(*words: str, **options: Any) -> Done:
        done = subprocess.run(
            [sys.executable, "-m", "mnist_tool", *words],
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
            **options,
        )
        return Done(done.returncode, done.stdout, done.stderr).checked([*words, ""])

    return run
