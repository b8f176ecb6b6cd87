//! How orders meet the market, computed by hand.

use quantum_exit::venue::names::OrderSide::{Buy, Sell};
use quantum_exit::venue::names::{OrderStatus, PriceMatch, TimeInForce};
use quantum_exit::venue::order::NewOrder;
use quantum_exit::venue::orders::Amendment;
use quantum_exit::venue::venue::Handle;

use crate::desk::{Desk, SYMBOL, USER, code, limit, market, reducing};

/// Asks 100 000, 100 001, 100 002 and bids 99 999, 99 998, 99 997, ten lots each.
fn thin() -> Desk {
    let mut desk = Desk::new();
    desk.depth(1, 3, 10);
    desk.print(100_000, 1, Buy);
    desk.events();
    desk
}

#[test]
fn a_market_order_walks_the_book() {
    let mut desk = thin();
    let order = desk.place(market(Buy, 25)).expect("an order");
    assert_eq!((order.status, order.filled_lots), (OrderStatus::Filled, 25));
    // (10 x 100 000 + 10 x 100 001 + 5 x 100 002) lots x ticks, each worth 10 000 (1e-8).
    assert_eq!(order.quote_e8, 2_500_020 * 10_000);
    assert_eq!((desk.position().lots, desk.position().cost_e8), (25, 25_000_200_000));
    assert_eq!(desk.venue.book_levels(SYMBOL, 5).expect("a symbol").1, [(100_002, 5)]);
}

#[test]
fn what_the_book_does_not_have_expires() {
    let mut desk = thin();
    let order = desk.place(market(Buy, 35)).expect("an order");
    assert_eq!((order.status, order.filled_lots), (OrderStatus::Expired, 30));
    let nothing = desk.place(market(Buy, 1)).expect("an order");
    assert_eq!((nothing.status, nothing.filled_lots), (OrderStatus::Expired, 0));
}

#[test]
fn one_fill_is_told_in_the_order_of_the_exchange() {
    let mut desk = thin();
    desk.place(market(Buy, 1)).expect("an order");
    assert_eq!(desk.told(), ["LITE", "NEW/NEW", "ACCOUNT ORDER", "TRADE/FILLED"]);
    desk.place(market(Buy, 10)).expect("an order");
    let two = ["LITE", "NEW/NEW", "ACCOUNT ORDER", "TRADE/PARTIALLY_FILLED"];
    assert_eq!(desk.told(), [&two[..], &["LITE", "ACCOUNT ORDER", "TRADE/FILLED"]].concat());
    desk.place(market(Buy, 30)).expect("an order");
    assert_eq!(desk.told().last().map(String::as_str), Some("EXPIRED/EXPIRED"));
}

#[test]
fn a_resting_order_waits_behind_the_queue_at_its_price() {
    let mut desk = thin();
    let order = desk.place(limit(Buy, 8, 99_999)).expect("an order");
    assert_eq!((order.status, desk.now(&order).queue_lots), (OrderStatus::New, 10));
    for (lots, filled) in [(4, 0), (6, 0), (5, 5), (2, 7), (9, 8)] {
        desk.print(99_999, lots, Sell);
        assert_eq!(desk.now(&order).filled_lots, filled);
    }
    assert_eq!(desk.now(&order).status, OrderStatus::Filled);
    assert_eq!(desk.position().cost_e8, 8 * 99_999 * 10_000);
}

#[test]
fn a_trade_of_the_other_side_fills_nothing() {
    let mut desk = thin();
    let order = desk.place(limit(Sell, 3, 100_000)).expect("an order");
    assert_eq!(order.status, OrderStatus::New);
    desk.print(99_999, 500, Sell);
    assert_eq!(desk.now(&order).filled_lots, 0);
}

#[test]
fn a_price_that_goes_through_fills_from_the_trade_and_then_from_the_book() {
    let mut desk = thin();
    let order = desk.place(limit(Buy, 8, 99_990)).expect("an order");
    desk.events();
    desk.print(99_980, 3, Sell);
    let order = desk.now(&order);
    assert_eq!((order.status, order.quote_e8), (OrderStatus::Filled, 8 * 99_990 * 10_000));
    let fills = desk.venue.fills(USER, SYMBOL, 0, 10).expect("a symbol");
    assert_eq!(fills.iter().map(|fill| (fill.lots, fill.maker)).collect::<Vec<_>>(), [(3, true), (5, true)]);
    assert_eq!(desk.told()[..3], ["LITE", "ACCOUNT ORDER", "TRADE/PARTIALLY_FILLED"]);
}

#[test]
fn orders_at_one_price_fill_oldest_first_and_an_amended_one_last() {
    let mut desk = thin();
    let first = desk.place(limit(Buy, 5, 99_990)).expect("an order");
    let second = desk.place(limit(Buy, 5, 99_990)).expect("an order");
    let wish = Amendment { side: Buy, lots: 6, price_ticks: 99_990, price_match: PriceMatch::None };
    let amended = desk.venue.amend(USER, SYMBOL, Handle::Id(first.id), wish).expect("an amendment");
    assert_eq!((amended.terms.lots, amended.amendments), (6, 1));
    // Beyond the last level the market is thought to have ten lots more.
    desk.print(99_990, 14, Sell);
    assert_eq!((desk.now(&first).filled_lots, desk.now(&second).filled_lots), (0, 4));
}

#[test]
fn an_amendment_below_what_is_filled_cancels() {
    let mut desk = thin();
    let order = desk.place(limit(Buy, 15, 100_000)).expect("an order");
    assert_eq!(order.filled_lots, 10);
    let wish = Amendment { side: Buy, lots: 9, price_ticks: 100_000, price_match: PriceMatch::None };
    let ended = desk.venue.amend(USER, SYMBOL, Handle::Id(order.id), wish).expect("an amendment");
    assert_eq!(ended.status, OrderStatus::Canceled);
    let none = Amendment { lots: 15, ..wish };
    assert_eq!(code(desk.venue.amend(USER, SYMBOL, Handle::Id(order.id), none)), -2013);
}

#[test]
fn time_in_force_decides_what_stays() {
    let with = |time_in_force| NewOrder { time_in_force, ..limit(Buy, 15, 100_000) };
    let ioc = thin().place(with(TimeInForce::Ioc)).expect("an order");
    assert_eq!((ioc.status, ioc.filled_lots), (OrderStatus::Expired, 10));
    let gtc = thin().place(with(TimeInForce::Gtc)).expect("an order");
    assert_eq!((gtc.status, gtc.filled_lots), (OrderStatus::PartiallyFilled, 10));
    assert_eq!(code(thin().place(with(TimeInForce::Fok))), -5021);
    assert_eq!(code(thin().place(with(TimeInForce::Gtx))), -5022);
    let maker = NewOrder { time_in_force: TimeInForce::Gtx, ..limit(Buy, 15, 99_999) };
    assert_eq!(thin().place(maker).expect("an order").status, OrderStatus::New);
    let whole = NewOrder { time_in_force: TimeInForce::Fok, ..limit(Buy, 20, 100_001) };
    assert_eq!(thin().place(whole).expect("an order").status, OrderStatus::Filled);
}

#[test]
fn a_good_till_date_order_ends_on_its_date() {
    let mut desk = thin();
    let good_till_ms = desk.venue.now_ms() + 600_001;
    let terms = NewOrder { time_in_force: TimeInForce::Gtd, good_till_ms, ..limit(Buy, 1, 99_000) };
    let order = desk.place(terms).expect("an order");
    assert_eq!(desk.venue.next_due_ms(), Some(good_till_ms));
    desk.venue.advance(good_till_ms - 1).expect("later");
    assert_eq!(desk.now(&order).status, OrderStatus::New);
    desk.venue.advance(good_till_ms).expect("later");
    assert_eq!(desk.now(&order).status, OrderStatus::Expired);
}

#[test]
fn a_reduce_only_order_is_cut_to_the_position_and_never_turns_it() {
    let mut desk = thin();
    desk.place(market(Buy, 7)).expect("an order");
    let close = desk.place(reducing(market(Sell, 25))).expect("an order");
    assert_eq!((close.terms.lots, close.status), (7, OrderStatus::Filled));
    assert!(desk.position().is_flat());
    assert_eq!(code(desk.place(reducing(market(Sell, 1)))), -2022);
}

#[test]
fn a_resting_reduce_only_order_expires_when_the_market_reaches_it_and_nothing_is_left() {
    let mut desk = thin();
    desk.place(market(Buy, 7)).expect("an order");
    let take_profit = desk.place(reducing(limit(Sell, 7, 100_010))).expect("an order");
    desk.place(market(Sell, 7)).expect("an order");
    assert_eq!(desk.now(&take_profit).status, OrderStatus::New);
    desk.print(100_011, 50, Buy);
    assert_eq!(desk.now(&take_profit).status, OrderStatus::Expired);
    assert!(desk.position().is_flat());
}

#[test]
fn fills_split_into_small_trades_have_one_average_price() {
    let mut desk = thin();
    desk.venue.set_fill_split(SYMBOL, Some(4)).expect("a quantity");
    desk.place(market(Buy, 10)).expect("an order");
    let fills = desk.venue.fills(USER, SYMBOL, 0, 10).expect("a symbol");
    assert_eq!(fills.iter().map(|fill| fill.lots).collect::<Vec<_>>(), [4, 4, 2]);
    assert_eq!(desk.position().cost_e8, 1_000_000 * 10_000);
}

#[test]
fn a_price_match_takes_its_price_from_the_book() {
    let mut desk = thin();
    let with = |price_match| NewOrder { price_match, ..limit(Buy, 1, 0) };
    let queue = desk.place(with(PriceMatch::Queue)).expect("an order");
    assert_eq!((queue.terms.price_ticks, queue.status), (99_999, OrderStatus::New));
    let opponent = desk.place(with(PriceMatch::Opponent)).expect("an order");
    assert_eq!((opponent.terms.price_ticks, opponent.status), (100_000, OrderStatus::Filled));
    assert_eq!(code(desk.place(with(PriceMatch::Opponent5))), -5041);
}
