"""What Windows says of libraries that it cannot load."""

from __future__ import annotations

from mnist_tool.doctor.explained.entry import PAIR, Explanation

__all__ = ["WINDOWS"]

RUNTIME = "https://learn.microsoft.com/en-us/cpp/windows/latest-supported-vc-redist"

WINDOWS = (
    Explanation(
        "dll-initialization",
        r"WinError 1114",
        "A library of torch was found but could not start. Most often Microsoft's Visual C++ "
        "runtime is older than torch 2.9 and newer need.",
        ("{install} torch<2.9 torchvision<0.24",),
        "[WinError 1114] A dynamic link library (DLL) initialization routine failed. Error loading "
        r'"C:\env\Lib\site-packages\torch\lib\c10.dll" or one of its dependencies.',
        "https://github.com/nagadomi/nunif/issues/701",
        f"Install the latest runtime ({RUNTIME}). If that does not help, import torch before PyQt "
        "and others, or use torch 2.8.",
    ),
    Explanation(
        "fbgemm-dll",
        r"fbgemm\.dll",
        "torch 2.4.0 lacked a library on Windows (libomp140); 2.4.1 and newer bring it.",
        (PAIR,),
        'OSError: [WinError 126] The specified module could not be found. Error loading "'
        r'C:\torch\lib\fbgemm.dll" or one of its dependencies.',
        "https://github.com/pytorch/pytorch/issues/131662",
    ),
    Explanation(
        "dll-not-found",
        r"WinError 126\b|DLL load failed while importing _C",
        "A library that torch needs is missing on this Windows, most often Microsoft's Visual C++ "
        "runtime.",
        (),
        "[WinError 126] The specified module could not be found. Error loading "
        r'"C:\env\Lib\site-packages\torch\lib\shm.dll" or one of its dependencies.',
        "https://github.com/pytorch/pytorch/blob/main/torch/__init__.py",
        f"Install the latest runtime ({RUNTIME}), then open a new terminal.",
    ),
)
