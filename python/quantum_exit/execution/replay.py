"""Replay of any number of positions on any number of symbols."""

import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np

from quantum_exit._core import Instrument, Outcome, Replay
from quantum_exit.domain.numbers import Number
from quantum_exit.execution.entries import Entry, by_symbol, numbered
from quantum_exit.execution.result import ReplayResult
from quantum_exit.execution.stretches import Stretch, run


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplaySettings:
    """How orders fill and what they cost; the same for all positions.

    Attributes:
        limit_fill: When a SOFT leg counts as filled: "through" (beyond its level) or "touch".
        slippage_ticks: Ticks by which a market exit fills worse than the tick that caused it.
        max_jump_frac: Jump guard in (0, 1], or None = off.
        taker_fee_frac: Fee of market orders, the entry among them, as a fraction of the notional.
        maker_fee_frac: Fee of SOFT legs.
        record_stop_path: Note stop and trailing stop whenever one of them moves.
    """

    limit_fill: str = "through"
    slippage_ticks: int = 0
    max_jump_frac: Number | None = None
    taker_fee_frac: float = 0.0004
    maker_fee_frac: float = 0.0002
    record_stop_path: bool = False

    def replay_of(self, instrument: Instrument) -> Replay:
        """A replay of `instrument` without positions.

        Raises:
            InvalidInputError: A setting is out of range.
        """
        return Replay(
            instrument,
            limit_fill=self.limit_fill,
            slippage_ticks=self.slippage_ticks,
            max_jump_frac=self.max_jump_frac,
            taker_fee_frac=self.taker_fee_frac,
            maker_fee_frac=self.maker_fee_frac,
            record_stop_path=self.record_stop_path,
        )


def replay_symbol(
    stretches: Iterable[Stretch],
    entries: Sequence[Entry] | Iterator[Entry],
    *,
    instrument: Instrument,
    settings: ReplaySettings,
) -> ReplayResult:
    """Replays the ticks of one symbol.

    Args:
        stretches: The ticks, in order; read once.
        entries: The positions. An iterator is taken to be in the order of time and read only as far
            as the ticks reach, so it may be endless.
        instrument: Grid and minimums.
        settings: How orders fill and what they cost.

    Raises:
        InvalidInputError: A setting or a plan does not fit.
        TickFileError: A file is bad, or has a price off the grid.
        OffGridError: A price that is not from a file is off the grid.
    """
    if isinstance(entries, Iterator):
        replay = settings.replay_of(instrument)
        return merged({instrument.symbol: run(replay, instrument, stretches, numbered(entries))})
    symbol = instrument.symbol
    return replay_symbols({symbol: stretches}, entries, {symbol: instrument}, settings)


def replay_symbols(
    stretches: Mapping[str, Iterable[Stretch]],
    entries: Sequence[Entry],
    instruments: Mapping[str, Instrument],
    settings: ReplaySettings,
) -> ReplayResult:
    """Replays the ticks of several symbols, each on a thread of its own.

    Args:
        stretches: The ticks of each symbol, in order; read once.
        entries: The positions, in any order.
        instruments: Grid and minimums of each symbol.
        settings: How orders fill and what they cost.

    Raises:
        InvalidInputError: A setting or a plan does not fit.
        TickFileError: A file is bad, or has a price off the grid.
        OffGridError: A price that is not from a file is off the grid.
    """
    groups = by_symbol(entries, {symbol: instruments[symbol] for symbol in stretches})

    def one(symbol: str) -> Outcome:
        instrument = instruments[symbol]
        replay = settings.replay_of(instrument)
        return run(replay, instrument, stretches[symbol], groups[symbol])

    if len(stretches) == 1:
        return merged({symbol: one(symbol) for symbol in stretches})
    with ThreadPoolExecutor(max_workers=min(len(stretches), os.cpu_count() or 1)) as pool:
        outcomes = list(pool.map(one, stretches))
    return merged(dict(zip(stretches, outcomes, strict=True)))


def merged(outcomes: Mapping[str, Outcome]) -> ReplayResult:
    """The tables of several symbols as one; at equal times in the order of `outcomes`."""
    parts = list(outcomes.values())
    events = np.concatenate([part.events for part in parts])
    trades = np.concatenate([part.trades for part in parts])
    stop_path = np.concatenate([part.stop_path for part in parts])
    if len(parts) > 1:
        # Stable: within a symbol the order of tick, position and semantics stays.
        events = events[np.argsort(events["ts_ns"], kind="stable")]
        trades = trades[np.argsort(trades["position_id"], kind="stable")]
        stop_path = stop_path[np.lexsort((stop_path["ts_ns"], stop_path["position_id"]))]
    symbols = {
        position_id: symbol
        for symbol, part in outcomes.items()
        for position_id in [*part.trades["position_id"].tolist(), *part.unopened]
    }
    return ReplayResult(
        events=events,
        trades=trades,
        stop_path=stop_path,
        unopened=tuple(sorted(one for part in parts for one in part.unopened)),
        ticks=sum(part.ticks for part in parts),
        refused_ticks=sum(part.refused for part in parts),
        non_market_ticks=None,
        symbols=MappingProxyType(symbols),
    )
