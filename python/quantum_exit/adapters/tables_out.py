"""Result tables as Parquet, CSV or JSON lines."""

import csv
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from quantum_exit.errors import InvalidInputError, MissingExtraError
from quantum_exit.execution.tables import columns, missing

SUFFIXES = (".parquet", ".csv", ".jsonl")
_ROWS_AT_ONCE = 1 << 16


def check_suffix(path: str) -> str:
    """The ending of `path`, which says in which format a table is written there.

    Raises:
        InvalidInputError: It is none of `SUFFIXES`.
    """
    suffix = Path(path).suffix.lower()
    if suffix not in SUFFIXES:
        raise InvalidInputError("file", repr(path), f"expected a name that ends in {_either()}")
    return suffix


def write_table(table: NDArray[np.void], path: Path, suffix: str) -> None:
    """Writes an event or trade table: codes by name, what is absent as null (CSV: empty).

    Args:
        table: A structured array.
        path: The file.
        suffix: The format, one of `SUFFIXES`.

    Raises:
        MissingExtraError: Parquet, and pyarrow is not installed.
        OSError: The file cannot be written.
    """
    write_columns(columns(table), path, suffix)


def write_columns(cells: dict[str, NDArray[Any]], path: Path, suffix: str) -> None:
    """Writes columns of equal length, as `write_table` does.

    Raises:
        MissingExtraError: Parquet, and pyarrow is not installed.
        OSError: The file cannot be written.
    """
    if suffix == ".parquet":
        _write_parquet(cells, path)
    elif suffix == ".csv":
        with path.open("w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file, lineterminator="\n")
            writer.writerow(cells)
            for rows in _rows(cells):
                writer.writerows(rows)
    else:
        with path.open("w", encoding="utf-8", newline="\n") as file:
            for rows in _rows(cells):
                for row in rows:
                    record = dict(zip(cells, row, strict=True))
                    file.write(json.dumps(record, allow_nan=False) + "\n")


def _write_parquet(cells: dict[str, NDArray[Any]], path: Path) -> None:
    try:
        import pyarrow as pa  # noqa: PLC0415 - an optional dependency
        import pyarrow.parquet as pq  # noqa: PLC0415
    except ImportError as error:
        raise MissingExtraError("data", "pyarrow") from error
    masks = missing(cells)
    arrays = {
        name: pa.array(
            values,
            type=pa.string() if values.dtype == object else None,
            mask=masks.get(name),
        )
        for name, values in cells.items()
    }
    pq.write_table(pa.table(arrays), path, compression="zstd")


def _rows(cells: dict[str, NDArray[Any]]) -> Iterator[list[tuple[Any, ...]]]:
    length = len(next(iter(cells.values())))
    for start in range(0, length, _ROWS_AT_ONCE):
        part = {name: values[start : start + _ROWS_AT_ONCE] for name, values in cells.items()}
        lists = {name: values.tolist() for name, values in part.items()}
        for name, mask in missing(part).items():
            for row in np.flatnonzero(mask):
                lists[name][row] = None
        yield list(zip(*lists.values(), strict=True))


def _either() -> str:
    return f"{', '.join(SUFFIXES[:-1])} or {SUFFIXES[-1]}"
