//! One side of one symbol, exactly: what a position cost is kept, never an average price, so that
//! profit and cost always add up to the money that changed hands.

use super::grid::{Cash, Grid};

/// A position. `lots` and the costs have the sign of the position.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Position {
    /// Positive is long.
    pub lots: i64,
    /// Entry price times quantity.
    pub cost_e8: Cash,
    /// `cost_e8` plus the entry fees.
    pub break_even_e8: Cash,
    /// Profit realised so far, before fees.
    pub realized_e8: Cash,
    /// Margin set aside, 0 where cross.
    pub isolated_e8: Cash,
    /// When it last changed, 0 if never.
    pub updated_ms: i64,
}

/// What a trade did to a position.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Change {
    /// Profit of the part that closed.
    pub realized_e8: Cash,
    /// Quantity that closed.
    pub closed_lots: i64,
    /// Quantity that opened, unsigned.
    pub opened_lots: i64,
}

impl Position {
    /// Trades `lots` (positive buys) at `price_ticks`, paying `fee_e8`.
    ///
    /// The cost of the part that closes is its share rounded towards zero; the rest stays with the
    /// part that remains.
    pub fn trade(&mut self, grid: Grid, lots: i64, price_ticks: i64, fee_e8: Cash) -> Change {
        let closed = if self.lots.signum() * lots.signum() < 0 { self.lots.abs().min(lots.abs()) } else { 0 };
        let opened = lots.abs() - closed;
        let mut change = Change { realized_e8: 0, closed_lots: closed, opened_lots: opened };
        if closed > 0 {
            let sign = self.lots.signum();
            let proceeds = grid.notional(price_ticks, sign * closed);
            let cost = share(self.cost_e8, closed, self.lots.abs());
            change.realized_e8 = proceeds - cost;
            self.break_even_e8 -= share(self.break_even_e8, closed, self.lots.abs());
            self.cost_e8 -= cost;
            self.realized_e8 += change.realized_e8;
            self.lots -= sign * closed;
        }
        if opened > 0 {
            let paid = grid.notional(price_ticks, lots.signum() * opened);
            self.cost_e8 += paid;
            self.break_even_e8 += paid + share(fee_e8, opened, lots.abs());
            self.lots += lots.signum() * opened;
        }
        change
    }

    /// Profit at `mark_e8`.
    #[must_use]
    pub fn unrealized(&self, grid: Grid, mark_e8: i64) -> Cash {
        grid.value_at(mark_e8, self.lots) - self.cost_e8
    }

    /// Unsigned value at `mark_e8`.
    #[must_use]
    pub fn notional(&self, grid: Grid, mark_e8: i64) -> Cash {
        grid.value_at(mark_e8, self.lots).abs()
    }

    /// Whether there is none.
    #[must_use]
    pub const fn is_flat(&self) -> bool {
        self.lots == 0
    }
}

/// `part / whole` of `amount`, rounded towards zero; all of it where `part` is `whole`.
#[must_use]
pub fn share(amount: Cash, part: i64, whole: i64) -> Cash {
    amount * i128::from(part) / i128::from(whole)
}
