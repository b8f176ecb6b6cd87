"""The simulated venue through Python: what its calls take, give and refuse."""

from collections.abc import Callable

import pytest

from quantum_exit import InvalidInputError
from quantum_exit._core import (
    Venue,
    VenueAccountUpdate,
    VenueAlgoUpdate,
    VenueOrderUpdate,
    VenueTradeLite,
)
from quantum_exit.errors import VenueReject

BTC = "BTCUSDT"
E8 = 10**8
# One tick is 0.1 USDT, one lot 0.001 BTC; the price is 10 000 USDT.
PRICE = 100_000


@pytest.fixture
def venue() -> Venue:
    venue = Venue(now_ms=1_000)
    venue.add_symbol(BTC, tick_e8=10_000_000, lot_e8=100_000, min_notional_e8=5 * E8)
    assert venue.add_account() == 0
    venue.transfer(0, 10_000 * E8)
    venue.trade(BTC, PRICE, 1)
    venue.drain()
    return venue


def test_an_order_is_given_as_it_stands_after_it_has_matched(venue: Venue) -> None:
    order = venue.place(0, BTC, "BUY", "MARKET", 1_000, client_id="entry")

    assert (order.account, order.symbol, order.client_id) == (0, BTC, "entry")
    assert (order.side, order.type, order.time_in_force) == ("BUY", "MARKET", "GTC")
    assert (order.status, order.filled_lots, order.quote_e8) == ("FILLED", 1_000, 10_000 * E8)
    (fill,) = venue.fills(0, BTC)
    assert (fill.price_ticks, fill.fee_e8, fill.maker) == (PRICE, 5 * E8, False)
    (held,) = venue.holdings(0)
    assert (held.lots, held.entry_cost_e8, held.break_even_cost_e8) == (
        1_000,
        10_000 * E8,
        10_005 * E8,
    )
    assert (held.margin_type, held.leverage, held.initial_margin_e8) == ("CROSSED", 20, 500 * E8)
    balance = venue.balance(0)
    assert (balance.wallet_e8, balance.available_e8) == (9_995 * E8, 9_495 * E8)
    assert [income.type for income in venue.incomes(0)] == ["TRANSFER", "COMMISSION"]


def test_a_close_position_stop_is_told_from_its_placing_to_its_end(venue: Venue) -> None:
    venue.place(0, BTC, "BUY", "MARKET", 10)
    stop = venue.place_algo(
        0, BTC, "SELL", "STOP_MARKET", trigger_ticks=99_000, close_position=True, client_id="floor"
    )
    venue.drain()

    venue.trade(BTC, 98_990, 1, True)

    told = [_word(event) for event in venue.drain()]
    assert told == [
        "algo TRIGGERING",
        "algo TRIGGERED",
        "lite",
        "order NEW NEW",
        "account ORDER",
        "order TRADE FILLED",
        "algo FINISHED",
    ]
    ended = venue.algo(0, client_id="floor")
    assert (ended.algo_id, ended.status, ended.child_filled_lots) == (stop.algo_id, "FINISHED", 10)
    child = venue.order(0, BTC, order_id=ended.order_id)
    assert (child.orig_type, child.client_id, child.close_position) == (
        "STOP_MARKET",
        "floor",
        True,
    )


def _word(event: object) -> str:
    match event:
        case VenueTradeLite():
            return "lite"
        case VenueOrderUpdate(execution=execution, status=status):
            return f"order {execution} {status}"
        case VenueAccountUpdate(reason=reason):
            return f"account {reason}"
        case VenueAlgoUpdate():
            return f"algo {event.algo.status}"
    return type(event).__name__


def test_a_refusal_has_the_code_and_text_of_the_exchange_and_changes_nothing(venue: Venue) -> None:
    before = venue.ledger_hash()

    with pytest.raises(VenueReject) as refusal:
        venue.place(0, BTC, "SELL", "MARKET", 1, reduce_only=True)

    assert (refusal.value.code, refusal.value.message) == (-2022, "ReduceOnly Order is rejected.")
    assert str(refusal.value) == "-2022: ReduceOnly Order is rejected."
    assert (venue.ledger_hash(), venue.drain()) == (before, [])


@pytest.mark.parametrize("number", [10**30, -(10**30), 2**63, -(2**63), 0, -1])
def test_no_number_of_a_user_breaks_the_venue(venue: Venue, number: int) -> None:
    before = venue.ledger_hash()
    calls: list[tuple[int, Callable[[], object]]] = [
        (-4005 if number > 0 else -4003, lambda: venue.place(0, BTC, "BUY", "LIMIT", number, 5)),
        (-4002 if number > 0 else -4013, lambda: venue.place(0, BTC, "BUY", "LIMIT", 9, number)),
        (-2013, lambda: venue.order(0, BTC, order_id=number)),
        (-2011, lambda: venue.cancel(0, BTC, order_id=number)),
        (-2011, lambda: venue.cancel_algo(0, algo_id=number)),
        (-4028, lambda: venue.set_leverage(0, BTC, number)),
        (
            -4007 if number > 0 else -4006,
            lambda: venue.place_algo(0, BTC, "SELL", "STOP_MARKET", lots=9, trigger_ticks=number),
        ),
    ]
    for code, call in calls:
        with pytest.raises(VenueReject) as refusal:
            call()
        assert refusal.value.code == code
    assert venue.ledger_hash() == before


def test_what_no_driver_may_send_is_invalid_input(venue: Venue) -> None:
    calls: list[tuple[str, Callable[[], object]]] = [
        ("account", lambda: venue.balance(1)),
        ("account", lambda: venue.balance(-1)),
        ("price_ticks", lambda: venue.trade(BTC, 0, 1)),
        ("lots", lambda: venue.trade(BTC, 1, 2**50)),
        ("symbol", lambda: venue.trade("NOPE", 1, 1)),
        ("mark_e8", lambda: venue.mark(BTC, -1)),
        ("now_ms", lambda: venue.advance(999)),
        ("side", lambda: venue.place(0, BTC, "HOLD", "MARKET", 1)),  # type: ignore[arg-type]
        ("lot_e8", lambda: venue.add_symbol("ODD", tick_e8=1, lot_e8=1)),
        ("symbol", lambda: venue.add_symbol(BTC, tick_e8=E8, lot_e8=E8)),
        ("max_lots", lambda: venue.set_filters(BTC, max_lots=0)),
        ("history", lambda: Venue(history=1)),
        ("close_position_singleton", lambda: Venue(close_position_singleton="?")),  # type: ignore[arg-type]
    ]
    for field, call in calls:
        with pytest.raises(InvalidInputError) as refusal:
            call()
        assert refusal.value.field == field


def test_a_handle_is_needed(venue: Venue) -> None:
    with pytest.raises(VenueReject) as refusal:
        venue.order(0, BTC)

    text = "Param 'origClientOrderId' or 'orderId' must be sent, but both were empty/null!"
    assert (refusal.value.code, refusal.value.message) == (-1102, text)


def test_check_refuses_what_place_refuses_and_places_nothing(venue: Venue) -> None:
    venue.check(0, BTC, "BUY", "MARKET", 10)
    with pytest.raises(VenueReject) as refusal:
        venue.check(0, BTC, "BUY", "LIMIT", 10**6, PRICE)

    assert refusal.value.code == -2019
    assert venue.all_orders(0, BTC) == []


def test_a_coarser_step_is_for_new_orders_only(venue: Venue) -> None:
    resting = venue.place(0, BTC, "BUY", "LIMIT", 15, 99_001)
    venue.set_filters(BTC, lot_multiple=10, price_multiple=10)

    for lots, price_ticks, code in [(15, 99_000, -4023), (10, 99_001, -4014)]:
        with pytest.raises(VenueReject) as refusal:
            venue.place(0, BTC, "BUY", "LIMIT", lots, price_ticks)
        assert refusal.value.code == code
    assert venue.order(0, BTC, order_id=resting.order_id).status == "NEW"
    venue.set_filters(BTC, multiplier_up_ppm=1_010_000)
    with pytest.raises(VenueReject) as refusal:
        venue.place(0, BTC, "BUY", "LIMIT", 10, 101_010)
    assert (refusal.value.code, refusal.value.message) == (
        -4016,
        "Limit price can't be higher than 10100.",
    )


def test_pages_of_the_past(venue: Venue) -> None:
    ids = [venue.place(0, BTC, "BUY", "MARKET", 1).order_id for _ in range(5)]

    assert [order.order_id for order in venue.all_orders(0, BTC, limit=2)] == ids[3:]
    first = venue.all_orders(0, BTC, from_order_id=ids[1], limit=2)
    assert [order.order_id for order in first] == ids[1:3]
    trades = venue.fills(0, BTC)
    later = venue.fills(0, BTC, from_trade_id=trades[1].trade_id, limit=2)
    assert [fill.trade_id for fill in later] == [fill.trade_id for fill in trades[1:3]]


def test_the_past_is_bounded_and_open_orders_are_never_forgotten() -> None:
    venue = Venue(history=100)
    venue.add_symbol(BTC, tick_e8=10_000_000, lot_e8=100_000)
    venue.add_account()
    venue.transfer(0, 10_000 * E8)
    venue.trade(BTC, PRICE, 1)
    resting = venue.place(0, BTC, "BUY", "LIMIT", 1, 50_000, client_id="old")
    for number in range(1_000):
        venue.place(0, BTC, "BUY", "LIMIT", 1, 60_000, client_id=f"n{number}")
        venue.cancel(0, BTC, client_id=f"n{number}")

    assert 100 <= len(venue.all_orders(0, BTC, limit=10**6)) <= 201
    assert venue.order(0, BTC, client_id="old").order_id == resting.order_id
    with pytest.raises(VenueReject):
        venue.order(0, BTC, client_id="n0")


def test_the_book_holds_the_orders_of_users(venue: Venue) -> None:
    venue.set_depth(BTC, spread_ticks=4, levels=2, step_ticks=2, lots_per_level=7)
    venue.trade(BTC, PRICE, 1)
    venue.place(0, BTC, "BUY", "LIMIT", 3, 99_998)
    venue.place(0, BTC, "BUY", "LIMIT", 2, 99_996)

    bids, asks = venue.book(BTC)

    assert bids == [(99_998, 3), (99_996, 9), (99_994, 7)]
    assert asks == [(100_000, 7), (100_002, 7)]


def test_time_fires_what_is_due_and_says_when(venue: Venue) -> None:
    venue.set_trigger_latency(250)
    venue.place(0, BTC, "BUY", "MARKET", 10)
    venue.place_algo(0, BTC, "SELL", "STOP_MARKET", trigger_ticks=99_000, close_position=True)
    venue.trade(BTC, 99_000, 1, True)

    assert (venue.next_due_ms(), venue.open_algos(0)[0].status) == (1_250, "TRIGGERING")
    venue.advance(2_000)

    assert (venue.next_due_ms(), venue.now_ms(), venue.open_algos(0)) == (None, 2_000, [])
    assert venue.holdings(0)[0].lots == 0
