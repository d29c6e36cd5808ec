"""What Windows says of libraries that it cannot load."""

from __future__ import annotations

from mnist_tool.diagnosis.explained.entry import PAIR, REINSTALL, Explanation

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
        "paging-file",
        r"WinError 1455",
        "Windows has promised more memory than it has: each process that imports torch with CUDA "
        "wants some GB.",
        (),
        "[WinError 1455] The paging file is too small for this operation to complete. Error "
        r'loading "C:\env\lib\site-packages\torch\lib\cudnn_cnn_infer64_8.dll"',
        "https://github.com/pytorch/pytorch/issues/59904",
        "Use fewer DataLoader workers, let Windows manage the size of the paging file, or install "
        "a torch for the CPU alone.",
    ),
    Explanation(
        "dll-architecture",
        r"WinError 193\b",
        "A library is for another kind of processor than this Python, most often 32 bit and 64.",
        (REINSTALL,),
        "OSError: [WinError 193] %1 is not a valid Win32 application",
        "https://learn.microsoft.com/en-us/windows/win32/debug/system-error-codes--0-499-",
        "Use a 64-bit Python; there is no other torch.",
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
