"""Every error the tool raises: what happened, where, why, and what to do next.

One tree; a caller catches as wide as it wants::

    MnistToolError                  anything this package raises on purpose
    ├── SettingError                an option, an environment value or an argument cannot be used
    ├── DataError                   the data set
    │   ├── FormatError             bytes that are not the IDX file or archive they should be
    │   ├── SourceError             one source did not bring a file; the walk goes on
    │   ├── FetchError              no source brought every file
    │   │   └── OfflineError        the network was forbidden and nothing local helped
    │   ├── MissingDataError        files that a command needs are not there
    │   ├── CorruptDataError        a file on disk is not the registered one
    │   └── StorageError            the disk or the folder refuses; no other source can help
    ├── TrainingError               training and what it leaves behind
    │   ├── DivergedError           the cost is no longer a finite number
    │   ├── CheckpointError         a checkpoint is damaged or belongs to something else
    │   └── RunNotFoundError        no such run, or none at all
    ├── ImageError                  a picture given to ``predict`` cannot be used
    ├── DisplayError                no window can be opened here
    └── DependencyError             a package is missing or does not import
"""

from __future__ import annotations

TYPE_CHECKING = False  # as in `mnist_tool/__init__.py`
if TYPE_CHECKING:
    from typing import Any

__all__ = [
    "CheckpointError",
    "CorruptDataError",
    "DataError",
    "DependencyError",
    "DisplayError",
    "DivergedError",
    "FetchError",
    "FormatError",
    "ImageError",
    "MissingDataError",
    "MnistToolError",
    "OfflineError",
    "RunNotFoundError",
    "SettingError",
    "SourceError",
    "StorageError",
    "TrainingError",
]


class MnistToolError(Exception):
    """Anything this package raises on purpose.

    Parameters
    ----------
    message : str
        What happened, where and why, as one or two plain sentences.
    hint : str
        What to do next; where possible a command that can be pasted.

    Attributes
    ----------
    code : str
        Stable name of the class for ``--json`` (``"fetch"``, ``"storage"`` ...).
    exit_code : int
        What a command that ends with this error returns: 2 usage, 3 could not do it.
    """

    code = "error"
    exit_code = 3

    def __init__(self, message: str, *, hint: str) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint

    def __str__(self) -> str:
        """Return both, so that whoever catches nothing is helped too."""
        return f"{self.message}\n{self.hint}".rstrip()

    def __reduce__(self) -> tuple[Any, ...]:
        """Let it travel to another process, as from a worker of a ``DataLoader``."""
        return _made_again, (type(self), self.__dict__)


def _made_again(kind: type[MnistToolError], state: dict[str, Any]) -> MnistToolError:
    error = kind.__new__(kind, state["message"])
    error.__dict__.update(state)
    return error


class SettingError(MnistToolError):
    """An option, an environment value or an argument cannot be used."""

    code = "setting"
    exit_code = 2


class DataError(MnistToolError):
    """Something about the data set went wrong."""

    code = "data"


class FormatError(DataError):
    """Bytes are not the IDX file or the archive they should be."""

    code = "format"


class SourceError(DataError):
    """One source did not bring a file; the walk goes on with the next.

    Parameters
    ----------
    message : str
        What happened, without the source's name.
    hint : str
        What would make this very source work.
    outcome : str
        One word for the kind of failure (``"dns"``, ``"refused"``, ``"timeout"``, ``"status"``,
        ``"content"`` ...), the same words as in ``fetch --json``.
    """

    code = "source"

    def __init__(self, message: str, *, hint: str, outcome: str) -> None:
        super().__init__(message, hint=hint)
        self.outcome = outcome


class FetchError(DataError, FileNotFoundError, RuntimeError):
    """No source brought every file; torchvision promises either of the other two.

    Attributes
    ----------
    attempts : list of Attempt
        Every try of `mnist_tool.dataset`, with its cause.
    files : list of FetchedFile
        What became of each file.
    missing : list of str
        Names of the files that are still missing.
    recipe : list of str
        How to bring them by hand.
    """

    code = "fetch"

    def __init__(self, message: str, *, hint: str) -> None:
        super().__init__(message, hint=hint)
        self.attempts: list[Any] = []
        self.files: list[Any] = []
        self.missing: list[str] = []
        self.recipe: list[str] = []


class OfflineError(FetchError):
    """The network was forbidden and nothing local could complete the data."""

    code = "offline"


class MissingDataError(DataError, FileNotFoundError, RuntimeError):
    """Files that a command needs are not there; torchvision promises either of the other two."""

    code = "missing-data"


class CorruptDataError(DataError, RuntimeError):
    """A file on disk has not the registered size or SHA-256; torchvision promises the other one."""

    code = "corrupt-data"


class StorageError(DataError):
    """The disk or the folder refuses; no other source can help."""

    code = "storage"


class TrainingError(MnistToolError):
    """Training, or reading what a training left behind, went wrong."""

    code = "training"


class DivergedError(TrainingError):
    """The cost is no longer a finite number."""

    code = "diverged"


class CheckpointError(TrainingError):
    """A checkpoint is damaged or belongs to another recipe or data set."""

    code = "checkpoint"


class RunNotFoundError(TrainingError):
    """There is no such run, or no run at all yet."""

    code = "run-not-found"


class ImageError(MnistToolError):
    """A picture given to ``predict`` cannot be used."""

    code = "image"


class DisplayError(MnistToolError):
    """No window can be opened here."""

    code = "display"


class DependencyError(MnistToolError):
    """A package is missing or does not import."""

    code = "dependency"
