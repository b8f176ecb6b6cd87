//! Conditional orders from placing to their end.

use quantum_exit::venue::algo::NewAlgo;
use quantum_exit::venue::names::OrderSide::{Buy, Sell};
use quantum_exit::venue::names::{AlgoStatus, OrderStatus, OrderType, WorkingType};
use quantum_exit::venue::rules::{Oversized, Singleton, VenueRules};
use quantum_exit::venue::venue::Handle;

use crate::desk::{Desk, SYMBOL, TICK_E8, USER, code, floor, id, limit, market, reducing, stop};

/// Long ten lots from 100 000.
fn long(rules: VenueRules) -> Desk {
    let mut desk = Desk::with_rules(rules);
    desk.place(market(Buy, 10)).expect("an order");
    desk.events();
    desk
}

#[test]
fn a_close_position_stop_closes_all_and_tells_its_end_last() {
    let mut desk = long(VenueRules::default());
    let stop =
        desk.place_algo(NewAlgo { client_id: Some(id("floor")), ..floor(Sell, 99_000) }).expect("a stop");
    desk.place(market(Buy, 5)).expect("an order");
    desk.events();
    desk.print(99_000, 1, Sell);
    let told = [
        "ALGO TRIGGERING",
        "ALGO TRIGGERED",
        "LITE",
        "NEW/NEW",
        "ACCOUNT ORDER",
        "TRADE/FILLED",
        "ALGO FINISHED",
    ];
    assert_eq!(desk.told(), told);
    let stop = desk.algo_now(&stop);
    assert_eq!((stop.status, stop.child_lots), (AlgoStatus::Finished, 15));
    let child = desk.venue.order(USER, SYMBOL, Handle::Id(stop.order_id)).expect("the child");
    assert_eq!((&*child.client_id, child.origin.order_type), ("floor", OrderType::StopMarket));
    assert!(desk.position().is_flat());
}

#[test]
fn each_type_triggers_on_its_side_of_the_price() {
    let triggers = |order_type, side, trigger, price| {
        let mut desk = long(VenueRules::default());
        let terms = NewAlgo { order_type, price_ticks: price, ..stop(side, 1, trigger) };
        let algo = desk.place_algo(terms).expect("an algo order");
        desk.print(price, 1, Buy);
        desk.algo_now(&algo).status != AlgoStatus::New
    };
    for (order_type, side, trigger, misses, meets) in [
        (OrderType::StopMarket, Sell, 99_990, 99_991, 99_990),
        (OrderType::StopMarket, Buy, 100_010, 100_009, 100_010),
        (OrderType::TakeProfitMarket, Sell, 100_010, 100_009, 100_010),
        (OrderType::TakeProfitMarket, Buy, 99_990, 99_991, 99_990),
        (OrderType::Stop, Sell, 99_990, 99_991, 99_980),
        (OrderType::TakeProfit, Sell, 100_010, 100_009, 100_020),
    ] {
        assert!(!triggers(order_type, side, trigger, misses), "{order_type:?} {side:?} missed");
        assert!(triggers(order_type, side, trigger, meets), "{order_type:?} {side:?} met");
    }
}

#[test]
fn only_the_working_price_triggers() {
    let mut desk = long(VenueRules::default());
    desk.mark(100_000);
    let on_mark = NewAlgo { working_type: WorkingType::MarkPrice, ..floor(Sell, 99_000) };
    let stop = desk.place_algo(on_mark).expect("a stop");
    desk.print(98_000, 1, Sell);
    assert_eq!(desk.algo_now(&stop).status, AlgoStatus::New);
    desk.venue.mark(SYMBOL, 99_000 * TICK_E8 + 1, None).expect("a price");
    assert_eq!(desk.algo_now(&stop).status, AlgoStatus::New);
    desk.mark(99_000);
    assert_eq!(desk.algo_now(&stop).status, AlgoStatus::Finished);
}

#[test]
fn while_it_triggers_it_cannot_be_cancelled() {
    let mut desk = long(VenueRules { trigger_latency_ms: 200, ..VenueRules::default() });
    let stop = desk.place_algo(floor(Sell, 99_000)).expect("a stop");
    desk.print(98_999, 1, Sell);
    assert_eq!(desk.algo_now(&stop).status, AlgoStatus::Triggering);
    assert_eq!(code(desk.venue.cancel_algo(USER, Handle::Id(stop.id))), -4117);
    assert_eq!(desk.venue.next_due_ms(), Some(1_200));
    desk.venue.advance(1_199).expect("later");
    assert_eq!(desk.position().lots, 10);
    desk.venue.advance(1_200).expect("later");
    assert_eq!(desk.algo_now(&stop).status, AlgoStatus::Finished);
    assert_eq!(code(desk.venue.cancel_algo(USER, Handle::Id(stop.id))), -2011);
}

#[test]
fn close_position_orders_end_with_the_position() {
    for (expires, status) in [(true, AlgoStatus::Expired), (false, AlgoStatus::New)] {
        let rules = VenueRules { gte_expires_with_position: expires, ..VenueRules::default() };
        let mut desk = long(rules);
        let stop = desk.place_algo(floor(Sell, 99_000)).expect("a stop");
        desk.place(market(Sell, 10)).expect("an order");
        assert_eq!(desk.algo_now(&stop).status, status);
    }
}

#[test]
fn reduce_only_orders_end_with_the_position_in_one_variant() {
    for (expires, algo_status, order_status) in
        [(true, AlgoStatus::Expired, OrderStatus::Expired), (false, AlgoStatus::New, OrderStatus::New)]
    {
        let rules = VenueRules {
            expire_reduce_only_with_position: expires,
            reduce_only_budget: false,
            ..VenueRules::default()
        };
        let mut desk = long(rules);
        let algo = desk.place_algo(NewAlgo { reduce_only: true, ..stop(Sell, 10, 99_000) }).expect("a stop");
        let order = desk.place(reducing(limit(Sell, 10, 101_000))).expect("an order");
        desk.place(reducing(market(Sell, 10))).expect("an order");
        assert_eq!((desk.algo_now(&algo).status, desk.now(&order).status), (algo_status, order_status));
    }
}

#[test]
fn a_close_position_order_may_wait_for_a_position() {
    let mut desk = Desk::new();
    let stop = desk.place_algo(floor(Sell, 99_000)).expect("a stop before the entry");
    desk.place(market(Buy, 3)).expect("an order");
    assert_eq!(desk.algo_now(&stop).status, AlgoStatus::New);
    let strict = VenueRules { close_position_before_position: false, ..VenueRules::default() };
    assert_eq!(code(Desk::with_rules(strict).place_algo(floor(Sell, 99_000))), -4509);
}

#[test]
fn the_close_position_singleton_has_two_variants() {
    let take_profit = NewAlgo { order_type: OrderType::TakeProfitMarket, ..floor(Sell, 101_000) };
    let mut desk = long(VenueRules::default());
    desk.place_algo(floor(Sell, 99_000)).expect("a stop");
    assert_eq!(code(desk.place_algo(floor(Sell, 98_000))), -4130);
    desk.place_algo(take_profit).expect("one of each type");
    let per_side = VenueRules { close_position_singleton: Singleton::PerSide, ..VenueRules::default() };
    let mut desk = long(per_side);
    desk.place_algo(floor(Sell, 99_000)).expect("a stop");
    assert_eq!(code(desk.place_algo(take_profit)), -4130);
}

#[test]
fn a_take_profit_that_fills_first_leaves_nothing_to_the_stop_of_the_same_trade() {
    let mut desk = long(VenueRules::default());
    desk.depth(1, 5, 5);
    let resting = desk.place(reducing(limit(Sell, 10, 100_010))).expect("an order");
    let same =
        NewAlgo { order_type: OrderType::TakeProfitMarket, reduce_only: true, ..stop(Sell, 10, 100_010) };
    let algo = desk.place_algo(same).expect("an algo order");
    desk.print(100_010, 20, Buy);
    assert_eq!(desk.now(&resting).status, OrderStatus::Filled);
    let algo = desk.algo_now(&algo);
    assert_eq!((algo.status, &*algo.reason), (AlgoStatus::Rejected, "Reduce Only reject"));
    assert!(desk.position().is_flat());
}

#[test]
fn a_reduce_only_stop_larger_than_the_position_has_two_variants() {
    for (rule, status, left) in
        [(Oversized::Truncate, AlgoStatus::Finished, 0), (Oversized::Reject, AlgoStatus::Rejected, 10)]
    {
        let mut desk = long(VenueRules { oversized_reduce_only_stop: rule, ..VenueRules::default() });
        let terms = NewAlgo { reduce_only: true, ..stop(Sell, 25, 99_000) };
        let algo = desk.place_algo(terms).expect("a stop");
        desk.print(99_000, 1, Sell);
        assert_eq!((desk.algo_now(&algo).status, desk.position().lots), (status, left));
    }
}

#[test]
fn margin_is_looked_at_when_it_triggers() {
    let mut desk = Desk::new();
    let huge = desk.place_algo(stop(Buy, 1_000_000, 100_010)).expect("no check before");
    desk.print(100_010, 1, Buy);
    let huge = desk.algo_now(&huge);
    assert_eq!((huge.status, &*huge.reason), (AlgoStatus::Rejected, "Margin is insufficient."));
}

#[test]
fn the_operator_can_expire_an_order_and_doom_another() {
    let mut desk = long(VenueRules::default());
    let one = desk.place_algo(floor(Sell, 99_000)).expect("a stop");
    desk.venue.expire_algo(USER, one.id, "system").expect("a waiting order");
    assert_eq!(desk.algo_now(&one).status, AlgoStatus::Expired);
    let other = desk.place_algo(floor(Sell, 99_000)).expect("a stop");
    desk.venue.reject_at_trigger(USER, other.id, "Margin is insufficient.").expect("a waiting order");
    desk.print(99_000, 1, Sell);
    assert_eq!((desk.algo_now(&other).status, desk.position().lots), (AlgoStatus::Rejected, 10));
}

#[test]
fn a_stop_limit_rests_and_finishes_with_its_child() {
    let mut desk = long(VenueRules::default());
    desk.depth(1, 10, 2);
    let terms = NewAlgo {
        order_type: OrderType::Stop,
        price_ticks: 99_995,
        reduce_only: true,
        ..stop(Sell, 10, 99_990)
    };
    let algo = desk.place_algo(terms).expect("a stop");
    desk.print(99_990, 1, Sell);
    assert_eq!(desk.algo_now(&algo).status, AlgoStatus::Triggered);
    assert_eq!(desk.venue.open_algos(USER, None).expect("a user").len(), 1);
    desk.print(99_996, 100, Buy);
    let algo = desk.algo_now(&algo);
    assert_eq!((algo.status, algo.child_quote_e8), (AlgoStatus::Finished, 10 * 99_995 * 10_000));
}

#[test]
fn in_a_thin_book_the_child_fills_in_part() {
    let mut desk = long(VenueRules::default());
    let algo = desk.place_algo(floor(Sell, 99_000)).expect("a stop");
    desk.depth(1, 2, 2);
    desk.print(99_000, 1, Sell);
    let algo = desk.algo_now(&algo);
    assert_eq!((algo.status, algo.child_lots, desk.position().lots), (AlgoStatus::Finished, 4, 6));
    let child = desk.venue.order(USER, SYMBOL, Handle::Id(algo.order_id)).expect("the child");
    assert_eq!(child.status, OrderStatus::Expired);
}

#[test]
fn a_countdown_reaches_algo_orders_in_one_variant() {
    for (reaches, status) in [(true, AlgoStatus::Canceled), (false, AlgoStatus::New)] {
        let rules = VenueRules { countdown_cancels_algo: reaches, ..VenueRules::default() };
        let mut desk = long(rules);
        let algo = desk.place_algo(floor(Sell, 99_000)).expect("a stop");
        let order = desk.place(limit(Buy, 1, 99_500)).expect("an order");
        desk.venue.countdown_cancel_all(USER, SYMBOL, 100).expect("a countdown");
        desk.venue.advance(1_050).expect("later");
        desk.venue.countdown_cancel_all(USER, SYMBOL, 100).expect("a renewal");
        desk.venue.advance(1_149).expect("later");
        assert_eq!(desk.now(&order).status, OrderStatus::New);
        desk.venue.advance(1_150).expect("later");
        assert_eq!(desk.now(&order).status, OrderStatus::Canceled);
        assert_eq!(desk.algo_now(&algo).status, status);
    }
}
