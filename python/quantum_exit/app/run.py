"""One replay, from the options of the command line to what it prints and writes."""

from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import asdict, dataclass, field, replace
from decimal import Decimal
from itertools import chain
from pathlib import Path
from typing import Any, TypeVar

import click

from quantum_exit._core import Instrument, __version__
from quantum_exit.adapters.atomic import replacing
from quantum_exit.adapters.tables_out import check_suffix, write_table
from quantum_exit.app.output import check_folder, moment, print_json, print_replay, progress
from quantum_exit.app.planned_entries import PlannedEntries, plan_entries, wanted_from_file
from quantum_exit.app.planner_options import Planning
from quantum_exit.app.positions import Rules, from_file, remembered, scheduled
from quantum_exit.app.report.data import Headline
from quantum_exit.app.report.price import PriceLine
from quantum_exit.app.report.write import write_report
from quantum_exit.app.series import Entries, Series
from quantum_exit.errors import InvalidInputError
from quantum_exit.execution.entries import Entry
from quantum_exit.execution.replay import ReplaySettings
from quantum_exit.execution.result import ReplayResult
from quantum_exit.execution.tables import records

Part = TypeVar("Part")


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """What a replay command was asked for.

    Attributes:
        command: Name of the command.
        inputs: The files, for people.
        instrument: Grid and minimums.
        rules: How positions are exited.
        settings: How orders fill and what they cost.
        entries_path: Positions, or None for one LONG and one SHORT every `every_ns`.
        every_ns: Their distance in ns.
        qty: Their quantity, or None for the default.
        events_path: Where the events go, or None.
        report_path: Where the report goes, or None.
        as_json: Print JSON.
        planning: How each position is planned from the ticks before it, or None where `rules` hold.
    """

    command: str
    inputs: tuple[str, ...]
    instrument: Instrument
    rules: Rules
    settings: ReplaySettings
    entries_path: str | None
    every_ns: int
    qty: Decimal | None
    events_path: str | None
    report_path: str | None
    as_json: bool
    planning: Planning | None = None


@dataclass(slots=True)
class _Seen:
    """What went by while the parts were replayed."""

    line: PriceLine | None
    first_ns: int | None = None
    last_ns: int = 0
    entries: list[Entry] = field(default_factory=list)
    dropped: list[int] = field(default_factory=list)
    planned: PlannedEntries | None = None

    def watch(self, series: Series[Part], parts: Iterator[Part]) -> Iterator[Part]:
        for part in parts:
            ts_ns, price = series.prices(part)
            if self.first_ns is None:
                self.first_ns = int(ts_ns[0])
            self.last_ns = max(self.last_ns, int(ts_ns.max()))
            if self.line is not None:
                self.line.note(ts_ns, price)
            yield part


def run(series: Series[Part], request: Request) -> None:
    """Replays `series`, writes the files that were asked for, and prints the outcome.

    Raises:
        QuantumExitError: An input was refused. No file was written.
        OSError: A file cannot be written. None was.
    """
    events_suffix = None if request.events_path is None else check_suffix(request.events_path)
    for path in (request.events_path, request.report_path):
        check_folder(path)
    if request.report_path is not None:
        _check_rereadable("--report", request.inputs)
    if request.planning is not None:
        _check_rereadable("--planner", request.inputs)
    seen = _Seen(PriceLine() if request.report_path is not None else None)
    with progress(request.command) as draw:
        result = _replay(series, request, seen, draw)
    with ExitStack() as files:
        # All or nothing: no file takes its place before all are written.
        if request.events_path is not None and events_suffix is not None:
            temporary = files.enter_context(replacing(request.events_path))
            write_table(result.events, temporary, events_suffix)
        if request.report_path is not None and seen.line is not None:
            temporary = files.enter_context(replacing(request.report_path))
            write_report(
                temporary,
                series,
                result,
                headline=_headline(request, seen),
                line=seen.line,
                entries=seen.entries,
                instrument=request.instrument,
                settings=request.settings,
            )
    if request.as_json:
        print_json(_as_json(request, result, seen.planned))
    else:
        legs = () if request.rules.rules is None else leg_names(request.rules)
        print_replay(
            title(request, seen.first_ns or 0, seen.last_ns), result.summary(), leg_names=legs
        )
        if seen.planned is not None:
            click.echo()
            for text in seen.planned.lines():
                click.echo(text)


def leg_names(rules: Rules) -> tuple[str, ...]:
    """What the legs of `rules` are called: distance, share and kind."""
    if rules.rules is None:
        return ()
    return tuple(
        f"{leg.r_multiple:g} R, {100 * leg.size_fraction:g} % {leg.kind}"
        for leg in rules.rules.legs
    )


def title(request: Request, first_ns: int, last_ns: int) -> str:
    """Symbol, time and rules in one line."""
    parts = [f"{request.instrument.symbol} {moment(first_ns)} to {moment(last_ns)} UTC"]
    if request.rules.name is not None:
        parts.append(request.rules.name)
    if request.planning is None:
        parts.append(f"stop {100 * float(request.rules.stop_frac):g} %")
    if not request.inputs:
        parts.append("generated ticks")
    return ", ".join(parts)


def _replay(series: Series[Part], request: Request, seen: _Seen, draw: Any) -> ReplayResult:
    entries: Entries | None = None
    if request.planning is not None:
        seen.planned = _planned(series, request, request.planning)
        entries = seen.entries = seen.planned.entries
    elif request.entries_path is not None:
        entries = from_file(request.entries_path, request.rules, request.instrument)
        seen.entries = list(entries)
    parts = series.open(draw, seen.dropped.append)
    if entries is None:
        first = next(parts)
        parts = chain([first], parts)
        ts_ns, price = series.prices(first)
        entries = remembered(
            scheduled(
                request.rules,
                request.instrument,
                every_ns=request.every_ns,
                qty=request.qty,
                first_ns=int(ts_ns[0]),
                first_price=float(price[0]),
            ),
            seen.entries,
        )
    result = series.replay(
        seen.watch(series, parts),
        entries,
        instrument=request.instrument,
        settings=request.settings,
    )
    return replace(result, non_market_ticks=sum(seen.dropped))


def _planned(series: Series[Part], request: Request, planning: Planning) -> PlannedEntries:
    path = request.entries_path
    return plan_entries(
        (series.prices(part) for part in series.open()),
        request.instrument,
        planning,
        wanted=None if path is None else wanted_from_file(path),
        every_ns=request.every_ns,
        qty=request.qty,
    )


def _headline(request: Request, seen: _Seen) -> Headline:
    return Headline(
        symbol=request.instrument.symbol,
        rules=request.rules.name or "profiles of the entries",
        title=title(request, seen.first_ns or 0, seen.last_ns),
        first_ns=seen.first_ns or 0,
        last_ns=seen.last_ns,
        inputs=request.inputs,
        leg_names=leg_names(request.rules),
        fills=(
            f"limit fill {request.settings.limit_fill}, "
            f"slippage {request.settings.slippage_ticks} ticks, "
            f"fees {100 * request.settings.taker_fee_frac:g} % taker "
            f"and {100 * request.settings.maker_fee_frac:g} % maker"
        ),
    )


def _as_json(
    request: Request, result: ReplayResult, planned: PlannedEntries | None
) -> dict[str, Any]:
    instrument = request.instrument
    settings = asdict(request.settings)
    del settings["record_stop_path"]
    guard = settings["max_jump_frac"]
    settings["max_jump_frac"] = None if guard is None else float(guard)
    return {
        "command": request.command,
        "version": __version__,
        "inputs": list(request.inputs),
        "instrument": {
            key: getattr(instrument, key)
            for key in ("symbol", "tick_size", "lot_step", "min_qty", "min_notional", "max_qty")
        },
        "rules": {
            "name": request.rules.name,
            "stop_frac": float(request.rules.stop_frac) if planned is None else None,
        },
        "planning": None if planned is None else planned.as_json(),
        "settings": settings,
        "summary": result.summary(),
        "trades": records(result.trades),
        "unopened": list(result.unopened),
        "events_file": request.events_path,
        "report_file": request.report_path,
    }


def _check_rereadable(option: str, inputs: tuple[str, ...]) -> None:
    for path in inputs:
        if Path(path).exists() and not Path(path).is_file():
            allowed = f"expected files: {option} reads the input a second time"
            raise InvalidInputError(option, repr(path), allowed)
