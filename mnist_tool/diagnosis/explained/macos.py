"""What the loader of macOS says of libraries."""

from __future__ import annotations

from mnist_tool.diagnosis.explained.entry import ISSUES, PAIR, REINSTALL, Explanation

__all__ = ["MACOS"]

MACOS = (
    Explanation(
        "mac-architecture",
        r"incompatible architecture \(have",
        "Python is for one kind of Mac processor, and torch for the other: one of them came "
        "through Rosetta (x86_64 on Apple Silicon).",
        (REINSTALL,),
        "dlopen(/env/torch/lib/libtorch_global_deps.dylib, 0x000A): tried: '/env/torch/lib/"
        "libtorch_global_deps.dylib' (mach-o file, but is an incompatible architecture (have "
        "'x86_64', need 'arm64'))",
        "https://github.com/carson-katri/dream-textures/issues/346",
        'Look at `python3 -c "import platform; print(platform.machine())"`: on Apple Silicon it '
        "should be arm64. There is no torch after 2.2 for Macs with Intel's processor.",
    ),
    Explanation(
        "mac-libcxx",
        r"Library not loaded: @rpath/libc\+\+",
        "torch 1.5.0 for macOS looked for a library in the wrong place; every later one is right.",
        (PAIR,),
        "dlopen(/env/torch/_C.cpython-37m-darwin.so, 9): Library not loaded: @rpath/libc++.1.dylib",
        ISSUES + "36941",
    ),
    Explanation(
        "mac-old-system",
        r"load command 0x[0-9a-fA-F]+ is unknown|built for macOS \S+ which is newer than",
        "This torch was built for a newer macOS than this one, and an upgrade of torch makes it "
        "worse.",
        (),
        "libomp.dylib: cannot load 'libomp.dylib' (load command 0x80000034 is unknown)",
        ISSUES + "78938",
        "Update macOS, or install an older torch, such as 1.12.",
    ),
    Explanation(
        "mac-libomp",
        r"Library not loaded: \S*libomp\.dylib",
        "This torch does not bring its OpenMP library, as 1.1.0 did not; later ones do.",
        (PAIR,),
        "dlopen(/env/torch/_C.cpython-36m-darwin.so, 9): Library not loaded: "
        "/usr/local/opt/libomp/lib/libomp.dylib",
        ISSUES + "20030",
    ),
)
