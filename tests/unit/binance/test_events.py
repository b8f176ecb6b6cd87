import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from quantum_exit.adapters.binance.events import KeyExpired, MarketEvents, UserEvents
from quantum_exit.adapters.binance.grids import Grids
from quantum_exit.adapters.binance.quarantine import Quarantine
from quantum_exit.domain.facts import (
    Fill,
    OrderBook,
    OrderSide,
    OrderStatus,
    OrderView,
    Price,
    StreamGap,
    VenueFact,
    VenuePosition,
)
from quantum_exit.domain.instruments import built_in_instrument
from quantum_exit.domain.position import Side

UNREADABLE = (StreamGap(stream="user", why="an event could not be read"),)


def grids() -> Grids:
    known = Grids()
    known.take([built_in_instrument("BTCUSDT"), built_in_instrument("ETHUSDT")], ())
    return known


class User:
    def __init__(self) -> None:
        self.quarantine = Quarantine()
        self.events = UserEvents(grids(), self.quarantine)

    def read(self, message: object) -> tuple[VenueFact, ...]:
        found = self.events.read(json.dumps(message).encode())
        assert not isinstance(found, KeyExpired)
        return found


class Market:
    def __init__(self) -> None:
        self.quarantine = Quarantine()
        self.events = MarketEvents(grids(), self.quarantine, frozenset({"BTCUSDT"}))

    def read(self, message: object) -> tuple[Price, ...]:
        return self.events.read(json.dumps(message).encode())


def order_event(**changes: object) -> dict[str, Any]:
    order: dict[str, object] = {
        "s": "BTCUSDT", "c": "x1", "S": "SELL", "o": "MARKET", "f": "GTC", "q": "0.005", "p": "0",
        "ap": "60000.1", "sp": "0", "x": "TRADE", "X": "PARTIALLY_FILLED", "i": 77, "l": "0.002",
        "z": "0.003", "L": "60000.1", "n": "0.02400004", "N": "USDT", "T": 1_000_003, "t": 9,
        "m": False, "R": True, "wt": "CONTRACT_PRICE", "ps": "BOTH", "cp": False, "rp": "-1.5",
    }  # fmt: skip
    return {"e": "ORDER_TRADE_UPDATE", "E": 1_000_004, "T": 1_000_003, "o": order | changes}


def algo_event(**changes: object) -> dict[str, Any]:
    order: dict[str, object] = {
        "caid": "x2", "aid": 88, "at": "CONDITIONAL", "o": "STOP_MARKET", "s": "BTCUSDT",
        "S": "SELL", "ps": "BOTH", "q": "0", "X": "NEW", "ai": "", "tp": "55000.0", "p": "0",
        "wt": "MARK_PRICE", "cp": True, "R": False,
    }  # fmt: skip
    return {"e": "ALGO_UPDATE", "T": 1_000_005, "E": 1_000_006, "o": order | changes}


def test_a_trade_of_an_order_is_a_fill_and_the_order_after_it() -> None:
    fill, view = User().read(order_event())

    assert fill == Fill(
        symbol="BTCUSDT",
        trade_id=9,
        venue_order_id=77,
        client_id="x1",
        side=OrderSide.SELL,
        position_side=None,
        lots=2,
        price_ticks=600_001,
        fee="0.02400004",
        fee_asset="USDT",
        realized_pnl="-1.5",
        maker=False,
        ts_ms=1_000_003,
    )
    assert isinstance(view, OrderView)
    assert (view.status, view.lots, view.filled_lots) == (OrderStatus.PARTIALLY_FILLED, 5, 3)
    assert (view.book, view.venue_id, view.reduce_only) == (OrderBook.REGULAR, 77, True)


@pytest.mark.parametrize(
    ("traded", "lots", "dust"), [("0.0004", 0, "0.0004"), ("0.0025", 2, "0.0005")]
)
def test_a_trade_from_before_the_step_became_coarser_loses_nothing(
    traded: str, lots: int, dust: str
) -> None:
    fill, _ = User().read(order_event(l=traded))

    assert isinstance(fill, Fill)
    assert (fill.lots, fill.dust) == (lots, dust)


@pytest.mark.parametrize("traded", ["0.000000001", "1e-400", "-0.001", "NaN"])
def test_a_trade_of_what_no_venue_trades_is_a_gap(traded: str) -> None:
    (gap,) = User().read(order_event(l=traded))

    assert isinstance(gap, StreamGap)


def test_an_order_that_did_not_trade_is_no_fill() -> None:
    (view,) = User().read(order_event(x="NEW", X="NEW", l="0", z="0", t=0))

    assert isinstance(view, OrderView)
    assert view.status is OrderStatus.NEW


def test_a_liquidation_is_booked_like_any_fill() -> None:
    fill, view = User().read(
        order_event(c="autoclose-1", x="CALCULATED", X="NEW_INSURANCE", q="0.003", l="0.003")
    )

    assert isinstance(fill, Fill)
    assert isinstance(view, OrderView)
    assert (fill.client_id, fill.lots, view.status) == ("autoclose-1", 3, OrderStatus.FILLED)


def test_a_fill_that_has_no_number_is_looked_up_in_the_trade_list() -> None:
    view, gap = User().read(order_event(x="CALCULATED", t=0))

    assert isinstance(view, OrderView)
    assert gap == StreamGap(stream="user", why="a fill without a trade id")


def test_a_conditional_order_is_known_by_our_id_and_names_its_child() -> None:
    (resting,) = User().read(algo_event())
    (fired,) = User().read(algo_event(X="TRIGGERED", ai="91"))

    assert isinstance(resting, OrderView)
    assert isinstance(fired, OrderView)
    assert (resting.client_id, resting.book, resting.on_mark) == ("x2", OrderBook.ALGO, True)
    assert (resting.lots, resting.trigger_ticks, resting.price_ticks) == (0, 550_000, None)
    assert (resting.close_position, resting.child_venue_id) == (True, None)
    assert (fired.status, fired.child_venue_id) == (OrderStatus.TRIGGERED, 91)


def position_event(*rows: tuple[str, str]) -> dict[str, Any]:
    positions = [{"s": "BTCUSDT", "pa": amount, "ep": "60000.5", "ps": ps} for amount, ps in rows]
    return {"e": "ACCOUNT_UPDATE", "T": 5, "E": 6, "a": {"m": "ORDER", "B": [], "P": positions}}


def shown(facts: tuple[VenueFact, ...]) -> list[tuple[Side, bool, int]]:
    assert all(isinstance(each, VenuePosition) for each in facts)
    return [(each.side, each.hedge, each.lots) for each in facts if isinstance(each, VenuePosition)]


def test_in_one_way_mode_a_row_speaks_of_both_directions() -> None:
    assert shown(User().read(position_event(("-0.004", "BOTH")))) == [
        (Side.SHORT, False, 4),
        (Side.LONG, False, 0),
    ]
    assert {lots for _, _, lots in shown(User().read(position_event(("0", "BOTH"))))} == {0}


def test_in_hedge_mode_a_row_speaks_of_one() -> None:
    found = User().read(position_event(("0.020", "LONG"), ("-0.010", "SHORT")))

    assert shown(found) == [(Side.LONG, True, 20), (Side.SHORT, True, 10)]


def test_the_early_notice_of_a_fill_is_left_to_the_full_one() -> None:
    lite = {"e": "TRADE_LITE", "E": 1, "T": 1, "s": "BTCUSDT", "q": "0.002", "p": "0", "m": False,
            "c": "x", "S": "BUY", "L": "60000.0", "l": "0.002", "t": 5, "i": 4}  # fmt: skip

    assert User().read(lite) == ()


def test_an_expired_listen_key_is_told_to_the_stream() -> None:
    events = UserEvents(grids(), Quarantine())

    assert events.read(b'{"e":"listenKeyExpired","E":1,"listenKey":"k"}') == KeyExpired()


@pytest.mark.parametrize("kind", ["ACCOUNT_CONFIG_UPDATE", "MARGIN_CALL"])
def test_what_an_event_does_not_tell_in_full_is_read_again(kind: str) -> None:
    (gap,) = User().read({"e": kind, "E": 1})

    assert isinstance(gap, StreamGap)


def test_an_event_of_an_unknown_symbol_is_counted_and_left_out() -> None:
    user = User()

    assert user.read(order_event(s="NEWUSDT")) == ()
    assert user.quarantine.counts == {"unknown symbol": 1}


@pytest.mark.parametrize(
    "change",
    [
        {"l": "NaN"}, {"l": "-0.002"}, {"l": "Infinity"}, {"L": "0"}, {"L": "1e308"}, {"q": None},
        {"S": "HOLD"}, {"X": "MAYBE"}, {"ps": "UP"}, {"i": "no number"}, {"i": 1.5}, {"s": 7},
        {"n": "sNaN"}, {"rp": "nan"}, {"l": "1e-9"}, {"z": {}}, {"l": [[[]]]}, {"c": None},
        {"t": 1 << 80}, {"z": "9" * 400},
    ],
)  # fmt: skip
def test_a_malformed_event_is_quarantined_and_everything_is_read_again(
    change: dict[str, object],
) -> None:
    user = User()

    assert user.read(order_event(**change)) == UNREADABLE
    assert user.quarantine.counts == {"user stream": 1}
    assert user.quarantine.last[0].source == "user stream"


def test_numbers_may_arrive_as_text_and_text_as_numbers() -> None:
    assert User().read(order_event(i="77", t="9", l=0.002, z=0.003, q=0.005, L=60000.1)) == (
        User().read(order_event())
    )


@pytest.mark.parametrize(
    "frame",
    [b"", b"{", b"null", b"[]", b"7", b'"text"', b"\xff\xfe", b"{}", b'{"e":7}', b'{"data":3}',
     b"[" * 100_000, b'{"a":' * 100_000, b'{"e":"ORDER_TRADE_UPDATE"}'],
)  # fmt: skip
def test_no_frame_raises(frame: bytes) -> None:
    user, market = User(), Market()

    assert user.events.read(frame) == UNREADABLE
    assert market.events.read(frame) == ()
    assert user.quarantine.counts == {"user stream": 1}


@settings(deadline=None)
@given(st.binary(max_size=200))
def test_no_bytes_raise(frame: bytes) -> None:
    assert User().events.read(frame) == UNREADABLE


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner),
    max_leaves=8,
)


@settings(deadline=None)
@given(st.sampled_from(["o", *order_event()["o"]]), JSON)
def test_no_value_in_any_field_of_an_order_raises(field: str, value: object) -> None:
    message = order_event() if field == "o" else order_event(**{field: value})
    if field == "o":
        message["o"] = value

    for fact in User().read(message):
        assert isinstance(fact, OrderView | Fill | StreamGap)
        if isinstance(fact, Fill):
            assert fact.lots > 0
            assert fact.price_ticks > 0


def aggregate(**changes: object) -> dict[str, Any]:
    trade: dict[str, object] = {
        "e": "aggTrade", "E": 1_001, "a": 5, "s": "BTCUSDT", "p": "60000.1", "q": "1", "f": 1,
        "l": 2, "T": 1_000, "m": True,
    }  # fmt: skip
    return {"stream": "btcusdt@aggTrade", "data": trade | changes}


def test_a_trade_gives_a_price_at_the_time_of_the_trade() -> None:
    assert Market().read(aggregate()) == (
        Price(symbol="BTCUSDT", ticks=600_001, mark=False, ts_ns=1_000_000_000, tick_size="0.1"),
    )


def test_a_mark_price_is_rounded_to_the_nearest_tick() -> None:
    update = {"e": "markPriceUpdate", "E": 2, "s": "BTCUSDT", "p": "60000.15000001", "T": 9}

    assert Market().read(update) == (
        Price(symbol="BTCUSDT", ticks=600_002, mark=True, ts_ns=2_000_000, tick_size="0.1"),
    )


@pytest.mark.parametrize("kind", ["bookTicker", "depthUpdate", "kline", "somethingNew"])
def test_other_public_events_give_nothing(kind: str) -> None:
    market = Market()
    book = {"e": kind, "s": "BTCUSDT", "b": "1", "a": "2"}

    assert market.read(book) == ()
    assert market.read({"result": None, "id": 1}) == ()
    assert market.quarantine.counts == {}


@pytest.mark.parametrize(
    "change",
    [
        {"p": "NaN"}, {"p": "0"}, {"p": "-1"}, {"p": "inf"}, {"p": "1e308"}, {"p": "1e-30"},
        {"p": None}, {"p": ""}, {"T": -1}, {"T": 0}, {"T": 1 << 62}, {"s": "ETHUSDT"},
        {"s": "NOUSDT"}, {"p": "0x10"}, {"p": True},
    ],
)  # fmt: skip
def test_an_absurd_price_is_counted_and_left_out(change: dict[str, object]) -> None:
    market = Market()

    assert market.read(aggregate(**change)) == ()
    assert market.quarantine.counts == {"market stream": 1}


def test_the_quarantine_keeps_the_last_ones_cut_short() -> None:
    quarantine = Quarantine()
    for number in range(100):
        quarantine.add("here", "because", str(number).encode() * 1_000)

    assert quarantine.counts == {"here": 100}
    assert len(quarantine.last) == 64
    assert (quarantine.last[-1].excerpt, quarantine.last[-1].size) == ("99" * 100, 2_000)


@pytest.mark.parametrize("number", ["1e-400", 0, "0.0"])
def test_an_order_whose_number_is_none_is_refused(number: object) -> None:
    assert User().read(order_event(i=number)) == UNREADABLE
    assert User().read(algo_event(aid=number)) == UNREADABLE
