"""Try ideas on images held out of training: python -m tests.training.trials plain dirac."""

from __future__ import annotations

import argparse
import copy
import statistics
import time
from collections.abc import Iterator
from pathlib import Path

import torch
from torch import Tensor, nn
from torch.nn import functional as F  # noqa: N812  # the name all of PyTorch's documentation uses

from mnist_tool.reading.network import MEAN, SPREAD
from mnist_tool.training import augment, models
from mnist_tool.training.adam import one_cycle
from mnist_tool.training.data import hold_out, load
from mnist_tool.training.evaluate import evaluate
from mnist_tool.training.muon import Muon
from mnist_tool.training.recipes import RECIPES, Recipe
from tests.benchmarks.harness import machine

FIRST_SEED = 777


class Trial:
    """A training with Muon as the recipe has it, of which each idea changes one thing."""

    def __init__(self, recipe: Recipe, pixels: Tensor) -> None:
        self.recipe = recipe
        self.model = models.build(recipe.model, 10)
        assert isinstance(self.model, models.Windowed)
        assert isinstance(self.model.network, nn.Sequential)
        self.layers = self.model.network
        self.prepare(pixels)
        self.as_recipe, self.model._change = self.model._change, self.change
        self.optimizer = Muon(self.model.parameters(), recipe.betas)

    def prepare(self, pixels: Tensor) -> None:
        """Change the network before its first step."""

    def change(self, pixels: Tensor) -> Tensor:
        """Make the windows of a batch to train on."""
        return self.as_recipe(pixels)

    def learn(self, pixels: Tensor, labels: Tensor, done: float) -> None:
        """Take one step, when a share of all is done."""
        self.optimizer.zero_grad()
        self.cost(self.model(pixels), labels, done).backward()  # type: ignore[no-untyped-call]
        self.optimizer.step(self.recipe.learning_rate * self.pace(done))

    def pace(self, done: float) -> float:
        """Return the share of the learning rate's top."""
        return one_cycle(done, self.recipe.warm_up)

    def cost(self, logits: Tensor, labels: Tensor, done: float) -> Tensor:
        """Return the mean cost of a batch."""
        return F.cross_entropy(logits, labels, label_smoothing=self.recipe.label_smoothing)

    def finish(self, pixels: Tensor, labels: Tensor) -> nn.Module:
        """Return what is to be asked."""
        return self.model

    def convolutions(self) -> list[nn.Conv2d]:
        """Return them from the first to the last."""
        return [each for each in self.layers if isinstance(each, nn.Conv2d)]


class Orthogonal(Trial):
    """All matrices orthogonal at first."""

    def prepare(self, pixels: Tensor) -> None:
        with torch.no_grad():
            for each in self.model.parameters():
                if each.dim() > 1:
                    each.copy_(nn.init.orthogonal_(torch.empty(each.shape)))


class Dirac(Trial):
    """Each inner convolution hands on what it takes, at first."""

    def prepare(self, pixels: Tensor) -> None:
        for each in self.convolutions()[1:]:
            nn.init.dirac_(each.weight[: each.in_channels])


class EveryShift(Trial):
    """Each batch's window is the next of the nine, in place of one of them at random."""

    def prepare(self, pixels: Tensor) -> None:
        places = [(down, right) for down in (-1, 0, 1) for right in (-1, 0, 1)]
        self.places = [places[n] for n in torch.randperm(9)]

    def change(self, pixels: Tensor) -> Tensor:
        """Cut the windows at the next place."""
        self.places.append(self.places.pop(0))
        return models.window(pixels, *self.places[0])


class DiracAndEveryShift(Dirac, EveryShift):
    """The two together."""

    def prepare(self, pixels: Tensor) -> None:
        Dirac.prepare(self, pixels)
        EveryShift.prepare(self, pixels)


class Whitened(Trial):
    """The first filters are the strongest directions of patches, each as strong as the others."""

    def prepare(self, pixels: Tensor) -> None:
        first = self.convolutions()[0]
        side = first.kernel_size[0]
        patches = F.unfold((pixels[:2000] - MEAN) / SPREAD, side).transpose(1, 2).flatten(0, 1)
        strengths, directions = torch.linalg.eigh(patches.T @ patches / len(patches))
        filters = (directions / (strengths + 1e-2).sqrt()).T.flip(0)
        both = torch.cat((filters, -filters))[: first.out_channels]
        with torch.no_grad():
            first.weight[: len(both)] = both.view(-1, 1, side, side)


class Fixed(Trial):
    """The first convolution and its normalisation no longer change in the last 30 %."""

    begin = 0.7

    def learn(self, pixels: Tensor, labels: Tensor, done: float) -> None:
        """Take a step, and take back what it changed of them."""
        first = [each for layer in self.layers[:3] for each in layer.parameters()]
        before = [each.detach().clone() for each in first]
        super().learn(pixels, labels, done)
        if done >= self.begin:
            with torch.no_grad():
                for each, old in zip(first, before, strict=True):
                    each.copy_(old)


class WhitenedFixed(Fixed, Whitened):
    """Whitened, and from the first step on nothing of it changes."""

    begin = 0.0


class Averaged(Trial):
    """The mean of the weights of the last steps is asked, each counting 0.95 of the next."""

    kept = 0.95

    def prepare(self, pixels: Tensor) -> None:
        self.mean = copy.deepcopy(self.model)

    def learn(self, pixels: Tensor, labels: Tensor, done: float) -> None:
        super().learn(pixels, labels, done)
        pairs = zip(self.mean.state_dict().values(), self.model.state_dict().values(), strict=True)
        for mean, now in pairs:
            if now.is_floating_point():
                mean.lerp_(now, 1 - self.kept)

    def finish(self, pixels: Tensor, labels: Tensor) -> nn.Module:
        return self.mean


class AveragedHigh(Averaged):
    """The same, and the learning rate ends at a fifth of its top in place of zero."""

    def pace(self, done: float) -> float:
        """Return no less than a fifth, but while it warms up."""
        pace = super().pace(done)
        return pace if done < self.recipe.warm_up else max(pace, 0.2)


class Lookahead(Trial):
    """Every fifth step goes back half of the way to the fifth before it."""

    def prepare(self, pixels: Tensor) -> None:
        self.slow = [each.detach().clone() for each in self.model.parameters()]
        self.count = 0

    def learn(self, pixels: Tensor, labels: Tensor, done: float) -> None:
        super().learn(pixels, labels, done)
        self.count += 1
        if self.count % 5 == 0:
            with torch.no_grad():
                for slow, fast in zip(self.slow, self.model.parameters(), strict=True):
                    fast.copy_(slow.lerp_(fast, 0.5))


class SmoothingFalls(Trial):
    """Label smoothing falls from twice its value to nothing."""

    def cost(self, logits: Tensor, labels: Tensor, done: float) -> Tensor:
        smoothing = 2 * self.recipe.label_smoothing * (1 - done)
        return F.cross_entropy(logits, labels, label_smoothing=smoothing)


class SmoothingRises(Trial):
    """Label smoothing rises from nothing to twice its value."""

    def cost(self, logits: Tensor, labels: Tensor, done: float) -> Tensor:
        smoothing = 2 * self.recipe.label_smoothing * done
        return F.cross_entropy(logits, labels, label_smoothing=smoothing)


def solved(features: Tensor, labels: Tensor, ridge: float) -> Tensor:
    """Return a last layer's weights, and below them its biases, by least squares with a ridge."""
    features = torch.cat((features, torch.ones_like(features[:, :1])), 1)
    square = (features.T @ features).double()
    square += torch.eye(len(square)) * square.diagonal().mean() * ridge
    wanted = (features.T @ F.one_hot(labels, 10).to(features.dtype)).double()
    return torch.linalg.solve(square, wanted).float()


class LeastSquares(Trial):
    """The last layer is solved at the end, by least squares with a ridge, over all images."""

    def finish(self, pixels: Tensor, labels: Tensor) -> nn.Module:
        self.model.eval()
        last = self.layers[-1]
        assert isinstance(last, nn.Linear)
        with torch.no_grad():
            windows = [models.window(part, 0, 0) for part in pixels.split(1000)]
            features = torch.cat([self.layers[:-1]((each - MEAN) / SPREAD) for each in windows])
            found = solved(features.double(), labels, 1e-3) * 10  # as sharp as logits, for views
            last.weight.copy_(found[:-1].T)
            last.bias.copy_(found[-1])
        return self.model


class FixedFilters(Trial):
    """No step at all: patches of images as filters, hidden units at random, and least squares.

    After M. D. McDonnell and T. Vladusich, "Enhanced image classification with a fast-learning
    shallow convolutional neural network", 2015, who report 0.37 % errors of more and larger layers.
    """

    def learn(self, pixels: Tensor, labels: Tensor, done: float) -> None:
        """Leave all as it is."""

    def finish(self, pixels: Tensor, labels: Tensor) -> nn.Module:
        """Solve for the last layer."""
        return _Solved(pixels, labels)


class _Solved(nn.Module):
    FILTERS, SIDE, HIDDEN, RIDGE = 48, 7, 1600, 1e-4

    def __init__(self, pixels: Tensor, labels: Tensor) -> None:
        super().__init__()
        patches = F.unfold(pixels[:200, :, 4:-4, 4:-4], self.SIDE).transpose(1, 2).flatten(0, 1)
        patches = patches - patches.mean(1, keepdim=True)
        patches = patches[patches.norm(dim=1) > 1]
        chosen = F.normalize(patches[torch.randperm(len(patches))[: self.FILTERS]])
        self.filters = chosen.view(-1, 1, self.SIDE, self.SIDE)
        seen = self._seen(pixels)
        self.mean, self.spread = seen.mean(0), seen.std(0) + 1e-3
        seen = (seen - self.mean) / self.spread
        one, other = torch.randint(len(seen), (2, self.HIDDEN))
        apart = seen[one] - seen[other]  # a unit tells one image from another
        self.ways = (2 * apart / (apart.square().sum(1, keepdim=True) + 1e-6)).T
        self.middle = (self.ways * (seen[one] + seen[other]).T).sum(0) / 2
        self.last = nn.Parameter(solved(self._hidden(seen), labels, self.RIDGE))

    def _seen(self, pixels: Tensor) -> Tensor:
        parts = []
        for part in pixels.split(500):
            energy = F.conv2d(part, self.filters, padding=self.SIDE // 2).square()
            parts.append(F.avg_pool2d(energy, 8, 3).sqrt().sqrt().flatten(1))
        return torch.cat(parts)

    def _hidden(self, seen: Tensor) -> Tensor:
        return F.relu(seen @ self.ways - self.middle)

    def forward(self, pixels: Tensor) -> Tensor:
        hidden = self._hidden((self._seen(pixels) - self.mean) / self.spread)
        return hidden @ self.last[:-1] + self.last[-1]


class Gentler(Trial):
    """In the last fifth images are distorted less and less, down to a fifth as much."""

    def learn(self, pixels: Tensor, labels: Tensor, done: float) -> None:
        self.much = min(1.0, max(0.2, 5 * (1 - done)))
        super().learn(pixels, labels, done)

    def prepare(self, pixels: Tensor) -> None:
        self.much = 1.0

    def change(self, pixels: Tensor) -> Tensor:
        """Distort as much as it is time for."""
        names = ("ROTATION", "STRETCH", "SLANT", "SHIFT")
        whole = {name: getattr(augment, name) for name in names}
        for name, value in whole.items():
            setattr(augment, name, value * self.much)
        try:
            return augment.distort(pixels, models.WINDOW)
        finally:
            for name, value in whole.items():
                setattr(augment, name, value)


class Erased(Trial):
    """A square of 4 to 8 pixels is wiped out of half of the images."""

    def change(self, pixels: Tensor) -> Tensor:
        """Change the images as the recipe does, then wipe."""
        windows = super().change(pixels)
        side = windows.shape[-1]
        chosen, size, top, left = torch.rand(4, len(windows), 1, 1, 1)
        size = 4 + 4 * size
        place = torch.arange(side)
        rows = (place.view(1, 1, side, 1) - top * side).abs() < size / 2
        columns = (place.view(1, 1, 1, side) - left * side).abs() < size / 2
        wiped: Tensor = windows * ~(rows & columns & (chosen < 0.5))
        return wiped


class Dropout(Trial):
    """A fifth of what the last layer takes is left out."""

    def prepare(self, pixels: Tensor) -> None:
        self.layers.insert(len(self.layers) - 1, nn.Dropout(0.2))


class Placed(Trial):
    """The last layer sees where each filter answers, in place of its maximum over the image."""

    def prepare(self, pixels: Tensor) -> None:
        last = self.layers[-1]
        self.layers[-3] = nn.Identity()
        self.layers[-1] = nn.Linear(last.in_features * 9, 10)


class Growing(Trial):
    """The first half sees windows of 24 pixels shrunk to 18, which cost half as much."""

    def learn(self, pixels: Tensor, labels: Tensor, done: float) -> None:
        self.early = done < 0.5
        super().learn(pixels, labels, done)

    def change(self, pixels: Tensor) -> Tensor:
        """Change the images as the recipe does, and shrink them while it is early."""
        windows = super().change(pixels)
        if not self.early:
            return windows
        return F.interpolate(windows, (18, 18), mode="bilinear", align_corners=False)


TRIALS: dict[str, type[Trial]] = {
    "plain": Trial,
    "orthogonal": Orthogonal,
    "dirac": Dirac,
    "dirac-and-every-shift": DiracAndEveryShift,
    "whitened": Whitened,
    "whitened-fixed": WhitenedFixed,
    "fixed": Fixed,
    "averaged": Averaged,
    "averaged-high": AveragedHigh,
    "lookahead": Lookahead,
    "every-shift": EveryShift,
    "smoothing-falls": SmoothingFalls,
    "smoothing-rises": SmoothingRises,
    "least-squares": LeastSquares,
    "fixed-filters": FixedFilters,
    "gentler": Gentler,
    "erased": Erased,
    "dropout": Dropout,
    "placed": Placed,
    "growing": Growing,
}
FOR_BEST = ("gentler", "placed", "growing")  # change what ``fast-cnn`` does not have


def batches(count: int, size: int, steps: int) -> Iterator[Tensor]:
    """Draw the images of each step: all of them in random order, and again."""
    order = torch.empty(0, dtype=torch.int64)
    for _ in range(steps):
        if len(order) < size:
            order = torch.cat((order, torch.randperm(count)))
        yield order[:size]
        order = order[size:]


def run(
    kind: type[Trial],
    recipe: Recipe,
    split: tuple[Tensor, Tensor],
    steps: int,
    seed: int,
) -> tuple[nn.Module, float]:
    """Train once; return the model, and the seconds of the steps."""
    images, labels = split
    torch.manual_seed(seed)
    pixels = images.unsqueeze(1) / 255.0
    trial = kind(recipe, pixels)
    trial.model.train()
    started = time.perf_counter()
    for step, chosen in enumerate(batches(len(images), recipe.batch_size, steps)):
        trial.learn(pixels[chosen], labels[chosen], (step + 0.5) / steps)
    took = time.perf_counter() - started
    return trial.finish(pixels, labels), took


def main() -> None:
    """Train each idea with the same seeds, and tell how many images held out were right."""
    parser = argparse.ArgumentParser(prog="python -m tests.training.trials", description=__doc__)
    parser.add_argument("ideas", nargs="*", metavar="IDEA", help=", ".join(TRIALS))
    parser.add_argument("--recipe", default="fast-cnn", choices=["fast-cnn", "sprint", "best"])
    parser.add_argument("--seeds", type=int, default=16)
    parser.add_argument("--first", type=int, default=FIRST_SEED, help="seed")
    parser.add_argument("--images", type=int, default=50_000, help="to train on")
    parser.add_argument("--held", type=int, default=10_000, help="others, to test on")
    parser.add_argument("--epochs", type=int, help="by default those of the recipe")
    parser.add_argument("--root", type=Path, help="where MNIST is")
    parser.add_argument("--threads", type=int, default=1)
    asked = parser.parse_args()
    torch.set_num_threads(asked.threads)
    recipe = RECIPES[asked.recipe]
    images, labels = load("train", root=asked.root, offline=True)
    training, held = hold_out(len(images), asked.held)
    training = training[torch.randperm(len(training), generator=torch.Generator().manual_seed(1))]
    training = training[: asked.images]
    # As many steps as with the whole split, where nearly all of it is trained on.
    counted = len(images) if asked.images >= 50_000 else asked.images
    steps = recipe.taken(counted * (asked.epochs or recipe.epochs)) // recipe.batch_size
    print(f"{asked.recipe}, {len(training)} images, {steps} steps; {machine()}", flush=True)
    plain: list[float] = []
    for name in asked.ideas or TRIALS:
        shares, seconds = [], []
        for seed in range(asked.first, asked.first + asked.seeds):
            model, took = run(
                TRIALS[name], recipe, (images[training], labels[training]), steps, seed
            )
            shares.append(100 * evaluate(model, images[held], labels[held]).accuracy)
            seconds.append(took)
        plain = plain or shares
        apart = [here - there for here, there in zip(shares, plain, strict=True)]
        error = statistics.stdev(apart) / len(apart) ** 0.5 if len(apart) > 1 else 0.0
        print(
            f"{name}: {statistics.mean(shares):.3f} % ({statistics.mean(apart):+.3f}, "
            f"standard error {error:.3f}), median {statistics.median(seconds):.3g} s",
            flush=True,
        )


if __name__ == "__main__":
    main()
