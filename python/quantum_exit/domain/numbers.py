"""Numbers of the trade that are exact: prices, quantities, fractions."""

from decimal import Decimal
from typing import TypeAlias

from quantum_exit.errors import InvalidInputError

Number: TypeAlias = str | Decimal | int | float
"""A decimal; a `float` stands for its shortest text."""


def exact(field: str, value: Number) -> Decimal:
    """`value` as a finite decimal, as it is written.

    Raises:
        InvalidInputError: It is not one; `field` names it.
    """
    try:
        number = Decimal(repr(value) if isinstance(value, float) else value)
    except ArithmeticError as error:
        raise InvalidInputError(field, repr(value), "expected a decimal number") from error
    if isinstance(value, bool) or not number.is_finite():
        raise InvalidInputError(field, repr(value), "expected a finite decimal number")
    return number


def stop_at_frac(side: str, entry_price: Decimal, stop_frac: Decimal) -> Decimal:
    """The price that lies `stop_frac` of `entry_price` away on the loss side, exactly.

    Raises:
        InvalidInputError: `stop_frac` is not a fraction between 0 and 1.
    """
    if not 0 < stop_frac < 1:
        raise InvalidInputError("stop_frac", stop_frac, "expected a fraction above 0 and below 1")
    return entry_price * (1 - stop_frac if side.upper() == "LONG" else 1 + stop_frac)
