"""What a row of the registry says of a data set; no row itself."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

from mnist_tool.advice import did_you_mean
from mnist_tool.dataset.datafile import LARGEST_ARCHIVE, DataFile
from mnist_tool.dataset.sources.archive import Archive
from mnist_tool.dataset.sources.base import Source
from mnist_tool.errors import SettingError

__all__ = ["DIGITS", "HALVES", "Card", "Dataset", "Split"]

DIGITS = tuple("0123456789")


@dataclass(frozen=True)
class Split:
    """A part of a data set that can be asked for.

    Parameters
    ----------
    name : str
        The word for ``--split``.
    file : str
        The `DataFile.split` of the two files that it is taken from.
    start, stop : int or None
        Which of their images it is, as in a slice.
    """

    name: str
    file: str
    start: int = 0
    stop: int | None = None


HALVES = (Split("train", "train"), Split("test", "test"))


@dataclass(frozen=True)
class Card:
    """What people should know of a data set before they use it.

    Parameters
    ----------
    about : str
        What it is and where it comes from, in a few sentences.
    authors : str
        Who made it, and when it was published.
    licence : str
        Under which terms, and who says so.
    homepage : str
        Where its makers describe it.
    citation : str
        How they ask to be cited.
    counts : mapping of str to tuple of int
        Images of each class in a split, where they are published.
    """

    about: str = ""
    authors: str = ""
    licence: str = ""
    homepage: str = ""
    citation: str = ""
    counts: Mapping[str, tuple[int, ...]] = field(default_factory=dict, hash=False)


@dataclass(frozen=True)
class Dataset:
    """A data set: how it is called, where it lies under the root, what it consists of.

    Parameters
    ----------
    name : str
        The word for ``--dataset``.
    title : str
        How reports call it.
    folder : str
        Folder under the root, torchvision's class name.
    files : tuple of DataFile
        Images and labels of each of its parts.
    sources : tuple of Source
        In the order in which they are tried.
    card : Card
        What people should know of it.
    classes : tuple of str
        Their names; a model has as many outputs.
    first_label : int
        The label that the files give to the first class.
    transposed : bool
        Whether the files have rows and columns of each image interchanged.
    splits : tuple of Split
        What can be asked for; the first one is what it is for.
    disputed : tuple of int
        Places of the test images whose labels people dispute.
    """

    name: str
    title: str
    folder: str
    files: tuple[DataFile, ...]
    sources: tuple[Source, ...] = ()
    card: Card = Card()
    classes: tuple[str, ...] = DIGITS
    first_label: int = 0
    transposed: bool = False
    splits: tuple[Split, ...] = HALVES
    disputed: tuple[int, ...] = ()

    def file(self, split: str, role: str) -> DataFile:
        """Return the file of a part and a role."""
        return next(f for f in self.files if (f.split, f.role) == (split, role))

    def split(self, name: str) -> Split:
        """Return what can be asked for under a name.

        Raises
        ------
        SettingError
            If there is nothing of that name; the hint tells what there is.
        """
        found = {split.name: split for split in self.splits}
        if name in found:
            return found[name]
        there = f"{self.title} has: {', '.join(found)}."
        raise SettingError(
            f"There is no split {name!r} of {self.title}.",
            hint=did_you_mean(name, found, "--split {}", there),
        )

    def count(self, name: str) -> int:
        """Return how many images a split has."""
        split = self.split(name)
        total = self.file(split.file, "labels").shape[0]
        return len(range(total)[split.start : split.stop])

    @property
    def fallbacks(self) -> tuple[Source, ...]:
        """The sources for ``fetch --mirror``: none that is known to refuse, archives first."""
        willing = [source for source in self.sources if not source.refuses]
        return tuple(sorted(willing, key=lambda source: not isinstance(source, Archive)))

    @cached_property
    def largest_archive(self) -> int:
        """Bytes of the largest thing that it comes in."""
        sizes = [carrier.size or 0 for file in self.files for carrier in file.carriers]
        return max(LARGEST_ARCHIVE, *sizes, 0)

    @cached_property
    def largest_file(self) -> int:
        """Bytes of its largest file, packed or not."""
        return max(self.largest_archive, *(file.size for file in self.files))

    @cached_property
    def algorithms(self) -> frozenset[str]:
        """Names of the digests by which published files prove its files; mostly none."""
        return frozenset(each.algorithm for file in self.files for each in file.proofs)
