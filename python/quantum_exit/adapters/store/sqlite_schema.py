"""The tables of a SQLite journal, and connections to it."""

import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from quantum_exit.errors import InputFileError
from quantum_exit.execution.payloads import check_version
from quantum_exit.execution.records import Record

FORMAT_VERSION = 1
# "QXJL"; says what the file is, to us and to the command `file`.
_APPLICATION_ID = 0x51584A4C

_TABLES = (
    """CREATE TABLE record (
        seq INTEGER PRIMARY KEY,
        epoch INTEGER NOT NULL,
        kind TEXT NOT NULL,
        ts_ms INTEGER NOT NULL,
        payload BLOB NOT NULL,
        crc32 INTEGER NOT NULL,
        prev_hash BLOB NOT NULL
    ) STRICT""",
    """CREATE TABLE snapshot (
        seq INTEGER PRIMARY KEY,
        hash BLOB NOT NULL,
        ts_ms INTEGER NOT NULL,
        payload BLOB NOT NULL,
        crc32 INTEGER NOT NULL
    ) STRICT""",
    """CREATE TABLE lease (
        account TEXT NOT NULL,
        symbol TEXT NOT NULL,
        owner TEXT NOT NULL,
        epoch INTEGER NOT NULL,
        expires_ms INTEGER NOT NULL,
        PRIMARY KEY (account, symbol)
    ) STRICT, WITHOUT ROWID""",
)

SELECT_RECORDS = f"SELECT {', '.join(Record._fields)} FROM record WHERE seq > ? ORDER BY seq"
INSERT_RECORD = f"INSERT INTO record ({', '.join(Record._fields)}) VALUES (?, ?, ?, ?, ?, ?, ?)"
SELECT_EPOCH = "SELECT coalesce(max(epoch), 0) FROM lease WHERE symbol = ?"
INSERT_SNAPSHOT = "INSERT OR REPLACE INTO snapshot VALUES (?, ?, ?, ?, ?)"
INSERT_LEASE = "INSERT OR REPLACE INTO lease VALUES (?, ?, ?, ?, ?)"


def create_file(path: Path) -> None:
    """Creates the empty file `path`, readable by its owner only, and makes its name durable.

    Raises:
        FileExistsError: It exists.
        OSError: It cannot be created.
    """
    os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600))
    sync_folder(path.parent)


def sync_folder(folder: Path) -> None:
    """Makes the names in `folder` durable, where the system lets a folder be opened.

    Raises:
        OSError: It cannot be synced.
    """
    if os.name == "nt":
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def connect(path: Path, busy_timeout_ms: int) -> sqlite3.Connection:
    """Opens the existing file `path` to write; see `make_durable`.

    Raises:
        sqlite3.Error: It cannot be opened.
    """
    return _connect(path, "rw", busy_timeout_ms)


def connect_read_only(path: Path, busy_timeout_ms: int = 5000) -> sqlite3.Connection:
    """Opens the existing file `path` to read, also while its owner writes.

    Raises:
        sqlite3.Error: It cannot be opened.
    """
    return _connect(path, "ro", busy_timeout_ms)


def make_durable(connection: sqlite3.Connection) -> None:
    """Has the connection's commits return when they are on the disk.

    Raises:
        sqlite3.Error: The file is damaged, or cannot be written.
    """
    connection.execute("PRAGMA journal_mode = WAL").fetchall()
    connection.execute("PRAGMA synchronous = FULL")
    connection.execute("PRAGMA fullfsync = ON")
    connection.execute("PRAGMA checkpoint_fullfsync = ON")


def create_tables(connection: sqlite3.Connection) -> None:
    """Makes an empty file a journal.

    Raises:
        sqlite3.Error: It cannot be written.
    """
    make_durable(connection)
    with transaction(connection):
        for table in _TABLES:
            connection.execute(table)
        connection.execute(f"PRAGMA application_id = {_APPLICATION_ID}")
        connection.execute(f"PRAGMA user_version = {FORMAT_VERSION}")


def check_format(connection: sqlite3.Connection, path: Path) -> None:
    """Refuses what is no journal or one of another version.

    Raises:
        InputFileError: It is another application's file.
        JournalVersionError: It is of a version that this build cannot read.
        sqlite3.Error: It cannot be read.
    """
    if single(connection, "PRAGMA application_id") != _APPLICATION_ID:
        raise InputFileError(str(path), None, "is no journal of quantum_exit")
    check_version(str(path), single(connection, "PRAGMA user_version"), FORMAT_VERSION)


@contextmanager
def transaction(connection: sqlite3.Connection) -> Iterator[None]:
    """Makes what the block writes durable when it ends, or undoes it when it raises.

    Raises:
        sqlite3.Error: It could not be begun or made durable, and is undone.
    """
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield
        connection.execute("COMMIT")
    except BaseException:
        # Where the failure was the disk's, SQLite has undone it already.
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise


def is_empty(connection: sqlite3.Connection) -> bool:
    """Whether the file holds nothing yet.

    Raises:
        sqlite3.Error: It cannot be read.
    """
    return single(connection, "SELECT count(*) FROM sqlite_schema") == 0


def single(connection: sqlite3.Connection, statement: str) -> int:
    """The one whole number that `statement` gives.

    Raises:
        sqlite3.Error: It cannot be read.
    """
    ((value,),) = connection.execute(statement).fetchall()
    return int(value)


def _connect(path: Path, mode: str, busy_timeout_ms: int) -> sqlite3.Connection:
    connection = sqlite3.connect(
        f"{path.absolute().as_uri()}?mode={mode}",
        uri=True,
        isolation_level=None,
        timeout=busy_timeout_ms / 1000,
        # Its calls come from several threads of a pool, but never two at the same time.
        check_same_thread=False,
    )
    connection.execute("PRAGMA trusted_schema = OFF")
    connection.execute("PRAGMA cell_size_check = ON")
    return connection
