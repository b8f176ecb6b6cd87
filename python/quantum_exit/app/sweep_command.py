"""`quantum-exit sweep`."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import click
import numpy as np

from quantum_exit._core import ExitPlan, Instrument, TickIndex, __version__
from quantum_exit.adapters.atomic import replacing
from quantum_exit.adapters.definitions import load_instrument, load_profile
from quantum_exit.adapters.entries_csv import read_entries
from quantum_exit.adapters.tables_out import check_suffix, write_columns
from quantum_exit.app import options
from quantum_exit.app.grid import Grid, Point, load_grid
from quantum_exit.app.output import (
    check_folder,
    duration,
    moment,
    number,
    print_json,
    progress,
    share,
    table,
)
from quantum_exit.app.parameters import decimals
from quantum_exit.app.positions import DEFAULT_EVERY_NS, DEFAULT_STOP_FRAC, default_qty
from quantum_exit.app.series import DemoTicks, Prices, TickFiles
from quantum_exit.domain.numbers import exact, stop_at_frac
from quantum_exit.errors import InputFileError, InvalidInputError, OffGridError
from quantum_exit.execution.entries import Entry
from quantum_exit.execution.stretches import Stretch, off_grid
from quantum_exit.execution.summary import summarise
from quantum_exit.execution.sweep import sweep_index, whole

_FIGURES = (
    "closed",
    "open",
    "win_rate",
    "mean_r",
    "mean_net_r",
    "total_net_r",
    "profit_factor",
    "max_net_drawdown_r",
    "mean_holding_ns",
)


@dataclass(frozen=True, slots=True)
class _Spot:
    """A position without its exit."""

    entry_ns: int
    side: str
    price: Decimal
    quantity: Decimal
    line: int | None = None


@click.command()
@click.argument("ticks", nargs=-1)
@click.option("--demo", is_flag=True, help="Use a generated week of BTCUSDT; needs no file.")
@click.option(
    "--grid",
    "grid_path",
    metavar="FILE",
    help="TOML file with lists: profiles, stop_fracs and, optional, r_scales and callback_pcts.",
)
@click.option("--profile", "profiles", multiple=True, metavar="NAME|FILE", help="May be repeated.")
@click.option(
    "--stop-fracs",
    type=decimals,
    metavar="LIST",
    help="Distances of the initial stop as fractions of the entry price. [default: 0.02]",
)
@click.option(
    "--r-scales",
    type=decimals,
    metavar="LIST",
    help="What every distance in R of a profile is multiplied by. [default: 1]",
)
@options.positions
@options.fills
@options.allow_unsorted
@click.option(
    "--threads", type=click.IntRange(min=1), default=1, show_default=True, help="Worker threads."
)
@click.option(
    "--top",
    type=click.IntRange(min=1),
    default=20,
    show_default=True,
    help="Show this many of the best, by mean R after fees.",
)
@click.option(
    "--out", "out_path", metavar="FILE", help="Write all points to a .parquet, .csv or .jsonl file."
)
@click.option(
    "--json", "as_json", is_flag=True, help="Print one JSON object in place of the table."
)
def sweep(ticks: tuple[str, ...], **given: Any) -> None:
    """Replay the same positions under every combination of a grid of exit rules.

    TICKS are files as for replay; they are held in memory. Each position lives alone, so a plan
    costs next to nothing once the ticks are indexed.
    """
    suffix = None if given["out_path"] is None else check_suffix(given["out_path"])
    check_folder(given["out_path"])
    grid = _grid(given)
    points = list(grid.points())
    instrument = _instrument(given)
    series = _series(ticks, given)
    with progress("reading") as draw:
        stretches = list(series.open(draw))
    index, prices = _index(instrument, stretches)
    spots = _spots(given, instrument, prices)
    result = sweep_index(
        index,
        _plans(points, spots, instrument, given["entries_path"]),
        limit_fill=given["limit_fill"],
        slippage_ticks=given["slippage_ticks"],
        taker_fee_frac=given["taker_fee_frac"],
        maker_fee_frac=given["maker_fee_frac"],
        threads=given["threads"],
    )
    by_point = result.trades.reshape(len(points), len(spots))
    rows = [_row(point, summarise(trades)) for point, trades in zip(points, by_point, strict=True)]
    rows.sort(key=lambda row: (row["mean_net_r"] is None, -(row["mean_net_r"] or 0.0)))
    if suffix is not None:
        with replacing(given["out_path"]) as temporary:
            write_columns(_columns(rows), temporary, suffix)
    shown = rows[: given["top"]]
    if given["as_json"]:
        print_json(
            {
                "command": "sweep",
                "version": __version__,
                "inputs": list(ticks),
                "instrument": instrument.symbol,
                "ticks": result.ticks,
                "refused_ticks": result.refused_ticks,
                "positions": len(spots),
                "points": len(points),
                "top": shown,
                "out_file": given["out_path"],
            }
        )
        return
    ts_ns, _ = prices
    span = f"{moment(int(ts_ns[0]))} to {moment(int(ts_ns.max()))} UTC"
    click.echo(f"{instrument.symbol} {span}, {result.ticks:,} ticks")
    click.echo(f"{len(points)} combinations x {len(spots)} positions, best mean R after fees first")
    click.echo()
    click.echo(_table(shown))


def _grid(given: dict[str, Any]) -> Grid:
    if given["grid_path"] is not None:
        for option in ("profiles", "stop_fracs", "r_scales"):
            if given[option]:
                name = f"--{option.rstrip('s') if option == 'profiles' else option}"
                raise InvalidInputError(
                    name.replace("_", "-"), "given", "expected none with --grid"
                )
        return load_grid(given["grid_path"])
    names = given["profiles"] or (("TREND_DEFAULT",) if given["demo"] else ())
    if not names:
        raise InvalidInputError("--profile", "none", "expected --grid or --profile")
    return Grid(
        profiles=tuple(load_profile(name) for name in names),
        stop_fracs=given["stop_fracs"] or (DEFAULT_STOP_FRAC,),
        r_scales=given["r_scales"] or (Decimal(1),),
    )


def _instrument(given: dict[str, Any]) -> Instrument:
    if given["instrument"] is not None:
        return load_instrument(given["instrument"])
    if given["demo"]:
        return load_instrument("BTCUSDT")
    raise InvalidInputError("--instrument", "none", "expected a symbol or a JSON file")


def _series(ticks: tuple[str, ...], given: dict[str, Any]) -> TickFiles:
    if given["demo"]:
        if ticks:
            raise InvalidInputError("TICKS", " ".join(ticks), "expected none with --demo")
        return DemoTicks(())
    if not ticks:
        raise InvalidInputError("TICKS", "none", "expected tick files, or --demo")
    return TickFiles(ticks, given["allow_unsorted"])


def _index(instrument: Instrument, stretches: Sequence[Stretch]) -> tuple[TickIndex, Prices]:
    ts_ns, price = whole(stretches)
    try:
        return TickIndex(instrument, ts_ns, price), (ts_ns, price)
    except OffGridError as error:
        before = 0
        for stretch in stretches:
            if error.index < before + stretch.price.size:
                raise off_grid(instrument, stretch, error.index - before, error) from error
            before += stretch.price.size
        raise


def _spots(given: dict[str, Any], instrument: Instrument, prices: Prices) -> list[_Spot]:
    """The positions for which there is a tick."""
    ts_ns, price = prices
    # The first tick that reaches a time is the latest so far, so no tick that is refused is met.
    reached = np.maximum.accumulate(ts_ns)

    def first_price(entry_ns: int) -> Decimal | None:
        at = int(np.searchsorted(reached, entry_ns))
        return None if at == reached.size else exact("price", float(price[at]))

    if given["entries_path"] is None:
        every_ns = DEFAULT_EVERY_NS if given["every"] is None else given["every"]
        if every_ns == 0:
            raise InvalidInputError("--every", "0", "expected a duration above 0")
        quantity = given["qty"] or default_qty(instrument, float(price[0]))
        times = range(int(ts_ns[0]), int(reached[-1]) + 1, every_ns)
        generated = [(entry_ns, first_price(entry_ns)) for entry_ns in times]
        return [
            _Spot(entry_ns, side, found, quantity)
            for entry_ns, found in generated
            if found is not None
            for side in ("LONG", "SHORT")
        ]
    if given["every"] is not None or given["qty"] is not None:
        allowed = "expected either the positions of --entries or generated ones"
        raise InvalidInputError("--every, --qty", "given", allowed)
    spots = []
    for row in read_entries(given["entries_path"]):
        found = first_price(row.entry_ns)
        if found is not None:
            entry_price = row.entry_price or found
            spots.append(_Spot(row.entry_ns, row.side, entry_price, row.qty, row.line))
    if not spots:
        raise InputFileError(given["entries_path"], None, "no position begins before the last tick")
    return spots


def _plans(
    points: Sequence[Point],
    spots: Sequence[_Spot],
    instrument: Instrument,
    entries_path: str | None,
) -> list[Entry | ExitPlan]:
    """The positions under each point: stop and rules are those of the point."""
    plans: list[Entry | ExitPlan] = []
    for point in points:
        for spot in spots:
            try:
                plan = point.rules.plan(
                    instrument,
                    side=spot.side,
                    entry_price=spot.price,
                    quantity=spot.quantity,
                    stop_price=stop_at_frac(spot.side, spot.price, point.stop_frac),
                )
            except InvalidInputError as error:
                if spot.line is None or entries_path is None:
                    raise
                raise InputFileError(entries_path, f"row {spot.line}", str(error)) from error
            plans.append(Entry(spot.entry_ns, plan))
    return plans


def _row(point: Point, summary: dict[str, Any]) -> dict[str, Any]:
    return {
        "profile": point.profile,
        "stop_frac": float(point.stop_frac),
        "r_scale": float(point.r_scale),
        "callback_pct": point.callback_pct,
        **{name: summary[name] for name in _FIGURES},
    }


def _columns(rows: Sequence[dict[str, Any]]) -> dict[str, Any]:
    kinds: dict[str, Any] = {"profile": object, "closed": np.int64, "open": np.int64}
    return {
        # None becomes NaN in a column of floats, and is written as absent.
        name: np.array([row[name] for row in rows], dtype=kinds.get(name, np.float64))
        for name in rows[0]
    }


def _table(rows: Sequence[dict[str, Any]]) -> str:
    head = (
        "profile",
        "stop",
        "R scale",
        "callback",
        "closed",
        "open",
        "win",
        "R",
        "net R",
    )
    lines = [(*head, "total net R", "pf", "max dd", "held")]
    for row in rows:
        callback = row["callback_pct"]
        lines.append(
            (
                row["profile"],
                f"{100 * row['stop_frac']:g} %",
                f"{row['r_scale']:g}",
                "-" if callback is None else f"{100 * callback:g} %",
                f"{row['closed']}",
                f"{row['open']}",
                share(row["win_rate"]),
                number(row["mean_r"]),
                number(row["mean_net_r"]),
                number(row["total_net_r"], "+.2f"),
                number(row["profit_factor"], ".2f"),
                number(row["max_net_drawdown_r"], ".2f"),
                duration(row["mean_holding_ns"]),
            )
        )
    return table(lines, right=frozenset(range(1, 13)))
