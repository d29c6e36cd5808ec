"""The website, asked by other people's clients: parts, tags, tricks, and nothing else."""

from __future__ import annotations

import gzip
import json
import shutil
import socket
import subprocess
from pathlib import Path
from typing import ClassVar

import pytest
import requests

from tests.dataset.serving.conftest import Served

IMAGES = "train-images-idx3-ubyte.gz"


def ask(served: Served, name: str, method: str = "GET", **headers: str) -> requests.Response:
    named = {key.replace("_", "-"): value for key, value in headers.items()}
    return requests.request(method, served.url + name, headers=named, timeout=30)


def test_a_file_comes_whole_with_its_tag(served: Served) -> None:
    """As it is: nothing in between may unpack it."""
    each = served.offer.files[0]
    answer = ask(served, IMAGES)
    assert answer.content == each.path.read_bytes()
    assert answer.headers["ETag"] == f'"{each.sha256}"'
    assert answer.headers["Content-Type"] == "application/gzip"
    assert "Content-Encoding" not in answer.headers


def test_a_head_tells_the_same_and_sends_nothing(served: Served) -> None:
    """For files and pages."""
    for name in (IMAGES, "", "index.json", "SHA256SUMS"):
        whole, head = ask(served, name), ask(served, name, "HEAD")
        assert head.content == b""
        same = [{k: v for k, v in a.headers.items() if k != "date"} for a in (whole, head)]
        assert same[0] == same[1]


@pytest.mark.parametrize(
    ("asked", "part"),
    [
        ("bytes=10-19", slice(10, 20)),
        ("bytes=10-", slice(10, None)),
        ("bytes=-10", slice(-10, None)),
    ],
)
def test_a_part_is_sent_alone(served: Served, asked: str, part: slice) -> None:
    """With where it belongs."""
    content = served.offer.files[0].path.read_bytes()
    answer = ask(served, IMAGES, Range=asked)
    start, stop, _ = part.indices(len(content))
    assert (answer.status_code, answer.content) == (206, content[part])
    assert answer.headers["Content-Range"] == f"bytes {start}-{stop - 1}/{len(content)}"


def test_what_cannot_be_a_part_is_refused(served: Served) -> None:
    """Without harm: 416 behind the end, and the server goes on."""
    assert ask(served, IMAGES, Range="bytes=99999999-").status_code == 416
    assert ask(served, IMAGES, Range="bytes=x-y").status_code in {200, 400, 416}
    many = ",".join(f"{n}-{n + 1}" for n in range(0, 4000, 3))
    assert ask(served, IMAGES, Range=f"bytes={many}").status_code in {200, 206, 400, 416}
    assert ask(served, IMAGES).status_code == 200


def test_a_tag_decides(served: Served) -> None:
    """Whoever has it gets nothing, and whoever has the beginning of another gets all."""
    tag = f'"{served.offer.files[0].sha256}"'
    assert ask(served, IMAGES, If_None_Match=f'"x", W/{tag}').status_code == 304
    assert ask(served, IMAGES, If_None_Match='"x"').status_code == 200
    assert ask(served, IMAGES, Range="bytes=10-", If_Range=tag).status_code == 206
    assert ask(served, IMAGES, Range="bytes=10-", If_Range='"x"').status_code == 200


def test_pages_are_for_people_and_tools(served: Served) -> None:
    """In the language of the address, else of the browser; with the address that was used."""
    assert 'lang="en"' in ask(served, "").text
    assert 'lang="ko"' in ask(served, "", Accept_Language="ko-KR,en").text
    assert 'lang="ko"' in ask(served, "ko").text
    assert 'lang="en"' in ask(served, "en", Accept_Language="ko").text
    assert "http://room:8000/" in ask(served, "", Host="room:8000").text
    assert "<b>" not in ask(served, "", Host="<b>").text
    assert json.loads(ask(served, "index.json").text)["dataset"] == "tiny"
    assert ask(served, "page.html").text == "<h1>draw</h1>"


TRICKS = [
    "/../../etc/passwd",
    "/%2e%2e/%2e%2e/etc/passwd",
    "/..%2f..%2fetc%2fpasswd",
    "//etc/passwd",
    "/train-images-idx3-ubyte.gz/../../../etc/passwd",
    "/train-images-idx3-ubyte.gz/",
    "/train-images-idx3-ubyte.gz%00.html",
    "/./train-labels-idx1-ubyte.gz",
    "/C:/Windows/win.ini",
    "/draw.html",
    "/index.json/",
    "/*",
    "http://127.0.0.1/etc/passwd",
]


@pytest.mark.parametrize("path", TRICKS)
def test_there_is_nothing_else(served: Served, path: str) -> None:
    """Whatever the path is made of; it is said over a socket, as no client would."""
    with socket.create_connection(("127.0.0.1", served.port), timeout=30) as wire:
        wire.sendall(f"GET {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n".encode())
        said = b"".join(iter(lambda: wire.recv(65536), b""))
    assert said.split(b" ")[1] in {b"404", b"400"}


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE", "BREW"])
def test_nothing_can_be_done_but_read(served: Served, method: str) -> None:
    """Other methods are refused by name."""
    assert ask(served, IMAGES, method).status_code == 405


@pytest.mark.skipif(shutil.which("curl") is None, reason="needs curl")
def test_curl_goes_on_with_what_it_has(served: Served, tmp_path: Path) -> None:
    """With the line that is shown."""
    each = served.offer.archive
    (tmp_path / each.name).write_bytes(each.path.read_bytes()[:1000])
    line = ["curl", "--silent", "--fail", "-O", "-C", "-", served.url + each.name]
    subprocess.run(line, cwd=tmp_path, check=True)
    assert (tmp_path / each.name).read_bytes() == each.path.read_bytes()
    assert [(t.status, t.sent) for t in served.told(1)] == [(206, each.size - 1000)]


def test_torchvision_takes_it_for_a_mirror(served: Served, tmp_path: Path) -> None:
    """With its own checks."""
    datasets = pytest.importorskip("torchvision.datasets")
    import hashlib

    class Tiny(datasets.MNIST):  # type: ignore[misc, name-defined]
        mirrors: ClassVar = [served.url]
        resources: ClassVar = [
            (each.name, hashlib.md5(each.path.read_bytes()).hexdigest())
            for each in served.offer.files
        ]

    there = Tiny(str(tmp_path), download=True)
    assert len(there) == 60
    packed = served.offer.files[0].path.read_bytes()
    assert there.data.numpy().tobytes() == gzip.decompress(packed)[16:]
