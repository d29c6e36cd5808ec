"""Race over the sources: the next where one fails or is silent, again where that helps."""

from __future__ import annotations

import time
from collections.abc import Sequence
from functools import partial

from mnist_tool.dataset.attempt import Attempt
from mnist_tool.dataset.fetching.state import REASONS, Fetch
from mnist_tool.dataset.fetching.worker import Worker
from mnist_tool.dataset.sources.base import Source

__all__ = ["race"]

# How often the sources at work are looked at.
LOOK = 0.1
# How long a source that is no longer needed may take to put its temporary file away.
LEAVE = 5.0


def race(fetch: Fetch, sources: Sequence[Source]) -> None:
    """Ask sources until nothing is wanted any more.

    All are asked once without waiting; a second one beside the first while that is silent.
    Those whose failure may pass (a reset, a truncated body, a busy server) are asked again
    after a pause that doubles, or as long as the server said.

    Parameters
    ----------
    fetch : Fetch
        What is wanted; collects the attempts.
    sources : sequence of Source
        In the order in which they are asked.

    Raises
    ------
    StorageError
        If the disk or the folder refuses; no other source could help.
    """
    workers = list(map(partial(Worker, fetch), sources))
    try:
        while fetch.wanted and time.monotonic() < fetch.deadline:
            working, quiet, following = 0, True, None
            for worker in workers:
                if worker.error is not None:
                    return  # it is raised below
                if worker.working:
                    quiet = worker.watch() and quiet
                    working += 1
                elif worker.due < (following.due if following else fetch.deadline):
                    following = worker
            if not working and following is None:
                return
            now = time.monotonic()
            if following is not None and quiet and following.due <= now:
                # Where several are silent it is the network that is: each further one gets half
                # the time, and all together no more than twice the patience.
                following.start(fetch.clocks.patience / 2**working)
            elif working or following is None:
                fetch.news.wait(LOOK)
                fetch.news.clear()
            else:
                fetch.progress.note(f"asking again in {following.due - now:.1f} s")
                time.sleep(following.due - now)
    finally:
        _end(fetch, workers)


def _end(fetch: Fetch, workers: Sequence[Worker]) -> None:
    """Tell whoever is still at work that it is over, and note who was not asked."""
    fetch.ended = True
    until = time.monotonic() + LEAVE
    for worker in workers:
        if worker.at_the_disk.acquire(timeout=max(0.0, until - time.monotonic())):
            worker.at_the_disk.release()
        if worker.working:
            worker.give_up(fetch.reason())
        elif not worker.turns and fetch.wanted and fetch.reason().outcome == "deadline":
            late = Attempt(worker.source.name, worker.source.shown, "", outcome="not-tried")
            late.message, late.hint = "time ran out before it", REASONS["deadline"][1]
            fetch.attempts.append(late)
    for worker in workers:
        if worker.error is not None:
            raise worker.error
