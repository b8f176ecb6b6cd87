"""Judges one schedule by the exchange's ledger, its request log and the bytes of the journal."""

from collections.abc import Sequence

from quantum_exit.adapters.store.memory import MemoryDisk
from tests.simulation.available import AvailableTime
from tests.simulation.durable_journal import DurableJournal
from tests.simulation.promises.base import Findings, Promise, Sight
from tests.simulation.promises.cover import CoveredSoon, NoGapOfOurOwn, Recovery, StopsWork
from tests.simulation.promises.exits import ExitsComplete, ProvenOnly
from tests.simulation.promises.harmless import Harmless
from tests.simulation.promises.ledger import LadderFits
from tests.simulation.promises.requests import (
    ClockProof,
    FewStops,
    InOrder,
    JournalFirst,
    KeepsBudget,
    NoStrangers,
    OncePerIntent,
    OnlyReduces,
)
from tests.simulation.promises.stops import NeverBeyondHardStop, OnlyTighten
from tests.simulation.seen import Asked, Moment


class Checker:
    """The witness of one schedule.

    Args:
        sight: What the promises may look at.
    """

    def __init__(self, sight: Sight) -> None:
        self.sight = sight
        self.soon = CoveredSoon(sight)
        self.exits = ExitsComplete(sight)
        self.recovery = Recovery(sight)
        self.harmless = Harmless(sight)
        self._promises: tuple[Promise, ...] = (
            self.soon,
            self.exits,
            self.recovery,
            self.harmless,
            NoGapOfOurOwn(sight),
            StopsWork(sight),
            OnlyReduces(sight),
            OncePerIntent(sight),
            FewStops(sight),
            InOrder(sight),
            KeepsBudget(sight),
            ClockProof(sight),
            NoStrangers(sight),
            JournalFirst(sight),
            OnlyTighten(sight),
            NeverBeyondHardStop(sight),
            ProvenOnly(sight),
            LadderFits(sight),
        )
        self._timed = tuple(one for one in self._promises if type(one).passed is not Promise.passed)
        self.log: list[str] = []
        self.traded_at_ms = 0
        self.requests = 0
        self.batches = 0
        self.orders = 0

    @classmethod
    def of(cls, start_ms: int, *, hedge: bool, latency_ms: int = 0) -> "Checker":
        """A checker of an account without positions and a machine with an empty disk."""
        return cls(
            Sight(
                available=AvailableTime(start_ms),
                journal=DurableJournal(MemoryDisk()),
                findings=Findings(start_ms),
                hedge=hedge,
                latency_ms=latency_ms,
                moment=Moment(now_ms=start_ms, held={}, orders=(), algos=()),
            )
        )

    def arrived(self, asked: Asked) -> None:
        """A request arrived."""
        self.requests += 1
        self.batches += asked.path.endswith("/batchOrders")
        self.orders += asked.is_order and asked.method != "GET"
        self.log.append(f"{asked.at_ms} {asked.method} {asked.path} {asked.client_id}")
        for promise in self._promises:
            promise.arrived(asked)

    def replied(self, asked: Asked) -> None:
        """Its reply left."""
        self.log.append(f"  {asked.client_id} {asked.status} {asked.code} {asked.harmed}")
        self.sight.available.replied(asked)
        self.sight.grid.replied(asked)
        for promise in self._promises:
            promise.replied(asked)

    def harmed(self, asked: Asked) -> None:
        """A fault has taken hold of a request."""
        self.sight.available.harmed(asked)

    def met(self, hits: frozenset[str]) -> None:
        """These faults have happened so far."""
        self.sight.rough = hits

    def changed(self, moment: Moment) -> None:
        """The account changed."""
        self.sight.available.passed(moment.now_ms)
        before, self.sight.moment = self.sight.moment, moment
        if moment.fills:
            self.traded_at_ms = self.sight.now_ms
        for promise in self._promises:
            promise.changed(before, moment)

    def passed(self, now_ms: int) -> None:
        """Time has passed."""
        self.sight.available.passed(now_ms)
        for promise in self._timed:
            promise.passed(now_ms)

    def told(self, client_id: str, status: str, due_ms: Sequence[int], now_ms: int) -> None:
        """An event goes to the service, or is lost."""
        self.sight.available.told(client_id, list(due_ms), now_ms)
        for promise in self._promises:
            promise.told(client_id, status, list(due_ms))

    def deaf(self) -> None:
        """The streams have ended or fallen silent."""
        self.sight.available.is_deaf = True

    def listening(self) -> None:
        """The user's stream was opened anew."""
        self.sight.available.is_deaf = False

    def ended(self, now_ms: int) -> None:
        """The schedule is over."""
        for promise in self._promises:
            promise.ended(now_ms)
