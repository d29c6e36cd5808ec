"""A registry of npm's: what it lists, what it refuses, and who gets its secrets."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Callable
from typing import Any

import pytest

from mnist_tool.dataset.fetching.fetch import race
from mnist_tool.dataset.fetching.state import Fetch
from mnist_tool.dataset.network.clocks import Clocks
from mnist_tool.dataset.network.download import session
from mnist_tool.dataset.sources import npm as npm_module
from mnist_tool.dataset.sources.npm import Npm, find_tarball
from mnist_tool.dataset.sources.npmrc import NpmConfiguration
from mnist_tool.errors import SourceError
from tests.faults import tiny
from tests.faults.rows import PAGE, fixed
from tests.faults.server import Behaviour, Request, Server, Wire, answer

Serve = Callable[[Behaviour], Server]
SECRET = "hunter2"
TARBALL = tiny.tar(
    {f"package/data/{name}": content for name, content in tiny.CONTENT.items()}
    | {"package/package.json": b'{"scripts": {"install": "exit 1"}}', "package/index.js": b"throw"}
)


def integrity(algorithm: str, content: bytes = TARBALL) -> str:
    digest = hashlib.new(algorithm, content).digest()
    return f"{algorithm}-{base64.b64encode(digest).decode()}"


def document(**dist: Any) -> bytes:
    return json.dumps({"name": "digits", "versions": {"1.0.0": {"dist": dist}}}).encode()


def registry(said: bytes, tarball: bytes = TARBALL, status: str = "200 OK") -> Behaviour:
    def behave(request: Request, wire: Wire) -> None:
        whole = request.name.endswith(".tgz")
        wire.send(answer(tarball) if whole else answer(said, status))

    return behave


@pytest.fixture
def configured(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Put a configuration in the place of this machine's."""

    def say(url: str, **settings: str) -> None:
        found = NpmConfiguration(url, None, {f"//{k}": v for k, v in settings.items()})
        monkeypatch.setattr(npm_module.NpmConfiguration, "read", classmethod(lambda _: found))

    return say


NEAR = "/digits/-/digits-1.0.0.tgz"
GOOD = {
    "sha512": document(tarball=NEAR, integrity=integrity("sha512"), shasum="0" * 40),
    "the strongest of several": document(
        tarball=NEAR, integrity=f"sha256-AAAA {integrity('sha512')}?x"
    ),
    "sha1 alone": document(tarball=NEAR, shasum=hashlib.sha1(TARBALL).hexdigest()),
    "none": document(tarball=NEAR),
}


@pytest.mark.parametrize("said", GOOD.values(), ids=GOOD)
def test_a_package_is_read_as_an_archive(
    configured: Callable[..., None], serve: Serve, state: Fetch, said: bytes
) -> None:
    """Whatever digest the registry has for it."""
    server = serve(registry(said))
    configured(server.url)
    race(state, [Npm("npm", "digits@1.0.0")])
    assert state.wanted == []
    assert [request.path for request in server.requests] == ["/d/digits", NEAR]
    assert [attempt.outcome for attempt in state.attempts] == ["ok"]


BAD = {
    "sha512": (document(tarball=NEAR, integrity=integrity("sha512", b"other")), "content"),
    "a digest of no length": (document(tarball=NEAR, integrity="sha512-AAAA"), "content"),
    "sha1": (document(tarball=NEAR, shasum="0" * 40), "content"),
    "no digest at all": (document(tarball=NEAR, shasum="\x1b[31m"), "content"),
    "another version": (b'{"versions": {"1.0.1": {"dist": {"tarball": "/x.tgz"}}}}', "index"),
    "a list": (b"[1]", "index"),
    "versions in a list": (b'{"versions": ["1.0.0"]}', "index"),
    "a web page": (PAGE, "index"),
    "nested": (b"[" * 100_000, "index"),
    "a number": (document(tarball=7), "index"),
    "no address": (document(tarball="http://[bad/x.tgz"), "index"),
    "another scheme": (document(tarball="file:///etc/passwd"), "index"),
}


@pytest.mark.parametrize(("said", "outcome"), BAD.values(), ids=BAD)
def test_what_a_registry_says_may_be_anything(
    configured: Callable[..., None], serve: Serve, state: Fetch, said: bytes, outcome: str
) -> None:
    """It is an attempt that failed, and nothing of it is taken or shown raw."""
    configured(serve(registry(said)).url)
    race(state, [Npm("npm", "digits@1.0.0")])
    [attempt] = state.attempts
    assert (attempt.outcome, attempt.delivered) == (outcome, [])
    assert attempt.message.isprintable()


@pytest.mark.parametrize(
    ("url", "outcome", "told"),
    [
        ("", "index", "no npm registry is named here"),
        ("ftp://h/", "usage", "ftp://h/"),
        (f"http://me:{SECRET}@h:99999/", "usage", "http://***@h:99999/"),
    ],
)
def test_an_address_that_cannot_be_used_is_told(
    configured: Callable[..., None], state: Fetch, url: str, outcome: str, told: str
) -> None:
    """Without its secrets, and with how to name another."""
    configured(url)
    race(state, [Npm("npm", "digits@1.0.0")])
    [attempt] = state.attempts
    assert attempt.outcome == outcome
    assert told in attempt.message
    assert SECRET not in attempt.message
    assert "NPM_CONFIG_REGISTRY" in attempt.hint


@pytest.mark.parametrize(
    ("status", "told"),
    [("404 Not Found", "has no package digits"), ("401 Unauthorized", "answers HTTP 401")],
)
def test_what_a_registry_refuses_is_told(
    configured: Callable[..., None], serve: Serve, status: str, told: str
) -> None:
    """With the registry's host."""
    server = serve(registry(b"{}", status=status))
    configured(server.url)
    with session() as http, pytest.raises(SourceError, match=told) as caught:
        find_tarball("digits@1.0.0", http, Clocks())
    assert f"127.0.0.1:{server.port}" in caught.value.message


def test_secrets_go_to_the_registry_alone(
    configured: Callable[..., None], serve: Serve, state: Fetch
) -> None:
    """For the package as for what is said of it; never to whom its address points."""
    elsewhere = serve(fixed(TARBALL))
    for tarball, asked in ((NEAR, 2), (f"{elsewhere.url}digits-1.0.0.tgz", 1)):
        server = serve(registry(document(tarball=tarball)))
        configured(server.url, **{f"127.0.0.1:{server.port}/:_authToken": SECRET})
        state.wanted[:], state.ended = tiny.FILES, False
        race(state, [Npm("npm", "digits@1.0.0")])
        assert state.wanted == []
        shown = [request.headers.get("authorization") for request in server.requests]
        assert shown == [f"Bearer {SECRET}"] * asked
    assert ["authorization" in request.headers for request in elsewhere.requests] == [False]
    assert SECRET not in repr(state.attempts)


@pytest.mark.parametrize(
    ("registry_url", "tarball", "url"),
    [
        ("https://h/npm/", "http://h/npm/x.tgz", "https://h/npm/x.tgz"),
        ("https://me:pw@h/", "https://h/x.tgz", "https://me:pw@h/x.tgz"),
        ("https://h/npm/", "x.tgz", "https://h/npm/x.tgz"),
        ("https://h/", "https://files/x.tgz", "https://files/x.tgz"),
        ("https://h/", "http://files/x.tgz", ""),
        ("http://h/", "http://files/x.tgz", "http://files/x.tgz"),
    ],
)
def test_a_package_is_never_asked_for_less_safely(
    registry_url: str, tarball: str, url: str
) -> None:
    """A registry behind a proxy may take itself for one without TLS."""
    assert npm_module._tarball_address(registry_url, tarball) == (url or None)


def test_it_shows_people_npms_own_command() -> None:
    """Which downloads, and runs nothing."""
    assert Npm("npm", "digits@1.0.0").by_hand(["x"]) == [
        "or from npm, which installs nothing: npm pack digits@1.0.0"
    ]
