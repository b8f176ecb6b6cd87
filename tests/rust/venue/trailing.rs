//! The trailing order follows the documented rule literally: BUY, "the lowest price after order placed
//! <= activatePrice, and the latest price >= the lowest price * (1 + callbackRate)"; SELL the mirror.

use proptest::prelude::*;
use quantum_exit::venue::names::AlgoStatus;
use quantum_exit::venue::names::OrderSide::{self, Buy, Sell};

use crate::desk::{Desk, market, trail};

/// Index of the first price that triggers, by the words of the rule.
fn first_by_rule(side: OrderSide, activation: i64, callback_ppm: i64, prices: &[i64]) -> Option<usize> {
    let (mut high, mut low) = (i64::MIN, i64::MAX);
    prices.iter().position(|price| {
        high = high.max(*price);
        low = low.min(*price);
        match side {
            Sell => high >= activation && price * 1_000_000 <= high * (1_000_000 - callback_ppm),
            Buy => low <= activation && price * 1_000_000 >= low * (1_000_000 + callback_ppm),
        }
    })
}

fn first_at_venue(side: OrderSide, activation: i64, callback_ppm: i64, prices: &[i64]) -> Option<usize> {
    let mut desk = Desk::new();
    let entry = if side == Sell { Buy } else { Sell };
    desk.place(market(entry, 5)).expect("an order");
    let algo = desk.place_algo(trail(side, 5, callback_ppm, activation)).expect("a trailing order");
    prices.iter().position(|price| {
        desk.print(*price, 1, Buy);
        desk.algo_now(&algo).status != AlgoStatus::New
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, ..ProptestConfig::default() })]

    #[test]
    fn a_trailing_order_follows_the_documented_rule(
        sells in any::<bool>(),
        away in 1i64..800,
        tenths in 1i64..20,
        steps in proptest::collection::vec(-300i64..=300, 1..80),
    ) {
        let side = if sells { Sell } else { Buy };
        let activation = 100_000 + if sells { away } else { -away };
        let mut price = 100_000;
        let prices: Vec<i64> = steps.iter().map(|step| { price += step; price }).collect();
        prop_assert_eq!(
            first_at_venue(side, activation, tenths * 1_000, &prices),
            first_by_rule(side, activation, tenths * 1_000, &prices)
        );
    }
}

#[test]
fn without_an_activation_price_it_follows_from_the_price_of_its_placing() {
    // 1 % below 100 000 is 99 000; after 100 500 it is 99 495.
    assert_eq!(first_at_venue(Sell, 0, 10_000, &[99_001, 99_000]), Some(1));
    assert_eq!(first_at_venue(Sell, 0, 10_000, &[100_500, 99_496, 99_495]), Some(2));
    assert_eq!(first_at_venue(Buy, 0, 10_000, &[100_999, 101_000]), Some(1));
}

#[test]
fn before_its_activation_price_it_does_not_follow() {
    assert_eq!(first_at_venue(Sell, 101_000, 10_000, &[100_999, 99_000, 90_000]), None);
}
