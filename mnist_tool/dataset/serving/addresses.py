"""The addresses of this machine, under which others find it."""

from __future__ import annotations

import contextlib
import ipaddress
import socket

__all__ = ["addresses_of", "url_of"]

# Addresses for documentation, to which nothing leads but the way to everywhere.
ELSEWHERE = ((socket.AF_INET, "192.0.2.1"), (socket.AF_INET6, "2001:db8::1"))


def addresses_of(host: str) -> list[str]:
    """Return under which addresses others find a server that listens at `host`.

    Parameters
    ----------
    host : str
        A numeric address or a name. ``0.0.0.0`` and ``::`` stand for all addresses: the one that
        leads out of the house comes first, the loop-back last.

    Returns
    -------
    list of str
        At least one.
    """
    try:
        listening = ipaddress.ip_address(host)
    except ValueError:
        return [host]
    if not listening.is_unspecified:
        return [host]
    import ifaddr

    found = [
        ip.ip if isinstance(ip.ip, str) else ip.ip[0]
        for adapter in ifaddr.get_adapters()
        for ip in adapter.ips
    ]
    # "0.0.0.0" listens to one kind, "::" to both. A link-local one of IPv6 needs more than itself.
    usable = [
        ip
        for ip in map(ipaddress.ip_address, found)
        if (listening.version == 6 or ip.version == 4)
        and not (ip.is_loopback or (ip.version == 6 and ip.is_link_local))
    ]
    outward = _outward()
    usable.sort(key=lambda ip: (str(ip) not in outward, ip.version, ip.is_link_local, int(ip)))
    return [*dict.fromkeys(map(str, usable)), "127.0.0.1"]


def _outward() -> set[str]:
    """Return from which of our addresses a packet would leave for elsewhere; none is sent."""
    found = set()
    for family, target in ELSEWHERE:
        with (
            contextlib.suppress(OSError),
            socket.socket(family, socket.SOCK_DGRAM) as probe,
        ):
            probe.connect((target, 9))
            found.add(probe.getsockname()[0])
    return found


def url_of(address: str, port: int) -> str:
    """Return the URL of a server.

    Examples
    --------
    >>> url_of("10.0.0.7", 8000), url_of("fd00::7", 8000)
    ('http://10.0.0.7:8000/', 'http://[fd00::7]:8000/')
    """
    host = f"[{address}]" if ":" in address else address
    return f"http://{host}:{port}/"
