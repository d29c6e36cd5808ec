"""Comparisons about many pictures in one call: beside the tutorials' way, and twice as many."""

from __future__ import annotations

from tests.benchmarks.harness import Comparison, Sample, Side

__all__ = ["COMPARISONS"]

SIDES = ("-m", "tests.benchmarks.sides")
LEAST = 100  # pictures a second


def tell(ours: Sample, theirs: Sample) -> str:
    """Say how quick and how accurate both are."""
    return "; beside ".join(
        f"{each.said['pictures'] / each.said['seconds']:.0f} pictures/s with "
        f"{1000 * each.said['work'] / each.said['pictures']:.1f} ms of processor time each, "
        f"{each.said['accuracy']:.1%} right"
        for each in (ours, theirs)
    )


def too_slow(ours: Sample, theirs: Sample) -> str:
    """Say if ours is less accurate, or below a hundred pictures a second."""
    quick = ours.said["pictures"] >= LEAST * ours.said["seconds"]
    return "" if quick and ours.said["accuracy"] >= theirs.said["accuracy"] else tell(ours, theirs)


THOUSAND = Side("1,000 pictures", (*SIDES, "our_pictures", "{root}", "count=1000"))
TWO = Side("2,000 pictures", (*SIDES, "our_pictures", "{root}", "count=2000"))

COMPARISONS = (
    Comparison(
        "pictures",
        Side("1,000 photos of 400 x 400", (*SIDES, "our_pictures", "{root}", "count=1000")),
        Side("Otsu, the same weights", (*SIDES, "otsu_pictures", "{root}", "count=1000")),
        reach=1 / 8,  # for all that Otsu's way leaves out
        measure="said",
        wrong=too_slow,
        tell=tell,
        rounds=3,
    ),
    Comparison("2000-pictures", TWO, THOUSAND, reach=1 / 2 / 1.2, measure="said", rounds=3),
    Comparison("pictures-memory", TWO, THOUSAND, reach=10, measure="memory", rounds=3),
)
