"""Passwords and tokens of addresses: in no output, no record, no file and no file name."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.faults import tiny
from tests.faults.conftest import Run, Serve
from tests.faults.rows import good
from tests.faults.server import Request, Wire, answer


def test_credentials_are_told_to_nobody(serve: Serve, fetch: Run, root: Path) -> None:
    """A password in an address appears in no output, no record and no cached file."""
    server = serve(good)
    tiny.register(("good", "files", server.url))
    secret = server.url.replace("http://", "http://me:hunter2@")
    for words in (["--json"], []):
        done = fetch(
            "--from", secret, "--from", f"{server.url}x.tar.gz?token=hunter2", *words, "--force"
        )
        assert done.exit_code == 0
        assert "hunter2" not in done.stdout + done.stderr
    fetch("--from", secret.replace(str(server.port), "1"), "--force")
    broken = serve(lambda r, w: w.send(answer(b"x" * 10, "200 OK", 'ETag: "x"', length=99)))
    done = fetch("--from", broken.url.replace("http://", "http://me:hunter2@"), "--force")
    assert "hunter2" not in done.stdout + done.stderr
    for path in root.parent.rglob("*"):
        assert not path.is_file() or b"hunter2" not in path.read_bytes(), path


@pytest.mark.parametrize(
    "address",
    ["{0}x.tar.gz?token=hunter2", "{1}x.tar.gz?token=hunter2#hunter2", "{1}"],
    ids=["query", "all", "user"],
)
@pytest.mark.parametrize("fault", ["none", "404", "page", "truncated", "redirect", "refused"])
def test_secrets_of_an_address_are_told_to_nobody(
    address: str, fault: str, serve: Serve, fetch: Run, root: Path
) -> None:
    """Whatever comes of it: not on the screen, not in a document, not in any file or its name."""

    def source(request: Request, wire: Wire) -> None:
        archive = tiny.tar(tiny.CONTENT)
        body = tiny.PACKED.get(request.name, archive)
        wire.send(
            {
                "404": answer(b"", "404 Not Found"),
                "page": answer(b"<html><title>no</title></html>"),
                "truncated": answer(body[:99], "200 OK", 'ETag: "x"', length=len(body)),
                "redirect": answer(b"", "302 Found", f"Location: {request.path}"),
            }.get(fault, answer(body))
        )

    server = serve(source)
    tiny.register()
    url = server.url if fault != "refused" else server.url.replace(str(server.port), "1")
    words = ["--from", address.format(url, url.replace("http://", "http://me:hunter2@"))]
    for more in ([], ["--force", "--json"]):
        done = fetch(*words, *more)
        assert done.exit_code == (0 if fault == "none" else 3)
        assert "hunter2" not in done.stdout + done.stderr
    if fault != "refused":
        assert "token=hunter2" in str(server.requests) or "token" not in address
    for path in root.parent.rglob("*"):
        assert "hunter2" not in path.name
        assert not path.is_file() or b"hunter2" not in path.read_bytes(), path


@pytest.mark.parametrize(
    "address",
    [
        "https:/me:hunter2@host/d/",
        "http:me:hunter2@host/d/",
        "http://me:hunter2@[bad/d/",
        "http://me:x/hunter2@host:x/",
        "http://me:x#hunter2@host:x/",
        "ftp://me:hunter2@host/x",
        "me:hunter2@host/d/",
        "//me:hunter2@host/d/",
        "file://me:hunter2@host/x",
        "s3://host/x?token=hunter2",
    ],
)
def test_secrets_of_a_mistyped_address_are_told_to_nobody(
    address: str, fetch: Run, serve: Serve
) -> None:
    """What cannot be used is named, without its password."""
    tiny.register()
    for more in ([], ["--json"]):
        done = fetch("--offline", "--from", address, *more)
        assert done.exit_code in {2, 3}
        assert "hunter2" not in done.stdout + done.stderr
        assert "host" in done.stdout + done.stderr or "bad" in done.stdout + done.stderr
