"""`quantum-exit status` and `quantum-exit close`: they reach the running service of this machine."""

from typing import Any

import click

from quantum_exit.app.config_options import configured, effective
from quantum_exit.app.control_client import ask
from quantum_exit.app.output import UNPROTECTED, as_json_option, print_json, table
from quantum_exit.app.stores import control_path
from quantum_exit.domain.position import Side
from quantum_exit.errors import InvalidInputError


@click.command()
@configured
@as_json_option
@click.pass_context
def status(context: click.Context, /, **given: Any) -> None:
    """Show positions, protection, gaps and unknown outcomes of the running service.

    Exit codes: 0 all is protected, 2 no service answers, 3 a position is or was unprotected.
    """
    found = ask(control_path(effective(given).config), "status")
    if given["as_json"]:
        print_json(found)
    else:
        click.echo(_status_text(found))
    context.exit(UNPROTECTED if found["breached"] else 0)


@click.command()
@click.argument("symbol", required=False)
@click.option("--all", "close_all", is_flag=True, help="Close every position.")
@click.option("--side", type=click.Choice([side.value for side in Side], case_sensitive=False))
@configured
@as_json_option
def close(symbol: str | None, close_all: bool, side: str | None, **given: Any) -> None:
    """Close the position of SYMBOL, or every one, at the market through the running service."""
    if (symbol is None) is not close_all:
        raise InvalidInputError("SYMBOL", symbol or "none", "expected either SYMBOL or --all")
    control = control_path(effective(given).config)
    if close_all:
        answer = ask(control, "close_all")
    else:
        answer = ask(control, "close", symbol=symbol, side=None if side is None else side.upper())
    if given["as_json"]:
        print_json(answer)
    else:
        click.echo(f"{'accepted' if answer['accepted'] else 'refused'}: {answer['why']}")


def _status_text(found: dict[str, Any]) -> str:
    rows = [("position", "quantity", "protected", "floor", "stop", "TPs", "degraded")]
    rows += [
        (
            f"{one['symbol']} {one['side']}",
            one["quantity"] or "-",
            "yes" if one["protected"] else "NO",
            one["floor_price"] or "-",
            one["stop_price"] or "-",
            str(one["take_profits"]),
            ", ".join(one["degraded"]) or "-",
        )
        for one in found["positions"]
    ]
    lines = [table(rows, right=frozenset({1, 3, 4, 5}))] if len(rows) > 1 else ["no position"]
    lines += [f"unguarded: {one}" for one in found["unguarded"]]
    lines += [f"too small for any order: {one}" for one in found["dust"]]
    lines += [f"unknown outcome: {one}" for one in found["unknown_orders"]]
    lines.append(
        f"longest gap {found['protection_gap_max_ms']} ms, "
        f"{found['naked_seconds_total']:.3f} s without protection in all"
    )
    if found["venue_accepts"] is False:
        lines.append("the venue takes no orders: what rests there protects, the rest is tried on")
    lines += [f"refused of {source}: {count}" for source, count in found["refused"].items()]
    if not found["journal_works"]:
        lines.append("the journal does not work: closes and floors still leave, nothing else does")
    return "\n".join(lines)
