"""Kuzushiji: cursive Japanese characters, ten of them (KMNIST) or 49 (K49)."""

from __future__ import annotations

from mnist_tool.dataset.datafile import Carrier, DataFile
from mnist_tool.dataset.row import Card, Dataset
from mnist_tool.dataset.rows.four import Known, four_files
from mnist_tool.dataset.sources.mirror import Mirror

__all__ = ["K49", "KMNIST"]

LICENCE = (
    'CC BY-SA 4.0; to be attributed as: "KMNIST Dataset" (created by CODH), adapted from '
    '"Kuzushiji Dataset" (created by NIJL and others), doi:10.20676/00000341'
)
CITATION = (
    "T. Clanuwat, M. Bober-Irizar, A. Kitamoto, A. Lamb, K. Yamamoto, D. Ha: Deep Learning for "
    "Classical Japanese Literature, 2018, arXiv:1812.01718"
)
AUTHORS = "ROIS-DS Center for Open Data in the Humanities (CODH), 2018"
HOMEPAGE = "https://github.com/rois-codh/kmnist"

# Sizes and SHA-256 of the gzip files: tensorflow/datasets, url_checksums/kmnist.txt. Nobody has
# published hashes of the plain files.
KMNIST = Dataset(
    name="kmnist",
    title="Kuzushiji-MNIST",
    folder="KMNIST",
    files=four_files(
        Known(
            gz_size=18_165_135,
            gz_sha256="51467d22d8cc72929e2a028a0428f2086b092bb31cfb79c69cc0a90ce135fde4",
        ),
        Known(
            gz_size=29_497,
            gz_sha256="e38f9ebcd0f3ebcdec7fc8eabdcdaef93bb0df8ea12bee65224341c8183d8e17",
        ),
        Known(
            gz_size=3_041_136,
            gz_sha256="edd7a857845ad6bb1d0ba43fe7e794d164fe2dce499a1694695a792adfac43c5",
        ),
        Known(
            gz_size=5_120,
            gz_sha256="20bb9a0ef54c7db3efc55a92eef5582c109615df22683c380526788f98e42a1c",
        ),
    ),
    sources=(
        Mirror(
            "codh",
            "http://codh.rois.ac.jp/kmnist/dataset/kmnist/",
            "the makers' site, which torchvision uses",
        ),
        Mirror(
            "codh-https",
            "https://codh.rois.ac.jp/kmnist/dataset/kmnist/",
            "the same site over https, where plain http is blocked",
        ),
    ),
    classes=("o", "ki", "su", "tsu", "na", "ha", "ma", "ya", "re", "wo"),
    card=Card(
        about="Ten hiragana in the cursive script of old Japanese books, one from each row of the "
        "kana table, in the form of MNIST. A character may have several forms that look nothing "
        "alike.",
        authors=AUTHORS,
        licence=LICENCE,
        homepage=HOMEPAGE,
        citation=CITATION,
        counts={"train": (6000,) * 10, "test": (1000,) * 10},
    ),
)

KANA = (
    "a i u e o ka ki ku ke ko sa shi su se so ta chi tsu te to na ni nu ne no ha hi fu he ho "
    "ma mi mu me mo ya yu yo ra ri ru re ro wa wi we wo n"
)


def _k49_files() -> tuple[DataFile, ...]:
    """Return its files: .npz where it is published, IDX here; four public loaders have the MD5s."""
    files = []
    for split, count, images, labels in (
        ("train", 232_365, "7ac088b20481cf51dcd01ceaab89d821", "44a8e1b893f81e63ff38d73cad420f7a"),
        ("test", 38_547, "d352e201d846ce6b94f42c990966f374", "4da6f7a62e67a832d5eb1bd85c5ee448"),
    ):
        member = "arr_0.npy"
        pictures = Carrier(f"k49-{split}-imgs.npz", images, member=member)
        truths = Carrier(f"k49-{split}-labels.npz", labels, member=member)
        name, shape = f"k49-{split}-images-idx3-ubyte", (count, 28, 28)
        files += [
            DataFile(name, split, "images", shape, "", carriers=(pictures,)),
            DataFile(
                f"k49-{split}-labels-idx1-ubyte", split, "labels", (count,), "", carriers=(truths,)
            ),
        ]
    return tuple(files)


K49 = Dataset(
    name="k49",
    title="Kuzushiji-49",
    folder="K49",
    files=_k49_files(),
    sources=(
        Mirror("codh", "http://codh.rois.ac.jp/kmnist/dataset/k49/", "the makers' site"),
        Mirror(
            "codh-https",
            "https://codh.rois.ac.jp/kmnist/dataset/k49/",
            "the same site over https, where plain http is blocked",
        ),
    ),
    classes=(*KANA.split(), "iteration mark"),
    card=Card(
        about="48 hiragana and the mark that repeats one, in the cursive script of old Japanese "
        "books. Some are frequent, some rare, so its makers measure the mean of the recalls.",
        authors=AUTHORS,
        licence=LICENCE,
        homepage=HOMEPAGE,
        citation=CITATION,
    ),
)
