"""Reads the configuration: file, then environment, then command line, then one closed check."""

import tomllib
from collections.abc import Callable, Mapping
from dataclasses import fields, is_dataclass
from decimal import Decimal
from enum import Enum
from types import NoneType, UnionType
from typing import Any, TypeVar, Union, get_args, get_origin, get_type_hints

from quantum_exit.adapters.definitions import read_text
from quantum_exit.app.config import RunConfig, overrides_of_env
from quantum_exit.domain.documents import parse_toml
from quantum_exit.domain.fields import Fields, located
from quantum_exit.errors import InvalidInputError

_T = TypeVar("_T")
_DEFAULTS = "defaults"


def load_config(
    path: str | None, env: Mapping[str, str], overrides: Mapping[str, str] | None = None
) -> RunConfig:
    """The effective configuration.

    Args:
        path: TOML file, or None = the defaults.
        env: Names and values of the environment.
        overrides: Dotted keys and texts of the command line; they win.

    Raises:
        InputFileError: Names the file and the key: unknown, of another type, out of range.
        InvalidInputError: A dotted key has no place.
    """
    place = _DEFAULTS if path is None else path
    values = {} if path is None else parse_toml(read_text(path), path)
    dsn_env = _dsn_env(values)
    given = overrides_of_env(env, skip=(dsn_env,))
    given.update(overrides or {})
    for key, text in given.items():
        _set(values, key, _value(text))
    return _section(RunConfig, values, place, "")


def config_as_dict(config: object) -> dict[str, Any]:
    """A configuration as plain values, in the order of the schema."""
    plain: dict[str, Any] = {}
    if not is_dataclass(config):
        return plain
    for one in fields(config):
        value = getattr(config, one.name)
        if is_dataclass(value):
            plain[one.name] = config_as_dict(value)
        elif isinstance(value, Enum):
            plain[one.name] = value.value
        else:
            plain[one.name] = list(value) if isinstance(value, tuple) else value
    return plain


def _dsn_env(values: Mapping[str, Any]) -> str:
    store = values.get("store")
    name = store.get("dsn_env") if isinstance(store, Mapping) else None
    return name if isinstance(name, str) else RunConfig().store.dsn_env


def _set(values: dict[str, Any], key: str, value: object) -> None:
    *tables, last = key.split(".")
    at: Any = values
    for table in tables:
        at = at.setdefault(table, {})
        if not isinstance(at, dict):
            raise InvalidInputError(key, value, f"expected a key of a table: {table} is none")
    at[last] = value


def _value(text: str) -> object:
    """A text as TOML would take it; what is no TOML is text."""
    try:
        return tomllib.loads(f"value = {text}", parse_float=Decimal)["value"]
    except tomllib.TOMLDecodeError:
        return text


def _section(kind: type[_T], values: object, path: str, place: str) -> _T:
    names = tuple(field.name for field in fields(kind))  # type: ignore[arg-type]
    table = Fields(values, path=path, known=names, place=place)
    hints = get_type_hints(kind)
    given: dict[str, Any] = {}
    for name in names:
        if table.has(name):
            given[name] = _read(table, name, hints[name], values)
    with located(path, place):
        return kind(**given)


def _read(table: Fields, name: str, hint: Any, values: Any) -> Any:
    kind = _plain(hint)
    if is_dataclass(kind) and isinstance(kind, type):
        inner = f"{table.place}.{name}" if table.place else name
        return _section(kind, values[name], table.path, inner)
    if isinstance(kind, type) and issubclass(kind, Enum):
        return _choice(table, name, kind)
    readers: dict[Any, Callable[[str], Any]] = {
        bool: table.flag,
        int: table.integer,
        float: table.number,
        str: table.text,
    }
    reader: Callable[[str], Any] = table.texts if get_origin(kind) is tuple else readers[kind]
    value = reader(name)
    return float(value) if kind is float else value


def _choice(table: Fields, name: str, kind: type[Enum]) -> Enum:
    text = table.text(name)
    names = [str(one.value) for one in kind]
    if text not in names:
        table.refuse(name, f"{text!r} is not allowed; expected one of {', '.join(names)}")
    return kind(text)


def _plain(hint: Any) -> Any:
    """The type of a value that may also be None."""
    if get_origin(hint) in {Union, UnionType}:
        return next(one for one in get_args(hint) if one is not NoneType)
    return hint
