"""Builds a running service from its configuration: the only place that knows every adapter."""

import os
import socket
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING, Protocol

from quantum_exit.adapters.definitions import load_book
from quantum_exit.app.config import Mode, RunConfig, StoreKind
from quantum_exit.app.secret import Keys, Secret, keys_of
from quantum_exit.errors import InvalidInputError
from quantum_exit.execution.auditor import Finding, findings
from quantum_exit.execution.clock import SystemClock
from quantum_exit.execution.clock_sync import follow
from quantum_exit.execution.lease_keeper import LeaseConfig
from quantum_exit.execution.leases import LeasePort
from quantum_exit.execution.live import open_live
from quantum_exit.execution.planning_desk import PlanningDesk
from quantum_exit.execution.restoring import Store
from quantum_exit.execution.service import Service
from quantum_exit.execution.service_config import LiveVenue, Ports, ServiceConfig
from quantum_exit.planning.book import ProfileBook
from quantum_exit.planning.config import config_from_env

if TYPE_CHECKING:
    from quantum_exit.app.paper_venue import PaperFeed, PaperVenue

_SIMULATED_KEY = "sim-key-0"
_SIMULATED_SECRET = "sim-secret-0"


_MAX_OWNER = 128


class StoreWithLeases(Store, LeasePort, Protocol):
    """A store that also grants leases."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Running:
    """A running service with what is around it.

    Attributes:
        service: The service.
        config: Its configuration.
        clock: Its clock.
        paper: The simulated exchange in this process, or None.
        warnings: What about the key or the account is not as it should be.
    """

    service: Service
    config: RunConfig
    clock: SystemClock
    paper: "PaperVenue | None"
    warnings: tuple[str, ...]


@asynccontextmanager
async def open_run(
    config: RunConfig,
    env: Mapping[str, str],
    *,
    feed: "PaperFeed | None" = None,
    live: bool = False,
) -> AsyncIterator[Running]:
    """Runs the service that `config` describes.

    Args:
        config: The configuration.
        env: Names and values of the environment: keys, and the switches of planning.
        feed: Prices of the simulated exchange in this process; None = a random walk.
        live: The second switch of live trading, beside `mode`.

    Raises:
        InvalidInputError: The switches do not agree, or keys are missing.
        UnsafeKeyError: The key may withdraw, or may not trade.
        QuantumExitError: As `open_live` raises it.
    """
    check_switches(config, live=live)
    clock = SystemClock()
    async with AsyncExitStack() as stack:
        store, leases = await _store(config, env, clock, stack)
        paper: PaperVenue | None = None
        warnings: tuple[str, ...] = ()
        if config.mode is Mode.PAPER and config.venue_url is None:
            paper = _paper(config, feed, clock)
            await stack.enter_async_context(paper.running())
            venue: LiveVenue = paper.venue
        else:
            venue, warnings = await _http_venue(config, env, clock, stack)
        ports = Ports(venue=venue, store=store, leases=leases, clock=clock)
        service = await stack.enter_async_context(
            open_live(ports, service_config(config), desk_of(config, env))
        )
        yield Running(service=service, config=config, clock=clock, paper=paper, warnings=warnings)


def check_switches(config: RunConfig, *, live: bool) -> None:
    """Live trading takes two independent switches.

    Raises:
        InvalidInputError: Only one of the two is set.
    """
    if config.mode is Mode.LIVE and not live:
        allowed = "expected --live as well: orders with real money need both switches"
        raise InvalidInputError("mode", config.mode, allowed)
    if live and config.mode is not Mode.LIVE:
        raise InvalidInputError("--live", config.mode, 'expected mode = "live" as well')


def service_config(config: RunConfig) -> ServiceConfig:
    """What the service is told.

    Raises:
        InvalidInputError: Two numbers do not fit each other.
    """
    return ServiceConfig(
        account=config.account,
        lease=LeaseConfig(
            owner=config.owner or _owner(config),
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
        seed=config.seed,
    )


def _owner(config: RunConfig) -> str:
    """A name that no other process has at the same time.

    The folder of a SQLite journal belongs to one process at a time, so its next one is the
    successor and need not wait for the lease to run out.
    """
    host = socket.gethostname()
    if config.store.kind is StoreKind.SQLITE:
        return f"{host}:{Path(config.store.path).resolve()}"[-_MAX_OWNER:]
    return f"{host}:{os.getpid()}"


def desk_of(config: RunConfig, env: Mapping[str, str]) -> PlanningDesk:
    """How positions are planned.

    Raises:
        InputFileError: The book was refused.
        InvalidInputError: A switch of the environment is neither true nor false.
    """
    book = config.planning.book
    return PlanningDesk(
        book=ProfileBook.default() if book is None else load_book(book),
        config=config_from_env(env),
        style=config.orders,
        risk_mode=config.planning.risk_mode,
        adopted_strategy=config.planning.adopted_strategy,
    )


def needed_keys(config: RunConfig, env: Mapping[str, str]) -> Keys:
    """The keys of the venue; a simulated exchange on this machine has known ones.

    Raises:
        InvalidInputError: There are none.
        InputFileError: The key file was refused.
    """
    keys = keys_of(env, config.keys_file)
    if keys is not None:
        return keys
    if config.mode is Mode.PAPER:
        return Keys(Secret(_SIMULATED_KEY), Secret(_SIMULATED_SECRET), "the simulated exchange")
    allowed = "expected QUANTUM_EXIT_API_KEY and QUANTUM_EXIT_API_SECRET, or keys_file"
    raise InvalidInputError("keys", "none", allowed)


def _paper(config: RunConfig, feed: "PaperFeed | None", clock: SystemClock) -> "PaperVenue":
    from quantum_exit.app.paper_venue import (  # noqa: PLC0415 - needs optional dependencies
        PaperFeed,
        PaperVenue,
    )

    return PaperVenue(config, PaperFeed() if feed is None else feed, clock)


async def _store(
    config: RunConfig, env: Mapping[str, str], clock: SystemClock, stack: AsyncExitStack
) -> tuple[Store, LeasePort]:
    section = config.store
    if section.kind is StoreKind.MEMORY:
        from quantum_exit.adapters.store.memory import (  # noqa: PLC0415 - one of three
            MemoryDisk,
            MemoryStore,
        )
        from quantum_exit.adapters.store.memory_leases import (  # noqa: PLC0415 - one of three
            MemoryLeases,
        )

        return MemoryStore(MemoryDisk()), MemoryLeases(clock.now_ms)
    opened: StoreWithLeases
    if section.kind is StoreKind.SQLITE:
        from quantum_exit.adapters.store.sqlite import SqliteStore  # noqa: PLC0415 - one of three

        owner = f"quantum-exit {os.getpid()}"
        opened = await stack.enter_async_context(
            await SqliteStore.open(Path(section.path), owner=owner, now_ms=clock.now_ms)
        )
        return opened, opened
    from quantum_exit.adapters.store.postgres import PostgresStore  # noqa: PLC0415 - one of three

    dsn = env.get(section.dsn_env)
    if dsn is None:
        allowed = f"expected the variable {section.dsn_env}"
        raise InvalidInputError("store.dsn_env", "not set", allowed)
    opened = await stack.enter_async_context(await PostgresStore.open(dsn, journal=section.journal))
    return opened, opened


async def _http_venue(
    config: RunConfig, env: Mapping[str, str], clock: SystemClock, stack: AsyncExitStack
) -> tuple[LiveVenue, tuple[str, ...]]:
    from quantum_exit.adapters.binance.ccxt_transport import (  # noqa: PLC0415 - optional
        ApiKey,
        CcxtTransport,
        HttpLimits,
    )
    from quantum_exit.adapters.binance.hosts import (  # noqa: PLC0415 - optional
        PRODUCTION,
        TESTNET,
        simulated,
    )
    from quantum_exit.adapters.binance.pacing import Pacing  # noqa: PLC0415 - optional
    from quantum_exit.adapters.binance.safety import (  # noqa: PLC0415 - optional
        Expected,
        check_account,
        check_key,
    )
    from quantum_exit.adapters.binance.venue import BinanceVenue  # noqa: PLC0415 - optional
    from quantum_exit.adapters.binance.websockets import (  # noqa: PLC0415 - optional
        WebSocketConnector,
    )

    keys = needed_keys(config, env)
    hosts = {Mode.LIVE: PRODUCTION, Mode.TESTNET: TESTNET}.get(config.mode)
    if hosts is None:
        hosts = simulated(config.venue_url or "")
    api_key = ApiKey(key=keys.key.reveal(), secret=keys.secret.reveal())
    limits = HttpLimits(recv_window_ms=config.guardian.recv_window_ms)
    transport = await stack.enter_async_context(CcxtTransport(hosts, api_key, clock, limits))
    connector = await stack.enter_async_context(WebSocketConnector(hosts))
    jitter = Random(config.seed).random
    venue = BinanceVenue(transport, connector, clock=clock, pacing=Pacing(clock, jitter))
    await follow(clock, venue)
    warnings: tuple[str, ...] = ()
    if config.mode is Mode.LIVE:
        warnings = await check_key(venue.calls)
    expected = Expected(hedge=config.hedge)
    warnings += await check_account(venue.calls, expected, config.symbols)
    return venue, warnings


async def look_once(config: RunConfig, env: Mapping[str, str]) -> tuple[Finding, ...]:
    """What is wrong with the account at the venue; nothing is sent that changes it.

    Raises:
        InvalidInputError: There is no venue to look at, or keys are missing.
        VenueReadError: It could not be read.
    """
    if config.mode is Mode.PAPER and config.venue_url is None:
        allowed = "expected --venue, or the mode testnet or live"
        raise InvalidInputError("venue_url", None, allowed)
    clock = SystemClock()
    async with AsyncExitStack() as stack:
        venue, _ = await _http_venue(config, env, clock, stack)
        positions = await venue.positions()
        orders = await venue.open_orders(None)
    return findings(positions, orders)
