import pytest

from quantum_exit.errors import InvalidInputError
from quantum_exit.execution.fence import Fence


class HandClock:
    def __init__(self) -> None:
        self.ms = 0

    def now_ms(self) -> int:
        return self.ms

    def monotonic_ns(self) -> int:
        return self.ms * 1_000_000


def test_nothing_leaves_without_a_lease() -> None:
    assert not Fence(HandClock(), 1_000).is_open


def test_nothing_leaves_in_the_last_stretch_of_a_lease() -> None:
    clock = HandClock()
    fence = Fence(clock, 3_500)
    fence.grant(4, 0, 10_000)
    clock.ms = 6_499
    assert fence.left_ms() == 1
    clock.ms = 6_500
    assert not fence.is_open

    fence.grant(4, 6_000 * 1_000_000, 10_000)
    assert fence.left_ms() == 6_000


def test_a_lease_that_was_taken_over_does_not_come_back() -> None:
    fence = Fence(HandClock(), 1_000)
    fence.grant(4, 0, 10_000)
    fence.lose()

    assert not fence.is_open
    for epoch in (3, 4):
        with pytest.raises(InvalidInputError, match="after 4"):
            fence.grant(epoch, 0, 10_000)
    fence.grant(5, 0, 10_000)
    assert (fence.left_ms(), fence.epoch) == (9_000, 5)
