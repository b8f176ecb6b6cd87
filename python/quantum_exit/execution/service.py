"""The live service: guards the positions of one account."""

from collections.abc import AsyncGenerator
from dataclasses import dataclass, replace

import anyio

from quantum_exit.domain.facts import OrderView
from quantum_exit.domain.keys import PositionKey
from quantum_exit.domain.numbers import Number, exact
from quantum_exit.domain.position import Position, Side
from quantum_exit.errors import InvalidInputError, NotProtectedError
from quantum_exit.execution.adoption import guarded
from quantum_exit.execution.gateway import Latency
from quantum_exit.execution.guardian.effects import Answer
from quantum_exit.execution.guardian.facts import Command, CommandKind
from quantum_exit.execution.guardian.status import GuardianStatus, PositionStatus
from quantum_exit.execution.hub import Event
from quantum_exit.execution.planning_desk import PlanningDesk, Signal
from quantum_exit.execution.ports import Clock
from quantum_exit.execution.recording import Opened
from quantum_exit.execution.reducer import Enter
from quantum_exit.execution.service_config import ServiceConfig
from quantum_exit.execution.watch_plan import WatchPlan
from quantum_exit.execution.works import Works
from quantum_exit.planning.book import ProfileBook
from quantum_exit.planning.planned import PlannedExit


@dataclass(frozen=True, slots=True, kw_only=True)
class Protection:
    """Proof that a position is protected.

    Attributes:
        key: The position.
        plan: Its plan.
        status: What rests at the venue for it.
        acks: The orders that the venue has acknowledged for it, as it showed them.
    """

    key: PositionKey
    plan: PlannedExit
    status: PositionStatus
    acks: tuple[OrderView, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceStatus:
    """The service as of one moment.

    Attributes:
        account: Name of the account.
        now_ms: The moment, ms since the UNIX epoch.
        guardian: Positions, protection, unknown outcomes.
        naked_ms: Time that positions were without protection, added up, ms.
        longest_gap_ms: Longest single gap since the start, ms.
        is_breached: Whether a position is naked, or was for longer than the bound.
        gaps: Gaps that have ended.
        venue_accepts: Whether the venue takes orders, None = nothing was heard that tells.
        journal_works: Whether the last append was stored.
        lease_left_ms: How long requests may still leave without a renewal, ms.
        budget_left: Units left of each rate limit.
        stale: Watched symbols whose price is too old.
        waiting: Inputs that wait to be reduced.
        steps: Inputs reduced since the start.
        prices: Prices seen since the start.
        refused: Messages that made no sense, by source.
        latencies: How long requests took, by the name of their priority.
    """

    account: str
    now_ms: int
    guardian: GuardianStatus
    naked_ms: int
    longest_gap_ms: int
    is_breached: bool
    gaps: int
    venue_accepts: bool | None
    journal_works: bool
    lease_left_ms: int
    budget_left: dict[str, int]
    stale: tuple[str, ...]
    waiting: int
    steps: int
    prices: int
    refused: dict[str, int]
    latencies: dict[str, Latency]


class Service:
    """Guards the positions of one account; `open_live` makes and runs one.

    Args:
        works: Its parts.
        config: Numbers and switches.
        desk: Plans positions.
        clock: Time.
    """

    def __init__(
        self, works: Works, config: ServiceConfig, desk: PlanningDesk, clock: Clock
    ) -> None:
        self._works = works
        self._config = config
        self._clock = clock
        self._commands = 0
        self.desk = desk

    async def protect(self, position: Position, *, signal: Signal | None = None) -> Protection:
        """Plans the exit of an open position, guards it, and waits for proof that it is protected.

        One that is guarded already gets the new plan; its stops only tighten.

        Args:
            position: What is held, with the grid that the venue states.
            signal: What is known besides; None = nothing.

        Raises:
            PlanRefusedError: No stop can protect it: close it.
            InvalidInputError: Names the field, its value and what is allowed; or the position has
                ended meanwhile.
            VenueReadError: The rules of its symbol could not be read.
            NotProtectedError: No proof within `protect_deadline_ms`; the service goes on trying.
        """
        asked_ms = self._clock.now_ms()
        rules = await self._works.adoption.rules(position.symbol)
        _check_grid(position, rules.instrument.tick_size, rules.instrument.lot_step)
        now_ms = self._clock.now_ms()
        planned = self.desk.plan(position, signal or Signal(), now_ms)
        made: list[Opened] = []

        def make(key: PositionKey) -> Opened:
            # The rules may have taken long: stops for what is gone would outlive it.
            if self._works.mind.guardian.has_ended_since(key.symbol, key.side, asked_ms):
                name = f"{key.symbol} {key.side}"
                raise InvalidInputError(
                    "position", name, "expected one that has not ended meanwhile"
                )
            made.append(
                self.desk.opened(planned, position, key, hedge=self._config.hedge, now_ms=now_ms)
            )
            return made[0]

        enter = Enter(symbol=position.symbol, side=position.side, make=make)
        self._works.monitor.follow(position.symbol)
        await self._works.put(enter)
        await enter.done.wait()
        if enter.error is not None:
            raise enter.error
        self._works.hub.publish(guarded(made[0], adopted=False))
        key = made[0].fact.key
        if planned.close_now is not None:
            await self.close(position.symbol, position.side)
        status = await self._proof(key)
        acks = self._works.acks.get(key.epoch, {})
        return Protection(key=key, plan=planned, status=status, acks=tuple(acks.values()))

    async def close(
        self, symbol: str, side: Side | None = None, *, quantity: Number | None = None
    ) -> Answer:
        """Closes a position at the market, all of it or a quantity.

        Returns as soon as the close is decided and durable; `events` tells when it is done.

        Raises:
            InvalidInputError: No such position is guarded, or two are and `side` is None.
        """
        key = self._key(symbol, side)
        lots = None
        if quantity is not None:
            plan = self._works.mind.log.plans()[key]
            lots = plan.instrument.lots(exact("quantity", quantity))
        return await self._command(CommandKind.CLOSE, key=key, lots=lots)

    async def close_all(self) -> Answer:
        """Closes every guarded position at the market."""
        return await self._command(CommandKind.CLOSE_ALL)

    async def tighten(self, symbol: str, side: Side | None, stop_price: Number) -> Answer:
        """Moves the stop of a position nearer to the market; one that is looser is refused.

        Raises:
            InvalidInputError: No such position is guarded, or the price is off the grid.
        """
        key = self._key(symbol, side)
        instrument = self._works.mind.log.plans()[key].instrument
        ticks = instrument.ticks(exact("stop_price", stop_price))
        return await self._command(CommandKind.TIGHTEN, key=key, stop_ticks=ticks)

    async def release(self, symbol: str, side: Side | None = None) -> Answer:
        """Stops guarding a position; what rests for it at the venue stays there.

        Raises:
            InvalidInputError: No such position is guarded, or two are and `side` is None.
        """
        return await self._command(CommandKind.RELEASE, key=self._key(symbol, side))

    def plans(self) -> dict[PositionKey, WatchPlan]:
        """The guarded positions with the plans by which the core watches them."""
        return dict(self._works.mind.log.plans())

    def publish(self, book: ProfileBook) -> None:
        """Plans positions by this book from now on; those that are guarded keep their plans."""
        self.desk = replace(self.desk, book=book)

    async def events(self) -> AsyncGenerator[Event]:
        """What happens from now on, until the service ends.

        A listener that is slower than the service loses the oldest events and is told how many.
        """
        listener = self._works.hub.listen()
        try:
            async for event in listener.events():
                yield event
        finally:
            self._works.hub.leave(listener)

    @property
    def waiting_answers(self) -> int:
        """Commands whose answer somebody waits for."""
        return len(self._works.answers)

    def status(self) -> ServiceStatus:
        """The service as of now."""
        works, now_ms = self._works, self._clock.now_ms()
        works.measure()
        now_ns = self._clock.monotonic_ns()
        guardian = works.mind.guardian.status(now_ms)
        longest_ms = works.gaps.longest_now_ms(now_ms)
        naked = bool(guardian.unguarded) or any(not one.protected for one in guardian.positions)
        return ServiceStatus(
            account=self._config.account,
            now_ms=now_ms,
            guardian=guardian,
            naked_ms=works.gaps.total_ms(now_ms),
            longest_gap_ms=longest_ms,
            is_breached=naked or longest_ms > self._config.gap_bound_ms,
            gaps=works.gaps.gaps,
            venue_accepts=works.reach.accepts,
            journal_works=works.reducer.journal_works,
            lease_left_ms=works.fence.left_ms(),
            budget_left=works.budget.left(now_ns),
            stale=works.mind.watch.stale(now_ns),
            waiting=len(works.inbox),
            steps=works.reducer.steps,
            prices=works.monitor.prices,
            refused=works.refused,
            latencies={
                priority.name: replace(latency, buckets=list(latency.buckets))
                for priority, latency in works.gateway.latencies.items()
            },
        )

    async def _command(
        self,
        kind: CommandKind,
        *,
        key: PositionKey | None = None,
        lots: int | None = None,
        stop_ticks: int | None = None,
    ) -> Answer:
        self._commands += 1
        command_id = f"{self._works.fence.epoch}-{self._commands}"
        works = self._works
        works.answers[command_id] = None
        try:
            await works.put(
                Command(command_id=command_id, kind=kind, key=key, lots=lots, stop_ticks=stop_ticks)
            )
            while (answer := works.answers[command_id]) is None:
                await works.changed.wait()
            return answer
        finally:
            del works.answers[command_id]

    async def _proof(self, key: PositionKey) -> PositionStatus:
        """The position's status once it is protected, or gone because it had to be closed."""
        last: PositionStatus | None = None
        with anyio.move_on_after(self._config.protect_deadline_ms / 1000):
            while True:
                changed = self._works.changed
                now_ms = self._clock.now_ms()
                found = self._works.mind.guardian.position(key.symbol, key.side, now_ms)
                if found is not None and found.key == key:
                    last = found
                    if found.protected:
                        return found
                await changed.wait()
        why = "nothing is known of it" if last is None else _lacking(last)
        raise NotProtectedError(f"{key.symbol} {key.side}", why)

    def _key(self, symbol: str, side: Side | None) -> PositionKey:
        keys = [
            key
            for key in self._works.mind.log.plans()
            if key.symbol == symbol and side in {None, key.side}
        ]
        if len(keys) != 1:
            known = ", ".join(f"{key.symbol} {key.side}" for key in self._works.mind.log.plans())
            wanted = symbol if side is None else f"{symbol} {side}"
            raise InvalidInputError("position", wanted, f"expected one of: {known or 'none'}")
        return keys[0]


def _check_grid(position: Position, tick_size: str, lot_step: str) -> None:
    given = position.instrument
    if exact("tick_size", given.tick_size) != exact("tick_size", tick_size):
        allowed = f"expected that of the venue, {tick_size}"
        raise InvalidInputError("instrument.tick_size", given.tick_size, allowed)
    if exact("lot_step", given.lot_step) != exact("lot_step", lot_step):
        allowed = f"expected that of the venue, {lot_step}"
        raise InvalidInputError("instrument.lot_step", given.lot_step, allowed)


def _lacking(status: PositionStatus) -> str:
    floor = "no floor" if status.floor_ticks is None else f"floor at {status.floor_ticks}"
    stop = "no stop" if status.working_ticks is None else f"stop at {status.working_ticks}"
    return ", ".join((floor, stop, *status.degraded))
