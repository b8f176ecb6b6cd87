"""The SQLite journal without threads: for an event loop whose time stands still meanwhile."""

from collections.abc import Callable
from typing import TypeVar, TypeVarTuple, Unpack

from anyio.lowlevel import checkpoint

from quantum_exit.adapters.store.sqlite import SqliteStore

ArgumentTs = TypeVarTuple("ArgumentTs")
ResultT = TypeVar("ResultT")


class InlineSqliteStore(SqliteStore):
    """As `SqliteStore`, but each call blocks the loop until it is done."""

    @staticmethod
    async def _aside(
        function: Callable[[Unpack[ArgumentTs]], ResultT], *args: *ArgumentTs
    ) -> ResultT:
        await checkpoint()
        return function(*args)

    async def _call(
        self, function: Callable[[Unpack[ArgumentTs]], ResultT], *args: *ArgumentTs
    ) -> ResultT:
        return await self._aside(function, *args)
