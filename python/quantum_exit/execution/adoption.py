"""Plans of positions that somebody else opened, and new plans where a grid has changed."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

import anyio
from anyio.abc import TaskGroup

from quantum_exit.domain.checks import whole_numbers
from quantum_exit.domain.facts import VenuePosition
from quantum_exit.domain.keys import PositionKey
from quantum_exit.domain.position import Side
from quantum_exit.errors import InvalidInputError, QuantumExitError, VenueReadError
from quantum_exit.execution.guardian.effects import Adopt, Replan
from quantum_exit.execution.guardian.facts import (
    Audit,
    Command,
    CommandKind,
    PositionOpened,
    RulesChanged,
)
from quantum_exit.execution.hub import Guarded, Hub, Trouble
from quantum_exit.execution.mind import Mind
from quantum_exit.execution.planning_desk import PlanningDesk
from quantum_exit.execution.ports import Clock, RulesRead, SymbolRules
from quantum_exit.execution.reads import Reader
from quantum_exit.execution.recording import Input, Opened
from quantum_exit.execution.reducer import Enter, Item

_NS_PER_MS = 1_000_000
_NS_PER_S = 1_000_000_000
_MS_PER_S = 1_000


@dataclass(frozen=True, slots=True, kw_only=True)
class AdoptionConfig:
    """Whether and when positions that were found are guarded.

    Attributes:
        enabled: Off = they are left alone, and reported.
        grace_ms: How long to wait first, so that whoever opened one can hand it over with a plan of
            its own.
        retry_ms: Pause before what could not be read for a plan is read again.
    """

    enabled: bool = True
    grace_ms: int = 150
    retry_ms: int = 200

    def __post_init__(self) -> None:
        whole_numbers(self, 0, "grace_ms")
        whole_numbers(self, 1, "retry_ms")


@dataclass(frozen=True, slots=True)
class _Known:
    rules: SymbolRules
    shown: VenuePosition | None


class _NoLongerFoundError(QuantumExitError):
    """The position does not wait for a plan any more, or has ended before its new one."""


class Adoption:
    """Answers `Adopt` and `Replan`.

    Args:
        desk: Plans.
        reader: Asked for the rules of a symbol and the position itself.
        clock: Time.
        mind: What is guarded.
        config: Whether and when.
        hub: Hears of it.
        put: Takes what is to be reduced.
        follow: Streams a symbol, too.
        leverage_of: Leverage of a symbol as far as it is known.
    """

    def __init__(
        self,
        *,
        desk: Callable[[], PlanningDesk],
        reader: Reader,
        clock: Clock,
        mind: Mind,
        config: AdoptionConfig,
        hub: Hub,
        put: Callable[[Item], Awaitable[None]],
        follow: Callable[[str], None],
        leverage_of: Callable[[str], float | None],
    ) -> None:
        self._desk = desk
        self._reader = reader
        self._clock = clock
        self._mind = mind
        self._config = config
        self._hub = hub
        self._put = put
        self._follow = follow
        self._leverage_of = leverage_of
        self._busy: set[tuple[str, Side]] = set()
        self._failing: set[tuple[str, Side]] = set()
        self._rules: dict[str, SymbolRules] = {}
        self._shown: dict[tuple[str, Side], VenuePosition] = {}
        self._commands = 0

    def note(self, fact: Input) -> None:
        """Remembers what planning needs of a fact that passes by."""
        if isinstance(fact, RulesChanged):
            self._rules[fact.rules.instrument.symbol] = fact.rules
        elif isinstance(fact, VenuePosition):
            self._shown[fact.symbol, fact.side] = fact
        elif isinstance(fact, Audit):
            for position in fact.positions:
                self._shown[position.symbol, position.side] = position

    def adopt(self, effect: Adopt | Replan, group: TaskGroup) -> None:
        """Plans the position, in a task of `group`; one at a time a side."""
        place = (effect.key.symbol, effect.key.side)
        wanted = self._config.enabled or isinstance(effect, Replan)
        if place in self._busy or not wanted:
            return
        self._busy.add(place)
        group.start_soon(self._plan, effect, place)

    def renew(self, group: TaskGroup) -> None:
        """Plans found positions anew whose leverage turns out to be higher than their plan knows.

        What is planned anew goes the way of every new plan: its stops only tighten, and each is
        live before the one that it replaces leaves.
        """
        guardian = self._mind.guardian
        for plan in guardian.plans():
            if self._is_underrated(plan) and not guardian.is_closing(plan.key):
                self.adopt(Replan(key=plan.key), group)

    def _is_underrated(self, plan: PositionOpened) -> bool:
        leverage = self._leverage_of(plan.key.symbol)
        return plan.adopted and leverage is not None and leverage > (plan.leverage or 1)

    async def rules(self, symbol: str) -> SymbolRules:
        """Rules of a symbol, from the venue where they are not known.

        Raises:
            VenueReadError: They could not be read.
            InvalidInputError: The venue does not list the symbol.
        """
        known = self._rules.get(symbol)
        if known is not None:
            return known
        found = await self._reader.rules_of(symbol)
        return await self.know(symbol, found)

    async def know(self, symbol: str, read: RulesRead | None) -> SymbolRules:
        """Takes over what the venue has told of a symbol; None = it does not list it.

        Raises:
            InvalidInputError: The venue does not list the symbol.
        """
        if read is None:
            raise InvalidInputError("symbol", symbol, "expected a symbol that the venue lists")
        if read.former is not None:
            # Lots that have been told of it before are those.
            await self._put(RulesChanged(rules=read.former))
        await self._put(RulesChanged(rules=read.rules))
        self._rules[symbol] = read.rules
        return read.rules

    async def _plan(self, effect: Adopt | Replan, place: tuple[str, Side]) -> None:
        planned = False
        try:
            while not planned:
                planned = await self._is_planned(effect, place)
        finally:
            self._busy.discard(place)
            self._failing.discard(place)

    async def _is_planned(self, effect: Adopt | Replan, place: tuple[str, Side]) -> bool:
        """Whether nothing is left to do; where the venue does not answer it is, after a pause."""
        try:
            if isinstance(effect, Replan):
                found = self._as_found(effect.key)
                await self._enter(found, await self._known(place), waits=False)
            else:
                await self._adopt(effect, place)
        except _NoLongerFoundError:
            # Whoever opened it has handed it over or closed it.
            return True
        except InvalidInputError as error:
            # Asked for again by the next audit.
            self._tell_unplanned(place, error)
        except VenueReadError as error:
            if place not in self._failing:
                self._tell_unplanned(place, error)
            self._failing.add(place)
            await anyio.sleep(self._config.retry_ms / _MS_PER_S)
            return False
        return True

    async def _adopt(self, effect: Adopt, place: tuple[str, Side]) -> None:
        known = await (self._known(place) if place in self._failing else self._after_grace(place))
        made = await self._enter(effect, known, waits=True)
        if self._is_underrated(made):
            # Its leverage has become known while its first stops were placed.
            await self._enter(self._as_found(made.key), await self._known(place), waits=False)

    def _tell_unplanned(self, place: tuple[str, Side], error: QuantumExitError) -> None:
        text = f"{place[0]} {place[1]} is not guarded: {error}"
        self._hub.publish(Trouble(kind="unplanned", text=text))

    async def _after_grace(self, place: tuple[str, Side]) -> _Known:
        """What planning needs, read while whoever opened the position may still hand it over."""
        until_ns = self._clock.monotonic_ns() + self._config.grace_ms * _NS_PER_MS
        known = await self._known(place)
        left_ns = until_ns - self._clock.monotonic_ns()
        await anyio.sleep(max(left_ns, 0) / _NS_PER_S)
        return known

    async def _known(self, place: tuple[str, Side]) -> _Known:
        symbol, side = place
        self._follow(symbol)
        return _Known(rules=await self.rules(symbol), shown=await self._seen(symbol, side))

    async def _enter(self, effect: Adopt, known: _Known, *, waits: bool) -> PositionOpened:
        symbol, side = effect.key.symbol, effect.key.side
        desk = self._desk()
        former = self._plan_of(effect.key)
        leverage = self._leverage(symbol, known.shown, former)
        found: list[tuple[Opened, str | None]] = []

        def make(key: PositionKey) -> Opened:
            # Asked where it is registered: a plan of what is gone would guard nothing, and one of
            # lots of a former grid something else.
            lots = self._lots(effect.key, key, waits=waits)
            if self._mind.guardian.grid_of(symbol) != known.rules.steps:
                raise VenueReadError("rules", "they have changed while a position was planned")
            now_ms = self._clock.now_ms()
            position = desk.found_position(
                known.rules.instrument,
                side=side,
                lots=lots,
                entry_price=effect.entry_price,
                shown=known.shown,
                leverage=leverage,
                last_ticks=self._last_ticks(symbol, known.rules.instrument.tick_size),
                adopted=former is None or former.adopted,
            )
            found.append(
                desk.found(position, key, leverage=leverage, hedge=effect.hedge, now_ms=now_ms)
            )
            return found[0][0]

        enter = Enter(symbol=symbol, side=side, make=make)
        await self._put(enter)
        await enter.done.wait()
        if enter.error is not None:
            raise enter.error
        made, close_now = found[0]
        self._hub.publish(guarded(made, adopted=True))
        if close_now is not None:
            await self._close(made.fact.key, close_now)
        return made.fact

    def _lots(self, key: PositionKey, given: PositionKey, *, waits: bool) -> int:
        """Open lots of a position that waits for its plan, or is the one that gets a new one.

        Raises:
            _NoLongerFoundError: It is neither.
        """
        guardian = self._mind.guardian
        lots = guardian.unplanned_lots(key) if waits else guardian.planned_lots(key)
        if lots == 0 or (not waits and given != key):
            raise _NoLongerFoundError
        return lots

    def _plan_of(self, key: PositionKey) -> PositionOpened | None:
        return next((one for one in self._mind.guardian.plans() if one.key == key), None)

    def _leverage(
        self, symbol: str, shown: VenuePosition | None, former: PositionOpened | None
    ) -> float | None:
        """As the venue tells; of a position that was handed over, as it was told with it."""
        if former is not None and not former.adopted:
            return former.leverage
        known = self._leverage_of(symbol)
        return known if known is not None or shown is None else shown.leverage

    def _last_ticks(self, symbol: str, tick_size: str) -> int | None:
        last = self._mind.watch.price_of(symbol, tick_size)
        return None if last is None or last.mark else last.ticks

    async def _seen(self, symbol: str, side: Side) -> VenuePosition | None:
        """The position with its liquidation price, which no stream tells; else what is known."""
        shown = self._shown.get((symbol, side))
        if shown is not None and shown.mark_price is not None:
            return shown
        try:
            for position in await self._reader.positions():
                self._shown[position.symbol, position.side] = position
        except VenueReadError:
            # A stop by what is known protects more than none.
            return shown
        return self._shown.get((symbol, side))

    async def _close(self, key: PositionKey, why: str) -> None:
        self._commands += 1
        self._hub.publish(Trouble(kind="unplanned", text=f"{key.symbol} {key.side}: {why}"))
        command_id = f"close-now-{key.epoch}-{self._commands}-{self._clock.now_ms()}"
        await self._put(Command(command_id=command_id, kind=CommandKind.CLOSE, key=key))

    def _as_found(self, key: PositionKey) -> Adopt:
        """A guarded position as if it had just been found; its rules are the new ones."""
        self._rules.pop(key.symbol, None)
        plan = self._mind.log.plan_of(key)
        shown = self._shown.get((key.symbol, key.side))
        now_ms = self._clock.now_ms()
        for one in self._mind.guardian.status(now_ms).positions:
            if one.key == key and plan is not None:
                return Adopt(
                    key=key,
                    lots=one.lots,
                    entry_price=plan.entry_price,
                    hedge=shown is not None and shown.hedge,
                )
        raise InvalidInputError("position", key, "expected one that is guarded")


def guarded(made: Opened, *, adopted: bool) -> Guarded:
    """The event that tells of a position that is guarded now."""
    fact = made.fact
    return Guarded(
        key=fact.key,
        lots=fact.lots,
        stop_ticks=fact.stop_ticks,
        hard_stop_ticks=fact.hard_stop_ticks,
        adopted=adopted,
    )
