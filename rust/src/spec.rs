//! An exit plan as the user writes it: legs, ratchet and the rest, each checked by name.

use crate::decimal::Decimal;
use crate::error::Invalid;
use crate::tick::Source;
use crate::trail::{TrailingSpec, check_r, ppm_text};
use crate::units::{Ns, PPM, Side};

/// How a take-profit leg is executed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LegKind {
    /// A market order at the tick that reaches the level.
    Hard,
    /// A limit order that rests at the level.
    Soft,
}

/// When a resting limit counts as filled in replay.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LimitFill {
    /// Only when the price trades beyond the level: somebody else's order may stand before ours.
    Through,
    /// When the price reaches the level.
    Touch,
}

/// One take-profit leg as a profile writes it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LegSpec {
    /// Distance from the entry in R, in ppm of R, above 0.
    pub r_ppm: i64,
    /// Share of the initial quantity, in ppm, in (0, 1 000 000].
    pub fraction_ppm: i64,
    /// Execution.
    pub kind: LegKind,
}

impl LegSpec {
    /// Checks the ranges.
    ///
    /// # Errors
    /// [`Invalid`] naming the field.
    pub fn check(&self) -> Result<(), Invalid> {
        check_r("r_multiple", self.r_ppm, 1)?;
        if self.fraction_ppm <= 0 || self.fraction_ppm > PPM {
            let allowed = "a fraction of the initial quantity, above 0 and at most 1";
            return Err(Invalid::new("size_fraction", ppm_text(self.fraction_ppm), allowed));
        }
        Ok(())
    }
}

/// How the stop follows the legs filled.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RatchetSpec {
    /// After this many filled legs the stop moves to the break-even level; `None` = never.
    pub break_even_after: Option<u8>,
    /// From this profit on, in ppm of R, the stop is at the break-even level, whether or not a leg has
    /// been filled; `None` = never.
    pub break_even_at_r_ppm: Option<i64>,
    /// Break-even level beyond the entry, on the profit side, in ppm of the entry price.
    pub break_even_offset_ppm: i64,
    /// After the k-th filled leg, k >= 2, the stop moves to the level of the leg filled before it.
    pub follow_legs: bool,
}

impl Default for RatchetSpec {
    /// Break-even after the first leg with 0.0008 (two taker fees of 0.04 %), then leg by leg.
    fn default() -> Self {
        Self {
            break_even_after: Some(1),
            break_even_at_r_ppm: None,
            break_even_offset_ppm: 800,
            follow_legs: true,
        }
    }
}

impl RatchetSpec {
    /// Checks the ranges.
    ///
    /// # Errors
    /// [`Invalid`] naming the field.
    pub fn check(&self) -> Result<(), Invalid> {
        if self.break_even_after == Some(0) {
            return Err(Invalid::new("ratchet.break_even_after", 0, "1 or more, or absent"));
        }
        if let Some(r_ppm) = self.break_even_at_r_ppm {
            check_r("ratchet.break_even_at_r", r_ppm, 1)?;
        }
        if !(0..PPM / 10).contains(&self.break_even_offset_ppm) {
            let value = ppm_text(self.break_even_offset_ppm);
            return Err(Invalid::new("ratchet.break_even_offset_frac", value, "0 or more, below 0.1"));
        }
        Ok(())
    }
}

/// A time stop as the user writes it: a position that has not come far by then is closed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TimeStopSpec {
    /// Time in the position from which on it holds, above 0.
    pub after: Ns,
    /// Profit in R under which the position is closed from then on, in ppm of R, 0 or more.
    pub under_r_ppm: i64,
}

impl TimeStopSpec {
    /// Checks the ranges.
    ///
    /// # Errors
    /// [`Invalid`] naming the field.
    pub fn check(&self) -> Result<(), Invalid> {
        if self.after.0 <= 0 {
            return Err(Invalid::new("time_stop.after_ns", self.after.0, "must be above zero"));
        }
        check_r("time_stop.under_r", self.under_r_ppm, 0)
    }
}

/// An exit plan as the user writes it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlanSpec {
    /// Direction of the position.
    pub side: Side,
    /// Average entry price, not necessarily on the grid.
    pub entry_price: Decimal,
    /// Quantity of the position, on the lot grid.
    pub quantity: Decimal,
    /// Initial stop; rounded toward the market.
    pub stop_price: Decimal,
    /// Take-profit legs, `r_ppm` not falling, fractions summing to at most one.
    pub legs: Vec<LegSpec>,
    /// Trailing stop for the remainder, or for all that is open where there is none.
    pub trailing: Option<TrailingSpec>,
    /// Break-even and ratchet.
    pub ratchet: RatchetSpec,
    /// Longest time in the position; `None` = no limit.
    pub max_hold: Option<Ns>,
    /// Closes what is open after a time while the profit is short of a number of R; `None` = never.
    pub time_stop: Option<TimeStopSpec>,
    /// Price that stop and trailing listen to, and by which profit in R is measured.
    pub stop_source: Source,
    /// Price that the legs listen to.
    pub leg_source: Source,
}
