"""Builds a running service from its configuration: the only place that knows every adapter."""

import os
import socket
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from quantum_exit.adapters.definitions import load_book
from quantum_exit.app.config.load import check_ready
from quantum_exit.app.config.settings import Mode, RunConfig, StoreKind
from quantum_exit.app.stores import (
    folder_of,
    folder_of_trial,
    journal_path,
    made_folder,
    opened_reserve,
    opened_store,
)
from quantum_exit.errors import InvalidInputError, MissingExtraError
from quantum_exit.execution.auditor import Finding, findings
from quantum_exit.execution.clock import SystemClock
from quantum_exit.execution.clock_sync import SteeredClock
from quantum_exit.execution.failures import only_failure
from quantum_exit.execution.lease_keeper import LeaseConfig
from quantum_exit.execution.live import open_live
from quantum_exit.execution.planning_desk import PlanningDesk
from quantum_exit.execution.restoring import Store
from quantum_exit.execution.service import Service
from quantum_exit.execution.service_config import LiveVenue, Ports, ServiceConfig
from quantum_exit.planning.book import ProfileBook
from quantum_exit.planning.config import PlanningConfig

if TYPE_CHECKING:
    from quantum_exit.app.paper_feed import PaperFeed
    from quantum_exit.app.paper_venue import PaperVenue

_MAX_OWNER = 128
# On virtual time the loop is never late, and a heartbeat would be most of its work.
_NEVER_BLOCKED_MS = 3_600_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Running:
    """A running service with what is around it.

    Attributes:
        service: The service.
        config: Its configuration.
        clock: Its clock.
        store: Its journal.
        first_seq: End of the journal before this run.
        paper: The simulated exchange in this process, or None.
        warnings: What about the key or the account is not as it should be.
    """

    service: Service
    config: RunConfig
    clock: SteeredClock
    store: Store
    first_seq: int
    paper: "PaperVenue | None"
    warnings: tuple[str, ...]


@asynccontextmanager
async def open_run(
    config: RunConfig,
    *,
    live: bool = False,
    feed: "PaperFeed | None" = None,
    clock: SteeredClock | None = None,
) -> AsyncIterator[Running]:
    """Runs the service that `config` describes.

    Args:
        config: The configuration.
        live: The second switch of trading with money, beside `mode`.
        feed: Prices of the simulated exchange in this process; None = a random walk.
        clock: Virtual time; None = the machine's.

    Raises:
        InvalidInputError: The switches do not agree.
        MissingExtraError: The extra `live` is not installed.
        UnsafeKeyError: The key may withdraw, or may not trade.
        QuantumExitError: As `open_live` raises it.
    """
    check_ready(config, live=live)
    try:
        async with _opened(config, feed=feed, clock=clock) as running:
            yield running
    except BaseExceptionGroup as failures:
        only = only_failure(failures)
        if only is None:
            raise
        raise only from None


@asynccontextmanager
async def _opened(
    config: RunConfig, *, feed: "PaperFeed | None", clock: SteeredClock | None
) -> AsyncIterator[Running]:
    time: SteeredClock = SystemClock() if clock is None else clock
    async with AsyncExitStack() as stack:
        venue, paper, warnings = await _venue(config, feed, time, stack)
        folder = _folder(config, stack, trial=paper is not None)
        store, leases = await opened_store(config, folder, time, stack, inline=clock is not None)
        first_seq = store.head.seq
        # Virtual time has no threads, and nothing that could be lost.
        reserve = await opened_reserve(config, folder) if clock is None else None
        ports = Ports(venue=venue, store=store, leases=leases, clock=time, reserve=reserve)
        told = service_config(config, folder)
        if clock is not None:
            told = replace(told, blocked_ms=_NEVER_BLOCKED_MS)
        service = await stack.enter_async_context(open_live(ports, told, desk_of(config)))
        yield Running(
            service=service,
            config=config,
            clock=time,
            store=store,
            first_seq=first_seq,
            paper=paper,
            warnings=warnings,
        )


async def look_once(config: RunConfig, live: bool) -> tuple[Finding, ...]:
    """What is wrong with the account at the venue; nothing is sent that changes it.

    Raises:
        InvalidInputError: There is no venue to look at, or the switches do not agree.
        VenueReadError: It could not be read.
    """
    if config.mode is Mode.PAPER and config.venue_url is None:
        allowed = "expected --venue, or the mode testnet or live"
        raise InvalidInputError("venue_url", None, allowed)
    check_ready(config, live=live)
    async with AsyncExitStack() as stack:
        venue, _, _ = await _venue(config, None, SystemClock(), stack)
        positions = await venue.positions()
        orders = await venue.open_orders(None)
    return findings(positions, orders)


def service_config(config: RunConfig, folder: Path) -> ServiceConfig:
    """What the service is told.

    Args:
        config: The configuration.
        folder: Where a SQLite journal is.

    Raises:
        InvalidInputError: Two numbers do not fit each other.
    """
    return ServiceConfig(
        account=config.account,
        lease=LeaseConfig(
            owner=config.owner or _owner(config, folder),
            ttl_ms=config.lease.ttl_ms,
            margin_ms=config.lease.margin_ms,
        ),
        symbols=config.symbols,
        hedge=config.hedge,
        guardian=config.guardian,
        watch=config.watch,
        sending=config.sending,
        reads=config.reads,
        monitor=config.monitor,
        adoption=config.adoption,
        reserve_frac=config.reserve_frac,
        gap_bound_ms=config.gap_bound_ms,
        seed=config.seed,
    )


def _folder(config: RunConfig, stack: AsyncExitStack, *, trial: bool) -> Path:
    if config.store.kind is StoreKind.MEMORY:
        return folder_of(config)
    if config.store.kind is StoreKind.SQLITE and trial:
        return folder_of_trial(config, stack)
    return made_folder(config)


def _owner(config: RunConfig, folder: Path) -> str:
    """A name that no other process has at the same time.

    The folder of a SQLite journal belongs to one process at a time, so its next one is the
    successor and need not wait for the lease to run out.
    """
    host = socket.gethostname()
    if config.store.kind is StoreKind.SQLITE:
        return f"{host}:{journal_path(config, folder).resolve()}"[-_MAX_OWNER:]
    return f"{host}:{os.getpid()}"


def desk_of(config: RunConfig) -> PlanningDesk:
    """How positions are planned.

    Raises:
        InputFileError: The book was refused.
    """
    book, defaults = config.planning.book, PlanningConfig()
    planning = replace(
        defaults,
        exit_brain=replace(
            defaults.exit_brain,
            enabled=config.exit_brain.enabled,
            use_profiles=config.exit_brain.use_profiles,
        ),
        dynamic_tpsl=replace(
            defaults.dynamic_tpsl,
            enabled=config.dynamic_tpsl.enabled,
            override_legacy=config.dynamic_tpsl.override_legacy,
        ),
    )
    return PlanningDesk(
        book=ProfileBook.default() if book is None else load_book(book),
        config=planning,
        style=config.orders,
        risk_mode=config.planning.risk_mode,
        adopted_strategy=config.planning.adopted_strategy,
    )


async def _venue(
    config: RunConfig, feed: "PaperFeed | None", clock: SteeredClock, stack: AsyncExitStack
) -> tuple[LiveVenue, "PaperVenue | None", tuple[str, ...]]:
    if config.mode is Mode.PAPER and config.venue_url is None:
        paper = _paper(config, feed, clock)
        await stack.enter_async_context(paper.running())
        return paper.venue, paper, ()
    if feed is not None:
        allowed = "expected prices for a simulated exchange in this process only"
        raise InvalidInputError("feed", feed.symbol, allowed)
    try:
        from quantum_exit.app.http_venue import http_venue  # noqa: PLC0415 - optional
    except ImportError as error:
        raise _missing(error) from error
    reached = await stack.enter_async_context(http_venue(config, clock))
    return reached.venue, None, reached.warnings


def _paper(config: RunConfig, feed: "PaperFeed | None", clock: SteeredClock) -> "PaperVenue":
    try:
        from quantum_exit.app.paper_feed import walk_feed  # noqa: PLC0415 - optional
        from quantum_exit.app.paper_venue import PaperVenue  # noqa: PLC0415 - optional
    except ImportError as error:
        raise _missing(error) from error
    if feed is None:
        feed = walk_feed(start_ms=clock.now_ms(), seed=config.seed)
    return PaperVenue(config, feed, clock)


def _missing(error: ImportError) -> MissingExtraError:
    if isinstance(error, MissingExtraError):
        return error
    return MissingExtraError("live", error.name or "msgspec")
