"""The report for an issue: everything that was found, and nothing that points to a person."""

from __future__ import annotations

from typing import get_args

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from mnist_tool.diagnosis.checks import CHECKS
from mnist_tool.diagnosis.findings import Finding, Status
from mnist_tool.diagnosis.plaintext import NOBODY, anonymised, plain_report


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


def words_of_the_report() -> list[str]:
    """What somebody may be called whose name the report has anyhow."""
    words = {word for check in CHECKS for word in (check.group, check.name)}
    return sorted({*words, *get_args(Status), "mnist", "fashion", "python", "is", "no", "a", "fix"})


@pytest.mark.parametrize("name", words_of_the_report())
def test_a_name_that_is_a_common_word_blots_nothing(name: str) -> None:
    """With `USER=data` the report still says what is wrong with the data."""
    text = "\n".join(
        f"error    {check.group}/{check.name} [/usr/bin/python]: {check.purpose}\n"
        "         fix: mnist-tool fetch --root MNIST_data/mnist --dataset fashion-mnist\n"
        "         https://ossci-datasets.s3.amazonaws.com/mnist/train-images-idx3-ubyte.gz"
        for check in CHECKS
    )
    assert anonymised(text, home="/", names=[name]) == text


@pytest.mark.parametrize("name", [word for word in words_of_the_report() if word != "root"])
def test_a_common_word_is_taken_out_where_it_is_a_name(name: str) -> None:
    """In paths, addresses and behind ``user=``; but not the superuser, who is on every machine."""
    places = ("/srv/{}/x", "in /srv/{}/x", "USER={}", "username: '{}'", "{}@lab", "~{}/x")
    for place in places:
        assert anonymised(place.format(name), home="/", names=[name]) == place.format("USER")
    assert anonymised("/srv/root/x, root@lab", names=["root"]) == "/srv/root/x, root@lab"


# A quotation mark ends a path in a text, and no system lets a name be one or two of them.
LETTERS = st.characters(exclude_categories=["C", "Z"], exclude_characters="/\\'\"")
NAMES = st.text(LETTERS, min_size=1).filter(lambda name: name.lower() not in NOBODY)


@given(NAMES, st.sampled_from(["/srv/{}/x", "D:\\{}\\x", "USER={}", "http://{}:8000/", "{}@lab"]))
def test_no_name_is_left_where_it_is_one(name: str, text: str) -> None:
    """Whatever letters it has, those of regular expressions too."""
    told = anonymised(text.format(name), home="/home/x", names=[name])
    assert told == anonymised(text.format("USER"), home="/home/x", names=[])


@given(st.sampled_from(["/home", "/srv/people", "C:\\Users", "/"]), NAMES)
@example("/home", ":")
@example("/", "C:")
@example("/home", ".")
def test_no_home_is_left(above: str, name: str) -> None:
    """In each way to write it; a home below the root may have one letter."""
    slash = "\\" if "\\" in above else "/"
    home = above.rstrip(slash) + slash + name
    for path in {home, home + slash, home.replace("\\", "\\\\"), home.replace("\\", "/")}:
        told = anonymised(f"no {path!s} here", home=home, names=[])
        assert told in {"no ~ here", f"no ~{slash} here"}


@pytest.mark.parametrize("home", ["", "/", "//", "C:\\", "~"])
def test_the_root_of_a_disk_is_nobodys_home(home: str) -> None:
    """Containers have such homes; no path is changed for them."""
    text = "/usr/bin/python, C:\\Python\\python.exe: / and C:\\ and ~/x"
    assert anonymised(text, home=home, names=[]) == text
