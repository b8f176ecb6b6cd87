//! Liquidation: in steps, before bankruptcy where the book allows, and never below zero.

use proptest::prelude::*;
use quantum_exit::venue::event::Event;
use quantum_exit::venue::grid::Cash;
use quantum_exit::venue::names::OrderSide::{self, Buy, Sell};
use quantum_exit::venue::names::{AlgoStatus, IncomeType, MarginType, OrderStatus, PositionSide};
use quantum_exit::venue::rules::VenueRules;
use quantum_exit::venue::symbol::{Bracket, Brackets, Filters};

use crate::desk::{Desk, E8, SYMBOL, USER, floor, limit, market};

fn from_fund(desk: &Desk) -> Vec<Cash> {
    let incomes = desk.venue.incomes(USER, 1, usize::MAX).expect("a user");
    let fund = incomes.iter().filter(|income| income.income_type == IncomeType::InsuranceClear);
    fund.map(|income| income.amount_e8).collect()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, ..ProptestConfig::default() })]

    #[test]
    fn with_a_deep_book_liquidation_comes_before_bankruptcy(
        sells in any::<bool>(),
        crossed in any::<bool>(),
        leverage in 2u32..100,
        steps in proptest::collection::vec(0i64..=50, 3_000),
    ) {
        let side = if sells { Sell } else { Buy };
        let mut desk = Desk::new();
        desk.venue.set_fees(USER, 200, 500).expect("fees");
        if !crossed {
            desk.venue.set_margin_type(USER, SYMBOL, MarginType::Isolated).expect("a change");
        }
        desk.venue.set_leverage(USER, SYMBOL, leverage).expect("a leverage");
        // Nine tenths of what the purse can carry.
        desk.place(market(side, 900 * i64::from(leverage))).expect("a position");
        let mut price = 100_000;
        for step in steps {
            price -= side.sign() * step;
            desk.print(price, 1, side);
            if desk.position().is_flat() {
                break;
            }
        }
        prop_assert!(desk.position().is_flat());
        prop_assert!(desk.wallet() >= 0);
        prop_assert!(from_fund(&desk).iter().all(|amount| *amount <= 0), "the fund had to pay");
    }
}

fn tiered() -> Desk {
    let bracket = |cap: Cash, max_leverage, maintenance_ppm, cum: Cash| Bracket {
        cap_e8: cap * E8,
        max_leverage,
        maintenance_ppm,
        cum_e8: cum * E8,
    };
    // 50 000 x 4.6 % = 2 300 more than in the first bracket.
    let brackets = vec![bracket(50_000, 125, 4_000, 0), bracket(1_000_000, 50, 50_000, 2_300)];
    Desk::with(VenueRules::default(), Filters::default(), Brackets::new(brackets).expect("rising"))
}

#[test]
fn a_large_position_is_first_reduced_to_the_bracket_below() {
    let mut desk = tiered();
    desk.place(market(Buy, 15_000)).expect("fifteen bitcoin");
    // At 9 670 the balance is 5 050, the maintenance margin 4 952.50; at 9 660: 4 900 and 4 945.
    desk.mark(96_700);
    assert_eq!(desk.position().lots, 15_000);
    desk.print(96_600, 1, Sell);
    desk.mark(96_600);
    // Down to 50 000 / 9.66 = 5 175 lots; after the fee 3 713 are left, where 200 are needed.
    assert_eq!(desk.position().lots, 5_175);
    let order = *desk.venue.all_orders(USER, SYMBOL, 0, 1).expect("a symbol").last().expect("one");
    assert!(order.client_id.starts_with("autoclose-"), "{}", order.client_id);
    assert_eq!((order.status, order.filled_lots), (OrderStatus::Filled, 9_825));
}

#[test]
fn what_the_book_does_not_take_the_insurance_fund_does_at_the_bankruptcy_price() {
    let mut desk = Desk::new();
    desk.venue.set_margin_type(USER, SYMBOL, MarginType::Isolated).expect("a change");
    desk.place(market(Buy, 1_000)).expect("one bitcoin");
    desk.events();
    desk.depth(1, 0, 1);
    desk.mark(90_000);
    let shown: Vec<&str> = desk
        .events()
        .iter()
        .filter_map(|stamped| match &stamped.event {
            Event::Order { shown, fill: Some(fill), .. } => {
                // 500 of margin: bankrupt at 9 500.
                assert_eq!(fill.price_ticks, 95_000);
                Some(shown.name())
            }
            _ => None,
        })
        .collect();
    assert_eq!(shown, ["NEW_INSURANCE"]);
    assert_eq!(desk.wallet(), 9_500 * E8);
}

#[test]
fn an_isolated_position_costs_its_margin_and_no_more() {
    for side in OrderSide::ALL {
        let mut desk = Desk::new();
        desk.venue.set_fees(USER, 200, 500).expect("fees");
        desk.venue.set_margin_type(USER, SYMBOL, MarginType::Isolated).expect("a change");
        desk.place(market(*side, 1_000)).expect("one bitcoin");
        let (before, margin) = (desk.wallet(), desk.position().isolated_e8);
        let gap = 100_000 - side.sign() * 30_000;
        desk.print(gap, 1, *side);
        assert!(desk.position().is_flat());
        assert!(desk.wallet() >= before - margin, "{side:?} lost {}", before - desk.wallet());
    }
}

#[test]
fn a_cross_account_ends_at_zero_and_its_orders_are_cancelled() {
    let mut desk = Desk::new();
    desk.venue.set_fees(USER, 200, 500).expect("fees");
    desk.place(market(Buy, 19_000)).expect("nineteen bitcoin");
    let order = desk.place(limit(Buy, 1, 50_000)).expect("an order");
    let stop = desk.place_algo(floor(Sell, 40_000)).expect("a stop");
    desk.print(60_000, 1, Sell);
    assert!(desk.position().is_flat());
    assert_eq!(desk.wallet(), 0);
    assert_eq!(desk.now(&order).status, OrderStatus::Canceled);
    assert_eq!(desk.algo_now(&stop).status, AlgoStatus::Expired);
}

#[test]
fn a_stop_that_the_price_meets_first_saves_the_rest_of_the_margin() {
    let mut desk = Desk::new();
    desk.venue.set_margin_type(USER, SYMBOL, MarginType::Isolated).expect("a change");
    desk.place(market(Buy, 1_000)).expect("one bitcoin");
    let stop = desk.place_algo(floor(Sell, 97_000)).expect("a stop");
    desk.print(97_000, 1, Sell);
    assert_eq!(desk.algo_now(&stop).status, AlgoStatus::Finished);
    assert_eq!(desk.wallet(), 9_700 * E8);
    assert!(from_fund(&desk).is_empty());
}

#[test]
fn a_margin_call_is_told_once() {
    let mut desk = Desk::new();
    desk.venue.set_margin_type(USER, SYMBOL, MarginType::Isolated).expect("a change");
    desk.place(market(Buy, 1_000)).expect("one bitcoin");
    desk.events();
    // At 9 545: balance 45, maintenance 38.18 (85 %).
    for price in [95_450, 95_451, 95_449] {
        desk.mark(price);
    }
    assert_eq!(desk.told(), ["MARGIN CALL"]);
    desk.mark(99_000);
    desk.mark(95_450);
    assert_eq!(desk.told(), ["MARGIN CALL"]);
}

#[test]
fn deleveraging_closes_at_the_mark_price() {
    let mut desk = Desk::new();
    desk.place(market(Buy, 1_000)).expect("one bitcoin");
    desk.mark(110_000);
    desk.events();
    let order = desk.venue.adl(USER, SYMBOL, PositionSide::Both, 400).expect("a position");
    assert!(order.client_id.starts_with("adl_autoclose"));
    assert_eq!(desk.told(), ["LITE", "NEW/NEW", "ACCOUNT ORDER", "CALCULATED/NEW_ADL"]);
    // 0.4 x (11 000 - 10 000).
    assert_eq!((desk.position().lots, desk.wallet()), (600, 10_400 * E8));
}

#[test]
fn a_delisting_cancels_and_closes_everything() {
    let mut desk = Desk::new();
    desk.place(market(Sell, 1_000)).expect("one bitcoin");
    let order = desk.place(limit(Sell, 1, 110_000)).expect("an order");
    let stop = desk.place_algo(floor(Buy, 120_000)).expect("a stop");
    desk.venue.settle(SYMBOL, 100_999).expect("a symbol");
    assert!(desk.position().is_flat());
    // Sold at 9 999.9, settled at 10 099.9.
    assert_eq!(desk.wallet(), 9_900 * E8);
    assert_eq!(desk.now(&order).status, OrderStatus::Canceled);
    assert_eq!(desk.algo_now(&stop).status, AlgoStatus::Expired);
    assert_eq!(crate::desk::code(desk.place(market(Buy, 1))), -4141);
}
