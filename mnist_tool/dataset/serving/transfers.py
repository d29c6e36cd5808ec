"""One record for each answer: who got what, and whether all of it."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from mnist_tool.dataset.bytes.text import printable

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Receive, Scope, Send

__all__ = ["Recorded", "Transfer"]


@dataclass(frozen=True)
class Transfer:
    """What one client was sent.

    Parameters
    ----------
    client : str
        Its address.
    method, path : str
        What it asked for; fit to be shown.
    status : int
        Of the answer; 0 where there was none.
    sent : int
        Bytes of the body that were passed on.
    seconds : float
        How long it took.
    whole : bool
        Whether the answer was sent to its end.
    """

    client: str
    method: str
    path: str
    status: int
    sent: int
    seconds: float
    whole: bool


class Recorded:
    """An application whose answers are told, each when it is over.

    Parameters
    ----------
    application : ASGI application
        Who answers.
    told : callable
        Gets each `Transfer`.
    """

    def __init__(self, application: ASGIApp, told: Callable[[Transfer], None]) -> None:
        self._application = application
        self._told = told

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, and count what is answered."""
        status = sent = 0
        whole = False
        counts = scope["method"] != "HEAD"
        connection = scope.get("state", {}).get("connection")

        async def counted(message: Any) -> None:
            """Pass a part of the answer on."""
            nonlocal status, sent, whole
            if connection is not None and connection.gone:  # not every starlette stops then
                return
            await send(message)
            status = message.get("status", status)
            if counts:
                sent += len(message.get("body", b""))
            ends = message["type"] == "http.response.body"
            whole = whole or (ends and not message.get("more_body", False))

        began = time.monotonic()
        try:
            await self._application(scope, receive, counted)
        finally:
            client, *_ = scope.get("client") or ("?",)
            path, method = printable(scope["path"]), printable(scope["method"])
            seconds = time.monotonic() - began
            self._told(Transfer(client, method, path, status, sent, seconds, whole))
