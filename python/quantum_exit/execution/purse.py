"""What questions may spend of the rate limits, and how long they wait for it."""

import anyio

from quantum_exit.execution.budget import Access, Cost, RateBudget
from quantum_exit.execution.ports import Clock

_NS_PER_MS = 1_000_000
_NS_PER_S = 1_000_000_000


class Purse:
    """Pays for the questions of one life of the service.

    Args:
        budget: The venue's rate limits.
        clock: Time.
        stale_ms: Age of the last reading of the whole account at which the next one may spend part
            of the reserve; so may a question that has waited so long.
        catch_up: Questions about trades that may spend part of the reserve.
    """

    def __init__(self, budget: RateBudget, clock: Clock, *, stale_ms: int, catch_up: int) -> None:
        self._budget = budget
        self._clock = clock
        self._stale_ns = stale_ms * _NS_PER_MS
        self._catch_up_left = catch_up
        self._seen_all_ns: int | None = None

    async def pay(self, weight: int, access: Access) -> None:
        """Waits for room in the budget; what has waited long may spend part of the reserve."""
        urgent_ns = 0 if access is not Access.PLAIN else self._clock.monotonic_ns() + self._stale_ns
        await self._pay(Cost(weight=weight), access, urgent_ns)

    async def pay_to_look(self, weight: int, *, whole: bool) -> None:
        """Waits for room to read the account, as long as that does no harm.

        What no stream tells of is found by the reading of the whole account alone: one that is due
        is protection, the next one before that is not. Before the first one has come, nothing that
        was found or that this life would have to repair is protected.
        """
        seen_ns = self._seen_all_ns
        if whole and seen_ns is None:
            await self._pay(Cost(weight=weight), Access.VITAL, 0)
        else:
            due_ns = seen_ns + self._stale_ns if whole and seen_ns is not None else 0
            await self._pay(Cost(weight=weight), Access.PROTECTIVE, due_ns)

    async def _pay(self, cost: Cost, access: Access, urgent_ns: int) -> None:
        """Waits for room: as a plain question until `urgent_ns`, then at least as protection."""
        while True:
            now_ns = self._clock.monotonic_ns()
            if now_ns < urgent_ns:
                wait_ns = self._budget.wait_ns(cost, now_ns, Access.PLAIN)
                wait_ns = min(wait_ns, urgent_ns - now_ns)
            else:
                urgent = Access.PROTECTIVE if access is Access.PLAIN else access
                wait_ns = self._budget.wait_ns(cost, now_ns, urgent)
            if wait_ns == 0:
                break
            await anyio.sleep(wait_ns / _NS_PER_S)
        self._budget.spend(cost, now_ns)

    def note_all(self) -> None:
        """The whole account has been read."""
        self._seen_all_ns = self._clock.monotonic_ns()

    def to_catch_up(self) -> Access:
        """What a question about trades may spend.

        What has been traded is booked later just as well, but for what lives before have missed:
        they may have used up the limits, one start after the other.
        """
        if self._catch_up_left == 0:
            return Access.PLAIN
        self._catch_up_left -= 1
        return Access.PROTECTIVE
