"""Random markets and positions for replay tests: odd grids, gaps, equal times, ticks to refuse."""

from dataclasses import dataclass

import numpy as np
from hypothesis import strategies as st
from numpy.typing import NDArray

import quantum_exit as qe

FIRST_NS = 1_700_000_000_000_000_000
GRIDS = (("0.25", "0.005"), ("0.1", "0.001"), ("5", "1000"), ("0.00001", "1"))


@dataclass(frozen=True, slots=True)
class World:
    """Ticks of one instrument and positions on them."""

    instrument: qe.Instrument
    ts_ns: NDArray[np.int64]
    price: NDArray[np.float64]
    entries: tuple[qe.Entry, ...]

    @property
    def ticks(self) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
        """Times and prices."""
        return self.ts_ns, self.price


@st.composite
def worlds(draw: st.DrawFn, *, refused: bool = True, at_market: bool = True) -> World:
    """A path of up to 300 ticks around 1000 grid steps and up to six overlapping positions."""
    tick_size, lot_step = draw(st.sampled_from(GRIDS))
    instrument = qe.Instrument("TEST", tick_size, lot_step)
    moves = st.integers(-6, 6) | st.integers(-120, 120)
    steps = draw(st.lists(moves, min_size=1, max_size=300))
    ticks = np.clip(1000 + np.cumsum(steps), 600, 5000)
    gaps = draw(st.lists(st.sampled_from((0, 1, 1000)), min_size=len(steps), max_size=len(steps)))
    ts_ns = FIRST_NS + np.cumsum(gaps)
    price = np.array([instrument.price(int(tick)) for tick in ticks])
    if refused:
        for at in draw(st.lists(st.integers(0, len(steps) - 1), max_size=3)):
            bad = draw(st.sampled_from((np.nan, -1.0, 0.0, np.inf)))
            price[at] = bad
        for at in draw(st.lists(st.integers(0, len(steps) - 1), max_size=2)):
            ts_ns[at] -= 1500
    entries = draw(st.lists(entry_of(instrument, at_market=at_market), min_size=1, max_size=6))
    return World(instrument, ts_ns, price, tuple(entries))


def time_stops() -> st.SearchStrategy[qe.TimeStop]:
    """Time stops within the path."""
    return st.builds(qe.TimeStop, st.integers(1, 20_000), st.sampled_from(("0", "0.5", "2")))


@st.composite
def entry_of(draw: st.DrawFn, instrument: qe.Instrument, *, at_market: bool) -> qe.Entry:
    """A position that begins somewhere on the path."""
    side = draw(st.sampled_from(("LONG", "SHORT")))
    sign = 1 if side == "LONG" else -1
    lots = draw(st.integers(1, 40))
    distance = draw(st.integers(5, 60))
    profile = draw(
        st.sampled_from(
            ("TREND_DEFAULT", "RANGE_DEFAULT", "VOLATILE_DEFAULT", "CHOP_DEFAULT", "NORMAL_DEFAULT")
        )
    )
    rules = qe.load_profile(profile).rules()
    rules = qe.ExitRules(
        legs=rules.legs,
        trailing=rules.trailing,
        ratchet=draw(
            st.sampled_from(
                (
                    None,
                    qe.Ratchet(None, 0, follow_legs=True),
                    qe.Ratchet(2, break_even_at_r="0.7"),
                )
            )
        ),
        max_hold_ns=draw(st.none() | st.integers(1, 20_000)),
        time_stop=draw(st.none() | time_stops()),
    )
    entry_ns = FIRST_NS + draw(st.integers(-10, 20_000))
    quantity = instrument.qty(lots)
    if at_market and draw(st.booleans()):
        frac = draw(st.sampled_from(("0.01", "0.05")))
        plan = qe.MarketPlan(side=side, quantity=quantity, rules=rules, stop_frac=frac)
        return qe.Entry(entry_ns, plan)
    entry = draw(st.integers(900, 1100))
    fixed = rules.plan(
        instrument,
        side=side,
        entry_price=instrument.price(entry),
        quantity=quantity,
        stop_price=instrument.price(entry - sign * distance),
    )
    return qe.Entry(entry_ns, fixed)
