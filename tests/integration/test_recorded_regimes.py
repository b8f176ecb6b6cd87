"""The market regime over the recorded klines: causal, streamed alike, and every regime occurs."""

from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from quantum_exit.adapters.files import open_bars
from quantum_exit.domain.market import MarketRegime
from quantum_exit.intelligence.bars import bars_from_bars
from quantum_exit.intelligence.regime import RegimeReading, detect_regime, regime_series
from quantum_exit.intelligence.regime_detector import RegimeDetector
from quantum_exit.intelligence.regime_rules import REGIMES
from quantum_exit.intelligence.spells import occurrences, spells
from tests.integration.recorded import recorded

pytestmark = pytest.mark.data

MINUTE_NS = 60_000_000_000
QUARTER_NS = 15 * MINUTE_NS

Columns = tuple[
    NDArray[np.int64],
    NDArray[np.float64],
    NDArray[np.float64],
    NDArray[np.float64],
    NDArray[np.float64],
]


def columns(path: Path) -> Columns:
    (batch,) = open_bars(path)
    return batch.open_ns, batch.open, batch.high, batch.low, batch.close


def files() -> list[Path]:
    found = sorted(recorded("klines_1m").glob("binance_usdm_*.parquet"))
    assert found
    return found


def test_each_regime_occurs_and_the_majors_are_quieter_than_the_rest() -> None:
    volatile: dict[str, float] = {}
    seen = set()
    for path in files():
        bars = bars_from_bars(*columns(path), bar_ns=MINUTE_NS, interval_ns=QUARTER_NS)
        series = regime_series(bars)
        rows = occurrences(spells(series))
        seen |= {row.regime for row in rows}
        volatile[path.stem] = float((series.codes == REGIMES.index(MarketRegime.VOLATILE)).mean())

        assert sum(row.share for row in rows) == pytest.approx(1.0)
        # Hours without a trade there are none, so only the first 14 bars are too few.
        assert int((series.codes < 0).sum()) == 14

    assert seen == {*REGIMES, None}
    bitcoin = max(share for name, share in volatile.items() if "BTCUSDT" in name)
    assert all(
        share > bitcoin for name, share in volatile.items() if "SUI" in name or "ENA" in name
    )


def test_no_recorded_reading_uses_its_future() -> None:
    for path in files()[::4]:
        series = columns(path)
        whole = regime_series(bars_from_bars(*series, bar_ns=MINUTE_NS, interval_ns=QUARTER_NS))
        for index in range(13, len(whole), 97):
            as_of_ns = int(whole.as_of_ns[index])
            known = int(np.searchsorted(series[0], as_of_ns - MINUTE_NS, side="right"))
            open_ns, open_, high, low, close = series
            bars = bars_from_bars(
                open_ns[:known],
                open_[:known],
                high[:known],
                low[:known],
                close[:known],
                bar_ns=MINUTE_NS,
                interval_ns=QUARTER_NS,
                as_of_ns=as_of_ns,
            )

            assert detect_regime(bars) == whole.reading(index)


def test_the_stream_reads_recorded_bars_like_the_series() -> None:
    open_ns, *prices = columns(files()[0])
    count = 15 * 400
    detector = RegimeDetector()
    streamed: list[RegimeReading] = []
    for row in range(count):
        open_, high, low, close = (float(column[row]) for column in prices)
        reading = detector.on_bar(int(open_ns[row]), open_, high, low, close, bar_ns=MINUTE_NS)
        if not streamed or reading.as_of_ns != streamed[-1].as_of_ns:
            streamed.append(reading)

    bars = bars_from_bars(
        open_ns[:count],
        *(column[:count] for column in prices),
        bar_ns=MINUTE_NS,
        interval_ns=QUARTER_NS,
    )

    assert streamed[0].as_of_ns is None
    assert streamed[1:] == list(regime_series(bars))
