"""Faults below HTTP, the package index, and several sources together."""

from __future__ import annotations

import re
import socket
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest
import trustme

from mnist_tool.dataset.fetching.worker import Worker
from tests.faults import tiny
from tests.faults.conftest import Run, Serve, outcomes
from tests.faults.rows import PAGE, fixed, good
from tests.faults.server import Request, Wire, answer, certified


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
    done = fetch("--json", "--patience", "250", "--deadline", "100")
    assert done.exit_code == 0
    assert outcomes(done) == {"dead": {"dns"}, "good": {"ok"}}


def test_a_name_server_that_hangs_is_given_up(fetch: Run, run_tool: Run, hanging_name: str) -> None:
    """Neither a fetch nor ``sources --check`` waits for a resolver without end."""
    tiny.register(("dead", "files", f"http://{hanging_name}/"))
    done = fetch("--json", "--connect-timeout", "0.3", "--timeout", "0.3")
    assert outcomes(done) == {"dead": {"timeout"}}
    checked = run_tool("sources", "--check", "--dataset", "tiny", "--timeout", "0.3", "--json")
    assert checked.json["data"]["sources"][0]["outcome"] == "timeout"


def test_refused(serve: Serve, fetch: Run) -> None:
    """A closed port is refused, and the next source asked at once."""
    gone = serve(good)
    gone.close()
    tiny.register(("dead", "files", gone.url), ("good", "files", serve(good).url))
    assert outcomes(fetch("--json")) == {"dead": {"refused"}, "good": {"ok"}}


def test_black_hole(serve: Serve, fetch: Run, black_hole: str) -> None:
    """A host that swallows packets costs the patience, not the time-out."""
    tiny.register(("hole", "files", black_hole), ("good", "files", serve(good).url))
    done = fetch("--json", "--patience", "0.3")
    assert done.exit_code == 0
    assert outcomes(done) == {"hole": {"cancelled"}, "good": {"ok"}}


def test_black_hole_alone(serve: Serve, fetch: Run, black_hole: str) -> None:
    """By itself it is a timeout, said so."""
    tiny.register(("hole", "files", black_hole))
    assert outcomes(fetch("--json", *tiny.HURRY)) == {"hole": {"timeout"}}


@pytest.fixture
def patiences(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, float]]:
    """Which source was started with which patience."""
    given: list[tuple[str, float]] = []

    start = Worker.start

    def noted(worker: Worker, patience: float) -> None:
        given.extend([(worker.source.name, patience)] if worker.source.network else [])
        start(worker, patience)

    monkeypatch.setattr(Worker, "start", noted)
    return given


def test_a_wall_that_swallows_everything(
    serve: Serve, fetch: Run, black_hole: str, patiences: list[tuple[str, float]]
) -> None:
    """Each further silent source gets half the time, so that the way through is found soon."""
    holes = [(f"hole{n}", "files", black_hole) for n in range(4)]
    tiny.register(*holes, ("good", "files", serve(good).url))
    done = fetch("--json", "--patience", "0.4")
    assert done.exit_code == 0
    assert outcomes(done) == {**{name: {"cancelled"} for name, _, _ in holes}, "good": {"ok"}}
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
    assert fetch("--patience", "2").exit_code == 0
    assert patiences == [("dead", 2), ("hole", 2), ("good", 1)]


LIKELY = {
    "self-signed": "a proxy that inspects traffic, or a missing CA bundle",
    "expired": f"a wrong clock (here it is {datetime.now().astimezone():%Y-%m-%d}",
    "not yet valid": "a wrong clock",
    "wrong host": "a login portal or a proxy that answers in its place",
    "plain HTTP": "a login portal or a proxy in between",
}


@pytest.mark.parametrize("fault", LIKELY)
def test_tls(
    fault: str,
    serve: Serve,
    fetch: Run,
    authority: trustme.CA,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
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
    assert outcomes(done) == {"tls": {"tls"}, "good": {"ok"}}
    assert server.requests == []
    assert server.connections == 1
    hint = done.json["data"]["attempts"][0]["hint"]
    assert "REQUESTS_CA_BUNDLE" in hint
    assert f"Likely {LIKELY[fault]}" in hint


@pytest.mark.parametrize("variable", ["REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "SSL_CERT_FILE"])
def test_a_bundle_from_the_environment_is_trusted(
    variable: str,
    serve: Serve,
    fetch: Run,
    authority: trustme.CA,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
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
    assert outcomes(done) == {"tls": {"tls"}}
    assert "CA bundle" in done.json["data"]["attempts"][0]["message"]


@pytest.mark.parametrize("target", ["http://{}", " http://{}", "HTTP://{}", "//{}"])
def test_no_redirect_to_plain_http(
    target: str,
    serve: Serve,
    fetch: Run,
    authority: trustme.CA,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
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
    [
        (PAGE, "title 'Error. Page cannot be displayed'"),
        (
            b"<?xml version='1.0'?><Error><Code>AccessDenied</Code></Error>",
            "error code AccessDenied",
        ),
        (b'{"error": {"code": 403, "message": "quota"}}', "error 'quota'"),
        (b"\0\1", ""),
    ],
)
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
    assert outcomes(done) == {"m": {"status"}}
    assert len(server.requests) == 4


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
        "train-images-idx3-ubyte.gz": 1,
        "t10k-images-idx3-ubyte.gz": 1,
    }
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
        ("dead", "files", gone.url),
        ("forbidden", "files", serve(fixed(PAGE, "403 No")).url),
        ("tls", "files", serve(good, certified(authority, "127.0.0.1")).url),
    )
    done = fetch()
    table = done.stderr[done.stderr.index("source\tasked for") :]
    assert re.search(r"tls[\s\S]*forbidden|tls[\s\S]*dead", table)
    assert table.index("tls") < min(table.index("dead"), table.index("forbidden"))
    assert "REQUESTS_CA_BUNDLE" in done.stderr
    assert fetch("--json").json["data"]["attempts"][0]["source"] == "tls"


def test_time_runs_out(serve: Serve, fetch: Run) -> None:
    """A deadline shorter than the sources, minutes each, is kept, and says who was not asked."""

    def slowly(request: Request, wire: Wire) -> None:
        wire.send(answer(b"", length=10**6))
        wire.drip(bytes(10**6), size=400, every=0.05)

    tiny.register(*((f"slow{n}", "files", serve(slowly).url) for n in range(3)))
    done = fetch("--deadline", "2", "--min-rate", "0")
    assert done.exit_code == 3
    assert "Time ran out before slow1, slow2" in done.stderr


def test_a_deadline_for_each_source(serve: Serve, fetch: Run) -> None:
    """One source may not eat up the time of the others."""

    def slowly(request: Request, wire: Wire) -> None:
        wire.send(answer(b"", length=10**6))
        wire.drip(bytes(10**6), size=400, every=0.05)

    tiny.register(("slow", "files", serve(slowly).url), ("good", "files", serve(good).url))
    done = fetch("--source-deadline", "5", "--min-rate", "0", "--json")
    assert done.exit_code == 0
    assert outcomes(done)["slow"] == {"deadline"}
    assert "bytes came" in done.json["data"]["attempts"][0]["message"]
