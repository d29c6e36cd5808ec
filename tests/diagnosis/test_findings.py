"""Checks side by side: whatever one does, the others go on and all come in their order."""

from __future__ import annotations

import threading
from typing import Any

import pytest

from mnist_tool.diagnosis.findings import Check, Verdict, run_checks

NOWHERE: Any = None  # the facts of these checks come from no context


def check(name: str, judge: Any = None, **more: Any) -> Check[Any]:
    """A check that is content, unless it is given another judge."""
    return Check(
        name, "data", "?", lambda *_: 1, judge or (lambda facts: Verdict("ok", "so")), **more
    )


def test_findings_come_in_the_order_of_the_checks() -> None:
    """Also where a later one ends first."""
    ended = threading.Event()

    def first(facts: object) -> Verdict:
        assert ended.wait(60)
        return Verdict("ok", "late")

    def second(facts: object) -> Verdict:
        ended.set()
        return Verdict("warning", "early", fix=("mend",), look=("see",))

    late, early = run_checks([check("a", first), check("b", second)], NOWHERE)
    assert (late.check, early.check) == ("a", "b")
    assert (early.fix, early.look, early.show) == (("mend",), ("see",), "detail")


def test_a_check_of_an_interpreter_is_asked_once_for_each() -> None:
    """The others once in all, and about nobody."""
    checks = [check("one"), check("each", per_interpreter=True)]
    found = list(run_checks(checks, NOWHERE, ["/a/python", "/b/python"]))

    assert [(f.check, f.subject) for f in found] == [
        ("one", ""),
        ("each", "/a/python"),
        ("each", "/b/python"),
    ]


def test_the_network_is_left_alone_unless_it_was_allowed() -> None:
    """Such a check is not even started."""

    def never(facts: object) -> Verdict:
        raise AssertionError("it was started")

    asked = [check("sources", never, network=True)]
    assert [f.status for f in run_checks(asked, NOWHERE)] == ["skipped"]
    assert [f.status for f in run_checks(asked, NOWHERE, network=True)] == ["crashed"]


def test_a_terse_check_that_is_content_needs_its_name_alone() -> None:
    """Unless it says something that was asked for."""
    told = check("told", lambda facts: Verdict("ok", "so", "more", told=True), terse=True)
    found = run_checks([check("quiet", terse=True), check("line"), told], NOWHERE)
    assert [finding.show for finding in found] == ["name", "line", "detail"]


def test_where_no_thread_can_be_started_the_checks_are_made_all_the_same(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A limit of processes or of memory is what a doctor may be called for."""

    def refuse(_: threading.Thread) -> None:
        raise RuntimeError("can't start new thread")

    monkeypatch.setattr(threading.Thread, "start", refuse)
    (finding,) = run_checks([check("a")], NOWHERE)
    assert finding.status == "ok"
