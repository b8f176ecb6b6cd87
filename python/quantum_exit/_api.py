"""The public functions, each a thin door to the layer that does the work."""

import os
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace as replaced
from os import PathLike, fspath
from typing import TYPE_CHECKING, TypeAlias, cast

from quantum_exit._core import ExitPlan, Instrument, TickIndex
from quantum_exit.adapters.definitions import load_instrument
from quantum_exit.adapters.files import Progress
from quantum_exit.adapters.sources import BarSource, TickSource, bar_stretches, tick_stretches
from quantum_exit.domain.numbers import Number
from quantum_exit.errors import InvalidInputError
from quantum_exit.execution.bars import replay_bars as run_bars
from quantum_exit.execution.entries import Entry
from quantum_exit.execution.replay import ReplaySettings, replay_symbol, replay_symbols
from quantum_exit.execution.result import ReplayResult
from quantum_exit.execution.sweep import SweepResult, sweep_index, whole
from quantum_exit.execution.with_mark import replay_with_mark

if TYPE_CHECKING:
    from quantum_exit.app.config import RunConfig
    from quantum_exit.app.paper_venue import PaperFeed
    from quantum_exit.execution.service import Service

OneInstrument: TypeAlias = Instrument | str
Instruments: TypeAlias = OneInstrument | Mapping[str, Instrument] | Iterable[Instrument]


def replay(
    ticks: TickSource | Mapping[str, TickSource],
    plans: Sequence[Entry],
    *,
    instrument: Instruments,
    limit_fill: str = "through",
    taker_fee_frac: float = 0.0004,
    maker_fee_frac: float = 0.0002,
    slippage_ticks: int = 0,
    max_jump_frac: Number | None = None,
    record_stop_path: bool = False,
    mark: TickSource | None = None,
    allow_unsorted_ns: int = 0,
    on_progress: Progress | None = None,
) -> ReplayResult:
    """Replays recorded ticks through any number of positions.

    The events are byte for byte those of `Engine` fed with the same ticks one by one.

    Args:
        ticks: A pair of arrays (ts_ns int64, price float64), not copied; a table with the Arrow C
            stream interface; a path or several, read as one series in constant memory; batches as
            `adapters.files.open_ticks` gives them; or for several symbols any of these by symbol.
        plans: The positions.
        instrument: The instrument or its built-in name; for several symbols all of them.
        limit_fill: When a SOFT leg counts as filled: "through" (beyond its level) or "touch".
        taker_fee_frac: Fee of market orders, the entry among them, as a fraction of the notional.
        maker_fee_frac: Fee of SOFT legs.
        slippage_ticks: Ticks by which a market exit fills worse than the tick that caused it.
        max_jump_frac: Jump guard in (0, 1], or None = off.
        record_stop_path: Note stop and trailing stop whenever one of them moves.
        mark: Mark prices of the one symbol, for plans that listen to them; held in memory.
        allow_unsorted_ns: How far in ns a tick of a file may lie before the latest one.
        on_progress: Called with (bytes read, bytes in all) while files of one symbol are read.

    Raises:
        InvalidInputError: An argument or a plan does not fit.
        TickFileError: A file is bad, or has a price off the grid.
        OffGridError: A price that is not from a file is off the grid.
        MissingExtraError: A table or Parquet file is given and pyarrow is not installed.
    """
    settings = ReplaySettings(
        limit_fill=limit_fill,
        slippage_ticks=slippage_ticks,
        max_jump_frac=max_jump_frac,
        taker_fee_frac=taker_fee_frac,
        maker_fee_frac=maker_fee_frac,
        record_stop_path=record_stop_path,
    )
    dropped: list[int] = []
    if isinstance(ticks, Mapping):
        if mark is not None:
            raise InvalidInputError("mark", "given", "None with the ticks of several symbols")
        instruments = _by_symbol(instrument)
        for symbol in ticks:
            if symbol not in instruments:
                allowed = f"expected the instrument of each symbol: {symbol} is missing"
                raise InvalidInputError("instrument", ", ".join(instruments), allowed)
        stretches = {
            symbol: tick_stretches(
                one, allow_unsorted_ns=allow_unsorted_ns, on_dropped=dropped.append
            )
            for symbol, one in ticks.items()
        }
        result = replay_symbols(stretches, plans, instruments, settings)
    else:
        one = _one(instrument)
        series = tick_stretches(
            ticks,
            allow_unsorted_ns=allow_unsorted_ns,
            on_progress=on_progress,
            on_dropped=dropped.append,
        )
        if mark is None:
            result = replay_symbol(series, plans, instrument=one, settings=settings)
        else:
            marks = tick_stretches(mark, allow_unsorted_ns=allow_unsorted_ns)
            result = replay_with_mark(series, marks, plans, instrument=one, settings=settings)
    return replaced(result, non_market_ticks=sum(dropped) if dropped else None)


def replay_bars(
    bars: BarSource,
    plans: Sequence[Entry],
    *,
    instrument: OneInstrument,
    path: str = "pessimistic",
    limit_fill: str = "through",
    taker_fee_frac: float = 0.0004,
    maker_fee_frac: float = 0.0002,
    slippage_ticks: int = 0,
    record_stop_path: bool = False,
    on_progress: Progress | None = None,
) -> ReplayResult:
    """Replays positions on bars: an approximation, since a bar does not say what came first.

    Every bar becomes four ticks: open, adverse extreme, favourable extreme, close ("pessimistic")
    or open, favourable, adverse, close ("optimistic"); adverse is the low for a LONG and the high
    for a SHORT. All four carry the opening time of the bar, 0 to 3 ns later, and a position begins
    at the open of the first bar that opens at or after its `entry_ns`.

    As on any tick, a market exit fills at the tick that causes it: a stop at the adverse extreme, a
    HARD leg at the favourable one. With a stop that stays, the two paths bound what the ticks would
    have given. With a ratchet or a trailing stop they do not: the favourable extreme first also
    moves the stop before the adverse one is met.

    Args:
        bars: Five arrays (open_ns int64, open, high, low, close); a path or several, read as one
            series in constant memory; or batches as `adapters.files.open_bars` gives them.
        plans: The positions.
        instrument: The instrument or its built-in name.
        path: "pessimistic" or "optimistic".
        limit_fill: When a SOFT leg counts as filled: "through" (beyond its level) or "touch".
        taker_fee_frac: Fee of market orders, the entry among them, as a fraction of the notional.
        maker_fee_frac: Fee of SOFT legs.
        slippage_ticks: Ticks by which a market exit fills worse than the tick that caused it.
        record_stop_path: Note stop and trailing stop whenever one of them moves.
        on_progress: Called with (bytes read, bytes in all) while files are read.

    Raises:
        InvalidInputError: An argument or a plan does not fit.
        TickFileError: A file is bad, or has a price off the grid.
        OffGridError: A price that is not from a file is off the grid.
        MissingExtraError: A Parquet file is given and pyarrow is not installed.
    """
    settings = ReplaySettings(
        limit_fill=limit_fill,
        slippage_ticks=slippage_ticks,
        taker_fee_frac=taker_fee_frac,
        maker_fee_frac=maker_fee_frac,
        record_stop_path=record_stop_path,
    )
    series = bar_stretches(bars, on_progress=on_progress)
    return run_bars(series, plans, instrument=_one(instrument), path=path, settings=settings)


def sweep(
    ticks: TickSource | TickIndex,
    plans: Sequence[Entry | ExitPlan],
    *,
    instrument: OneInstrument,
    limit_fill: str = "through",
    taker_fee_frac: float = 0.0004,
    maker_fee_frac: float = 0.0002,
    slippage_ticks: int = 0,
    threads: int = 1,
    allow_unsorted_ns: int = 0,
) -> SweepResult:
    """Runs each of many plans alone over the same ticks: one trade a plan, like that of `replay`.

    The ticks are held in memory and indexed once; an index jumps to the next event of a plan, so
    that a plan reads almost nothing. Make a `TickIndex` to keep the index for further sweeps.

    Args:
        ticks: As in `replay`, or an index.
        plans: Plans of the symbol, all from the first tick, or entries that say when they begin.
            Ids of entries are not taken over: row i is plan i.
        instrument: The instrument or its built-in name; that of the index where one is given.
        limit_fill: When a SOFT leg counts as filled: "through" (beyond its level) or "touch".
        taker_fee_frac: Fee of market orders, the entry among them, as a fraction of the notional.
        maker_fee_frac: Fee of SOFT legs.
        slippage_ticks: Ticks by which a market exit fills worse than the tick that caused it.
        threads: Threads that share the plans, 1 or more. The trades do not depend on it.
        allow_unsorted_ns: How far in ns a tick of a file may lie before the latest one.

    Raises:
        InvalidInputError: An argument or a plan does not fit, or an entry is at the market.
        TickFileError: A file is bad.
        OffGridError: A price is off the grid.
        MissingExtraError: A table or Parquet file is given and pyarrow is not installed.
    """
    if isinstance(ticks, TickIndex):
        index = ticks
    else:
        series = list(tick_stretches(ticks, allow_unsorted_ns=allow_unsorted_ns))
        index = TickIndex(_one(instrument), *whole(series))
    return sweep_index(
        index,
        plans,
        limit_fill=limit_fill,
        slippage_ticks=slippage_ticks,
        taker_fee_frac=taker_fee_frac,
        maker_fee_frac=maker_fee_frac,
        threads=threads,
    )


def _one(instrument: Instruments) -> Instrument:
    if isinstance(instrument, Instrument):
        return instrument
    if isinstance(instrument, str):
        return load_instrument(instrument)
    found = list(_by_symbol(instrument).values())
    if len(found) != 1:
        allowed = "expected one: the ticks are of one symbol"
        raise InvalidInputError("instrument", f"{len(found)} instruments", allowed)
    return found[0]


def _by_symbol(instrument: Instruments) -> dict[str, Instrument]:
    if isinstance(instrument, Instrument | str):
        one = _one(instrument)
        return {one.symbol: one}
    if isinstance(instrument, Mapping):
        return dict(cast("Mapping[str, Instrument]", instrument))
    return {one.symbol: one for one in instrument}


@asynccontextmanager
async def open_service(
    config: "RunConfig | str | PathLike[str] | None" = None,
    *,
    env: Mapping[str, str] | None = None,
    live: bool = False,
    feed: "PaperFeed | None" = None,
) -> AsyncIterator["Service"]:
    """Guards the positions of one account inside the context.

    It enters when the account has been read and every position that was found is being guarded; on
    leaving, stops and floors stay at the venue.

    Args:
        config: The configuration, or its TOML file; None = the defaults, with which orders go to a
            simulated exchange in this process.
        env: Names and values that override the file, and the keys; None = those of the process.
        live: The second switch of live trading, beside `mode = "live"`.
        feed: Prices of the simulated exchange in this process; None = a random walk.

    Raises:
        InputFileError: The configuration was refused; names the key.
        InvalidInputError: The switches do not agree, or keys are missing.
        LeaseHeldError: Another process guards the account.
        MissingExtraError: The extra `live` is not installed.
        QuantumExitError: The journal or the venue could not be opened.
    """
    from quantum_exit.app.config import RunConfig  # noqa: PLC0415 - live only
    from quantum_exit.app.config_reader import load_config  # noqa: PLC0415 - live only
    from quantum_exit.app.wiring import open_run  # noqa: PLC0415 - live only

    known = os.environ if env is None else env
    if not isinstance(config, RunConfig):
        config = load_config(None if config is None else fspath(config), known)
    async with open_run(config, known, feed=feed, live=live) as running:
        yield running.service
