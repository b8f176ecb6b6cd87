"""Latency of the calls from Python, with pytest-benchmark: `pytest benches --benchmark-only`.

Each checks its result before it is timed. The ratios to their baselines are in `benches/table.py`.
"""

from collections.abc import Callable
from typing import Protocol

import numpy as np
import pytest

from benches.python_rows import MESSAGE, T0_NS, quiet_engine
from quantum_exit import _core


class Benchmark(Protocol):
    """The fixture of pytest-benchmark, as far as it is used here."""

    def __call__(self, function: Callable[..., object], *args: object) -> object:
        """Calls `function` many times and returns its result."""


def test_on_tick_that_concerns_nobody(benchmark: Benchmark) -> None:
    engine = quiet_engine()
    assert benchmark(engine.on_tick, 0, 432_511, T0_NS) is None


def test_on_price_that_concerns_nobody(benchmark: Benchmark) -> None:
    engine = quiet_engine()
    assert benchmark(engine.on_price, 0, 43_251.1, T0_NS) is None


def test_raw_trade_that_concerns_nobody(benchmark: Benchmark) -> None:
    engine = quiet_engine()
    assert benchmark(engine.on_trade_json, MESSAGE) is None


def test_snapshot(benchmark: Benchmark) -> None:
    engine = quiet_engine()
    assert engine.snapshot(0).stop == 42_000.0
    benchmark(engine.snapshot, 0)


@pytest.mark.parametrize("strategy", ["auto", "every_tick"])
def test_replay_of_a_hundred_thousand_ticks(benchmark: Benchmark, strategy: str) -> None:
    instrument = _core.Instrument("BTCUSDT", "0.1", "0.001")
    steps = np.random.default_rng(7).normal(0, 2e-5, 100_000)
    price = np.round(43_251.1 * np.exp(np.cumsum(steps)), 1)
    ts_ns = np.arange(len(price), dtype=np.int64) * 1_000_000
    plan = _core.ExitPlan(
        instrument, side="LONG", entry_price=float(price[0]), quantity=1, stop_price=40_000
    )

    def replayed() -> bytes:
        replay = _core.Replay(instrument, strategy=strategy)
        replay.add(0, 0, plan)
        replay.feed(ts_ns, price)
        return replay.finish().events.tobytes()

    expected = _core.Replay(instrument, strategy="every_tick")
    expected.add(0, 0, plan)
    expected.feed(ts_ns, price)
    assert replayed() == expected.finish().events.tobytes()
    benchmark(replayed)
