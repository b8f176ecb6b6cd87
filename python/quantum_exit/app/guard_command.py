"""The command `guard`: guardian mode, or just a look."""

from typing import TYPE_CHECKING, Any

import click

from quantum_exit.app.config.settings import RunConfig
from quantum_exit.app.config_options import configured, effective, live_option, venue_option
from quantum_exit.app.output import UNPROTECTED, as_json_option, print_json, seconds_option
from quantum_exit.errors import InvalidInputError

if TYPE_CHECKING:
    from quantum_exit.execution.auditor import Finding


@click.command()
@configured
@venue_option
@live_option
@click.option("--read-only", is_flag=True, help="Only report, once; nothing is ever sent.")
@seconds_option
@as_json_option
@click.pass_context
def guard(context: click.Context, /, **given: Any) -> None:
    """Adopt and guard positions that were opened by hand or by another bot.

    With --read-only: report stops that are missing, too small, too large, doubled, orphaned or not
    reduce-only. Exit codes: 0 nothing is wrong, 1 failure, 2 bad usage or input, 3 a position is or
    was unprotected.
    """
    found = effective(given, venue_url=given["venue"])
    if given["read_only"]:
        wrong = _look(found.config, live=given["live"])
        _print(wrong, as_json=given["as_json"])
        context.exit(UNPROTECTED if wrong else 0)
    if not found.config.adoption.enabled:
        raise InvalidInputError("adoption.enabled", "false", "expected true: guard adopts")
    from quantum_exit.app.live_run import RunOptions, run_service  # noqa: PLC0415 - live only

    options = RunOptions(live=given["live"], seconds=given["seconds"], as_json=given["as_json"])
    context.exit(run_service(found, options))


def _look(config: RunConfig, *, live: bool) -> "tuple[Finding, ...]":
    import anyio  # noqa: PLC0415 - live only

    from quantum_exit.app.wiring import look_once  # noqa: PLC0415 - live only

    return anyio.run(look_once, config, live)


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
