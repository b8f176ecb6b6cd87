from collections.abc import Sequence

import anyio
import anyio.lowlevel
import pytest

from quantum_exit.adapters.store.group_commit import GroupCommit
from quantum_exit.errors import InvalidInputError, JournalUnavailableError
from quantum_exit.execution.records import Entry
from tests.contract.stores import entry

pytestmark = pytest.mark.anyio


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


class SlowDisk:
    """Stores in memory; each write waits until it is let through."""

    def __init__(self) -> None:
        self.groups: list[list[int]] = []
        self.failure: BaseException | None = None
        self.begun = 0
        self._gate = anyio.Semaphore(0)

    def let_through(self, writes: int = 1) -> None:
        for _ in range(writes):
            self._gate.release()

    async def write(self, entries: Sequence[Entry]) -> int:
        self.begun += 1
        await self._gate.acquire()
        if self.failure is not None:
            raise self.failure
        self.groups.append([one.ts_ms for one in entries])
        return sum(map(len, self.groups))


async def settle() -> None:
    """Lets every task run until it waits."""
    for _ in range(10):
        await anyio.lowlevel.checkpoint()


async def test_what_comes_during_a_write_is_written_together() -> None:
    disk = SlowDisk()
    group = GroupCommit(disk.write)
    places: dict[int, int] = {}

    async def append(number: int) -> None:
        places[number] = await group.append([entry(number)])

    async with anyio.create_task_group() as tasks:
        for number in range(5):
            tasks.start_soon(append, number)
        await settle()
        disk.let_through(2)

    assert disk.groups == [[0], [1, 2, 3, 4]]
    assert places == {0: 1, 1: 2, 2: 3, 3: 4, 4: 5}


async def test_an_append_that_is_cancelled_while_it_waits_is_not_stored() -> None:
    disk = SlowDisk()
    group = GroupCommit(disk.write)
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(group.append, [entry(0)])
        await settle()
        async with anyio.create_task_group() as cancelled:
            cancelled.start_soon(group.append, [entry(1)])
            await settle()
            cancelled.cancel_scope.cancel()
        disk.let_through()

    assert disk.groups == [[0]]


async def test_a_task_that_is_cancelled_already_stores_nothing() -> None:
    disk = SlowDisk()
    disk.let_through()
    with anyio.CancelScope() as scope:
        scope.cancel()
        await GroupCommit(disk.write).append([entry(0)])

    assert disk.begun == 0


async def test_a_write_that_began_is_completed_for_all_though_its_task_is_cancelled() -> None:
    disk = SlowDisk()
    group = GroupCommit(disk.write)
    async with anyio.create_task_group() as others:
        async with anyio.create_task_group() as cancelled:
            cancelled.start_soon(group.append, [entry(0)])
            await settle()
            others.start_soon(group.append, [entry(1)])
            await settle()
            cancelled.cancel_scope.cancel()
            disk.let_through()
        disk.let_through()

    assert disk.groups == [[0], [1]]


async def test_a_failed_write_fails_every_append_in_it_and_no_later_one() -> None:
    disk = SlowDisk()
    group = GroupCommit(disk.write)
    failed: list[str] = []

    async def append(number: int) -> None:
        try:
            await group.append([entry(number)])
        except JournalUnavailableError as error:
            failed.append(f"{number}: {error}")

    async with anyio.create_task_group() as tasks:
        tasks.start_soon(append, 0)
        await settle()
        for number in (1, 2):
            tasks.start_soon(append, number)
        disk.let_through()
        await settle()
        disk.failure = JournalUnavailableError("append", "disk on fire")
        disk.let_through()
        await settle()
        disk.failure = None
        disk.let_through()
        await append(3)

    assert disk.groups == [[0], [3]]
    assert failed == [f"{number}: journal: append failed: disk on fire" for number in (1, 2)]


async def test_an_unforeseen_error_reaches_its_task_and_leaves_nobody_waiting() -> None:
    disk = SlowDisk()
    group = GroupCommit(disk.write)
    disk.failure = ZeroDivisionError("a bug")
    outcomes: list[type[BaseException]] = []

    async def append(number: int) -> None:
        try:
            await group.append([entry(number)])
        except (ZeroDivisionError, JournalUnavailableError) as error:
            outcomes.append(type(error))

    async with anyio.create_task_group() as tasks:
        for number in range(3):
            tasks.start_soon(append, number)
        await settle()
        disk.let_through(2)

    assert outcomes == [ZeroDivisionError, ZeroDivisionError, JournalUnavailableError]


async def test_an_empty_append_is_refused() -> None:
    with pytest.raises(InvalidInputError, match="entries: none is not allowed"):
        await GroupCommit(SlowDisk().write).append([])
