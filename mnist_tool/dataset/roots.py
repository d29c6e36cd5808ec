"""Find the root that was meant, where the folder named lies a level too deep."""

from __future__ import annotations

from pathlib import Path

from mnist_tool.dataset.registry import Dataset
from mnist_tool.dataset.store import RAW, Store
from mnist_tool.errors import MissingDataError
from mnist_tool.files import stands

__all__ = ["check_root", "meant_root"]


def meant_root(root: Path, dataset: Dataset) -> Path | None:
    """Return the folder above ``MNIST/`` where ``MNIST/`` or ``raw/`` itself was named.

    Parameters
    ----------
    root : Path
        What was named.
    dataset : Dataset
        The data set that should be there.

    Returns
    -------
    Path or None
        The root under which files of that name do lie; ``None`` where it is as good as any.
    """
    if _holds(Store(root, dataset, read_only=True).raw, dataset):
        return None
    whole = root.absolute()
    if whole.name == dataset.folder and _holds(whole / RAW, dataset):
        return whole.parent
    if whole.name == RAW and whole.parent.name == dataset.folder and _holds(whole, dataset):
        return whole.parent.parent
    return None


def _holds(folder: Path, dataset: Dataset) -> bool:
    return any(stands(folder / file.name) == "file" for file in dataset.files)


def check_root(root: Path, dataset: Dataset) -> None:
    """Refuse a root that is a level too deep, before anything is fetched into it.

    Raises
    ------
    MissingDataError
        If the data lie where a root above would have them.
    """
    meant = meant_root(root, dataset)
    if meant is None:
        return
    raise MissingDataError(
        f"{root} is too deep: the root is the folder that holds {dataset.folder}/, and the files "
        f"of {dataset.title} lie in {meant / dataset.folder / RAW}.",
        hint=f"Use --root {meant} (in Python: root={str(meant)!r}).",
    )
