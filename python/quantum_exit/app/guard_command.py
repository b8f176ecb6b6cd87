"""The command `guard`: guardian mode, or just a look."""

import os
from typing import TYPE_CHECKING, Any

import click

from quantum_exit.app.config import RunConfig
from quantum_exit.app.output import UNPROTECTED, print_json
from quantum_exit.app.run_options import as_json, config_file, effective, settings
from quantum_exit.errors import InvalidInputError

if TYPE_CHECKING:
    from quantum_exit.execution.auditor import Finding


@click.command()
@config_file
@settings
@click.option("--venue", metavar="URL", help="A simulated exchange, such as http://127.0.0.1:8899.")
@click.option("--read-only", is_flag=True, help="Only report, once; nothing is ever sent.")
@click.option("--seconds", type=click.FloatRange(min=0), metavar="S", help="Stop after this time.")
@click.option("--live", is_flag=True, help='Second switch of live trading, beside mode = "live".')
@as_json
@click.pass_context
def guard(context: click.Context, /, **given: Any) -> None:
    """Adopt and guard positions that were opened by hand or by another bot.

    With --read-only: report stops that are missing, too small, too large, doubled, orphaned or not
    reduce-only. Exit codes: 0 nothing is wrong, 1 failure, 2 bad usage or input, 3 a position is or
    was unprotected.
    """
    config = effective(given["config_path"], given["settings"], given["venue"])
    if given["read_only"]:
        found = _look(config, live=given["live"])
        _print(found, as_json=given["as_json"])
        context.exit(UNPROTECTED if found else 0)
    if not config.adoption.enabled:
        raise InvalidInputError("adoption.enabled", False, "expected true: guard adopts")
    from quantum_exit.app.live_run import (  # noqa: PLC0415 - live only
        RunOptions,
        run_service,
    )

    options = RunOptions(live=given["live"], seconds=given["seconds"], as_json=given["as_json"])
    context.exit(run_service(config, os.environ, options))


def _look(config: RunConfig, *, live: bool) -> "tuple[Finding, ...]":
    import anyio  # noqa: PLC0415 - live only

    from quantum_exit.app.wiring import check_switches, look_once  # noqa: PLC0415 - live only

    check_switches(config, live=live)
    return anyio.run(look_once, config, os.environ)


def _print(found: "tuple[Finding, ...]", *, as_json: bool) -> None:
    if as_json:
        rows = [
            {"kind": one.kind.value, "symbol": one.symbol, "side": one.side.value, "text": one.text}
            for one in found
        ]
        print_json({"command": "guard", "findings": rows})
        return
    for one in found:
        click.echo(f"{one.kind}: {one.symbol} {one.side}: {one.text}")
    if not found:
        click.echo("nothing is wrong")
