"""A loop-back mirror with the four gzip files, for the comparisons that download."""

from __future__ import annotations

import functools
import gzip
import http.server
import threading
from pathlib import Path

__all__ = ["serve"]


class _Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *_: object) -> None:
        """Say nothing."""


def serve(root: Path, folder: Path) -> str:
    """Pack the raw files below `root` into `folder`, serve them, and return the base URL."""
    folder.mkdir()
    for path in (root / "MNIST" / "raw").iterdir():
        (folder / f"{path.name}.gz").write_bytes(gzip.compress(path.read_bytes()))
    handler = functools.partial(_Quiet, directory=str(folder))
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return f"http://127.0.0.1:{server.server_port}/"
