"""Run the same faults against other fetchers and ours, and print who survives what, in seconds.

Each fetcher runs in a child process with a time limit. The first source is faulty; where a fetcher
knows several, the second is healthy. Run it with ``make faults``.
"""

from __future__ import annotations

import functools
import gzip
import importlib.metadata
import json
import os
import platform
import ssl
import subprocess
import sys
import tempfile
import time
import zlib
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, contextmanager
from datetime import date, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import trustme

from tests.faults import tiny
from tests.faults.rows import ROWS, good
from tests.faults.server import Behaviour, black_hole, certified, serving

LIMIT = 20.0
FILE = "train-images-idx3-ubyte.gz"
PAGE = Path(__file__).parents[2] / "docs" / "faults.md"

CODE = {
    "mnist-tool": """
from tests.faults import tiny
from mnist_tool.dataset.fetching.fetch import fetch
tiny.register(("faulty", "files", FAULTY), ("healthy", "files", HEALTHY))
fetch(OUT, dataset="tiny")
""",
    "torchvision": """
import hashlib
from pathlib import Path
from torchvision.datasets import MNIST
MNIST.mirrors = [FAULTY, HEALTHY]
packed = __import__("tests.faults.tiny", fromlist=["PACKED"]).PACKED
MNIST.resources = [(name, hashlib.md5(body).hexdigest()) for name, body in packed.items()]
set_up = MNIST.__new__(MNIST)
set_up.root = OUT
set_up.download()
""",
    "pooch": """
import hashlib, pooch
packed = __import__("tests.faults.tiny", fromlist=["PACKED"]).PACKED
registry = {name: hashlib.sha256(body).hexdigest() for name, body in packed.items()}
shop = pooch.create(OUT, FAULTY, registry=registry, retry_if_failed=2)
for name in registry:
    shop.fetch(name, processor=pooch.Decompress(name=name[:-3]))
""",
    "huggingface_hub": """
import gzip
from pathlib import Path
from huggingface_hub.file_download import http_get
packed = __import__("tests.faults.tiny", fromlist=["PACKED"]).PACKED
for name, body in packed.items():
    unfinished = Path(OUT) / (name + ".incomplete")
    with unfinished.open("wb") as file:
        http_get(FAULTY + name, file, expected_size=len(body))
    unfinished.rename(Path(OUT) / name)
    (Path(OUT) / name[:-3]).write_bytes(gzip.decompress((Path(OUT) / name).read_bytes()))
""",
}
AUTHORITY = trustme.CA()
# Gives the URL of a faulty source for as long as it is needed.
Fault = Callable[[], AbstractContextManager[str]]


@contextmanager
def _served(behaviour: Behaviour, context: ssl.SSLContext | None = None) -> Iterator[str]:
    with serving(behaviour, context) as server:
        yield server.url


@contextmanager
def _nobody() -> Iterator[str]:
    with serving(good) as server:
        url = server.url
    yield url


@contextmanager
def _no_tls() -> Iterator[str]:
    with serving(good) as server:
        yield server.url.replace("http:", "https:")


def _certificate(authority: trustme.CA, host: str = "127.0.0.1", **more: Any) -> Fault:
    return lambda: _served(good, certified(authority, host, **more))


YESTERDAY = datetime.now(timezone.utc) - timedelta(days=1)
CASES: dict[str, Fault] = {
    "a closed port": _nobody,
    "a black hole": black_hole,
    "TLS: an unknown authority": _certificate(trustme.CA()),
    "TLS: expired": _certificate(AUTHORITY, not_after=YESTERDAY),
    "TLS: another host": _certificate(AUTHORITY, "elsewhere.example"),
    "TLS: plain HTTP instead": _no_tls,
} | {
    row.name: functools.partial(_served, row.behaviour) for row in ROWS if row.kind == "files"
}  # fmt: skip


def run(fetcher: str, faulty: str, healthy: str) -> str:
    """Run one fetcher against one fault; return the table's cell."""
    with tempfile.TemporaryDirectory() as out:
        bundle = f"{out}/cache/ca.pem"
        Path(bundle).parent.mkdir()
        AUTHORITY.cert_pem.write_to_path(bundle)
        names = f"OUT, FAULTY, HEALTHY = {out!r}, {faulty!r}, {healthy!r}\n"
        environment = {
            **os.environ, "NO_PROXY": "*", "REQUESTS_CA_BUNDLE": bundle, "SSL_CERT_FILE": bundle,
            "MNIST_TOOL_CACHE": f"{out}/cache", "HF_HOME": f"{out}/cache",
            "PYTHONPATH": str(PAGE.parents[1]),
        }  # fmt: skip
        began = time.monotonic()
        try:
            done = subprocess.run(
                [sys.executable, "-c", names + CODE[fetcher]], env=environment, timeout=LIMIT,
                capture_output=True, check=False,
            )  # fmt: skip
            word = "ok" if done.returncode == 0 else "error"
        except subprocess.TimeoutExpired:
            word = "HANG"
        seconds = time.monotonic() - began
        return f"{_judge(word, Path(out))} {seconds:.1f}"


def _judge(word: str, out: Path) -> str:
    """Compare what the process says with what lies there under the right names."""
    right = wrong = 0
    for path in out.rglob("*"):
        expected = tiny.CONTENT.get(path.name.removesuffix(".gz"))
        if path.is_file() and expected is not None and "cache" not in path.parts:
            same = _content(path) == expected
            right += same and path.name in tiny.CONTENT
            wrong += not same
    if word == "ok":
        return "ok" if right >= len(tiny.CONTENT) and not wrong else "BAD"
    return f"{word}!" if wrong else word


def _content(path: Path) -> bytes:
    content = path.read_bytes()
    try:
        return gzip.decompress(content) if path.suffix == ".gz" else content
    except (OSError, EOFError, zlib.error):
        return b""


def compare(cases: dict[str, Fault]) -> dict[str, dict[str, str]]:
    """Return the cells by fault and fetcher; each fetcher meets a fresh server."""
    cells: dict[str, dict[str, str]] = {}
    for name, fault in cases.items():

        def meet(fetcher: str, fault: Fault = fault) -> str:
            with fault() as faulty, _served(good) as healthy:
                return run(fetcher, faulty, healthy)

        with ThreadPoolExecutor(2) as pool:
            cells[name] = dict(zip(CODE, pool.map(meet, CODE), strict=True))
        print(f"{name:<42}", *(f"{c:>12}" for c in cells[name].values()), flush=True)
    return cells


def _versions() -> str:
    from mnist_tool import __version__

    others = [f"{name} {importlib.metadata.version(name)}" for name in CODE if name != "mnist-tool"]
    return ", ".join([f"mnist-tool {__version__}", *others, f"Python {platform.python_version()}"])


def page(cells: dict[str, dict[str, str]]) -> str:
    """Write the documentation's page."""
    survived = {f: sum(c[f].startswith("ok") for c in cells.values()) for f in CODE}
    rows = [f"| {name.replace('|', ' ')} | " + " | ".join(cell[f] for f in CODE) + " |"
            for name, cell in cells.items()]  # fmt: skip
    best = max((f for f in CODE if f != "mnist-tool"), key=lambda f: survived[f])
    passed = [name for name, cell in cells.items() if cell[best].startswith("ok")]
    return "\n".join([
        "# Who survives which fault",
        "",
        f"Measured by `make faults` on {date.today().isoformat()} with {_versions()},",
        "on a loop-back server: four files of a few kilobytes, the first source faulty for ever",
        "or, where the row says so, once. torchvision and mnist-tool know a second, healthy",
        "source; pooch (2 retries) and huggingface_hub (its own retries) have no way to name",
        "one. All run with their default clocks, two at a time.",
        "",
        "`ok`: four right files. `error`: says so, and nothing wrong has a right name. `!`: a",
        "wrong file stays under a right name. `BAD`: reports success without the right files.",
        f"`HANG`: still at work after {LIMIT:.0f} s. The number is the whole process in seconds,",
        "with starting Python and importing the library (torchvision: torch too).",
        "",
        "| fault | " + " | ".join(CODE) + " |",
        "|---|" + "---|" * len(CODE),
        *rows,
        "| **survived** | " + " | ".join(f"**{survived[f]} of {len(cells)}**" for f in CODE) + " |",
        "",
        f"The best of the others, {best}, passes {len(passed)} rows: {'; '.join(passed)}.",
        "",
    ])  # fmt: skip


def main() -> None:
    """Compare all, write the page, and fail if ours did not survive everything."""
    cells = compare(CASES)
    PAGE.write_text(page(cells), "utf-8")
    print(json.dumps({"page": str(PAGE)}))
    lost = [name for name, cell in cells.items() if not cell["mnist-tool"].startswith("ok")]
    if lost:
        raise SystemExit(f"mnist-tool did not survive: {', '.join(lost)}")


if __name__ == "__main__":
    main()
