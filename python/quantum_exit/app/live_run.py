"""Runs the service for a command: signals, log, metrics, control port, and what it prints."""

import logging
import os
import signal
from collections import Counter
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING

import anyio
import click

from quantum_exit.app.config import RunConfig
from quantum_exit.app.control import control_server
from quantum_exit.app.logs import logging_to
from quantum_exit.app.metrics import serving_metrics
from quantum_exit.app.output import UNPROTECTED, print_json
from quantum_exit.app.secret import Secret, keys_of
from quantum_exit.app.status_json import event_as_json, status_as_json
from quantum_exit.app.wiring import Running, open_run
from quantum_exit.domain.position import Side
from quantum_exit.execution.guardian.effects import Alarm
from quantum_exit.execution.guardian.status import PositionStatus
from quantum_exit.execution.hub import Event, Trouble
from quantum_exit.execution.service import ServiceStatus

if TYPE_CHECKING:
    from quantum_exit.app.paper_venue import PaperFeed

_SETTLE_S = 2.0


@dataclass(frozen=True, slots=True, kw_only=True)
class RunOptions:
    """What the command line says besides the configuration.

    Attributes:
        feed: Prices of the simulated exchange in this process, or None.
        live: The second switch of live trading.
        enter: Side and quantity of an entry on the simulated exchange, or None.
        seconds: Stop after so many seconds, or None = when told to.
        as_json: Print JSON lines.
    """

    feed: "PaperFeed | None" = None
    live: bool = False
    enter: tuple[Side, Decimal] | None = None
    seconds: float | None = None
    as_json: bool = False


def run_service(config: RunConfig, env: Mapping[str, str], options: RunOptions) -> int:
    """Runs until a signal, the end of the ticks or the given time; gives the exit code.

    Raises:
        QuantumExitError: As `open_run` raises it.
        OSError: A port is taken, or a file cannot be written.
    """
    keys = keys_of(env, config.keys_file)
    secrets = [] if keys is None else [keys.key, keys.secret]
    dsn = env.get(config.store.dsn_env)
    if dsn is not None:
        secrets.append(Secret(dsn))
    with logging_to(config.log, secrets) as log:
        return anyio.run(_run, config, env, options, log)


async def _run(
    config: RunConfig, env: Mapping[str, str], options: RunOptions, log: logging.Logger
) -> int:
    async with open_run(config, env, feed=options.feed, live=options.live) as running:
        for warning in running.warnings:
            log.warning(warning)
        status = await _guard(running, options, log)
    _say_goodbye(status, options)
    return UNPROTECTED if status.is_breached else 0


async def _guard(running: Running, options: RunOptions, log: logging.Logger) -> ServiceStatus:
    service, config = running.service, running.config
    counts: Counter[str] = Counter()
    with serving_metrics(service.status, counts, config.metrics.port) as metrics_port:
        async with anyio.create_task_group() as group:
            group.start_soon(_report, running, options, log, counts)
            async with _control(running) as control_port:
                _say_hello(running, options, control_port, metrics_port)
                if options.enter is not None and running.paper is not None:
                    running.paper.enter(*options.enter)
                await _until_told(running, options)
            status = service.status()
            group.cancel_scope.cancel()
    return status


@asynccontextmanager
async def _control(running: Running) -> AsyncIterator[int | None]:
    section = running.config.control
    if not section.enabled:
        yield None
        return
    async with control_server(running.service, Path(section.file), section.port) as port:
        yield port


async def _until_told(running: Running, options: RunOptions) -> None:
    """Returns on a signal, after the given time, or when the ticks have ended."""
    async with anyio.create_task_group() as group:
        group.start_soon(_until_signal, group.cancel_scope)
        with anyio.move_on_after(options.seconds):
            if running.paper is None:
                await anyio.sleep_forever()
            else:
                await running.paper.until_ended()
                await anyio.sleep(_SETTLE_S)
        group.cancel_scope.cancel()


async def _until_signal(scope: anyio.CancelScope) -> None:
    with anyio.open_signal_receiver(signal.SIGINT, signal.SIGTERM) as signals:
        async for _ in signals:
            scope.cancel()
            return


async def _report(
    running: Running, options: RunOptions, log: logging.Logger, counts: Counter[str]
) -> None:
    async for event in running.service.events():
        counts[_name(event)] += 1
        body = event_as_json(event)
        level = logging.WARNING if isinstance(event, Alarm | Trouble) else logging.INFO
        log.log(level, body.pop("event"), extra={"data": body})
        if options.as_json:
            print_json(event_as_json(event))


def _name(event: Event) -> str:
    kind = f"_{event.kind}" if isinstance(event, Alarm | Trouble) else ""
    return type(event).__name__.lower() + kind


def _say_hello(
    running: Running, options: RunOptions, control_port: int | None, metrics_port: int | None
) -> None:
    config = running.config
    if options.as_json:
        print_json(
            {
                "event": "started",
                "mode": config.mode.value,
                "account": config.account,
                "pid": os.getpid(),
                "control_port": control_port,
                "metrics_port": metrics_port,
            }
        )
        return
    where = config.venue_url or ("in process" if running.paper is not None else "Binance USD-M")
    click.echo(f"guarding {config.account} ({config.mode}, {where}); Ctrl-C ends it, stops stay")
    if metrics_port is not None:
        click.echo(f"metrics on http://127.0.0.1:{metrics_port}/metrics")


def _say_goodbye(status: ServiceStatus, options: RunOptions) -> None:
    if options.as_json:
        print_json({"event": "ended", **status_as_json(status)})
        return
    for one in status.guardian.positions:
        click.echo(f"stays at the venue for {_position(one)}")
    if not status.guardian.positions:
        click.echo("no position is open")
    click.echo(
        f"longest time without protection {status.longest_gap_ms} ms, "
        f"{status.naked_ms / 1000:.3f} s in all"
    )


def _position(one: PositionStatus) -> str:
    floor = "no floor" if one.floor_ticks is None else f"floor at {one.floor_ticks} ticks"
    stop = "no stop" if one.working_ticks is None else f"stop at {one.working_ticks} ticks"
    return f"{one.key.symbol} {one.key.side} {one.lots} lots: {floor}, {stop}"
