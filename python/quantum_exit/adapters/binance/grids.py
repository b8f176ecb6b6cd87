"""Exact decimals of the wire to ticks and lots and back, per symbol."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from decimal import ROUND_DOWN, ROUND_HALF_EVEN, Decimal
from typing import Self

from quantum_exit._core import Instrument
from quantum_exit.errors import InvalidInputError
from quantum_exit.execution.ports import Steps

_LARGEST = 1 << 53


@dataclass(frozen=True, slots=True)
class Grid:
    """The tick and the lot of one symbol.

    Attributes:
        tick: Price step in quote currency.
        lot: Quantity step in base currency.
        tick_size: `tick` as the instrument writes it.
    """

    tick: Decimal
    lot: Decimal
    tick_size: str

    @classmethod
    def of(cls, instrument: Instrument) -> Self:
        """The grid of an instrument."""
        return cls.of_steps(instrument.tick_size, instrument.lot_step)

    @classmethod
    def of_steps(cls, tick_size: str, lot_step: str) -> Self:
        """The grid of these steps, decimal text."""
        return cls(Decimal(tick_size), Decimal(lot_step), tick_size)

    def has(self, steps: Steps) -> bool:
        """Whether these are its steps."""
        return (self.tick, self.lot) == (Decimal(steps.tick_size), Decimal(steps.lot_step))

    def price_text(self, ticks: int) -> str:
        """A price as the venue takes it, exactly."""
        return format(self.tick * ticks, "f")

    def qty_text(self, lots: int) -> str:
        """A quantity as the venue takes it, exactly."""
        return format(self.lot * lots, "f")

    def ticks(self, price: Decimal) -> int:
        """A price in ticks, above 0, to the nearest.

        Orders and trades lie on the grid, so nothing is rounded, but for mark prices and for an
        order that is older than a change of the tick size.

        Raises:
            InvalidInputError: It is no finite price above 0, or too large.
        """
        ticks = _steps("price", price, self.tick, ROUND_HALF_EVEN)
        if ticks <= 0:
            raise InvalidInputError("price", price, f"expected a multiple of {self.tick} above 0")
        return ticks

    def ticks_or_none(self, price: Decimal | None) -> int | None:
        """A price in ticks; None where the venue writes 0 for "none".

        Raises:
            InvalidInputError: It is no finite price of 0 or more, or too large.
        """
        return None if price is None or price == 0 else self.ticks(price)

    def dust_text(self, qty: Decimal) -> str:
        """What `lots` leaves out of a quantity, decimal text."""
        rest = qty % self.lot
        return format(rest.normalize(), "f") if rest else "0"

    def lots(self, qty: Decimal) -> int:
        """A quantity in lots, 0 or more.

        A remainder smaller than a lot, which a change of the step can leave behind, is left out: no
        order could close it.

        Raises:
            InvalidInputError: It is no finite quantity of 0 or more, or too large.
        """
        return _steps("quantity", qty, self.lot, ROUND_DOWN)


class Grids:
    """The grids of every symbol that is known; one owner fills them, the decoders read.

    A grid changes only when the new one is told: what is decoded is counted in the one that was
    known first until then.
    """

    def __init__(self) -> None:
        self._by_symbol: dict[str, Grid] = {}

    def take(self, instruments: Iterable[Instrument], told: Collection[str]) -> None:
        """Takes these instruments in, of which the symbols `told` are told to who asked for them."""
        for each in instruments:
            if each.symbol in told or each.symbol not in self._by_symbol:
                self._by_symbol[each.symbol] = Grid.of(each)

    def get(self, symbol: str) -> Grid | None:
        """The grid of a symbol, or None where it is not known."""
        return self._by_symbol.get(symbol)


def _steps(field: str, value: Decimal, step: Decimal, rounding: str) -> int:
    if not value.is_finite() or not 0 <= value <= step * _LARGEST:
        raise InvalidInputError(field, value, f"expected 0 to {step * _LARGEST:f}")
    return int((value / step).to_integral_value(rounding))
