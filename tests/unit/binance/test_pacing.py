import anyio
import pytest

from quantum_exit.adapters.binance.pacing import Pacing

pytestmark = pytest.mark.anyio

FIVE_MINUTES_NS = 300 * 10**9


class SteppedClock:
    """Time that passes only by sleeping."""

    def __init__(self) -> None:
        self.now_ns = 0
        self.slept: list[float] = []

    def now_ms(self) -> int:
        return self.now_ns // 1_000_000

    def monotonic_ns(self) -> int:
        return self.now_ns

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now_ns += max(round(seconds * 1e9), 1)


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> SteppedClock:
    stepped = SteppedClock()
    monkeypatch.setattr(anyio, "sleep", stepped.sleep)
    return stepped


async def test_the_first_attempt_after_a_loss_waits_for_nothing(clock: SteppedClock) -> None:
    await Pacing(clock, lambda: 0.0).before_attempt(0)

    assert clock.slept == []


async def test_waits_double_up_to_the_longest(clock: SteppedClock) -> None:
    pacing = Pacing(clock, lambda: 1.0, first_s=0.25, longest_s=3.0)
    for failures in (1, 2, 3, 4, 5, 6, 10_000):
        await pacing.before_attempt(failures)

    assert clock.slept == [0.25, 0.5, 1.0, 2.0, 3.0, 3.0, 3.0]


async def test_jitter_takes_away_at_most_half_of_a_wait(clock: SteppedClock) -> None:
    pacing = Pacing(clock, iter((0.0, 0.5)).__next__, first_s=1.0)
    await pacing.before_attempt(1)
    await pacing.before_attempt(1)

    assert clock.slept == [0.5, 0.75]


async def test_no_five_minutes_hold_more_attempts_than_allowed(clock: SteppedClock) -> None:
    pacing = Pacing(clock, lambda: 0.0, attempts=150)
    made = []
    for _ in range(1_000):
        await pacing.before_attempt(0)
        made.append(clock.now_ns)

    for first, later in zip(made, made[150:], strict=False):
        assert later - first >= FIVE_MINUTES_NS
