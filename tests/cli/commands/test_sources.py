"""sources as users run it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from mnist_tool.dataset.registry import MNIST

Run = Callable[..., Any]


def test_sources_are_listed_in_the_order_of_the_walk(run_tool: Run, no_sockets: None) -> None:
    """The dead original stands last; the list needs no network."""
    done = run_tool("sources", "--json")
    names = [source["name"] for source in done.json["data"]["sources"]]
    assert names == [source.name for source in MNIST.sources]
    assert names[-1] == "lecun"
