"""Parameters of a request, read one by one with the refusals that Binance has for them."""

import re
from collections.abc import Mapping
from decimal import Decimal

from quantum_exit.adapters.paper.errors import malformed, refusal

_DECIMAL_RANGE = r"^([0-9]{1,20})(\.[0-9]{1,20})?$"
_DECIMAL = re.compile(r"[0-9]{1,20}(\.[0-9]{1,20})?")
_INTEGER_RANGE = r"^[0-9]{1,20}$"
_INTEGER = re.compile(r"[0-9]{1,19}")
_CLIENT_ID_RANGE = r"^[\.A-Z\:/a-z0-9_-]{1,36}$"
_CLIENT_ID = re.compile(r"[.A-Z:/a-z0-9_-]{1,36}")
_SYMBOL_RANGE = r"^[A-Z0-9-_.]{1,20}$"
_SYMBOL = re.compile(r"[A-Z0-9_.-]{1,20}")
_MAX_INTEGER = (1 << 63) - 1
_MAX_CLIENT_ID = 36


class Params:
    """The parameters of one request.

    Every method raises `VenueRefusal` for a value that is not allowed: -1102 where a mandatory one
    is missing or empty, -1105 where an optional one is empty, -1100 for characters that its type
    does not have, -1130 for a number out of range.

    Args:
        values: Names and texts as sent.
    """

    __slots__ = ("_values",)

    def __init__(self, values: Mapping[str, str]) -> None:
        self._values = values

    def has(self, name: str) -> bool:
        """`True` where the parameter was sent."""
        return name in self._values

    def raw(self, name: str) -> str | None:
        """The text as sent, or `None`."""
        return self._values.get(name)

    def text(self, name: str) -> str:
        """A mandatory text."""
        value = self._values.get(name)
        if not value:
            raise malformed(name)
        return value

    def optional_text(self, name: str) -> str | None:
        """A text that may be absent, but not empty."""
        value = self._values.get(name)
        if value == "":
            raise refusal(-1105, name=name)
        return value

    def optional_choice(self, name: str, allowed: tuple[str, ...], code: int) -> str | None:
        """One of `allowed`, or absent; another value is refused with `code`."""
        value = self.optional_text(name)
        if value is not None and value not in allowed:
            raise refusal(code, name=name)
        return value

    def integer(self, name: str) -> int:
        """A mandatory whole number of 0 or more."""
        value = self._values.get(name)
        if not value:
            raise malformed(name)
        return _integer(name, value)

    def optional_integer(self, name: str, *, low: int = 0, high: int = _MAX_INTEGER) -> int | None:
        """A whole number from `low` to `high`, or absent."""
        value = self.optional_text(name)
        if value is None:
            return None
        number = _integer(name, value)
        if not low <= number <= high:
            raise refusal(-1130, name=name)
        return number

    def decimal(self, name: str) -> Decimal:
        """A mandatory number of 0 or more."""
        value = self._values.get(name)
        if not value:
            raise malformed(name)
        return _decimal(name, value)

    def optional_decimal(self, name: str) -> Decimal | None:
        """A number of 0 or more, or absent."""
        value = self.optional_text(name)
        return None if value is None else _decimal(name, value)

    def flag(self, name: str) -> bool:
        """`true` or `false`; absent counts as false."""
        value = self.optional_text(name)
        if value is None:
            return False
        lower = value.lower()
        if lower not in ("true", "false"):
            raise refusal(-1130, name=name)
        return lower == "true"

    def client_id(self, name: str) -> str | None:
        """An id that the client chose: 1 to 36 characters of `.A-Z:/a-z0-9_-`, or absent."""
        value = self.optional_text(name)
        if value is not None and _CLIENT_ID.fullmatch(value) is None:
            if len(value) > _MAX_CLIENT_ID:
                raise refusal(-4015)
            raise refusal(-1100, name=name, range=_CLIENT_ID_RANGE)
        return value

    def symbol(self) -> str:
        """The mandatory `symbol`, as a name that symbols may have."""
        return _symbol(self.text("symbol"))

    def optional_symbol(self) -> str | None:
        """The `symbol`, or absent."""
        value = self.optional_text("symbol")
        return None if value is None else _symbol(value)


def _symbol(value: str) -> str:
    if _SYMBOL.fullmatch(value) is None:
        raise refusal(-1100, name="symbol", range=_SYMBOL_RANGE)
    return value


def _integer(name: str, value: str) -> int:
    if _INTEGER.fullmatch(value) is None:
        raise refusal(-1100, name=name, range=_INTEGER_RANGE)
    return int(value)


def _decimal(name: str, value: str) -> Decimal:
    if _DECIMAL.fullmatch(value) is None:
        raise refusal(-1100, name=name, range=_DECIMAL_RANGE)
    return Decimal(value)
