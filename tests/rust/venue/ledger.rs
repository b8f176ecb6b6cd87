//! An observer that knows only what the venue tells, and keeps books of its own.

use std::collections::HashMap;

use quantum_exit::venue::Venue;
use quantum_exit::venue::event::{Event, Shown, Stamped};
use quantum_exit::venue::grid::{Cash, ppm_of};
use quantum_exit::venue::names::{Execution, IncomeType, OrderSide, OrderStatus, PositionSide};
use quantum_exit::venue::order::{Fill, Order};

use crate::operations::{SHAPE, SYMBOLS, USERS};

type Key = (usize, usize, PositionSide);

#[derive(Debug, Default)]
pub struct Observer {
    lots: HashMap<Key, i64>,
    cost: HashMap<Key, Cash>,
    fees: HashMap<usize, Cash>,
    orders: HashMap<u64, Order>,
    /// Quantity taken from each side of each book since it was full.
    taken: HashMap<(usize, OrderSide), i64>,
    next_seq: u64,
}

impl Observer {
    /// The books are refilled by a trade of `lots`.
    pub fn refill(&mut self, symbol: usize, lots: i64) {
        for side in OrderSide::ALL {
            // A trade brings its own quantity on top of the new book.
            self.taken.insert((symbol, *side), -lots);
        }
    }

    pub fn take(&mut self, events: &[Stamped]) {
        for stamped in events {
            assert_eq!(stamped.seq, self.next_seq, "no event is lost");
            self.next_seq += 1;
            if let Event::Order { execution, shown, order, fill, .. } = &stamped.event {
                self.order(*execution, *shown, order, fill.as_ref());
            }
        }
    }

    fn order(&mut self, execution: Execution, shown: Shown, order: &Order, fill: Option<&Fill>) {
        if let Some(before) = self.orders.get(&order.id) {
            assert!(before.status.is_open(), "{before:?} was final, then {order:?}");
            assert!(order.filled_lots >= before.filled_lots, "fills only grow");
        }
        assert!(order.filled_lots <= order.terms.lots, "{order:?} is overfilled");
        self.orders.insert(order.id, *order);
        if let Some(fill) = fill {
            self.fill(execution, shown, order, fill);
        }
    }

    fn fill(&mut self, execution: Execution, shown: Shown, order: &Order, fill: &Fill) {
        let key = (fill.account, fill.symbol, fill.position_side);
        let before = *self.lots.get(&key).unwrap_or(&0);
        let after = before + fill.side.sign() * fill.lots;
        if order.is_reducing() {
            assert!(
                before != 0 && after.abs() < before.abs() && before * after >= 0,
                "{order:?} turned {before}"
            );
        }
        if order.origin.close_position && order.status == OrderStatus::Filled {
            assert_eq!(after, 0, "{order:?} closes all");
        }
        self.lots.insert(key, after);
        let signed = fill.quote_e8 * Cash::from(fill.side.sign());
        *self.cost.entry(key).or_default() += signed + fill.realized_e8;
        *self.fees.entry(fill.account).or_default() += fill.fee_e8;
        let from_book = matches!(shown, Shown::Status(_));
        if from_book {
            let rate = if fill.maker { 200 } else { 500 };
            assert_eq!(fill.fee_e8, ppm_of(fill.quote_e8, rate));
            self.take_from_book(fill);
        }
        assert!(from_book || execution == Execution::Calculated);
        within_limit(order, fill);
    }

    fn take_from_book(&mut self, fill: &Fill) {
        let taken = self.taken.entry((fill.symbol, fill.side)).or_default();
        *taken += fill.lots;
        let whole = SHAPE.levels * SHAPE.lots_per_level;
        assert!(*taken <= whole, "{fill:?} had no liquidity: {taken} of {whole}");
    }

    /// The venue's books are those of the observer.
    pub fn compare(&self, venue: &Venue) {
        for user in 0..USERS {
            self.compare_purse(venue, user);
            for (symbol, name) in SYMBOLS.iter().enumerate() {
                self.compare_positions(venue, user, symbol);
                compare_weights(venue, user, name);
            }
        }
        for name in SYMBOLS {
            nothing_crosses(venue, name);
        }
    }

    fn compare_purse(&self, venue: &Venue, user: usize) {
        let (wallet, totals, _) = venue.balance(user).expect("a user");
        let incomes = venue.incomes(user, 1, usize::MAX).expect("a user");
        assert_eq!(wallet, incomes.iter().map(|income| income.amount_e8).sum::<Cash>(), "cash from nowhere");
        let fees: Cash = incomes
            .iter()
            .filter(|income| income.income_type == IncomeType::Commission)
            .map(|income| income.amount_e8)
            .sum();
        assert_eq!(-fees, self.fees.get(&user).copied().unwrap_or(0));
        let flat = venue.holdings(user, None).expect("a user").iter().all(|held| held.position.is_flat());
        assert!(!flat || wallet >= 0, "{wallet} owed without a position");
        assert!(!flat || totals.maintenance_e8 == 0);
    }

    fn compare_positions(&self, venue: &Venue, user: usize, symbol: usize) {
        for held in venue.holdings(user, Some(SYMBOLS[symbol])).expect("a symbol") {
            let key = (user, symbol, held.position_side);
            assert_eq!(held.position.lots, self.lots.get(&key).copied().unwrap_or(0));
            assert_eq!(held.position.cost_e8, self.cost.get(&key).copied().unwrap_or(0));
            if held.position.is_flat() {
                let left = (held.position.cost_e8, held.position.isolated_e8, held.position.break_even_e8);
                assert_eq!(left, (0, 0, 0), "a closed position leaves nothing");
            }
        }
    }
}

fn within_limit(order: &Order, fill: &Fill) {
    if order.terms.price_ticks > 0 {
        let worse = (fill.price_ticks - order.terms.price_ticks) * fill.side.sign();
        assert!(worse <= 0, "{fill:?} beyond the limit of {order:?}");
    }
}

/// The sums over open orders are those of the open orders.
fn compare_weights(venue: &Venue, user: usize, symbol: &str) {
    let (desk, _) = venue.settings(user, symbol).expect("a symbol");
    let grid = venue.market(symbol).expect("a symbol").spec.grid;
    let mut fresh = desk.clone();
    fresh.weights = Default::default();
    for order in venue.open_orders(user, Some(symbol)).expect("a symbol") {
        assert!(order.status.is_open() && order.remaining() > 0);
        fresh.weigh(grid, &order, order.remaining());
    }
    assert_eq!(fresh.weights, desk.weights);
}

/// No order rests that the book would fill.
fn nothing_crosses(venue: &Venue, symbol: &str) {
    let market = venue.market(symbol).expect("a symbol");
    for side in OrderSide::ALL {
        let (Some(best), Some(own)) = (market.depth.best(*side), market.resting.best(*side)) else {
            continue;
        };
        assert!((own - best) * side.sign() < 0, "{side:?} at {own} rests though {best} is offered");
    }
}
