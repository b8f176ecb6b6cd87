//! Stretches of prices and time in which nobody has to look at a tick.

use crate::instrument::MAX_TICKS;
use crate::units::{Ns, Side, Ticks};

/// The prices and the time before which no position of a source has anything to look at.
///
/// Quiet: `low < price < high` and `ts < due`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Quiet {
    /// At or below, in ticks: somebody has to look.
    pub low: i64,
    /// At or above, in ticks: somebody has to look.
    pub high: i64,
    /// From this time on, in nanoseconds: somebody has to look.
    pub due: i64,
}

impl Quiet {
    /// Nobody ever has to look.
    pub const ALWAYS: Self = Self { low: 0, high: MAX_TICKS + 1, due: i64::MAX };
    /// Somebody looks at every tick.
    pub const NEVER: Self = Self { low: i64::MAX, high: i64::MIN, due: i64::MIN };

    /// Whether a tick lies within.
    #[must_use]
    #[inline]
    pub const fn holds(self, price: Ticks, ts: Ns) -> bool {
        price.0 > self.low && price.0 < self.high && ts.0 < self.due
    }

    /// Between two gains of a side, at any time.
    #[must_use]
    #[inline]
    pub const fn between(side: Side, lower: i64, upper: i64) -> Self {
        let (low, high) = match side {
            Side::Long => (lower, upper),
            Side::Short => (upper.saturating_neg(), lower.saturating_neg()),
        };
        Self { low, high, due: i64::MAX }
    }

    /// Within both.
    #[must_use]
    #[inline]
    pub fn with(self, other: Self) -> Self {
        Self { low: self.low.max(other.low), high: self.high.min(other.high), due: self.due.min(other.due) }
    }
}

/// What a tick of one source may do, by where it lies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Reach {
    /// Within: nothing at all.
    pub quiet: Quiet,
    /// Within, but not quiet: watermarks rise, and nobody has to look.
    pub raising: Quiet,
}

impl Reach {
    /// Somebody looks at every tick.
    pub const NEVER: Self = Self { quiet: Quiet::NEVER, raising: Quiet::NEVER };
}
