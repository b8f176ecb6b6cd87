"""`quantum-exit plan`: the exit of one position, and why it is that."""

import os
from decimal import Decimal
from typing import Any

import click
import numpy as np

from quantum_exit._core import __version__
from quantum_exit.adapters.definitions import load_instrument
from quantum_exit.adapters.files import open_bars
from quantum_exit.app.output import print_json, share, table
from quantum_exit.app.parameters import decimal
from quantum_exit.app.planner_options import planning, planning_of
from quantum_exit.domain.market import MarketRegime
from quantum_exit.domain.position import Position, Side
from quantum_exit.intelligence.bars import BarSeries, bar_length_ns, bars_from_bars
from quantum_exit.intelligence.regime import RegimeReading, detect_regime, insufficient_reading
from quantum_exit.intelligence.regime_rules import RegimeConfig
from quantum_exit.planning.config import config_from_env
from quantum_exit.planning.planned import PlannedExit, Planner


@click.command()
@click.option(
    "--symbol",
    required=True,
    metavar="NAME|FILE",
    help="A built-in symbol such as BTCUSDT, or the JSON file of an instrument.",
)
@click.option(
    "--side", required=True, type=click.Choice([side.value for side in Side], case_sensitive=False)
)
@click.option("--entry", required=True, type=decimal, metavar="PRICE", help="Entry price.")
@click.option("--qty", required=True, type=decimal, metavar="QTY", help="In base currency.")
@click.option("--price", type=decimal, metavar="PRICE", help="Last price. [default: the entry]")
@click.option("--stop", type=decimal, metavar="PRICE", help="Live stop; it is never loosened.")
@click.option(
    "--liquidation", type=decimal, metavar="PRICE", help="Where the venue liquidates the position."
)
@click.option("--adopted", is_flag=True, help="The position was found open; needs --price.")
@click.option(
    "--bars",
    "bars_paths",
    multiple=True,
    metavar="FILE",
    help="Bars up to now, one series: the market regime and the average true range are read from "
    "them. Without, the market is unknown.",
)
@click.option(
    "--planner",
    type=click.Choice([one.value for one in Planner]),
    help="Who plans. [default: as the environment's switches say, else exit-brain]",
)
@planning
@click.option("--explain", is_flag=True, help="Print every factor that was applied, in order.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def plan(*, symbol: str, bars_paths: tuple[str, ...], planner: str | None, **given: Any) -> None:
    """Plan the exit of one position: stop, ladder and trailing, each level explained."""
    reading, as_of_ns = read_market(bars_paths)
    how = planning_of(given, planner, config_from_env(os.environ))
    position = Position(
        instrument=load_instrument(symbol),
        side=Side(given["side"].upper()),
        entry_price=given["entry"],
        quantity=given["qty"],
        leverage=how.leverage,
        current_price=given["price"],
        strategy_id=how.strategy_id,
        liquidation_price=given["liquidation"],
        stop_price=given["stop"],
        adopted=given["adopted"],
    )
    planned = how.plan(position, reading.context(), as_of_ns)
    if given["as_json"]:
        print_json(_as_json(planned, reading))
        return
    click.echo(_market_line(reading, known=bool(bars_paths)))
    if given["explain"]:
        click.echo(planned.explain())
    else:
        click.echo(_table(planned))


def read_market(paths: tuple[str, ...]) -> tuple[RegimeReading, int | None]:
    """The market after the last bar of `paths`, and when that was; unknown without a path.

    Raises:
        TickFileError: A file is bad.
        InvalidInputError: The bars do not make up those of the regime.
    """
    if not paths:
        return insufficient_reading(), None
    rules = RegimeConfig()
    bars = read_bars(paths, rules.interval_ns)
    reading = detect_regime(bars, rules)
    return reading, reading.as_of_ns


def read_bars(paths: tuple[str, ...], interval_ns: int) -> BarSeries:
    """The bars of files as bars of length `interval_ns`.

    Raises:
        TickFileError: A file is bad.
        InvalidInputError: The length of the bars in the files does not divide the interval.
    """
    batches = list(open_bars(paths))
    open_ns = np.concatenate([batch.open_ns for batch in batches])
    return bars_from_bars(
        open_ns,
        np.concatenate([batch.open for batch in batches]),
        np.concatenate([batch.high for batch in batches]),
        np.concatenate([batch.low for batch in batches]),
        np.concatenate([batch.close for batch in batches]),
        bar_ns=bar_length_ns(open_ns),
        interval_ns=interval_ns,
    )


def _market_line(reading: RegimeReading, *, known: bool) -> str:
    if reading.insufficient:
        why = "too few bars" if known else "no bars given"
        return f"market unknown ({why}): planned for {MarketRegime.NORMAL}"
    return (
        f"market {reading.regime} (confidence {reading.confidence:.2f}), "
        f"volatility {share(reading.volatility)} a day, trend {reading.trend_strength:+.2f}, "
        f"ATR {reading.atr:.6g}"
        if reading.atr is not None
        else f"market {reading.regime} (confidence {reading.confidence:.2f}), without a move"
    )


def _table(planned: PlannedExit) -> str:
    made = planned.plan
    rows = [("what", "price", "quantity", "from entry", "R")]
    rows.append(_row(planned, "stop", made.stop_price, f"{made.quantity:g}", -1.0))
    for index, price, quantity, kind in made.levels:
        r = planned.rules.legs[index].r_multiple
        rows.append(_row(planned, f"TP{index + 1} {kind}", price, f"{quantity:g}", r))
    if (trailing := planned.rules.trailing) is not None:
        scope = f"{made.remainder:g}" if made.trail_scope == "LEG" else "all open"
        at = made.entry_price if made.activation_price is None else made.activation_price
        name = f"trail by {share(trailing.callback_pct)} from"
        rows.append(_row(planned, name, at, scope, trailing.activation_r))
    profile = ""
    if (selection := planned.selection) is not None:
        profile = f", {selection.profile.name} (level {selection.level} of 6)"
    head = f"{made.instrument.symbol} {made.side} {made.quantity:g} at {made.entry_price:.10g}"
    lines = [f"{head}: {planned.strategy}{profile}", ""]
    lines.append(table(rows, right=frozenset({1, 2, 3, 4})))
    lines += planned.conditions
    if planned.close_now is not None:
        lines.append(f"close now: {planned.close_now}")
    if planned.tighten_to is not None:
        lines.append(f"tighten at once to {planned.tighten_to}")
    return "\n".join(lines)


def _row(
    planned: PlannedExit, name: str, price: float, quantity: str, r: float
) -> tuple[str, str, str, str, str]:
    entry = planned.plan.entry_price
    move = f"{100 * (price - entry) / entry:+.2f} %"
    return name, f"{price:.10g}", quantity, move, f"{r:g}"


def _as_json(planned: PlannedExit, reading: RegimeReading) -> dict[str, Any]:
    made, rules = planned.plan, planned.rules
    trailing = rules.trailing
    return {
        "command": "plan",
        "version": __version__,
        "symbol": made.instrument.symbol,
        "side": made.side,
        "entry_price": made.entry_price,
        "quantity": made.quantity,
        "planner": planned.planner,
        "strategy": planned.strategy,
        "market": {
            "regime": reading.regime,
            "confidence": reading.confidence,
            "volatility": reading.volatility,
            "trend_strength": reading.trend_strength,
            "choppiness": reading.choppiness,
            "atr": reading.atr,
            "source": reading.source,
            "as_of_ns": reading.as_of_ns,
        },
        "risk_mode": planned.risk_mode,
        "profile_name": planned.profile_name,
        "specificity": None if planned.selection is None else planned.selection.level,
        "book_version": planned.book_version,
        "book_hash": planned.book_hash,
        "stop_price": made.stop_price,
        "stop_frac": planned.stop_frac,
        "r_price": made.r_price,
        "legs": [
            {
                "leg": index,
                "price": price,
                "quantity": quantity,
                "kind": kind,
                "r_multiple": rules.legs[index].r_multiple,
                "size_fraction": rules.legs[index].size_fraction,
            }
            for index, price, quantity, kind in made.levels
        ],
        "trailing": None
        if trailing is None
        else {
            "callback_pct": trailing.callback_pct,
            "activation_r": trailing.activation_r,
            "activation_price": made.activation_price,
            "tightening_curve": [list(point) for point in trailing.tightening_curve],
            "rearm": trailing.rearm,
            "scope": made.trail_scope,
        },
        "remainder": made.remainder,
        "break_even_price": made.break_even_price,
        "break_even_at_price": made.break_even_at_price,
        "max_hold_ns": made.max_hold_ns,
        "time_stop": None
        if made.time_stop is None
        else dict(zip(("after_ns", "under_price"), made.time_stop, strict=True)),
        "close_now": planned.close_now,
        "tighten_to": None if planned.tighten_to is None else str(planned.tighten_to),
        "size_factor": planned.size_factor,
        "confidence": planned.confidence,
        "why": [
            {
                "name": factor.name,
                "value": _plain(factor.value),
                "source": factor.source,
                "result": _plain(factor.result),
            }
            for factor in planned.why
        ],
    }


def _plain(value: Any) -> Any:
    return str(value) if isinstance(value, Decimal) else value
