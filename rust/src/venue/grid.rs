//! Units of the venue: ticks, lots, and cash in whole 1e-8 of the quote currency.

use crate::error::Invalid;

/// Cash or value in 1e-8 quote. Wide enough that no product of a price and a quantity overflows.
pub type Cash = i128;

/// Number of 1e-8 in one.
pub const E8: i128 = 100_000_000;
/// Largest price in ticks and largest quantity in lots that the venue takes.
pub const MOST: i64 = 1 << 40;

const PPM: i128 = 1_000_000;

/// The value of ticks and lots of one symbol.
#[expect(clippy::struct_field_names, reason = "the unit of each is part of its name")]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Grid {
    tick_e8: i64,
    lot_e8: i64,
    value_e8: i64,
}

impl Grid {
    /// A grid of `tick_e8` (1e-8 quote) and `lot_e8` (1e-8 base).
    ///
    /// # Errors
    /// Either is not from 1 to 2^40, or one lot at one tick is no whole number of 1e-8 quote.
    pub fn new(tick_e8: i64, lot_e8: i64) -> Result<Self, Invalid> {
        for (field, value) in [("tick_e8", tick_e8), ("lot_e8", lot_e8)] {
            if !(1..=MOST).contains(&value) {
                return Err(Invalid::new(field, value, "1 to 2**40"));
            }
        }
        let product = i128::from(tick_e8) * i128::from(lot_e8);
        let value = i64::try_from(product / E8).ok().filter(|_| product % E8 == 0);
        let allowed = "tick_e8 * lot_e8 must be a multiple of 1e8";
        let value_e8 = value.ok_or_else(|| Invalid::new("lot_e8", lot_e8, allowed))?;
        Ok(Self { tick_e8, lot_e8, value_e8 })
    }

    /// Exact value of `lots` at `price_ticks`; signed as `lots`.
    #[must_use]
    pub fn notional(self, price_ticks: i64, lots: i64) -> Cash {
        i128::from(price_ticks) * i128::from(self.value_e8) * i128::from(lots)
    }

    /// Value of `lots` at a price in 1e-8 quote, rounded towards zero; signed as `lots`.
    #[must_use]
    pub fn value_at(self, price_e8: i64, lots: i64) -> Cash {
        i128::from(price_e8) * i128::from(self.lot_e8) * i128::from(lots) / E8
    }

    /// A price on the grid in 1e-8 quote.
    #[must_use]
    pub const fn price_e8(self, ticks: i64) -> i64 {
        ticks.saturating_mul(self.tick_e8)
    }

    /// The last price on the grid that is not above `price_e8`.
    #[must_use]
    pub const fn ticks_below(self, price_e8: i64) -> i64 {
        price_e8.div_euclid(self.tick_e8)
    }

    /// The price in ticks at which `lots` are worth `value`, rounded down.
    #[must_use]
    pub fn ticks_worth(self, value: Cash, lots: i64) -> i64 {
        let ticks = value.div_euclid(i128::from(self.value_e8) * i128::from(lots.max(1)));
        i64::try_from(ticks).unwrap_or(if ticks < 0 { i64::MIN } else { i64::MAX })
    }
}

/// `part_ppm` millionths of `amount`, rounded half away from zero.
#[must_use]
pub const fn ppm_of(amount: Cash, part_ppm: i64) -> Cash {
    half_away(amount * part_ppm as i128, PPM)
}

/// `part_ppm` millionths of `amount`, rounded up.
#[must_use]
pub const fn ppm_of_up(amount: Cash, part_ppm: i64) -> Cash {
    div_up(amount * part_ppm as i128, PPM)
}

/// `rate_e8` hundred-millionths of `amount`, rounded half away from zero.
#[must_use]
pub const fn e8_of(amount: Cash, rate_e8: i64) -> Cash {
    half_away(amount * rate_e8 as i128, E8)
}

/// `amount / by`, rounded up; `by` is positive.
#[must_use]
pub const fn div_up(amount: Cash, by: i128) -> Cash {
    -(-amount).div_euclid(by)
}

const fn half_away(amount: i128, by: i128) -> i128 {
    let doubled = 2 * amount.abs() + by;
    amount.signum() * (doubled / (2 * by))
}

/// A price in 1e-8 as text without trailing zeros, as the texts of refusals show it.
#[must_use]
pub fn price_text(price_e8: i128) -> String {
    let (whole, part) = (price_e8 / E8, price_e8 % E8);
    let text = format!("{whole}.{part:08}");
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}
