//! What is fixed about a symbol: its grid, filters and leverage brackets.

use super::grid::{Cash, Grid, MOST, div_up, ppm_of_up};
use super::names::SymbolName;
use crate::error::Invalid;

/// Bounds of new orders. Prices and quantities are multiples of their step.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Filters {
    /// Prices are a multiple of it.
    pub price_multiple: i64,
    /// `PRICE_FILTER`.
    pub min_price_ticks: i64,
    /// `PRICE_FILTER`.
    pub max_price_ticks: i64,
    /// `LOT_SIZE`, step.
    pub lot_multiple: i64,
    /// `LOT_SIZE`.
    pub min_lots: i64,
    /// `LOT_SIZE`.
    pub max_lots: i64,
    /// `MARKET_LOT_SIZE`, step.
    pub market_lot_multiple: i64,
    /// `MARKET_LOT_SIZE`.
    pub market_min_lots: i64,
    /// `MARKET_LOT_SIZE`.
    pub market_max_lots: i64,
    /// `MIN_NOTIONAL`, not for orders that only reduce.
    pub min_notional_e8: Cash,
    /// `PERCENT_PRICE`: highest BUY price as a part of the mark price.
    pub multiplier_up_ppm: i64,
    /// `PERCENT_PRICE`: lowest SELL price as a part of the mark price.
    pub multiplier_down_ppm: i64,
    /// How far from the mark price a MARKET order may fill.
    pub market_take_bound_ppm: i64,
    /// Largest distance of last and mark price at which protected orders trigger.
    pub trigger_protect_ppm: i64,
    /// `MAX_NUM_ORDERS` for each account.
    pub max_orders: usize,
    /// `MAX_NUM_ALGO_ORDERS` for each account.
    pub max_algo_orders: usize,
}

/// A bound that no price reaches: one million times the mark price.
pub const UNBOUNDED_PPM: i64 = 1_000_000_000_000;

impl Default for Filters {
    fn default() -> Self {
        Self {
            price_multiple: 1,
            min_price_ticks: 1,
            max_price_ticks: MOST,
            lot_multiple: 1,
            min_lots: 1,
            max_lots: MOST,
            market_lot_multiple: 1,
            market_min_lots: 1,
            market_max_lots: MOST,
            min_notional_e8: 0,
            multiplier_up_ppm: UNBOUNDED_PPM,
            multiplier_down_ppm: 0,
            market_take_bound_ppm: UNBOUNDED_PPM,
            trigger_protect_ppm: UNBOUNDED_PPM,
            max_orders: 200,
            max_algo_orders: 10,
        }
    }
}

impl Filters {
    /// The same filters, if each lies in its range.
    ///
    /// # Errors
    /// The first that does not.
    pub fn checked(self) -> Result<Self, Invalid> {
        let ranges = [
            ("price_multiple", self.price_multiple, 1, MOST),
            ("min_price_ticks", self.min_price_ticks, 1, MOST),
            ("max_price_ticks", self.max_price_ticks, self.min_price_ticks, MOST),
            ("lot_multiple", self.lot_multiple, 1, MOST),
            ("min_lots", self.min_lots, 1, MOST),
            ("max_lots", self.max_lots, self.min_lots, MOST),
            ("market_lot_multiple", self.market_lot_multiple, 1, MOST),
            ("market_min_lots", self.market_min_lots, 1, MOST),
            ("market_max_lots", self.market_max_lots, self.market_min_lots, MOST),
            ("multiplier_up_ppm", self.multiplier_up_ppm, 1_000_000, UNBOUNDED_PPM),
            ("multiplier_down_ppm", self.multiplier_down_ppm, 0, 1_000_000),
            ("market_take_bound_ppm", self.market_take_bound_ppm, 0, UNBOUNDED_PPM),
            ("trigger_protect_ppm", self.trigger_protect_ppm, 0, UNBOUNDED_PPM),
        ];
        for (field, value, least, most) in ranges {
            if !(least..=most).contains(&value) {
                return Err(Invalid::new(field, value, format!("{least} to {most}")));
            }
        }
        if self.min_notional_e8 < 0 {
            return Err(Invalid::new("min_notional_e8", self.min_notional_e8, "0 or more"));
        }
        Ok(self)
    }
}

/// One step of the maintenance margin: what holds up to `cap_e8` of notional.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Bracket {
    /// Largest notional of the bracket.
    pub cap_e8: Cash,
    /// Largest leverage in the bracket.
    pub max_leverage: u32,
    /// Maintenance margin of the notional.
    pub maintenance_ppm: i64,
    /// Taken off, so that the maintenance margin has no steps.
    pub cum_e8: Cash,
}

/// The brackets of a symbol, rising.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Brackets(Vec<Bracket>);

impl Brackets {
    /// One bracket of 125x and 0.4 % without a cap.
    #[must_use]
    pub fn simple() -> Self {
        let only = Bracket { cap_e8: Cash::MAX, max_leverage: 125, maintenance_ppm: 4_000, cum_e8: 0 };
        Self(vec![only])
    }

    /// Brackets in rising order of their caps.
    ///
    /// # Errors
    /// None, caps that do not rise, leverages that rise or are not 1 to 1 000, or a maintenance margin
    /// outside 0 to 100 %.
    pub fn new(brackets: Vec<Bracket>) -> Result<Self, Invalid> {
        let rising = brackets.windows(2).all(|pair| {
            pair[0].cap_e8 < pair[1].cap_e8
                && pair[0].max_leverage >= pair[1].max_leverage
                && pair[0].maintenance_ppm <= pair[1].maintenance_ppm
        });
        let sane = brackets.iter().all(|bracket| {
            (1..=1_000).contains(&bracket.max_leverage)
                && (0..=1_000_000).contains(&bracket.maintenance_ppm)
                && bracket.cap_e8 > 0
                && bracket.cum_e8 >= 0
        });
        if brackets.is_empty() || !rising || !sane {
            let allowed = "one or more, with rising caps and maintenance margins (0 to 1_000_000) and \
                           falling leverages (1 to 1_000)";
            return Err(Invalid::new("brackets", brackets.len(), allowed));
        }
        Ok(Self(brackets))
    }

    /// The 0-based number of the bracket that a notional falls into; the last above all caps.
    #[must_use]
    pub fn index_of(&self, notional: Cash) -> usize {
        let above = self.0.partition_point(|bracket| bracket.cap_e8 < notional);
        above.min(self.0.len() - 1)
    }

    /// Where bracket `index` begins.
    #[must_use]
    pub fn floor_of(&self, index: usize) -> Cash {
        if index == 0 { 0 } else { self.0[index - 1].cap_e8 }
    }

    /// Maintenance margin of a notional, rounded up.
    #[must_use]
    pub fn maintenance(&self, notional: Cash) -> Cash {
        let bracket = &self.0[self.index_of(notional)];
        (ppm_of_up(notional, bracket.maintenance_ppm) - bracket.cum_e8).max(0)
    }

    /// Largest notional at `leverage`; `None` where no bracket has it.
    #[must_use]
    pub fn max_notional(&self, leverage: u32) -> Option<Cash> {
        let fits = |bracket: &&Bracket| leverage >= 1 && bracket.max_leverage >= leverage;
        self.0.iter().rev().find(fits).map(|bracket| bracket.cap_e8)
    }

    /// The largest leverage of all brackets.
    #[must_use]
    pub fn max_leverage(&self) -> u32 {
        self.0[0].max_leverage
    }
}

/// Initial margin of a notional, rounded up.
#[must_use]
pub const fn initial_margin(notional: Cash, leverage: u32) -> Cash {
    div_up(notional, leverage as i128)
}

/// What is fixed about a symbol.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SymbolSpec {
    /// Its name.
    pub name: SymbolName,
    /// Its units.
    pub grid: Grid,
    /// Bounds of new orders.
    pub filters: Filters,
    /// Leverage and maintenance margin.
    pub brackets: Brackets,
    /// Of the notional that a liquidation closes.
    pub liquidation_fee_ppm: i64,
}
