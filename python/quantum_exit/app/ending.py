"""The end of a run: what stays at the venue, and the figures."""

from collections import Counter
from typing import Any

import click

from quantum_exit.app.output import number, print_json
from quantum_exit.app.status_json import status_as_json
from quantum_exit.app.tally import Tally
from quantum_exit.app.wiring import Running
from quantum_exit.execution.guardian.effects import Place
from quantum_exit.execution.guardian.status import PositionStatus
from quantum_exit.execution.journal import records_after
from quantum_exit.execution.recording import Recorder
from quantum_exit.execution.restoring import Store
from quantum_exit.execution.service import ServiceStatus


async def say_goodbye(
    running: Running, status: ServiceStatus, tally: Tally, *, as_json: bool
) -> bool:
    """Prints how the run went; gives whether a promise was broken."""
    sent = await _sent(running.store, running.first_seq)
    if as_json:
        body = {**status_as_json(status), **tally.summary(), "orders_sent": dict(sent)}
        print_json({**body, "event": "ended", "records": running.store.head.seq})
    else:
        for line in _lines(running, status, tally, sent):
            click.echo(line)
    return status.is_breached


async def _sent(store: Store, after_seq: int) -> Counter[str]:
    """Orders and cancellations that the journal holds from this run."""
    recorder, found = Recorder(), Counter[str]()
    async for record in records_after(store, after_seq):
        intent = recorder.intent_of(record)
        if isinstance(intent, Place):
            found[str(intent.order.role).lower()] += 1
        elif intent is not None:
            found["cancel"] += 1
    return found


def _lines(running: Running, status: ServiceStatus, tally: Tally, sent: Counter[str]) -> list[str]:
    found: dict[str, Any] = tally.summary()
    exits = ", ".join(f"{count} by {reason}" for reason, count in found["exits"].items())
    orders = ", ".join(f"{count} {role}" for role, count in sorted(sent.items()))
    unknown = ", ".join(status.guardian.unknown) or "none"
    lines = [
        "",
        f"positions       {found['guarded']} guarded, {found['closed']} closed"
        + (f" ({exits})" if exits else ""),
        f"realised        {_realised(found)}",
        f"orders sent     {sum(sent.values())}" + (f" ({orders})" if orders else ""),
        f"fills           {found['fills']}",
        f"unprotected     {_unprotected(status, running.config.gap_bound_ms)}",
        f"unknown orders  {unknown}",
        f"journal         {running.store.head.seq} records",
    ]
    return [*lines, *(f"open            {_position(one)}" for one in status.guardian.positions)]


def _realised(found: dict[str, Any]) -> str:
    r_text = number(found["realised_r"], "+.2f", " R")
    return f"{r_text}, {found['realised_pnl']} before exit fees of {found['exit_fees']}"


def _unprotected(status: ServiceStatus, bound_ms: int) -> str:
    total_s = status.naked_ms / 1000
    return (
        f"longest {status.longest_gap_ms} ms of at most {bound_ms} ms; "
        f"{total_s:.3f} s in {status.gaps} gaps"
    )


def _position(one: PositionStatus) -> str:
    floor = "no floor" if one.floor_ticks is None else f"floor at {one.floor_ticks} ticks"
    stop = "no stop" if one.working_ticks is None else f"stop at {one.working_ticks} ticks"
    return f"{one.key.symbol} {one.key.side} {one.lots} lots; {floor} and {stop} stay at the venue"
