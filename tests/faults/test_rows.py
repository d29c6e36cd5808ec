"""Every fault of the list: alone and before a healthy source; the invariant holds after each."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.faults import tiny
from tests.faults.conftest import Run, Serve
from tests.faults.rows import ROWS, Row, good
from tests.faults.situations import location


def _names(row: Row) -> str:
    return row.name


@pytest.mark.parametrize("row", ROWS, ids=_names)
def test_the_next_source_helps(row: Row, serve: Serve, fetch: Run) -> None:
    """Whatever the first source does, the second completes the data; the cause is told.

    Who waits for the first one to the end does not come to this: it drips for minutes.
    """
    faulty, healthy = serve(row.behaviour), serve(good)
    tiny.register(("faulty", row.kind, location(faulty, row)), ("healthy", "files", healthy.url))
    done = fetch("--json", *row.options)
    assert done.exit_code == 0
    attempts = done.json["data"]["attempts"]
    failed = [a for a in attempts if a["source"] == "faulty" and a["outcome"] != "ok"]
    assert {a["outcome"] for a in failed} <= row.outcomes | {"cancelled"}
    assert all(a["message"] and a["location"] and a["started"] for a in failed)


def test_nothing_is_left_when_nothing_came(serve: Serve, fetch: Run, root: Path) -> None:
    """A fetch that brought nothing leaves no folder behind either, but the user's own stays."""
    server = serve(ROWS[0].behaviour if not ROWS[0].alone else ROWS[1].behaviour)
    tiny.register(("faulty", "files", server.url))
    assert fetch().exit_code == 3
    assert not root.exists()
    root.mkdir()
    assert fetch().exit_code == 3
    assert list(root.iterdir()) == []


def test_the_record_of_attempts_is_json(serve: Serve, fetch: Run) -> None:
    """In failure too there is one document, with every attempt and its class."""
    server = serve(next(row for row in ROWS if row.name == "a web page").behaviour)
    tiny.register(("faulty", "files", server.url))
    document = json.loads(fetch("--json").stdout)
    assert document["exit_code"] == 3
    for attempt in document["data"]["attempts"]:
        assert attempt["outcome"] == "content"
        assert attempt["status"] == 200
        assert attempt["received"] == 72
        assert attempt["seconds"] >= 0
        assert attempt["hint"]
