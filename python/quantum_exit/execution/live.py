"""Runs a service from its journal to its clean end."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from functools import partial

import anyio
from anyio.abc import TaskGroup

from quantum_exit.errors import JournalUnavailableError, VenueReadError
from quantum_exit.execution.clock_sync import follow
from quantum_exit.execution.failures import only_failure
from quantum_exit.execution.fence import Fence
from quantum_exit.execution.guardian.facts import LeaseEpoch
from quantum_exit.execution.hub import Trouble
from quantum_exit.execution.lease_keeper import LeaseKeeper
from quantum_exit.execution.planning_desk import PlanningDesk
from quantum_exit.execution.ports import RulesRead
from quantum_exit.execution.recording import Recorder
from quantum_exit.execution.restoring import restored
from quantum_exit.execution.service import Service
from quantum_exit.execution.service_config import Ports, ServiceConfig
from quantum_exit.execution.works import Works

_RETRY_S = 1.0
_HEARTBEATS = 5
_NS_PER_MS = 1_000_000


@asynccontextmanager
async def open_live(
    ports: Ports, config: ServiceConfig, desk: PlanningDesk
) -> AsyncIterator[Service]:
    """Guards an account inside the context; enters when the account has been read for the first time.

    Recovery keeps this order: journal, lease, the venue's clock, rules, positions, open orders of
    both books, the symbols that were traded in, trades, unknown outcomes. On leaving, nothing is
    cancelled at the venue: floors and working stops rest, and requests under way are waited for.

    Args:
        ports: What is outside; whoever opened the store closes it.
        config: Numbers and switches.
        desk: Plans positions.

    Raises:
        LeaseHeldError: Another process guards the account.
        LeaseLostError: Another process took over while it ran.
        JournalUnavailableError: The journal cannot be read, or the lease not granted.
        JournalVersionError: The journal is of a newer version.
        InvalidInputError: The journal is of another account.
    """
    try:
        async with anyio.create_task_group() as group:
            async with _running(ports, config, desk, group) as service:
                yield service
            group.cancel_scope.cancel()
    except BaseExceptionGroup as failures:
        only = only_failure(failures)
        if only is None:
            raise
        raise only from None


@asynccontextmanager
async def _running(
    ports: Ports, config: ServiceConfig, desk: PlanningDesk, group: TaskGroup
) -> AsyncIterator[Service]:
    recorder = Recorder()
    read = partial(
        restored,
        ports.store,
        recorder,
        config=config.guardian,
        account=config.account,
        watch=config.watch,
    )
    fence = Fence(ports.clock, config.lease.margin_ms)
    keeper = LeaseKeeper(ports.leases, fence, ports.clock, config.account, config.lease)
    # One that waits for another asks often, and the journal may be long.
    await keeper.check_free()
    before = await read()
    epoch = await keeper.acquire(before.last_epoch)
    won_ns = ports.clock.monotonic_ns()
    begun_seq = await _begin(ports, recorder, config.account, epoch)
    if begun_seq is None:
        with suppress(JournalUnavailableError):
            # A journal that cannot be read any more leaves what was read before.
            before = await read()
    elif begun_seq != before.last_seq + 1:
        # The former owner has written between our reading and our lease.
        before = await read()
    service: Service | None = None

    def desk_now() -> PlanningDesk:
        return desk if service is None else service.desk

    works = Works(ports, config, desk=desk_now, mind=before.mind, fence=fence, group=group)
    service = Service(works, config, desk, ports.clock)
    try:
        group.start_soon(keeper.keep)
        rules = await _reach(ports, works, config)
        won_ago_ms = (ports.clock.monotonic_ns() - won_ns) // _NS_PER_MS
        # Before anything else is reduced: no order may bear the epoch of the lease before.
        await works.put(LeaseEpoch(epoch=epoch, watched_ms=before.began_ms, won_ago_ms=won_ago_ms))
        for symbol, found in rules.items():
            works.monitor.follow(symbol)
            await works.adoption.know(symbol, found)
        group.start_soon(works.reducer.run)
        group.start_soon(works.leverages.run)
        group.start_soon(works.reach.run)
        group.start_soon(works.keep_measuring)
        group.start_soon(works.monitor.run)
        group.start_soon(works.emergencies.run)
        group.start_soon(works.rejections.run)
        group.start_soon(_keep_time, works, config)
        group.start_soon(_watch_loop, ports, works, config)
        await works.audited.wait()
        yield service
    finally:
        with anyio.CancelScope(shield=True):
            if not group.cancel_scope.cancel_called:
                with anyio.move_on_after(config.shutdown_ms / 1000):
                    await works.gateway.drained()
                    works.rejections.pass_on()
                    if works.audited.is_set():
                        await works.checkpoint()
                    await works.emergencies.end()
            works.hub.end()
            await keeper.release()


async def _begin(ports: Ports, recorder: Recorder, account: str, epoch: int) -> int | None:
    """Marks in the journal where a lease begins, and gives the place of the mark.

    What a former owner adds behind it, who woke or was cut off from the store, counts no more.
    None where the journal does not take it: what is open is guarded without it.
    """
    entry = recorder.lease_entry(account, epoch, ports.clock.now_ms())
    try:
        return await ports.store.append([entry])
    except JournalUnavailableError:
        return None


async def _reach(ports: Ports, works: Works, config: ServiceConfig) -> dict[str, RulesRead | None]:
    """Sets the clock by the venue's and reads the rules, for as long as it takes to reach it.

    Stops rest meanwhile. Rules come before anything is read on their grids, and the rate limits are
    among them: until these are known, others may seem to have used them up.

    Returns:
        What the venue says of each symbol that is remembered or configured; None = it lists no such.
    """
    remembered = {*works.mind.watch.symbols, *works.mind.guardian.symbols()}
    symbols = sorted(remembered.union(config.symbols))
    while True:
        try:
            await follow(ports.clock, ports.venue)
            rules = await ports.venue.rules(symbols)
        except VenueReadError as error:
            works.hub.publish(Trouble(kind="venue_unreachable", text=str(error)))
            await anyio.sleep(_RETRY_S)
        else:
            return {symbol: rules.get(symbol) for symbol in symbols}


async def _keep_time(works: Works, config: ServiceConfig) -> None:
    while True:
        await anyio.sleep(config.clock_ms / 1000)
        await works.resync()


async def _watch_loop(ports: Ports, works: Works, config: ServiceConfig) -> None:
    """Reports a blocked event loop: whatever blocks it delays every stop as well."""
    heartbeat_ms = config.blocked_ms / _HEARTBEATS
    while True:
        before_ns = ports.clock.monotonic_ns()
        await anyio.sleep(heartbeat_ms / 1000)
        late_ms = (ports.clock.monotonic_ns() - before_ns) / _NS_PER_MS - heartbeat_ms
        if late_ms > config.blocked_ms:
            text = f"the event loop did not run for {late_ms:.0f} ms"
            works.hub.publish(Trouble(kind="loop_blocked", text=text))
