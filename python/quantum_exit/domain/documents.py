"""Text of a definition file to plain values, with every number exactly as it is written."""

import json
import tomllib
from decimal import Decimal
from typing import Any

from quantum_exit.errors import InputFileError


def parse_json(text: str, path: str) -> Any:
    """The values of a JSON document; numbers with a point or exponent as `Decimal`.

    Raises:
        InputFileError: `text` is not JSON, or repeats a key.
    """

    def once(pairs: list[tuple[str, object]]) -> dict[str, object]:
        table = dict(pairs)
        if len(table) < len(pairs):
            keys = [key for key, _ in pairs]
            twice = next(key for key in keys if keys.count(key) > 1)
            raise InputFileError(path, twice, "the key stands twice; expected it once")
        return table

    try:
        return json.loads(text, parse_float=Decimal, parse_constant=Decimal, object_pairs_hook=once)
    except json.JSONDecodeError as error:
        raise InputFileError(path, None, f"not JSON: {error}") from error


def parse_toml(text: str, path: str) -> dict[str, Any]:
    """The values of a TOML document; numbers with a point or exponent as `Decimal`.

    Raises:
        InputFileError: `text` is not TOML.
    """
    try:
        return tomllib.loads(text, parse_float=Decimal)
    except tomllib.TOMLDecodeError as error:
        raise InputFileError(path, None, f"not TOML: {error}") from error
