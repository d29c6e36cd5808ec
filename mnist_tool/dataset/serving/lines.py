"""The lines that people on other machines paste to get the data from this one."""

from __future__ import annotations

from mnist_tool.advice import command_line
from mnist_tool.dataset.serving.offer import Offer

__all__ = ["curl_lines", "fetch_line", "torchvision_lines"]


def fetch_line(offer: Offer, url: str) -> str:
    """Return mnist-tool's own line."""
    return command_line("fetch", "--from", url, dataset=offer.dataset.name)


def torchvision_lines(offer: Offer, url: str) -> list[str]:
    """Return torchvision's; none where it would refuse what it gets."""
    name = offer.mirrors
    if name is None:
        return []
    return [
        f"from torchvision.datasets import {name}",
        f'{name}.mirrors = ["{url}"]',
        f'{name}("MNIST_data", download=True)',
    ]


def curl_lines(offer: Offer, url: str) -> list[str]:
    """Return those for a machine that has none of both; they go on where they were broken off."""
    name = offer.archive.name
    return [
        f"curl -O -C - {url}{name}",
        f"mkdir -p MNIST_data && tar -xzf {name} -C MNIST_data",
    ]
