"""Two instances on one account, of which one is stopped, cut off, or simply late."""

import pytest

from quantum_exit.adapters.store.memory import MemoryStore
from quantum_exit.errors import LeaseHeldError
from quantum_exit.execution.fence import Fence
from quantum_exit.execution.guardian.config import GuardianConfig
from quantum_exit.execution.leases import WHOLE_ACCOUNT, LeaseScope
from quantum_exit.execution.service import Service
from tests.simulation.pair_world import PairWorld, Split, pair_schedule
from tests.simulation.paper_world import PaperWorld
from tests.simulation.runner import run_schedule
from tests.simulation.schedule import Schedule
from tests.simulation.virtual_loop import run_virtual

SEEDS = (9, 59, 89, 149)


@pytest.mark.parametrize("split", Split)
@pytest.mark.parametrize("seed", SEEDS)
def test_one_writes_whatever_comes_between_them(split: Split, seed: int) -> None:
    worlds: list[PairWorld] = []

    def make(schedule: Schedule) -> PairWorld:
        worlds.append(PairWorld(schedule, split=split))
        return worlds[0]

    result = run_schedule(pair_schedule(seed), make)
    assert result.broken == ()
    assert {"P7", "P17", "P18"} <= result.checked
    assert result.hits[split] == 1


def test_who_takes_over_late_has_the_whole_time_to_heal() -> None:
    worlds: list[PairWorld] = []
    led_ms: list[int] = []

    class NotingWorld(PairWorld):
        def _leads(self, name: str, service: Service) -> None:
            super()._leads(name, service)
            led_ms.append(self.since_ms)

    def make(schedule: Schedule) -> PairWorld:
        worlds.append(NotingWorld(schedule))
        return worlds[0]

    # The venue wants to be left alone, so that the second one is ready after the chaos only.
    result = run_schedule(pair_schedule(11_029), make)

    healing_ms = worlds[0].schedule.end_ms - worlds[0].schedule.chaos_ms
    assert led_ms[-1] > worlds[0].schedule.chaos_ms
    assert worlds[0].since_ms >= worlds[0].end_ms == led_ms[-1] + healing_ms
    assert result.broken == ()


@pytest.mark.parametrize("seed", [*SEEDS, 43_239])
def test_what_was_lost_as_the_chaos_ended_can_be_proven_absent_before_the_end(seed: int) -> None:
    schedule = pair_schedule(seed)
    guardian = GuardianConfig()

    # The next try may leave then, and takes its time.
    proven_ms = schedule.chaos_ms + guardian.proof_after_ms + 2 * guardian.retry_ms
    assert proven_ms < schedule.end_ms
    assert run_schedule(schedule, PairWorld).broken == ()


def test_two_that_write_are_found_out(monkeypatch: pytest.MonkeyPatch) -> None:
    def always(fence: Fence) -> int:
        return 60_000

    monkeypatch.setattr(Fence, "left_ms", always)
    monkeypatch.setattr(Fence, "lose", lambda fence: None)
    found: set[str] = set()
    for seed in range(9, 400, 10):
        schedule = pair_schedule(seed)
        result = run_schedule(schedule, lambda one: PairWorld(one, split=Split.CUT))
        found |= {one.promise for one in result.broken}
        if "P7" in found:
            return
    raise AssertionError(found)


def test_one_that_waits_for_the_lease_reads_no_journal(monkeypatch: pytest.MonkeyPatch) -> None:
    async def reads(store: MemoryStore) -> None:
        raise AssertionError(store)

    monkeypatch.setattr(MemoryStore, "latest", reads)

    async def main() -> None:
        world = PaperWorld()
        await world.leases.acquire(LeaseScope("main", WHOLE_ACCOUNT), "another", 30_000)
        with pytest.raises(LeaseHeldError):
            async with world.service():
                pass

    run_virtual(main)
