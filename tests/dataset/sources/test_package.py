"""A package whose address somebody else knows: its digest counts, and its address is told."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import ClassVar

import pytest
import requests

from mnist_tool.dataset.fetching.fetch import race
from mnist_tool.dataset.fetching.state import Fetch
from mnist_tool.dataset.network.clocks import Clocks
from mnist_tool.dataset.sources.package import Listed, Package
from tests.faults import tiny
from tests.faults.server import Behaviour, Server, answer

CONTENT = tiny.tar(tiny.CONTENT)


@dataclass(frozen=True)
class Told(Package):
    """One whose address is told beforehand."""

    listed: Listed | None = None

    kind: ClassVar[str] = "told"

    def look_up(self, http: requests.Session, clocks: Clocks) -> Listed:
        """Return it."""
        assert self.listed is not None
        return self.listed


@pytest.mark.parametrize(
    ("digest", "outcome"),
    [
        (hashlib.sha256(CONTENT).hexdigest(), "ok"),
        (hashlib.sha512(CONTENT).hexdigest(), "ok"),
        (None, "ok"),
        ("0" * 64, "content"),
    ],
    ids=["sha256", "sha512", "none", "another"],
)
def test_what_has_another_digest_is_not_taken(
    serve: Callable[[Behaviour], Server], state: Fetch, digest: str | None, outcome: str
) -> None:
    """Although what is in it would be right; its address is told without the password."""
    url = serve(lambda request, wire: wire.send(answer(CONTENT))).url + "x.tar.gz"
    secret = url.replace("://", "://me:hunter2@")
    race(state, [Told("told", "x", listed=Listed(secret, digest))])
    [attempt] = state.attempts
    assert attempt.outcome == outcome
    assert bool(attempt.delivered) == (outcome == "ok")
    assert (attempt.what, attempt.location) == ("x", url.replace("://", "://***@"))
