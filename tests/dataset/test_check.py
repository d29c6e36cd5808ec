"""Each source is tried, none is waited for without end, and every answer has a place."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import pytest

from mnist_tool.dataset.check import Answer, check_sources
from mnist_tool.dataset.outcomes import OUTCOMES
from mnist_tool.dataset.registry import DATASETS
from mnist_tool.dataset.sources.mirror import Mirror
from mnist_tool.errors import OfflineError, SettingError, SourceError
from tests.dataset.conftest import Doing
from tests.faults import tiny
from tests.faults.rows import PAGE, good
from tests.faults.server import Behaviour, Server, answer

Serve = Callable[[Behaviour], Server]
pytestmark = pytest.mark.usefixtures("tiny_registered")


def checked(*sources: Any, timeout: float = 30) -> list[Answer]:
    """Try these."""
    DATASETS["tiny"] = replace(tiny.TINY, sources=sources)
    return check_sources("tiny", timeout=timeout)


@dataclass(frozen=True)
class Refusing(Doing):
    """A source that cannot tell its address, or not yet."""

    until: threading.Event | None = None

    def sample(self, *_: Any) -> str:
        if self.until is not None:
            self.until.wait(60)
        raise SourceError("no", outcome="index", hint="")


def test_every_source_has_its_answer_in_the_registrys_order(serve: Serve) -> None:
    """Whatever the others do."""
    answers = checked(
        Refusing("a"),
        Doing("b"),
        Mirror("c", serve(good).url),
        Mirror("d", serve(lambda r, w: w.send(answer(PAGE))).url),
        Mirror("e", serve(lambda r, w: w.send(answer(b"", "403 Forbidden"))).url),
    )
    assert [(a.name, a.outcome, a.status, a.stage) for a in answers] == [
        ("a", "index", None, ""),
        ("b", "ok", None, ""),
        ("c", "ok", 200, ""),
        ("d", "content", 200, "first bytes"),
        ("e", "status", 403, "status"),
    ]
    assert [a.reachable for a in answers] == [a.outcome == "ok" for a in answers]
    assert {a.outcome for a in answers} <= set(OUTCOMES)
    assert all(a.answer for a in answers)


def test_who_never_answers_is_not_waited_for() -> None:
    """A thread that hangs keeps nobody; the stage is where it was."""
    over = threading.Event()
    [found] = checked(Refusing("a", until=over), timeout=0.005)
    over.set()
    assert (found.reachable, found.outcome) == (False, "timeout")


def test_what_is_said_before_anything_is_asked() -> None:
    """An unknown data set, and a network that is forbidden."""
    with pytest.raises(SettingError):
        check_sources("nothing")
    with pytest.raises(OfflineError):
        check_sources("tiny", offline=True)
