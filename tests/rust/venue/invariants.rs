//! Whatever happens, the books are right.

use proptest::prelude::*;
use quantum_exit::venue::Venue;

use crate::ledger::Observer;
use crate::operations::{SYMBOLS, Words, apply, venue};

fn last_trades(venue: &Venue) -> [u64; 2] {
    SYMBOLS.map(|name| venue.market(name).expect("a symbol").depth.update_id())
}

/// Applies the operation and shows the observer what it has to know.
fn step(venue: &mut Venue, observer: &mut Observer, words: Words) {
    if words[0] % 20 <= 5 {
        observer.refill(words[2] as usize % 2, 60);
    }
    let before = last_trades(venue);
    apply(venue, words);
    assert!(last_trades(venue) >= before);
    observer.take(&venue.drain());
    observer.compare(venue);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, ..ProptestConfig::default() })]

    #[test]
    fn positions_and_cash_conserve_and_nothing_fills_without_liquidity(
        variant in 0u32..64,
        operations in proptest::collection::vec(any::<Words>(), 1..150),
    ) {
        let mut venue = venue(variant);
        let mut observer = Observer::default();
        observer.take(&venue.drain());
        for words in operations {
            step(&mut venue, &mut observer, words);
        }
    }
}
