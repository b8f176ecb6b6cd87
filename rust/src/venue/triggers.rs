//! Which waiting algo orders a price concerns: a sorted set each way, so that a price that concerns
//! nobody costs two comparisons and a look at the trailing orders.

use std::collections::BTreeSet;

use super::algo::{Algo, Condition};

/// The waiting algo orders of one symbol that work on one kind of price. Prices are in 1e-8 quote.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Triggers {
    rising: BTreeSet<(i64, u64)>,
    falling: BTreeSet<(i64, u64)>,
    trailing: BTreeSet<u64>,
}

impl Triggers {
    /// Adds a waiting order.
    pub fn add(&mut self, algo: &Algo) {
        match algo.condition {
            Condition::Rises(price) => self.rising.insert((price, algo.id)),
            Condition::Falls(price) => self.falling.insert((price, algo.id)),
            Condition::Trails { .. } => self.trailing.insert(algo.id),
        };
    }

    /// Takes an order out.
    pub fn remove(&mut self, algo: &Algo) {
        match algo.condition {
            Condition::Rises(price) => self.rising.remove(&(price, algo.id)),
            Condition::Falls(price) => self.falling.remove(&(price, algo.id)),
            Condition::Trails { .. } => self.trailing.remove(&algo.id),
        };
    }

    /// The orders whose fixed price is met.
    pub fn met_by(&self, price_e8: i64, met: &mut Vec<u64>) {
        met.extend(self.rising.range(..=(price_e8, u64::MAX)).map(|(_, id)| *id));
        met.extend(self.falling.range((price_e8, 0)..).map(|(_, id)| *id));
    }

    /// The trailing orders, oldest first.
    pub fn trailing(&self) -> impl Iterator<Item = u64> + '_ {
        self.trailing.iter().copied()
    }
}
