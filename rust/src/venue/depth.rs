//! The synthetic book: what the rest of the market offers around the last trade.
//!
//! Each market trade re-centres and refills it; market orders walk it. It has no orders of users.

use super::grid::MOST;
use super::names::OrderSide;
use crate::error::Invalid;

/// How the book looks whenever it is full.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Shape {
    /// Best ask less best bid.
    pub spread_ticks: i64,
    /// Price levels on each side.
    pub levels: i64,
    /// Distance of two levels.
    pub step_ticks: i64,
    /// Quantity of each level.
    pub lots_per_level: i64,
}

impl Default for Shape {
    fn default() -> Self {
        Self { spread_ticks: 1, levels: 20, step_ticks: 1, lots_per_level: 1_000_000 }
    }
}

impl Shape {
    /// The same shape, if each value lies in its range.
    ///
    /// # Errors
    /// The first that does not.
    pub fn checked(self) -> Result<Self, Invalid> {
        let ranges = [
            ("spread_ticks", self.spread_ticks, 1, MOST),
            ("levels", self.levels, 0, 1_000),
            ("step_ticks", self.step_ticks, 1, 1 << 20),
            ("lots_per_level", self.lots_per_level, 1, MOST),
        ];
        for (field, value, least, most) in ranges {
            if !(least..=most).contains(&value) {
                return Err(Invalid::new(field, value, format!("{least} to {most}")));
            }
        }
        Ok(self)
    }
}

/// One side of the book: the best price and what was taken since it was filled.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Half {
    best_ticks: i64,
    taken_lots: i64,
}

/// Both sides of the book. Before the first trade it is empty.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Depth {
    shape: Shape,
    halves: Option<[Half; 2]>,
    update_id: u64,
}

impl Depth {
    /// An empty book that will have `shape`.
    #[must_use]
    pub const fn new(shape: Shape) -> Self {
        Self { shape, halves: None, update_id: 0 }
    }

    /// Gives the book another shape around the same price, and refills it.
    pub fn reshape(&mut self, shape: Shape) {
        self.shape = shape;
        if let Some([_, bids]) = self.halves {
            self.centre(bids.best_ticks, OrderSide::Sell);
        }
    }

    /// Refills the book around a trade: a selling taker met the best bid, a buying one the best ask.
    pub fn centre(&mut self, price_ticks: i64, taker: OrderSide) {
        let (bid, ask) = match taker {
            OrderSide::Sell => (price_ticks, price_ticks + self.shape.spread_ticks),
            OrderSide::Buy => (price_ticks - self.shape.spread_ticks, price_ticks),
        };
        let half = |best_ticks| Half { best_ticks, taken_lots: 0 };
        self.halves = Some([half(ask), half(bid)]);
        self.update_id += 1;
    }

    /// Grows with every change.
    #[must_use]
    pub const fn update_id(&self) -> u64 {
        self.update_id
    }

    /// Price and quantity of the `index`-th level that a `taker` meets, counted from the fullest book.
    fn level(&self, taker: OrderSide, index: i64) -> Option<(i64, i64)> {
        let half = self.halves?[taker as usize];
        let price = half.best_ticks + taker.sign() * index * self.shape.step_ticks;
        if index >= self.shape.levels || price < 1 {
            return None;
        }
        let lots = (index + 1) * self.shape.lots_per_level - half.taken_lots;
        Some((price, lots.clamp(0, self.shape.lots_per_level)))
    }

    /// The levels that a `taker` meets, best first, without the empty ones.
    pub fn levels(&self, taker: OrderSide) -> impl Iterator<Item = (i64, i64)> + '_ {
        let first =
            self.halves.map_or(0, |halves| halves[taker as usize].taken_lots / self.shape.lots_per_level);
        (first..).map_while(move |index| self.level(taker, index))
    }

    /// The best price for a `taker`.
    #[must_use]
    pub fn best(&self, taker: OrderSide) -> Option<i64> {
        self.levels(taker).next().map(|(price, _)| price)
    }

    /// What a `taker` gets down to `limit_ticks` (no worse), up to `lots`, and the worst price of it.
    #[must_use]
    pub fn reach(&self, taker: OrderSide, limit_ticks: i64, lots: i64) -> (i64, Option<i64>) {
        let (mut got, mut worst) = (0, None);
        for (price, offered) in self.levels(taker) {
            if got == lots || is_worse(taker, price, limit_ticks) {
                break;
            }
            got += offered.min(lots - got);
            worst = Some(price);
        }
        (got, worst)
    }

    /// Takes up to `wanted_lots` from the best level, if its price is no worse than `limit_ticks`.
    pub fn take(&mut self, taker: OrderSide, limit_ticks: i64, wanted_lots: i64) -> Option<(i64, i64)> {
        let (price, offered) = self.levels(taker).next()?;
        if is_worse(taker, price, limit_ticks) {
            return None;
        }
        let lots = offered.min(wanted_lots);
        self.halves.as_mut()?[taker as usize].taken_lots += lots;
        self.update_id += 1;
        Some((price, lots))
    }

    /// What the market has in front of a new order that rests on `side` at `price_ticks`.
    ///
    /// Beyond the last level the book is thought to go on as it is.
    #[must_use]
    pub fn queue_at(&self, side: OrderSide, price_ticks: i64) -> i64 {
        let taker = side.opposite();
        let Some(halves) = self.halves else { return 0 };
        let behind = (price_ticks - halves[taker as usize].best_ticks) * taker.sign();
        if behind < 0 || behind % self.shape.step_ticks != 0 {
            return 0;
        }
        let index = behind / self.shape.step_ticks;
        self.level(taker, index).map_or(self.shape.lots_per_level, |(_, lots)| lots)
    }
}

/// Whether `price` is worse for a `taker` than `limit`.
const fn is_worse(taker: OrderSide, price: i64, limit: i64) -> bool {
    (price - limit) * taker.sign() > 0
}
