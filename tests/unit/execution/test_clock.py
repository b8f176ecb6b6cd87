import time

import pytest

from quantum_exit.errors import InvalidInputError, VenueReadError
from quantum_exit.execution.clock import SystemClock
from quantum_exit.execution.clock_sync import follow
from tests.simulation.virtual_clock import VirtualClock
from tests.simulation.virtual_loop import run_virtual


def test_setting_the_machines_clock_moves_no_time(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = SystemClock()
    before = clock.now_ms()
    real = time.time_ns
    monkeypatch.setattr(time, "time_ns", lambda: real() + 86_400_000_000_000)

    assert abs(clock.now_ms() - before) < 60_000


def test_the_correction_is_bounded() -> None:
    clock = SystemClock()
    before = clock.now_ms()
    clock.set_offset(-5_000)

    assert clock.now_ms() < before
    with pytest.raises(InvalidInputError, match="ten years"):
        clock.set_offset(10**15)


class Venue:
    """A venue whose clock is ahead, with round trips of given halves and lost replies."""

    def __init__(self, clock: VirtualClock, trips_ms: list[tuple[int, int] | None]) -> None:
        self.clock = clock
        self.trips_ms = trips_ms

    async def server_time_ms(self) -> int:
        trip = self.trips_ms.pop(0)
        if trip is None:
            raise VenueReadError("server time", "lost")
        self.clock.pass_ms(trip[0])
        told = self.clock.true_ms() + 5_000
        self.clock.pass_ms(trip[1])
        return told


def test_the_shortest_round_trip_sets_the_clock() -> None:
    async def main() -> tuple[int, int]:
        clock = VirtualClock(start_ms=1_000_000)
        error = await follow(clock, Venue(clock, [(10, 900), (20, 24), None]))
        return error, clock.now_ms() - clock.true_ms()

    error, ahead = run_virtual(main)

    assert error == 22
    assert abs(ahead - 5_000) <= error


def test_without_a_reading_the_clock_stays() -> None:
    async def main() -> None:
        clock = VirtualClock(start_ms=1_000_000)
        with pytest.raises(VenueReadError):
            await follow(clock, Venue(clock, [None, None, None]))
        assert clock.now_ms() == clock.true_ms()

    run_virtual(main)
