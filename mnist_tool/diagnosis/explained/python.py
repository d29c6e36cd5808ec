"""What Python says when a part of Python itself is missing or has been replaced."""

from __future__ import annotations

from mnist_tool.diagnosis.explained.entry import VISION, Explanation

__all__ = ["PYTHON"]

BUILD = (
    "Python was built on a machine without the library for it, as pyenv and `make install` do, so "
    "a part of Python itself is missing, which pip cannot bring."
)
REBUILD = (
    "Install {debian} (Debian, Ubuntu), {fedora} (Fedora, RHEL) or {brew} (Homebrew), then build "
    "Python again, as with `pyenv install --force VERSION`; or use the system's own Python."
)


def _part(name: str, modules: str, debian: str, fedora: str, brew: str, source: str) -> Explanation:
    """Return what a missing compiled module of Python itself means."""
    return Explanation(
        f"python-without-{name}",
        rf"No module named '?({modules})'?$",
        BUILD,
        (),
        f"No module named '{modules.partition('|')[0]}'",
        source,
        REBUILD.format(debian=debian, fedora=fedora, brew=brew),
    )


WIKI = "https://github.com/pyenv/pyenv/wiki#suggested-build-environment"
PYTHON = (
    Explanation(
        "dataclasses-backport",
        r"module 'typing' has no attribute '_ClassVar'",
        "The package dataclasses, made for Python 3.6, takes the place of Python's own module.",
        ("{uninstall} dataclasses",),
        "AttributeError: module 'typing' has no attribute '_ClassVar'",
        "https://github.com/ericvsmith/dataclasses/issues/168",
        "If it lies in a folder of PYTHONPATH, take that folder out of the variable.",
    ),
    Explanation(
        "libpython",
        r"libpython3[\w.]*\.so[\w.]*: cannot open shared object file",
        "A package was compiled for a Python with a shared library, which this one does not have, "
        "or for another release of Python.",
        (),
        "ImportError: libpython3.7m.so.1.0: cannot open shared object file: No such file or "
        "directory",
        "https://github.com/marcusvlc/pytorch-on-rpi/issues/2",
        "Install libpython of that release (Debian: libpython3.11), or build Python with "
        "--enable-shared.",
    ),
    _part("lzma", "_lzma", "liblzma-dev", "xz-devel", "xz", VISION + "2921"),
    _part("bz2", "_bz2", "libbz2-dev", "bzip2-devel", "bzip2", WIKI),
    _part("ctypes", "_ctypes", "libffi-dev", "libffi-devel", "libffi", WIKI),
    _part("sqlite", "_sqlite3", "libsqlite3-dev", "sqlite-devel", "sqlite", WIKI),
    _part("ssl", "_ssl|_hashlib", "libssl-dev", "openssl-devel", "openssl@3", WIKI),
    _part("zlib", "zlib", "zlib1g-dev", "zlib-devel", "zlib", WIKI),
    _part("readline", "readline", "libreadline-dev", "readline-devel", "readline", WIKI),
    _part("curses", "_curses", "libncurses-dev", "ncurses-devel", "ncurses", WIKI),
    _part("tkinter", "_tkinter|tkinter", "tk-dev", "tk-devel", "tcl-tk", WIKI),
    _part("dbm", "_gdbm|_dbm", "libgdbm-dev", "gdbm-devel", "gdbm", WIKI),
    _part("uuid", "_uuid", "uuid-dev", "libuuid-devel", "ossp-uuid", WIKI),
)
