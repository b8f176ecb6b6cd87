import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from quantum_exit.app.report.price import PriceLine


@given(
    st.lists(st.floats(1, 100), min_size=1, max_size=400),
    st.lists(st.integers(1, 60), min_size=1),
    st.integers(1, 12),
)
def test_a_line_is_short_and_loses_no_extreme(
    prices: list[float], lengths: list[int], buckets: int
) -> None:
    ts_ns = np.arange(len(prices), dtype=np.int64)
    price = np.array(prices)
    line = PriceLine(buckets)
    start = 0
    while start < len(prices):
        length = lengths[start % len(lengths)]
        line.note(ts_ns[start : start + length], price[start : start + length])
        start += length

    times, values = line.points()

    assert len(values) <= 2 * (2 * buckets + 2)
    assert (values.min(), values.max()) == (price.min(), price.max())
    assert np.all(np.diff(times) >= 0)
    assert np.array_equal(price[times], values)


def test_a_short_line_is_the_ticks_themselves() -> None:
    line = PriceLine()
    line.note(np.array([1, 5, 9]), np.array([3.0, 2.0, 4.0]))

    times, values = line.points()

    assert times.tolist() == [1, 5, 9]
    assert values.tolist() == [3.0, 2.0, 4.0]
