"""The record beside the files: believed as far as it fits, and never needed but for carriers."""

from __future__ import annotations

import json
import os
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mnist_tool.dataset.datafile import Carrier
from mnist_tool.dataset.record import Origin, Stamp
from mnist_tool.dataset.store import Store
from tests.faults import tiny

FILE = tiny.TINY.file("test", "labels")
CONTENT = tiny.CONTENT[FILE.name]
ORIGIN = Origin("m", "https://host/", "x.gz")
same_folder = settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])


def put(store: Store) -> Path:
    """Lay the file down as somebody else would, long ago."""
    path = store.path(FILE)
    path.write_bytes(CONTENT)
    os.utime(path, ns=(10**18, 10**18))
    return path


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=3),
    lambda inner: st.lists(inner, max_size=3)
    | st.dictionaries(
        st.sampled_from(["files", FILE.name, "stamp", "sha256", "size", "source", "location"]),
        inner, max_size=4,
    ),
)  # fmt: skip


@given(json_values, st.sampled_from(["all", "files", "entry", "stamp", "size", "checked_ns"]))
@same_folder
def test_a_record_may_hold_any_json(store: Store, value: Any, at: str) -> None:
    """It costs a hash at most; what is noted then is whole again."""
    found = put(store).stat()
    stamp: Any = {**vars(Stamp.of(found, 0)), at: value} if at in {"size", "checked_ns"} else value
    entry = value if at == "entry" else {"sha256": FILE.sha256, "stamp": stamp, "source": value}
    files = value if at == "files" else {FILE.name: entry, "other": value}
    store.record.path.write_text(json.dumps(value if at == "all" else {"files": files}))
    assert store.status(FILE).state == "verified"
    store.record.origin(FILE)
    store.record.note(FILE, Stamp.of(found, 1), FILE.sha256, ORIGIN)
    assert store.record.stamp(FILE) == Stamp.of(found, 1)
    assert store.record.origin(FILE) == ORIGIN


@pytest.mark.parametrize("record", [b"", b"{", b"\xff", b"[" * 50_000, None])
def test_a_record_may_be_no_json_or_not_be_there(store: Store, record: bytes | None) -> None:
    """Nothing depends on it."""
    if record is not None:
        store.record.path.write_bytes(record)
    put(store)
    assert store.record.entries() == {}
    assert store.status(FILE).state == "verified"
    assert set(store.record.entries()) == {FILE.name}


CARRIER = Carrier("x.gz", "0" * 64)
PROVEN = replace(FILE, sha256="", gz_sha256=None, carriers=(CARRIER,))


def test_what_a_carrier_has_proven_is_expected_from_then_on(store: Store) -> None:
    """Also after another check; a registered hash needs no proof."""
    assert (store.record.expected(FILE), store.record.expected(PROVEN)) == (FILE.sha256, "")
    stamp = Stamp.of(put(store).stat(), 1)
    store.record.note(PROVEN, stamp, "a" * 64, ORIGIN, CARRIER)
    assert (store.record.expected(PROVEN), store.record.stamp(PROVEN)) == ("a" * 64, stamp)
    store.record.note(PROVEN, stamp, "a" * 64)
    assert store.record.expected(PROVEN) == "a" * 64
    assert store.record.expected(FILE) == FILE.sha256


@given(json_values, st.sampled_from(["entry", "carrier", "sha256"]))
@same_folder
def test_only_a_known_carrier_proves(store: Store, value: Any, at: str) -> None:
    """A record of another version or by another hand proves nothing, whatever it holds."""
    good = {"carrier": CARRIER.digest, "sha256": "a" * 64}
    entry = value if at == "entry" else good | {at: value}
    store.record.path.write_text(json.dumps({"files": {FILE.name: entry}}))
    assert store.record.expected(PROVEN) == (value if at == "sha256" and type(value) is str else "")
