"""Command-line values: exact decimals and durations."""

import re
from decimal import Decimal, InvalidOperation
from types import MappingProxyType

import click

_UNITS_NS = MappingProxyType(
    {
        "ns": 1,
        "us": 1_000,
        "ms": 1_000_000,
        "s": 1_000_000_000,
        "m": 60_000_000_000,
        "h": 3_600_000_000_000,
        "d": 86_400_000_000_000,
    }
)


def decimal(text: str) -> Decimal:
    """A finite decimal, exactly as it is written."""
    try:
        number = Decimal(text)
    except InvalidOperation as error:
        msg = f"{text!r} is not a decimal number"
        raise click.BadParameter(msg) from error
    if not number.is_finite():
        msg = f"{text!r} is not a finite number"
        raise click.BadParameter(msg)
    return number


def decimals(text: str) -> tuple[Decimal, ...]:
    """Decimals with commas between them."""
    return tuple(decimal(part.strip()) for part in text.split(","))


def names(text: str) -> tuple[str, ...]:
    """Names with commas between them."""
    return tuple(part.strip() for part in text.split(","))


def duration_ns(text: str) -> int:
    """A whole number with a unit (ns, us, ms, s, m, h, d), in ns."""
    match = re.fullmatch(r"(\d+)(ns|us|ms|s|m|h|d)", text.strip())
    if match is None:
        units = ", ".join(_UNITS_NS)
        msg = f"{text!r} is not a whole number with a unit ({units}), such as 1h"
        raise click.BadParameter(msg)
    return int(match[1]) * _UNITS_NS[match[2]]
