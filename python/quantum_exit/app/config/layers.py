"""Where settings come from: a file, then the environment, then the command line."""

import stat
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from types import MappingProxyType
from typing import Final

from quantum_exit.app.config.schema import Key, keys, sections
from quantum_exit.domain.documents import parse_toml
from quantum_exit.domain.fields import Fields
from quantum_exit.errors import InputFileError

PREFIX: Final = "QUANTUM_EXIT_"
# Names of the first version, which are still read.
_ALIASES: Final = MappingProxyType(
    {
        "EXIT_BRAIN_V3_ENABLED": "exit_brain.enabled",
        "QT_AI_DYNAMIC_TPSL_ENABLED": "dynamic_tpsl.enabled",
        "QT_AI_DYNAMIC_TPSL_OVERRIDE": "dynamic_tpsl.override_legacy",
    }
)
# Variables of other parts of the program, and of its completion.
_OTHERS: Final = (f"{PREFIX}SIM_", "_QUANTUM_EXIT")
_OPEN_TO_OTHERS: Final = stat.S_IRWXG | stat.S_IRWXO
_MAX_BYTES: Final = 1 << 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Given:
    """One setting as somebody gave it.

    Attributes:
        key: Which.
        value: Its value, of the right type.
        source: Who gave it: a file, `environment NAME`, or `command line`.
    """

    key: Key
    value: object
    source: str


def from_file(path: str) -> Iterator[Given]:
    """The settings of a TOML file.

    A file that states a secret must be readable by its owner only.

    Raises:
        InputFileError: Names the key that is unknown or has a wrong value, or says why the file
            cannot be read.
    """
    document = parse_toml(_text_of(path), path)
    tops = tuple(key.name for key in keys().values() if not key.section)
    Fields(document, path=path, known=(*tops, *sections()))
    for name, raw in document.items():
        if name in tops:
            yield _given(keys()[name], raw, path)
            continue
        known = tuple(key.name for key in keys().values() if key.section == name)
        _check_names(raw, path, name, known)
        for inner, value in raw.items():
            yield _given(keys()[f"{name}.{inner}"], value, path)


def key_file(path: str) -> Iterator[Given]:
    """`api_key` and `api_secret` from a TOML file that only its owner can read.

    Raises:
        InputFileError: It cannot be read, is open to others, or states something else.
    """
    document = parse_toml(_text_of(path), path)
    Fields(document, path=path, known=("api_key", "api_secret"))
    for name, raw in document.items():
        yield _given(keys()[name], raw, path)


def from_env(env: Mapping[str, str]) -> Iterator[Given]:
    """The settings that the environment states, such as `QUANTUM_EXIT_GUARDIAN__MIN_MOVE_TICKS`.

    Raises:
        InputFileError: Names the variable that is unknown or has a wrong value, or that differs
            from its alias.
    """
    seen: dict[str, tuple[str, object]] = {}
    for variable, text in sorted(env.items()):
        key = _key_of(variable)
        if key is None:
            continue
        source = f"environment {variable}"
        value = key.value(key.raw(text, source), source)
        other = seen.setdefault(key.full, (variable, value))
        if other[1] != value:
            raise InputFileError(source, key.full, f"expected the same as {other[0]} says")
        yield Given(key=key, value=value, source=source)


def from_options(options: Mapping[str, object]) -> Iterator[Given]:
    """The settings that a command line states; None = not given."""
    for name, raw in options.items():
        if raw is not None:
            key = keys()[name]
            text = key.raw(raw, "command line") if isinstance(raw, str) else raw
            yield Given(key=key, value=key.value(text, "command line"), source="command line")


def secret_variables() -> frozenset[str]:
    """Names of the variables that hold secrets."""
    names = (key.full for key in keys().values() if key.is_secret)
    return frozenset(PREFIX + name.replace(".", "__").upper() for name in names)


def _given(key: Key, raw: object, path: str) -> Given:
    if key.is_secret:
        _check_private(path, key)
    return Given(key=key, value=key.value(raw, path), source=path)


def _key_of(variable: str) -> Key | None:
    if variable in _ALIASES:
        return keys()[_ALIASES[variable]]
    if not variable.startswith(PREFIX) or variable.startswith(_OTHERS):
        return None
    name = variable.removeprefix(PREFIX).lower().replace("__", ".")
    if name not in keys():
        raise InputFileError(f"environment {variable}", name, f"unknown key{hint(name)}")
    return keys()[name]


def _check_names(table: object, path: str, section: str, known: tuple[str, ...]) -> None:
    if isinstance(table, Mapping):
        for name in table:
            if name not in known and (near := hint(f"{section}.{name}")):
                raise InputFileError(path, f"{section}.{name}", f"unknown key{near}")
    Fields(table, path=path, known=known, place=section)


def hint(name: str) -> str:
    """What to add to the refusal of an unknown key: the nearest known one, or nothing."""
    near = get_close_matches(name, keys(), n=1)
    return f"; did you mean {near[0]}?" if near else ""


def _text_of(path: str) -> str:
    file = Path(path)
    try:
        if file.stat().st_size > _MAX_BYTES:
            raise InputFileError(path, None, "expected at most 1 MiB")
        return file.read_text(encoding="utf-8")
    except OSError as error:
        raise InputFileError(path, None, f"cannot be read: {error.strerror}") from None
    except UnicodeDecodeError:
        raise InputFileError(path, None, "cannot be read: not UTF-8") from None
    except ValueError as error:
        # No file can have such a name.
        raise InputFileError(repr(path), None, f"cannot be read: {error}") from None


def _check_private(path: str, key: Key) -> None:
    mode = Path(path).stat().st_mode
    if mode & _OPEN_TO_OTHERS:
        found = stat.S_IMODE(mode)
        message = f"stands in a file of mode {found:04o}; expected 0600: only its owner may read it"
        raise InputFileError(path, key.full, message)
