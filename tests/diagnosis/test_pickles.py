"""What the scan calls harmless, real unpicklers take for the same: nothing else is looked up."""

from __future__ import annotations

import io
import pickle
import struct
from collections.abc import Callable
from typing import Any

import pytest
import torch
from hypothesis import event, example, given, settings
from hypothesis import strategies as st

from mnist_tool.diagnosis.pickles import (
    ALLOWED_NAMES,
    OPCODES,
    RefusedError,
    read_plain,
    read_tensors,
)
from mnist_tool.diagnosis.ptfile import recognise
from tests.diagnosis.planted import LEGACY

Reader = Callable[[bytes, int], Any]


class Recorder:
    """What an unpickler looked up, called and asked for, instead of doing it."""

    def __init__(self) -> None:
        self.names: list[str] = []
        self.calls: list[str] = []
        self.identities: list[Any] = []

    def find_class(self, module: str, name: str) -> Callable[..., Any]:
        """Note a name and return something that notes its calls."""
        self.names.append(f"{module} {name}")

        def call(*arguments: Any) -> tuple[str, str]:
            self.calls.append(f"{module} {name}")
            return ("made by", name)

        return call

    def persistent_load(self, identity: Any) -> str:
        """Note a storage."""
        self.identities.append(identity)
        return "a storage"


def witnesses(data: bytes) -> list[tuple[Recorder, int]]:
    """Let both unpicklers of Python read a pickle, and return what they did and where they ended.

    That they read it to its end is part of the promise.
    """
    found = []
    for base in (pickle.Unpickler, pickle._Unpickler):  # type: ignore[attr-defined]
        recorder, stream = Recorder(), io.BytesIO(data)
        methods = {
            "find_class": lambda _, module, name, r=recorder: r.find_class(module, name),
            "persistent_load": lambda _, identity, r=recorder: r.persistent_load(identity),
        }
        type("Witness", (base,), methods)(stream, encoding="utf-8").load()
        found.append((recorder, stream.tell()))
    return found


# Short stretches of pickles, so that what is drawn has a chance to be accepted.
NUMBERS = st.integers(-3, 70_000)
TEXTS = st.sampled_from(["storage", "module", "cpu", "cuda:0", "meta", "0", "1", "é", ""])
GLOBALS = [*sorted(ALLOWED_NAMES), "posix system", "builtins eval", "torch ByteStorage\n", " "]


def number(value: int) -> bytes:
    """A number in one of its forms."""
    forms = [b"J" + struct.pack("<i", value), b"I%d\n" % value, b"I0x%x\n" % abs(value)]
    wide = value.to_bytes(4, "little", signed=True)
    forms += [b"\x8a\x04" + wide, b"L%dL\n" % value, b"\x8b\x04\0\0\0" + wide]
    forms += [b"K" + bytes([value])] if 0 <= value < 256 else []
    return forms[hash(value) % len(forms)]


def text(value: str) -> bytes:
    """A text as torch writes it."""
    raw = value.encode()
    return b"X" + struct.pack("<I", len(raw)) + raw


def looked_up(name: str) -> bytes:
    """A name."""
    module, _, last = name.partition(" ")
    return b"c" + module.encode() + b"\n" + last.encode() + b"\n"


def storage(name: str, key: str, count: int, tail: bytes) -> bytes:
    """A storage in the form of torch."""
    start = b"(" + text("storage") + looked_up(name) + text(key) + text("cpu")
    return start + b"J" + struct.pack("<i", count) + tail + b"tQ"


def tensor(name: str, key: str, shape: int, tail: bytes) -> bytes:
    """A tensor of one dimension."""
    size = b"J" + struct.pack("<i", shape)
    hooks = looked_up("collections OrderedDict") + b")R"
    start = looked_up("torch._utils _rebuild_tensor_v2") + b"(" + storage(name, key, 9, tail)
    return start + b"K\0" + size + b"\x85K\x01\x85\x89" + hooks + b"tR"


TAILS = st.sampled_from([b"", b"N"])
STORAGES = st.sampled_from(["torch ByteStorage"] * 5 + ["torch LongStorage", *GLOBALS[-4:]])
STRETCHES = st.one_of(
    NUMBERS.map(number),
    TEXTS.map(text),
    st.sampled_from(GLOBALS).map(looked_up),
    st.builds(storage, STORAGES, TEXTS, NUMBERS, TAILS),
    st.builds(tensor, st.just("torch ByteStorage"), st.just("0"), st.integers(0, 12), TAILS),
    st.sampled_from([bytes([code]) for code in b"(Nt)]}ue.\x85\x86\x87as0120R\x81bQo\x93\x94"]),
    st.sampled_from([b"\x80\x02", b"\x80\x04", b"P0\n", b"g0\n", b"p0\n", b"\x82\x01", b"\x97"]),
    st.sampled_from([b"q\0", b"h\0", b"q\1", b"h\1", b"r\2\0\0\0", b"j\2\0\0\0", b"r\0\0\0\1"]),
    st.sampled_from([b"S'x'\n", b"U\1x", b"Vx\n", b"C\1x", b"F1.5\n", b"G" + bytes(8)]),
    st.sampled_from([b"\x95" + bytes(8), b"\x8c\1x", b"I01\n", b"i posix\nsystem\n"]),
    st.sampled_from(sorted(OPCODES)),
    st.binary(max_size=3),
)


@st.composite
def balanced(draw: st.DrawFn) -> bytes:
    """A pickle that is right by its grammar: one value, built of others."""
    values = st.recursive(
        st.one_of(
            st.integers(0, 255).map(lambda n: b"K" + bytes([n])),
            TEXTS.map(text),
            st.sampled_from([b"N", b"\x88", b"\x89", b")", b"]", b"}"]),
            st.builds(tensor, STORAGES, st.sampled_from("01"), st.integers(0, 12), TAILS),
            st.sampled_from(GLOBALS).map(looked_up),
        ),
        lambda inner: st.one_of(
            st.lists(inner, max_size=4).map(lambda parts: b"(" + b"".join(parts) + b"t"),
            st.lists(inner, max_size=4).map(lambda parts: b"](" + b"".join(parts) + b"e"),
            st.lists(inner, max_size=3).map(
                lambda parts: b"}(" + b"".join(text(str(len(p))) + p for p in parts) + b"u"
            ),
            inner.map(lambda part: part + b"q\0h\0\x86"),
            inner.map(lambda part: b"]" + part + b"a"),
            st.tuples(inner, inner).map(lambda parts: b"".join(parts) + b"R"),
            st.tuples(inner, inner).map(lambda parts: b"}" + b"".join(parts) + b"s"),
        ),
        max_leaves=6,
    )
    return draw(values)


def mutated(data: bytes, at: int, cut: int, inserted: bytes) -> bytes:
    """The bytes with some taken out and others put in."""
    at %= len(data) + 1
    return data[:at] + inserted + data[at + cut :]


PROGRAMS = st.one_of(
    st.lists(STRETCHES, max_size=12).map(b"".join),
    balanced(),
    st.builds(mutated, balanced(), st.integers(0, 500), st.integers(0, 3), STRETCHES),
)


@settings(max_examples=200)
@given(body=PROGRAMS, tail=st.sampled_from([(), (None,)]), plain=st.booleans())
def test_what_is_called_harmless_looks_up_nothing_else(
    body: bytes, tail: tuple[None, ...], plain: bool
) -> None:
    """Both unpicklers of Python read what the scan accepts, to the same byte, and harmlessly."""
    data = b"\x80\x02" + body + b"." + b"behind it"
    try:
        if plain:
            value, end = read_plain(data, 0)
        else:
            storages, end = read_tensors(data, 0, tail)
    except RefusedError:
        event("refused")
        return
    event("accepted")
    for recorder, witnessed in witnesses(data):
        assert witnessed == end
        assert set(recorder.names) <= (set() if plain else ALLOWED_NAMES)
        assert all(name.startswith(("torch._utils ", "collections ")) for name in recorder.calls)
        if plain:
            assert not recorder.identities
        else:
            assert {identity[2] for identity in recorder.identities} == set(storages)
            assert all(len(identity) == 5 + len(tail) for identity in recorder.identities)
    if plain:
        assert pickle.loads(data) == value


class Guarded:
    """A module in the place of `pickle` for `torch.load`, which looks up only what is allowed."""

    __name__ = "pickle"

    class Unpickler(pickle.Unpickler):
        """Lets only the allowed names through, and tells of others."""

        def find_class(self, module: str, name: str) -> Any:
            assert f"{module} {name}" in ALLOWED_NAMES, f"{module} {name} was looked up"
            return super().find_class(module, name)

    @classmethod
    def load(cls, stream: Any, **options: Any) -> Any:
        """Read one pickle."""
        return cls.Unpickler(stream, **options).load()


def zipped() -> bytes:
    """A file in the zip format as torch lays it out."""
    file = io.BytesIO()
    torch.save((torch.zeros(2, 28, 28, dtype=torch.uint8), torch.zeros(2).long()), file)
    return file.getvalue()


ZIP = zipped()


@settings(max_examples=200)
@given(
    whole=st.sampled_from([LEGACY[:700], ZIP]),
    at=st.integers(0, 800),
    cut=st.one_of(st.none(), st.integers(0, 4)),
    inserted=st.one_of(STRETCHES, st.binary(max_size=2)),
)
@example(whole=LEGACY[:700], at=0, cut=0, inserted=b"")
@example(whole=ZIP, at=0, cut=0, inserted=b"")
def test_a_changed_file_that_may_be_tried_is_harmless_to_torch(
    tmp_path_factory: pytest.TempPathFactory,
    whole: bytes,
    at: int,
    cut: int | None,
    inserted: bytes,
) -> None:
    """torch, without its own safety, looks up nothing but what is allowed in either format."""
    whole = LEGACY if whole == LEGACY[:700] else whole
    # Nothing moves where as much is taken out as is put in.
    changed = mutated(whole, at, len(inserted) if cut is None else cut, inserted)
    path = tmp_path_factory.getbasetemp() / "changed.pt"
    path.write_bytes(changed)
    if not recognise(path).may_be_tried:
        event("refused")
        return
    event("accepted")
    try:
        torch.load(path, pickle_module=Guarded, weights_only=False)
    except (RuntimeError, ValueError, EOFError) as error:
        event(f"torch refused it: {type(error).__name__}")
