"""A position as planning sees it."""

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from quantum_exit._core import Instrument
from quantum_exit.domain.checks import in_range
from quantum_exit.domain.numbers import Number, exact
from quantum_exit.errors import InvalidInputError

_MAX_LEVERAGE = 1000.0


class Side(StrEnum):
    """Direction of a position."""

    LONG = "LONG"
    SHORT = "SHORT"

    @property
    def sign(self) -> int:
        """1 where a rising price is profit, -1 where it is loss."""
        return 1 if self is Side.LONG else -1


@dataclass(frozen=True, slots=True, kw_only=True)
class Position:
    """An open position, or the entry about to be made.

    Prices and the quantity are given as `Number` and kept as `Decimal`, as they are written.

    Attributes:
        instrument: Grid and minimums of the symbol.
        side: LONG or SHORT.
        entry_price: Average entry price, quote currency, above 0.
        quantity: Open quantity, base currency, above 0.
        leverage: Notional over margin, 1 to 1000.
        current_price: Last price, above 0; None = the entry price.
        strategy_id: Who entered, a key of the profile book.
        liquidation_price: Where the venue liquidates, on the loss side, or None where unknown.
        stop_price: The stop that guards the position now, or None where it is just being entered.
            It is never loosened.
        adopted: The position was found open, not entered under a plan.

    Raises:
        InvalidInputError: Names the field, its value and what is allowed.
    """

    instrument: Instrument
    side: Side
    entry_price: Decimal
    quantity: Decimal
    leverage: float = 1.0
    current_price: Decimal | None = None
    strategy_id: str = "DEFAULT"
    liquidation_price: Decimal | None = None
    stop_price: Decimal | None = None
    adopted: bool = False

    def __post_init__(self) -> None:
        side = _side(self.side)
        object.__setattr__(self, "side", side)
        entry = _price("entry_price", self.entry_price)
        object.__setattr__(self, "entry_price", entry)
        object.__setattr__(self, "quantity", _price("quantity", self.quantity))
        in_range("leverage", self.leverage, 1.0, _MAX_LEVERAGE)
        for field in ("current_price", "liquidation_price", "stop_price"):
            given: Number | None = getattr(self, field)
            if given is not None:
                object.__setattr__(self, field, _price(field, given))
        key("strategy_id", self.strategy_id)
        if self.liquidation_price is not None and side.sign * (entry - self.liquidation_price) <= 0:
            where = "below" if side is Side.LONG else "above"
            allowed = f"expected a price {where} the entry price {entry} of a {side}"
            raise InvalidInputError("liquidation_price", self.liquidation_price, allowed)
        if self.adopted and self.current_price is None:
            allowed = "expected the last price of an adopted position"
            raise InvalidInputError("current_price", None, allowed)

    @property
    def symbol(self) -> str:
        """Symbol of the instrument."""
        return self.instrument.symbol

    @property
    def last_price(self) -> Decimal:
        """`current_price`, or the entry price where the position is just being entered."""
        return self.entry_price if self.current_price is None else self.current_price

    @property
    def move(self) -> Decimal:
        """Price move since the entry toward profit, quote currency; negative in a loss."""
        return self.side.sign * (self.last_price - self.entry_price)

    @property
    def at_entry(self) -> bool:
        """No stop guards it yet and it was not found open: its first stop may still be chosen."""
        return self.stop_price is None and not self.adopted


def key(field: str, value: object) -> str:
    """`value` as a name that a profile book can be asked for.

    Raises:
        InvalidInputError: It is empty, has space around it, or is the wildcard.
    """
    if not isinstance(value, str) or not value or value != value.strip() or value == "*":
        raise InvalidInputError(field, repr(value), "expected a name without space around it")
    return value


def _side(value: str) -> Side:
    try:
        return Side(value)
    except ValueError:
        raise InvalidInputError("side", repr(value), "expected LONG or SHORT") from None


def _price(field: str, value: Number) -> Decimal:
    number = value if type(value) is Decimal else exact(field, value)
    if not number.is_finite() or number <= 0:
        raise InvalidInputError(field, repr(value), "expected a number above 0")
    return number
