//! Margin, fees, funding and liquidation prices, computed by hand.

use quantum_exit::venue::names::OrderSide::{Buy, Sell};
use quantum_exit::venue::names::{IncomeType, MarginType, PositionSide};

use crate::desk::{Desk, E8, SYMBOL, USER, code, limit, market};

fn margins(desk: &Desk) -> quantum_exit::venue::account::Margins {
    desk.venue.holdings(USER, Some(SYMBOL)).expect("a symbol")[0].margins
}

fn isolated() -> Desk {
    let mut desk = Desk::new();
    desk.venue.set_margin_type(USER, SYMBOL, MarginType::Isolated).expect("a change");
    desk
}

#[test]
fn the_liquidation_price_of_an_isolated_long() {
    let mut desk = isolated();
    desk.place(market(Buy, 1_000)).expect("one bitcoin");
    assert_eq!(desk.position().isolated_e8, 500 * E8);
    // 500 + P - 10 000 = 0.004 P, so P = 9 500 / 0.996 = 9 538.152 610 44...; the maintenance margin is
    // rounded up, which makes the next 1e-8 dead as well.
    assert_eq!(margins(&desk).liquidation_e8, 953_815_261_045);
    assert_eq!(margins(&desk).maintenance_e8, 40 * E8);
    assert_eq!(margins(&desk).initial_e8, 500 * E8);
}

#[test]
fn the_liquidation_price_of_an_isolated_short() {
    let mut desk = isolated();
    desk.place(market(Sell, 1_000)).expect("one bitcoin");
    // Sold at 9 999.9: 499.995 + 9 999.9 - P = 0.004 P, so P = 10 499.895 / 1.004 = 10 458.062 749 003...
    assert_eq!(margins(&desk).liquidation_e8, 1_045_806_274_900);
}

#[test]
fn the_liquidation_price_of_a_cross_long() {
    let mut desk = Desk::new();
    desk.place(market(Buy, 5_000)).expect("five bitcoin");
    // 10 000 + 5 P - 50 000 = 0.02 P, so P = 40 000 / 4.98 = 8 032.128 514 056...
    assert_eq!(margins(&desk).liquidation_e8, 803_212_851_405);
}

#[test]
fn a_position_that_cannot_be_lost_has_no_liquidation_price() {
    let mut desk = Desk::new();
    desk.place(market(Buy, 500)).expect("half a bitcoin");
    assert_eq!(margins(&desk).liquidation_e8, 0);
}

#[test]
fn it_is_liquidated_at_its_liquidation_price_and_not_before() {
    for side in [Buy, Sell] {
        let mut desk = isolated();
        desk.place(market(side, 1_000)).expect("one bitcoin");
        let price = margins(&desk).liquidation_e8;
        desk.venue.mark(SYMBOL, price + side.sign(), None).expect("a price");
        assert_eq!(desk.position().lots.abs(), 1_000, "{side:?} alive");
        desk.venue.mark(SYMBOL, price, None).expect("a price");
        assert!(desk.position().is_flat(), "{side:?} dead");
    }
}

#[test]
fn fees_and_profit_are_exact() {
    let mut desk = Desk::new();
    desk.venue.set_fees(USER, 200, 500).expect("fees");
    desk.place(market(Buy, 1_000)).expect("an order");
    // 0.05 % of 10 000.
    assert_eq!(desk.wallet(), 9_995 * E8);
    assert_eq!(desk.position().break_even_e8, 10_005 * E8);
    desk.print(101_000, 1, Buy);
    desk.place(market(Sell, 500)).expect("an order");
    // Sold half at 10 099.9: profit 49.95, fee 2.524 975.
    assert_eq!(desk.wallet(), 9_995 * E8 + 4_995_000_000 - 252_497_500);
    assert_eq!(desk.position().cost_e8, 5_000 * E8);
    let kinds: Vec<IncomeType> =
        desk.venue.incomes(USER, 2, 9).expect("a user").iter().map(|income| income.income_type).collect();
    assert_eq!(kinds, [IncomeType::Commission, IncomeType::RealizedPnl, IncomeType::Commission]);
}

#[test]
fn a_reversal_realises_all_and_opens_the_rest() {
    let mut desk = Desk::new();
    desk.place(market(Buy, 10)).expect("an order");
    desk.print(101_000, 1, Sell);
    desk.place(market(Sell, 25)).expect("an order");
    // 10 lots x 1 000 ticks x 0.0001.
    assert_eq!(desk.wallet(), 10_001 * E8);
    assert_eq!((desk.position().lots, desk.position().cost_e8), (-15, -15 * 101_000 * 10_000));
}

#[test]
fn longs_pay_a_positive_funding_rate_and_shorts_get_it() {
    for (side, rate_e8, change) in
        [(Buy, 10_000, -1), (Buy, -10_000, 1), (Sell, 10_000, 1), (Sell, -10_000, -1)]
    {
        let mut desk = Desk::new();
        desk.place(market(side, 1_000)).expect("one bitcoin");
        desk.venue.funding(SYMBOL, rate_e8).expect("a rate");
        assert_eq!(desk.wallet(), (10_000 + change) * E8, "{side:?} at {rate_e8}");
        assert_eq!(desk.told().last().map(String::as_str), Some("ACCOUNT FUNDING_FEE"));
    }
}

#[test]
fn funding_of_an_isolated_position_is_paid_from_its_margin() {
    let mut desk = isolated();
    desk.place(market(Buy, 1_000)).expect("one bitcoin");
    desk.venue.funding(SYMBOL, 10_000).expect("a rate");
    assert_eq!(desk.position().isolated_e8, 499 * E8);
    let totals = desk.venue.balance(USER).expect("a user").1;
    assert_eq!(totals.cross_wallet_e8, 9_500 * E8);
}

#[test]
fn open_orders_tie_up_the_larger_of_both_directions() {
    let mut desk = Desk::new();
    desk.place(limit(Buy, 1_000, 90_000)).expect("9 000 bid");
    desk.place(limit(Sell, 1_000, 110_000)).expect("11 000 asked");
    let totals = desk.venue.balance(USER).expect("a user").1;
    assert_eq!(totals.order_margin_e8, 550 * E8);
    assert_eq!(totals.available_e8(), 9_450 * E8);
}

#[test]
fn the_purse_bounds_what_can_be_opened() {
    let mut desk = Desk::new();
    assert_eq!(code(desk.place(limit(Buy, 20_001, 100_000))), -2019);
    desk.place(limit(Buy, 20_000, 100_000)).expect("20x of 10 000");
    assert_eq!(code(desk.place(limit(Buy, 1, 99_000))), -2019);
    desk.place(market(Sell, 20_000)).expect("closing needs no margin");
}

#[test]
fn isolated_margin_moves_between_purse_and_position() {
    let mut desk = isolated();
    let both = PositionSide::Both;
    assert_eq!(code(desk.venue.change_isolated_margin(USER, SYMBOL, E8, both)), -4054);
    desk.place(market(Buy, 1_000)).expect("one bitcoin");
    let more = desk.venue.change_isolated_margin(USER, SYMBOL, 100 * E8, both).expect("margin");
    assert_eq!(more.position.isolated_e8, 600 * E8);
    assert_eq!(code(desk.venue.change_isolated_margin(USER, SYMBOL, -101 * E8, both)), -4051);
    assert_eq!(code(desk.venue.change_isolated_margin(USER, SYMBOL, 9_401 * E8, both)), -4050);
    desk.venue.change_isolated_margin(USER, SYMBOL, -100 * E8, both).expect("margin");
    desk.place(market(Sell, 1_000)).expect("an order");
    assert_eq!((desk.position().isolated_e8, desk.wallet()), (0, 10_000 * E8 - 10_000_000));
}
