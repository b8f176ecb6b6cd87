"""One Arrow column to one array, exactly, or an error that names file, row and column."""

from dataclasses import dataclass
from importlib import import_module
from types import MappingProxyType
from typing import Any, NoReturn

import numpy as np
from numpy.typing import NDArray

from quantum_exit._core import unit_ns_of
from quantum_exit.errors import MissingExtraError, TickFileError

_MAX_NS = np.iinfo(np.int64).max
_MAX_EXACT_INTEGER = 1 << 53
_TIMESTAMP_UNIT_NS = MappingProxyType({"s": 1_000_000_000, "ms": 1_000_000, "us": 1_000, "ns": 1})
_UNIT_NAME = MappingProxyType({ns: name for name, ns in _TIMESTAMP_UNIT_NS.items()})
_NUMBER = "expected a decimal such as 43251.1"
_PRICE = "is not a price; expected a positive, finite decimal such as 43251.1"
_TIME = "is not a time stamp; expected an integer such as 1700000000000"


def pyarrow(module: str = "pyarrow") -> Any:
    """`module` of pyarrow, imported when a Parquet file or a table is read and not before.

    Raises:
        MissingExtraError: It is not installed.
    """
    try:
        return import_module(module)
    except ImportError as error:
        raise MissingExtraError("data", module) from error


@dataclass(frozen=True, slots=True)
class Rows:
    """Rows of a batch: `rows(index)` is the 1-based data row of value `index`.

    Attributes:
        first: Row of the first value before any was dropped.
        kept: Offsets from `first` of the values, `None` where all were kept.
        size: Number of values.
    """

    first: int
    kept: NDArray[np.int64] | None
    size: int

    def __len__(self) -> int:
        return self.size

    def __call__(self, index: int) -> int:
        """1-based data row of value `index`.

        Raises:
            IndexError: The batch has no value `index`.
        """
        if not 0 <= index < self.size:
            msg = f"index: {index} is not allowed; the batch has {self.size} values"
            raise IndexError(msg)
        return self.first + (index if self.kept is None else int(self.kept[index]))


@dataclass(frozen=True, slots=True)
class Place:
    """Where a column's values stand, for errors."""

    path: str
    column: str
    rows: Rows

    def refuse(self, index: int | None, message: str) -> NoReturn:
        """Raises `TickFileError` for value `index`, or for the column where it is `None`."""
        row = None if index is None else self.rows(index)
        raise TickFileError(path=self.path, row=row, column=self.column, message=message)

    def refuse_first(self, bad: NDArray[np.bool_], column: Any, message: str) -> None:
        """Raises for the first value that is `bad`, quoting it, if there is one."""
        if bad.any():
            index = int(bad.argmax())
            value = column[index]
            self.refuse(index, f'"{value}" {message}')


def plain(column: Any) -> Any:
    """`column` without dictionary encoding or string views, for which many kernels are missing."""
    pa = pyarrow()
    if pa.types.is_dictionary(column.type):
        return plain(column.dictionary).take(column.indices)
    if pa.types.is_string(column.type) or pa.types.is_string_view(column.type):
        return column.cast(pa.large_string())
    return column


def _refuse_nulls(place: Place, column: Any, message: str) -> None:
    if column.null_count:
        nulls = column.is_null().to_numpy(zero_copy_only=False)
        place.refuse(int(nulls.argmax()), f"null {message}")


def time_values(place: Place, column: Any, unit_ns: int | None) -> tuple[NDArray[np.int64], int]:
    """Time stamps in ns since the UNIX epoch, and the ns in a unit of the column.

    Args:
        place: For errors.
        column: Integers, or timestamps with or without a time zone; without one they are UTC.
        unit_ns: ns in a unit of an integer column; `None` to tell it by the first value.

    Raises:
        TickFileError: A null, a negative value, one of another unit or beyond the year 2262, or a
            type that holds no exact time.
    """
    pa = pyarrow()
    _refuse_nulls(place, column, _TIME)
    if pa.types.is_timestamp(column.type):
        unit_ns = _TIMESTAMP_UNIT_NS[column.type.unit]
        column = column.cast(pa.int64())
    elif not pa.types.is_integer(column.type):
        place.refuse(None, f"has type {column.type}; expected an integer or a timestamp")
    values = column.to_numpy(zero_copy_only=False)
    place.refuse_first(values < 0, column, _TIME)
    if unit_ns is None:
        unit_ns = _told_unit(place, int(values[0]))
        _check_unit(place, values, unit_ns)
    name = _UNIT_NAME[unit_ns]
    place.refuse_first(
        values > _MAX_NS // unit_ns,
        column,
        f"{name} lies after the year 2262; expected a time that fits 64-bit nanoseconds",
    )
    values = values.astype(np.int64, copy=False)
    return (values if unit_ns == 1 else values * unit_ns), unit_ns


def _told_unit(place: Place, value: int) -> int:
    unit_ns = unit_ns_of(min(value, _MAX_NS))
    if unit_ns is None:
        place.refuse(
            0,
            f'"{value}" is too small to tell its unit; expected a time after March 1973, or a '
            "column named timestamp_ns, timestamp_us, timestamp_ms or timestamp_s",
        )
    return unit_ns


def _check_unit(place: Place, values: NDArray[Any], unit_ns: int) -> None:
    if {unit_ns_of(int(v)) for v in (values.min(), values.max())} == {unit_ns}:
        return
    index = next(i for i, v in enumerate(values.tolist()) if unit_ns_of(v) != unit_ns)
    other_ns = _told_unit(place, int(values[index]))
    place.refuse(
        index,
        f'"{values[index]}" is a time in {_UNIT_NAME[other_ns]}, the rows above are in '
        f"{_UNIT_NAME[unit_ns]}; expected one unit a file",
    )


def price_values(place: Place, column: Any) -> NDArray[np.float64]:
    """Positive, finite prices: doubles as they are, decimals and text as the nearest double.

    Raises:
        TickFileError: A null, text that is no number, a value that is no price, or a type that
            does not hold a price exactly.
    """
    pa = pyarrow()
    types = pa.types
    _refuse_nulls(place, column, f"is not a number; {_NUMBER}")
    column = plain(column)
    if types.is_decimal(column.type):
        # Through text, because the direct cast multiplies by a power of ten and rounds twice.
        values = _from_text(place, column.cast(pa.string()))
    elif types.is_large_string(column.type):
        values = _from_text(place, column)
    elif types.is_integer(column.type):
        integers = column.to_numpy(zero_copy_only=False)
        place.refuse_first(
            integers > _MAX_EXACT_INTEGER, column, "has no exact double; expected at most 2**53"
        )
        values = integers.astype(np.float64)
    elif types.is_float64(column.type):
        values = column.to_numpy(zero_copy_only=False)
    else:
        place.refuse(
            None,
            f"has type {column.type}, which does not hold a price exactly; expected double, "
            "decimal, string or integer",
        )
    with np.errstate(invalid="ignore"):
        place.refuse_first(~((values > 0) & np.isfinite(values)), column, _PRICE)
    return values


def _from_text(place: Place, column: Any) -> NDArray[np.float64]:
    pa = pyarrow()
    try:
        parsed = column.cast(pa.float64())
    except pa.ArrowInvalid:
        index = next(i for i in range(len(column)) if not _is_number(column[i]))
        place.refuse(index, f'"{column[index]}" is not a number; {_NUMBER}')
    values: NDArray[np.float64] = parsed.to_numpy(zero_copy_only=False)
    return values


def _is_number(scalar: Any) -> bool:
    pa = pyarrow()
    try:
        scalar.cast(pa.float64())
    except pa.ArrowInvalid:
        return False
    return True


def same_symbol(place: Place, column: Any, symbol: str | None) -> str | None:
    """The one symbol of `column`, which must be `symbol` where that is known.

    Raises:
        TickFileError: There are two: in one series that would be a price jump that never was.
    """
    values = plain(column)
    found = values.unique().to_pylist()
    if symbol is None and found:
        symbol = str(values[0])
    others = {other for other in map(str, found) if other != symbol}
    if others:
        index = next(i for i in range(len(values)) if str(values[i]) in others)
        place.refuse(index, f'"{values[index]}" follows "{symbol}"; expected one symbol a file')
    return symbol
