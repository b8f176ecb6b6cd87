"""Replay of positions that listen to the mark price."""

from collections.abc import Iterable, Sequence

from quantum_exit._core import Instrument
from quantum_exit.errors import InvalidInputError
from quantum_exit.execution.entries import Entry, by_symbol
from quantum_exit.execution.replay import ReplaySettings, merged
from quantum_exit.execution.result import ReplayResult
from quantum_exit.execution.stretches import Stretch
from quantum_exit.execution.sweep import whole


def replay_with_mark(
    stretches: Iterable[Stretch],
    mark: Iterable[Stretch],
    entries: Sequence[Entry],
    *,
    instrument: Instrument,
    settings: ReplaySettings,
) -> ReplayResult:
    """Replays trade and mark prices in the order of time; at equal times the trade comes first.

    Both series are held in memory as a whole.

    Args:
        stretches: Trade prices, in order.
        mark: Mark prices, in order; rounded to the nearest tick.
        entries: The positions.
        instrument: Grid and minimums.
        settings: How orders fill and what they cost.

    Raises:
        InvalidInputError: A setting or a plan does not fit, or the stop path is to be recorded.
        OffGridError: A trade price is off the grid.
    """
    if settings.record_stop_path:
        allowed = "False with a mark price: the stop path is recorded from trade prices only"
        raise InvalidInputError("record_stop_path", settings.record_stop_path, allowed)
    replay = settings.replay_of(instrument)
    for one in by_symbol(entries, {instrument.symbol: instrument})[instrument.symbol]:
        one.add_to(replay)
    outcome = replay.run_with_mark(*whole(list(stretches)), *whole(list(mark)))
    return merged({instrument.symbol: outcome})
