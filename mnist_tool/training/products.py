"""The products of matrices in a linear classifier's step, divided among threads."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from typing import Protocol

import torch
from torch import Tensor

from mnist_tool.training.pace import threads_kept
from mnist_tool.training.seeded import seeded

__all__ = ["Products", "Shared", "Whole", "choose"]

# How MKL divides the rows of a product among threads on a processor with AVX-512.
ROWS = 8


class Products(Protocol):
    """The logits of a batch, and a step along the gradient that its error has."""

    def batches(self, pixels: Tensor) -> Iterator[tuple[Tensor, Tensor]]:
        """Divide a block into batches.

        Parameters
        ----------
        pixels : Tensor, float32, shape (batches * n, ...)
            784 numbers of each image.

        Yields
        ------
        tuple of (Tensor, Tensor)
            The images x of a batch, as `logits` and as `descend` want them.
        """

    def logits(self, x: Tensor) -> None:
        """Compute z = x Wᵀ + b."""

    def descend(self, x: Tensor, rate: float) -> None:
        """Subtract from W its gradient (dc/dz)ᵀ x, times `rate`."""


class Whole:
    """The two calls that autograd makes.

    Parameters
    ----------
    weight : Tensor, float32, shape (10, 784)
        W, which `descend` changes.
    bias : Tensor, float32, shape (10,)
        b.
    logits : Tensor, float32, shape (n, 10)
        Where `logits` writes z.
    error : Tensor, float32, shape (n, 10)
        Where dc/dz is when `descend` is called.
    """

    def __init__(self, weight: Tensor, bias: Tensor, logits: Tensor, error: Tensor) -> None:
        self._weight, self._transposed, self._bias = weight, weight.t(), bias
        self._logits, self._error = logits, error.t()
        self._gradient = torch.empty_like(weight)

    def batches(self, pixels: Tensor) -> Iterator[tuple[Tensor, Tensor]]:
        """Divide a block into batches; see `Products`."""
        batches = pixels.view(-1, len(self._logits), self._weight.shape[1])
        return zip(batches, batches, strict=True)

    def logits(self, x: Tensor) -> None:
        """Compute z; see `Products`."""
        torch.addmm(self._bias, x, self._transposed, out=self._logits)

    def descend(self, x: Tensor, rate: float) -> None:
        """Make a step; see `Products`."""
        torch.mm(self._error, x, out=self._gradient)
        self._weight.add_(self._gradient, alpha=-rate)


class Shared:
    """Each product in equal shares, one per thread: of the images for z, of the pixels for dc/dW.

    Its parameters are those of `Whole`, and two more.

    Parameters
    ----------
    shares : int
        How many; a divisor of the number of images and of the number of pixels.
    rows : int
        So many rows of dc/dW are computed in one call. How many there are decides how a number of
        them is rounded.
    """

    def __init__(
        self, weight: Tensor, bias: Tensor, logits: Tensor, error: Tensor, shares: int, rows: int
    ) -> None:
        images, classes = logits.shape
        pixels = weight.shape[1]
        self._images = (shares, images // shares, pixels)
        self._pixels = (images, shares, pixels // shares)
        self._transposed = weight.t().expand(shares, pixels, classes)
        self._logits = logits.view(shares, -1, classes)
        self._bias = bias.expand_as(self._logits)
        self._parts = []
        for part, error_part in zip(
            torch.split(weight, rows), torch.split(error.t(), rows), strict=True
        ):
            in_shares = part.view(-1, shares, pixels // shares).transpose(0, 1)
            gradient = torch.empty_like(in_shares, memory_format=torch.contiguous_format)
            self._parts.append((error_part.expand(shares, -1, -1), gradient, in_shares))

    def batches(self, pixels: Tensor) -> Iterator[tuple[Tensor, Tensor]]:
        """Divide a block into batches; see `Products`."""
        by_image = pixels.view(-1, *self._images)
        by_pixel = pixels.view(-1, *self._pixels).transpose(1, 2)
        return zip(by_image, by_pixel, strict=True)

    def logits(self, x: Tensor) -> None:
        """Compute z; see `Products`."""
        torch.baddbmm(self._bias, x, self._transposed, out=self._logits)

    def descend(self, x: Tensor, rate: float) -> None:
        """Make a step; see `Products`."""
        for error, gradient, weight in self._parts:
            torch.bmm(error, x, out=gradient)
            weight.add_(gradient, alpha=-rate)


def choose(weight: Tensor, bias: Tensor, logits: Tensor, error: Tensor) -> dict[int, Products]:
    """Choose a way for each number of threads that gives autograd's bits; the usual one first.

    Where torch computes with MKL, two threads share dc/dW as rows 0 to 7 and 8 to 9, and the
    smaller part is added up in another order than it is within all ten. That is a bad division of
    the work, but it is the one whose digits are asked for. Each thread that computes both parts for
    its own half of the pixels gets the same bits sooner, and so does one thread alone. A rehearsal
    on random numbers makes sure of it; what rounds otherwise is not offered.

    Parameters
    ----------
    weight, bias, logits, error : Tensor
        See `Whole`.

    Returns
    -------
    dict of int to Products
        By the number of threads; first torch's present number, which is the only one on a GPU.
    """
    usual = torch.get_num_threads()
    chosen: dict[int, Products] = {usual: Whole(weight, bias, logits, error)}
    if usual == 1 or weight.device.type != "cpu":
        return chosen
    (images, classes), pixels = logits.shape, weight.shape[1]
    with threads_kept():
        expected = _rehearse(Whole, usual, images, pixels, classes)
        for threads in (usual, 1):
            if images % threads or pixels % threads:
                continue
            # Without MKL, shares would be computed one after the other.
            if threads > 1 and not torch.backends.mkl.is_available():  # type: ignore[no-untyped-call]
                continue
            for rows in (ROWS, classes):  # all at once last: it is quicker
                way = partial(Shared, shares=threads, rows=rows)
                found = _rehearse(way, threads, images, pixels, classes)
                if all(map(torch.equal, found, expected)):
                    chosen[threads] = way(weight, bias, logits, error)
    return chosen


@torch.inference_mode()
def _rehearse(
    way: Callable[[Tensor, Tensor, Tensor, Tensor], Products],
    threads: int, images: int, pixels: int, classes: int,
) -> list[Tensor]:  # fmt: skip
    """Return what a way computes on so many threads, from the same random numbers each time."""
    torch.set_num_threads(threads)
    with seeded(0):
        x = torch.rand(images, pixels)
        weight = torch.randn(classes, pixels)
        bias = torch.randn(classes)
        error = torch.randn(images, classes)
    logits = torch.empty_like(error)
    products = way(weight, bias, logits, error)
    ((for_logits, for_descent),) = products.batches(x)
    products.logits(for_logits)
    steps = []
    # What a step leaves where there was 0 is the gradient, to the last bit; elsewhere the sum with
    # what was there is rounded as well.
    for start, rate in ((torch.zeros_like(weight), 1.0), (weight.clone(), 0.1)):
        weight.copy_(start)
        products.descend(for_descent, rate)
        steps.append(weight.clone())
    return [logits, *steps, error.sum(0)]
