"""Whatever is appended, crashes and rots: the journal is a prefix of what was appended."""

from collections.abc import Sequence

import anyio
from hypothesis import given, settings
from hypothesis import strategies as st

from quantum_exit.adapters.store.frames import decode_frames
from quantum_exit.adapters.store.memory import DiskFault, DiskPlan, MemoryDisk, MemoryStore
from quantum_exit.errors import JournalUnavailableError
from quantum_exit.execution.records import Entry
from tests.contract.stores import content, entry

groups = st.lists(st.integers(1, 4), min_size=1, max_size=6)
faults = st.dictionaries(st.integers(1, 12), st.sampled_from(DiskFault), max_size=3)
lives = st.lists(st.tuples(groups, st.booleans(), st.integers(0, 600)), min_size=1, max_size=5)


class Machine:
    """A disk, and what its owner was told."""

    def __init__(self, plan: DiskPlan) -> None:
        self.disk = MemoryDisk(plan)
        self.confirmed: list[Entry] = []
        self.attempted: list[Sequence[Entry]] = []
        self._number = 0

    async def live(self, sizes: Sequence[int]) -> None:
        """One process: opens the journal and appends until it fails."""
        store = MemoryStore(self.disk)
        self.check(await store.read(0, 10_000))
        self.confirmed = content(await store.read(0, 10_000))
        for size in sizes:
            group = [entry(self._number + part) for part in range(size)]
            self._number += size
            self.attempted.append(group)
            try:
                await store.append(group)
            except JournalUnavailableError:
                continue
            self.confirmed += group

    def check(self, records: Sequence[object]) -> None:
        found = content(decode_frames(self.disk.visible).records)
        assert len(found) == len(records)
        assert found[: len(self.confirmed)] == self.confirmed
        numbers = [one.ts_ms for one in found]
        assert numbers == sorted(set(numbers))
        known = [one for group in self.attempted for one in group]
        assert all(one in known for one in found)


@settings(max_examples=200, deadline=None)
@given(lives=lives, faults=faults)
def test_a_crash_takes_nothing_that_was_confirmed(
    lives: list[tuple[list[int], bool, int]], faults: dict[int, DiskFault]
) -> None:
    machine = Machine(DiskPlan(faults=faults))
    for sizes, crashes, keep_bytes in lives:
        anyio.run(machine.live, sizes)
        if crashes:
            machine.disk.crash(keep_bytes=keep_bytes)
    anyio.run(machine.live, [])


@settings(max_examples=200, deadline=None)
@given(sizes=groups, position=st.integers(0, 10_000), mask=st.integers(1, 255), cut=st.booleans())
def test_a_journal_that_rots_is_cut_where_it_rots(
    sizes: list[int], position: int, mask: int, *, cut: bool
) -> None:
    machine = Machine(DiskPlan())
    anyio.run(machine.live, sizes)
    written = machine.disk.durable
    place = position % len(written)
    if cut:
        machine.disk.cut(place)
    else:
        machine.disk.flip(place, mask)
    rotten = machine.disk.durable

    store = MemoryStore(machine.disk)

    assert store.quarantine is not None
    kept = machine.disk.durable
    assert written.startswith(kept)
    assert kept + machine.disk.set_aside[-1] == rotten
    assert len(kept) <= place
    assert content(decode_frames(kept).records) == machine.confirmed[: store.head.seq]


@given(st.binary(max_size=400))
def test_any_bytes_are_read_without_an_exception(noise: bytes) -> None:
    frames = decode_frames(noise)

    assert frames.sound_bytes == 0
    assert (frames.defect is None) == (not noise)
