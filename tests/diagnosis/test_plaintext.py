"""The report for an issue: everything that was found, and nothing that points to a person."""

from __future__ import annotations

import pytest

from mnist_tool.diagnosis.findings import Finding
from mnist_tool.diagnosis.plaintext import anonymised, plain_report


def test_a_finding_is_told_with_its_commands() -> None:
    """What mends it and what shows more, each by its word; the content ones in one line."""
    wrong = Finding(
        "root", "data", "", "error", "too deep", "Why\nso.", ("fetch",), look=("doctor",)
    )
    report = plain_report([wrong, Finding("files", "data", "", "ok", "all", "not told")])

    assert report.splitlines()[1:] == [
        "error    data/root: too deep",
        "         Why",
        "         so.",
        "         fix: fetch",
        "         look: doctor",
        "ok       data/files: all",
    ]


def test_a_home_is_hidden_as_a_path_only() -> None:
    """A home may be called as a check is: /places and data/places."""
    text = "data/places: /places/MNIST_data, /places, /placess, /srv/places/x"

    cleaned = anonymised(text, home="/places", names=[])
    assert cleaned == "data/places: ~/MNIST_data, ~, /placess, /srv/places/x"


@pytest.mark.parametrize(
    ("text", "gone"),
    [
        ("http://ann:hunter2@proxy:3128", "hunter2"),
        ("API_TOKEN=abcdef123456", "abcdef123456"),
        ("Authorization: Bearer abcdefghijk.lmn", "abcdefghijk"),
        ("token ghp_0123456789abcdef", "ghp_0123456789"),
        ("in /Users/ann/MNIST_data", "ann"),
        ("C:\\Users\\ann\\MNIST_data", "ann"),
    ],
)
def test_secrets_are_removed(text: str, gone: str) -> None:
    """Passwords, tokens and names in the forms they take in error texts."""
    assert gone not in anonymised(text, home="/home/x", names=[])
