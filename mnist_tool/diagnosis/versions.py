"""What is known of versions: which torch fits which torchvision, file and Python."""

from __future__ import annotations

from packaging.requirements import InvalidRequirement, Requirement
from packaging.version import InvalidVersion, Version

__all__ = [
    "expected_torch",
    "needs_processed",
    "nested_folder",
    "newest_torch_for",
    "numpy_too_new",
    "parse",
    "pin",
    "reads_zip",
    "short",
    "too_new_for_torch",
]

# The newest torch with wheels for a Python that newer ones no longer support (the table in
# torchvision's README).
LAST_TORCH = {
    (2, 7): "1.4",
    (3, 5): "1.5",
    (3, 6): "1.10",
    (3, 7): "1.13",
    (3, 8): "2.4",
    (3, 9): "2.8",
}

NEWEST_PYTHON = (3, 14)  # the newest that torch's wheels were made for when this was written


def parse(text: str) -> Version | None:
    """Return a version, or ``None`` where the text is none.

    Examples
    --------
    >>> parse("2.15.0+cu132").release
    (2, 15, 0)
    """
    try:
        return Version(text)
    except InvalidVersion:
        return None


def short(text: str) -> str:
    """Return a version without its local part.

    Examples
    --------
    >>> short("2.15.0+cu132")
    '2.15.0'
    """
    return text.partition("+")[0]


def pin(requires: list[str], package: str) -> Requirement | None:
    """Return what a package's own metadata demands of another one.

    Examples
    --------
    >>> str(pin(["numpy", "torch (==1.2.0)"], "torch").specifier)
    '==1.2.0'
    """
    for line in requires:
        try:
            requirement = Requirement(line)
        except InvalidRequirement:
            continue
        if requirement.name.lower() == package and requirement.marker is None:
            return requirement
    return None


def expected_torch(torchvision: Version) -> str | None:
    """Return the torch minor release that a torchvision was made for, where its metadata is silent.

    Both count up together: 0.3 to 0.14 belong to torch 1.1 to 1.13, and 0.15 on to 2.0 on.

    Examples
    --------
    >>> expected_torch(Version("0.14.1")), expected_torch(Version("0.21.0"))
    ('1.13', '2.6')
    """
    major, minor = torchvision.release[0], (*torchvision.release, 0)[1]
    if major != 0 or minor < 3:
        return None
    if minor == 4:
        # The one release that served two: 0.4.0 and 0.4.1 for torch 1.2, later ones for 1.3.
        return "1.2" if torchvision < Version("0.4.2") else "1.3"
    if minor == 3:
        return "1.1"
    return f"1.{minor - 1}" if minor < 15 else f"2.{minor - 15}"


def needs_processed(torchvision: str) -> bool | None:
    """Whether this torchvision reads MNIST only from ``processed/*.pt``; ``None`` if unknown.

    Examples
    --------
    >>> needs_processed("0.9.1"), needs_processed("0.10.0"), needs_processed("")
    (True, False, None)
    """
    version = parse(torchvision)
    return None if version is None else version < Version("0.10.dev0")


def nested_folder(torchvision: str) -> bool:
    """Whether this torchvision looks into ``root/MNIST/``; the first ones looked into the root.

    Examples
    --------
    >>> nested_folder("0.2.0"), nested_folder("0.2.2.post3")
    (False, True)
    """
    version = parse(torchvision)
    return version is None or version >= Version("0.2.2")


def too_new_for_torch(python: str) -> bool:
    """Whether a Python is newer than any that torch was known to support.

    Examples
    --------
    >>> too_new_for_torch("3.14.1"), too_new_for_torch("3.15.0rc1")
    (False, True)
    """
    version = parse(python)
    return version is not None and version.release[:2] > NEWEST_PYTHON


def reads_zip(torch: str) -> bool | None:
    """Whether this torch reads the files that torch 1.6 and newer write; ``None`` if unknown.

    Tried with torch 1.0.1 to 1.7.1: 1.5.1 already does.

    Examples
    --------
    >>> reads_zip("1.4.0"), reads_zip("1.5.1")
    (False, True)
    """
    version = parse(torch)
    return None if version is None else version >= Version("1.5")


def numpy_too_new(torch: str, numpy: str) -> bool:
    """Whether a torch was built for NumPy 1 and there is NumPy 2.

    Examples
    --------
    >>> numpy_too_new("2.1.2+cu121", "2.2.6"), numpy_too_new("2.3.0", "2.2.6")
    (True, False)
    """
    old, new = parse(short(torch)), parse(numpy)
    return bool(old and new and old < Version("2.3") and new >= Version("2"))


def newest_torch_for(python: str) -> str | None:
    """Return the newest torch minor release for an old Python, ``None`` where it gets the newest.

    Examples
    --------
    >>> newest_torch_for("3.7.16"), newest_torch_for("3.13.0")
    ('1.13', None)
    """
    version = parse(python)
    return None if version is None else LAST_TORCH.get((version.major, version.minor))
