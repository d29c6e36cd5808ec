"""Before the tests: bring real MNIST to the cache if no copy is at hand and a source answers."""

from __future__ import annotations

import sys

from mnist_tool import MnistToolError, fetch
from tests import real_data


def main() -> None:
    """Say where the tests will find real MNIST, or loudly that they will not."""
    if real_data.find() is None:
        try:
            fetch(real_data.CACHE)
        except MnistToolError as error:
            print(
                f"REAL MNIST IS NOT HERE: tests marked `mnist` will be skipped. {error}",
                file=sys.stderr,
            )
            return
    print(f"Real MNIST for the tests: {real_data.find()}")


if __name__ == "__main__":
    main()
