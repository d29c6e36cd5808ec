"""The page of the doctor says what the doctor does."""

from __future__ import annotations

from tests.docs.doctor_page import PAGE, page


def test_the_page_is_up_to_date() -> None:
    """Written anew with ``python -m tests.docs.doctor_page`` when a check changes."""
    assert PAGE.read_text("utf-8") == page()
