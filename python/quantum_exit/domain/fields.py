"""Tables of a definition file, read key by key: what is not known is refused by name."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from decimal import Decimal, InvalidOperation
from typing import NoReturn

from quantum_exit.errors import InputFileError, InvalidInputError


class Fields:
    """One table of a JSON or TOML file, closed: every key is known, every value has its type.

    Args:
        values: The table as its parser gave it, numbers with a point as `Decimal`.
        path: The file, for errors.
        known: The keys that it may have.
        place: Where the table stands in the file, such as `trailing`; empty for the whole file.
        decimal_text: Take numbers that are written as text, too.

    Raises:
        InputFileError: `values` is no table, or has another key.
    """

    def __init__(
        self,
        values: object,
        *,
        path: str,
        known: Sequence[str],
        place: str = "",
        decimal_text: bool = False,
    ) -> None:
        self.path = path
        self.place = place
        self._decimal_text = decimal_text
        if not isinstance(values, Mapping):
            raise InputFileError(path, place or None, f"expected a table, not {_kind(values)}")
        self._values = values
        for key in values:
            if key not in known:
                self.refuse(key, f"unknown key; expected one of {', '.join(known)}")

    def refuse(self, key: str, message: str) -> NoReturn:
        """Raises the error that `key` deserves.

        Raises:
            InputFileError: Always.
        """
        raise InputFileError(self.path, self._place_of(key), message)

    def has(self, key: str) -> bool:
        """`True` where `key` has a value other than null."""
        return self._values.get(key) is not None

    def is_null(self, key: str) -> bool:
        """`True` where `key` is there and null."""
        return key in self._values and self._values[key] is None

    def text(self, key: str) -> str:
        """The text at `key`, which must be there."""
        value = self._needed(key, "text")
        if not isinstance(value, str):
            self.refuse(key, f"expected text, not {_kind(value)}")
        return value

    def number(self, key: str) -> Decimal:
        """The finite number at `key`, which must be there, exactly as written."""
        return self._number(key, self._needed(key, "a number"))

    def integer(self, key: str) -> int:
        """The whole number at `key`, which must be there."""
        value = self._needed(key, "a whole number")
        if isinstance(value, bool) or not isinstance(value, int):
            self.refuse(key, f"expected a whole number, not {_kind(value)}")
        return value

    def flag(self, key: str) -> bool:
        """The truth value at `key`, which must be there."""
        value = self._needed(key, "true or false")
        if not isinstance(value, bool):
            self.refuse(key, f"expected true or false, not {_kind(value)}")
        return value

    def numbers(self, key: str) -> tuple[Decimal, ...]:
        """The list of numbers at `key`; empty where it is absent."""
        return tuple(self._number(at, value) for at, value in self._items(key))

    def texts(self, key: str) -> tuple[str, ...]:
        """The list of texts at `key`; empty where it is absent."""
        found = []
        for at, value in self._items(key):
            if not isinstance(value, str):
                self.refuse(at, f"expected text, not {_kind(value)}")
            found.append(value)
        return tuple(found)

    def pairs(self, key: str) -> tuple[tuple[Decimal, Decimal], ...]:
        """The list of pairs of numbers at `key`; empty where it is absent."""
        found = []
        for at, value in self._items(key):
            if not isinstance(value, list) or len(value) != len(("r", "callback")):
                self.refuse(at, "expected a pair of numbers, such as [3, 0.015]")
            first, second = (self._number(f"{at}[{i}]", item) for i, item in enumerate(value))
            found.append((first, second))
        return tuple(found)

    def table(self, key: str, known: Sequence[str]) -> "Fields":
        """The table at `key`, which must be there."""
        return self._table(key, self._needed(key, "a table"), known)

    def tables(self, key: str, known: Sequence[str]) -> list["Fields"]:
        """The list of tables at `key`; empty where it is absent."""
        return [self._table(at, value, known) for at, value in self._items(key)]

    def _place_of(self, key: str) -> str:
        return f"{self.place}.{key}" if self.place else key

    def _table(self, key: str, value: object, known: Sequence[str]) -> "Fields":
        return Fields(
            value,
            path=self.path,
            known=known,
            place=self._place_of(key),
            decimal_text=self._decimal_text,
        )

    def _needed(self, key: str, expected: str) -> object:
        value = self._values.get(key)
        if value is None:
            self.refuse(key, f"missing; expected {expected}")
        return value

    def _items(self, key: str) -> Iterator[tuple[str, object]]:
        value = self._values.get(key)
        if value is None:
            return
        if not isinstance(value, list):
            self.refuse(key, f"expected a list, not {_kind(value)}")
        for index, item in enumerate(value):
            yield f"{key}[{index}]", item

    def _number(self, key: str, value: object) -> Decimal:
        if isinstance(value, str) and self._decimal_text:
            try:
                value = Decimal(value)
            except InvalidOperation:
                self.refuse(key, f"{value!r} is not a number")
        if isinstance(value, bool) or not isinstance(value, int | Decimal):
            self.refuse(key, f"expected a number, not {_kind(value)}")
        number = Decimal(value)
        if not number.is_finite():
            self.refuse(key, f"{number} is not allowed; expected a finite number")
        return number


@contextmanager
def located(path: str, place: str = "") -> Iterator[None]:
    """Says of an input refused inside that it came from `path`, at `place`.

    Raises:
        InputFileError: In place of the `InvalidInputError`.
    """
    try:
        yield
    except InvalidInputError as error:
        field = ".".join(part for part in (place, error.field) if part)
        message = f"{error.value} is not allowed; {error.allowed}"
        raise InputFileError(path, field, message) from error


def _kind(value: object) -> str:
    if isinstance(value, str):
        return f"the text {value!r}"
    if isinstance(value, Mapping):
        return "a table"
    if isinstance(value, list):
        return "a list"
    return str(value).lower() if isinstance(value, bool) else str(value)
