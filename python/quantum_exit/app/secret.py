"""Values that no text ever shows."""

import hmac
import os
import stat
from collections.abc import Mapping
from pathlib import Path
from typing import NoReturn

from quantum_exit.domain.documents import parse_toml
from quantum_exit.domain.fields import Fields
from quantum_exit.errors import InputFileError, InvalidInputError

_MASK = "********"
_KEY = "QUANTUM_EXIT_API_KEY"
_SECRET = "QUANTUM_EXIT_API_SECRET"
_KEYS = ("api_key", "api_secret")


class Secret:
    """A text that `repr`, `str`, `format` and `pickle` do not give away.

    Args:
        value: The text.
    """

    __slots__ = ("_value",)

    def __init__(self, value: str) -> None:
        self._value = value

    def reveal(self) -> str:
        """The text: for whoever signs, and nobody else."""
        return self._value

    def __repr__(self) -> str:
        return f"Secret({_MASK})"

    def __str__(self) -> str:
        return _MASK

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Secret):
            return NotImplemented
        return hmac.compare_digest(self._value.encode(), other._value.encode())

    def __hash__(self) -> int:
        return hash((Secret, self._value))

    def __reduce__(self) -> NoReturn:
        msg = "a secret is not pickled"
        raise TypeError(msg)


class Keys:
    """An API key with its secret.

    Args:
        key: Public part; it is kept out of texts all the same.
        secret: HMAC secret, or an Ed25519 private key in PEM form.
        source: Where they come from, for people.
    """

    __slots__ = ("key", "secret", "source")

    def __init__(self, key: Secret, secret: Secret, source: str) -> None:
        self.key = key
        self.secret = secret
        self.source = source

    def __repr__(self) -> str:
        return f"Keys(from {self.source})"


def keys_of(env: Mapping[str, str], path: str | None) -> Keys | None:
    """The keys of the environment, else of the file; None where neither gives them.

    Args:
        env: Names and values: `QUANTUM_EXIT_API_KEY` and `QUANTUM_EXIT_API_SECRET`.
        path: TOML file with `api_key` and `api_secret` that nobody but its owner may read.

    Raises:
        InvalidInputError: One of the two is missing in the environment.
        InputFileError: The file cannot be read, others may read it, or it lacks a key.
    """
    key, secret = env.get(_KEY), env.get(_SECRET)
    if (key is None) != (secret is None):
        raise InvalidInputError(_KEY, "one of two", f"expected both {_KEY} and {_SECRET}")
    if key is not None and secret is not None:
        return Keys(Secret(key), Secret(secret), "the environment")
    return None if path is None else keys_of_file(path)


def keys_of_file(path: str) -> Keys:
    """The keys of a TOML file.

    Raises:
        InputFileError: It cannot be read, others may read it, or it lacks a key.
    """
    try:
        with Path(path).open("rb") as file:
            mode = stat.S_IMODE(os.fstat(file.fileno()).st_mode)
            if os.name == "posix" and mode & 0o077:
                allowed = f"others may read it (mode {mode:04o}); expected 0600"
                raise InputFileError(path, None, allowed)
            text = file.read().decode("utf-8")
    except OSError as error:
        raise InputFileError(path, None, f"cannot be opened: {error.strerror}") from error
    except UnicodeDecodeError:
        # The error itself would show the bytes.
        raise InputFileError(path, None, "not UTF-8 text") from None
    fields = Fields(parse_toml(text, path), path=path, known=_KEYS)
    return Keys(Secret(fields.text("api_key")), Secret(fields.text("api_secret")), path)
