from collections.abc import Mapping

import anyio

from quantum_exit.domain.facts import StreamGap
from quantum_exit.errors import VenueReadError
from quantum_exit.execution.leverages import LeverageConfig, Leverages
from tests.simulation.virtual_loop import run_virtual


class World:
    """Settings that are asked for; each answer is a leverage, or a failure."""

    def __init__(self, answers: list[int | None]) -> None:
        self.answers = answers
        self.asked_at: list[float] = []
        self.told: list[int | None] = []
        self.leverages = Leverages(
            read=self._read,
            config=LeverageConfig(every_ms=60_000, retry_ms=1_000),
            changed=lambda: self.told.append(self.leverages.of("BTCUSDT")),
        )

    async def _read(self) -> Mapping[str, int]:
        self.asked_at.append(anyio.current_time())
        answer = self.answers.pop(0) if self.answers else 5
        if answer is None:
            raise VenueReadError("symbol settings", "no answer")
        return {"BTCUSDT": answer}

    async def live(self, seconds: float) -> None:
        with anyio.move_on_after(seconds):
            await self.leverages.run()


def test_what_is_known_stays_in_force_until_something_newer_was_read() -> None:
    async def main() -> None:
        world = World([20, None, None, 40])
        assert world.leverages.of("BTCUSDT") is None
        await world.live(120)

        assert world.asked_at == [0.0, 60.0, 61.0, 63.0]
        assert world.told == [20, 40]
        assert world.leverages.of("ETHUSDT") is None

    run_virtual(main)


def test_who_may_have_missed_a_change_of_settings_reads_them_again() -> None:
    async def main() -> None:
        world = World([20, 40])
        async with anyio.create_task_group() as group:
            group.start_soon(world.live, 10)
            await anyio.sleep(2)
            world.leverages.note(StreamGap(stream="market", why="closed"))
            await anyio.sleep(2)
            world.leverages.note(StreamGap(stream="user", why="leverage was changed"))

        assert world.asked_at == [0.0, 4.0]
        assert world.told == [20, 40]

    run_virtual(main)
