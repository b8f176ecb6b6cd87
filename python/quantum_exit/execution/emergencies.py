"""Ids for closes and floors, stored before they are needed: protection works without a journal.

While the disk is well, the ids that each position may need next are reserved. When the journal
fails, a close or a floor under one of them needs no write any more. After a restart every reserved
id may have been sent, so the venue is asked about each one.
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from types import MappingProxyType
from typing import Protocol

import anyio

from quantum_exit.domain.facts import OrderBook
from quantum_exit.errors import JournalUnavailableError
from quantum_exit.execution.guardian.effects import Find, Place
from quantum_exit.execution.guardian.foresight import Foreseen
from quantum_exit.execution.hub import Hub, Trouble
from quantum_exit.execution.ids import identity_of
from quantum_exit.execution.orders import Role

_PAUSE_S = 0.25
_RETRY_S = 1.0


class ReservePort(Protocol):
    """Durable ids by the name of a position."""

    @property
    def left_over(self) -> Mapping[str, tuple[str, ...]]:
        """What an earlier process had reserved."""

    async def put(self, position: str, ids: Sequence[str]) -> None:
        """Reserves `ids` instead of those before; they are durable on return."""

    async def drop(self, position: str) -> None:
        """Forgets what is reserved for a position."""

    async def clear(self) -> None:
        """Forgets all that is reserved."""

    def take(self, position: str, client_id: str) -> bool:
        """Whether this id is reserved, each one once; touches no disk."""


class Emergencies:
    """Keeps the reserve in step with the guarded positions.

    Args:
        reserve: Where ids are kept, or None = closes leave unreserved when the journal fails.
        foreseen: Tells the ids that may be needed next.
        ask: Asks the venue about an order; whether it answered.
        is_journaled: Tells whether everything that was asked for is in the journal; while it is
            not, what is reserved stays as it is: the file is all that tells what was sent.
        hub: Hears of troubles.
    """

    def __init__(
        self,
        reserve: ReservePort | None,
        *,
        foreseen: Callable[[Mapping[str, Foreseen]], dict[str, Foreseen]],
        ask: Callable[[Find], Awaitable[bool]],
        is_journaled: Callable[[], bool],
        hub: Hub,
    ) -> None:
        self._reserve = reserve
        self._foreseen = foreseen
        self._ask = ask
        self._is_journaled = is_journaled
        self._hub = hub
        self._stored: dict[str, Foreseen] = {}
        left_over = MappingProxyType({}) if reserve is None else reserve.left_over
        self._unasked = {name: list(ids) for name, ids in left_over.items()}
        self._changed = anyio.Event()

    def spend(self, place: Place) -> None:
        """A close or a floor leaves without a journal.

        It leaves even where its id is not reserved, but not unheard: a position that stays open for
        want of a number is the greater harm, and the id tells by itself whose it is.
        """
        key = place.order.key
        name = f"{key.symbol}:{key.side}"
        if self._reserve is not None and not self._reserve.take(name, place.client_id):
            text = f"{place.client_id} of {name} leaves without a journal and without a reserve"
            self._hub.publish(Trouble(kind="reserve", text=text))

    async def end(self) -> None:
        """A clean end: where every intent is in the journal, no reserved id has been sent."""
        if self._reserve is None or self._unasked or not self._is_journaled():
            return
        try:
            await self._reserve.clear()
        except JournalUnavailableError:
            # They are asked about in vain after the next start, which harms nobody.
            return

    def look(self) -> None:
        """Something may have changed."""
        self._changed.set()

    async def run(self) -> None:
        """Asks about what was left over, and keeps the reserve, until it is cancelled."""
        if self._reserve is None:
            return
        async with anyio.create_task_group() as group:
            group.start_soon(self._settle, self._reserve)
            while True:
                self._changed = anyio.Event()
                kept = await self._keep(self._reserve)
                await anyio.sleep(_PAUSE_S if kept else _RETRY_S)
                if kept:
                    await self._changed.wait()

    async def _keep(self, reserve: ReservePort) -> bool:
        """Whether what is stored is what may be needed."""
        if not self._is_journaled():
            return False
        wanted = self._foreseen(self._stored)
        try:
            for name in self._stored.keys() - wanted.keys():
                await self._release(reserve, name)
            for name, one in wanted.items():
                if self._stored.get(name) != one:
                    await reserve.put(name, self._ids(name, one))
                    self._stored[name] = one
        except JournalUnavailableError as error:
            self._hub.publish(Trouble(kind="reserve", text=str(error)))
            return False
        return True

    def _ids(self, name: str, one: Foreseen) -> tuple[str, ...]:
        """Those of the last time as well: what they are for may be about to leave."""
        before = self._stored.get(name)
        ids = (*one.ids, *(() if before is None else before.ids), *self._unasked.get(name, ()))
        return tuple(dict.fromkeys(ids))

    async def _release(self, reserve: ReservePort, name: str) -> None:
        if unasked := self._unasked.get(name):
            await reserve.put(name, unasked)
        else:
            await reserve.drop(name)
        del self._stored[name]

    async def _settle(self, reserve: ReservePort) -> None:
        """Asks about what an earlier process may have sent: what exists is taken in as it is."""
        for name in list(self._unasked):
            for client_id in list(self._unasked[name]):
                await self._ask_until_answered(name, client_id)
                self._unasked[name].remove(client_id)
            del self._unasked[name]
            if name not in self._stored:
                await self._forget(reserve, name)

    async def _ask_until_answered(self, name: str, client_id: str) -> None:
        identity = identity_of(client_id)
        if identity is None:
            return
        symbol = name.partition(":")[0]
        book = OrderBook.ALGO if identity.role is Role.FLOOR else OrderBook.REGULAR
        question = Find(symbol=symbol, client_id=client_id, book=book)
        while True:
            if await self._ask(question):
                return
            await anyio.sleep(_RETRY_S)

    async def _forget(self, reserve: ReservePort, name: str) -> None:
        try:
            await reserve.drop(name)
        except JournalUnavailableError as error:
            # It is asked about once more after the next start.
            self._hub.publish(Trouble(kind="reserve", text=str(error)))
