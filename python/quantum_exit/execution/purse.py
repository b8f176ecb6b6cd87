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
            of the reserve.
        catch_up: Questions about trades that may spend part of the reserve.
    """

    def __init__(self, budget: RateBudget, clock: Clock, *, stale_ms: int, catch_up: int) -> None:
        self._budget = budget
        self._clock = clock
        self._stale_ns = stale_ms * _NS_PER_MS
        self._catch_up_left = catch_up + 1
        self._seen_all_ns: int | None = None

    async def pay(self, weight: int, access: Access) -> None:
        """Waits for room in the budget."""
        cost = Cost(weight=weight)
        while True:
            now_ns = self._clock.monotonic_ns()
            wait_ns = self._budget.wait_ns(cost, now_ns, access)
            if wait_ns == 0:
                break
            await anyio.sleep(wait_ns / _NS_PER_S)
        self._budget.spend(cost, now_ns)

    async def pay_to_look(self, weight: int, *, whole: bool) -> None:
        """Waits for room to read the account, as long as that does no harm.

        What no stream tells of is found by the reading of the whole account alone: one that is due
        is protection, the next one before that is not.
        """
        cost = Cost(weight=weight)
        while True:
            now_ns = self._clock.monotonic_ns()
            fresh_ns = self._fresh_ns(now_ns) if whole else 0
            access = Access.PLAIN if fresh_ns else Access.PROTECTIVE
            wait_ns = self._budget.wait_ns(cost, now_ns, access)
            if wait_ns == 0:
                break
            await anyio.sleep((min(wait_ns, fresh_ns) or wait_ns) / _NS_PER_S)
        self._budget.spend(cost, now_ns)

    def note_all(self) -> None:
        """The whole account has been read."""
        self._seen_all_ns = self._clock.monotonic_ns()

    def to_catch_up(self) -> Access:
        """What a question about trades may spend.

        What has been traded is booked later just as well, but for what lives before have missed:
        they may have used up the limits, one start after the other.
        """
        self._catch_up_left = max(0, self._catch_up_left - 1)
        return Access.PROTECTIVE if self._catch_up_left else Access.PLAIN

    def _fresh_ns(self, now_ns: int) -> int:
        """How long the last reading of the whole account is still young enough."""
        if self._seen_all_ns is None:
            return 0
        return max(0, self._seen_all_ns + self._stale_ns - now_ns)
