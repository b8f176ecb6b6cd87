"""The PostgreSQL store against a server that crashes, a second host and damaged rows."""

import itertools

import anyio
import asyncpg
import pytest

from quantum_exit.adapters.store.postgres import PostgresStore
from quantum_exit.errors import JournalUnavailableError, JournalVersionError, LeaseHeldError
from quantum_exit.execution.journal import Snapshot, records_after
from quantum_exit.execution.leases import LeaseScope
from quantum_exit.execution.records import START, Head, Record, follow
from tests.contract.stores import content, entry
from tests.postgres_server import PostgresServer

pytestmark = pytest.mark.anyio

_NAMES = itertools.count()


@pytest.fixture
def name() -> str:
    return f"postgres-{next(_NAMES)}"


async def change(postgres: PostgresServer, statement: str, *arguments: object) -> None:
    connection = await asyncpg.connect(postgres.dsn)
    try:
        await connection.execute(statement, *arguments)
    finally:
        await connection.close()


async def all_records(store: PostgresStore) -> list[Record]:
    return [one async for one in records_after(store)]


async def test_two_hosts_that_write_to_one_journal_make_one_chain(
    postgres: PostgresServer, name: str
) -> None:
    async with (
        await PostgresStore.open(postgres.dsn, journal=name) as one,
        await PostgresStore.open(postgres.dsn, journal=name) as two,
        anyio.create_task_group() as tasks,
    ):

        async def write(store: PostgresStore, first: int) -> None:
            for number in range(first, first + 30):
                await store.append([entry(number)])

        for store, first in ((one, 0), (two, 100), (one, 200), (two, 300)):
            tasks.start_soon(write, store, first)

    async with await PostgresStore.open(postgres.dsn, journal=name) as store:
        assert store.quarantine is None
        records = await all_records(store)
        head = START
        for record in records:
            after = follow(head, record)
            assert isinstance(after, Head)
            head = after
        assert sorted(record.ts_ms for record in records) == [
            first + part for first in (0, 100, 200, 300) for part in range(30)
        ]


async def test_two_hosts_that_race_for_a_symbol_get_one_lease(
    postgres: PostgresServer, name: str
) -> None:
    scope = LeaseScope(name, "BTCUSDT")
    won: list[str] = []
    async with (
        await PostgresStore.open(postgres.dsn, journal=name) as one,
        await PostgresStore.open(postgres.dsn, journal=name) as two,
        anyio.create_task_group() as tasks,
    ):

        async def race(store: PostgresStore, owner: str) -> None:
            try:
                won.append((await store.acquire(scope, owner, 60_000)).owner)
            except LeaseHeldError:
                return

        tasks.start_soon(race, one, "one")
        tasks.start_soon(race, two, "two")
    assert len(won) == 1


async def test_a_lease_runs_out_by_the_servers_clock(postgres: PostgresServer, name: str) -> None:
    scope = LeaseScope(name, "BTCUSDT")
    async with await PostgresStore.open(postgres.dsn, journal=name) as store:
        lease = await store.acquire(scope, "one", 60_000)
        with pytest.raises(LeaseHeldError):
            await store.acquire(scope, "two", 60_000)
        await change(
            postgres,
            "UPDATE quantum_exit.lease SET expires_ms = 1000 * extract(epoch FROM now()) - 1 "
            "WHERE account = $1",
            name,
        )
        assert (await store.acquire(scope, "two", 60_000)).epoch == lease.epoch + 1


async def test_what_an_append_confirmed_survives_a_crash_of_the_server(
    postgres: PostgresServer, name: str
) -> None:
    async with await PostgresStore.open(postgres.dsn, journal=name) as store:
        for number in range(20):
            await store.append([entry(number)])
        postgres.stop("immediate")
        try:
            with pytest.raises(JournalUnavailableError, match="append failed"):
                await store.append([entry(20)])
            # No server: the failure is the same, and nothing hangs.
            with pytest.raises(JournalUnavailableError):
                await store.append([entry(21)])
        finally:
            postgres.start()

        assert await store.append([entry(22)]) == 21

        expected = [entry(number) for number in [*range(20), 22]]
        assert content(await all_records(store)) == expected


@pytest.mark.parametrize(
    ("statement", "kept", "reason"),
    [
        ("UPDATE quantum_exit.record SET payload = '{}' WHERE journal = $1 AND seq = 31", 30, "checksum"),
        ("DELETE FROM quantum_exit.record WHERE journal = $1 AND seq = 31", 30, "record 32 follows"),
        ("DELETE FROM quantum_exit.record WHERE journal = $1 AND seq > 31", 31, "up to 40 were confirmed"),
        ("DELETE FROM quantum_exit.record WHERE journal = $1", 0, "up to 40 were confirmed"),
        ("UPDATE quantum_exit.journal SET seq = 35 WHERE name = $1", 40, "head does not tell"),
    ],
)  # fmt: skip
async def test_damage_is_set_aside_and_the_sound_part_is_continued(
    postgres: PostgresServer, name: str, statement: str, kept: int, reason: str
) -> None:
    async with await PostgresStore.open(postgres.dsn, journal=name) as store:
        await store.append([entry(number) for number in range(10)])
        await store.save(Snapshot(head=store.head, ts_ms=0, payload=b"{}"))
        await store.append([entry(number) for number in range(10, 40)])
    await change(postgres, statement, name)

    async with await PostgresStore.open(postgres.dsn, journal=name) as store:
        found = store.quarantine
        assert found is not None
        assert (found.kept.seq, found.kept) == (kept, store.head)
        assert reason in found.defect.reason
        assert await store.append([entry(99)]) == kept + 1
        numbers = [record.ts_ms for record in await all_records(store)]
        assert numbers == [*range(kept), 99]
    async with await PostgresStore.open(postgres.dsn, journal=name) as store:
        assert store.quarantine is None


async def test_what_is_set_aside_stays_readable(postgres: PostgresServer, name: str) -> None:
    async with await PostgresStore.open(postgres.dsn, journal=name) as store:
        await store.append([entry(number) for number in range(5)])
    await change(
        postgres, "UPDATE quantum_exit.record SET epoch = 9 WHERE journal = $1 AND seq = 3", name
    )
    async with await PostgresStore.open(postgres.dsn, journal=name):
        pass

    connection = await asyncpg.connect(postgres.dsn)
    rows = await connection.fetch(
        "SELECT seq, epoch, reason FROM quantum_exit.record_set_aside WHERE journal = $1 ORDER BY seq",
        name,
    )
    await connection.close()

    reason = "its checksum does not match its content"
    assert [tuple(row) for row in rows] == [(3, 9, reason), (4, 1, reason), (5, 1, reason)]


async def test_a_journal_of_a_newer_version_is_refused(postgres: PostgresServer, name: str) -> None:
    async with await PostgresStore.open(postgres.dsn, journal=name):
        pass
    await change(postgres, "UPDATE quantum_exit.journal SET format = 2 WHERE name = $1", name)

    with pytest.raises(JournalVersionError, match="version 2 is not allowed"):
        await PostgresStore.open(postgres.dsn, journal=name)


async def test_an_unreachable_server_is_told_without_its_address() -> None:
    with pytest.raises(JournalUnavailableError) as refused:
        await PostgresStore.open(
            "postgresql://user:hush@/x?host=/nonexistent", journal="x", deadline_ms=500
        )
    assert "hush" not in str(refused.value)
    assert "nonexistent" not in str(refused.value)
