"""The positions of a replay, each planned from the ticks before it."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

import numpy as np
from numpy.typing import NDArray

from quantum_exit._core import Instrument
from quantum_exit.adapters.entries_csv import read_entries
from quantum_exit.app.planner_options import Planning
from quantum_exit.app.positions import default_qty
from quantum_exit.domain.position import Position, Side
from quantum_exit.errors import InputFileError, InvalidInputError, PlanRefusedError
from quantum_exit.execution.entries import Entry
from quantum_exit.intelligence.bar_collector import BarCollector
from quantum_exit.intelligence.regime import RegimeReading, RegimeSeries, regime_series
from quantum_exit.intelligence.regime_rules import RegimeConfig

Stretch = tuple[NDArray[np.int64], NDArray[np.float64]]

_ATR = "market.atr"


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """A position to be planned.

    Attributes:
        entry_ns: It begins with the first tick at or after it, ns since the UNIX epoch.
        side: LONG or SHORT.
        qty: Base currency.
        entry_price: Quote currency, or None for the price of its first tick.
        where: What it is called in errors.
    """

    entry_ns: int
    side: Side
    qty: Decimal
    entry_price: Decimal | None = None
    where: str = ""


@dataclass(slots=True)
class PlannedEntries:
    """The positions of a replay, and what came of planning them.

    Attributes:
        entries: The planned ones; their ids are the places in the list of those wanted.
        regimes: Positions planned in each regime, those with too few data as `insufficient_data`.
        strategies: Positions of each kind of plan.
        profiles: Positions of each profile.
        not_planned: Positions left out, by reason.
    """

    entries: list[Entry] = field(default_factory=list)
    regimes: Counter[str] = field(default_factory=Counter)
    strategies: Counter[str] = field(default_factory=Counter)
    profiles: Counter[str] = field(default_factory=Counter)
    not_planned: Counter[str] = field(default_factory=Counter)

    def as_json(self) -> dict[str, Any]:
        """The counts."""
        return {
            "planned": len(self.entries),
            "not_planned": dict(self.not_planned),
            "regimes": dict(self.regimes),
            "strategies": dict(self.strategies),
            "profiles": dict(self.profiles),
        }

    def lines(self) -> Iterator[str]:
        """The counts for people."""
        yield f"planned {len(self.entries)} positions: {_counts(self.strategies)}"
        yield f"regimes: {_counts(self.regimes)}"
        if self.profiles:
            yield f"profiles: {_counts(self.profiles)}"
        if self.not_planned:
            yield f"not planned: {_counts(self.not_planned)}"


@dataclass(frozen=True, slots=True)
class _Opened:
    """A position with its first tick."""

    position_id: int
    wanted: Wanted
    ts_ns: int
    price: float


def wanted_from_file(path: str) -> list[Wanted]:
    """The positions of an entries file.

    Raises:
        InputFileError: The file was refused, or names a stop or a profile, which the planner sets.
    """
    wanted = []
    for row in read_entries(path):
        for name, value in (("stop_price", row.stop_price), ("profile", row.profile)):
            if value is not None:
                place = f"row {row.line}, column {name}"
                message = (
                    f"{value} is not allowed; with --planner expected none: the planner sets it"
                )
                raise InputFileError(path, place, message)
        wanted.append(
            Wanted(
                entry_ns=row.entry_ns,
                side=Side(row.side),
                qty=row.qty,
                entry_price=row.entry_price,
                where=f"{path}: row {row.line}",
            )
        )
    return wanted


def plan_entries(
    stretches: Iterable[Stretch],
    instrument: Instrument,
    planning: Planning,
    *,
    wanted: Sequence[Wanted] | None,
    every_ns: int,
    qty: Decimal | None,
    regime: RegimeConfig | None = None,
) -> PlannedEntries:
    """Plans each position at its first tick, from the bars that were complete by then.

    A planner that needs an average true range leaves out the positions that begin before there is
    one, and every planner those that no stop can protect.

    Args:
        stretches: The ticks of the symbol: times in ns and prices.
        instrument: Grid and minimums.
        planning: How.
        wanted: The positions; None = one LONG and one SHORT every `every_ns` from the first tick.
        every_ns: Their distance in ns.
        qty: Their quantity; None = that of `default_qty`.
        regime: Rules of the market regime; None = the defaults.

    Raises:
        InvalidInputError: A position or the advice does not fit the planner.
    """
    rules = regime or RegimeConfig()
    collector = BarCollector(rules.interval_ns)
    if wanted is None:
        opened = list(_scheduled(_watched(stretches, collector), instrument, every_ns, qty))
    else:
        opened = list(_first_ticks(_watched(stretches, collector), wanted))
    series = regime_series(collector.bars(), rules)
    found = PlannedEntries()
    for one in sorted(opened, key=lambda one: one.position_id):
        _plan(one, series, instrument, planning, found)
    return found


def _plan(
    one: _Opened,
    series: RegimeSeries,
    instrument: Instrument,
    planning: Planning,
    found: PlannedEntries,
) -> None:
    wanted, reading = one.wanted, series.at(one.ts_ns)
    entry_price = Decimal(repr(one.price)) if wanted.entry_price is None else wanted.entry_price
    try:
        position = Position(
            instrument=instrument,
            side=wanted.side,
            entry_price=entry_price,
            quantity=wanted.qty,
            leverage=planning.leverage,
            strategy_id=planning.strategy_id,
        )
        planned = planning.plan(position, reading.context(), one.ts_ns)
    except PlanRefusedError:
        found.not_planned["no stop can protect it"] += 1
        return
    except InvalidInputError as error:
        if error.field == _ATR:
            found.not_planned["no average true range yet"] += 1
            return
        if wanted.where:
            field_name = f"{wanted.where}: {error.field}"
            raise InvalidInputError(field_name, error.value, error.allowed) from error
        raise
    if planned.close_now is not None:
        found.not_planned[f"not entered: {planned.close_now}"] += 1
        return
    found.entries.append(Entry(wanted.entry_ns, planned.plan, one.position_id))
    found.regimes[_regime_name(reading)] += 1
    found.strategies[planned.strategy] += 1
    if planned.profile_name is not None:
        found.profiles[planned.profile_name] += 1


def _watched(stretches: Iterable[Stretch], collector: BarCollector) -> Iterator[Stretch]:
    """`stretches` with times that do not fall, while the collector sees them too.

    A late tick is known when it comes, not at the time that it bears.
    """
    latest_ns = 0
    for ts_ns, price in stretches:
        known_ns = np.maximum.accumulate(np.maximum(ts_ns, latest_ns))
        latest_ns = int(known_ns[-1])
        collector.add(known_ns, price)
        yield known_ns, price


def _scheduled(
    stretches: Iterator[Stretch], instrument: Instrument, every_ns: int, qty: Decimal | None
) -> Iterator[_Opened]:
    position_id = 0
    next_ns = quantity = None
    for ts_ns, price in stretches:
        if next_ns is None or quantity is None:
            next_ns = int(ts_ns[0])
            quantity = default_qty(instrument, float(price[0])) if qty is None else qty
        while next_ns <= ts_ns[-1]:
            place = int(np.searchsorted(ts_ns, next_ns))
            for side in Side:
                wanted = Wanted(entry_ns=next_ns, side=side, qty=quantity)
                yield _Opened(position_id, wanted, int(ts_ns[place]), float(price[place]))
                position_id += 1
            next_ns += every_ns


def _first_ticks(stretches: Iterator[Stretch], wanted: Sequence[Wanted]) -> Iterator[_Opened]:
    order = sorted(range(len(wanted)), key=lambda place: wanted[place].entry_ns)
    waiting = 0
    for ts_ns, price in stretches:
        while waiting < len(order) and wanted[order[waiting]].entry_ns <= ts_ns[-1]:
            one = wanted[order[waiting]]
            place = int(np.searchsorted(ts_ns, one.entry_ns))
            yield _Opened(order[waiting], one, int(ts_ns[place]), float(price[place]))
            waiting += 1


def _regime_name(reading: RegimeReading) -> str:
    return reading.source if reading.insufficient else reading.regime


def _counts(counted: Counter[str]) -> str:
    return ", ".join(f"{count} {name}" for name, count in counted.most_common()) or "none"
