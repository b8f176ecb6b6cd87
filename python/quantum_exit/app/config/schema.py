"""The keys that the settings have: read from their types, so that a setting is stated once."""

from collections.abc import Iterator
from dataclasses import dataclass, fields, is_dataclass
from decimal import Decimal, InvalidOperation
from enum import StrEnum
from types import MappingProxyType, NoneType, UnionType
from typing import Any, Final, get_args, get_origin, get_type_hints

from quantum_exit.app.config.secret import Secret
from quantum_exit.app.config.settings import RunConfig
from quantum_exit.domain.fields import Fields
from quantum_exit.errors import InputFileError

_TRUE: Final = ("1", "true", "yes", "on")
_FALSE: Final = ("0", "false", "no", "off")
_NUMBERS: Final = (int, float, Decimal)
_MAY_BE_ZERO: Final = ("latency_ms", "grace_ms", "min_replace_interval_ms")


@dataclass(frozen=True, slots=True, kw_only=True)
class Key:
    """One setting.

    Attributes:
        section: Its table, or "" at the top.
        name: Its name in the table.
        kind: Its type, without None.
        default: What holds where nothing is given.
    """

    section: str
    name: str
    kind: Any
    default: object

    @property
    def full(self) -> str:
        """Its name from the top, such as `guardian.min_move_ticks`."""
        return f"{self.section}.{self.name}" if self.section else self.name

    @property
    def is_secret(self) -> bool:
        """Whether it must never be shown."""
        return self.kind is Secret

    def value(self, raw: object, source: str) -> object:
        """The value that `raw` states, as a parser of TOML gave it.

        Raises:
            InputFileError: It is of another type, negative, or not finite.
        """
        table = Fields({self.name: raw}, path=source, known=(self.name,), place=self.section)
        try:
            return _read(table, self.name, self.kind)
        except InputFileError as error:
            if self.is_secret:
                # The message of a wrong type quotes the value.
                raise InputFileError(source, self.full, "expected text") from None
            raise error from None

    def raw(self, text: str, source: str) -> object:
        """What a TOML file would have to say for `text` of the environment or a command line.

        Raises:
            InputFileError: It is no text of this type.
        """
        try:
            return _from_text(text, self.kind)
        except (ValueError, InvalidOperation):
            # Nothing of the cause is kept: its text could hold a secret.
            shown = "the value" if self.is_secret else repr(text)
            raise InputFileError(source, self.full, f"{shown} is not {_name(self.kind)}") from None


def keys() -> MappingProxyType[str, Key]:
    """Every setting by its full name."""
    return MappingProxyType({key.full: key for key in _keys()})


def sections() -> tuple[str, ...]:
    """Names of the tables."""
    return tuple(dict.fromkeys(key.section for key in keys().values() if key.section))


def _keys() -> Iterator[Key]:
    hints = get_type_hints(RunConfig)
    defaults = RunConfig()
    for top in fields(RunConfig):
        kind, default = hints[top.name], getattr(defaults, top.name)
        if not is_dataclass(kind):
            yield Key(section="", name=top.name, kind=_bare(kind), default=default)
            continue
        inner = get_type_hints(kind)
        for one in fields(kind):
            yield Key(
                section=top.name,
                name=one.name,
                kind=_bare(inner[one.name]),
                default=getattr(default, one.name),
            )


def _bare(kind: Any) -> Any:
    """`X` for `X | None`."""
    if isinstance(kind, UnionType):
        return next(one for one in get_args(kind) if one is not NoneType)
    return kind


def _read(table: Fields, name: str, kind: Any) -> object:
    if get_origin(kind) is tuple:
        return table.texts(name)
    if issubclass(kind, StrEnum):
        return _choice(table, name, kind)
    if kind in _NUMBERS:
        number = table.integer(name) if kind is int else table.number(name)
        _check_low(table, name, number)
        return kind(number)
    return table.flag(name) if kind is bool else kind(table.text(name))


def _check_low(table: Fields, name: str, number: int | Decimal) -> None:
    # Nothing that can be set has a negative value, and a wait of 0 ms would be a busy loop.
    least = 1 if name.endswith("_ms") and name not in _MAY_BE_ZERO else 0
    if number < least:
        table.refuse(name, f"{number} is not allowed; expected a number of at least {least}")


def _choice(table: Fields, name: str, kind: type[StrEnum]) -> StrEnum:
    text = table.text(name)
    allowed = [str(one) for one in kind]
    if text not in allowed:
        table.refuse(name, f"{text!r} is not allowed; expected one of {', '.join(allowed)}")
    return kind(text)


def _from_text(text: str, kind: Any) -> object:
    if kind is bool:
        word = text.strip().lower()
        if word not in (*_TRUE, *_FALSE):
            raise ValueError(word)
        return word in _TRUE
    if kind is int:
        return int(text)
    if kind in (float, Decimal):
        return Decimal(text)
    if get_origin(kind) is tuple:
        return [part.strip() for part in text.split(",") if part.strip()]
    return text


def _name(kind: Any) -> str:
    names = {bool: f"one of {', '.join((*_TRUE, *_FALSE))}", int: "a whole number"}
    return names.get(kind, "a number")
