"""The synthetic digits, which the tool draws itself."""

from __future__ import annotations

import io
from dataclasses import dataclass
from typing import ClassVar

from mnist_tool.dataset.sources.base import Receiver, Source

__all__ = ["Drawn"]


@dataclass(frozen=True)
class Drawn(Source):
    """The tool's own drawing; it is nowhere, so `location` is empty."""

    kind: ClassVar[str] = "drawn"
    network: ClassVar[bool] = False

    @property
    def shown(self) -> str:
        """What reports say in the place of an address."""
        return "drawn by mnist-tool"

    def bring(self, receiver: Receiver) -> None:
        """Draw what is wanted."""
        from mnist_tool.dataset.synthetic import idx_files

        with receiver.attempt(self.shown, "all files") as attempt:
            for name, content in idx_files(tuple(receiver.wanted())).items():
                receiver.unpack(attempt, io.BytesIO(content), name, name_strangers=False)
