"""What durability costs: appends a second, one fsync each against groups that share one.

Both rows run on the same disk in the same run, so that their ratio means something on a machine
whose fsync is cheap or dear. The records are read back and counted before anything is timed.
"""

from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import anyio
import pytest
from anyio.from_thread import BlockingPortal, start_blocking_portal
from pytest_benchmark.fixture import BenchmarkFixture

from quantum_exit.adapters.store.memory import MemoryDisk, MemoryStore
from quantum_exit.adapters.store.sqlite import SqliteStore
from quantum_exit.execution.journal import JournalPort
from quantum_exit.execution.payloads import encode_payload
from quantum_exit.execution.records import Entry, RecordKind

APPENDS = 512
SYMBOLS = 64

Workload = Callable[[JournalPort], Awaitable[None]]


def entry(number: int) -> Entry:
    """An intent of usual size, about 300 bytes."""
    payload = encode_payload({"number": number, "intent": "x" * 270})
    return Entry(kind=RecordKind.INTENT, epoch=1, ts_ms=number, payload=payload)


ENTRIES = tuple(entry(number) for number in range(APPENDS))


async def one_by_one(journal: JournalPort) -> None:
    for one in ENTRIES:
        await journal.append([one])


async def all_symbols_at_once(journal: JournalPort) -> None:
    async def symbol(number: int) -> None:
        for one in ENTRIES[number::SYMBOLS]:
            await journal.append([one])

    async with anyio.create_task_group() as tasks:
        for number in range(SYMBOLS):
            tasks.start_soon(symbol, number)


@contextmanager
def opened(portal: BlockingPortal, path: Path) -> Iterator[SqliteStore]:
    async def open_store() -> SqliteStore:
        return await SqliteStore.open(path, owner="bench", now_ms=lambda: 0)

    store = portal.call(open_store)
    try:
        yield store
    finally:
        portal.call(store.aclose)


@pytest.mark.benchmark(group=f"{APPENDS} durable appends, SQLite")
@pytest.mark.parametrize("workload", [one_by_one, all_symbols_at_once])
def test_appends_to_sqlite(benchmark: BenchmarkFixture, tmp_path: Path, workload: Workload) -> None:
    with start_blocking_portal() as portal, opened(portal, tmp_path / "journal.db") as store:
        portal.call(workload, store)
        assert len(portal.call(store.read, 0, 2 * APPENDS)) == APPENDS

        benchmark(portal.call, workload, store)


@pytest.mark.benchmark(group=f"{APPENDS} appends, simulated disk")
def test_appends_to_a_simulated_disk(benchmark: BenchmarkFixture) -> None:
    with start_blocking_portal() as portal:
        store = MemoryStore(MemoryDisk())
        portal.call(one_by_one, store)
        assert len(portal.call(store.read, 0, 2 * APPENDS)) == APPENDS

        benchmark(portal.call, one_by_one, store)
