"""A package index: which one pip means, and what strange settings and pages come to."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest

from mnist_tool.dataset.fetching.fetch import race
from mnist_tool.dataset.fetching.state import Fetch
from mnist_tool.dataset.network.clocks import Clocks
from mnist_tool.dataset.network.download import session
from mnist_tool.dataset.sources import index as index_module
from mnist_tool.dataset.sources.index import Index, PipConfiguration, locate
from mnist_tool.dataset.sources.package import Listed
from mnist_tool.errors import SourceError
from tests.faults.server import Behaviour, Server, answer

Serve = Callable[[Behaviour], Server]
WHEEL = "x-1-py3-none-any.whl"


@pytest.fixture
def pip_says(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """What pip has configured, without starting it."""

    def say(**values: str) -> None:
        said = {name.replace("__", ".").replace("_", "-"): value for name, value in values.items()}
        monkeypatch.setattr(index_module, "_pip_config_list", lambda: said)

    say()
    return say


def page(*links: str) -> Behaviour:
    """An index whose page for every project has these links to the wheel."""
    files = [{"filename": WHEEL, "url": link, "hashes": {"sha256": "0" * 64}} for link in links]
    document = {"meta": {"api-version": "1.0"}, "name": "x", "files": files}
    kind = "Content-Type: application/vnd.pypi.simple.v1+json"
    return lambda request, wire: wire.send(answer(json.dumps(document).encode(), "200 OK", kind))


def test_pips_own_order(pip_says: Callable[..., None], monkeypatch: pytest.MonkeyPatch) -> None:
    """The environment, then the command's section, then the global one; each index once."""
    pip_says(global__index_url="https://g/", download__index_url="https://d/",
             global__extra_index_url="https://e/ file:///f\nhttps://d/",
             global__cert="/ca")  # fmt: skip
    assert PipConfiguration.read() == PipConfiguration(("https://d/", "https://e/"), "/ca")
    monkeypatch.setenv("PIP_INDEX_URL", "HTTP://v/")
    assert PipConfiguration.read().indexes == ("HTTP://v/", "https://e/", "https://d/")


@pytest.mark.parametrize("url", ["http://me:hunter2@[bad/simple", "http://h:99999/", "http://"])
def test_an_address_that_cannot_be_used_is_told(
    pip_says: Callable[..., None], state: Fetch, url: str
) -> None:
    """As an attempt that failed, without its password; it is no crash."""
    pip_says(global__index_url=url)
    race(state, [Index("index", f"x {WHEEL}")])
    [attempt] = state.attempts
    assert attempt.outcome == "usage"
    assert "hunter2" not in attempt.message


@pytest.mark.parametrize("link", ["http://[bad/x.whl", "ftp://h:x/y", "ftp://h/y"])
def test_a_link_that_makes_no_sense_is_the_indexs_fault(
    pip_says: Callable[..., None], serve: Serve, state: Fetch, link: str
) -> None:
    """No foreign exception comes out of it."""
    pip_says(global__index_url=serve(page(link)).url.replace("://", "://me:hunter2@"))
    race(state, [Index("index", f"x {WHEEL}")])
    assert [attempt.outcome for attempt in state.attempts] == ["index"]


def located(url: str) -> Listed:
    with session() as http:
        return locate("x", WHEEL, http, Clocks())


def test_a_file_on_the_indexs_own_host_gets_its_credentials(
    pip_says: Callable[..., None], serve: Serve
) -> None:
    """And its digest is told; one elsewhere gets none."""
    for link, secret in (("/f/x.whl", True), ("https://elsewhere/x.whl", False)):
        url = serve(page(link)).url.replace("://", "://me:hunter2@")
        pip_says(global__index_url=url)
        found = located(url)
        assert ("me:hunter2@" in found.url) == secret
        assert found.digest == "0" * 64


def test_all_indexes_are_asked_and_all_answers_told(
    pip_says: Callable[..., None], serve: Serve
) -> None:
    """Only what none of them has is a failure."""
    empty, full = serve(page()).url, serve(page("/f/x.whl")).url
    pip_says(global__index_url=empty, global__extra_index_url=full)
    assert located(empty).url.endswith("/f/x.whl")
    pip_says(global__index_url=empty, global__extra_index_url=empty.replace("/d/", "/e/"))
    with pytest.raises(SourceError) as caught:
        located(empty)
    assert caught.value.outcome == "index"
    assert caught.value.message.count(f"does not list {WHEEL}") == 2
