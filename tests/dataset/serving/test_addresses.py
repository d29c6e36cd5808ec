"""The addresses of this machine, the most useful one first."""

from __future__ import annotations

from types import SimpleNamespace

import ifaddr
import pytest

from mnist_tool.dataset.serving import addresses
from mnist_tool.dataset.serving.addresses import addresses_of


def test_an_address_that_was_named_is_all_there_is() -> None:
    """Names too."""
    for host in ("127.0.0.1", "192.168.7.7", "::1", "my-machine"):
        assert addresses_of(host) == [host]


def test_all_addresses_are_told(monkeypatch: pytest.MonkeyPatch) -> None:
    """What leads out of the house first, the loop-back last, nothing that cannot be pasted."""
    found = ["127.0.0.1", "169.254.3.3", "172.17.0.1", "192.168.0.5", ("::1", 0, 0),
             ("fe80::1", 0, 2), ("fd00::5", 0, 0)]  # fmt: skip
    adapters = [SimpleNamespace(ips=[SimpleNamespace(ip=ip)]) for ip in found]
    monkeypatch.setattr(ifaddr, "get_adapters", lambda: adapters)
    monkeypatch.setattr(addresses, "_outward", lambda: {"192.168.0.5"})
    four = ["192.168.0.5", "172.17.0.1", "169.254.3.3"]
    assert addresses_of("0.0.0.0") == [*four, "127.0.0.1"]
    assert addresses_of("::") == [*four, "fd00::5", "127.0.0.1"]


def test_this_machine_has_addresses() -> None:
    """At least the loop-back; each is one that a socket can have."""
    assert addresses_of("0.0.0.0")[-1] == "127.0.0.1"
    assert addresses._outward() <= {*addresses_of("::"), "::1"}
