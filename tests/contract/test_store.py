"""What every store promises."""

import itertools
from pathlib import Path
from typing import Any

import anyio
import pytest

from quantum_exit.errors import InvalidInputError, LeaseHeldError, LeaseLostError
from quantum_exit.execution.journal import Snapshot, records_after
from quantum_exit.execution.leases import MAX_EPOCH, Lease, LeaseScope
from quantum_exit.execution.payloads import encode_payload
from quantum_exit.execution.records import START, Head, Record, RecordKind, follow
from tests.contract.stores import MemoryWorld, PostgresWorld, SqliteWorld, World, content, entry

pytestmark = pytest.mark.anyio

BTC = LeaseScope("main", "BTCUSDT")
TTL_MS = 10_000
_NAMES = itertools.count()


@pytest.fixture(params=["sqlite", "postgres", "memory"])
def world(request: pytest.FixtureRequest, tmp_path: Path) -> World:
    if request.param == "sqlite":
        return SqliteWorld(tmp_path)
    if request.param == "memory":
        return MemoryWorld()
    dsn = request.getfixturevalue("postgres").dsn
    return PostgresWorld(dsn, f"contract-{next(_NAMES)}")


def scope_of(world: World) -> LeaseScope:
    """A scope of its own: the leases of a database belong to no journal."""
    return LeaseScope(world.name, "BTCUSDT") if isinstance(world, PostgresWorld) else BTC


def chain_of(records: list[Record]) -> Head:
    head = START
    for record in records:
        after = follow(head, record)
        assert isinstance(after, Head), after
        head = after
    return head


async def test_what_was_appended_is_read_in_order_and_in_pages(world: World) -> None:
    entries = [entry(number, kind) for number, kind in enumerate(RecordKind)]
    async with world.open() as store:
        assert await store.journal.append(entries[:1]) == 1
        assert await store.journal.append(entries[1:]) == len(entries)

        first = await store.journal.read(0, 2)
        rest = await store.journal.read(2, 100)

        assert content([*first, *rest]) == entries
        assert [one.seq for one in [*first, *rest]] == [1, 2, 3, 4, 5, 6]
        assert not await store.journal.read(6, 100)


async def test_an_opened_journal_continues_the_chain(world: World) -> None:
    for number in range(3):
        async with world.open() as store:
            assert store.journal.quarantine is None
            await store.journal.append([entry(number)])

    async with world.open() as store:
        records = [one async for one in records_after(store.journal)]
        assert content(records) == [entry(number) for number in range(3)]
        assert chain_of(records) == store.journal.head


async def test_concurrent_appends_are_whole_and_each_learns_its_place(world: World) -> None:
    last: dict[int, int] = {}
    async with world.open() as store:

        async def append(number: int) -> None:
            group = [entry(10 * number + part) for part in range(3)]
            last[number] = await store.journal.append(group)

        async with anyio.create_task_group() as tasks:
            for number in range(40):
                tasks.start_soon(append, number)

        records = [one async for one in records_after(store.journal)]
        assert len(records) == 120
        assert chain_of(records) == store.journal.head
        for number, seq in last.items():
            group = [entry(10 * number + part) for part in range(3)]
            assert content(records[seq - 3 : seq]) == group


async def test_an_empty_append_is_refused(world: World) -> None:
    async with world.open() as store:
        with pytest.raises(InvalidInputError, match="entries"):
            await store.journal.append([])


async def test_the_newest_snapshot_is_found_again(world: World) -> None:
    async with world.open() as store:
        assert await store.journal.latest() is None
        for number in range(6):
            await store.journal.append([entry(number)])
            payload = encode_payload({"state": number})
            newest = Snapshot(head=store.journal.head, ts_ms=number, payload=payload)
            await store.journal.save(newest)
        await store.journal.append([entry(6)])

    async with world.open() as store:
        assert await store.journal.latest() == newest
        records = [one async for one in records_after(store.journal, newest.head.seq)]
        assert content(records) == [entry(6)]


async def test_a_snapshot_of_another_history_is_refused(world: World) -> None:
    async with world.open() as store:
        await store.journal.append([entry(1)])
        for head in (Head(1, bytes(32)), Head(2, store.journal.head.hash)):
            with pytest.raises(InvalidInputError, match=r"snapshot\.head"):
                await store.journal.save(Snapshot(head=head, ts_ms=0, payload=b"{}"))
        assert await store.journal.latest() is None


async def test_a_lease_keeps_others_out_until_it_runs_out(world: World) -> None:
    scope = scope_of(world)
    async with world.open() as store:
        lease = await store.leases.acquire(scope, "a", TTL_MS)
        assert lease == Lease(scope=scope, owner="a", epoch=1, expires_ms=world.clock.now + TTL_MS)
        world.clock.now += TTL_MS - 1
        for operation in (
            store.leases.acquire(scope, "b", TTL_MS),
            store.leases.check_free(scope, "b"),
        ):
            with pytest.raises(LeaseHeldError) as held:
                await operation
            assert (held.value.owner, held.value.expires_ms) == ("a", lease.expires_ms)
        await store.leases.check_free(scope, "a")

        world.clock.now += 1
        await store.leases.check_free(scope, "b")
        taken = await store.leases.acquire(scope, "b", TTL_MS)

        assert (taken.owner, taken.epoch) == ("b", 2)
        for operation in (store.leases.renew(lease, TTL_MS), store.leases.release(lease)):
            with pytest.raises(LeaseLostError) as lost:
                await operation
            assert (lost.value.epoch, lost.value.newest_epoch) == (1, 2)


async def test_a_renewed_lease_keeps_its_epoch(world: World) -> None:
    scope = scope_of(world)
    async with world.open() as store:
        lease = await store.leases.acquire(scope, "a", TTL_MS)
        world.clock.now += 2 * TTL_MS

        renewed = await store.leases.renew(lease, TTL_MS)

        assert (renewed.epoch, renewed.expires_ms) == (1, world.clock.now + TTL_MS)
        with pytest.raises(LeaseHeldError):
            await store.leases.acquire(scope, "b", TTL_MS)


async def test_epochs_grow_over_releases_restarts_and_what_the_venue_showed(world: World) -> None:
    scope = scope_of(world)
    async with world.open() as store:
        lease = await store.leases.acquire(scope, "a", TTL_MS)
        await store.leases.release(lease)
        with pytest.raises(LeaseLostError):
            await store.leases.renew(lease, TTL_MS)
    async with world.open() as store:
        assert (await store.leases.acquire(scope, "b", TTL_MS)).epoch == 2
        # Its own successor: an owner that restarted does not wait.
        assert (await store.leases.acquire(scope, "b", TTL_MS)).epoch == 3
        assert (await store.leases.acquire(scope, "b", TTL_MS, above_epoch=40)).epoch == 41


async def test_of_many_that_ask_at_once_one_gets_the_lease(world: World) -> None:
    scope = scope_of(world)
    got: list[Lease] = []
    refused: list[LeaseHeldError] = []
    async with world.open() as one, anyio.create_task_group() as tasks:

        async def ask(owner: str) -> None:
            try:
                got.append(await one.leases.acquire(scope, owner, TTL_MS))
            except LeaseHeldError as error:
                refused.append(error)

        for number in range(12):
            tasks.start_soon(ask, f"host-{number}")

    assert [lease.epoch for lease in got] == [1]
    assert {error.owner for error in refused} == {got[0].owner}
    assert len(refused) == 11


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"scope": LeaseScope("", "BTCUSDT")}, "account"),
        ({"scope": LeaseScope("main", "x" * 129)}, "symbol"),
        ({"owner": "a\0b"}, "owner"),
        ({"ttl_ms": 0}, "ttl_ms"),
        ({"ttl_ms": 86_400_001}, "ttl_ms"),
        ({"above_epoch": -1}, "above_epoch"),
        ({"above_epoch": MAX_EPOCH}, "above_epoch"),
    ],
)
async def test_what_no_lease_can_be_is_refused_by_name(
    world: World, changed: dict[str, Any], field: str
) -> None:
    request = {"scope": BTC, "owner": "a", "ttl_ms": TTL_MS, **changed}
    async with world.open() as store:
        with pytest.raises(InvalidInputError) as refused:
            await store.leases.acquire(**request)
    assert refused.value.field == field
