"""What is told of a fetch that failed: the count, the likeliest cause, and how to do it by hand."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mnist_tool.dataset.attempt import Attempt
from mnist_tool.dataset.fetching.report import (
    FetchedFile,
    FetchReport,
    failure,
    manual_recipe,
    portal_suspected,
)
from mnist_tool.dataset.outcomes import OUTCOMES
from mnist_tool.dataset.registry import MNIST, SYNTHETIC
from mnist_tool.dataset.store import Store
from mnist_tool.errors import OfflineError

STORE = Store(Path("root"), MNIST)
NAMES = [file.name for file in MNIST.files]


def tried(outcome: str, **more: object) -> Attempt:
    """A try that ended so; its hint is its outcome."""
    attempt = Attempt("m", "https://host/x", "x", outcome=outcome, hint=f"hint of {outcome}")
    vars(attempt).update(more)
    return attempt


def report_of(*attempts: Attempt, missing: int = 1) -> FetchReport:
    """A fetch that lacks some files."""
    states = ["missing"] * missing + ["fetched"] * (len(NAMES) - missing)
    files = [FetchedFile(n, STORE.raw / n, s) for n, s in zip(NAMES, states, strict=True)]  # type: ignore[arg-type]
    return FetchReport(STORE.root, "mnist", files, list(attempts))


@given(st.lists(st.sampled_from(sorted(OUTCOMES)), max_size=9))
def test_the_hint_is_about_what_a_user_can_do_most_about(outcomes: list[str]) -> None:
    """The best rank comes first; what is not the user's own has the way by hand instead."""
    error = failure(report_of(*map(tried, outcomes)), STORE, offline=False, force=False)
    ranks = [OUTCOMES[attempt.outcome].rank for attempt in error.attempts]
    assert ranks == sorted(ranks)
    assert sorted(attempt.outcome for attempt in error.attempts) == sorted(outcomes)
    first = error.attempts[0].outcome if outcomes else "ok"
    own = OUTCOMES[first].fault == "user" and first != "storage"
    assert error.hint == (f"hint of {first}" if own else error.hint)
    assert ("mnist-tool fetch --from PATH --root root" in error.hint) == (not own)


def test_what_is_there_and_what_is_not() -> None:
    """Counted and named; damaged ones apart, and who was not reached."""
    STORE.raw.mkdir(parents=True)
    (STORE.raw / NAMES[0]).write_bytes(b"damaged")
    report = report_of(tried("not-tried", source="late"), missing=2)
    error = failure(report, STORE, offline=False, force=False)
    assert f"2 of 4 files of MNIST are in {STORE.raw}" in error.message
    assert f"missing: {NAMES[1]}; damaged: {NAMES[0]}." in error.message
    assert "Time ran out before late." in error.message
    assert error.missing == NAMES[:2]
    again = failure(report, STORE, offline=False, force=True)
    assert "what stood there before still does" in again.message


def test_without_a_network_no_source_is_blamed() -> None:
    """Whatever else was tried."""
    error = failure(report_of(), STORE, offline=True, force=False)
    assert isinstance(error, OfflineError)
    assert "forbids the network" in error.message


@pytest.mark.parametrize(
    ("pages", "suspected"),
    [
        ([("a", "p"), ("b", "p")], True),
        ([("a", "p"), ("a", "p")], False),
        ([("a", "p"), ("b", "q")], False),
        ([("a", None), ("b", None)], False),
        ([], False),
    ],
)
def test_a_portal_answers_for_every_host(
    pages: list[tuple[str, str | None]], suspected: bool
) -> None:
    """The same page from two hosts is one; from one host it is that host's."""
    attempts = [tried("content", location=f"https://{host}/", page=page) for host, page in pages]
    assert portal_suspected(attempts) == suspected
    assert portal_suspected([*attempts, tried("status", status=511)])


def test_by_hand_each_way_is_told_once() -> None:
    """The files of the first mirror and the archive; the commands look where the user did."""
    lines = manual_recipe(STORE, NAMES[:2])
    mirror = MNIST.sources[0].location
    assert [line.strip() for line in lines if mirror in line] == [
        f"{mirror}{n}.gz" for n in NAMES[:2]
    ]
    assert sum("everything at once" in line for line in lines) == 1
    assert sum("--root root" in line for line in lines) == 2


def test_it_shows_itself_in_a_line() -> None:
    """As the last value of a notebook's cell: how many files are right, where, and from where."""
    report = report_of(missing=1)
    folder = str(STORE.raw)
    assert repr(report) == f"FetchReport: 3 of 4 files of mnist verified in {folder!r}"
    here = FetchedFile(NAMES[0], STORE.raw / NAMES[0], "fetched", source="a")
    assert repr(FetchReport(STORE.root, "mnist", [here])).endswith(f"in {folder!r}, from a")


def test_where_nothing_can_be_downloaded_no_download_is_announced() -> None:
    """Somebody's own files have no address that is known; what the tool draws needs no files."""
    own = replace(SYNTHETIC, sources=())
    names = [SYNTHETIC.files[0].name]
    lines = manual_recipe(Store(Path("root"), own), names)
    assert lines[0].startswith("Bring the files here")
    assert not any("download" in line for line in lines)
    assert manual_recipe(Store(Path("root"), SYNTHETIC), names) == []


@pytest.mark.parametrize("offline", [True, False])
def test_what_the_tool_draws_need_not_be_brought(*, offline: bool) -> None:
    """It fails only where --from says so: without it, nothing has to be downloaded."""
    store = Store(Path("root"), SYNTHETIC)
    error = failure(report_of(tried("content")), store, offline=offline, force=False)
    assert error.hint.startswith("Leave --from out")
    assert error.hint.endswith("mnist-tool fetch --dataset synthetic --root root")
