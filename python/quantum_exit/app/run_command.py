"""The commands `run`, `status`, `close` and `config`."""

import os
from decimal import Decimal
from pathlib import Path
from typing import Any

import click

from quantum_exit.app.config import Mode, RunConfig
from quantum_exit.app.config_reader import config_as_dict
from quantum_exit.app.control_client import ask
from quantum_exit.app.output import UNPROTECTED, print_json, table
from quantum_exit.app.parameters import decimal
from quantum_exit.app.run_options import (
    as_json,
    config_file,
    control_file,
    effective,
    settings,
)
from quantum_exit.app.secret import keys_of
from quantum_exit.domain.position import Side
from quantum_exit.errors import InvalidInputError


@click.command()
@config_file
@settings
@click.option("--paper", multiple=True, metavar="TICKS", help="Prices of the simulated exchange.")
@click.option("--symbol", default="BTCUSDT", show_default=True, help="Whose prices --paper has.")
@click.option(
    "--speed",
    type=click.FloatRange(min=0.001),
    default=1.0,
    show_default=True,
    metavar="N",
    help="How fast the prices of --paper pass.",
)
@click.option("--venue", metavar="URL", help="A simulated exchange, such as http://127.0.0.1:8899.")
@click.option(
    "--enter",
    metavar="SIDE:QTY",
    help="Enter at the market of the simulated exchange in this process, such as LONG:0.01.",
)
@click.option("--seconds", type=click.FloatRange(min=0), metavar="S", help="Stop after this time.")
@click.option("--live", is_flag=True, help='Second switch of live trading, beside mode = "live".')
@as_json
@click.pass_context
def run(context: click.Context, /, **given: Any) -> None:
    """Guard the positions of an account until Ctrl-C; stops and floors stay at the venue.

    Without a configuration, orders go to a simulated exchange in this process. Exit codes: 0 done,
    1 failure, 2 bad usage or input, 3 a position is or was unprotected.
    """
    from quantum_exit.app.live_run import (  # noqa: PLC0415 - live only
        RunOptions,
        run_service,
    )

    config = effective(given["config_path"], given["settings"], given["venue"])
    options = RunOptions(
        feed=_feed(given, config),
        live=given["live"],
        enter=_entry(given["enter"], config),
        seconds=given["seconds"],
        as_json=given["as_json"],
    )
    context.exit(run_service(config, os.environ, options))


@click.command()
@config_file
@settings
@control_file
@as_json
@click.pass_context
def status(context: click.Context, /, **given: Any) -> None:
    """Show positions, protection, gaps and unknown outcomes of the running service.

    Exit codes: 0 all is protected, 2 no service answers, 3 a position is or was unprotected.
    """
    found = ask(_control(given), "status")
    if given["as_json"]:
        print_json(found)
    else:
        click.echo(_status_text(found))
    context.exit(UNPROTECTED if found["breached"] else 0)


@click.command()
@click.argument("symbol", required=False)
@click.option("--all", "close_all", is_flag=True, help="Close every position.")
@click.option("--side", type=click.Choice([side.value for side in Side], case_sensitive=False))
@config_file
@settings
@control_file
@as_json
def close(symbol: str | None, close_all: bool, side: str | None, **given: Any) -> None:
    """Close the position of SYMBOL, or every one, at the market through the running service."""
    if (symbol is None) is not close_all:
        raise InvalidInputError("SYMBOL", symbol, "expected either SYMBOL or --all")
    control = _control(given)
    if close_all:
        answer = ask(control, "close_all")
    else:
        answer = ask(control, "close", symbol=symbol, side=None if side is None else side.upper())
    if given["as_json"]:
        print_json(answer)
    else:
        click.echo(f"{'accepted' if answer['accepted'] else 'refused'}: {answer['why']}")


@click.group()
def config() -> None:
    """The configuration of a run."""


@config.command()
@config_file
@settings
@as_json
def show(**given: Any) -> None:
    """Print the effective configuration: file, then environment, then --set; secrets masked."""
    found = effective(given["config_path"], given["settings"], None)
    keys = keys_of(os.environ, found.keys_file)
    values = config_as_dict(found)
    values["keys"] = {
        "source": None if keys is None else keys.source,
        "api_key": None if keys is None else str(keys.key),
        "api_secret": None if keys is None else str(keys.secret),
    }
    if given["as_json"]:
        print_json({"command": "config show", **values})
        return
    for name, value in values.items():
        if not isinstance(value, dict):
            click.echo(f"{name} = {_toml(value)}")
    for name, value in values.items():
        if isinstance(value, dict):
            click.echo(f"\n[{name}]")
            for key, one in value.items():
                click.echo(f"{key} = {_toml(one)}")


def _control(given: dict[str, Any]) -> Path:
    if given["control_path"] is not None:
        return Path(given["control_path"])
    return Path(effective(given["config_path"], given["settings"], None).control.file)


def _feed(given: dict[str, Any], config: RunConfig) -> Any:
    if config.mode is not Mode.PAPER or config.venue_url is not None:
        if given["paper"]:
            allowed = "expected none: prices come from the venue"
            raise InvalidInputError("--paper", ", ".join(given["paper"]), allowed)
        return None
    from quantum_exit.app.paper_venue import PaperFeed  # noqa: PLC0415 - optional dependencies

    return PaperFeed(
        symbol=given["symbol"], ticks=given["paper"], speed=given["speed"], seed=config.seed
    )


def _entry(text: str | None, config: RunConfig) -> tuple[Side, Decimal] | None:
    if text is None:
        return None
    if config.mode is not Mode.PAPER or config.venue_url is not None:
        allowed = "expected none: entries are somebody else's job"
        raise InvalidInputError("--enter", text, allowed)
    side, colon, quantity = text.partition(":")
    if not colon or side.upper() not in tuple(Side):
        raise InvalidInputError("--enter", text, "expected LONG:QTY or SHORT:QTY")
    return Side(side.upper()), decimal(quantity)


def _status_text(found: dict[str, Any]) -> str:
    rows = [("position", "lots", "protected", "floor", "stop", "TPs", "degraded")]
    rows += [
        (
            f"{one['symbol']} {one['side']}",
            str(one["lots"]),
            "yes" if one["protected"] else "NO",
            "-" if one["floor_ticks"] is None else str(one["floor_ticks"]),
            "-" if one["stop_ticks"] is None else str(one["stop_ticks"]),
            str(one["take_profits"]),
            ", ".join(one["degraded"]) or "-",
        )
        for one in found["positions"]
    ]
    lines = [table(rows, right=frozenset({1, 3, 4, 5}))] if len(rows) > 1 else ["no position"]
    lines += [f"unguarded: {one}" for one in found["unguarded"]]
    lines += [f"unknown outcome: {one}" for one in found["unknown_orders"]]
    lines.append(
        f"longest gap {found['protection_gap_max_ms']} ms, "
        f"{found['naked_seconds_total']:.3f} s without protection in all"
    )
    if not found["journal_works"]:
        lines.append("the journal does not work: closes and floors still leave, nothing else does")
    return "\n".join(lines)


def _toml(value: Any) -> str:
    if value is None:
        return '""  # not set'
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list):
        return "[" + ", ".join(_toml(one) for one in value) + "]"
    return f'"{value}"' if isinstance(value, str) else str(value)
