"""The watched positions of one symbol, in an engine of their own."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

from quantum_exit._core import Engine, Event, Events, ExitPlan, Instrument
from quantum_exit.domain.facts import Price
from quantum_exit.domain.keys import PositionKey
from quantum_exit.errors import InvalidInputError
from quantum_exit.execution.watch_plan import WatchPlan

_GRID = ("tick_size", "lot_step", "min_qty", "min_notional", "max_qty")


class Moved(NamedTuple):
    """A stop that has tightened since it was last asked for.

    Attributes:
        key: The position.
        stop_ticks: The stop that closes all of it, in ticks.
        trails: Whether the trailing stop set it.
        watermark_ticks: Best price since trailing began, in ticks, or None.
    """

    key: PositionKey
    stop_ticks: int
    trails: bool
    watermark_ticks: int | None


@dataclass(slots=True)
class _Position:
    plan: WatchPlan
    kinds: dict[int, str]
    engine_id: int
    watched: bool = False
    waiting: list[Callable[[], None]] = field(default_factory=list)
    filled: set[int] = field(default_factory=set)
    told_stop: int | None = None
    wanted_stop: int | None = None


class SymbolWatch:
    """One engine with one symbol.

    A position is open in the engine from its first price on; what is asked of it before then waits.

    Args:
        instrument: Grid and minimums.
        max_jump_frac: Jump guard, a fraction of the price.
    """

    def __init__(self, instrument: Instrument, max_jump_frac: float) -> None:
        self.instrument = instrument
        self.tick_size = instrument.tick_size
        self.last: Price | None = None
        self.seen_ns: int | None = None
        self._asked_ns: int | None = None
        self.looked_ns = 0
        self._engine = Engine(max_jump_frac=max_jump_frac)
        self._symbol_id = self._engine.add_symbol(instrument)
        self._by_key: dict[PositionKey, _Position] = {}
        self._by_id: dict[int, _Position] = {}

    def waiting_since(self, now_ns: int) -> int:
        """Monotonic time of the last price; before there is one, that of the first question."""
        if self._asked_ns is None:
            self._asked_ns = now_ns
        return self._asked_ns if self.seen_ns is None else self.seen_ns

    def has_grid_of(self, instrument: Instrument) -> bool:
        """Whether `instrument` has the same grid and minimums."""
        return all(getattr(self.instrument, name) == getattr(instrument, name) for name in _GRID)

    @property
    def is_used(self) -> bool:
        """Whether a position is watched."""
        return bool(self._by_key)

    def open(self, plan: WatchPlan, exit_plan: ExitPlan) -> None:
        """Watches a position from its first price on."""
        kinds = {leg: kind for leg, _, _, kind in exit_plan.levels}
        engine_id = self._engine.open(self._symbol_id, exit_plan, plan.opened_ns)
        position = _Position(plan, kinds, engine_id)
        self._by_key[plan.key] = self._by_id[engine_id] = position
        if plan.tighten_ticks is not None:
            self.tighten(plan.key, plan.tighten_ticks)

    def forget(self, key: PositionKey) -> None:
        """Watches a position no longer; one that is not watched is none."""
        position = self._by_key.pop(key, None)
        if position is None:
            return
        del self._by_id[position.engine_id]
        if position.watched:
            self._engine.close(position.engine_id, self._now_ns())

    def feed(self, price: Price) -> list[tuple[WatchPlan, str | None, Event]]:
        """Shows a price; gives plan, kind of the leg and event of whatever happened to a position."""
        on_price = self._engine.on_mark if price.mark else self._engine.on_tick
        events = on_price(self._symbol_id, price.ticks, price.ts_ns)
        self.last = price
        found = []
        for event in _listed(events):
            position = self._by_id.get(event.position_id)
            if position is not None:
                _note(position, event)
                found.append((position.plan, position.kinds.get(event.leg), event))
        for plan, _, event in found:
            if event.kind == "OPEN":
                self._catch_up(self._by_key[plan.key])
        return found

    def resize(self, key: PositionKey, lots: int) -> None:
        """The position has another size, lots above 0."""

        def resize(position: _Position) -> None:
            if self._engine.levels(position.engine_id).open_lots != lots:
                quantity = self.instrument.qty(lots)
                self._engine.resize(position.engine_id, quantity, self._now_ns())

        self._tell(key, resize)

    def fill_leg(self, key: PositionKey, leg: int) -> None:
        """An order has carried out a leg; one that the core has seen filled by a price stays so."""

        def fill(position: _Position) -> None:
            if leg in position.kinds and leg not in position.filled:
                position.filled.add(leg)
                for event in self._filled(position, leg):
                    _note(position, event)

        self._tell(key, fill)

    def _filled(self, position: _Position, leg: int) -> tuple[Event, ...]:
        try:
            events = self._engine.fill_leg(position.engine_id, leg, self._now_ns())
        except InvalidInputError:
            # A position that was cut has lost the legs for which too little is left, while their
            # orders were still at the venue.
            return ()
        return tuple(_listed(events))

    def tighten(self, key: PositionKey, stop_ticks: int) -> None:
        """Sets a stop that is tighter than the core's, as soon as it is not through the market."""

        def tighten(position: _Position) -> None:
            position.wanted_stop = stop_ticks
            self._set_wanted(position)

        self._tell(key, tighten)

    def _set_wanted(self, position: _Position) -> None:
        """Sets the stop that is wanted, or leaves it to the venue and to a later price.

        By the core's last price it can be through the market although it was not when it was asked
        for: the journal has only the prices that decided something.
        """
        sign, wanted = position.plan.key.side.sign, position.wanted_stop
        if wanted is None:
            return
        if sign * wanted > sign * self._engine.levels(position.engine_id).stop_ticks:
            price = self.instrument.price(wanted)
            try:
                self._engine.tighten_stop(position.engine_id, price, self._now_ns())
            except InvalidInputError:
                return
        position.wanted_stop = None

    def full_stop(self, key: PositionKey) -> int | None:
        """The stop that closes the whole position, in ticks; None before its first price."""
        position = self._by_key.get(key)
        if position is None or not position.watched:
            return None
        return self._stop_of(position)[0]

    def moved_stops(self) -> Iterator[Moved]:
        """Stops that have tightened since the last call."""
        for key, position in self._by_key.items():
            if not position.watched:
                continue
            self._set_wanted(position)
            stop, trails = self._stop_of(position)
            told = position.told_stop
            if told is not None and key.side.sign * stop <= key.side.sign * told:
                continue
            position.told_stop = stop
            mark = self._engine.snapshot(position.engine_id).watermark
            yield Moved(key, stop, trails, None if mark is None else self.instrument.ticks(mark))

    def _stop_of(self, position: _Position) -> tuple[int, bool]:
        """The stop that closes all that is open, and whether trailing set it."""
        levels = self._engine.levels(position.engine_id)
        trail = levels.trail_stop_ticks
        sign = position.plan.key.side.sign
        guards_all = trail is not None and levels.trail_lots >= levels.open_lots
        if trail is not None and guards_all and sign * trail > sign * levels.stop_ticks:
            return trail, True
        return levels.stop_ticks, False

    def _tell(self, key: PositionKey, act: Callable[[_Position], None]) -> None:
        position = self._by_key.get(key)
        if position is None:
            return
        if position.watched:
            act(position)
        elif position.told_stop is None:
            position.waiting.append(lambda: act(position))

    def _catch_up(self, position: _Position) -> None:
        """Does what was asked before the first price, unless that price closed everything."""
        waiting, position.waiting = position.waiting, []
        for act in waiting:
            if position.watched:
                act()

    def _now_ns(self) -> int:
        """Commands happen at the time of the last price."""
        return 0 if self.last is None else self.last.ts_ns


def _note(position: _Position, event: Event) -> None:
    if event.kind == "OPEN":
        position.watched = True
    elif event.kind == "LEG_FILLED":
        position.filled.add(event.leg)
    elif event.kind == "CLOSED":
        position.watched = False


def _listed(events: Events | None) -> list[Event]:
    return [] if events is None else [events[index] for index in range(len(events))]
