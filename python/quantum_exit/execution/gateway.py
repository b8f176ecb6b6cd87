"""The one door through which orders leave; what passes it is in the journal already."""

from bisect import bisect_left
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from functools import partial

import anyio
from anyio.abc import TaskGroup

from quantum_exit._core import Claim, Phase
from quantum_exit.domain.position import Side
from quantum_exit.execution.budget import Access, Cost
from quantum_exit.execution.guardian.effects import Cancel, Place, Priority
from quantum_exit.execution.guardian.facts import Action, Sent
from quantum_exit.execution.lanes import Intent, Lane, lane_of
from quantum_exit.execution.orders import MarketClose
from quantum_exit.execution.outcomes import Outcome
from quantum_exit.execution.ports import OrderPort
from quantum_exit.execution.sending import Request, Sender
from quantum_exit.execution.slots import Holder

LATENCY_BOUNDS_MS = (5, 10, 20, 50, 100, 200, 500, 1_000, 2_000, 5_000)
"""Upper bounds of the classes by which times of requests are counted, ms."""

_PLACE = Cost(weight=0, orders=1)
_CANCEL = Cost(weight=1, orders=0)
_LEAST_VITAL = Priority.CLOSE
_LEAST_PROTECTIVE = Priority.CANCEL
_NS_PER_MS = 1_000_000


@dataclass(slots=True)
class _Held:
    claim: Claim
    users: int = 0


@dataclass(slots=True)
class Latency:
    """How long requests of one priority took from decision to outcome.

    Attributes:
        count: Requests.
        sum_ms: All of their times together, ms.
        max_ms: The longest, ms.
        buckets: Requests by time: up to the first of `LATENCY_BOUNDS_MS`, then up to the next.
    """

    count: int = 0
    sum_ms: float = 0.0
    max_ms: float = 0.0
    buckets: list[int] = field(default_factory=lambda: [0] * len(LATENCY_BOUNDS_MS))

    def add(self, ms: float) -> None:
        """Counts one request."""
        self.count += 1
        self.sum_ms += ms
        self.max_ms = max(self.max_ms, ms)
        place = bisect_left(LATENCY_BOUNDS_MS, ms)
        if place < len(LATENCY_BOUNDS_MS):
            self.buckets[place] += 1


class Gateway:
    """Sends intents in order and reports what became of each as a `Sent`.

    Args:
        venue: Where orders go.
        sender: Fence, budget, deadlines and tries.
        holder: Claims the slot of a symbol and side while something is under way.
        phase_of: What is known of a symbol and side when nothing is under way any more.
        may_place: Whether an order may still leave for the first time, or once more.
        may_cancel: Whether an order may still be taken away when its cancel leaves, which may be
            long after that was decided.
        report: Takes each outcome in; the slot is held until it returns.
        now_ns: Monotonic time, ns.

    Attributes:
        latencies: How long requests took, by priority.
    """

    def __init__(
        self,
        *,
        venue: OrderPort,
        sender: Sender,
        holder: Holder,
        phase_of: Callable[[str, Side], Phase],
        may_place: Callable[[Place], bool],
        may_cancel: Callable[[Cancel], bool],
        report: Callable[[Sent], Awaitable[None]],
        now_ns: Callable[[], int],
    ) -> None:
        self._venue = venue
        self._sender = sender
        self._holder = holder
        self._phase_of = phase_of
        self._may_place = may_place
        self._may_cancel = may_cancel
        self._report = report
        self._now_ns = now_ns
        self.latencies: dict[Priority, Latency] = {}
        self._lanes: dict[tuple[str, Side], Lane] = {}
        self._held: dict[tuple[str, Side], _Held] = {}
        self._idle = anyio.Event()

    def submit(self, intent: Intent, group: TaskGroup) -> None:
        """Sends an intent that is durable; tasks of `group` do it."""
        key = lane_of(intent)
        lane = self._lanes.get(key)
        if lane is None:
            lane = self._lanes[key] = Lane(self._carry_out)
        lane.add(intent, group)

    @property
    def is_idle(self) -> bool:
        """Whether no request waits or is under way."""
        return all(lane.is_idle for lane in self._lanes.values())

    async def drained(self) -> None:
        """Returns when no request waits or is under way."""
        while not self.is_idle:
            self._idle = anyio.Event()
            await self._idle.wait()

    async def _carry_out(self, intent: Intent) -> None:
        action = Action.PLACE if isinstance(intent, Place) else Action.CANCEL
        started_ns = self._now_ns()
        async with self._holding(intent):
            outcome, sent_ms = await self._sender.carry_out(self._request(intent))
            await self._report(
                Sent(client_id=intent.client_id, action=action, outcome=outcome, sent_ms=sent_ms)
            )
        latency = self.latencies.setdefault(intent.priority, Latency())
        latency.add((self._now_ns() - started_ns) / _NS_PER_MS)
        self._idle.set()

    def _request(self, intent: Intent) -> Request:
        return Request(
            send=partial(self._leave, intent),
            cost=_PLACE if isinstance(intent, Place) else _CANCEL,
            access=_access_of(intent.priority),
            urgency=intent.priority,
            is_wanted=partial(self._is_wanted, intent),
        )

    async def _leave(self, intent: Intent, asked_ms: int) -> Outcome:
        venue, client_id = self._venue, intent.client_id
        if isinstance(intent, Place):
            return await venue.send(intent.order, client_id, intent.steps, asked_ms=asked_ms)
        return await venue.cancel(intent.symbol, client_id, intent.book, asked_ms=asked_ms)

    def _is_wanted(self, intent: Intent) -> bool:
        if isinstance(intent, Place):
            return self._may_place(intent)
        return self._may_cancel(intent)

    @asynccontextmanager
    async def _holding(self, intent: Intent) -> AsyncIterator[None]:
        """Holds the slot; what overlaps on one side shares a claim."""
        key = lane_of(intent)
        held = self._held.get(key)
        if held is None or not self._holder.is_current(held.claim):
            held = self._held[key] = _Held(await self._holder.claim(*key))
        held.users += 1
        if isinstance(intent, Place) and isinstance(intent.order, MarketClose):
            held.claim = self._holder.closing(held.claim)
        try:
            yield
        finally:
            held.users -= 1
            if held.users == 0:
                self._held.pop(key, None)
                self._holder.release(held.claim, self._phase_of(*key))


def _access_of(priority: Priority) -> Access:
    if priority <= _LEAST_VITAL:
        return Access.VITAL
    return Access.PROTECTIVE if priority <= _LEAST_PROTECTIVE else Access.PLAIN
