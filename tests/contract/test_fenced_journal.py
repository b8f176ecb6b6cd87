"""Who was replaced appends nothing any more, whatever it believes of its lease."""

import itertools
import multiprocessing
from pathlib import Path

import anyio
import asyncpg
import pytest

from quantum_exit.adapters.store.postgres import PostgresStore
from quantum_exit.adapters.store.sqlite import SqliteStore
from quantum_exit.adapters.store.sqlite_file import SqliteFile
from quantum_exit.errors import LeaseLostError
from quantum_exit.execution.journal import records_after
from quantum_exit.execution.leases import WHOLE_ACCOUNT, Lease, LeaseScope
from quantum_exit.execution.payloads import encode_payload
from quantum_exit.execution.records import Entry, RecordKind
from tests.postgres_server import PostgresServer

pytestmark = pytest.mark.anyio

_NAMES = itertools.count()
_TTL_MS = 60_000


@pytest.fixture
def name() -> str:
    return f"fenced-{next(_NAMES)}"


def entry(epoch: int, number: int = 0) -> Entry:
    payload = encode_payload({"number": number})
    return Entry(kind=RecordKind.FACT, epoch=epoch, ts_ms=number, payload=payload)


async def epochs_of(store: PostgresStore | SqliteStore) -> list[int]:
    return [record.epoch async for record in records_after(store)]


async def test_a_host_that_was_replaced_appends_nothing(
    postgres: PostgresServer, name: str
) -> None:
    scope = LeaseScope(name, WHOLE_ACCOUNT)
    async with (
        await PostgresStore.open(postgres.dsn, journal=name) as old,
        await PostgresStore.open(postgres.dsn, journal=name) as new,
    ):
        lease = await old.acquire(scope, "old", _TTL_MS)
        await old.append([entry(lease.epoch)])
        await old.release(lease)
        successor = await new.acquire(scope, "new", _TTL_MS)

        # The successor has appended nothing yet, and a batch is refused as a whole.
        with pytest.raises(LeaseLostError) as lost:
            await old.append([entry(successor.epoch), entry(lease.epoch)])
        await new.append([entry(successor.epoch)])
        with pytest.raises(LeaseLostError):
            await old.append([entry(lease.epoch)])

        assert (lost.value.epoch, lost.value.newest_epoch) == (lease.epoch, successor.epoch)
        assert await epochs_of(new) == [lease.epoch, successor.epoch]


async def test_an_append_that_waits_for_a_takeover_is_refused_when_it_is_done(
    postgres: PostgresServer, name: str
) -> None:
    scope = LeaseScope(name, WHOLE_ACCOUNT)
    refused: list[LeaseLostError] = []
    async with await PostgresStore.open(postgres.dsn, journal=name) as old:
        lease = await old.acquire(scope, "old", _TTL_MS)
        takeover = await asyncpg.connect(postgres.dsn)
        transaction = takeover.transaction()
        await transaction.start()
        await takeover.execute(
            "UPDATE quantum_exit.journal SET epoch = $2 WHERE name = $1", name, lease.epoch + 1
        )

        async def append() -> None:
            try:
                await old.append([entry(lease.epoch)])
            except LeaseLostError as error:
                refused.append(error)

        async with anyio.create_task_group() as group:
            group.start_soon(append)
            await _until_waiting(postgres)
            await transaction.commit()
        await takeover.close()

        assert [error.newest_epoch for error in refused] == [lease.epoch + 1]
        assert await epochs_of(old) == []


async def _until_waiting(postgres: PostgresServer) -> None:
    """Until a statement of somebody waits for a row that another transaction has."""
    connection = await asyncpg.connect(postgres.dsn)
    waiting = "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'"
    while not await connection.fetchval(waiting):
        await connection.execute("SELECT pg_sleep(0.01)")
    await connection.close()


async def test_a_journal_of_an_earlier_build_is_fenced_too(
    postgres: PostgresServer, name: str
) -> None:
    async with await PostgresStore.open(postgres.dsn, journal=name) as store:
        await store.append([entry(1)])
    connection = await asyncpg.connect(postgres.dsn)
    await connection.execute("ALTER TABLE quantum_exit.journal DROP COLUMN epoch")
    await connection.close()

    async with await PostgresStore.open(postgres.dsn, journal=name) as store:
        lease = await store.acquire(LeaseScope(name, WHOLE_ACCOUNT), "a", _TTL_MS, above_epoch=1)
        with pytest.raises(LeaseLostError):
            await store.append([entry(1)])
        assert await store.append([entry(lease.epoch)]) == 2


async def test_the_lease_of_one_symbol_fences_nobody(postgres: PostgresServer, name: str) -> None:
    async with await PostgresStore.open(postgres.dsn, journal=name) as store:
        await store.acquire(LeaseScope(name, "BTCUSDT"), "a", _TTL_MS, above_epoch=8)

        assert await store.append([entry(1)]) == 1


async def test_a_store_that_acquires_the_account_anew_refuses_its_own_past(tmp_path: Path) -> None:
    opening = SqliteStore.open(tmp_path / "journal.db", owner="test", now_ms=lambda: 1)
    async with await opening as store:
        scope = LeaseScope("main", WHOLE_ACCOUNT)
        first = await store.acquire(scope, "a", _TTL_MS)
        await store.append([entry(first.epoch)])
        second = await store.acquire(scope, "a", _TTL_MS)

        with pytest.raises(LeaseLostError):
            await store.append([entry(first.epoch)])

        assert await store.append([entry(second.epoch)]) == 2
        assert await epochs_of(store) == [first.epoch, second.epoch]


def test_a_process_that_was_replaced_appends_nothing_to_the_file(tmp_path: Path) -> None:
    path = tmp_path / "journal.db"
    old = SqliteFile.open(path)
    old.append([entry(1)])

    # As on a file system whose locks do not hold: another process opens the same file.
    other = multiprocessing.get_context("spawn").Process(target=_take_over, args=(path,))
    other.start()
    other.join(60)

    assert other.exitcode == 0
    with pytest.raises(LeaseLostError) as lost:
        old.append([entry(1, 1)])
    assert (lost.value.epoch, lost.value.newest_epoch) == (1, 2)
    # What is refused for its epoch says nothing about the file.
    assert [record.epoch for record in old.read(0, 10)] == [1]
    old.close()


def _take_over(path: Path) -> None:
    file = SqliteFile.open(path)
    scope = LeaseScope("main", WHOLE_ACCOUNT)
    file.change_lease(scope, lambda _: Lease(scope=scope, owner="new", epoch=2, expires_ms=1))
    file.close()
