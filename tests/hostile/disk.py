"""A program that runs a command again and again, each time with another call refused by the disk.

It is started with the library made of ``refusals.c`` preloaded. All modules that the command needs
are loaded once; each case is a fork of this process in a folder of its own. What it found goes to
standard output as one JSON document.
"""

from __future__ import annotations

import ctypes
import errno
import importlib
import json
import os
import shutil
import signal
import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.faults import tiny
from tests.hostile.scenes import CACHE, SCENES, SCRATCH, WITHOUT_TORCH, Scene

KINDS = {"write": 1, "fsync": 2, "rename": 4, "open": 8, "mkdir": 16, "unlink": 32}
ANY = sum(KINDS.values())
REFUSALS = (errno.ENOSPC, errno.EIO, errno.EACCES, errno.EDQUOT)
KILL = -1  # as in refusals.c


@dataclass(frozen=True)
class Fault:
    """Which call is refused, and how."""

    kind: str
    nth: int
    number: int
    ever: bool = False

    @property
    def sort(self) -> str:
        """Kind of call and of refusal."""
        name = "SIGKILL" if self.number == KILL else errno.errorcode[self.number]
        return f"{self.kind} {name}{' for ever' if self.ever else ''}"

    def __str__(self) -> str:
        return f"call {self.nth}: {self.sort}"


@dataclass(frozen=True)
class Done:
    """How a run ended, and which calls were refused in it."""

    exit_code: int
    stdout: str
    stderr: str
    refused: tuple[tuple[str, str], ...]
    counts: dict[str, int]


class Laboratory:
    """One command, its folder, and the disk that refuses."""

    def __init__(self, scene: Scene, base: Path) -> None:
        self.scene = scene
        self.base = base
        self.place = base / "place"
        self._shim = ctypes.CDLL(os.environ["LD_PRELOAD"])
        self._shim.refusals_told.restype = ctypes.c_char_p
        self._shim.refusals_count.restype = ctypes.c_long
        self._shim.refusals_count.argtypes = [ctypes.c_int]
        self._shim.refusals_arm.argtypes = [
            ctypes.c_char_p, ctypes.c_int, ctypes.c_long, ctypes.c_int, ctypes.c_int,
        ]  # fmt: skip

    def lay_down(self) -> None:
        """Make the folder as it is before the command."""
        shutil.rmtree(self.place, ignore_errors=True)
        template = self.base / "template"
        if not template.exists():
            self.place.mkdir()
            (self.place / "tmp").mkdir()
            self.scene.prepare(self.place)
            if self.scene.before:
                done = self.run(self.scene.before)
                assert done.exit_code == 0, done.stderr
            shutil.copytree(self.place, template)
        else:
            shutil.copytree(template, self.place)

    def run(self, words: tuple[str, ...], fault: Fault | None = None) -> Done:
        """Run the command in a fork."""
        sys.stdout.flush()
        child = os.fork()
        if not child:
            self._command(words, fault)
        _, status = os.waitpid(child, 0)
        told = self._read("told").splitlines()
        refused = tuple(tuple(line.split(" ", 1)) for line in told[1:])
        counts = json.loads(told[0]) if told else {}
        code = os.waitstatus_to_exitcode(status)
        return Done(code, self._read("out"), self._read("err"), refused, counts)  # type: ignore[arg-type]

    def _command(self, words: tuple[str, ...], fault: Fault | None) -> None:
        code = 99
        try:
            for number, name in ((1, "out"), (2, "err")):
                os.dup2(os.open(self.base / name, os.O_WRONLY | os.O_CREAT | os.O_TRUNC), number)
            (self.base / "told").unlink(missing_ok=True)
            os.chdir(self.place)
            from mnist_tool.cli import main

            which = KINDS.get(fault.kind, ANY) if fault else ANY
            how = (fault.nth, fault.number, fault.ever) if fault else (0, 0, False)
            self._shim.refusals_arm(os.fsencode(self.place), which, *how)
            try:
                main([word.format(self.place, beside=self.base) for word in words])
            except SystemExit as end:
                code = end.code if isinstance(end.code, int) else 0
            told = self._shim.refusals_told().decode()
            calls = {kind: self._shim.refusals_count(bit) for kind, bit in KINDS.items()}
            self._shim.refusals_arm(b"/nowhere", 0, 0, 0, 0)
            self._tell(told, calls)
        except BaseException:
            import traceback

            traceback.print_exc()
        finally:
            for stream in (sys.stdout, sys.stderr):
                stream.flush()
            os._exit(code)

    def _tell(self, told: str, calls: dict[str, int]) -> None:
        names = sorted(name for name in sys.modules if not name.startswith("__"))
        (self.base / "modules").write_text(json.dumps(names))
        (self.base / "told").write_text(json.dumps(calls) + "\n" + told)

    def _read(self, name: str) -> str:
        path = self.base / name
        return path.read_text(errors="replace") if path.exists() else ""

    def load_modules(self) -> None:
        """Import what the last run needed, once for all forks."""
        for name in json.loads(self._read("modules")):
            if name not in sys.modules:
                try:
                    importlib.import_module(name)
                except Exception:  # made by hand, or of another name
                    continue
        if "mnist_tool.plots.canvas" in sys.modules:
            from mnist_tool.plots import canvas

            picture = canvas.png_bytes(canvas.figure(1, 1, "A picture"))
            canvas.render = lambda drawn, kind: picture  # the same in a hundredth of the time

    # ---- judging -----------------------------------------------------------------------------

    def broken(self, fault: Fault) -> tuple[list[str], bool]:
        """Return which promises a fault broke, and whether it came to be at all."""
        self.lay_down()
        done = self.run(self.scene.words, fault)
        killed = fault.number == KILL and done.exit_code == -signal.SIGKILL
        broken = self.scene.wrong(self.place)
        if not killed:
            broken += self._ended(fault, done)
        helpless = killed or any(kind == "unlink" for kind, _ in done.refused)
        if not helpless:
            broken += self._left_over()
        if fault.number == errno.EINTR:  # it was harmless, so nothing is left to be mended
            return [f"{fault}: {each}" for each in broken], bool(done.refused)
        next_run = self.run(self.scene.words)
        if next_run.exit_code:
            broken.append(f"the next run ends with {next_run.exit_code}: {next_run.stderr}")
        after = self.scene.wrong(self.place) + self.scene.lacking(self.place)
        if not helpless:
            after += self._left_over()
        elif self.scene.sweeps:
            after += self._temporary()
        broken += [f"after the next run: {each}" for each in after]
        return [f"{fault}: {each}" for each in broken], killed or bool(done.refused)

    def _ended(self, fault: Fault, done: Done) -> list[str]:
        paths = [(kind, os.path.relpath(path, self.place)) for kind, path in done.refused]
        interrupted = fault.number == errno.EINTR
        matters = [each for each in paths if not (interrupted or self.scene.optional(*each))]
        expected = self.scene.failure if matters else 0
        if any(self.scene.detour(*each) for each in paths) and not interrupted:
            expected = self.scene.failure if done.exit_code else 0
        broken = []
        if done.exit_code != expected:
            broken.append(f"exit code {done.exit_code}, not {expected}: {paths} {done.stderr}")
        elif expected:
            said = (os.strerror(fault.number), str(self.place))
            broken += [f"{word!r} is not told: {done.stderr}" for word in said
                       if word not in done.stdout + done.stderr]  # fmt: skip
        else:
            broken += self.scene.lacking(self.place)
        for word in ("Traceback", "Exception ignored", "bug in mnist-tool", "crashed"):
            if word in done.stdout + done.stderr:
                broken.append(f"{word}: {done.stdout} {done.stderr}")
        return broken

    def _left_over(self) -> list[str]:
        """What a command leaves behind, though it could remove it."""
        found = [*(self.place / "tmp").iterdir()]
        found += [p for p in self.place.rglob("*-*/") if p.is_dir() and not any(p.iterdir())]
        return self._temporary() + [f"{path.relative_to(self.place)} is left" for path in found]

    def _temporary(self) -> list[str]:
        found = self.place.rglob(".*.part")
        return [f"{path.relative_to(self.place)} is left over" for path in found]


def faults(counts: dict[str, int]) -> Iterator[Fault]:
    """Yield every case."""
    for kind, count in counts.items():
        for nth in range(1, count + 1):
            for number in REFUSALS:
                if kind != "any":
                    yield Fault(kind, nth, number)
                yield Fault(kind, nth, number, ever=True)
            if kind != "any":
                yield Fault(kind, nth, errno.EINTR)
                yield Fault(kind, nth, KILL)


def some(cases: list[Fault], count: int) -> list[Fault]:
    """Return so many of the cases, evenly from all of them."""
    return [cases[i * len(cases) // count] for i in range(count)] if count < len(cases) else cases


def tried(scene: Scene, which: str, base: Path) -> dict[str, Any]:
    """Run one scene's cases, all or some, and return what came of them."""
    base.mkdir()
    os.environ["MNIST_TOOL_CACHE"] = str(base / "place" / CACHE)
    os.environ["TMPDIR"] = str(base / "place" / SCRATCH)
    laboratory = Laboratory(scene, base)
    laboratory.lay_down()
    first = laboratory.run(scene.words)
    assert first.exit_code == 0, (first.exit_code, first.stdout, first.stderr)
    assert scene.wrong(laboratory.place) + scene.lacking(laboratory.place) == []
    laboratory.load_modules()
    laboratory.lay_down()
    counts = laboratory.run(scene.words).counts
    counts["any"] = sum(counts.values())
    happened: Counter[str] = Counter()
    broken: list[str] = []
    cases = list(faults(counts))
    for fault in cases if which == "all" else some(cases, scene.cases):
        found, came = laboratory.broken(fault)
        broken += found
        happened[fault.sort] += came
    return {"calls": counts, "tried": happened, "broken": broken}


def main() -> None:
    """Run the cases of the scenes that are named."""
    which, base, *names = sys.argv[1:]
    tiny.register(*json.loads(os.environ["TINY_SOURCES"]))
    import mnist_tool.cli  # once for all forks

    scenes = {name: SCENES[name] for name in names}
    if any(scene.words[0] not in WITHOUT_TORCH for scene in scenes.values()):
        import mnist_tool.plots
        import mnist_tool.training.session  # noqa: F401 - this takes a second
    found = {name: tried(scene, which, Path(base) / name) for name, scene in scenes.items()}
    json.dump(found, sys.stdout)
    sys.stdout.flush()
    os._exit(0)  # taking torch apart is no part of the test, and may fail by itself


if __name__ == "__main__":
    main()
