"""The way to a source by stages, on loop-back: ``sources --check`` and ``doctor --network``."""

from __future__ import annotations

import random
import re
import time
from collections.abc import Callable
from email.utils import formatdate
from pathlib import Path
from typing import Any

import pytest
import trustme

from tests.faults import tiny
from tests.faults.rows import PAGE, good
from tests.faults.server import Request, Server, Wire, answer, certified

Serve = Callable[..., Server]
Run = Callable[..., Any]

BODY = b"\x1f\x8b" + random.Random(0).randbytes(300_000)


@pytest.fixture
def ask(run_tool: Run) -> Run:
    """What ``sources --check`` says of the only source; a busy machine may take its time."""

    def check(timeout: str = "60") -> Any:
        words = ("sources", "--check", "--dataset", "tiny", "--timeout", timeout, "--json")
        return run_tool(*words).json["data"]["sources"][0]

    return check


@pytest.fixture
def doctor(run_tool: Run) -> Callable[[str], Any]:
    """The finding of one check of ``doctor --network``."""

    def examine(check: str) -> Any:
        words = ("doctor", check, "--network", "--dataset", "tiny", "--timeout", "60", "--json")
        return run_tool(*words).json["data"]["findings"][0]

    return examine


def sends(body: bytes, *headers: str, status: str = "200 OK", stall: bool = False) -> Any:
    """A server that gives every caller the same, and perhaps not all of it."""

    def behave(_: Request, wire: Wire) -> None:
        wire.send(answer(body, status, *headers, length=2 * len(body) if stall else None))
        if stall:
            wire.stall()

    return behave


@pytest.mark.parametrize(
    ("behaviour", "stage"),
    [
        (sends(b"", status="403 Forbidden"), "status"),
        (sends(PAGE), "first bytes"),
        (sends(BODY[:9000], stall=True), "body"),
        (sends(BODY), ""),
    ],
)
def test_the_stage_of_an_answer(behaviour: Any, stage: str, serve: Serve, ask: Run) -> None:
    """What came is told from what did not."""
    tiny.register(("one", "files", serve(behaviour).url))
    assert ask("1" if stage == "body" else "60")["stage"] == stage


def test_a_name_that_does_not_resolve(serve: Serve, ask: Run) -> None:
    """Nothing was measured."""
    tiny.register(("one", "files", "http://nowhere.invalid/"))
    assert (ask()["stage"], ask()["figures"]) == ("DNS", {})


def test_a_name_server_that_hangs(serve: Serve, ask: Run, hanging_name: str) -> None:
    """The stage is known although nobody answered."""
    tiny.register(("one", "files", f"http://{hanging_name}/"))
    found = ask("0.3")
    assert (found["stage"], found["outcome"]) == ("DNS", "timeout")


def test_a_closed_port_and_a_black_hole(serve: Serve, ask: Run, black_hole: str) -> None:
    """The name resolved, and no connection came about."""
    gone = serve(good)
    gone.close()
    for url, outcome in ((gone.url, "refused"), (black_hole, "timeout")):
        tiny.register(("one", "files", url))
        found = ask("0.5")
        assert (found["stage"], found["outcome"], set(found["figures"])) == (
            "TCP",
            outcome,
            {"dns"},
        )


def test_a_certificate_nobody_knows(serve: Serve, ask: Run, authority: trustme.CA) -> None:
    """The connection stood, and the certificate was not accepted."""
    tiny.register(("one", "files", serve(good, certified(authority, "127.0.0.1")).url))
    found = ask()
    assert (found["stage"], found["outcome"]) == ("TLS", "tls")
    assert set(found["figures"]) == {"dns", "tcp"}


def test_every_stage_of_a_good_source_is_measured(
    serve: Serve, ask: Run, authority: trustme.CA, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Over TLS with a bundle from the environment; the clock of a server that tells it."""
    authority.cert_pem.write_to_path(str(tmp_path / "ca.pem"))
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "ca.pem"))
    late = formatdate(time.time() - 3000, usegmt=True)
    server = serve(sends(BODY, f"Date: {late}", "Age: 400"), certified(authority, "127.0.0.1"))
    tiny.register(("one", "files", server.url))
    found = ask()
    assert found["reachable"]
    assert set(found["figures"]) == {"dns", "tcp", "tls", "first_byte", "rate", "skew"}
    assert -2610 < found["figures"]["skew"] < -2590
    assert found["figures"]["rate"] > 0


def test_behind_a_proxy_the_way_to_the_proxy_is_walked(
    serve: Serve, ask: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A name that only the proxy can resolve is no failure; a proxy that is gone is."""
    monkeypatch.delenv("NO_PROXY")
    proxy = serve(sends(BODY))
    monkeypatch.setenv("http_proxy", proxy.url)
    tiny.register(("one", "files", "http://nowhere.invalid/"))
    assert ask()["reachable"]
    proxy.close()
    assert (ask()["stage"], ask()["outcome"]) == ("TCP", "proxy")
    assert "the proxy cannot be reached" in ask()["answer"]


@pytest.mark.parametrize(
    ("seconds", "status"), [(0, "ok"), (-3600, "warning"), (3 * 86400, "error")]
)
def test_the_clock_is_compared_with_the_servers(
    seconds: int, status: str, serve: Serve, doctor: Run
) -> None:
    """Minutes are told, days are an error, and one server that is wrong itself is outvoted."""
    right = formatdate(time.time() + seconds, usegmt=True)
    wrong = formatdate(time.time() - 999_999_999, usegmt=True)
    dates = {"a": right, "b": right, "c": wrong}
    tiny.register(
        *((name, "files", serve(sends(BODY, f"Date: {date}")).url) for name, date in dates.items())
    )
    assert doctor("clock")["status"] == status


def test_a_login_page_is_found(serve: Serve, doctor: Run) -> None:
    """The same page from every source; a source that answers leaves a warning."""
    page = serve(sends(PAGE)).url
    tiny.register(("a", "files", page), ("b", "files", page))
    assert doctor("portal")["status"] == "error"
    tiny.register(("a", "files", page), ("b", "files", page), ("c", "files", serve(good).url))
    assert doctor("portal")["status"] == "warning"


def test_each_source_has_a_line(serve: Serve, run_tool: Run) -> None:
    """Its stage where it failed, its first byte and rate where not; all figures with -v."""
    tiny.register(
        ("good", "files", serve(sends(BODY)).url), ("dead", "files", "http://nowhere.invalid/")
    )
    words = ("doctor", "sources", "--network", "--dataset", "tiny")
    shown = run_tool(*words)
    assert shown.exit_code == 0
    assert re.search(r"good  HTTP 200, first byte after \d", shown.stdout)
    assert "MB/s" in shown.stdout
    assert "dead  DNS: the name nowhere.invalid does not resolve" in shown.stdout
    assert ", tcp " not in shown.stdout
    assert re.search(r", tcp \d", run_tool(*words, "-v").stdout)
