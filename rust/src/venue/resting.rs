//! The limit orders of users that rest in one symbol, in the order of price and time.

use std::collections::BTreeMap;

use super::names::OrderSide;

/// Order ids by price; the key is mirrored for bids, so that the first key is the best price.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Resting {
    sides: [BTreeMap<i64, Vec<u64>>; 2],
}

const fn key(side: OrderSide, price_ticks: i64) -> i64 {
    -price_ticks * side.sign()
}

impl Resting {
    /// Adds an order behind all others at its price.
    pub fn add(&mut self, side: OrderSide, price_ticks: i64, order_id: u64) {
        self.sides[side as usize].entry(key(side, price_ticks)).or_default().push(order_id);
    }

    /// Takes an order out.
    pub fn remove(&mut self, side: OrderSide, price_ticks: i64, order_id: u64) {
        let key = key(side, price_ticks);
        if let Some(queue) = self.sides[side as usize].get_mut(&key) {
            queue.retain(|id| *id != order_id);
            if queue.is_empty() {
                self.sides[side as usize].remove(&key);
            }
        }
    }

    /// The best price of a side.
    #[must_use]
    pub fn best(&self, side: OrderSide) -> Option<i64> {
        self.sides[side as usize].first_key_value().map(|(key, _)| -key * side.sign())
    }

    /// The orders of `side` that a trade at `price_ticks` meets, best price first, then oldest first.
    #[must_use]
    pub fn met_by(&self, side: OrderSide, price_ticks: i64) -> Vec<u64> {
        let met = self.sides[side as usize].range(..=key(side, price_ticks));
        met.flat_map(|(_, queue)| queue).copied().collect()
    }

    /// Whether a trade at `price_ticks` meets an order of `side`.
    #[must_use]
    pub fn is_met(&self, side: OrderSide, price_ticks: i64) -> bool {
        let first = self.sides[side as usize].first_key_value();
        first.is_some_and(|(best, _)| *best <= key(side, price_ticks))
    }

    /// The price levels of a side, best first.
    pub fn levels(&self, side: OrderSide) -> impl Iterator<Item = (i64, &[u64])> {
        self.sides[side as usize].iter().map(move |(key, queue)| (-key * side.sign(), &queue[..]))
    }
}
