"""`quantum-exit replay` and `quantum-exit bars`."""

import os
from dataclasses import replace
from decimal import Decimal
from typing import Any

import click

from quantum_exit.adapters.definitions import load_instrument
from quantum_exit.app import options
from quantum_exit.app.demo import DEMO_SYMBOL
from quantum_exit.app.parameters import decimal
from quantum_exit.app.planner_options import planning, planning_of
from quantum_exit.app.positions import DEFAULT_EVERY_NS, load_rules
from quantum_exit.app.run import Request, run
from quantum_exit.app.series import BarFiles, DemoTicks, TickFiles
from quantum_exit.errors import InvalidInputError
from quantum_exit.execution.bars import PATHS
from quantum_exit.execution.replay import ReplaySettings
from quantum_exit.planning.config import config_from_env
from quantum_exit.planning.planned import Planner

_DEMO_PROFILE = "TREND_DEFAULT"

planner_option = click.option(
    "--planner",
    type=click.Choice([one.value for one in Planner]),
    help="Plan each position from what came before it, in place of --profile, --plan and "
    "--stop-frac. Reads the input a second time; the options below say what it is told.",
)


@click.command()
@click.argument("ticks", nargs=-1)
@click.option("--demo", is_flag=True, help="Replay a generated week of BTCUSDT; needs no file.")
@options.positions
@options.rules
@options.fills
@click.option(
    "--max-jump-frac",
    type=decimal,
    metavar="FRACTION",
    help="Hold a tick that is further than this from the last one until the next one confirms it. "
    "[default: off]",
)
@options.allow_unsorted
@planner_option
@planning
@options.output
def replay(ticks: tuple[str, ...], *, demo: bool, **given: Any) -> None:
    """Replay recorded trades through exit plans, tick by tick.

    TICKS are files of one symbol, read as one series: Parquet, CSV, .csv.gz or .zip, Binance
    aggTrades and trades or columns timestamp_ns|timestamp_ms|timestamp_us|ts and price.
    """
    planned = given["planner"] is not None
    if demo:
        if ticks:
            raise InvalidInputError("TICKS", " ".join(ticks), "expected none with --demo")
        given["instrument"] = given["instrument"] or DEMO_SYMBOL
        if given["profile"] is None and given["plan_path"] is None and not planned:
            given["profile"] = _DEMO_PROFILE
        series: TickFiles = DemoTicks(())
    elif not ticks:
        raise InvalidInputError("TICKS", "none", "expected tick files, or --demo")
    else:
        series = TickFiles(ticks, given["allow_unsorted"])
    run(series, _request("replay", ticks, given))


@click.command()
@click.argument("klines", nargs=-1, required=True)
@click.option(
    "--path",
    type=click.Choice(PATHS),
    default=PATHS[0],
    show_default=True,
    help="What is assumed to come first within a bar: the adverse extreme, or the favourable one.",
)
@options.positions
@options.rules
@options.fills
@planner_option
@planning
@options.output
def bars(klines: tuple[str, ...], path: str, **given: Any) -> None:
    """Replay bars through exit plans: an approximation, four ticks a bar.

    KLINES are files of one symbol, read as one series: Binance klines (CSV or .zip) or CSV and
    Parquet with open_time_ms (or another time stamp), open, high, low, close. A bar is walked open,
    adverse extreme, favourable extreme, close; positions begin at the open of a bar.
    """
    run(BarFiles(klines, path), _request("bars", klines, given))


def _request(command: str, inputs: tuple[str, ...], given: dict[str, Any]) -> Request:
    if given["instrument"] is None:
        raise InvalidInputError("--instrument", "none", "expected a symbol or a JSON file")
    entries_path: str | None = given["entries_path"]
    for option in ("every", "qty"):
        if entries_path is not None and given[option] is not None:
            allowed = "expected either the positions of --entries or generated ones"
            raise InvalidInputError(f"--{option}", "given", allowed)
    every_ns = DEFAULT_EVERY_NS if given["every"] is None else given["every"]
    if every_ns == 0:
        raise InvalidInputError("--every", "0", "expected a duration above 0")
    planner: str | None = given["planner"]
    if planner is not None:
        _refuse_rules(given)
    rules = load_rules(given["profile"], given["plan_path"], given["stop_frac"])
    if planner is not None:
        rules = replace(rules, name=f"planned by {planner}")
    elif rules.rules is None and entries_path is None:
        raise InvalidInputError("--profile", "none", "expected --profile or --plan")
    qty: Decimal | None = given["qty"]
    return Request(
        command=command,
        inputs=inputs,
        instrument=load_instrument(given["instrument"]),
        rules=rules,
        settings=ReplaySettings(
            limit_fill=given["limit_fill"],
            slippage_ticks=given["slippage_ticks"],
            max_jump_frac=given.get("max_jump_frac"),
            taker_fee_frac=given["taker_fee_frac"],
            maker_fee_frac=given["maker_fee_frac"],
        ),
        entries_path=entries_path,
        every_ns=every_ns,
        qty=qty,
        events_path=given["events_path"],
        report_path=given["report_path"],
        as_json=given["as_json"],
        planning=None
        if planner is None
        else planning_of(given, planner, config_from_env(os.environ)),
    )


def _refuse_rules(given: dict[str, Any]) -> None:
    for name, option in (
        ("profile", "--profile"),
        ("plan_path", "--plan"),
        ("stop_frac", "--stop-frac"),
    ):
        if given[name] is not None:
            raise InvalidInputError(option, given[name], "expected none with --planner")
