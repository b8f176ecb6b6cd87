"""Leverage brackets: how much leverage a notional may have, and what margin keeps it alive."""

import gzip
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any

from quantum_exit.adapters.paper.wire import JsonObject
from quantum_exit.errors import InputFileError

_E8 = Decimal(10**8)
_PPM = Decimal(10**6)
_GZIP = b"\x1f\x8b"


@dataclass(frozen=True, slots=True, kw_only=True)
class Bracket:
    """One step of a symbol's brackets.

    Attributes:
        floor: Notional at which it begins, quote currency.
        cap: Notional at which it ends, quote currency.
        max_leverage: Largest leverage.
        maintenance_frac: Maintenance margin as a fraction of the notional.
        cum: What is taken off the maintenance margin, so that it does not jump between steps.
    """

    floor: int
    cap: int
    max_leverage: int
    maintenance_frac: Decimal
    cum: Decimal

    def for_venue(self) -> tuple[int, int, int, int]:
        """It as the matching core takes it: cap and cum in 1e-8, the fraction in ppm."""
        return (
            self.cap * 10**8,
            self.max_leverage,
            int(self.maintenance_frac * _PPM),
            int(self.cum * _E8),
        )

    def document(self, number: int) -> JsonObject:
        """It as `GET /fapi/v1/leverageBracket` shows it, as the `number`-th."""
        return {
            "bracket": number,
            "initialLeverage": self.max_leverage,
            "notionalCap": self.cap,
            "notionalFloor": self.floor,
            "maintMarginRatio": float(self.maintenance_frac),
            "cum": float(self.cum),
        }


def _ladder(rows: Sequence[tuple[int, int, str]]) -> tuple[Bracket, ...]:
    floor, cum, before = 0, Decimal(0), None
    found = []
    for cap, leverage, text in rows:
        frac = Decimal(text)
        if before is not None:
            cum += floor * (frac - before)
        found.append(
            Bracket(floor=floor, cap=cap, max_leverage=leverage, maintenance_frac=frac, cum=cum)
        )
        floor, before = cap, frac
    return tuple(found)


# Notional cap, leverage and maintenance fraction of Binance USD-M in October 2024.
_DEEP = _ladder(
    (
        (50_000, 125, "0.004"),
        (600_000, 100, "0.005"),
        (3_000_000, 75, "0.0065"),
        (12_000_000, 50, "0.01"),
        (70_000_000, 25, "0.02"),
        (100_000_000, 20, "0.025"),
        (230_000_000, 10, "0.05"),
        (480_000_000, 5, "0.1"),
        (600_000_000, 4, "0.125"),
        (800_000_000, 3, "0.15"),
        (1_200_000_000, 2, "0.25"),
        (1_800_000_000, 1, "0.5"),
    )
)
# An invented ladder of the usual form for symbols without a file of their own.
_SHALLOW = _ladder(
    (
        (10_000, 75, "0.0065"),
        (100_000, 50, "0.01"),
        (1_000_000, 25, "0.02"),
        (5_000_000, 10, "0.05"),
        (20_000_000, 5, "0.1"),
        (50_000_000, 2, "0.25"),
        (100_000_000, 1, "0.5"),
    )
)
_DEEP_SYMBOLS = frozenset({"BTCUSDT", "ETHUSDT"})


class Brackets:
    """Brackets of all symbols.

    Args:
        by_symbol: Those of a file; other symbols have a built-in ladder.
    """

    def __init__(self, by_symbol: Mapping[str, tuple[Bracket, ...]] | None = None) -> None:
        self._by_symbol = dict(by_symbol or {})

    def of(self, symbol: str) -> tuple[Bracket, ...]:
        """The brackets of `symbol`, by rising notional."""
        return self._by_symbol.get(symbol, _DEEP if symbol in _DEEP_SYMBOLS else _SHALLOW)


def read_brackets(path: str | Path) -> Brackets:
    """Brackets of a file, plain or gzip.

    Either the reply of `GET /fapi/v1/leverageBracket`, or leverage tiers by symbol as ccxt keeps them.

    Raises:
        InputFileError: The file cannot be read, or an entry lacks a key.
    """
    where = str(path)
    try:
        data = Path(path).read_bytes()
        raw = json.loads(gzip.decompress(data) if data.startswith(_GZIP) else data)
    except (OSError, EOFError, ValueError) as error:
        raise InputFileError(where, None, f"cannot be read: {error}") from error
    if isinstance(raw, list):
        pairs = [(entry.get("symbol"), entry.get("brackets")) for entry in raw]
    elif isinstance(raw, Mapping):
        pairs = [
            (_plain(name), [tier["info"] for tier in tiers])
            for name, tiers in raw.items()
            if "-" not in name  # dated contracts, which bear the name of their perpetual otherwise
        ]
    else:
        raise InputFileError(where, None, "expected a list or an object")
    return Brackets({name: _parsed(rows, where, name) for name, rows in pairs})


def _plain(name: str) -> str:
    return name.split(":", 1)[0].replace("/", "")


def _parsed(rows: Sequence[Mapping[str, Any]], where: str, name: str) -> tuple[Bracket, ...]:
    try:
        return tuple(
            Bracket(
                floor=int(row["notionalFloor"]),
                cap=int(row["notionalCap"]),
                max_leverage=int(row["initialLeverage"]),
                maintenance_frac=Decimal(str(row["maintMarginRatio"])),
                cum=Decimal(str(row["cum"])),
            )
            for row in rows
        )
    except (KeyError, ValueError, InvalidOperation) as error:
        raise InputFileError(where, name, f"no leverage bracket: {error!r}") from error
