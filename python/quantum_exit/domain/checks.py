"""Checks of single numbers that all value types share."""

from math import inf

from quantum_exit.errors import InvalidInputError


def in_range(field: str, value: object, low: float, high: float) -> float:
    """`value` as a float in [`low`, `high`]; an infinite end is open.

    Raises:
        InvalidInputError: It is no number, NaN, infinite or out of range.
    """
    # NaN fails every comparison, so it needs no test of its own.
    if not isinstance(value, float | int) or isinstance(value, bool) or not low <= value <= high:
        raise InvalidInputError(field, repr(value), f"expected a number {_between(low, high)}")
    if value in (inf, -inf):
        raise InvalidInputError(field, repr(value), "expected a finite number")
    return float(value)


def above_zero(field: str, value: object) -> float:
    """`value` as a finite float above 0.

    Raises:
        InvalidInputError: It is no number, NaN, infinite, 0 or negative.
    """
    number = in_range(field, value, 0.0, inf)
    if number == 0.0:
        raise InvalidInputError(field, repr(value), "expected a number above 0")
    return number


def fraction(field: str, value: object, below: float = 1.0) -> float:
    """`value` as a float above 0 and below `below`.

    Raises:
        InvalidInputError: It is no number, NaN or out of range.
    """
    number = in_range(field, value, 0.0, below)
    if not 0.0 < number < below:
        allowed = f"expected a fraction above 0 and below {below:g}"
        raise InvalidInputError(field, repr(value), allowed)
    return number


def whole_numbers(values: object, low: int, *fields: str) -> None:
    """Checks that these attributes are whole numbers of at least `low`.

    Raises:
        InvalidInputError: Names the first one that is not.
    """
    for field in fields:
        value = getattr(values, field)
        if not isinstance(value, int) or isinstance(value, bool) or value < low:
            allowed = f"expected a whole number of at least {low}"
            raise InvalidInputError(field, repr(value), allowed)


def time_ns(field: str, value: object) -> int:
    """`value` as nanoseconds since the UNIX epoch, 0 or more.

    Raises:
        InvalidInputError: It is no whole number, negative, or beyond a signed 64-bit integer.
    """
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value < 1 << 63:
        allowed = "expected whole nanoseconds since the UNIX epoch, 0 or more"
        raise InvalidInputError(field, repr(value), allowed)
    return value


def _between(low: float, high: float) -> str:
    if low == -inf and high == inf:
        return "that is finite"
    if high == inf:
        return f"of at least {low:g}"
    return f"from {low:g} to {high:g}"
