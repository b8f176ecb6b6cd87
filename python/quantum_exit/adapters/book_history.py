"""The history of a profile book in an SQLite file."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from os import PathLike, fspath
from pathlib import Path
from types import TracebackType
from typing import Self, TypeAlias

from quantum_exit.errors import InputFileError
from quantum_exit.planning.book import ProfileBook
from quantum_exit.planning.book_holder import PublishedBook, check_follows
from quantum_exit.planning.book_toml import book_from_toml, book_to_toml

_APPLICATION_ID = 0x51455042
"""What tells these files from other SQLite files: "QEPB"."""
_FORMAT = 1
_BUSY_S = 5.0
_COLUMNS = "version, content_hash, author, reason, at_ns, book_toml"
_CREATE = """
    CREATE TABLE book_versions (
        version INTEGER PRIMARY KEY,
        content_hash TEXT NOT NULL,
        author TEXT NOT NULL,
        reason TEXT NOT NULL,
        at_ns INTEGER NOT NULL,
        book_toml TEXT NOT NULL
    ) STRICT
"""

_Row: TypeAlias = tuple[int, str, str, str, int, str]


class SqliteBookHistory:
    """A `BookHistory` in one SQLite file, for one thread; other processes may have it open as well.

    Close it, or use it in a `with` statement.

    Args:
        path: The file; it is made where it is absent, unless `read_only`.
        read_only: Never write.

    Raises:
        InputFileError: The file cannot be opened, or is no history of this format.
    """

    __slots__ = ("_connection", "_path")

    def __init__(self, path: str | PathLike[str], *, read_only: bool = False) -> None:
        self._path = fspath(path)
        uri = Path(path).absolute().as_uri() + ("?mode=ro" if read_only else "")
        with _refusing(self._path, "cannot be opened"):
            self._connection = sqlite3.connect(uri, _BUSY_S, isolation_level=None, uri=True)
        try:
            with _refusing(self._path, "cannot be opened"):
                self._prepare(read_only)
        except InputFileError:
            self._connection.close()
            raise

    def append(self, published: PublishedBook) -> None:
        """See `BookHistory.append`; it is on the disk when this returns.

        Raises:
            InvalidInputError: It is not the version after the newest.
            InputFileError: The file cannot be written; nothing was changed.
        """
        book = published.book
        row = (
            book.version,
            book.content_hash,
            published.author,
            published.reason,
            published.at_ns,
            book_to_toml(book),
        )
        with _refusing(self._path, "cannot be written"), self._transaction():
            newest = self.newest()
            check_follows(None if newest is None else newest.book, book)
            insert = f"INSERT INTO book_versions ({_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?)"
            self._connection.execute(insert, row)

    def versions(self) -> tuple[PublishedBook, ...]:
        """See `BookHistory.versions`.

        Raises:
            InputFileError: A version is not what was stored.
        """
        with _refusing(self._path, "cannot be read"):
            select = f"SELECT {_COLUMNS} FROM book_versions ORDER BY version"
            rows: list[_Row] = self._connection.execute(select).fetchall()
        return tuple(self._published(row) for row in rows)

    def newest(self) -> PublishedBook | None:
        """See `BookHistory.newest`.

        Raises:
            InputFileError: It is not what was stored.
        """
        with _refusing(self._path, "cannot be read"):
            select = f"SELECT {_COLUMNS} FROM book_versions ORDER BY version DESC LIMIT 1"
            row: _Row | None = self._connection.execute(select).fetchone()
        return None if row is None else self._published(row)

    def close(self) -> None:
        """Closes the file."""
        self._connection.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    def _prepare(self, read_only: bool) -> None:
        execute = self._connection.execute
        if not read_only:
            execute("PRAGMA synchronous = FULL")
            with self._transaction():
                if not execute("SELECT count(*) FROM sqlite_schema").fetchone()[0]:
                    execute(_CREATE)
                    execute(f"PRAGMA application_id = {_APPLICATION_ID}")
                    execute(f"PRAGMA user_version = {_FORMAT}")
        found = execute("PRAGMA application_id").fetchone()[0]
        if found != _APPLICATION_ID:
            raise InputFileError(self._path, None, "not a history of a profile book")
        version = execute("PRAGMA user_version").fetchone()[0]
        if version != _FORMAT:
            message = f"written in format {version}; this version reads format {_FORMAT}"
            raise InputFileError(self._path, None, message)

    def _published(self, row: _Row) -> PublishedBook:
        version, content_hash, author, reason, at_ns, text = row
        place = f"{self._path}: version {version}"
        book: ProfileBook = book_from_toml(text, place)
        if (book.version, book.content_hash) != (version, content_hash):
            raise InputFileError(self._path, f"version {version}", "not the book that was stored")
        return PublishedBook(book=book, author=author, reason=reason, at_ns=at_ns)

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        self._connection.execute("BEGIN IMMEDIATE")
        try:
            yield
            self._connection.execute("COMMIT")
        finally:
            if self._connection.in_transaction:
                self._connection.execute("ROLLBACK")


@contextmanager
def _refusing(path: str, what: str) -> Iterator[None]:
    try:
        yield
    except sqlite3.Error as error:
        raise InputFileError(path, None, f"{what}: {error}") from error
