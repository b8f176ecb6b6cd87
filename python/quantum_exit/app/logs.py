"""Structured logs: one JSON object a line, with secrets masked as a second wall."""

import json
import logging
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TextIO

from quantum_exit.app.config.secret import MASK, Secret
from quantum_exit.app.config.settings import LogLevel
from quantum_exit.errors import InvalidInputError

_OURS = "quantum_exit"


class Redactor:
    """Takes secrets out of texts.

    Args:
        secrets: What must not appear.
    """

    def __init__(self, secrets: Iterable[Secret]) -> None:
        plain = [one.reveal() for one in secrets]
        # A key in PEM form may be quoted line by line, or with its line ends escaped.
        parts = {part for text in plain for part in (text, json.dumps(text)[1:-1], *text.split())}
        least = 8
        self._parts = sorted((part for part in parts if len(part) >= least), key=len, reverse=True)

    def __call__(self, text: str) -> str:
        """`text` without secrets."""
        for part in self._parts:
            text = text.replace(part, MASK)
        return text


class _Json(logging.Formatter):
    def __init__(self, redact: Callable[[str], str]) -> None:
        super().__init__()
        self._redact = redact

    def format(self, record: logging.LogRecord) -> str:
        at = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")
        line = {
            "ts": at,
            "level": record.levelname.lower(),
            "logger": record.name,
            "event": record.getMessage(),
            **getattr(record, "data", {}),
        }
        if record.exc_info:
            line["error"] = self.formatException(record.exc_info)
        return self._redact(json.dumps(line, default=str))


def _handler(target: Path | TextIO | None) -> logging.Handler:
    if target is None:
        return logging.NullHandler()
    if not isinstance(target, Path):
        return logging.StreamHandler(target)
    try:
        target.touch(mode=0o600)
        return logging.FileHandler(target, encoding="utf-8")
    except OSError as error:
        allowed = f"expected a file that can be written: {error.strerror}"
        raise InvalidInputError("log.file", target, allowed) from error


@contextmanager
def logging_to(
    target: Path | TextIO | None, level: LogLevel, secrets: Iterable[Secret]
) -> Iterator[logging.Logger]:
    """Writes the log inside the context; everything else that logs goes there too.

    Args:
        target: File to append to, made for its owner only, or a stream; None = nowhere.
        level: The least severe line.
        secrets: What no line shows.

    Raises:
        InvalidInputError: The file cannot be opened.
    """
    handler = _handler(target)
    handler.setFormatter(_Json(Redactor(secrets)))
    root, ours = logging.getLogger(), logging.getLogger(_OURS)
    before = root.level
    root.addHandler(handler)
    # Libraries below warnings tell addresses, and addresses hold signatures.
    root.setLevel(logging.WARNING)
    ours.setLevel(level.upper())
    try:
        yield ours
    finally:
        root.setLevel(before)
        root.removeHandler(handler)
        handler.close()
