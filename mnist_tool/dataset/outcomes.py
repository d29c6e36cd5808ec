"""How an attempt can end: one row for each word, with all that depends on it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

__all__ = ["OUTCOMES", "Ending"]

Fault = Literal["user", "source", "network", "nobody"]


@dataclass(frozen=True)
class Ending:
    """What follows from one way in which an attempt ended.

    Parameters
    ----------
    meaning : str
        What happened.
    fault : {'user', 'source', 'network', 'nobody'}
        Who can do something about it. The hint of a user's own fault is worth more than any other
        advice; what is nobody's is recorded, and not told as a failure.
    rank : int
        The place among the causes of a failed fetch: what a user can do most about comes first.
    again : bool
        Whether the same question may be answered better a little later.
    ends_host : bool
        Whether nothing else on the same host is worth asking for.
    """

    meaning: str
    fault: Fault
    rank: int
    again: bool = False
    ends_host: bool = False


REST, LAST = 50, 99

OUTCOMES = {
    "usage": Ending("the address cannot be used", "user", 0, ends_host=True),
    "missing": Ending("the named path cannot be read", "user", 1),
    "proxy": Ending("the proxy is in the way", "user", 2, ends_host=True),
    "tls": Ending("the certificate is not accepted", "user", 3, ends_host=True),
    "content": Ending("something else came", "source", 4),
    "index": Ending("the package index does not have it", "source", 5),
    "slow": Ending("fewer bytes a second than allowed", "network", 6, ends_host=True),
    "deadline": Ending("not done in the time allowed", "network", 7, ends_host=True),
    "timeout": Ending("silent for longer than allowed", "network", 8, ends_host=True),
    "dns": Ending("the name does not resolve", "network", REST, ends_host=True),
    "refused": Ending("the connection is refused", "network", REST, ends_host=True),
    "closed": Ending("the connection was closed", "network", REST, again=True),
    "reset": Ending("the connection was reset", "network", REST, again=True),
    "truncated": Ending("the body ended early", "network", REST, again=True),
    "busy": Ending("the server asks for patience", "source", REST, again=True),
    "status": Ending("the server refuses", "source", REST),
    "redirect": Ending("it leads astray", "source", REST),
    "too-large": Ending("the body is longer than any data set", "source", REST),
    "unexpected": Ending("an answer that makes no sense", "source", REST),
    "storage": Ending("it came, but the disk refuses", "user", REST),
    "not-tried": Ending("time ran out before it", "user", REST),
    "interrupted": Ending("the whole fetch ended meanwhile", "nobody", REST),
    "cancelled": Ending("another source was faster", "nobody", LAST),
    "ok": Ending("it brought something", "nobody", LAST),
}
