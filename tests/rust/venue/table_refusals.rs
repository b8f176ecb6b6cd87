//! What is refused, with which code, and that nothing changes then.

use quantum_exit::venue::algo::NewAlgo;
use quantum_exit::venue::names::OrderSide::{Buy, Sell};
use quantum_exit::venue::names::{
    MarginType, OrderType, PositionSide, SymbolStatus, TimeInForce, WorkingType,
};
use quantum_exit::venue::order::NewOrder;
use quantum_exit::venue::reject::VenueError;
use quantum_exit::venue::rules::{Protected, VenueRules};
use quantum_exit::venue::symbol::{Brackets, Filters};
use quantum_exit::venue::venue::Handle;

use crate::desk::{Desk, E8, SYMBOL, USER, code, floor, id, limit, market, reducing, stop, trail};

fn filters() -> Filters {
    Filters {
        price_multiple: 5,
        min_price_ticks: 5_000,
        max_price_ticks: 1_000_000,
        lot_multiple: 2,
        min_lots: 2,
        max_lots: 1_000,
        market_min_lots: 2,
        market_max_lots: 100,
        min_notional_e8: 5 * E8,
        multiplier_up_ppm: 1_050_000,
        multiplier_down_ppm: 950_000,
        market_take_bound_ppm: 50_000,
        max_orders: 3,
        max_algo_orders: 2,
        ..Filters::default()
    }
}

fn strict() -> Desk {
    Desk::with(VenueRules::default(), filters(), Brackets::simple())
}

#[test]
fn filters_refuse_with_the_codes_of_the_exchange() {
    for (terms, expected) in [
        (limit(Buy, 10, 99_996), -4014),
        (limit(Buy, 10, 4_995), -4013),
        (limit(Buy, 10, 1_000_005), -4002),
        (limit(Buy, 0, 99_995), -4003),
        (limit(Buy, -2, 99_995), -4003),
        (limit(Buy, 1, 99_995), -4004),
        (limit(Buy, 1_002, 99_995), -4005),
        (limit(Buy, i64::MAX, i64::MAX), -4005),
        (limit(Buy, 11, 99_995), -4023),
        (market(Buy, 102), -4005),
        (limit(Buy, 10, 105_005), -4016),
        (limit(Sell, 10, 94_995), -4024),
        (limit(Sell, 10, 105_005), 0),
        (limit(Buy, 4, 99_000), 0),
        (NewOrder { time_in_force: TimeInForce::Gtd, ..limit(Buy, 10, 99_995) }, -1130),
        (NewOrder { order_type: OrderType::StopMarket, ..limit(Buy, 10, 99_995) }, -4120),
        (NewOrder { position_side: PositionSide::Long, ..limit(Buy, 10, 99_995) }, -4061),
        (NewOrder { client_id: Some(id("")), ..limit(Buy, 10, 99_995) }, -4015),
        (NewOrder { client_id: Some(id("no spaces")), ..limit(Buy, 10, 99_995) }, -4015),
    ] {
        let mut desk = strict();
        let before = desk.venue.ledger_hash();
        match (desk.place(terms), expected) {
            (Ok(_), 0) => {}
            (answer, expected) => {
                assert_eq!(code(answer), expected, "{terms:?}");
                assert_eq!(desk.venue.ledger_hash(), before, "a refusal changes nothing");
            }
        }
    }
}

#[test]
fn the_smallest_notional_is_for_orders_that_open() {
    let large = Filters { min_notional_e8: 150 * E8, ..filters() };
    let mut desk = Desk::with(VenueRules::default(), large, Brackets::simple());
    let Err(VenueError::Reject(refusal)) = desk.place(market(Buy, 14)) else { panic!("140 is too small") };
    assert_eq!(refusal.code, -4164);
    let text = "Order's notional must be no smaller than 150 (unless you choose reduce only).";
    assert_eq!(refusal.message, text);
    desk.place(market(Buy, 16)).expect("160");
    desk.place(reducing(market(Sell, 2))).expect("20, reducing");
}

#[test]
fn a_market_order_does_not_chase_a_price_that_is_too_far_away() {
    let mut desk = strict();
    desk.mark(100_000);
    desk.print(106_000, 1, Buy);
    assert_eq!(code(desk.place(market(Buy, 2))), -4131);
    desk.place(market(Sell, 2)).expect("a better price");
}

#[test]
fn an_open_client_id_is_taken_and_a_final_one_is_not() {
    let named = NewOrder { client_id: Some(id("a")), ..limit(Buy, 10, 99_000) };
    let mut desk = Desk::new();
    let order = desk.place(named).expect("an order");
    assert_eq!(code(desk.place(named)), -4116);
    desk.venue.cancel(USER, SYMBOL, Handle::Client("a")).expect("an order");
    let again = desk.place(named).expect("free again");
    let found = desk.venue.order(USER, SYMBOL, Handle::Client("a")).expect("an order");
    assert_eq!((found.id, found.id > order.id), (again.id, true));
    let rules = VenueRules { client_id_reuse_after_final: false, ..VenueRules::default() };
    let mut desk = Desk::with_rules(rules);
    desk.place(NewOrder { client_id: Some(id("a")), ..market(Buy, 1) }).expect("an order");
    assert_eq!(code(desk.place(named)), -4116);
    desk.place_algo(NewAlgo { client_id: Some(id("b")), ..floor(Sell, 99_000) }).expect("a stop");
    desk.venue.cancel_algo(USER, Handle::Client("b")).expect("a stop");
    assert_eq!(code(desk.place_algo(NewAlgo { client_id: Some(id("b")), ..floor(Sell, 99_000) })), -4116);
}

#[test]
fn orders_are_counted() {
    let mut desk = strict();
    for _ in 0..3 {
        desk.place(limit(Buy, 10, 99_000)).expect("an order");
    }
    assert_eq!(code(desk.place(limit(Buy, 10, 99_000))), -2025);
    for trigger in [98_000, 97_000] {
        desk.place_algo(stop(Sell, 10, trigger)).expect("a stop");
    }
    assert_eq!(code(desk.place_algo(stop(Sell, 10, 96_000))), -4045);
}

#[test]
fn algo_orders_refuse_with_the_codes_of_the_exchange() {
    for (terms, expected) in [
        (stop(Sell, 1, 100_000), -2021),
        (stop(Sell, 1, 100_001), -2021),
        (stop(Buy, 1, 100_000), -2021),
        (NewAlgo { order_type: OrderType::TakeProfitMarket, ..stop(Sell, 1, 99_999) }, -2021),
        (stop(Sell, 1, 0), -4006),
        (stop(Sell, 1, i64::MAX), -4007),
        (stop(Sell, 0, 99_000), -4003),
        (NewAlgo { order_type: OrderType::Limit, ..stop(Sell, 1, 99_000) }, -1116),
        (NewAlgo { order_type: OrderType::Stop, ..stop(Sell, 1, 99_000) }, -4013),
        (NewAlgo { lots: 1, ..floor(Sell, 99_000) }, -4137),
        (NewAlgo { reduce_only: true, ..floor(Sell, 99_000) }, -1106),
        (NewAlgo { order_type: OrderType::Stop, ..floor(Sell, 99_000) }, -4136),
        (trail(Sell, 1, 999, 0), -2007),
        (trail(Sell, 1, 101_000, 0), -2007),
        (trail(Sell, 1, 1_500, 0), -2007),
        (trail(Sell, 1, 5_000, 100_000), -2021),
        (trail(Buy, 1, 5_000, 100_000), -2021),
        (NewAlgo { trigger_ticks: 99_000, ..trail(Sell, 1, 5_000, 0) }, -2021),
        (NewAlgo { time_in_force: TimeInForce::Gtd, ..stop(Sell, 1, 99_000) }, -1130),
    ] {
        let mut desk = Desk::new();
        let before = desk.venue.ledger_hash();
        assert_eq!(code(desk.place_algo(terms)), expected, "{terms:?}");
        assert_eq!(desk.venue.ledger_hash(), before, "a refusal changes nothing");
    }
}

#[test]
fn resting_reduce_only_orders_use_up_the_position_in_one_variant() {
    for budget in [true, false] {
        let rules = VenueRules { reduce_only_budget: budget, ..VenueRules::default() };
        let mut desk = Desk::with_rules(rules);
        desk.place(market(Buy, 10)).expect("an order");
        desk.place(reducing(limit(Sell, 6, 101_000))).expect("an order");
        desk.place(reducing(limit(Sell, 4, 102_000))).expect("an order");
        let close = desk.place(reducing(market(Sell, 10)));
        if budget {
            assert_eq!(code(close), -4118);
        } else {
            close.expect("no budget");
            assert!(desk.position().is_flat());
        }
    }
}

#[test]
fn a_hedged_account_has_two_sides_that_only_their_orders_touch() {
    let mut desk = Desk::new();
    desk.venue.set_hedge_mode(USER, true).expect("a change");
    let on = |position_side, terms| NewOrder { position_side, ..terms };
    desk.place(on(PositionSide::Long, market(Buy, 10))).expect("an order");
    desk.place(on(PositionSide::Short, market(Sell, 4))).expect("an order");
    assert_eq!(code(desk.place(market(Buy, 1))), -4061);
    assert_eq!(code(desk.place(reducing(on(PositionSide::Long, market(Sell, 1))))), -1106);
    let closed = desk.place(on(PositionSide::Long, market(Sell, 99))).expect("an order");
    assert_eq!(closed.terms.lots, 10);
    assert_eq!(code(desk.place(on(PositionSide::Long, market(Sell, 1)))), -2022);
    let held = desk.venue.holdings(USER, Some(SYMBOL)).expect("a symbol");
    assert_eq!(held.iter().map(|side| side.position.lots).collect::<Vec<_>>(), [0, -4]);
    let wrong = NewAlgo { position_side: PositionSide::Short, ..floor(Sell, 99_000) };
    assert_eq!(code(desk.place_algo(wrong)), -4061);
}

#[test]
fn settings_do_not_change_under_orders_and_positions() {
    let mut desk = Desk::new();
    assert_eq!(code(desk.venue.set_hedge_mode(USER, false)), -4059);
    assert_eq!(code(desk.venue.set_margin_type(USER, SYMBOL, MarginType::Crossed)), -4046);
    assert_eq!(code(desk.venue.set_leverage(USER, SYMBOL, 126)), -4028);
    assert_eq!(code(desk.venue.set_leverage(USER, SYMBOL, 0)), -4028);
    desk.place(limit(Buy, 10, 99_000)).expect("an order");
    assert_eq!(code(desk.venue.set_hedge_mode(USER, true)), -4067);
    assert_eq!(code(desk.venue.set_margin_type(USER, SYMBOL, MarginType::Isolated)), -4047);
    desk.venue.cancel_all(USER, SYMBOL).expect("an order");
    desk.place(market(Buy, 10)).expect("an order");
    assert_eq!(code(desk.venue.set_hedge_mode(USER, true)), -4068);
    assert_eq!(code(desk.venue.set_margin_type(USER, SYMBOL, MarginType::Isolated)), -4048);
}

#[test]
fn the_status_of_a_symbol_decides_what_it_takes() {
    let mut desk = Desk::new();
    desk.place(market(Buy, 10)).expect("an order");
    desk.venue.set_symbol_status(SYMBOL, SymbolStatus::Settling).expect("a symbol");
    assert_eq!(code(desk.place(market(Buy, 1))), -4140);
    desk.place(reducing(market(Sell, 1))).expect("reducing");
    desk.venue.set_symbol_status(SYMBOL, SymbolStatus::Break).expect("a symbol");
    assert_eq!(code(desk.place(reducing(market(Sell, 1)))), -4141);
}

#[test]
fn a_protected_stop_does_not_trigger_while_last_and_mark_are_far_apart() {
    for (rule, told) in [(Protected::Wait, "ALGO FINISHED"), (Protected::Expire, "ALGO EXPIRED")] {
        let torn = Filters { trigger_protect_ppm: 50_000, ..Filters::default() };
        let rules = VenueRules { price_protect_violation: rule, ..VenueRules::default() };
        let mut desk = Desk::with(rules, torn, Brackets::simple());
        desk.mark(100_000);
        desk.place(market(Buy, 10)).expect("an order");
        let terms =
            NewAlgo { price_protect: true, working_type: WorkingType::ContractPrice, ..floor(Sell, 95_500) };
        desk.place_algo(terms).expect("a stop");
        desk.print(94_000, 1, Sell);
        assert_eq!(desk.position().lots, 10);
        desk.mark(95_000);
        desk.print(94_000, 1, Sell);
        let last = desk.told().into_iter().rfind(|word| word.starts_with("ALGO"));
        assert_eq!(last.as_deref(), Some(told));
    }
}

#[test]
fn unknown_names_and_handles() {
    let mut desk = Desk::new();
    assert_eq!(code(desk.venue.place(USER, "NOPE", &market(Buy, 1))), -1121);
    assert_eq!(code(desk.venue.cancel(USER, SYMBOL, Handle::Id(99))), -2011);
    assert_eq!(code(desk.venue.order(USER, SYMBOL, Handle::Client("nobody"))), -2013);
    assert_eq!(code(desk.venue.cancel_algo(USER, Handle::Id(99))), -2011);
    assert_eq!(code(desk.venue.transfer(USER, -10_001 * E8)), -4050);
    assert!(matches!(desk.venue.place(7, SYMBOL, &market(Buy, 1)), Err(VenueError::Invalid(_))));
    assert!(desk.venue.advance(0).is_err(), "time does not go back");
}
