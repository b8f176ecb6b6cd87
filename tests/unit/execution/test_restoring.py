import anyio
import pytest

from quantum_exit.adapters.store.memory import MemoryDisk, MemoryStore
from quantum_exit.errors import InvalidInputError
from quantum_exit.execution.guardian.config import GuardianConfig
from quantum_exit.execution.guardian.facts import LeaseEpoch, PriceStale
from quantum_exit.execution.recording import Input, Recorder
from quantum_exit.execution.restoring import Restored, restored
from quantum_exit.execution.watch import WatchConfig

NOW_MS = 1_760_000_000_000


async def told(*inputs: tuple[int, Input]) -> Restored:
    """What a journal gives that holds these inputs, each under the lease epoch before it."""
    store, recorder = MemoryStore(MemoryDisk()), Recorder()
    for epoch, given in inputs:
        await store.append([recorder.input_entry(given, epoch, NOW_MS)])
    return await restored(
        store, recorder, config=GuardianConfig(), account="main", watch=WatchConfig()
    )


def test_what_an_owner_wrote_after_its_successor_is_left_out() -> None:
    async def main() -> None:
        first, second = (1, LeaseEpoch(epoch=1)), (2, LeaseEpoch(epoch=2))
        late = (1, PriceStale(symbol="BTCUSDT", stale=True))
        early = (1, PriceStale(symbol="BTCUSDT", stale=True))

        after = await told(first, second, late)
        without = await told(first, second)
        before = await told(first, early, second)

        assert (after.last_epoch, after.last_seq, after.replayed) == (2, 3, 2)
        assert after.mind.guardian.state_hash() == without.mind.guardian.state_hash()
        assert before.replayed == 3

    anyio.run(main)


def test_what_an_owner_adds_behind_the_mark_of_its_successor_is_left_out() -> None:
    async def main() -> None:
        store, recorder = MemoryStore(MemoryDisk()), Recorder()
        stale = PriceStale(symbol="BTCUSDT", stale=True)
        for entry in (
            recorder.input_entry(LeaseEpoch(epoch=1), 1, NOW_MS),
            recorder.lease_entry("main", 2, NOW_MS),
            recorder.input_entry(stale, 1, NOW_MS),
            recorder.input_entry(LeaseEpoch(epoch=2), 2, NOW_MS),
        ):
            await store.append([entry])
        found = await restored(
            store, recorder, config=GuardianConfig(), account="main", watch=WatchConfig()
        )
        without = await told((1, LeaseEpoch(epoch=1)), (2, LeaseEpoch(epoch=2)))
        assert found.mind.state_hash() == without.mind.state_hash()
        assert (found.last_epoch, found.last_seq) == (2, 4)

    anyio.run(main)


def test_the_journal_of_another_account_is_refused() -> None:
    async def main() -> None:
        store, recorder = MemoryStore(MemoryDisk()), Recorder()
        await store.append([recorder.lease_entry("other", 1, NOW_MS)])
        with pytest.raises(InvalidInputError, match=r"account: main .*expected other"):
            await restored(
                store, recorder, config=GuardianConfig(), account="main", watch=WatchConfig()
            )

    anyio.run(main)


def test_a_journal_tells_when_it_began() -> None:
    async def main() -> None:
        store, recorder = MemoryStore(MemoryDisk()), Recorder()
        config, watch = GuardianConfig(), WatchConfig()
        none = await restored(store, recorder, config=config, account="main", watch=watch)
        await store.append([recorder.lease_entry("main", 1, NOW_MS)])
        await store.append([recorder.lease_entry("main", 2, NOW_MS + 1)])
        some = await restored(store, recorder, config=config, account="main", watch=watch)

        assert (none.began_ms, some.began_ms) == (None, NOW_MS)

    anyio.run(main)
