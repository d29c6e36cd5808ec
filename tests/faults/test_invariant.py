"""The invariant after everything that may befall a fetch; see `tests.faults.invariant`."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import trustme

from tests.faults import tiny
from tests.faults.conftest import Run, Serve
from tests.faults.invariant import broken_promises
from tests.faults.situations import SITUATIONS, Lab, Situation


@pytest.fixture
def lab(
    serve: Serve,
    root: Path,
    tmp_path: Path,
    black_hole: str,
    authority: trustme.CA,
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[Lab]:
    """What a situation is made of; no process outlives it."""
    lab = Lab(serve, root, tmp_path, monkeypatch, black_hole, authority)
    yield lab
    for process in lab.processes:
        process.kill()
        process.wait()


@pytest.mark.parametrize("situation", SITUATIONS, ids=lambda situation: situation.name)
def test_invariant(situation: Situation, lab: Lab, fetch: Run) -> None:
    """Only verified files or nothing, no leftovers, the right exit code, each cause told once."""
    words = situation.arrange(lab)
    done = fetch(*words)  # holds the invariant
    assert done.exit_code == situation.exit_code, done.stderr
    situation.check(done, lab)


class _Done:
    """What a fetch might have said."""

    def __init__(self, exit_code: int, stdout: str = "", stderr: str = "") -> None:
        self.exit_code = exit_code
        self.stdout = stdout
        self.stderr = stderr


ALL_MISSING = "\n".join(tiny.CONTENT)


@pytest.mark.parametrize(
    ("done", "left", "word"),
    [
        (_Done(3, stderr=ALL_MISSING), {}, ""),
        (_Done(70, stderr=ALL_MISSING), {}, "exit code 70"),
        (_Done(0), {}, "exit code 0 without"),
        (_Done(3, stderr=ALL_MISSING + "\nTraceback"), {}, "a traceback"),
        (_Done(3), {}, "is not told"),
        (_Done(3, stderr=ALL_MISSING), {"raw/.x.part": b""}, "is left over"),
        (_Done(3, stderr=ALL_MISSING), {f"raw/{tiny.FILES[0].name}": b"x"}, "is wrong"),
        (_Done(0, '{"data": {"attempts": [{"source": ""}]}}'), tiny.CONTENT, "incomplete record"),
    ],
)
def test_the_invariant_can_be_broken(
    done: Any, left: dict[str, bytes], word: str, root: Path
) -> None:
    """Each promise is really looked at."""
    folder = root / tiny.TINY.folder
    tiny.laid_down(folder / "raw" if left is tiny.CONTENT else folder, left)
    broken = broken_promises(done, root, [], before=[])
    assert bool(broken) == bool(word)
    assert any(word in promise for promise in broken) or not word
