import anyio
import anyio.lowlevel
import pytest

from quantum_exit.adapters.store.frames import decode_frames
from quantum_exit.adapters.store.memory import DiskFault, DiskPlan, MemoryDisk, MemoryStore
from quantum_exit.errors import JournalUnavailableError
from tests.contract.stores import content, entry

pytestmark = pytest.mark.anyio


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


def durable(disk: MemoryDisk) -> list[int]:
    return [record.ts_ms for record in decode_frames(disk.durable).records]


async def append(store: MemoryStore, number: int) -> bool:
    try:
        await store.append([entry(number)])
    except JournalUnavailableError:
        return False
    return True


async def test_a_full_disk_stores_nothing_and_passes() -> None:
    disk = MemoryDisk(DiskPlan(faults={2: DiskFault.FULL}))
    store = MemoryStore(disk)

    assert [await append(store, number) for number in range(3)] == [True, False, True]

    assert durable(disk) == [0, 2]


@pytest.mark.parametrize("fault", [DiskFault.WRITE, DiskFault.FSYNC])
async def test_after_a_failed_write_or_fsync_nothing_is_tried_again(fault: DiskFault) -> None:
    disk = MemoryDisk(DiskPlan(faults={2: fault}))
    store = MemoryStore(disk)

    assert [await append(store, number) for number in range(4)] == [True, False, False, False]

    assert (disk.writes, durable(disk)) == (2, [0])
    with pytest.raises(JournalUnavailableError, match="open it anew"):
        await store.read(0, 10)


async def test_an_append_waits_for_the_fsync_and_a_crash_meanwhile_takes_it() -> None:
    disk = MemoryDisk(DiskPlan(slow_fsync_ms={2: 5.0}))
    store = MemoryStore(disk)
    await store.append([entry(0)])
    confirmed: list[bool] = []

    async def slow() -> None:
        confirmed.append(await append(store, 1))

    async with anyio.create_task_group() as tasks:
        tasks.start_soon(slow)
        while not disk.unsynced_bytes:
            await anyio.lowlevel.checkpoint()
        disk.crash()

    assert confirmed == [False]
    assert durable(disk) == [0]


async def test_a_torn_record_is_set_aside_when_the_machine_is_up_again() -> None:
    disk = MemoryDisk(DiskPlan(faults={2: DiskFault.FSYNC}))
    store = MemoryStore(disk)
    await append(store, 0)
    await append(store, 1)
    disk.crash(keep_bytes=disk.unsynced_bytes - 1)

    store = MemoryStore(disk)

    assert store.quarantine is not None
    assert store.quarantine.defect.reason == "it is torn or damaged"
    assert content(await store.read(0, 10)) == [entry(0)]
    assert len(disk.set_aside) == 1


async def test_what_a_failed_fsync_left_in_memory_is_durable_once_it_was_read_again() -> None:
    disk = MemoryDisk(DiskPlan(faults={1: DiskFault.FSYNC}))
    await append(MemoryStore(disk), 0)
    assert durable(disk) == []

    store = MemoryStore(disk)

    assert content(await store.read(0, 10)) == [entry(0)]
    assert durable(disk) == [0]


async def test_a_store_of_before_the_crash_writes_nothing_any_more() -> None:
    disk = MemoryDisk()
    old = MemoryStore(disk)
    await append(old, 0)
    disk.crash()
    new = MemoryStore(disk)

    assert not await append(old, 1)
    assert await append(new, 2)

    assert durable(disk) == [0, 2]


async def test_a_lost_end_is_missed() -> None:
    disk = MemoryDisk()
    store = MemoryStore(disk)
    await append(store, 0)
    length = len(disk.durable)
    await append(store, 1)
    disk.cut(length)

    store = MemoryStore(disk)

    assert store.quarantine is not None
    assert store.quarantine.defect.reason == "missing: records up to 2 were confirmed"
