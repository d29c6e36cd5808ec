"""Run the benchmarks: ``python -m tests.benchmarks [NAME ...] [--rounds N] [--record]``.

``python -m tests.benchmarks handwriting`` is one by itself, with options of its own.
"""

from __future__ import annotations

import argparse
import json
import re
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from mnist_tool import fetch
from tests.benchmarks import accuracy, data, handwriting, reading, training
from tests.benchmarks.harness import Comparison, Result, compare
from tests.benchmarks.mirror import serve
from tests.real_data import REPOSITORY, find

# Each group of comparisons is a module with a tuple COMPARISONS.
COMPARISONS: dict[str, Comparison] = {
    each.name: each for group in (training, accuracy, data, reading) for each in group.COMPARISONS
}
RECORD = REPOSITORY / "docs" / "benchmarks.json"
TABLE = REPOSITORY / "docs" / "benchmarks.md"
LOAD = re.compile(r" load ([^,]*),")
HEADING = """# Benchmarks

Made by `python -m tests.benchmarks --record`; each row can be run again with
`python -m tests.benchmarks NAME`. Both sides run in alternation, the numbers are medians. Compare
within a row, never between machines.

The ratio is what stands beside, divided by ours: above 1 we are quicker. It is to reach the number
after it, which is below 1 where ours has more to do: `N-epochs` and `N-images` hold a long training
against a short one (`2000-pictures` against a thousand), and are reached
if time grows in proportion, with a fifth to spare; `iteration`
holds a step against the calls in it. Of memory, the difference counts. `threads-NAME` are single
short epochs, with the recipe's number of threads and with the other one. `best-resnet` gives the
other as long as ours takes, so that the accuracies beside it are what counts. Row
`best` was measured when the recipe still took ten epochs with Adam. Load is the machine's
average over the minute before; a training by itself makes it 1 to 2. Where it is above 5, both
sides ran at real-time priority, ahead of all that waited.

"""


def main() -> int:
    """Run what the command line asks for; 1 if anything was not reached."""
    options = _parse()
    results = []
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder, "MNIST_data")
        place = find()
        fetch(root, sources=[place] if place else None)
        places = {
            "root": str(root),
            "mirror": serve(root, Path(folder, "mirror")),
            "runs": str(_train_a_run(root, Path(folder, "runs"))),
        }
        for name in options.names or COMPARISONS:
            result = compare(COMPARISONS[name], places, options.rounds)
            print(_line(result), flush=True)
            results.append(result)
    if options.json:
        options.json.write_text(json.dumps([each.as_dict() for each in results], indent=2) + "\n")
    if options.record:
        _record(results)
    return 0 if all(result.reached for result in results) else 1


def _train_a_run(root: Path, runs: Path) -> Path:
    """Train one epoch of the lecture's classifier for the commands that need a run."""
    words = ["train", "--epochs", "1", "--no-pictures", "--root", root, "--runs", runs, "--quiet"]
    subprocess.run([sys.executable, "-m", "mnist_tool", *words], check=True, stdout=sys.stderr)
    return runs


def _parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks")
    parser.add_argument("names", nargs="*", metavar="NAME", help=", ".join(COMPARISONS))
    parser.add_argument("--rounds", type=int, help="how often each side runs")
    parser.add_argument("--json", type=Path, help="write all values there")
    parser.add_argument("--record", action="store_true", help=f"write them into {TABLE.name}")
    options = parser.parse_args()
    unknown = sorted(set(options.names) - set(COMPARISONS))
    if unknown:
        parser.error(f"there is no {', '.join(unknown)}; choose from {', '.join(COMPARISONS)}")
    return options


def _line(result: Result) -> str:
    sign = "reached" if result.reached else "NOT REACHED"
    said = "".join(f"  {text}" for text in (result.remark, result.note) if text)
    return (
        f"{result.name}: {result.ours} {result.our_median:.3g} {result.unit}, "
        f"{result.theirs} {result.their_median:.3g} {result.unit}, "
        f"{_comparison(result)}: {sign}{said}"
    )


def _comparison(result: Result) -> str:
    if result.unit == "MB":
        return f"{result.our_median - result.their_median:+.0f} MB (at most {result.reach:+.0f})"
    return f"ratio {result.ratio:.2f} (at least {result.reach:g})"


def _record(results: list[Result]) -> None:
    """Merge results into the record and write its table anew."""
    old: list[dict[str, Any]] = json.loads(RECORD.read_text()) if RECORD.exists() else []
    rows = {row["name"]: row for row in old} | {each.name: each.as_dict() for each in results}
    ordered = [rows[name] for name in COMPARISONS if name in rows]
    RECORD.write_text(json.dumps(ordered, indent=2) + "\n")
    lines = [
        "| name | ours | beside | ratio | to reach | rounds | load | with |",
        "|---|---|---|---|---|---|---|---|",
    ]
    machines: dict[str, list[str]] = {}
    for row in ordered:
        difference = f"{row['our_median'] - row['their_median']:+.0f} MB"
        memory = row["unit"] == "MB"
        load = LOAD.search(row["machine"])[1]  # type: ignore[index]  # every row has one
        machine = f"{row['date']}, {LOAD.sub('', row['machine'])}"
        machines.setdefault(machine, []).append(f"`{row['name']}`")
        lines.append(
            f"| `{row['name']}` | {row['ours']}: {row['our_median']:.3g} {row['unit']} "
            f"| {row['theirs']}: {row['their_median']:.3g} {row['unit']} "
            f"| {difference if memory else format(row['ratio'], '.3g')} "
            f"| {'at most +' if memory else ''}{row['reach']:.3g}{' MB' if memory else ''} "
            f"| {len(row['our_values'])} | {load} "
            f"| {'; '.join(filter(None, (row['remark'], row['note'])))} |"
        )
    where = [f"{machine}: {', '.join(names)}" for machine, names in sorted(machines.items())]
    if len(where) == 1:
        where = [f"All on {next(iter(machines))}."]
    TABLE.write_text(HEADING + "\n".join(lines) + "\n\n" + "\n\n".join(where) + "\n")


if __name__ == "__main__":
    alone = sys.argv[1:2] == ["handwriting"]
    sys.exit(handwriting.main(sys.argv[2:]) if alone else main())
