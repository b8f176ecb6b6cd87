"""One connection to PostgreSQL that is made anew after a failure; every wait has a deadline."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import anyio

from quantum_exit.errors import JournalUnavailableError, MissingExtraError, QuantumExitError

try:
    import asyncpg
except ImportError as error:
    raise MissingExtraError("postgres", "asyncpg") from error

_FAILURES = (asyncpg.PostgresError, asyncpg.InterfaceError, OSError, TimeoutError)


class Session:
    """A connection for one user at a time.

    After a failure it is closed: whether the server did what it was asked is not known, and the
    next use begins with a new one.

    Args:
        dsn: Where the server is, as `postgresql://user@host/database`.
        deadline_ms: Longest wait for a connection and for one answer, ms.
    """

    def __init__(self, dsn: str, deadline_ms: int) -> None:
        self._dsn = dsn
        self._deadline_s = deadline_ms / 1000
        self._connection: Any = None
        self._lock = anyio.Lock()

    @asynccontextmanager
    async def use(self, operation: str) -> AsyncIterator[Any]:
        """Gives the connection for the block.

        Raises:
            JournalUnavailableError: There is none, or the block's use of it failed.
        """
        async with self._lock:
            try:
                yield await self._connected()
            except _FAILURES as error:
                self._terminate()
                # Its text could hold the address, and the address a password.
                reason = f"PostgreSQL: {type(error).__name__}: {_text(error)}"
                raise JournalUnavailableError(operation, reason) from error
            except QuantumExitError:
                raise
            except BaseException:
                # A cancelled statement leaves a connection in an unknown state.
                self._terminate()
                raise

    async def close(self) -> None:
        """Closes the connection."""
        async with self._lock:
            connection, self._connection = self._connection, None
            if connection is not None:
                await connection.close(timeout=self._deadline_s)

    async def _connected(self) -> Any:
        if self._connection is not None and not self._connection.is_closed():
            return self._connection
        self._connection = await asyncpg.connect(
            self._dsn,
            timeout=self._deadline_s,
            command_timeout=self._deadline_s,
            server_settings={"application_name": "quantum-exit", "synchronous_commit": "on"},
        )
        if await self._connection.fetchval("SHOW fsync") != "on":
            self._terminate()
            raise JournalUnavailableError("open", "PostgreSQL runs with fsync off: nothing lasts")
        return self._connection

    def _terminate(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.terminate()


def _text(error: BaseException) -> str:
    return str(error) if isinstance(error, asyncpg.PostgresError) else ""
