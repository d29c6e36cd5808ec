"""What pip says when torch cannot be installed."""

from __future__ import annotations

from mnist_tool.diagnosis.explained.entry import ISSUES, Explanation

__all__ = ["INSTALLING"]

INSTALLING = (
    Explanation(
        "no-distribution",
        r"No matching distribution found for torch|satisfies the requirement torch(vision)?\b",
        "There is no such torch for this Python: it is too new or too old, 32-bit, on musl "
        "(Alpine), or the release is not on that index.",
        (),
        "ERROR: Could not find a version that satisfies the requirement torch (from versions: "
        "none)\nERROR: No matching distribution found for torch",
        ISSUES + "40511",
        "Take a 64-bit Python that torch supports, and ask for no exact release; `mnist-tool "
        "doctor python` says which it is for this one.",
    ),
    Explanation(
        "externally-managed",
        r"externally-managed-environment|environment is externally managed",
        "The system keeps its own Python to itself, so that pip cannot break the system.",
        (),
        "error: externally-managed-environment",
        "https://github.com/Comfy-Org/ComfyUI/issues/3554",
        "Make an environment of your own: `python3 -m venv .venv`, then "
        "`.venv/bin/python -m pip install torch torchvision`.",
    ),
    Explanation(
        "no-space",
        r"No space left on device",
        "A disk is full: torch with CUDA takes some 6 GB, and pip needs as much again among the "
        "temporary files, which lie on a small disk on many systems.",
        (),
        "ERROR: Could not install packages due to an OSError: [Errno 28] No space left on device",
        "https://github.com/pypa/pip/issues/7745",
        "Make room, or let TMPDIR name a folder on a larger disk. A torch for the CPU alone, as "
        "pytorch.org offers it, takes 1 GB.",
    ),
    Explanation(
        "pip-memory",
        r"pip[/\\]_(internal|vendor)[\s\S]{0,4000}?^MemoryError",
        "pip ran out of memory: it keeps a whole package there to put it into its cache.",
        (),
        'File "/env/lib/python3.7/site-packages/pip/_internal/commands/install.py", line 345, in '
        "run\nMemoryError",
        ISSUES + "25164",
        "Repeat the command with --no-cache-dir.",
    ),
    Explanation(
        "hash-mismatch",
        r"PACKAGES DO NOT MATCH THE HASHES",
        "The package did not arrive as it was published: its download was cut off, or something "
        "on the way changed it.",
        (),
        "ERROR: THESE PACKAGES DO NOT MATCH THE HASHES FROM THE REQUIREMENTS FILE.",
        "https://github.com/pypa/pip/blob/main/src/pip/_internal/exceptions.py",
        "Repeat the command with --no-cache-dir.",
    ),
    Explanation(
        "long-path",
        r"Windows Long Path support",
        "A file of torch has a longer path than this Windows allows.",
        (),
        "HINT: This error might have occurred since this system does not have Windows Long Path "
        "support enabled.",
        "https://github.com/pypa/pip/blob/main/src/pip/_internal/commands/install.py",
        "Allow long paths (in the registry or a policy: LongPathsEnabled), or make the environment "
        "in a folder with a short path.",
    ),
    Explanation(
        "in-use",
        r"WinError 5\] |\[WinError 32\]",
        "A file of torch is in use, so that Windows lets nobody replace it.",
        (),
        "ERROR: Could not install packages due to an OSError: [WinError 5] Access is denied: "
        r"'C:\\env\\Lib\\site-packages\\torch\\lib\\asmjit.dll'",
        "https://learn.microsoft.com/en-us/windows/win32/debug/system-error-codes--0-499-",
        "End every Python and notebook that uses the environment, then repeat the command.",
    ),
)
