"""Run many commands as processes of their own without starting Python and torch for each.

A server loads all that commands need, and forks for each of them. Run as a script it is that
server: it reads cases from stdin, a JSON document a line, and answers each with an exit code.
"""

from __future__ import annotations

import gc
import json
import os
import subprocess
import sys
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from tests.conftest import Done

Reader = Literal["pipe", "gone", "terminal"]
SUPPORTED = hasattr(os, "fork")


class Forks:
    """A server of commands; see `run`.

    Parameters
    ----------
    folder : Path
        Where the outputs are kept.
    """

    def __init__(self, folder: Path) -> None:
        self._texts = folder / "stdout", folder / "stderr"
        self._server = subprocess.Popen(
            [sys.executable, "-m", "tests.cli.forks"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            cwd=Path(__file__).parents[2],
        )

    def run(
        self, *words: str, env: Mapping[str, str], reader: Reader = "pipe", encoding: str = "utf-8"
    ) -> Done:
        """Run a command in this folder.

        Parameters
        ----------
        *words : str
            Behind ``mnist-tool``.
        env : mapping of str to str
            The whole environment.
        reader : {"pipe", "gone", "terminal"}
            Who reads stdout; a terminal reads stderr as well, and both are given as stdout.
        encoding : str
            What `PYTHONIOENCODING` would be.
        """
        case = {"words": words, "env": dict(env), "reader": reader, "encoding": encoding}
        case |= {"folder": str(Path.cwd()), "texts": [str(path) for path in self._texts]}
        from tests.conftest import Done  # the server itself has no use for it

        assert self._server.stdin
        assert self._server.stdout
        self._server.stdin.write(json.dumps(case) + "\n")
        self._server.stdin.flush()
        code = int(self._server.stdout.readline())
        return Done(code, *(path.read_bytes().decode(encoding) for path in self._texts))

    def close(self) -> None:
        """Stop the server."""
        self._server.communicate()


def _serve() -> None:
    from mnist_tool import process

    main = process.load()
    for module in ("torch", "cv2", "matplotlib.figure", "matplotlib.backends.backend_agg"):
        with suppress(ImportError):
            __import__(module)
    gc.freeze()  # what is loaded is not copied for a process that looks for garbage
    for line in sys.stdin:
        case = json.loads(line)
        stdout, stderr = (
            os.open(path, os.O_RDWR | os.O_CREAT | os.O_TRUNC) for path in case["texts"]
        )
        leader = -1
        child_stdout, child_stderr = stdout, stderr
        if case["reader"] == "gone":
            gone, child_stdout = os.pipe()
            os.close(gone)
        elif case["reader"] == "terminal":
            leader, child_stdout = os.openpty()
            child_stderr = child_stdout
        child = os.fork()
        if not child:
            _become(case, child_stdout, child_stderr)
            process.run(main)
        if leader >= 0:
            os.close(child_stdout)
            with suppress(OSError):  # the other end is closed when the process ends
                while chunk := os.read(leader, 65536):
                    os.write(stdout, chunk)
        print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), flush=True)
        for number in {stdout, stderr, *([leader] if leader >= 0 else [child_stdout])}:
            os.close(number)


def _become(case: dict[str, Any], stdout: int, stderr: int) -> None:
    """Make this process one that a shell has started."""
    os.chdir(case["folder"])
    os.environ.clear()
    os.environ.update(case["env"])
    terminal = case["reader"] == "terminal"
    stdin = stdout if terminal else os.open(os.devnull, os.O_RDONLY)
    for number, source in enumerate((stdin, stdout, stderr)):
        os.dup2(source, number)
    encoding = case["encoding"]
    sys.stdin = os.fdopen(0, closefd=False)
    sys.stdout = os.fdopen(1, "w", encoding=encoding, closefd=False)
    sys.stderr = os.fdopen(2, "w", 1, encoding, "backslashreplace", closefd=False)
    sys.argv = ["mnist-tool", *case["words"]]


if __name__ == "__main__":
    _serve()
