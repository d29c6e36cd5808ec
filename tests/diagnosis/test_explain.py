"""Error texts as torch and torchvision wrote them, each known by the one entry that explains it."""

from __future__ import annotations

import re

import pytest
from packaging.version import Version

from mnist_tool.diagnosis.explain import EXPLANATIONS, Explanation, explain, explain_outcome
from mnist_tool.diagnosis.runner import Outcome
from mnist_tool.diagnosis.versions import expected_torch


@pytest.mark.parametrize("entry", EXPLANATIONS, ids=lambda entry: entry.name)
def test_each_explanation_finds_its_own_text(entry: Explanation) -> None:
    """No narrower text is taken by a wider pattern above it."""
    assert explain(entry.example) is entry


def test_an_unknown_text_has_no_explanation() -> None:
    """Better none than a wrong one."""
    assert explain("something nobody has seen") is None


WRONG_BEFORE = {
    "No module named 'pandas'": "no-module",
    "No module named 'six.moves'": "no-dependency",
    "partially initialized module 'torchvision' has no attribute 'extension' (most likely due to a "
    "circular import)": "torchvision-extension",
    "No module named '_lzma'": "python-without-lzma",
    "No module named '_bz2'": "python-without-bz2",
    "No module named '_ctypes'": "python-without-ctypes",
    "No module named '_sqlite3'": "python-without-sqlite",
    "No module named '_ssl'": "python-without-ssl",
    "No module named 'zlib'": "python-without-zlib",
    "No module named 'readline'": "python-without-readline",
    "/lib64/libstdc++.so.6: version `GLIBCXX_3.4.30' not found": "glibcxx",
    "/lib64/libstdc++.so.6: version `CXXABI_1.3.13' not found": "glibcxx",
    "/lib64/libc.so.6: version `GLIBC_2.28' not found": "glibc",
    "libtorch_cpu.so: undefined symbol: iJIT_NotifyEvent": "mkl-symbol",
    "[WinError 1114] Eine DLL-Initialisierungsroutine ist fehlgeschlagen.": "dll-initialization",
    "[WinError 126] Das angegebene Modul wurde nicht gefunden.": "dll-not-found",
    "libcudart.so.12: cannot open shared object file: No such file": "cuda-library",
    "libcublas.so.12: cannot open shared object file: No such file": "cuda-library",
    "libcublasLt.so.11: cannot open shared object file: No such file": "cuda-library",
    "libcudnn.so.9: cannot open shared object file: No such file": "cuda-library",
    "libnvrtc.so.12: cannot open shared object file: No such file": "cuda-library",
    "libnccl.so.2: cannot open shared object file: No such file": "cuda-library",
    "Failed to load PyTorch C extensions:\n    It appears that": "source-folder",
    "/x/libstdc++.so.6: file too short": "library-path",
    "The _imaging extension was built for another version of Pillow or PIL:\nCore": "pillow-core",
}


@pytest.mark.parametrize(("text", "name"), WRONG_BEFORE.items())
def test_texts_that_once_got_a_wrong_cause_or_none(text: str, name: str) -> None:
    """Each is known by its own entry now."""
    known = explain(f"ImportError: {text}")
    assert known is not None
    assert known.name == name


@pytest.mark.parametrize(
    "name",
    ["glibc", "glibcxx", "killed", "python-without-lzma", "no-driver", "illegal-instruction"],
)
def test_no_upgrade_where_it_makes_it_worse(name: str) -> None:
    """Neither a newer torch nor the same one again mends these."""
    entry = next(entry for entry in EXPLANATIONS if entry.name == name)
    assert not [line for line in entry.fix if "upgrade" in line or "reinstall" in line]


@pytest.mark.parametrize("entry", EXPLANATIONS, ids=lambda entry: entry.name)
def test_each_has_its_source_and_a_way_on(entry: Explanation) -> None:
    """A page to read, a full sentence, and a command or words that say what to do."""
    assert entry.source.startswith("https://")
    assert entry.cause.endswith(".")
    assert entry.fix or entry.advice.endswith(".")


PAIRS = [
    re.findall(r"[<=]+([\d.]+)", line)
    for entry in EXPLANATIONS
    for line in entry.fix
    if re.search(r"torch[<=].*torchvision[<=]", line)
]


@pytest.mark.parametrize(("torch", "torchvision"), PAIRS)
def test_a_torch_and_a_torchvision_that_are_installed_together_fit(
    torch: str, torchvision: str
) -> None:
    """Both bounds are those of one pair of releases."""
    assert expected_torch(Version(torchvision)) == torch


GENERAL = {
    "no-dependency",
    "no-module",
    "torch-attribute",
    "half-torch",
    "weights-only",
    "dll-not-found",
}
WIDER = GENERAL | {"numpy-size"}


@pytest.mark.parametrize("entry", EXPLANATIONS, ids=lambda entry: entry.name)
def test_a_text_is_known_by_one_entry_beside_the_wide_ones(entry: Explanation) -> None:
    """The order decides only between a narrow one and one that is there for the rest."""
    fitting = {
        other.name
        for other in EXPLANATIONS
        if re.search(other.pattern, entry.example, re.MULTILINE)
    }
    assert fitting - WIDER <= {entry.name}


def test_there_are_as_many_as_are_told_of() -> None:
    """At least forty more than the thirty-eight that the doctor began with."""
    assert len(EXPLANATIONS) >= 78


def test_names_are_used_once() -> None:
    """They are what scripts look at."""
    names = [entry.name for entry in EXPLANATIONS]
    assert len(names) == len(set(names))


def test_a_process_that_was_killed_is_not_explained_by_what_it_printed() -> None:
    """A warning of another library says nothing of why the system ended it."""
    died = Outcome("died", kind="SIGKILL", message="_ARRAY_API not found")
    known = explain_outcome(died)
    assert known is not None
    assert known.name == "killed"


def test_an_outcome_is_known_by_its_text_its_death_or_what_was_printed() -> None:
    """In that order: the message says most."""
    died = Outcome("died", kind="SIGILL", message="no words")
    printed = explain_outcome(Outcome("error", message="odd"), "OMP: Error #15: twice")

    assert explain_outcome(died) is explain("SIGILL")
    frames = 'Traceback (most recent call last):\n  File "a.py", line 1, in <module>\n'
    chain = (
        f"{frames}ImportError: first\nOriginal error was: libstdc++.so.6: file too short\n\n"
        "The above exception was the direct cause of the following exception:\n\n"
        f"{frames}    print('libcudart.so.10.2: cannot open shared object file')\n"
        "ImportError: odd\n"
    )
    behind = explain_outcome(Outcome("error", message="odd", traceback=chain))
    assert behind is explain("libstdc++.so.6: file too short")
    assert printed is not None
    assert printed.name == "openmp-15"
    assert explain_outcome(Outcome("error", message="odd")) is None
