"""Runs the service for a command: signals, log, metrics, control port, and what it prints."""

import logging
import os
from collections.abc import AsyncIterator, Iterator
from contextlib import aclosing, asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import anyio
import click

from quantum_exit.app.config.load import Effective
from quantum_exit.app.control import control_server
from quantum_exit.app.ending import say_goodbye
from quantum_exit.app.hardening import no_core_dumps
from quantum_exit.app.logs import logging_to
from quantum_exit.app.metrics import Board, serving_metrics
from quantum_exit.app.output import UNPROTECTED, Lines, print_json
from quantum_exit.app.short_pauses import short_pauses
from quantum_exit.app.signals import Stop, ending_on_signals
from quantum_exit.app.status_json import event_as_json
from quantum_exit.app.stores import control_path, log_target, made_folder
from quantum_exit.app.tally import Tally
from quantum_exit.app.virtual_time import VirtualClock, run_virtual
from quantum_exit.app.wiring import Running, open_run
from quantum_exit.errors import InterruptedStartError
from quantum_exit.execution.guardian.effects import Alarm
from quantum_exit.execution.hub import Trouble

if TYPE_CHECKING:
    from quantum_exit.app.entering import PaperEntry
    from quantum_exit.app.paper_feed import PaperFeed

_SETTLE_S = 2.0


@dataclass(frozen=True, slots=True, kw_only=True)
class RunOptions:
    """What the command line says besides the configuration.

    Attributes:
        feed: Prices of the simulated exchange in this process; None = a random walk.
        virtual: On virtual time: as fast as it can be computed.
        entries: Entries on that exchange, or None.
        live: The second switch of trading with money.
        seconds: Stop after so many seconds, or None = when told to.
        as_json: Print JSON, one object a line.
    """

    feed: "PaperFeed | None" = None
    virtual: bool = False
    entries: "Iterator[PaperEntry] | None" = None
    live: bool = False
    seconds: float | None = None
    as_json: bool = False


def run_service(effective: Effective, options: RunOptions) -> int:
    """Runs until a signal, the end of the prices or the given time; gives the exit code.

    Raises:
        QuantumExitError: As `open_run` raises it.
        OSError: A port is taken, or a file cannot be written.
    """
    no_core_dumps()
    config = effective.config
    # A trial that takes seconds leaves nothing behind.
    passing = options.virtual and config.folder is None and config.log.file is None
    target = None if passing else log_target(config)
    with logging_to(target, config.log.level, effective.secrets()) as log:
        if options.virtual and options.feed is not None:
            clock = VirtualClock(options.feed.first_ms)
            return run_virtual(lambda: _run(effective, options, log, clock), clock)
        return anyio.run(_run, effective, options, log, None)


async def _run(
    effective: Effective, options: RunOptions, log: logging.Logger, clock: VirtualClock | None
) -> int:
    config = effective.config
    breached = False
    async with ending_on_signals() as stop:
        async with open_run(config, live=options.live, feed=options.feed, clock=clock) as running:
            stop.started()
            for warning in running.warnings:
                log.warning(warning)
            service = running.service

            lines = Lines(running.clock.now_ms)
            tally = Tally(plans=service.plans, tell=_nothing if options.as_json else lines.tell)
            tally.resume()
            with short_pauses():
                await _guard(running, options, log, tally, stop)
            ended = service.status()
            breached = await say_goodbye(running, ended, tally, as_json=options.as_json)
        stop.ended()
    if stop.cut_short is not None:
        raise InterruptedStartError(stop.cut_short.name, stop.cut_short)
    return UNPROTECTED if breached else 0


def _nothing(line: str) -> None:
    del line


async def _guard(
    running: Running, options: RunOptions, log: logging.Logger, tally: Tally, stop: Stop
) -> None:
    service, config = running.service, running.config
    board = Board(service.status, tally, running.clock.monotonic_ns)
    with serving_metrics(board, config.metrics.port) as metrics_port:
        async with anyio.create_task_group() as group:
            await group.start(_report, running, options, log, tally)
            if metrics_port is not None:
                group.start_soon(board.keep)
            async with _control(running, options) as control_port:
                _say_hello(running, options, control_port, metrics_port)
                await _until_told(running, options, stop)
            group.cancel_scope.cancel()


@asynccontextmanager
async def _control(running: Running, options: RunOptions) -> AsyncIterator[int | None]:
    section = running.config.control
    if options.virtual or not section.enabled:
        yield None
        return
    made_folder(running.config)
    file = control_path(running.config)
    async with control_server(running.service, file, section.port) as port:
        yield port


async def _until_told(running: Running, options: RunOptions, stop: Stop) -> None:
    """Returns on a signal, after the given time, or when the prices have ended."""
    async with anyio.create_task_group() as group:
        group.start_soon(_cancel_on, stop, group.cancel_scope)
        if options.entries is not None and running.paper is not None:
            from quantum_exit.app.entering import enter_all  # noqa: PLC0415 - optional

            group.start_soon(enter_all, running, running.paper, options.entries)
        with anyio.move_on_after(options.seconds):
            if running.paper is None:
                await anyio.sleep_forever()
            else:
                await running.paper.until_ended()
                await anyio.sleep(_SETTLE_S)
        group.cancel_scope.cancel()


async def _cancel_on(stop: Stop, scope: anyio.CancelScope) -> None:
    await stop.told.wait()
    scope.cancel()


async def _report(
    running: Running,
    options: RunOptions,
    log: logging.Logger,
    tally: Tally,
    *,
    task_status: anyio.abc.TaskStatus[None] = anyio.TASK_STATUS_IGNORED,
) -> None:
    async with aclosing(running.service.events()) as events:
        task_status.started()
        async for event in events:
            tally.take(event)
            body = event_as_json(event)
            if options.as_json:
                print_json(body)
            level = logging.WARNING if isinstance(event, Alarm | Trouble) else logging.INFO
            told: dict[str, Any] = {**body, "now_ms": running.clock.now_ms()}
            log.log(level, told.pop("event"), extra={"data": told})


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
