"""The page for people and the document for tools say the same."""

from __future__ import annotations

import html
import json
import shutil
import subprocess
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import cv2
import numpy as np
import pytest

from mnist_tool.dataset.row import Card
from mnist_tool.dataset.serving.lines import curl_lines, fetch_line
from mnist_tool.dataset.serving.offer import Offer
from mnist_tool.dataset.serving.pages import (
    LANGUAGES,
    checksums,
    document,
    index_page,
    qr_rows,
)

URL = "http://192.168.0.5:8000/"
VOID = {"meta", "br"}


class Strict(HTMLParser):
    """A parser that wants each element closed, and notes links and text."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.links: list[str] = []
        self.text = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.links += [str(value) for name, value in attrs if name == "href"]
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text += data


def parsed(text: str) -> Strict:
    parser = Strict()
    parser.feed(text)
    parser.close()
    assert parser.open == []
    return parser


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_page_leads_to_everything(offer: Offer, language: str) -> None:
    """With the lines to paste, in each language, and a link to the other one."""
    page = parsed(index_page(offer, URL, language))
    [other] = set(LANGUAGES) - {language}
    own = [f"/{other}", "/index.json", "/SHA256SUMS"]
    assert sorted(page.links) == sorted([*own, *(f"/{each.name}" for each in offer.everything)])
    for line in (fetch_line(offer, URL), *curl_lines(offer, URL)):
        assert line in page.text


def test_both_languages_have_all_words() -> None:
    """None is left in the other language by mistake."""
    english, korean = LANGUAGES["en"], LANGUAGES["ko"]
    assert english.keys() == korean.keys()
    assert [key for key in english if english[key] == korean[key]] == []


def test_nothing_from_outside_is_markup(offer: Offer) -> None:
    """Neither an address nor what a row of the registry says."""
    evil = "<script>alert(1)</script>"
    dataset = replace(offer.dataset, title=evil, card=Card(licence=evil))
    text = index_page(replace(offer, dataset=dataset), f'http://"><b>{evil}/', "en")
    assert "<script" not in text
    assert "<b>" not in text
    assert html.escape(evil) in text


def test_a_phone_reads_the_code() -> None:
    """As OpenCV's reader does: it is the address."""
    rows = np.array(qr_rows(URL))
    picture = np.where(np.kron(rows, np.ones((8, 8))) > 0, 0, 255).astype(np.uint8)
    assert cv2.QRCodeDetector().detectAndDecode(picture)[0] == URL


def test_tools_find_each_file_with_its_digest(offer: Offer) -> None:
    """In JSON, relative to the document."""
    told = json.loads(json.dumps(document(offer)))
    assert [each["url"] for each in told["files"]] == [each.name for each in offer.files]
    assert [each["sha256"] for each in told["files"]] == [each.sha256 for each in offer.files]
    holds = [each["holds"]["sha256"] for each in told["files"]]
    assert holds == [file.sha256 for file in offer.dataset.files]
    assert (told["archive"]["url"], told["page"]) == ("Tiny.tar.gz", "page.html")


@pytest.mark.skipif(shutil.which("sha256sum") is None, reason="needs sha256sum")
def test_sha256sum_checks_what_came(offer: Offer, tmp_path: Path) -> None:
    """In a folder with everything in it."""
    for each in offer.everything:
        shutil.copy(each.path, tmp_path / each.name)
    text = checksums(offer.everything).encode()
    subprocess.run(["sha256sum", "--check"], input=text, cwd=tmp_path, check=True)
