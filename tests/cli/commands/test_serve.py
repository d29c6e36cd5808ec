"""`serve`: what it prints, whom it serves, and how it ends."""

from __future__ import annotations

import json
import re
import shlex
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import requests

from mnist_tool.cli.commands.serve import _announce
from mnist_tool.cli.screen.output import Output
from mnist_tool.dataset.registry import MNIST
from mnist_tool.dataset.serving.offer import Offer, Offered
from tests.schemas import described

Run = Callable[..., Any]


@contextmanager
def serving(root: Path, said: Path) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """Start it as people do, with its words in a file; give the process and its address."""
    command = [sys.executable, "-m", "mnist_tool", "serve", "--dataset", "synthetic"]
    command += ["--root", str(root), "--offline", "--port", "0"]
    with (
        said.open("w") as words,
        subprocess.Popen(command, stdout=words, stderr=subprocess.STDOUT, text=True) as process,
    ):
        try:
            until = time.monotonic() + 60
            while "next:" not in said.read_text() and time.monotonic() < until:
                time.sleep(0.02)
            found = re.search(r"http://\S+/", said.read_text())
            assert found, said.read_text()
            yield process, found[0]
        finally:
            process.kill()


@pytest.mark.skipif(sys.platform == "win32", reason="signals are sent")
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_it_serves_until_it_is_told_to_stop(
    synthetic_root: Path, number: signal.Signals, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With a line for each transfer; to be stopped is no failure."""
    monkeypatch.setenv("NO_PROXY", "*")
    with serving(synthetic_root, tmp_path / "said") as (process, url):
        whole = requests.get(f"{url}Synthetic.tar.gz", timeout=30)
        document = requests.get(f"{url}index.json", timeout=30).json()
        assert len(whole.content) == document["archive"]["size"]
        process.send_signal(number)
        assert process.wait(timeout=30) == 0
    said = (tmp_path / "said").read_text()
    assert f"mnist-tool fetch --from {url} --dataset synthetic" in said
    assert f"curl -O -C - {url}Synthetic.tar.gz" in said
    assert f"GET /Synthetic.tar.gz 200 {len(whole.content):,} bytes" in said
    assert re.search(r"Stopped: 2 answers, [\d,]+ bytes, 1 machine\.", said)
    own = shlex.join(process.args[3:])  # with its own port and folder
    assert f"next: mnist-tool {own} --host 0.0.0.0" in said


@pytest.mark.skipif(sys.platform == "win32", reason="signals are sent")
def test_what_was_served_is_one_document(
    synthetic_root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Printed when it is told to stop, and as its schema says."""
    monkeypatch.setenv("NO_PROXY", "*")
    command = [sys.executable, "-m", "mnist_tool", "serve", "--dataset", "synthetic", "--json"]
    command += ["--root", str(synthetic_root), "--offline", "--port", str(free_port())]
    said = tmp_path / "said"
    with said.open("w") as words, subprocess.Popen(command, stdout=words) as process:
        try:
            until = time.monotonic() + 60
            while not answers(int(command[-1])) and time.monotonic() < until:
                time.sleep(0.02)
            process.send_signal(signal.SIGINT)
            assert process.wait(timeout=30) == 0
        finally:
            process.kill()
    document = described(json.loads(said.read_text()))
    assert document["data"]["dataset"] == "synthetic"
    assert document["data"]["addresses"] == [f"http://127.0.0.1:{command[-1]}/"]


def free_port() -> int:
    """Return a port that nothing listens on."""
    with socket.create_server(("127.0.0.1", 0)) as one:
        return int(one.getsockname()[1])


def answers(port: int) -> bool:
    """Return whether it serves there already."""
    try:
        return requests.get(f"http://127.0.0.1:{port}/index.json", timeout=30).ok
    except requests.ConnectionError:
        return False


def test_a_port_that_is_taken_is_a_usage_error(run_tool: Run, synthetic_root: Path) -> None:
    """In JSON too."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        words = ["--root", str(synthetic_root), "--dataset", "synthetic", "--offline"]
        done = run_tool("serve", *words, "--port", str(port), "--json")
    assert done.exit_code == 2
    assert f"Port {port} is taken" in json.loads(done.stdout)["errors"][0]["message"]


def test_others_are_told_each_address(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    """torchvision's lines where it takes the files; what it would refuse is said."""
    urls = ["http://10.0.0.5:8000/", "http://127.0.0.1:8000/"]
    for original in (True, False):
        files = tuple(
            Offered(f"{file.name}.gz", tmp_path, 1, "0", holds=file, original=original)
            for file in MNIST.files
        )
        offer = Offer(MNIST, files, Offered("MNIST.tar.gz", tmp_path, 1, "0"))
        _announce(Output("serve"), offer, urls, alone=False)
        stdout, stderr = capfd.readouterr()
        assert [line for line in stdout.splitlines() if "fetch" in line] == [
            f"  mnist-tool fetch --from {url}" for url in urls
        ]
        assert (f'MNIST.mirrors = ["{urls[0]}"]' in stdout) == original
        assert ("torchvision would refuse" in stderr) != original
