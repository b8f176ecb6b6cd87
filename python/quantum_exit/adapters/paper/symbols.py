"""Symbols: their filters on the integer grid, and prices and quantities as Binance writes them."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal

from quantum_exit.adapters.paper.errors import refusal
from quantum_exit.adapters.paper.wire import JsonObject
from quantum_exit.errors import InvalidInputError

CASH_DECIMALS = 8
"""Cash is counted in units of 1e-8 of the quote asset."""

_MAX_COUNT = (1 << 40) - 1
_AVERAGE_DIGITS = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Grid:
    """An evenly spaced grid of decimal values.

    Attributes:
        step: Distance of two values, in units of `10 ** -decimals`; above 0.
        decimals: Digits after the point in which values are written.
    """

    step: int
    decimals: int

    @classmethod
    def of(cls, text: str) -> "Grid":
        """The grid with the step `text`, written with the digits of `text`.

        Raises:
            InvalidInputError: `text` is no decimal above 0.
        """
        value = _decimal(text)
        if value is None or value <= 0:
            raise InvalidInputError("step", text, "expected a decimal above 0")
        exponent = value.as_tuple().exponent
        decimals = max(0, -exponent) if isinstance(exponent, int) else 0
        return cls(step=int(value.scaleb(decimals)), decimals=decimals)

    def text(self, count: int) -> str:
        """The value `count` steps from 0, with all its digits."""
        return fixed(count * self.step, self.decimals)

    def short(self, count: int) -> str:
        """The value without zeros at its end, `0` for nothing: as user-data events write it."""
        return trimmed(self.text(count))

    def count(self, value: Decimal) -> int | None:
        """The steps from 0 to `value`, or `None` off the grid."""
        units = value.scaleb(self.decimals)
        whole = int(units)
        return whole // self.step if whole == units and whole % self.step == 0 else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Symbol:
    """One traded symbol.

    Attributes:
        name: Such as `BTCUSDT`.
        margin_asset: Asset of the margin, such as `USDT`.
        price: Grid of prices: ticks.
        qty: Grid of quantities: lots.
        document: Its entry of exchangeInfo.
        filters: The filters of that entry by type.
    """

    name: str
    margin_asset: str
    price: Grid
    qty: Grid
    document: JsonObject
    filters: Mapping[str, JsonObject]

    @property
    def tick_size(self) -> str:
        """Price step in quote currency."""
        return str(self.filters["PRICE_FILTER"]["tickSize"])

    @property
    def lot_step(self) -> str:
        """Quantity step in base currency."""
        return str(self.filters["LOT_SIZE"]["stepSize"])

    def ticks(self, value: Decimal) -> int:
        """A price as ticks.

        Raises:
            VenueRefusal: -1111 with too many digits, -4014 off the grid, -4002 far too high.
        """
        return _count(value, self.price, int(self.document["pricePrecision"]), (-4014, -4002))

    def lots(self, value: Decimal) -> int:
        """A quantity as lots.

        Raises:
            VenueRefusal: -1111 with too many digits, -4023 off the grid, -4005 far too much.
        """
        return _count(value, self.qty, int(self.document["quantityPrecision"]), (-4023, -4005))

    @property
    def price_digits(self) -> int:
        """Digits after the point of prices that are no multiple of the tick size."""
        return max(_AVERAGE_DIGITS, int(self.document["pricePrecision"]))

    def cash(self, ticks: int, lots: int = 1) -> int:
        """The worth of `lots` at `ticks` in units of 1e-8."""
        return self.cash_of_worth(ticks * lots)

    def cash_of_worth(self, worth: int) -> int:
        """A sum of ticks times lots in units of 1e-8, exactly where the digits allow."""
        units = worth * self.price.step * self.qty.step
        shift = CASH_DECIMALS - self.price.decimals - self.qty.decimals
        return int(units * 10**shift if shift >= 0 else units // 10**-shift)

    def average(self, cost_e8: int, lots: int, digits: int) -> str:
        """The price at which `lots` cost `cost_e8`, half up, with `digits` after the point.

        Both are signed alike; 0 where there are no lots.
        """
        if lots == 0:
            return fixed(0, digits)
        cost, qty = abs(cost_e8), abs(lots) * self.qty.step
        shift = digits + self.qty.decimals - CASH_DECIMALS
        upper, lower = (cost * 10**shift, qty) if shift >= 0 else (cost, qty * 10**-shift)
        return fixed((2 * upper + lower) // (2 * lower), digits)


class Symbols:
    """All symbols of the exchange, by name and in the order of exchangeInfo.

    Args:
        symbols: Each named once.

    Raises:
        InvalidInputError: None, or one twice.
    """

    def __init__(self, symbols: Iterable[Symbol]) -> None:
        self._by_name: dict[str, Symbol] = {}
        for symbol in symbols:
            if symbol.name in self._by_name:
                raise InvalidInputError("symbol", symbol.name, "expected every symbol once")
            self._by_name[symbol.name] = symbol
        if not self._by_name:
            raise InvalidInputError("symbols", "none", "expected one symbol or more")

    def __iter__(self) -> Iterator[Symbol]:
        return iter(self._by_name.values())

    def get(self, name: str) -> Symbol:
        """The symbol of that name.

        Raises:
            VenueRefusal: -1121.
        """
        found = self._by_name.get(name)
        if found is None:
            raise refusal(-1121)
        return found


def fixed(units: int, decimals: int) -> str:
    """`units` of `10 ** -decimals`, written with that many digits after the point."""
    sign = "-" if units < 0 else ""
    whole, part = divmod(abs(units), 10**decimals)
    return f"{sign}{whole}.{part:0{decimals}d}" if decimals else f"{sign}{whole}"


def trimmed(text: str) -> str:
    """A decimal without zeros at its end."""
    return text.rstrip("0").rstrip(".") if "." in text else text


def cash_text(units: int) -> str:
    """Cash in units of 1e-8, with 8 digits after the point."""
    return fixed(units, CASH_DECIMALS)


def _count(value: Decimal, grid: Grid, precision: int, codes: tuple[int, int]) -> int:
    off_grid, over = codes
    count = grid.count(value)
    if count is None:
        digits = value.normalize().as_tuple().exponent
        too_fine = isinstance(digits, int) and -digits > precision
        raise refusal(-1111 if too_fine else off_grid)
    if count > _MAX_COUNT:
        raise refusal(over)
    return count


def _decimal(text: str) -> Decimal | None:
    try:
        value = Decimal(text)
    except ArithmeticError:
        return None
    return value if value.is_finite() else None
