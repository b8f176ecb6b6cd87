"""Replay on bars: each bar becomes four ticks, in the order that is assumed within it."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from quantum_exit._core import ExitPlan, Instrument
from quantum_exit.errors import InvalidInputError
from quantum_exit.execution.entries import Entry, Numbered, numbered
from quantum_exit.execution.replay import ReplaySettings, merged
from quantum_exit.execution.result import ReplayResult
from quantum_exit.execution.stretches import feed

TICKS_A_BAR = 4
PATHS = ("pessimistic", "optimistic")


class Bars(Protocol):
    """Consecutive bars of one symbol, and where they came from."""

    @property
    def open_ns(self) -> NDArray[np.int64]:
        """Opening times in ns since the UNIX epoch, ascending by at least 4 ns."""

    @property
    def open(self) -> NDArray[np.float64]:
        """First prices."""

    @property
    def high(self) -> NDArray[np.float64]:
        """Highest prices."""

    @property
    def low(self) -> NDArray[np.float64]:
        """Lowest prices."""

    @property
    def close(self) -> NDArray[np.float64]:
        """Last prices."""

    @property
    def path(self) -> str | None:
        """The file, or None where there is none."""

    @property
    def row_of(self) -> Callable[[int], int]:
        """The row of the file that gave bar `index`."""


@dataclass(frozen=True, slots=True)
class _BarTicks:
    ts_ns: NDArray[np.int64]
    price: NDArray[np.float64]
    path: str | None
    row_of: Callable[[int], int]
    price_column: str | None = None


def replay_bars(
    bars: Iterable[Bars],
    entries: Sequence[Entry] | Iterator[Entry],
    *,
    instrument: Instrument,
    path: str = "pessimistic",
    settings: ReplaySettings,
) -> ReplayResult:
    """Replays positions on bars: an approximation, since a bar does not say what came first.

    Every bar becomes four ticks: open, adverse extreme, favourable extreme, close ("pessimistic",
    so the stop comes first) or open, favourable, adverse, close ("optimistic"). Adverse is the low
    for a LONG and the high for a SHORT, so the two sides walk different paths. The ticks are
    stamped 0, 1, 2 and 3 ns after the opening of the bar: events carry the time of the opening, and
    a position begins at the open of the first bar that opens at or after its `entry_ns`.

    As on any tick, a market exit fills at the tick that causes it: a stop at the adverse extreme, a
    HARD leg at the favourable one. With a stop that stays, the two paths bound what the ticks would
    have given. With a ratchet or a trailing stop they do not: the favourable extreme first also
    moves the stop before the adverse one is met.

    Args:
        bars: The bars of one symbol, in order; read once.
        entries: The positions; an iterator as in `replay_symbol`.
        instrument: Grid and minimums.
        path: "pessimistic" or "optimistic".
        settings: How orders fill and what they cost. A jump guard has no meaning on bars.

    Raises:
        InvalidInputError: A setting or a plan does not fit.
        TickFileError: A file is bad, or has a price off the grid.
        OffGridError: A price that is not from a file is off the grid.
    """
    if path not in PATHS:
        raise InvalidInputError("path", repr(path), f"expected one of {', '.join(PATHS)}")
    if settings.max_jump_frac is not None:
        allowed = "None: the extremes of a bar are jumps by nature"
        raise InvalidInputError("max_jump_frac", settings.max_jump_frac, allowed)
    sides = {side: settings.replay_of(instrument) for side in ("LONG", "SHORT")}
    low_first = {side: (side == "LONG") == (path == "pessimistic") for side in sides}
    due = numbered(entries)
    waiting: Numbered | None = None
    if not isinstance(entries, Iterator):
        for one in due:
            one.add_to(sides[_side_of(one)])
    for stretch in bars:
        last_ns = int(stretch.open_ns[-1])
        while waiting is not None or (waiting := next(due, None)) is not None:
            if waiting.entry.entry_ns > last_ns:
                break
            waiting.add_to(sides[_side_of(waiting)])
            waiting = None
        for side, replay in sides.items():
            feed(replay, instrument, bar_ticks(stretch, low_first=low_first[side]))
    result = merged({side: replay.finish() for side, replay in sides.items()})
    order = np.lexsort((result.events["position_id"], result.events["ts_ns"]))
    symbols = MappingProxyType(dict.fromkeys(result.symbols, instrument.symbol))
    # Both sides saw the same bars.
    return replace(
        result, events=result.events[order], ticks=result.ticks // len(sides), symbols=symbols
    )


def bar_ticks(bars: Bars, *, low_first: bool) -> _BarTicks:
    """The four ticks of each bar, the low before the high or after it."""
    second, third = (bars.low, bars.high) if low_first else (bars.high, bars.low)
    price = np.column_stack((bars.open, second, third, bars.close)).ravel()
    ts_ns = (bars.open_ns[:, None] + np.arange(TICKS_A_BAR)).ravel()
    return _BarTicks(ts_ns, price, bars.path, lambda index: bars.row_of(index // TICKS_A_BAR))


def _side_of(one: Numbered) -> str:
    plan = one.entry.plan
    side = plan.side if isinstance(plan, ExitPlan) else plan.side.upper()
    if side not in ("LONG", "SHORT"):
        field = f"position {one.position_id}: side"
        raise InvalidInputError(field, repr(plan.side), "expected one of LONG, SHORT")
    return side
