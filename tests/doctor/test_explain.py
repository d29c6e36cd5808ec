"""Error texts as torch and torchvision wrote them, each known by the one entry that explains it."""

from __future__ import annotations

import pytest

from mnist_tool.doctor.explain import EXPLANATIONS, Explanation, explain, explain_outcome
from mnist_tool.doctor.runner import Outcome


@pytest.mark.parametrize("entry", EXPLANATIONS, ids=lambda entry: entry.name)
def test_each_explanation_finds_its_own_text(entry: Explanation) -> None:
    """No narrower text is taken by a wider pattern above it."""
    assert explain(entry.example) is entry


def test_an_unknown_text_has_no_explanation() -> None:
    """Better none than a wrong one."""
    assert explain("something nobody has seen") is None


def test_an_outcome_is_known_by_its_text_its_death_or_what_was_printed() -> None:
    """In that order: the message says most."""
    died = Outcome("died", kind="SIGILL", message="no words")
    printed = explain_outcome(Outcome("error", message="odd"), "OMP: Error #15: twice")

    assert explain_outcome(died) is explain("SIGILL")
    assert printed is not None
    assert printed.name == "openmp-15"
    assert explain_outcome(Outcome("error", message="odd")) is None
