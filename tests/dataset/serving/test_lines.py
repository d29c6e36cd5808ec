"""The lines for others are whole commands, with the address in them."""

from __future__ import annotations

import ast
from dataclasses import replace

from mnist_tool.dataset.registry import MNIST
from mnist_tool.dataset.serving.lines import curl_lines, fetch_line, torchvision_lines
from mnist_tool.dataset.serving.offer import Offer

URL = "http://192.168.0.5:8000/"


def test_each_tool_has_its_lines(offer: Offer) -> None:
    """torchvision only where it takes what it gets."""
    assert fetch_line(offer, URL) == f"mnist-tool fetch --from {URL} --dataset tiny"
    assert curl_lines(offer, URL)[0] == f"curl -O -C - {URL}Tiny.tar.gz"
    assert torchvision_lines(offer, URL) == []
    originals = tuple(replace(each, original=True) for each in offer.files)
    lines = torchvision_lines(replace(offer, files=originals, dataset=MNIST), URL)
    assert f'MNIST.mirrors = ["{URL}"]' in lines
    ast.parse("\n".join(lines))
