"""Facts and intents as plain JSON values, and back: what the journal keeps of them."""

from collections.abc import Callable, Mapping
from dataclasses import fields, is_dataclass
from enum import Enum
from types import NoneType, UnionType
from typing import Any, Union, cast, get_args, get_origin, get_type_hints

from quantum_exit._core import Instrument
from quantum_exit.errors import InvalidInputError
from quantum_exit.execution.guardian.effects import Cancel, Place
from quantum_exit.execution.guardian.facts import Fact

_INSTRUMENT = ("symbol", "tick_size", "lot_step", "min_qty", "min_notional", "max_qty")
_KIND = "is"


class Codec:
    """Writes and reads every fact, `Place` and `Cancel`.

    A value becomes an object of its fields, tagged with the name of its class where the field's
    type does not tell it. Integers stay integers; prices of facts are integers or decimal text.
    """

    def __init__(self) -> None:
        self._fields: dict[type, tuple[str, ...]] = {}
        self._readers: dict[Any, Callable[[Any], Any]] = {}
        kinds = (*get_args(Fact), Place, Cancel)
        self._kinds: Mapping[str, type] = {kind.__name__: kind for kind in kinds}

    def encode(self, value: Fact | Place | Cancel) -> dict[str, Any]:
        """`value` as JSON values; its class stands under the key `is`."""
        return cast("dict[str, Any]", self._plain(value))

    def decode(self, body: Mapping[str, Any]) -> Any:
        """The value that `encode` gave as `body`.

        Raises:
            InvalidInputError: It is none: a class or field that this version does not know.
        """
        name = body.get(_KIND)
        kind = self._kinds.get(name) if isinstance(name, str) else None
        if kind is None:
            allowed = f"expected one of {', '.join(self._kinds)}"
            raise InvalidInputError("record.is", repr(name), allowed)
        try:
            return self._reader(kind)(body)
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            raise InvalidInputError(f"record {name}", error, "expected its fields") from error

    def _plain(self, value: Any) -> Any:
        if value is None or type(value) in {int, str, bool, float}:
            return value
        if isinstance(value, Enum):
            return value.value
        if isinstance(value, tuple):
            return [self._plain(item) for item in value]
        if isinstance(value, Instrument):
            return [getattr(value, name) for name in _INSTRUMENT]
        kind = type(value)
        names = self._fields.get(kind)
        if names is None:
            names = self._fields[kind] = tuple(field.name for field in fields(value))
        body = {name: self._plain(getattr(value, name)) for name in names}
        body[_KIND] = kind.__name__
        return body

    def _reader(self, kind: Any) -> Callable[[Any], Any]:
        reader = self._readers.get(kind)
        if reader is None:
            reader = self._readers[kind] = self._make_reader(kind)
        return reader

    def _make_reader(self, kind: Any) -> Callable[[Any], Any]:
        origin = get_origin(kind)
        if origin in {Union, UnionType}:
            return self._union_reader(get_args(kind))
        if origin is tuple:
            item = self._reader(get_args(kind)[0])
            return lambda value: tuple(item(one) for one in value)
        if kind is Instrument:
            return lambda value: Instrument(*value)
        return self._class_reader(kind)

    def _class_reader(self, kind: Any) -> Callable[[Any], Any]:
        if is_dataclass(kind):
            hints = get_type_hints(kind)
            parts = {field.name: self._reader(hints[field.name]) for field in fields(kind)}
            make = cast("Callable[..., Any]", kind)
            return lambda value: make(**{name: read(value[name]) for name, read in parts.items()})
        if issubclass(kind, tuple):
            hints = get_type_hints(kind)
            row = [self._reader(hint) for hint in hints.values()]
            return lambda value: kind(*(read(one) for read, one in zip(row, value, strict=True)))
        if issubclass(kind, Enum):
            return cast("Callable[[Any], Any]", kind)
        return _checked(kind)

    def _union_reader(self, kinds: tuple[Any, ...]) -> Callable[[Any], Any]:
        several = [kind for kind in kinds if kind is not NoneType]
        if len(several) == 1:
            only = self._reader(several[0])
            return lambda value: None if value is None else only(value)
        tagged = {kind.__name__: self._reader(kind) for kind in several}
        return lambda value: None if value is None else tagged[value[_KIND]](value)


def _checked(kind: type) -> Callable[[Any], Any]:
    accepted = (int, float) if kind is float else kind

    def read(value: Any) -> Any:
        if not isinstance(value, accepted) or (isinstance(value, bool) and kind is not bool):
            msg = f"{value!r} is no {kind.__name__}"
            raise TypeError(msg)
        return value

    return read
