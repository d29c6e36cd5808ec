"""Count the functions and files that a fetch goes through: ``python -m tests.trace_fetch``.

A mirror on loop-back serves the four .gz files of a data set of a few kilobytes. Everything of this
package that runs from the call of `fetch` to its return is counted, on all threads, once the
modules are loaded. ``--list`` names the functions, file by file in the order of the way.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import CodeType, FrameType
from typing import Any

import mnist_tool
from tests.faults import tiny

PACKAGE = str(Path(mnist_tool.__file__).parent)


class Trace:
    """What a piece of work runs through.

    Attributes
    ----------
    functions : dict of code to int
        Every function of the package that was entered, and how often, in order of first entry.
    switches : int
        How often one of our functions called one of ours in another file.
    depth : int
        Most of our frames that lay on a worker's stack when a byte was written.
    """

    def __init__(self) -> None:
        self.functions: dict[CodeType, int] = {}
        self.switches = 0
        self.depth = 0
        self._file = threading.local()

    @property
    def files(self) -> list[str]:
        """The files of these functions, in order of first entry."""
        return list(dict.fromkeys(code.co_filename for code in self.functions))

    def __call__(self, frame: FrameType, event: str, argument: Any) -> None:
        """Take one event of `sys.setprofile`."""
        if event == "c_call" and getattr(argument, "__name__", "") == "write":
            stack = _ours(frame)
            if "_worker" not in threading.current_thread().name and stack:
                self.depth = max(self.depth, len(stack))
        if event not in {"call", "return"}:
            return
        code = frame.f_code
        if code.co_filename.startswith(PACKAGE) and code.co_name != "<module>":
            if event == "call":
                self.functions[code] = self.functions.get(code, 0) + 1
            here = getattr(self._file, "name", code.co_filename)
            if event == "call" and here != code.co_filename:
                self.switches += 1
            self._file.name = code.co_filename


def _ours(frame: FrameType | None) -> list[FrameType]:
    found = []
    while frame is not None:
        if frame.f_code.co_filename.startswith(PACKAGE):
            found.append(frame)
        frame = frame.f_back
    return found


@contextmanager
def _serving(folder: Path) -> Iterator[str]:
    class Quiet(SimpleHTTPRequestHandler):
        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(folder)))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/"
    finally:
        server.shutdown()
        server.server_close()


def trace(work: Callable[[], object]) -> Trace:
    """Run `work` and return what it went through."""
    found = Trace()
    threading.setprofile(found)
    sys.setprofile(found)
    try:
        work()
    finally:
        sys.setprofile(None)
        threading.setprofile(None)  # type: ignore[arg-type]
    return found


def trace_fetch() -> Trace:
    """Bring the four tiny files over loop-back, twice, and return the trace of the second time."""
    with tempfile.TemporaryDirectory() as folder:
        base = Path(folder)
        served = tiny.laid_down(base / "served", tiny.PACKED)
        with _serving(served) as url:
            tiny.register(("mirror", "files", url))
            mnist_tool.fetch(base / "first", dataset="tiny")
            return trace(lambda: mnist_tool.fetch(base / "second", dataset="tiny"))


def main() -> None:
    """Print the figures, and with ``--list`` all that was entered."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--list", action="store_true", help="name every function")
    chosen = parser.parse_args()
    found = trace_fetch()
    print(
        f"{len(found.functions)} functions in {len(found.files)} files, "
        f"{found.switches:,} calls from file to file, "
        f"{found.depth} frames deep where bytes are written"
    )
    for file in found.files if chosen.list else ():
        inside = [code for code in found.functions if code.co_filename == file]
        print(f"\n{Path(file).relative_to(PACKAGE)}: {len(inside)}")
        for code in inside:
            print(
                f"  {code.co_qualname} x {found.functions[code]}"
                if sys.version_info >= (3, 11)
                else f"  {code.co_name} x {found.functions[code]}"
            )


if __name__ == "__main__":
    main()
