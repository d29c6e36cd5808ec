"""Fashion-MNIST: pieces of clothing in the place of digits."""

from __future__ import annotations

from mnist_tool.dataset.row import Card, Dataset
from mnist_tool.dataset.rows.four import Known, four_files
from mnist_tool.dataset.sources.apt import Apt
from mnist_tool.dataset.sources.mirror import Mirror

__all__ = ["FASHION"]

# Plain hashes from Debian's dataset-fashion-mnist; gzip sizes and hashes from tensorflow/datasets,
# url_checksums/fashion_mnist.txt.
FASHION = Dataset(
    name="fashion-mnist",
    title="Fashion-MNIST",
    folder="FashionMNIST",
    files=four_files(
        Known(
            sha256="c59f468a2f672dc815687fe0f83887768d799fd8a3f3276145d20f83aa44d888",
            gz_size=26_421_880,
            gz_sha256="3aede38d61863908ad78613f6a32ed271626dd12800ba2636569512369268a84",
            any_order="a14536334862ef7d",
        ),
        Known(
            sha256="bad3541b69d912435c50bb6ba87bec294ff4f6a2e1246121d8633921760443d9",
            gz_size=29_515,
            gz_sha256="a04f17134ac03560a47e3764e11b92fc97de4d1bfaf8ba1a3aa29af54cc90845",
            any_order="6a67c8c40ccdb2a0",
        ),
        Known(
            sha256="5b4141f0afbad91edebe8549f8fcffe087ea10ca49f1dbef5c9a5cd8815ce37b",
            gz_size=4_422_102,
            gz_sha256="346e55b948d973a97e58d2351dde16a484bd415d4595297633bb08f03db6a073",
            any_order="0303a2b6dfcb5308",
        ),
        Known(
            sha256="0402a96d92fd2663957122ceb108a494c5af83dab82d92729df917d7dec38c34",
            gz_size=5_148,
            gz_sha256="67da17c76eaffca5446c3361aaab5c3cd6d1c2608764d35dfb1850b086bf8dd5",
            any_order="3c66a17602224870",
        ),
    ),
    sources=(
        Mirror(
            "zalando",
            "http://fashion-mnist.s3-website.eu-central-1.amazonaws.com/",
            "the makers' bucket, which torchvision uses; plain http is safe, since hashes decide",
        ),
        Mirror(
            "keras",
            "https://storage.googleapis.com/tensorflow/tf-keras-datasets/",
            "Google storage; Keras uses it",
        ),
        Mirror(
            "zalando-github",
            "https://raw.githubusercontent.com/zalandoresearch/fashion-mnist/master/data/fashion/",
            "the makers' public repository",
        ),
        Apt(
            "debian",
            "dataset-fashion-mnist",
            "the package of Debian and Ubuntu, from where apt gets it; never installed",
        ),
    ),
    classes=(
        "T-shirt/top",
        "Trouser",
        "Pullover",
        "Dress",
        "Coat",
        "Sandal",
        "Shirt",
        "Sneaker",
        "Bag",
        "Ankle boot",
    ),
    card=Card(
        about="Pictures of clothes from Zalando's shop in the form of MNIST, made to be harder: "
        "a linear classifier that gets 92 % of MNIST right gets about 84 % of it.",
        authors="Han Xiao, Kashif Rasul and Roland Vollgraf (Zalando Research), 2017",
        licence="MIT; copyright Zalando SE",
        homepage="https://github.com/zalandoresearch/fashion-mnist",
        citation="H. Xiao, K. Rasul, R. Vollgraf: Fashion-MNIST: a Novel Image Dataset for "
        "Benchmarking Machine Learning Algorithms, 2017, arXiv:1708.07747",
        counts={"train": (6000,) * 10, "test": (1000,) * 10},
    ),
)
