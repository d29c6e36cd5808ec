"""Parquet as Hugging Face has it, PNG beside label, or a column for each pixel; by pyarrow."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from types import ModuleType
from typing import TYPE_CHECKING, Any, BinaryIO

from mnist_tool.advice import install_extra
from mnist_tool.dataset.bytes.damage import HINT, damage, damaged
from mnist_tool.dataset.bytes.forms.delimited import LABELS
from mnist_tool.dataset.bytes.forms.pictures import decoded, encoded
from mnist_tool.dataset.bytes.forms.values import InMemory, as_files
from mnist_tool.dataset.bytes.readable import Readable, read_long
from mnist_tool.errors import DependencyError, FormatError

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

__all__ = ["read", "write"]

LARGEST = 128 << 20  # bytes; Hugging Face's files of MNIST have 16 MB
MOST_ROWS = 1_000_000
MOST_COLUMNS = 2000
ROWS = 1000
INSTALL = install_extra("formats")


def read(stream: Readable, name: str) -> Iterator[tuple[str, InMemory]]:
    """Yield the IDX files in a parquet file; see `values.as_files`."""
    try:
        import pyarrow
        import pyarrow.parquet
    except ImportError:
        raise FormatError(
            f"it is a parquet file, which pyarrow reads; to install that: {INSTALL}",
            hint="Install it, or bring another form.",
        ) from None
    content = read_long(stream, LARGEST + 1)
    if len(content) > LARGEST:
        raise FormatError(f"it is a parquet file of more than {LARGEST >> 20} MiB", hint=HINT)
    try:
        found = list(_columns(pyarrow, content))
    except FormatError:
        raise
    except (pyarrow.ArrowException, TypeError, AttributeError, *damage()) as error:
        raise damaged(error) from error
    for column, values in found:
        yield from as_files(f"{name}/{column}" if column else name, values)


def _columns(pyarrow: ModuleType, content: bytearray) -> Iterator[tuple[str, NDArray[Any]]]:
    """Yield images and labels, or the one table that has both, as arrays."""
    file = pyarrow.parquet.ParquetFile(pyarrow.BufferReader(content))
    if file.metadata.num_rows > MOST_ROWS:
        raise FormatError(f"it has {file.metadata.num_rows:,} rows", hint=HINT)
    names = file.schema_arrow.names
    label = next((name for name in names if name.lower() in LABELS), "")
    pictures = [n for n in names if _is_picture(pyarrow, file.schema_arrow.field(n).type)]
    if pictures:
        yield from _pictures(file, pictures[0], label)
    else:
        yield "", _table(file, names, label)


def _pictures(file: Any, column: str, label: str) -> Iterator[tuple[str, NDArray[Any]]]:
    """Yield the pictures of a column, and the labels beside them where there are any."""
    import numpy as np

    images: list[NDArray[np.uint8]] = []
    labels: list[Any] = []
    for batch in file.iter_batches(ROWS, columns=[column, *([label] if label else [])]):
        images += [decoded(_png(value)) for value in batch.column(column).to_pylist()]
        labels += batch.column(label).to_pylist() if label else []
    if len({image.shape for image in images}) > 1:
        raise FormatError("its pictures have more than one size", hint=HINT)
    yield column, np.array(images)
    if labels:
        yield label, np.array(labels)


def _table(file: Any, names: Sequence[str], label: str) -> NDArray[np.float32]:
    """Return a column for each pixel, the label in front where there is one."""
    import numpy as np

    if len(names) > MOST_COLUMNS:
        raise FormatError(f"it has {len(names):,} columns", hint=HINT)
    ordered = ([label] if label else []) + [name for name in names if name != label]
    rows = [
        np.column_stack([_numbers(batch.column(name)) for name in ordered])
        for batch in file.iter_batches(ROWS, columns=ordered)
    ]
    return np.concatenate(rows)


def _is_picture(pyarrow: ModuleType, kind: Any) -> bool:
    """Whether a column has bytes, or structures with a part of bytes, as Hugging Face's images."""
    types = pyarrow.types
    if types.is_struct(kind):
        at = kind.get_field_index("bytes")
        return at >= 0 and _is_picture(pyarrow, kind.field(at).type)
    return bool(types.is_binary(kind) or types.is_large_binary(kind))


def _png(value: Any) -> bytes:
    content = value.get("bytes") if isinstance(value, dict) else value
    if not isinstance(content, bytes):
        raise FormatError("it has rows without a picture", hint=HINT)
    return content


def _numbers(column: Any) -> NDArray[np.float32]:
    """Return the numbers of a column; OpenML writes labels as text."""
    import numpy as np

    decode = getattr(column, "dictionary_decode", lambda: column)
    return np.asarray(decode().to_numpy(zero_copy_only=False)).astype(np.float32)


def write(
    file: BinaryIO,
    images: NDArray[np.uint8],
    labels: NDArray[Any],
    classes: Sequence[str],
    advance: Callable[[int], None],
) -> None:
    """Write a table as Hugging Face has it: its library finds pictures and names of classes.

    Raises
    ------
    DependencyError
        If pyarrow is not there.
    """
    try:
        import pyarrow
        import pyarrow.parquet
    except ImportError as error:
        raise DependencyError(f"pyarrow writes parquet: {error}.", hint=INSTALL) from error
    features = {
        "image": {"_type": "Image"},
        "label": {"_type": "ClassLabel", "names": list(classes)},
    }
    picture = pyarrow.struct([("bytes", pyarrow.binary()), ("path", pyarrow.string())])
    schema = pyarrow.schema(
        [("image", picture), ("label", pyarrow.int64())],
        {"huggingface": json.dumps({"info": {"features": features}})},
    )
    with pyarrow.parquet.ParquetWriter(file, schema) as writer:
        for start in range(0, len(images), ROWS):
            some = images[start : start + ROWS]
            rows = {
                "image": [{"bytes": encoded(image), "path": None} for image in some],
                "label": labels[start : start + ROWS].tolist(),
            }
            writer.write_table(pyarrow.table(rows, schema))
            advance(len(some))
