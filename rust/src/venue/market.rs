//! One symbol while it trades: prices, book, resting orders, waiting algo orders.

use super::depth::{Depth, Shape};
use super::names::{OrderSide, SymbolStatus, WorkingType};
use super::resting::Resting;
use super::symbol::SymbolSpec;
use super::triggers::Triggers;

/// Prices of one symbol, 0 before the first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Prices {
    /// Last trade.
    pub last_ticks: i64,
    /// Mark price.
    pub mark_e8: i64,
    /// Index price.
    pub index_e8: i64,
    /// Next funding rate.
    pub funding_rate_e8: i64,
    /// Next funding time.
    pub next_funding_ms: i64,
    /// When one of them last changed.
    pub ts_ms: i64,
}

/// One symbol while it trades.
#[derive(Debug, Clone)]
pub struct Market {
    /// What is fixed.
    pub spec: SymbolSpec,
    /// What it takes.
    pub status: SymbolStatus,
    /// Prices.
    pub prices: Prices,
    /// Whether a mark price was ever given; until then it follows the last price.
    pub has_mark: bool,
    /// The rest of the market.
    pub depth: Depth,
    /// Orders of users.
    pub resting: Resting,
    /// Algo orders, by working type.
    pub triggers: [Triggers; 2],
    /// Largest trade that a fill is told as.
    pub fill_split: Option<i64>,
    /// Number of the last trade.
    pub last_trade_id: u64,
}

impl Market {
    /// A symbol before its first trade.
    #[must_use]
    pub fn new(spec: SymbolSpec, status: SymbolStatus) -> Self {
        Self {
            spec,
            status,
            prices: Prices::default(),
            has_mark: false,
            depth: Depth::new(Shape::default()),
            resting: Resting::default(),
            triggers: [Triggers::default(), Triggers::default()],
            fill_split: None,
            last_trade_id: 0,
        }
    }

    /// The price that algo orders of this working type look at, 0 before the first.
    #[must_use]
    pub const fn working_e8(&self, working: WorkingType) -> i64 {
        match working {
            WorkingType::ContractPrice => self.spec.grid.price_e8(self.prices.last_ticks),
            WorkingType::MarkPrice => self.prices.mark_e8,
        }
    }

    /// Whether last and mark price are too far apart for protected orders.
    #[must_use]
    pub fn is_torn(&self) -> bool {
        let last = i128::from(self.spec.grid.price_e8(self.prices.last_ticks));
        let mark = i128::from(self.prices.mark_e8);
        (last - mark).abs() * 1_000_000 > mark * i128::from(self.spec.filters.trigger_protect_ppm)
    }

    /// The worst price at which a MARKET order of `taker` may fill.
    #[must_use]
    pub fn market_bound(&self, taker: OrderSide) -> i64 {
        let bound = i128::from(taker.sign()) * i128::from(self.spec.filters.market_take_bound_ppm);
        let price = i128::from(self.prices.mark_e8) * (1_000_000 + bound) / 1_000_000;
        self.spec.grid.ticks_below(i64::try_from(price.max(0)).unwrap_or(i64::MAX))
    }

    /// The book with the users' orders in it: prices and quantities that a `taker` would meet, best
    /// first, at most `limit` of them.
    pub fn levels_with(
        &self,
        taker: OrderSide,
        limit: usize,
        remaining: impl Fn(u64) -> i64,
    ) -> Vec<(i64, i64)> {
        let mut levels: Vec<(i64, i64)> = self.depth.levels(taker).collect();
        let users = self.resting.levels(taker.opposite());
        levels.extend(users.map(|(price, ids)| (price, ids.iter().map(|id| remaining(*id)).sum())));
        levels.sort_by_key(|(price, _)| price * taker.sign());
        levels.dedup_by(|next, kept| {
            let same = next.0 == kept.0;
            if same {
                kept.1 += next.1;
            }
            same
        });
        levels.truncate(limit);
        levels
    }
}
