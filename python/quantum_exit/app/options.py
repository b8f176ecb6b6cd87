"""Options that several commands share."""

from collections.abc import Callable
from typing import Any, TypeAlias

import click

from quantum_exit.app.parameters import decimal, duration_ns

Command: TypeAlias = Callable[..., Any]

_FILLS = (
    click.option(
        "--limit-fill",
        type=click.Choice(["through", "touch"]),
        default="through",
        show_default=True,
        help="When a SOFT leg counts as filled: beyond its level, or at it.",
    ),
    click.option(
        "--slippage-ticks",
        type=click.IntRange(min=0),
        default=0,
        show_default=True,
        help="Ticks by which a market exit fills worse than the tick that caused it.",
    ),
    click.option(
        "--taker-fee-frac",
        type=float,
        default=0.0004,
        show_default=True,
        help="Fee of market orders, the entry among them, as a fraction of the notional.",
    ),
    click.option(
        "--maker-fee-frac",
        type=float,
        default=0.0002,
        show_default=True,
        help="Fee of SOFT legs, as a fraction of the notional.",
    ),
)

_POSITIONS = (
    click.option(
        "--entries",
        "entries_path",
        metavar="CSV",
        help="Positions: entry_ns,side,entry_price,qty[,stop_price][,profile]; an empty price "
        "is the price of the first tick at or after entry_ns.",
    ),
    click.option(
        "--every",
        type=duration_ns,
        metavar="DURATION",
        help="Without --entries: one LONG and one SHORT from the first tick on, this far apart. "
        "[default: 1h]",
    ),
    click.option(
        "--qty",
        type=decimal,
        metavar="QTY",
        help="Without --entries: quantity of each position in base currency. [default: worth about "
        "10 000 of the quote currency at the first tick]",
    ),
    click.option(
        "--instrument",
        metavar="NAME|FILE",
        help="A built-in symbol such as BTCUSDT, or a JSON file with symbol, tick_size, lot_step, "
        "min_qty, min_notional and, optional, max_qty.",
    ),
)

_RULES = (
    click.option(
        "--profile",
        metavar="NAME|FILE",
        help="A default profile such as TREND_DEFAULT, or a TOML file.",
    ),
    click.option(
        "--plan", "plan_path", metavar="FILE", help="JSON file with legs, trailing and ratchet."
    ),
    click.option(
        "--stop-frac",
        type=decimal,
        metavar="FRACTION",
        help="Distance of the initial stop as a fraction of the entry price, where an entry says "
        "none. [default: that of --plan, else 0.02]",
    ),
)

_OUTPUT = (
    click.option(
        "--events",
        "events_path",
        metavar="FILE",
        help="Write the events to a .parquet, .csv or .jsonl file.",
    ),
    click.option(
        "--report",
        "report_path",
        metavar="FILE",
        help="Write an HTML report that works offline; reads the input a second time.",
    ),
    click.option(
        "--json", "as_json", is_flag=True, help="Print one JSON object in place of the tables."
    ),
)

allow_unsorted = click.option(
    "--allow-unsorted",
    type=duration_ns,
    default="0ms",
    show_default=True,
    metavar="DURATION",
    help="How far a row may lie before the latest row above it. Such a tick is refused.",
)


def fills(command: Command) -> Command:
    """The options that say how orders fill and what they cost."""
    return _with(command, _FILLS)


def positions(command: Command) -> Command:
    """The options that say which positions there are, on which instrument."""
    return _with(command, _POSITIONS)


def rules(command: Command) -> Command:
    """The options that say how positions are exited."""
    return _with(command, _RULES)


def output(command: Command) -> Command:
    """The options that say what is written where."""
    return _with(command, _OUTPUT)


def _with(command: Command, options: tuple[Callable[[Command], Command], ...]) -> Command:
    for option in reversed(options):
        command = option(command)
    return command
