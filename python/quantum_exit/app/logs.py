"""Structured logs: one JSON object a line, with secrets masked as a second wall."""

import json
import logging
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from quantum_exit.app.config import LogSection
from quantum_exit.app.secret import Secret

_MASK = "********"
_LEVELS = logging.getLevelNamesMapping()
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
            text = text.replace(part, _MASK)
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


@contextmanager
def logging_to(section: LogSection, secrets: Iterable[Secret]) -> Iterator[logging.Logger]:
    """Writes the log as configured, inside the context; everything else that logs goes there too.

    Raises:
        OSError: The file cannot be opened.
    """
    if section.file is None:
        handler: logging.Handler = logging.StreamHandler(sys.stderr)
    else:
        Path(section.file).touch(mode=0o600)
        handler = logging.FileHandler(section.file, encoding="utf-8")
    handler.setFormatter(_Json(Redactor(secrets)))
    root = logging.getLogger()
    before = root.level
    root.addHandler(handler)
    # Libraries below warnings tell addresses, and addresses hold signatures.
    root.setLevel(logging.WARNING)
    ours = logging.getLogger(_OURS)
    ours.setLevel(_LEVELS[section.level.upper()])
    try:
        yield ours
    finally:
        root.setLevel(before)
        root.removeHandler(handler)
        handler.close()
