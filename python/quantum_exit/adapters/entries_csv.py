"""Positions from a CSV file."""

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import NoReturn

from quantum_exit.errors import InputFileError

_NEEDED = ("entry_ns", "side", "entry_price", "qty")
_OPTIONAL = ("stop_price", "profile")
_SIDES = ("LONG", "SHORT")


@dataclass(frozen=True, slots=True, kw_only=True)
class EntryRow:
    """One data row of an entries file.

    Attributes:
        line: 1-based line in the file, for errors.
        entry_ns: ns since the UNIX epoch.
        side: "LONG" or "SHORT".
        entry_price: Quote currency, exactly as written; None = the price of the first tick.
        qty: Base currency, exactly as written.
        stop_price: Quote currency, exactly as written, or None.
        profile: Name or file of the profile, or None.
    """

    line: int
    entry_ns: int
    side: str
    entry_price: Decimal | None
    qty: Decimal
    stop_price: Decimal | None
    profile: str | None


def read_entries(path: str) -> list[EntryRow]:
    """The rows of a CSV file: `entry_ns,side,entry_price,qty[,stop_price][,profile]`.

    The header is needed, the columns may come in any order. Blank lines are skipped.

    Raises:
        InputFileError: The file cannot be read, lacks a column or has an unknown one, has no row,
            or holds a bad value; names line and column.
    """
    try:
        with Path(path).open(encoding="utf-8-sig", newline="") as file:
            return list(_rows(path, csv.reader(file, strict=True)))
    except OSError as error:
        raise InputFileError(path, None, f"cannot be opened: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise InputFileError(path, None, f"not UTF-8 text: {error}") from error
    except csv.Error as error:
        raise InputFileError(path, None, f"not CSV: {error}") from error


def _rows(path: str, lines: Iterator[list[str]]) -> Iterator[EntryRow]:
    header = next(lines, None)
    if header is None:
        raise InputFileError(path, None, f"file is empty; expected the header {_header()}")
    names = [name.strip() for name in header]
    for name in names:
        if name not in _NEEDED + _OPTIONAL:
            raise InputFileError(path, f"column {name!r}", f"unknown; expected {_header()}")
        if names.count(name) > 1:
            raise InputFileError(path, f"column {name}", "the column stands twice")
    for name in _NEEDED:
        if name not in names:
            raise InputFileError(path, f"column {name}", f"missing; expected {_header()}")
    count = 0
    for line, cells in enumerate(lines, start=2):
        if not any(cell.strip() for cell in cells):
            continue
        if len(cells) != len(names):
            message = f"{len(cells)} fields; expected {len(names)} ({', '.join(names)})"
            raise InputFileError(path, f"row {line}", message)
        cell_of = dict(zip(names, (cell.strip() for cell in cells), strict=True))
        yield _Row(path, line, cell_of).parse()
        count += 1
    if count == 0:
        raise InputFileError(path, None, "no rows after the header; expected one position a row")


def _header() -> str:
    return ",".join(_NEEDED) + "".join(f"[,{name}]" for name in _OPTIONAL)


@dataclass(frozen=True, slots=True)
class _Row:
    path: str
    line: int
    cells: dict[str, str]

    def parse(self) -> EntryRow:
        side = self.cells["side"].upper()
        if side not in _SIDES:
            self._refuse("side", "expected LONG or SHORT")
        qty = self._decimal("qty")
        if qty is None:
            self._refuse("qty", "expected a quantity above 0")
        return EntryRow(
            line=self.line,
            entry_ns=self._entry_ns(),
            side=side,
            entry_price=self._decimal("entry_price"),
            qty=qty,
            stop_price=self._decimal("stop_price"),
            profile=self.cells.get("profile") or None,
        )

    def _entry_ns(self) -> int:
        text = self.cells["entry_ns"]
        if not (text.isascii() and text.isdigit() and int(text) < 1 << 63):
            self._refuse("entry_ns", "expected whole ns since the UNIX epoch")
        return int(text)

    def _decimal(self, column: str) -> Decimal | None:
        text = self.cells.get(column)
        if not text:
            return None
        try:
            value = Decimal(text)
        except InvalidOperation:
            self._refuse(column, "expected a decimal")
        if not value.is_finite() or value <= 0:
            self._refuse(column, "expected a decimal above 0")
        return value

    def _refuse(self, column: str, expected: str) -> NoReturn:
        message = f"{self.cells.get(column, '')!r} is not allowed; {expected}"
        raise InputFileError(self.path, f"row {self.line}, column {column}", message)
