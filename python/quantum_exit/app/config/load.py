"""The effective configuration, put together and checked as a whole."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields, is_dataclass
from typing import Any, Final, cast

from quantum_exit.app.config.layers import Given, from_env, from_file, from_options, key_file
from quantum_exit.app.config.schema import keys
from quantum_exit.app.config.secret import MASK, Secret
from quantum_exit.app.config.settings import Mode, RunConfig
from quantum_exit.errors import InputFileError, InvalidInputError

DEFAULT: Final = "default"


@dataclass(frozen=True, slots=True, kw_only=True)
class Effective:
    """The configuration in force.

    Attributes:
        config: The values.
        sources: Who gave each value, by its full name; what is not named is a default.
    """

    config: RunConfig
    sources: Mapping[str, str]

    def rows(self) -> list[tuple[str, str, str]]:
        """Name, value and source of every setting; secrets are masked."""
        return [
            (name, _shown(_value(self.config, name)), self.sources.get(name, DEFAULT))
            for name in keys()
        ]

    def secrets(self) -> tuple[Secret, ...]:
        """Every secret that is set."""
        values = (_value(self.config, key.full) for key in keys().values() if key.is_secret)
        return tuple(value for value in values if isinstance(value, Secret))


def load(
    *,
    file: str | None = None,
    env: Mapping[str, str],
    options: Mapping[str, object],
) -> Effective:
    """Reads the file, then the environment, then the command line; the last one counts.

    Args:
        file: A TOML file, or None.
        env: Environment.
        options: Values of the command line by full name; None = not given.

    Raises:
        InputFileError: Names the key and where it was given, and what is allowed.
    """
    given: dict[str, Given] = {}
    layers: list[Iterable[Given]] = [from_env(env), from_options(options)]
    if file is not None:
        layers.insert(0, from_file(file))
    for layer in layers:
        given.update({one.key.full: one for one in layer})
    if "keys_file" in given:
        _add_keys(given, str(given["keys_file"].value))
    config = _config(given)
    return Effective(config=config, sources={name: one.source for name, one in given.items()})


def check_ready(config: RunConfig, *, live: bool) -> None:
    """Checks what only trading needs: its keys, and with money two independent switches.

    Raises:
        InvalidInputError: Only one switch is set, or there is no key.
    """
    if live != (config.mode is Mode.LIVE):
        allowed = 'expected both switches, mode = "live" and --live, or neither'
        raise InvalidInputError("mode", config.mode, allowed)
    if config.mode is not Mode.PAPER and config.api_key is None:
        allowed = "expected QUANTUM_EXIT_API_KEY and QUANTUM_EXIT_API_SECRET, or keys_file"
        raise InvalidInputError("api_key", "missing", allowed)


def _add_keys(given: dict[str, Given], path: str) -> None:
    for one in key_file(path):
        if one.key.full in given:
            message = f"stands in {given[one.key.full].source}, too; expected it once"
            raise InputFileError(path, one.key.full, message)
        given[one.key.full] = one


def _config(given: Mapping[str, Given]) -> RunConfig:
    defaults = RunConfig()
    parts: dict[str, Any] = {}
    for field in fields(RunConfig):
        default = getattr(defaults, field.name)
        if is_dataclass(default):
            parts[field.name] = _made(type(default), given, field.name)
        elif field.name in given:
            parts[field.name] = given[field.name].value
    return cast("RunConfig", _made(RunConfig, given, "", parts))


def _made(
    kind: type[Any],
    given: Mapping[str, Given],
    section: str,
    values: Mapping[str, Any] | None = None,
) -> object:
    own = {one.key.name: one for one in given.values() if one.key.section == section}
    if values is None:
        values = {name: one.value for name, one in own.items()}
    try:
        return kind(**values)
    except InvalidInputError as error:
        source = own[error.field].source if error.field in own else "configuration"
        place = f"{section}.{error.field}" if section else error.field
        message = f"{error.value} is not allowed; {error.allowed}"
        raise InputFileError(source, place, message) from None


def _value(config: RunConfig, name: str) -> object:
    section, _, inner = name.rpartition(".")
    return getattr(getattr(config, section) if section else config, inner)


def _shown(value: object) -> str:
    if value is None:
        return "-"
    if isinstance(value, Secret):
        return MASK
    if isinstance(value, bool):
        return str(value).lower()
    return ", ".join(value) if isinstance(value, tuple) else str(value)
