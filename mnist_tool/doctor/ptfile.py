"""Recognise a ``.pt`` file from its bytes alone: its format, its version, and what it would run."""

from __future__ import annotations

import io
import pickletools
import re
import tarfile
import zipfile
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

from mnist_tool.advice import reason
from mnist_tool.dataset.bytes.archives import HEAD, kind_of
from mnist_tool.dataset.bytes.recognise import describe

__all__ = ["LEGACY_START", "PtFile", "recognise"]

# pickle(0x1950a86a20f9469cfc6c), which torch.save wrote first until 1.5 and still does on request.
LEGACY_START = b"\x80\x02\x8a\x0a\x6c\xfc\x9c\x46\xf9\x20\x6a\xa8\x50\x19."
LEGACY_PICKLES = 5  # magic number, protocol, system, the object, the keys of its storages

# Names that a file of plain tensors refers to, and nothing that could do harm.
HARMLESS = re.compile(
    r"torch(\.storage)? \w*(Storage|Tensor)"
    r"|torch (Size|device|u?int\d+|b?float\d+|bool)"
    r"|torch\._utils _rebuild_(tensor|tensor_v2|parameter)"
    r"|collections OrderedDict"
    r"|numpy(\._?core\.multiarray)? (_reconstruct|scalar|ndarray|dtype)"
    r"|_codecs encode"
)


@dataclass(frozen=True)
class PtFile:
    """What a ``.pt`` file is.

    Parameters
    ----------
    path : Path
        The file.
    kind : str
        ``zip`` (torch 1.6 and newer), ``legacy`` (torch before 1.6), ``torchscript``, ``tar``
        (before 0.1.10), ``pickle`` (not made by torch.save), ``broken-zip``, ``missing``,
        ``unreadable``, or what `sniff.kind_of` calls the bytes (``html``, ``lfs``, ``empty`` ...).
    description : str
        The kind in words.
    size : int
        Bytes.
    version : int or None
        Version number inside a zip: 3 since torch 1.6, 2 before.
    complete : bool
        False where the bytes end too early.
    names : frozenset of str
        ``module name`` of everything its pickle would look up, found without running it.
    duplicates : bool
        True for an archive with two members of one name, which readers may see differently.
    """

    path: Path
    kind: str
    description: str = ""
    size: int = 0
    version: int | None = None
    complete: bool = True
    names: frozenset[str] = field(default_factory=frozenset)
    duplicates: bool = False

    @property
    def suspicious_names(self) -> list[str]:
        """Names that no file of plain tensors needs."""
        return sorted(name for name in self.names if not HARMLESS.fullmatch(name))

    @property
    def may_be_tried(self) -> bool:
        """Whether a real ``torch.load`` of it, in a child process, can run nobody else's code."""
        if self.kind in ("tar", "missing", "unreadable") or self.duplicates:
            return False
        return not self.suspicious_names


def recognise(path: Path) -> PtFile:
    """Look at a file and run nothing of it.

    Parameters
    ----------
    path : Path
        Any file, present or not, of any content.

    Returns
    -------
    PtFile
        What it is; never an exception, because files in any state are the point.
    """
    try:
        size = path.stat().st_size
    except (FileNotFoundError, NotADirectoryError, ValueError):  # or no file can be called so
        return PtFile(path, "missing", "not there")
    except OSError as error:
        return PtFile(path, "unreadable", f"unreadable: {reason(error)}")
    try:
        with path.open("rb") as stream:
            head = stream.read(HEAD)
            stream.seek(0)
            kind = "legacy" if head.startswith(LEGACY_START) else kind_of(head)
            # A tar may begin with any name, so also with the signs of the others.
            if kind not in ("zip", "html", "lfs", "empty") and _is_tar(path):
                kind = "tar"
            if kind == "zip":
                return _in_zip(path, size, stream)
            if kind in ("legacy", "pickle"):
                return _in_pickle(path, kind, size, stream)
        return PtFile(path, kind, describe(head, size), size)
    except OSError as error:
        return PtFile(path, "unreadable", f"unreadable: {reason(error)}")


def _is_tar(path: Path) -> bool:
    """Whether old torch would open it as a plain tar, which it tries before anything else."""
    try:
        with tarfile.open(path, "r:"):
            return True
    except (tarfile.TarError, EOFError):
        return False


def _in_zip(path: Path, size: int, stream: IO[bytes]) -> PtFile:
    try:
        with zipfile.ZipFile(stream) as archive:
            counts = Counter(archive.namelist())
            pickles = [n for n in counts if n.endswith((".pkl", "/version"))]
            content = {name.rpartition("/")[2]: archive.read(name) for name in pickles}
            script = any("/code/" in n or n.endswith("/constants.pkl") for n in counts)
    except (zipfile.BadZipFile, EOFError, NotImplementedError, RuntimeError):
        return PtFile(path, "broken-zip", "a zip that ends too early", size, complete=False)
    names: set[str] = set()
    whole = True
    for name in content.keys() - {"version"} if not script else ():
        whole &= _collect(io.BytesIO(content[name]), names)
    version = content.get("version", b"").strip()
    return PtFile(
        path,
        "torchscript" if script else "zip",
        "a compiled model (TorchScript)" if script else "the zip format of torch 1.6 and newer",
        size,
        int(version) if version.isdigit() else None,
        whole,
        frozenset(names),
        any(count > 1 for count in counts.values()),
    )


def _in_pickle(path: Path, kind: str, size: int, stream: IO[bytes]) -> PtFile:
    names: set[str] = set()
    pickles = LEGACY_PICKLES if kind == "legacy" else 1
    # All are walked even where one is broken: torch would run them in turn.
    walked = [_collect(stream, names) for _ in range(pickles)]
    words = "the legacy format" if kind == "legacy" else "a pickle that torch.save did not write"
    return PtFile(path, kind, words, size, complete=all(walked), names=frozenset(names))


def _collect(stream: IO[bytes], names: set[str]) -> bool:
    """Add every name that one pickle looks up to `names`; return whether it came to its end."""
    try:
        for name in _globals(stream):
            names.add(name)
    except Exception:  # pickletools raises nearly anything on bytes that are no pickle
        return False
    return True


def _globals(stream: IO[bytes]) -> Iterator[str]:
    strings: list[str] = []
    for opcode, argument, _ in pickletools.genops(stream):
        if opcode.name in ("GLOBAL", "INST"):
            yield str(argument)
        elif opcode.name == "STACK_GLOBAL":
            # pickle writes both as plain strings; whatever else is there stays unknown.
            yield " ".join(strings[-2:]) if len(strings) > 1 else "unknown name"
        elif opcode.name.startswith("EXT"):
            yield "unknown name"
        elif isinstance(argument, str):
            strings.append(argument)
        elif opcode.name in ("BINGET", "LONG_BINGET", "GET"):
            strings.append("?")
