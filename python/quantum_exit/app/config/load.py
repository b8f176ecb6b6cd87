"""The effective configuration, put together and checked as a whole."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields, is_dataclass
from typing import Any, Final

from quantum_exit.app.config.layers import Given, from_env, from_file, from_options, key_file
from quantum_exit.app.config.schema import keys
from quantum_exit.app.config.secret import MASK, Secret
from quantum_exit.app.config.settings import Mode, Settings
from quantum_exit.errors import InputFileError, InvalidInputError

DEFAULT: Final = "default"


@dataclass(frozen=True, slots=True, kw_only=True)
class Effective:
    """The configuration in force.

    Attributes:
        settings: The values.
        sources: Who gave each value, by its full name; what is not named is a default.
    """

    settings: Settings
    sources: Mapping[str, str]

    def rows(self) -> list[tuple[str, str, str]]:
        """Name, value and source of every setting; secrets are masked."""
        return [
            (name, _shown(_value(self.settings, name)), self.sources.get(name, DEFAULT))
            for name in keys()
        ]

    def secrets(self) -> tuple[Secret, ...]:
        """Every secret that is set."""
        values = (_value(self.settings, key.full) for key in keys().values() if key.is_secret)
        return tuple(value for value in values if isinstance(value, Secret))


def load(
    *,
    file: str | None = None,
    env: Mapping[str, str],
    options: Mapping[str, object],
    live: bool = False,
) -> Effective:
    """Reads the file, then the environment, then the command line; the last one counts.

    Args:
        file: A TOML file, or None.
        env: Environment.
        options: Values of the command line by full name; None = not given.
        live: The second switch that trading with money needs.

    Raises:
        InputFileError: Names the key and where it was given, and what is allowed.
        InvalidInputError: Two settings do not fit each other, or a switch is missing.
    """
    given: dict[str, Given] = {}
    layers: list[Iterable[Given]] = [from_env(env), from_options(options)]
    if file is not None:
        layers.insert(0, from_file(file))
    for layer in layers:
        given.update({one.key.full: one for one in layer})
    if "keys.file" in given:
        _add_keys(given, str(given["keys.file"].value))
    settings = _settings(given)
    _check_whole(settings, live=live)
    return Effective(settings=settings, sources={name: one.source for name, one in given.items()})


def _add_keys(given: dict[str, Given], path: str) -> None:
    for one in key_file(path):
        if one.key.full in given:
            message = f"stands in {given[one.key.full].source}, too; expected it once"
            raise InputFileError(path, one.key.full, message)
        given[one.key.full] = one


def _settings(given: Mapping[str, Given]) -> Settings:
    tops: dict[str, Any] = {}
    for field in fields(Settings):
        kind = type(getattr(Settings(), field.name))
        if is_dataclass(kind):
            tops[field.name] = _section(field.name, kind, given)
        elif field.name in given:
            tops[field.name] = given[field.name].value
    return Settings(**tops)


def _section(name: str, kind: type[Any], given: Mapping[str, Given]) -> object:
    own = {one.key.name: one for one in given.values() if one.key.section == name}
    try:
        return kind(**{inner: one.value for inner, one in own.items()})
    except InvalidInputError as error:
        source = own[error.field].source if error.field in own else "configuration"
        message = f"{error.value} is not allowed; {error.allowed}"
        raise InputFileError(source, f"{name}.{error.field}", message) from None


def _check_whole(settings: Settings, *, live: bool) -> None:
    mode, keys_given = settings.mode, settings.keys
    if live != (mode is Mode.LIVE):
        allowed = 'expected both switches, mode = "live" and --live, or neither'
        raise InvalidInputError("mode", mode, allowed)
    if settings.venue.url is not None and mode is not Mode.PAPER:
        allowed = "expected it with mode paper only"
        raise InvalidInputError("venue.url", settings.venue.url, allowed)
    if (keys_given.api_key is None) != (keys_given.api_secret is None):
        raise InvalidInputError("keys", "one of two", "expected api_key and api_secret")
    if mode is not Mode.PAPER and keys_given.api_key is None:
        allowed = (
            "expected QUANTUM_EXIT_KEYS__API_KEY and QUANTUM_EXIT_KEYS__API_SECRET, or keys.file"
        )
        raise InvalidInputError("keys", "missing", allowed)


def _value(settings: Settings, name: str) -> object:
    section, _, inner = name.rpartition(".")
    return getattr(getattr(settings, section) if section else settings, inner)


def _shown(value: object) -> str:
    if value is None:
        return "-"
    if isinstance(value, Secret):
        return MASK
    if isinstance(value, bool):
        return str(value).lower()
    return ", ".join(value) if isinstance(value, tuple) else str(value)
