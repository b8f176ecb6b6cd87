"""Sets a damaged SQLite journal aside, byte for byte, and begins a new one with its sound part.

The copies are durable before anything is replaced, and the file that noted the confirmed end still
says so: a crash at any place leads to the same again, with one more copy.
"""

import os
import shutil
import sqlite3
from pathlib import Path

from quantum_exit.adapters.store.sqlite_check import (
    DAMAGING,
    Examination,
    head_at,
    is_damage,
    snapshot_checksum,
    sound_records,
    sound_snapshots,
)
from quantum_exit.adapters.store.sqlite_schema import (
    INSERT_LEASE,
    INSERT_RECORD,
    INSERT_SNAPSHOT,
    connect,
    create_file,
    create_tables,
    sync_folder,
    transaction,
)
from quantum_exit.execution.journal import Quarantine
from quantum_exit.execution.records import Defect

_BESIDE = ("-wal", "-journal")


def set_aside(
    path: Path, damaged: sqlite3.Connection, found: Examination, defect: Defect
) -> Quarantine:
    """Replaces the journal `path` by one with its sound part; closes the connection to it.

    Args:
        path: The file.
        damaged: An open connection to it, to read only.
        found: What the examination found.
        defect: The first damage.

    Raises:
        OSError: The copies or the new file cannot be written.
        sqlite3.Error: The sound part cannot be read or written.
    """
    side = _copy(path)
    fresh = path.with_name(f"{path.name}.rebuild")
    leases_kept = _rebuild(fresh, damaged, found)
    damaged.close()
    for suffix in (*_BESIDE, "-shm"):
        # The old log must not be taken for one of the new file.
        path.with_name(path.name + suffix).unlink(missing_ok=True)
    fresh.replace(path)
    sync_folder(path.parent)
    return Quarantine(defect=defect, kept=found.head, place=str(side), leases_kept=leases_kept)


def _copy(path: Path) -> Path:
    number = 1
    while (side := path.with_name(f"{path.name}.corrupt-{number}")).exists():
        number += 1
    for suffix in ("", *_BESIDE):
        source = path.with_name(path.name + suffix)
        if source.exists() and (suffix == "" or source.stat().st_size > 0):
            _copy_durably(source, side.with_name(side.name + suffix))
    sync_folder(path.parent)
    return side


def _copy_durably(source: Path, target: Path) -> None:
    create_file(target)
    with source.open("rb") as reader, target.open("r+b") as writer:
        shutil.copyfileobj(reader, writer)
        writer.flush()
        os.fsync(writer.fileno())


def _rebuild(fresh: Path, damaged: sqlite3.Connection, found: Examination) -> bool:
    for suffix in ("", *_BESIDE, "-shm"):
        fresh.with_name(fresh.name + suffix).unlink(missing_ok=True)
    create_file(fresh)
    connection = connect(fresh, busy_timeout_ms=0)
    try:
        create_tables(connection)
        with transaction(connection):
            for page in sound_records(damaged, found.head.seq):
                connection.executemany(INSERT_RECORD, page)
        with transaction(connection):
            _copy_snapshots(damaged, connection)
        return _copy_leases(damaged, connection)
    finally:
        connection.close()


def _copy_snapshots(damaged: sqlite3.Connection, fresh: sqlite3.Connection) -> None:
    try:
        for snapshot in sound_snapshots(damaged):
            if head_at(fresh, snapshot.head.seq) == snapshot.head:
                row = (*snapshot.head, snapshot.ts_ms, snapshot.payload)
                fresh.execute(INSERT_SNAPSHOT, (*row, snapshot_checksum(snapshot)))
    except DAMAGING as error:
        # A snapshot only spares a replay; the records are kept.
        if not is_damage(error):
            raise


def _copy_leases(damaged: sqlite3.Connection, fresh: sqlite3.Connection) -> bool:
    try:
        rows = damaged.execute("SELECT * FROM lease").fetchall()
        with transaction(fresh):
            fresh.executemany(INSERT_LEASE, rows)
    except DAMAGING as error:
        if not is_damage(error):
            raise
        return False
    return True
