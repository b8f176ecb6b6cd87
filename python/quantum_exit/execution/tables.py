"""Structured arrays as columns, and as polars or pandas tables."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from quantum_exit._core import EVENT_KINDS, REASONS
from quantum_exit.errors import MissingExtraError
from quantum_exit.execution.summary import NEVER_NS

if TYPE_CHECKING:
    import pandas
    import polars

_SIDES = ("LONG", "SHORT")
_NO_POSITION = np.iinfo(np.uint64).max
_NAMES = (("kind", EVENT_KINDS), ("reason", REASONS), ("exit_reason", REASONS), ("side", _SIDES))


def columns(table: NDArray[np.void]) -> dict[str, NDArray[Any]]:
    """The columns of an event, trade or stop table, contiguous, codes replaced by their names."""
    names = table.dtype.names or ()
    found: dict[str, NDArray[Any]] = {name: np.ascontiguousarray(table[name]) for name in names}
    for name, texts in _NAMES:
        if name in found:
            found[name] = np.array(texts, dtype=object)[found[name]]
    return found


def missing(columns: Mapping[str, NDArray[Any]]) -> dict[str, NDArray[np.bool_]]:
    """For each column in which values can be absent, where they are."""
    found = {}
    for name, values in columns.items():
        if values.dtype.kind == "f":
            found[name] = np.isnan(values)
        elif name in ("opened_ns", "closed_ns"):
            found[name] = values == NEVER_NS
        elif name == "position_id":
            found[name] = values == _NO_POSITION
    return {name: mask for name, mask in found.items() if mask.any()}


def records(table: NDArray[np.void]) -> list[dict[str, Any]]:
    """The rows as dictionaries of plain values, None for what is absent."""
    cells = columns(table)
    lists = {name: values.tolist() for name, values in cells.items()}
    for name, mask in missing(cells).items():
        for row in np.flatnonzero(mask):
            lists[name][row] = None
    return [dict(zip(lists, row, strict=True)) for row in zip(*lists.values(), strict=True)]


def to_polars(table: NDArray[np.void]) -> "polars.DataFrame":
    """The table as a polars frame, null for what is absent.

    Raises:
        MissingExtraError: polars is not installed.
    """
    try:
        import polars  # noqa: PLC0415 - an optional dependency
    except ImportError as error:
        raise MissingExtraError("data", "polars") from error
    cells = columns(table)
    series = []
    masks = missing(cells)
    for name, values in cells.items():
        text = values.dtype == object
        one = polars.Series(
            name, values.tolist() if text else values, dtype=polars.String if text else None
        )
        if name in masks:
            present = polars.Series(~masks[name])
            one = polars.select(polars.when(present).then(one).alias(name)).to_series()
        series.append(one)
    return polars.DataFrame(series)


def to_pandas(table: NDArray[np.void]) -> "pandas.DataFrame":
    """The table as a pandas frame; integers that can be absent are `Int64` or `UInt64`.

    Raises:
        MissingExtraError: pandas is not installed.
    """
    try:
        import pandas  # noqa: PLC0415 - an optional dependency
    except ImportError as error:
        raise MissingExtraError("data", "pandas") from error
    cells = columns(table)
    frame = pandas.DataFrame(cells)
    for name, mask in missing(cells).items():
        if cells[name].dtype.kind in "iu":
            values = frame[name].astype("UInt64" if cells[name].dtype.kind == "u" else "Int64")
            frame[name] = values.mask(mask)
    return frame
