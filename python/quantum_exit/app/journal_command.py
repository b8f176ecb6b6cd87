"""`quantum-exit journal`: is it whole, what does it tell, and copies of it.

Every command opens the file to read only, also while a service writes to it.
"""

import sqlite3
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click

from quantum_exit._core import __version__
from quantum_exit.adapters.atomic import replacing
from quantum_exit.adapters.store.backup import back_up
from quantum_exit.adapters.store.sqlite_check import (
    DAMAGING,
    Examination,
    examine,
    sound_records,
    sound_snapshots,
)
from quantum_exit.adapters.store.sqlite_file import witness_path
from quantum_exit.adapters.store.sqlite_schema import check_format, connect_read_only, single
from quantum_exit.adapters.store.witness import read_witness
from quantum_exit.app.config_options import configured, effective
from quantum_exit.app.output import as_json_option, check_folder, moment, print_json, table
from quantum_exit.app.replaying import Replayer
from quantum_exit.errors import InvalidInputError, JournalUnavailableError
from quantum_exit.execution.payloads import decode_payload
from quantum_exit.execution.records import Record

_DAMAGED = 1
_NS_PER_MS = 1_000_000

file_argument = click.argument("path", metavar="FILE")


@click.group()
def journal() -> None:
    """The journal of a live service: check it, replay it, copy it.

    Exit codes: 0 sound, 1 damaged, unreadable or of another version, 2 bad usage or no journal.
    """


@journal.command()
@file_argument
@as_json_option
def verify(*, path: str, as_json: bool) -> int:
    """Check every page and the whole hash chain of FILE.

    Prints how many records are sound, the hash of the last one, and the first damage. Exit codes:
    0 sound, 1 damaged, unreadable or of another version, 2 bad usage or no journal.
    """
    with _opened(path) as connection:
        # The witness first: what is appended meanwhile must not look like a loss.
        found = examine(connection, read_witness(witness_path(Path(path))))
        snapshots = single(connection, "SELECT count(*) FROM snapshot")
    if as_json:
        print_json({**_head_json("verify", path, found), "snapshots": snapshots})
    else:
        click.echo(_verdict(found))
    return 0 if found.defect is None else _DAMAGED


@journal.command()
@file_argument
@configured
@as_json_option
def replay(*, path: str, as_json: bool, **given: Any) -> int:
    """Put every record of FILE through the reducer and compare its decisions with those recorded.

    The configuration must be that of the run that wrote it. Exit codes: 0 sound and the same
    decisions, 1 damaged, unreadable, of another version, or other decisions, 2 bad usage or no
    journal.
    """
    config = effective(given).config
    with _opened(path) as connection:
        found = examine(connection, read_witness(witness_path(Path(path))))
        told, replayer = _Told(), Replayer(config, tuple(sound_snapshots(connection)))
        for page in sound_records(connection, found.head.seq):
            for record in page:
                told.take(record)
                replayer.take(record)
    replayed = replayer.end()
    if as_json:
        body = {**_head_json("replay", path, found), **told.as_json(), **replayed.as_json()}
        print_json(body)
    else:
        click.echo(_verdict(found))
        click.echo()
        click.echo(told.as_table())
        click.echo()
        click.echo(replayed.as_text())
    return 0 if found.defect is None and replayed.difference is None else _DAMAGED


@journal.command()
@file_argument
@click.option("-o", "--out", "out_path", metavar="OUT", help="File to write. [default: stdout]")
def export(*, path: str, out_path: str | None) -> int:
    """Print the sound records of FILE as JSON lines.

    Exit codes: 0 all records, 1 damaged: the sound part was printed, 2 bad usage or no journal.
    """
    check_folder(out_path)
    with _opened(path) as connection:
        found = examine(connection, read_witness(witness_path(Path(path))))
        lines = (
            _line(record) for page in sound_records(connection, found.head.seq) for record in page
        )
        _write_lines(lines, out_path)
    if found.defect is not None:
        click.echo(f"error: {_place(found)}", err=True)
    return 0 if found.defect is None else _DAMAGED


@journal.command()
@file_argument
@click.argument("target")
@as_json_option
def backup(*, path: str, target: str, as_json: bool) -> int:
    """Copy FILE to the new file TARGET and check the copy; FILE may be in use.

    To restore, stop the service and put the copy in the place of FILE, without the files beside it.
    Exit codes: 0 the copy is sound, 1 it is damaged or could not be made, 2 bad usage.
    """
    check_folder(target)
    with _opened(path):
        found = back_up(Path(path), Path(target))
    if as_json:
        print_json({**_head_json("backup", path, found), "target": target})
    else:
        click.echo(f"{_verdict(found)}\nwritten: {target}")
    return 0 if found.defect is None else _DAMAGED


class _Told:
    """What records tell, counted."""

    def __init__(self) -> None:
        self._kinds: Counter[str] = Counter()
        self._first_ms: dict[str, int] = {}
        self._last_ms: dict[str, int] = {}

    def take(self, record: Record) -> None:
        """Counts `record`; its payload must be readable."""
        decode_payload(record.payload)
        self._kinds[record.kind] += 1
        self._first_ms.setdefault(record.kind, record.ts_ms)
        self._last_ms[record.kind] = record.ts_ms

    def as_json(self) -> dict[str, Any]:
        """As a part of the JSON output."""
        return {"first_ms": self._first_ms, "last_ms": self._last_ms}

    def as_table(self) -> str:
        """As text."""
        rows: list[tuple[str, ...]] = [("kind", "records", "first (UTC)", "last (UTC)")]
        for kind, count in sorted(self._kinds.items()):
            times = (self._first_ms[kind], self._last_ms[kind])
            rows.append((kind, str(count), *(moment(ms * _NS_PER_MS) for ms in times)))
        return table(rows, right=frozenset({1}))


@contextmanager
def _opened(path: str) -> Iterator[sqlite3.Connection]:
    if not Path(path).is_file():
        raise InvalidInputError("FILE", repr(path), "expected a journal file")
    try:
        connection = connect_read_only(Path(path))
        try:
            check_format(connection, Path(path))
            yield connection
        finally:
            connection.close()
    except DAMAGING as error:
        raise JournalUnavailableError("read", f"{path}: {error}") from error


def _write_lines(lines: Iterator[str], out_path: str | None) -> None:
    if out_path is None:
        for line in lines:
            click.echo(line)
        return
    with replacing(out_path) as temporary, temporary.open("w", encoding="utf-8") as file:
        file.writelines(f"{line}\n" for line in lines)


def _line(record: Record) -> str:
    """A JSON object; the payload stands in it byte for byte, so that the hash can be checked."""
    return (
        f'{{"seq":{record.seq},"epoch":{record.epoch},"kind":"{record.kind}",'
        f'"ts_ms":{record.ts_ms},"crc32":{record.crc32},"prev_hash":"{record.prev_hash.hex()}",'
        f'"payload":{record.payload.decode()}}}'
    )


def _verdict(found: Examination) -> str:
    if found.defect is not None:
        return _place(found)
    return f"sound: {_records(found)}, last hash {found.head.hash.hex()}"


def _place(found: Examination) -> str:
    defect = found.defect
    if defect is None:
        return "sound"
    return f"damaged at record {defect.seq}: {defect.reason}; {_records(found)} before it are sound"


def _records(found: Examination) -> str:
    return "1 record" if found.head.seq == 1 else f"{found.head.seq} records"


def _head_json(command: str, path: str, found: Examination) -> dict[str, Any]:
    defect = found.defect
    return {
        "command": f"journal {command}",
        "version": __version__,
        "file": path,
        "records": found.head.seq,
        "last_hash": found.head.hash.hex(),
        "kinds": found.kinds,
        "epochs": None if found.epochs is None else list(found.epochs),
        "defect": None if defect is None else {"seq": defect.seq, "reason": defect.reason},
    }
