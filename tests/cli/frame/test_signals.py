"""Ctrl-C and SIGTERM end a command wherever it is."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from mnist_tool.cli.frame import signals
from tests.cli.processes import python


@pytest.mark.skipif(os.name == "nt", reason="there are no such signals there")
@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_signals_end_a_fetch_cleanly(number: int, code: int, tmp_path: Path) -> None:
    """A fetch that waits for its input is interrupted: exit code, message, nothing left."""
    process = subprocess.Popen(
        [sys.executable, "-m", "mnist_tool", "fetch", "--from", "-", "--root", str(tmp_path / "r")],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    deadline = time.monotonic() + 100
    while not (tmp_path / "r").exists() and time.monotonic() < deadline:
        time.sleep(0.05)
    time.sleep(0.3)
    process.send_signal(number)
    stdout, stderr = process.communicate(timeout=100)
    assert process.returncode == code, stderr
    assert stdout == ""
    assert "Traceback" not in stderr
    assert not list(tmp_path.glob("r/**/*"))


@pytest.mark.skipif(os.name == "nt", reason="Windows kills with its signals")
@pytest.mark.parametrize(("name", "code"), [("SIGINT", 130), ("SIGTERM", 143)])
def test_a_signal_during_a_callback_is_not_lost(name: str, code: int) -> None:
    """Python can raise nothing there, as at the end of each import, and would only tell of it."""
    done = python(f"""
import signal, sys, time, weakref
from mnist_tool.cli.frame.edge import edge
from mnist_tool.cli.screen.output import Output

class Gone:
    pass

out, it = Output("test"), Gone()
with edge(out):
    reference = weakref.ref(it, lambda _: signal.raise_signal(signal.{name}))
    del it
    time.sleep(100)
sys.exit(out.exit_code)
""")
    assert done.returncode == code
    assert "ignored" not in done.stderr


@pytest.mark.skipif(os.name == "nt", reason="Windows kills with its signals")
def test_a_signal_that_comes_back_too_soon_is_sent_once_more() -> None:
    """Where the machine is so busy that the callback is not over yet."""
    done = python("""
import signal, sys, threading, time, weakref
from mnist_tool.cli.frame.edge import edge
from mnist_tool.cli.screen.output import Output

class Gone:
    pass

class Early(threading.Timer):
    tries = 0

    def start(self):
        Early.tries += 1
        if Early.tries < 3:
            signal.raise_signal(signal.SIGTERM)
        super().start()

threading.Timer = Early
out, it = Output("test"), Gone()
with edge(out):
    reference = weakref.ref(it, lambda _: signal.raise_signal(signal.SIGTERM))
    del it
    time.sleep(100)
sys.exit(out.exit_code)
""")
    assert done.returncode == 143
    assert "ignored" not in done.stderr


def test_windows_is_not_asked_to_end_the_process(monkeypatch: pytest.MonkeyPatch) -> None:
    """There ``os.kill`` with such a signal ends it at once; Python's own way does not."""
    sent: list[int] = []
    monkeypatch.setattr(signals.os, "name", "nt")
    monkeypatch.setattr(signals._thread, "interrupt_main", sent.append)
    signals._send(signal.SIGINT)
    assert sent == [signal.SIGINT]


FAKE_TORCH = """
import os, signal, sys, time
os.kill(os.getpid(), signal.{name})
for _ in range(20):  # seen here, it would have to get through C++
    time.sleep(0.01)
print("loaded", flush=True)
"""


@pytest.mark.skipif(os.name == "nt", reason="Windows kills with its signals")
@pytest.mark.parametrize(("name", "code"), [("SIGINT", 130), ("SIGTERM", 143)])
def test_a_signal_waits_until_torch_is_loaded(name: str, code: int, tmp_path: Path) -> None:
    """Within its C++ an exception of Python's can abort the process."""
    (tmp_path / "torch.py").write_text(FAKE_TORCH.format(name=name))
    done = python(f"""
import sys, time
from mnist_tool.cli.frame.edge import edge
from mnist_tool.cli.screen.output import Output
sys.path.insert(0, {str(tmp_path)!r})
out = Output("test")
with edge(out):
    import torch
    time.sleep(100)
sys.exit(out.exit_code)
""")
    assert (done.returncode, done.stdout) == (code, "loaded\n")


@pytest.mark.skipif(os.name == "nt", reason="Windows kills with its signals")
def test_a_torch_that_does_not_load_is_not_waited_for(tmp_path: Path) -> None:
    """It may hang, on a disk that does."""
    (tmp_path / "torch.py").write_text(FAKE_TORCH.format(name="SIGINT") + "time.sleep(100)\n")
    done = python(f"""
import sys
from mnist_tool.cli.frame import signals
from mnist_tool.cli.frame.edge import edge
from mnist_tool.cli.screen.output import Output
signals.PATIENCE = 1.0
sys.path.insert(0, {str(tmp_path)!r})
out = Output("test")
with edge(out):
    import torch
sys.exit(out.exit_code)
""")
    assert (done.returncode, done.stdout) == (130, "loaded\n")
