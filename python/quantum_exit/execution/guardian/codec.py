"""Facts and state as plain JSON values, and back: driven by the annotations of the dataclasses."""

from collections.abc import Callable, Mapping
from dataclasses import fields, is_dataclass
from enum import Enum
from types import NoneType, UnionType
from typing import Any, TypeAlias, Union, cast, get_args, get_origin, get_type_hints

from quantum_exit._core import Instrument
from quantum_exit.errors import InvalidInputError

_Decoder: TypeAlias = Callable[[Any], Any]
_TAG = "t"
_GRID = ("symbol", "tick_size", "lot_step", "min_qty", "min_notional", "max_qty")
_PLAIN = (int, str, bool, float, NoneType)


def encode(value: object) -> Any:
    """Plain JSON values of a dataclass, an instrument, or a container of them.

    A dataclass becomes an object that names its type in `t`; a set becomes a sorted list. Where a
    type was renamed, its `STORED_AS` goes on naming it.

    Raises:
        InvalidInputError: A value of another kind.
    """
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, _PLAIN):
        return value
    if is_dataclass(value):
        body = {field.name: encode(getattr(value, field.name)) for field in fields(value)}
        return {_TAG: _tag_of(type(value)), **body}
    if isinstance(value, Instrument):
        return {name: getattr(value, name) for name in _GRID}
    return _encoded_container(value)


def _encoded_container(value: object) -> Any:
    if isinstance(value, Mapping):
        return {str(encode(key)): encode(item) for key, item in value.items()}
    if isinstance(value, set | frozenset):
        return sorted(encode(item) for item in value)
    if isinstance(value, tuple | list):
        return [encode(item) for item in value]
    raise InvalidInputError("value", type(value).__name__, "expected a dataclass or plain values")


class Codec:
    """Decodes what `encode` wrote; it is built once, as reading annotations takes long.

    Args:
        kinds: The type or union that the outermost value has.
    """

    def __init__(self, kinds: object) -> None:
        self._built: dict[Any, _Decoder] = {}
        self._outermost = self._of(kinds)

    def decode(self, value: object) -> Any:
        """The value that was encoded.

        Raises:
            InvalidInputError: It does not have the form that `encode` gives.
        """
        try:
            return self._outermost(value)
        except (AttributeError, KeyError, TypeError, ValueError) as error:
            if isinstance(error, InvalidInputError):
                raise
            allowed = f"expected what encode() wrote: {type(error).__name__} {error}"
            raise InvalidInputError("value", repr(value)[:200], allowed) from error

    def _of(self, kind: Any) -> _Decoder:
        if (known := self._built.get(kind)) is not None:
            return known
        made = self._built[kind] = self._generic(kind) or self._single(kind)
        return made

    def _generic(self, kind: Any) -> _Decoder | None:
        origin, inner = get_origin(kind), get_args(kind)
        if origin in (Union, UnionType):
            return self._union(inner)
        if origin is dict:
            return self._mapping(*inner)
        if origin in (tuple, list, set):
            return self._sequence(origin, inner)
        return None

    def _single(self, kind: Any) -> _Decoder:
        if kind in _PLAIN:
            return _plain(kind)
        if kind is Instrument:
            return lambda value: Instrument(**value)
        if isinstance(kind, type):
            return self._of_class(kind)
        raise InvalidInputError("kind", repr(kind), "expected a dataclass or a plain type")

    def _of_class(self, kind: type) -> _Decoder:
        if is_dataclass(kind):
            return self._dataclass(kind)
        if issubclass(kind, tuple):
            return self._named_tuple(kind)
        return kind

    def _union(self, kinds: tuple[Any, ...]) -> _Decoder:
        tagged = {_tag_of(kind): self._of(kind) for kind in kinds if _is_tagged(kind)}
        rest = [kind for kind in kinds if kind is not NoneType and not _is_tagged(kind)]
        other = self._of(rest[0]) if rest else None

        def decode(value: Any) -> Any:
            if value is None and NoneType in kinds:
                return None
            if tagged and isinstance(value, dict):
                return tagged[value[_TAG]](value)
            if other is None:
                raise TypeError("expected an object with its type")
            return other(value)

        return decode

    def _mapping(self, key_kind: Any, item_kind: Any) -> _Decoder:
        item = self._of(item_kind)
        # The keys of a JSON object are text.
        key = cast("_Decoder", int) if key_kind is int else self._of(key_kind)
        return lambda value: {key(name): item(one) for name, one in value.items()}

    def _sequence(self, origin: type, kinds: tuple[Any, ...]) -> _Decoder:
        if origin is tuple and kinds[-1] is not Ellipsis:
            parts = [self._of(kind) for kind in kinds]
            return lambda value: tuple(part(one) for part, one in zip(parts, value, strict=True))
        item = self._of(kinds[0])
        return lambda value: origin(item(one) for one in value)

    def _dataclass(self, kind: type) -> _Decoder:
        hints = get_type_hints(kind)
        parts = {field.name: self._of(hints[field.name]) for field in fields(kind)}
        tag = _tag_of(kind)

        def decode(value: Any) -> Any:
            given = {name: item for name, item in value.items() if name != _TAG}
            if value[_TAG] != tag or not given.keys() <= parts.keys():
                raise TypeError(f"expected the fields of {tag}")
            # What an earlier build did not write has its default; without one it is missed here.
            return kind(**{name: parts[name](item) for name, item in given.items()})

        return decode

    def _named_tuple(self, kind: type) -> _Decoder:
        parts = [self._of(hint) for hint in get_type_hints(kind).values()]
        return lambda value: kind(*(part(one) for part, one in zip(parts, value, strict=True)))


def _tag_of(kind: type) -> str:
    """The name of a dataclass in what is written; `STORED_AS` is that from before it was renamed."""
    return str(getattr(kind, "STORED_AS", kind.__name__))


def _is_tagged(kind: Any) -> bool:
    return isinstance(kind, type) and is_dataclass(kind)


def _plain(kind: type) -> _Decoder:
    def decode(value: Any) -> Any:
        if type(value) is not kind:
            raise TypeError(f"expected {kind.__name__}, not {value!r}")
        return value

    return decode
