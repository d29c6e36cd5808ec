"""Every check seen red and green on injected facts."""

from __future__ import annotations

import dataclasses
import os
from pathlib import Path
from typing import Any

import pytest

from mnist_tool.configuration import Value
from mnist_tool.dataset.check import Answer
from mnist_tool.dataset.registry import MNIST
from mnist_tool.dataset.store import FileStatus
from mnist_tool.diagnosis.checks import CHECKS
from mnist_tool.diagnosis.checks.device import DeviceFacts
from mnist_tool.diagnosis.checks.display import DisplayFacts, Terminal
from mnist_tool.diagnosis.checks.environment import (
    Installed,
    Interpreters,
    SettingFacts,
    Shadows,
    Workers,
)
from mnist_tool.diagnosis.checks.network import CertificateFacts, ClockFacts, Reached
from mnist_tool.diagnosis.checks.runs import RunFacts
from mnist_tool.diagnosis.context import newest_checkpoint
from mnist_tool.diagnosis.datafacts import Place
from mnist_tool.diagnosis.ptfile import PtFile
from mnist_tool.diagnosis.runner import Outcome
from mnist_tool.errors import SettingError
from tests.diagnosis.facts import (
    INVOCATION,
    PROCESSED,
    ROOT,
    TORCH,
    TRAINED,
    data,
    failed,
    interpreter,
    load_step,
    ok,
    package,
    tensors,
)

ZIP_1_3 = failed(
    "MNIST/processed/training.pt is a zip archive (did you mean to use torch.jit.load()?)"
)
ZIP_1_4 = failed(
    "Attempted to read a PyTorch file with version 3, but the maximum supported version for "
    "reading is 2."
)
OLD = {"torchvision": package("0.4.2", "torch (==1.3.1)"), "torch": package("1.3.1")}
CUDA = {"build": "12.8", "hip": None, "available": False, "warnings": []}
CARD = {**CUDA, "available": True, "name": "A card", "capability": [8, 6], "built_for": ["sm_80"]}
RAW = ROOT / "MNIST" / "raw"


def device(value: dict[str, Any], gpu: str = "card", mps: bool = False) -> DeviceFacts:
    """A machine with a card, where torch says `value` of it."""
    torch = {**TORCH, "cuda": {"value": value}, "mps": {"value": {"available": mps}}}
    return DeviceFacts(interpreter(steps={("torch",): ok(torch)}), gpu)


def torch_with(**changes: Any) -> Any:
    """An interpreter whose torch shows something else."""
    return interpreter(steps={("torch",): ok({**TORCH, **changes})})


def raw(state: str, problem: str = "") -> Any:
    """The four raw files, the last of them in another state."""
    good = data().raw
    last = FileStatus(good[-1].file, good[-1].path, state, problem=problem)  # type: ignore[arg-type]
    return (*good[:-1], last)


def both(kind: str, outcome: Outcome, **more: Any) -> Any:
    """An interpreter that made the same of both processed files."""
    steps = {load_step(name): outcome for name in ("training.pt", "test.pt")}
    return interpreter(files=(kind, kind), steps=steps, **more)


def unlike_tensors(kind: str, description: str) -> Any:
    """An interpreter with two files that no torch reads as tensors, and that were not tried."""
    names = ("training.pt", "test.pt")
    return interpreter(files=tuple(PtFile(PROCESSED / n, kind, description, 9) for n in names))


def reached(*answers: tuple[str, bool, str]) -> Reached:
    """What sources answered."""
    listed = [
        Answer(name, good, 200, text, 0.1, "ok", "" if good else "DNS", {"first_byte": 0.25})
        for name, good, text in answers
    ]
    return Reached(listed, INVOCATION)


def run_of(outcome: Outcome) -> RunFacts:
    """The newest run, with what became of loading it."""
    return RunFacts(Path("runs/softmax-1/checkpoint.pt"), outcome, MNIST, INVOCATION)


def trained(name: str = "mnist", finite: bool = True) -> Outcome:
    """A checkpoint that loaded."""
    hashes = {file.name: file.sha256 for file in MNIST.files} if name == "mnist" else {}
    return ok({"recipe": "softmax", "data": {"name": name, "sha256": hashes}, "finite": finite})


HOSTILE = PtFile(
    PROCESSED / "training.pt", "pickle", "a pickle", 9, refusal="loading it would look up os.system"
)
CUT = PtFile(PROCESSED / "training.pt", "zip", "a zip", 9, complete=False)
ZIPPED = "is a zip archive (did you mean to use torch.jit.load()?)"
MISSING = PtFile(PROCESSED / "test.pt", "missing")

PILLOW_LIES = (
    "The _imaging extension was built for another version of Pillow or PIL:\nCore version: 9.0.1\n"
    "Pillow version: 9.1.0"
)
NO_DRIVER = "CUDA initialization: Found no NVIDIA driver on your system. Please check that you"
DEEP = (ROOT / "MNIST").absolute()
DEEP_PLACES = (Place(DEEP / "raw", (DEEP / "raw" / MNIST.files[0].name,), False),)

# check, facts, expected status, a part of what must be said
CASES: list[tuple[str, Any, str, str]] = [
    ("python", interpreter(), "ok", "3.11.7"),
    ("python", interpreter(about={"bits": 32}), "error", "32-bit"),
    ("python", interpreter(about={"version": "3.7.16"}, packages={"torch": None}),
     "warning", "1.13"),
    ("python", interpreter(steps={("about",): Outcome("died", message="no such")}),
     "error", "no such"),
    ("python", interpreter(about={"version": "3.15.0"}, packages={"torch": None}),
     "warning", "no torch for it yet"),
    ("python", interpreter(about={"musl": True}, packages={"torch": None}), "warning", "Alpine"),
    ("python", interpreter(about={"musl": True}), "ok", "3.11.7"),
    ("python", interpreter(about={"system": "Windows", "machine": "ARM64"},
                           packages={"torch": None}), "warning", "ARM"),
    ("python", interpreter(steps={("about",): Outcome("died", kind="exit code 2", message="?")}),
     "error", "it is no Python"),
    ("copies", interpreter(), "ok", "once"),
    ("copies", interpreter(packages={"torch": package("1.0") * 2}), "warning", "torch"),
    ("torch", interpreter(), "ok", "2.14.1"),
    ("torch", torch_with(product=23.0), "error", "23.0"),
    ("torch", interpreter(steps={("torch",): failed("No module named 'torch'")}),
     "error", "installed"),
    ("torch", interpreter(steps={("torch",): Outcome("died", kind="SIGILL", message="SIGILL")}),
     "error", "processor"),
    ("torch", interpreter(steps={("torch",): Outcome("timeout", message="no answer")}),
     "error", "not finish"),
    ("torch", interpreter(steps={("torch",): failed("odd text")}), "error", "odd text"),
    ("torch", interpreter(steps={("torch",): Outcome(
        "error", {}, "AttributeError", "module 'torch' has no attribute 'ones'",
        own_files=("torch.py",))}), "error", "torch.py in the current folder"),
    ("torchvision", interpreter(), "ok", "0.29.1"),
    ("torchvision",
     interpreter(steps={("torchvision",): ok({"version": "0.29", "compiled": False})}),
     "warning", "compiled"),
    ("torchvision",
     interpreter(steps={("torchvision",): failed("operator torchvision::nms does not exist")}),
     "error", "different builds"),
    ("torchvision",
     interpreter(steps={("torchvision",): failed("No module named 'torch._six'", "ImportError")}),
     "error", "torch 2.0"),
    ("torchvision",
     interpreter(steps={("torchvision",): failed("No module named 'torchvision'", "ImportError")}),
     "error", "not installed"),
    ("pair", interpreter(), "ok", ">=2.14.0"),
    ("pair", interpreter(packages={"torch": package("2.8.0+cpu")}), "error", "2.8.0"),
    ("pair", interpreter(packages={**OLD, "torchvision": package("0.4.2")}), "ok", "1.3"),
    ("pair", interpreter(packages={"torchvision": package("0.14.1")}), "error", "1.13"),
    ("numpy", interpreter(), "ok", "2.1.0"),
    ("numpy", interpreter(packages={"numpy": None}, steps={("torch",): ok({**TORCH, "numpy": {
        "error": {"type": "ImportError", "message": "No module named 'numpy'"}}})}),
     "error", "numpy is not installed"),
    ("numpy", torch_with(numpy={"value": {"version": "1", "sum": 9.0}}), "error", "wrong values"),
    ("numpy", interpreter(
        packages={"torch": package("2.1.0")},
        steps={("torch",): ok({**TORCH, "numpy": {"error": {
            "type": "RuntimeError", "message": "Numpy is not available"}}})}), "error", "NumPy 1"),
    ("pillow", interpreter(), "ok", "11.0.0"),
    ("pillow", interpreter(packages=OLD), "error", "PILLOW_VERSION"),
    ("pillow", interpreter(packages={"pillow": None}), "error", "not installed"),
    ("pillow", interpreter(steps={("torchvision",): failed(PILLOW_LIES, "ImportError")}),
     "error", "9.1.0"),
    ("trains", interpreter(), "ok", "cost 2.30 to 0.10"),
    ("trains", interpreter(steps={("train",): ok({**TRAINED, "right": 3})}), "error", "3 of 10"),
    ("trains", interpreter(steps={("train",): ok({**TRAINED, "last": float("nan")})}),
     "error", "learns nothing"),
    ("trains", interpreter(steps={("train",): Outcome("died", kind="SIGILL", message="SIGILL")}),
     "error", "processor"),
    ("openmp", interpreter(), "ok", "libgomp"),
    ("openmp", torch_with(openmp=["libgomp.so.1", "libiomp5.so"]), "warning", "libiomp5"),
    ("openmp", torch_with(openmp=["libgomp.so.1", "libgomp-7c85b1e2.so.1"]), "ok", "libgomp"),
    ("device", DeviceFacts(interpreter(), ""), "ok", "CPU"),
    ("device", DeviceFacts(torch_with(cuda={"error": {
        "type": "RuntimeError", "message": "no kernel image is available for execution"}}), ""),
     "warning", "not built for this GPU"),
    ("device", device({**CUDA, "warnings": [NO_DRIVER]}, gpu=""), "ok", "no GPU"),
    ("device", device({**CUDA, "warnings": [NO_DRIVER]}), "warning", "cannot be used"),
    ("device", DeviceFacts(interpreter(), "card"), "warning", "CPU only"),
    ("device", device(CUDA), "warning", "12.8"),
    ("device", device({**CUDA, "warnings": ["The NVIDIA driver on your system is too old"]}),
     "warning", "driver"),
    ("device", device(CARD), "ok", "A card"),
    ("device", device({**CARD, "built_for": ["sm_90"]}), "warning", "sm_86"),
    ("device", device({**CARD, "capability": [3, 5]}), "warning", "Only an older torch"),
    ("device", device({**CARD, "built_for": ["sm_50", "compute_80"]}), "ok", "A card"),
    ("device", device(CUDA, gpu="", mps=True), "ok", "Apple"),
    ("packages", Installed({"rich": ">=13.7"}, {"rich": "15.0"}), "ok", "all 1"),
    ("packages", Installed({"rich": ">=13.7"}, {"rich": "12.0"}), "error", "rich 12.0"),
    ("packages", Installed({"rich": ">=13.7"}, {}), "error", "missing"),
    ("shadows", Shadows(Path(), ()), "ok", "no file"),
    ("shadows", Shadows(Path(), ("torch.py",)), "error", "torch.py"),
    ("shadows", Shadows(Path(), ("random.py",)), "warning", "random.py"),
    ("interpreters", Interpreters({"python": "/a", "pip": "/a"}, "/a", "/a/python"), "ok", "/a"),
    ("interpreters", Interpreters({"python": "/a", "pip": "/b"}, "/a", "/a/python"),
     "warning", "different"),
    ("interpreters", Interpreters({"python": "/b"}, "/a", "/a/python"), "warning", "another"),
    ("settings", SettingFacts({"root": Value("MNIST_data", "default")}), "ok", "by default"),
    ("settings", SettingFacts({"root": Value("x", "MNIST_TOOL_ROOT"), "grace": Value(3.0, "x.toml"),
                               "cache": Value(None, "default")}),
     "ok", "root by MNIST_TOOL_ROOT, grace by x.toml"),
    ("settings", SettingFacts({}, (SettingError("x.toml is no TOML.", hint="Correct it."),) * 2),
     "error", "x.toml is no TOML. Correct it."),
    ("settings", SettingFacts({}, (), ("MNIST_TOOL_TIMEOT",)), "warning", "MNIST_TOOL_TIMEOUT?"),
    ("workers", Workers(10**9, "fork"), "ok", "fork"),
    ("workers", Workers(64_000_000, "fork"), "warning", "64 MB"),
    ("workers", Workers(None, "forkserver"), "ok", "lambda"),
    ("root", data(), "ok", "my_data"),
    ("root", data(obstacle=ROOT), "error", "is a file"),
    ("root", data(obstacle=ROOT, origin="default"), "error", "is a file"),
    ("root", data(obstacle=ROOT, origin="MNIST_TOOL_ROOT"), "error", "is a file"),
    ("root", data(root=Path("x/MNIST").absolute(), raw=raw("missing"),
                  places=(Place(Path("x/MNIST/raw").absolute(), (), True),)), "error", "too deep"),
    ("files", data(), "ok", "byte for byte"),
    ("files", data(raw=raw("missing"), obstacle=ROOT), "skipped", "is a file"),
    ("files", data(raw=raw("wrong", "it is a web page")), "error", "web page"),
    ("files", data(raw=raw("missing", "missing")), "error", "1 missing"),
    ("files", data(raw=tuple(dataclasses.replace(r, state="missing") for r in data().raw)),
     "warning", "no MNIST"),
    ("places", data(), "ok", "no second"),
    ("places", data(raw=raw("missing"), places=(Place(ROOT / "raw", (), True),)), "error", "wrong"),
    ("places", data(raw=raw("missing"), root=DEEP, places=DEEP_PLACES), "skipped", "too deep"),
    ("root", data(raw=raw("missing"), root=DEEP, places=DEEP_PLACES), "error", "too deep"),
    ("opens", interpreter(meant=ROOT), "skipped", "too deep"),
    ("opens", interpreter(packages={"torch": package("2.1.2"), "numpy": package("2.2.6")}, steps={
        ("open", str(ROOT), "MNIST", True): failed("Numpy is not available")}),
     "error", "NumPy 1"),
    ("names", data(), "ok", "no files"),
    ("names", data(raw=raw("missing"), odd=((RAW / "a.idx1-ubyte", RAW / "a-idx1-ubyte"),)),
     "error", "a.idx1-ubyte should be a-idx1-ubyte"),
    ("leftovers", data(), "ok", "no broken"),
    ("leftovers", data(cached=(Path("/tmp/train-labels-idx1-ubyte.gz"),)), "warning",
     "package mnist"),
    ("leftovers", data(bad_packed=(RAW / "x.gz",), leftovers=(RAW / "y.part",)),
     "warning", "2 broken"),
    ("space", data(), "ok", "10.0 GB"),
    ("space", data(raw=raw("missing"), free=10**6), "error", "1 MB"),
    ("space", data(raw=raw("missing"), writable=False), "error", "written"),
    ("processed", interpreter(), "ok", "not needed"),
    ("processed", interpreter(packages=OLD), "error", "reads only processed"),
    ("processed", both("zip", ZIP_1_3, packages=OLD), "error", "torch 1.3"),
    ("processed", both("zip", ZIP_1_4, packages={"torch": package("1.4.0"),
     "torchvision": package("0.5.0")}), "error", "torch 1.4"),
    ("processed", interpreter(files=("legacy", "legacy"), steps={
        load_step("training.pt"): ok(tensors("train")), load_step("test.pt"): ok(tensors("test"))}),
     "ok", "legacy"),
    ("processed", both("legacy", ok(tensors("train"))), "error", "test split"),
    ("processed", unlike_tensors("html", "a web page"), "error", "not tried: it is a web page"),
    ("processed", unlike_tensors("lfs", "a Git LFS pointer"), "error", "LFS"),
    ("processed", unlike_tensors("torchscript", "a compiled model"), "error", "compiled model"),
    ("processed", both("legacy", Outcome("died", kind="SIGABRT", message="c10::Error")),
     "error", "abort"),
    ("processed", interpreter(files=(HOSTILE, MISSING)), "warning", "os.system"),
    ("processed", interpreter(files=(HOSTILE, MISSING), packages=OLD), "error", "processed"),
    ("processed", interpreter(files=("zip", "zip"), packages={"torch": package("1.2.0")},
                              steps={("torch",): failed("broken")}), "error", "1.2.0"),
    ("processed", interpreter(files=(CUT, MISSING), packages=OLD,
                              steps={("torch",): failed("broken")}), "error", "one of them"),
    ("processed", interpreter(files=(CUT, CUT), steps={("torch",): failed("broken")}),
     "error", "cut off"),
    ("opens", interpreter(packages={"torchvision": package("0.2.0")}, steps={
        ("open", str(ROOT), "MNIST", True): failed("Dataset not found")}),
     "error", f"give it {ROOT / 'MNIST'} as its root"),
    ("opens", interpreter(), "ok", "60,000"),
    ("opens", interpreter(steps={("open", str(ROOT), "MNIST", True): failed("Dataset not found")}),
     "error", "found no MNIST"),
    ("opens", interpreter(raw_there=False, steps={
        ("open", str(ROOT), "MNIST", True): failed("Dataset not found")}), "warning", "yet"),
    ("opens",
     interpreter(steps={("open", str(ROOT), "MNIST", False): failed("", "AssertionError")}),
     "error", "not an IDX file"),
    ("opens", interpreter(raw_there=False, packages={"torchvision": package("0.20.1")}, steps={
        ("open", str(ROOT), "MNIST", True): failed("Dataset not found")}),
     "warning", "does not always go on to the second mirror"),
    ("opens", interpreter(raw_there=False, packages={"torchvision": package("0.8.2")}, steps={
        ("open", str(ROOT), "MNIST", True): failed("Dataset not found")}),
     "warning", "asks only the original site"),
    ("opens", interpreter(steps={("open", str(ROOT), "MNIST", True): failed(
        "x should have 3 dimension instead of 1", "ValueError")}), "error", "swapped"),
    ("opens", interpreter(steps={("open", str(ROOT), "MNIST", False): ok(tensors("train"))}),
     "error", "not MNIST"),
    ("run", RunFacts(None, Outcome("not-run"), MNIST, INVOCATION), "skipped", "nothing"),
    ("run", run_of(trained()), "ok", "softmax"),
    ("run", run_of(trained("synthetic")), "warning", "synthetic"),
    ("run", run_of(trained(finite=False)), "warning", "not numbers"),
    ("run", run_of(failed("cut off")), "error", "of this tool. RuntimeError: cut off"),
    ("proxies", {}, "ok", "none"),
    ("proxies", {"HTTPS_PROXY": "proxy:3128"}, "warning", "scheme"),
    ("proxies", {"HTTPS_PROXY": "http://"}, "error", "no host"),
    ("proxies", {"http_proxy": "http://p:1"}, "warning", "HTTPS_PROXY"),
    ("proxies", {"HTTP_PROXY": "http://p:1"}, "warning", "HTTPS_PROXY"),
    ("certificates", CertificateFacts({}), "ok", "usual"),
    ("certificates", CertificateFacts({"PIP_CERT": "", "SSL_CERT_FILE": "is not there"}),
     "error", "SSL_CERT_FILE names a file that is not there"),
    ("certificates", CertificateFacts({}, default=False), "warning", "CERTIFICATE_VERIFY_FAILED"),
    ("clock", ClockFacts(1.8e9, 1.75e9), "ok", "2027"),
    ("clock", ClockFacts(1e9, 1.75e9), "error", "2001"),
    ("clock", ClockFacts(1.8e9, 1.75e9, (-2.0, 1.0, 9e9)), "ok", "3 servers"),
    ("clock", ClockFacts(1.8e9, 1.75e9, (7200.0,)), "warning", "2 hours behind"),
    ("clock", ClockFacts(1.8e9, 1.75e9, (-864000.0, -864001.0)), "error", "10 days ahead"),
    ("sources", reached(("a", True, "gzip data"), ("b", False, "HTTP 403")), "ok", "1 of 2"),
    ("sources", reached(("a", False, "HTTP 403"), ("b", True, "gzip data")), "warning", "403"),
    ("sources", reached(("a", False, "no address"), ("b", False, "no address")), "error", "none"),
    ("sources", reached(("a", False, "no address")), "error", "No name resolves"),
    ("sources", Reached([Answer("a", False, None, "?", 0.1, "proxy", "DNS")], INVOCATION),
     "error", "The proxy that HTTPS_PROXY"),
    ("sources", reached(("a", True, "gzip data")), "ok", "HTTP 200, first byte after 0.25 s"),
    ("portal", reached(("a", True, "gzip data")), "ok", "no login"),
    ("portal", reached(("a", False, "a web page"), ("b", False, "a web page")), "error", "sign in"),
    ("portal", reached(*(("a", False, "a web page"),) * 2, ("c", True, "gzip data")),
     "warning", "sign in"),
    ("display", DisplayFacts(True, "", ("tkinter",), True, False), "ok", "window"),
    ("display", DisplayFacts(True, "", (), False, True), "ok", "notebook"),
    ("display", DisplayFacts(True, "agg", (), False, False), "ok", "agg"),
    ("display", DisplayFacts(False, "", (), False, False), "error", "not installed"),
    ("display", DisplayFacts(True, "tkagg", ("tkinter",), False, False), "error", "display"),
    ("display", DisplayFacts(True, "tkagg", (), True, False), "error", "tkinter"),
    ("terminal", Terminal("utf-8", True, {}), "ok", "colours"),
    ("terminal", Terminal("ascii", True, {}), "warning", "ascii"),
    ("terminal", Terminal("ascii", True, {"PYTHONIOENCODING": "ascii"}), "warning", "ascii"),
]  # fmt: skip

# What only the user can do has no command; then the text says it.
WORDED = {
    "root": ("Use root = ", "Name a folder"),
    "space": ("--root",),
    "python": ("another", "no such", "no Python"),
    "torch": ("rename it", "fresh environment", "an older torch", "more", "again", "What others"),
    "trains": ("an older torch",),
    "openmp": ("fresh environment",),
    "device": ("driver", "older torch", "pytorch.org"),
    "interpreters": ("-m pip install", "This examines"),
    "workers": ("--shm-size",),
    "settings": ("Correct it", "Did you mean"),
    "clock": ("Set the clock",),
    "sources": ("fetch --from PATH", "correct the variables", "fetch goes on"),
    "portal": ("in a browser",),
}

JUDGES = {check.name: check.judge for check in CHECKS}
IDS = [f"{name}-{status}-{index}" for index, (name, _, status, _) in enumerate(CASES)]


@pytest.mark.parametrize(("name", "facts", "status", "part"), CASES, ids=IDS)
def test_a_check_judges_its_facts(name: str, facts: Any, status: str, part: str) -> None:
    """Each case gets the status it deserves, says why, and offers a way out where one is needed."""
    verdict = JUDGES[name](facts)

    assert verdict.status == status
    assert part in f"{verdict.summary}\n{verdict.detail}"
    if status in ("error", "warning") and not verdict.fix:
        assert any(word in verdict.detail for word in WORDED[name]), "nothing says what to do"


@pytest.mark.parametrize(
    "facts",
    [
        interpreter(
            files=("zip", "zip"),
            packages=OLD,
            steps={
                load_step("training.pt"): failed(ZIPPED),
                load_step("test.pt"): failed(ZIPPED),
                ("open", str(ROOT), "MNIST", True): failed(ZIPPED),
            },
        ),
        interpreter(
            packages=OLD, steps={("open", str(ROOT), "MNIST", True): failed("Dataset not found")}
        ),
    ],
    ids=["unreadable", "missing"],
)
def test_what_processed_explains_is_not_explained_again(facts: Any) -> None:
    """The data set does not open for the same reason: the text torch gave, and where it is told."""
    explained, repeated = JUDGES["processed"](facts), JUDGES["opens"](facts)
    pointer, *said = repeated.detail.splitlines()

    assert (explained.status, repeated.status) == ("error", "error")
    assert pointer == "The check `processed` says why."
    assert len(said) == 1
    assert said[0].startswith("RuntimeError: ")


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.name)
def test_every_check_is_seen_red_and_green(check: Any) -> None:
    """No check is without a case in which it is content and one in which it is not."""
    seen = {status for name, _, status, _ in CASES if name == check.name}

    assert "ok" in seen
    assert seen & {"error", "warning"}


def test_commands_repeat_the_users_own_arguments() -> None:
    """A fix can be pasted: it names the root and the interpreter that were given."""
    verdict = JUDGES["processed"](both("zip", ZIP_1_3, packages=OLD))

    assert verdict.fix[0] == "mnist-tool doctor --fix --python /opt/python --root my_data"
    assert verdict.fix[1] == "/opt/python -m pip install --upgrade torch torchvision"


def test_python_2_is_not_told_to_upgrade_torch() -> None:
    """Where no newer torch exists for a Python, the data is mended and nothing else is promised."""
    facts = both("zip", ZIP_1_3, packages=OLD, about={"version": "2.7.18"})

    assert JUDGES["processed"](facts).fix == (
        "mnist-tool doctor --fix --python /opt/python --root my_data",
    )


def test_no_remedy_is_guessed_for_an_unknown_text() -> None:
    """It is shown whole, with where to search, and nothing to paste."""
    text = "first line\nsecond line\nthe reason stands here"
    verdict = JUDGES["torch"](interpreter(steps={("torch",): failed(text)}))
    assert all(line in verdict.detail for line in text.splitlines())
    assert "No known cause" in verdict.detail
    assert "https://github.com/search?" in verdict.detail
    assert verdict.fix == ()


def test_numpy_too_new_for_torch_is_made_older_wherever_it_shows() -> None:
    """Not mended by `doctor --fix`, which mends data, nor by a newer NumPy still."""
    packages = {"torch": package("2.1.2"), "numpy": package("2.2.6")}
    steps = {("open", str(ROOT), "MNIST", True): failed("Numpy is not available")}
    verdict = JUDGES["opens"](interpreter(packages=packages, steps=steps))
    assert verdict.fix[0] == "/opt/python -m pip install 'numpy<2'"
    assert not any("--fix" in line or "--upgrade numpy" in line for line in verdict.fix)


def test_what_a_removal_has_left_is_not_the_newest_run(tmp_path: Path) -> None:
    """It is hidden, and gone from the lists."""
    for name in (".softmax-2.part", "softmax-1"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "checkpoint.pt").write_bytes(b"")
    os.utime(tmp_path / "softmax-1" / "checkpoint.pt", (1, 1))
    assert newest_checkpoint(tmp_path) == tmp_path / "softmax-1" / "checkpoint.pt"
