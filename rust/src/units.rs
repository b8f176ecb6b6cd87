//! Integers with a stated unit, and the one mirror that makes LONG and SHORT the same code.

use std::fmt;

/// One million: the scale of every fraction and R multiple (`ppm`).
pub const PPM: i64 = 1_000_000;

/// A price as a whole number of the instrument's tick size.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Ticks(pub i64);

/// A quantity as a whole number of the instrument's lot step.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Lots(pub i64);

/// Nanoseconds since the UNIX epoch.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Ns(pub i64);

/// A price mirrored so that larger is better for the position: `+ticks` for LONG, `-ticks` for SHORT.
///
/// Every comparison of the exit semantics is made on this scale, so no rule is written twice.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Gain(pub i64);

impl Gain {
    /// Below every price: a stop here never triggers.
    pub const MIN: Self = Self(i64::MIN);
    /// Above every price: a level here never triggers.
    pub const MAX: Self = Self(i64::MAX);

    /// The next price that is worse for the position by one tick.
    #[must_use]
    pub const fn one_tick_behind(self) -> Self {
        Self(self.0 - 1)
    }
}

impl Lots {
    /// No quantity.
    pub const ZERO: Self = Self(0);
}

/// Direction of a position.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[repr(u8)]
pub enum Side {
    /// Gains when the price rises.
    Long = 0,
    /// Gains when the price falls.
    Short = 1,
}

impl Side {
    /// `+1` for LONG, `-1` for SHORT.
    #[must_use]
    pub const fn sign(self) -> i64 {
        match self {
            Self::Long => 1,
            Self::Short => -1,
        }
    }

    /// The price on the scale on which larger is better.
    #[must_use]
    pub const fn gain(self, price: Ticks) -> Gain {
        Gain(price.0 * self.sign())
    }

    /// The price that `gain` stands for.
    #[must_use]
    pub const fn price(self, gain: Gain) -> Ticks {
        Ticks(gain.0 * self.sign())
    }

    /// `LONG` or `SHORT`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Long => "LONG",
            Self::Short => "SHORT",
        }
    }
}

impl fmt::Display for Side {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}
