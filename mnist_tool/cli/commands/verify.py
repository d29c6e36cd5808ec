"""The command that hashes what is there: verify."""

from __future__ import annotations

import os

from mnist_tool import configuration
from mnist_tool.advice import command_line
from mnist_tool.cli.frame.command import command
from mnist_tool.cli.frame.options import DatasetOption, RootOption
from mnist_tool.cli.screen.output import Output


@command(
    "verify",
    ("Hash all files again", "mnist-tool verify"),
    ("For a script", "mnist-tool verify --json"),
)
def verify(out: Output, root: RootOption = None, dataset: DatasetOption = "mnist") -> None:
    """Print a line per file, and what was expected and found where they differ."""
    from mnist_tool.dataset import store
    from mnist_tool.dataset.registry import DATASETS
    from mnist_tool.dataset.roots import meant_root

    statuses = store.verify(root, dataset)
    out.data(
        files=[
            {
                "name": s.file.name,
                "path": str(s.path),
                "state": s.state,
                "problem": s.problem,
                "expected": {"size": s.file.size, "sha256": s.file.sha256 or None},
                "got": {"size": s.size, "sha256": s.sha256},
            }
            for s in statuses
        ]
    )
    for status in statuses:
        good = status.state == "verified"
        out.mark(
            "ok" if good else "error", f"{status.path}" + ("" if good else f": {status.problem}")
        )
        if status.state == "wrong":
            known = f"SHA-256 {s}" if (s := status.file.sha256) else f"out of {status.file.packed}"
            out.print(f"    expected {status.file.size:>12,} bytes, {known}")
            size = f"{status.size:>12,} bytes" if status.size is not None else "nothing readable"
            out.print(f"    got      {size}, SHA-256 {status.sha256 or 'unknown'}")
    if any(status.state != "verified" for status in statuses):
        where = configuration.get("root", root)
        meant = meant_root(where, DATASETS[dataset])
        if meant is not None:
            out.hint(command_line("verify", dataset=dataset, root=meant))
        elif os.path.isfile(where):  # noqa: PTH113 - never raises, whatever the path is  # perhaps the archive that the data should come from
            out.hint(command_line("fetch", "--from", str(where), dataset=dataset))
        else:
            out.hint(command_line("fetch", dataset=dataset, root=where))
        out.answer(1)
