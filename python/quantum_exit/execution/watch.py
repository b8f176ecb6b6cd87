"""The Rust engine as the service uses it: prices in, decisions about positions out."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import NamedTuple

from quantum_exit._core import Event, Instrument
from quantum_exit.domain.checks import fraction, whole_numbers
from quantum_exit.domain.facts import Price
from quantum_exit.domain.keys import PositionKey
from quantum_exit.execution.guardian.facts import CoreEvent, CoreKind
from quantum_exit.execution.watch_plan import WatchPlan
from quantum_exit.execution.watched import SymbolWatch

_NS_PER_MS = 1_000_000
_NO_DECISION = frozenset({"OPEN", "REJECTED_TICK", "CLOSED"})


class Decision(NamedTuple):
    """What the core decided, with the tick that it takes to decide so again.

    Attributes:
        key: The position.
        tick: The price to be replayed after a restart, or None where none was decisive.
        watermark: Whether that price is the best one since trailing began.
        event: The decision, or None where only the core's own state has changed.
    """

    key: PositionKey
    tick: Price | None
    watermark: bool
    event: CoreEvent | None


@dataclass(frozen=True, slots=True, kw_only=True)
class WatchConfig:
    """How prices are judged.

    Attributes:
        max_price_age_ms: A price that is older decides nothing, and a symbol without a price for so
            long is stale; 2000.
        min_stop_interval_ms: Least time between two reports of a stop that follows the price.
        max_jump_frac: Jump guard of the core, a fraction of the price.
    """

    max_price_age_ms: int = 2_000
    min_stop_interval_ms: int = 250
    max_jump_frac: float = 0.2

    def __post_init__(self) -> None:
        whole_numbers(self, 1, "max_price_age_ms", "min_stop_interval_ms")
        fraction("max_jump_frac", self.max_jump_frac, below=1.0)


class Watch:
    """Watches the prices of every guarded position.

    Each symbol has an engine of its own, so that a symbol whose grid changes starts afresh without
    the others.

    Args:
        config: How prices are judged.
    """

    def __init__(self, config: WatchConfig) -> None:
        self._config = config
        self._symbols: dict[str, SymbolWatch] = {}
        self.refused_by_time = 0
        self.refused_by_grid = 0

    def open(self, plan: WatchPlan) -> None:
        """Watches a position from now on; of one that is watched already, under the new plan.

        Raises:
            InvalidInputError: The core refuses the plan.
        """
        exit_plan = plan.exit_plan()
        symbol = self._symbol(plan.instrument)
        symbol.forget(plan.key)
        symbol.open(plan, exit_plan)

    def on_price(self, price: Price, *, now_ms: int, now_ns: int) -> tuple[Decision, ...]:
        """Shows a price to the core.

        One in ticks of another size decides nothing: while the grid of a symbol changes, its
        positions rest on their stops at the venue until they are planned anew.

        Args:
            price: The price; of a symbol that nobody watches it is ignored.
            now_ms: The venue's time, ms since the UNIX epoch.
            now_ns: Monotonic time of its arrival, ns.

        Returns:
            What the core decided, in order.
        """
        symbol = self._symbols.get(price.symbol)
        if symbol is None:
            return ()
        if abs(now_ms - price.ts_ns // _NS_PER_MS) > self._config.max_price_age_ms:
            # One of tomorrow would end a position by its time limit and hold every later one back.
            self.refused_by_time += 1
            return ()
        if price.tick_size is not None and price.tick_size != symbol.tick_size:
            self.refused_by_grid += 1
            return ()
        symbol.seen_ns = now_ns
        decided: list[Decision] = []
        for plan, leg_kind, event in symbol.feed(price):
            if event.kind not in _NO_DECISION:
                told = _core_event(plan, leg_kind, event)
                decided.append(Decision(plan.key, price, watermark=False, event=told))
        decided += self._moves(symbol, price)
        return tuple(decided)

    def replay(self, price: Price) -> None:
        """Shows a price of the journal to the core again; what it decides then is known already."""
        symbol = self._symbols.get(price.symbol)
        if symbol is not None:
            symbol.feed(price)
            # The jump guard holds the first price after a gap until another one confirms it.
            symbol.feed(price)

    def resize(self, key: PositionKey, lots: int) -> tuple[Decision, ...]:
        """The position has another size, lots above 0."""
        return self._told(key, lambda symbol: symbol.resize(key, lots))

    def leg_filled(self, key: PositionKey, leg: int) -> tuple[Decision, ...]:
        """An order at the venue has carried out a leg; the stop may follow."""
        return self._told(key, lambda symbol: symbol.fill_leg(key, leg))

    def tighten(self, key: PositionKey, stop_ticks: int) -> None:
        """Somebody tightened the stop; until the core can set it, it is left to the venue."""
        self._told(key, lambda symbol: symbol.tighten(key, stop_ticks))

    def close(self, key: PositionKey) -> None:
        """The position is gone."""
        symbol = self._symbols.get(key.symbol)
        if symbol is not None:
            symbol.forget(key)
            if not symbol.is_used:
                del self._symbols[key.symbol]

    @property
    def symbols(self) -> tuple[str, ...]:
        """Symbols with a watched position, by name."""
        return tuple(sorted(self._symbols))

    def stop_ticks(self, key: PositionKey) -> int | None:
        """The stop that closes the whole position now, or None where the core has none."""
        symbol = self._symbols.get(key.symbol)
        return None if symbol is None else symbol.full_stop(key)

    def price_of(self, symbol: str, tick_size: str) -> Price | None:
        """The latest price that was shown, or None where there is none in ticks of this size."""
        watched = self._symbols.get(symbol)
        return None if watched is None or watched.tick_size != tick_size else watched.last

    def stale(self, now_ns: int) -> tuple[str, ...]:
        """Watched symbols without a price for too long at monotonic time `now_ns`.

        One that has had none yet is waited for from the first look on.
        """
        oldest_ns = now_ns - self._config.max_price_age_ms * _NS_PER_MS
        return tuple(
            name
            for name, symbol in sorted(self._symbols.items())
            if symbol.waiting_since(now_ns) < oldest_ns
        )

    def _symbol(self, instrument: Instrument) -> SymbolWatch:
        symbol = self._symbols.get(instrument.symbol)
        if symbol is None or not symbol.has_grid_of(instrument):
            fresh = SymbolWatch(instrument, self._config.max_jump_frac)
            self._symbols[instrument.symbol] = fresh
            return fresh
        return symbol

    def _told(self, key: PositionKey, tell: Callable[[SymbolWatch], None]) -> tuple[Decision, ...]:
        symbol = self._symbols.get(key.symbol)
        if symbol is None:
            return ()
        tell(symbol)
        if symbol.last is None:
            return ()
        return tuple(self._moves(symbol, symbol.last, at_once=True))

    def _moves(
        self, symbol: SymbolWatch, price: Price, *, at_once: bool = False
    ) -> Iterator[Decision]:
        """Stops that have followed the price since they were last reported."""
        interval_ns = self._config.min_stop_interval_ms * _NS_PER_MS
        if not at_once and price.ts_ns - symbol.looked_ns < interval_ns:
            return
        symbol.looked_ns = price.ts_ns
        for moved in symbol.moved_stops():
            tick = None
            if moved.watermark_ticks is not None:
                tick = replace(price, ticks=moved.watermark_ticks, mark=False)
            event = CoreEvent(
                key=moved.key,
                kind=CoreKind.STOP_MOVED,
                reason="TRAIL" if moved.trails else "STOP",
                stop_ticks=moved.stop_ticks,
                ts_ns=price.ts_ns,
            )
            yield Decision(moved.key, tick, watermark=True, event=event)


def _core_event(plan: WatchPlan, leg_kind: str | None, event: Event) -> CoreEvent | None:
    """What the guardian has to hear; resting limits fill at the venue, which tells so itself."""
    if event.kind == "LEG_FILLED" and leg_kind == "HARD":
        kind, leg = CoreKind.LEG_DUE, event.leg
    elif event.kind in {"STOPPED", "TRAILED", "TIMED_OUT"}:
        kind, leg = CoreKind.CLOSE_ALL if event.remaining == 0.0 else CoreKind.PART_DUE, None
    elif event.kind in {"TRAIL_ACTIVATED", "CALLBACK_TIGHTENED"}:
        return CoreEvent(
            key=plan.key,
            kind=CoreKind.TRAIL_MOVED,
            reason="TRAIL",
            best_ticks=plan.instrument.ticks(event.price),
            ts_ns=event.ts_ns,
        )
    else:
        return None
    return CoreEvent(
        key=plan.key,
        kind=kind,
        reason=event.reason,
        leg=leg,
        lots=None if kind is CoreKind.CLOSE_ALL else plan.instrument.lots(event.qty),
        ts_ns=event.ts_ns,
    )
