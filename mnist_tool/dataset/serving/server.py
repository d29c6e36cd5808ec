"""Serve an offer until somebody ends it."""

from __future__ import annotations

import contextlib
import errno
import socket
from collections.abc import Callable
from typing import TYPE_CHECKING

from mnist_tool.advice import reason
from mnist_tool.dataset.serving.addresses import addresses_of, url_of
from mnist_tool.dataset.serving.offer import Offer
from mnist_tool.dataset.serving.transfers import Recorded, Transfer
from mnist_tool.dataset.serving.website import website
from mnist_tool.errors import SettingError

if TYPE_CHECKING:
    from uvicorn import Server

__all__ = ["listen", "server_of", "urls_of"]

WAITING = 128  # connections that the system holds for us
LEAVE = 2  # seconds that transfers have at the end
LAST_PORT = 65535


def listen(host: str, port: int) -> socket.socket:
    """Open the port at which others are to ask.

    Parameters
    ----------
    host : str
        A numeric address or a name of this machine; ``0.0.0.0`` for all addresses of IPv4,
        ``::`` for those of both kinds.
    port : int
        0 for any that is free.

    Raises
    ------
    SettingError
        If there is no such address here, or the port is taken or not ours to open.
    """
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
        family, place = found[0][0], found[0][4]
        both = family == socket.AF_INET6 and socket.has_dualstack_ipv6()
        return socket.create_server(
            place, family=family, backlog=WAITING, dualstack_ipv6=both and host == "::"
        )
    except (OSError, OverflowError, UnicodeError) as error:
        raise _refused(error, host, port) from error


def _refused(error: Exception, host: str, port: int) -> SettingError:
    """Say why there is nothing to listen at, and what would do."""
    code = error.errno if isinstance(error, OSError) else None
    if code == errno.EADDRINUSE:
        return SettingError(
            f"Port {port} is taken: another program listens there.",
            hint=f"Choose another: --port {port + 1 if port < LAST_PORT else port - 1}",
        )
    if code == errno.EACCES:
        return SettingError(
            f"Port {port} needs more rights than you have.", hint="Choose one above 1023."
        )
    told = reason(error) if isinstance(error, OSError) else "it is no address"
    return SettingError(
        f"This machine has no address {host}: {told}.",
        hint="Say --host 0.0.0.0 for all addresses that it has.",
    )


def urls_of(opened: socket.socket) -> list[str]:
    """Return the addresses under which others find what listens at a socket."""
    host, port = opened.getsockname()[:2]
    return [url_of(address, port) for address in addresses_of(host)]


def server_of(offer: Offer, url: str, told: Callable[[Transfer], None]) -> Server:
    """Make the server; its `run` takes the sockets and ends on Ctrl-C, SIGTERM or `should_exit`.

    Parameters
    ----------
    offer : Offer
        What there is.
    url : str
        The address for those who do not say under which one they found us.
    told : callable
        Gets each `Transfer` as it ends.
    """
    import uvicorn

    from mnist_tool.dataset.serving.connections import MOST, Connection

    _allow_files(3 * MOST)
    config = uvicorn.Config(
        Recorded(website(offer, url), told),
        http=Connection,
        ws="none",
        loop="asyncio",
        lifespan="off",
        interface="asgi3",
        log_config=None,
        log_level="critical",
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=LEAVE,
    )
    return uvicorn.Server(config)


def _allow_files(count: int) -> None:
    """Let this process have more files open, where the system has so low a limit to begin with."""
    with contextlib.suppress(ImportError, ValueError, OSError):  # no such limits on Windows
        import resource

        soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
        wanted = count if hard == resource.RLIM_INFINITY else min(count, hard)
        if soft != resource.RLIM_INFINITY and soft < wanted:
            resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
