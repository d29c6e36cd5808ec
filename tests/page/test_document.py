"""The file: whole, alone, and safe against what it shows."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from html.parser import HTMLParser

import pytest

from mnist_tool.page.document import SCRIPTS, STYLE, document
from tests.modules import PACKAGE
from tests.page.content import content, untrained

SOURCES = PACKAGE / "page" / "source"


class _Parts(HTMLParser):
    """Collects what is within each script and style, and all that names another place."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.texts: list[tuple[str, dict[str, str | None], str]] = []
        self.attributes: list[tuple[str, str, str | None]] = []
        self._open: tuple[str, dict[str, str | None]] = ("", {})
        self.feed(page)

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        self._open = tag, dict(attributes)
        if tag in ("script", "style"):
            self.texts.append((*self._open, ""))
        self.attributes += [(tag, name, value) for name, value in attributes]

    def handle_data(self, data: str) -> None:
        if self._open[0] in ("script", "style"):
            tag, kind, before = self.texts.pop()
            self.texts.append((tag, kind, before + data))

    def handle_endtag(self, tag: str) -> None:
        self._open = "", {}


@pytest.fixture(scope="module")
def page() -> str:
    return document(content(untrained("linear")))


ZERO = re.compile(r"(?<![\w.])0(?=\.\d)")


def _once(text: str) -> str:
    for sign, kept in (
        ("const", "let"),
        (";let", ","),
        (r"[;,](?=})|,(?=\))", ""),
        (r"(?<!\w)\((\w+)\)=>", r"\1=>"),
    ):
        text = re.sub(sign, kept, text)
    return text


def test_all_sources_are_in_it(page: str) -> None:
    """All of each file but what a browser does not need; no place is left to be filled."""
    written = _once("".join(ZERO.sub("", page).split()))
    names = {path.name for path in SOURCES.iterdir()}
    assert names == {*SCRIPTS, "page.html", STYLE}
    for name in names - {"page.html"}:
        lines = ZERO.sub("", (SOURCES / name).read_text("utf-8")).splitlines()
        lines = [line.strip() for line in lines]
        comment = ("/*",) if name == STYLE else ("//", "/**", "* ", "*/")
        code = lines[1:] if lines[0] == '"use strict";' else lines
        code = [re.sub(r"(?<=[;,{]) // .*", "", each) for each in code]
        code = [each for each in code if not each.startswith(comment)]
        assert _once(f";{''.join(''.join(code).split())}").removeprefix(";") in written, name
    assert "<!--" not in page
    assert "POLICY" not in page


def test_the_policy_allows_what_is_in_it_and_nothing_else(page: str) -> None:
    """Each hash is of one script or the style, in the page's own bytes."""
    parts = _Parts(page)
    (policy,) = [v for t, n, v in parts.attributes if (t, n) == ("meta", "content") and "src" in v]
    run = [text for tag, kind, text in parts.texts if "type" not in kind]
    digests = [base64.b64encode(hashlib.sha256(text.encode()).digest()).decode() for text in run]
    assert re.findall(r"sha256-([^']+)'", policy) == [*digests[1:], digests[0]]
    assert policy.startswith("default-src 'none'; ")
    rules = dict(rule.split(" ", 1) for rule in policy.split("; "))
    assert rules.pop("img-src") == "blob: data:"
    assert rules.pop("worker-src") == "blob:"
    rules = {name: re.sub(r"'sha256-[^']+'", "", rule).strip() for name, rule in rules.items()}
    assert set(rules.values()) == {"'none'", ""}
    assert "unsafe" not in policy


def test_it_names_no_other_place(page: str) -> None:
    """No attribute loads or leads anywhere, and the icon, which browsers ask for, is empty."""
    for tag, name, value in _Parts(page).attributes:
        if (tag, name) == ("link", "href"):
            assert value == "data:,"
            continue
        assert name not in ("src", "href", "action", "srcset"), (tag, value)
    assert not re.search(r"https?://|\bfetch\(|XMLHttpRequest|import\(|url\(", page)


def test_what_comes_from_outside_is_text_alone() -> None:
    """A run's name ends no script, whatever it is."""
    odd = "</script><script>alert(1)</script><!-- & \u2028 \x00 <b>"
    given = content(untrained("linear"))
    given["run"]["name"] = odd
    parts = _Parts(document(given))
    (data,) = [text for _, kind, text in parts.texts if kind.get("id") == "content"]
    assert json.loads(data)["run"]["name"] == odd
    assert [tag for tag, _, _ in parts.texts] == ["style", "script", "script", "script"]


@pytest.mark.parametrize(
    ("model", "bits", "most"),
    [("linear", 16, 110_000), ("tiny", 8, 100_000), ("fast-cnn", 16, 400_000)],
)
def test_it_is_small(model: str, bits: int, most: int) -> None:
    """Without the examples, for which 6,000 bytes are left: 20 of them take 5,700."""
    size = len(document(content(untrained(model, bits=bits))).encode())
    print(f"{model}: {size:,} bytes and its examples, of {most:,}")
    assert size < most - 6_000


def test_the_sources_are_short_and_say_their_job() -> None:
    """As the modules of the package."""
    for path in SOURCES.iterdir():
        lines = path.read_text("utf-8").splitlines()
        assert len(lines) <= 380, path.name
        if path.suffix == ".js":
            assert path.name == "texts.js" or max(map(len, lines)) <= 100, path.name
            assert lines[0] == '"use strict";', path.name
            assert lines[1].startswith("// "), path.name
            assert "</script" not in path.read_text("utf-8")
