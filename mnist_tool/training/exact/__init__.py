"""The training step of a linear classifier by hand: autograd's bits, without autograd.

In nanoGPT, as in the lecture, a step is four lines::

    logits = model(x)
    cost = F.cross_entropy(logits, y)
    cost.backward()
    optimizer.step()

The first two compute, and autograd records each call. The third goes through the record backwards
and calls the derivative of each. For one linear layer the record is the same every time, so the
derivatives can as well be called by their names, without making and walking it 9,000 times. With a
batch of n images x, logits z = x Wᵀ + b and cost c = mean(-log softmax(z)[label]), they are::

    dc/dz = (softmax(z) - onehot(label)) / n        dc/dW = (dc/dz)ᵀ x        dc/db = Σ dc/dz

**Why the bits are the same.** A sum of floating-point numbers depends on the order in which they
are added up, and that order depends on the function, the shapes, the layout in memory and the
number of threads. `linear` calls the functions that autograd would call, on the same numbers in the
same layout, so every weight and every cost is autograd's to the last bit; a test holds it.

**What is rehearsed.** One part can be had quicker in another layout (`softmax`): with an image per
column instead of an image per row. Whether that rounds in the same way depends on the processor and
on torch, and so does whether it is quicker. So before a training both layouts compute the same
random batches (`rehearsal`), and columns are taken only where every bit is equal and they were
quicker. Whichever is taken, the digits are the same.
"""

from mnist_tool.training.exact.linear import LinearSteps

__all__ = ["LinearSteps"]
