"""Instruments, profiles and plans by name or from a file: the only place that opens the files."""

from os import PathLike, fspath
from pathlib import Path
from typing import TypeAlias

from quantum_exit._core import Instrument
from quantum_exit.adapters.atomic import replacing
from quantum_exit.domain.instruments import BUILT_IN, built_in_instrument, instrument_from_json
from quantum_exit.errors import InputFileError, InvalidInputError
from quantum_exit.planning.book import ProfileBook
from quantum_exit.planning.book_toml import book_from_toml
from quantum_exit.planning.defaults import DEFAULT_PROFILES, default_profile
from quantum_exit.planning.plan_json import PlanFile, plan_from_json
from quantum_exit.planning.profile_toml import profile_from_toml, profile_to_toml
from quantum_exit.planning.profiles import TPProfile

NameOrPath: TypeAlias = str | PathLike[str]


def load_instrument(name_or_path: NameOrPath) -> Instrument:
    """A built-in instrument, or that of a JSON file (`instrument_from_json` says what it holds).

    Args:
        name_or_path: A symbol such as BTCUSDT, or a path.

    Raises:
        InvalidInputError: It is neither a built-in symbol nor a file.
        InputFileError: The file was refused; names the key.
    """
    name = fspath(name_or_path)
    if name in BUILT_IN:
        return built_in_instrument(name)
    if not Path(name).is_file():
        allowed = f"expected a JSON file or one of {', '.join(BUILT_IN)}"
        raise InvalidInputError("instrument", repr(name), allowed)
    return instrument_from_json(read_text(name), name)


def load_profile(name_or_path: NameOrPath) -> TPProfile:
    """A default profile, or that of a TOML file (`profile_from_toml` says what it holds).

    Args:
        name_or_path: A name such as TREND_DEFAULT, or a path.

    Raises:
        InvalidInputError: It is neither a default profile nor a file.
        InputFileError: The file was refused; names the key.
    """
    name = fspath(name_or_path)
    names = [profile.name for profile in DEFAULT_PROFILES]
    if name in names:
        return default_profile(name)
    if not Path(name).is_file():
        allowed = f"expected a TOML file or one of {', '.join(names)}"
        raise InvalidInputError("profile", repr(name), allowed)
    return profile_from_toml(read_text(name), name)


def save_profile(profile: TPProfile, path: NameOrPath) -> None:
    """Writes `profile` to the TOML file `path`, all or nothing.

    Raises:
        OSError: The file cannot be written.
    """
    with replacing(path) as temporary:
        temporary.write_text(profile_to_toml(profile), encoding="utf-8")


def load_book(path: NameOrPath) -> ProfileBook:
    """The profile book of a TOML file (`book_from_toml` says what it holds).

    Raises:
        InputFileError: The file cannot be read, or was refused; names the key.
    """
    return book_from_toml(read_text(path), fspath(path))


def load_plan(path: NameOrPath) -> PlanFile:
    """The exit rules of a JSON file (`plan_from_json` says what it holds).

    Raises:
        InputFileError: The file cannot be read, or was refused; names the key.
    """
    return plan_from_json(read_text(path), fspath(path))


def read_text(path: NameOrPath) -> str:
    """The text of a UTF-8 file.

    Raises:
        InputFileError: It cannot be opened, or is no UTF-8.
    """
    try:
        return Path(path).read_text(encoding="utf-8-sig")
    except OSError as error:
        raise InputFileError(fspath(path), None, f"cannot be opened: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise InputFileError(fspath(path), None, f"not UTF-8 text: {error}") from error
