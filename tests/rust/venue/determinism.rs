//! The same operations give the same ledger, and the hash sees the difference of a single one.

use std::collections::BTreeSet;

use quantum_exit::venue::event::Event;
use quantum_exit::venue::names::OrderSide;

use crate::desk::limit;
use crate::operations::{Random, apply, venue};

fn run(seed: u64, operations: usize) -> (u128, usize) {
    let mut random = Random(seed);
    let mut venue = venue(random.next());
    for _ in 0..operations {
        apply(&mut venue, random.words());
    }
    (venue.ledger_hash(), venue.drain().len())
}

#[test]
fn two_runs_of_ten_thousand_operations_have_one_hash() {
    for seed in 1..=4 {
        let first = run(seed, 10_000);
        assert_eq!(first, run(seed, 10_000));
        assert!(first.1 > 5_000, "only {} events", first.1);
        assert_ne!(first.0, run(seed + 100, 10_000).0);
    }
}

#[test]
fn the_hash_does_not_depend_on_when_events_are_drained() {
    let mut random = Random(9);
    let (mut one, mut other) = (venue(0), venue(0));
    for _ in 0..2_000 {
        let words = random.words();
        apply(&mut one, words);
        apply(&mut other, words);
        other.drain();
    }
    assert_eq!(one.ledger_hash(), other.ledger_hash());
}

#[test]
fn one_more_order_changes_the_hash() {
    let (mut one, other) = (venue(0), venue(0));
    one.place(0, "BTCUSDT", &limit(OrderSide::Buy, 1, 900)).expect("an order");
    assert_ne!(one.ledger_hash(), other.ledger_hash());
}

/// What can be told apart in an event.
fn kind(event: &Event) -> String {
    match event {
        Event::TradeLite { .. } => "lite".to_owned(),
        Event::Order { execution, shown, .. } => format!("{} {}", execution.name(), shown.name()),
        Event::Account { reason, .. } => reason.name().to_owned(),
        Event::Algo(algo) => {
            format!("{} {} {}", algo.terms.order_type.name(), algo.status.name(), &*algo.reason)
        }
        Event::Leverage { .. } => "leverage".to_owned(),
        Event::MarginCall { .. } => "margin call".to_owned(),
    }
}

#[test]
fn random_operations_reach_everything_that_can_happen() {
    let mut seen = BTreeSet::new();
    for seed in 1..=8 {
        let mut random = Random(seed);
        let mut venue = venue(random.next());
        for _ in 0..10_000 {
            apply(&mut venue, random.words());
            seen.extend(venue.drain().iter().map(|stamped| kind(&stamped.event)));
        }
    }
    for expected in [
        "NEW NEW",
        "TRADE PARTIALLY_FILLED",
        "TRADE FILLED",
        "CANCELED CANCELED",
        "EXPIRED EXPIRED",
        "AMENDMENT NEW",
        "CALCULATED FILLED",
        "CALCULATED NEW_INSURANCE",
        "CALCULATED NEW_ADL",
        "FUNDING_FEE",
        "INSURANCE_CLEAR",
        "MARGIN_TRANSFER",
        "MARGIN_TYPE_CHANGE",
        "leverage",
        "margin call",
        "STOP_MARKET TRIGGERING ",
        "STOP_MARKET FINISHED ",
        "STOP_MARKET EXPIRED ",
        "STOP_MARKET REJECTED Reduce Only reject",
        "TAKE_PROFIT REJECTED Margin is insufficient.",
        "STOP TRIGGERED ",
        "STOP FINISHED ",
        "TAKE_PROFIT FINISHED ",
        "TAKE_PROFIT_MARKET FINISHED ",
        "TRAILING_STOP_MARKET FINISHED ",
        "TRAILING_STOP_MARKET CANCELED ",
    ] {
        assert!(seen.contains(expected), "{expected:?} is not among {seen:#?}");
    }
}
