//! The conservative float test: which stretches of prices a position need not look at.
//!
//! A watch may only ever say "look closer" too often, never too seldom; the integers of the reducer
//! decide what happens. All of its comparisons therefore carry a slack that is wider than the
//! rounding of an `f64` price on the grid.

use crate::plan::LimitFill;
use crate::position::{Position, TrailPhase};
use crate::units::{Gain, PPM, Side};

/// Twice the fraction within which a float stands for a grid price, plus `f64` rounding.
const SLACK: f64 = 3e-9;

/// Lowest and highest price of a stretch of ticks.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Range {
    /// Lowest price.
    pub low: f64,
    /// Highest price.
    pub high: f64,
}

/// Prices that are tested at once in a stretch too short for a kernel.
const CHUNK: usize = 8;

impl Range {
    /// The range of no tick.
    pub const EMPTY: Self = Self { low: f64::INFINITY, high: f64::NEG_INFINITY };

    /// The range of both stretches.
    #[must_use]
    #[inline]
    pub const fn with(self, other: Self) -> Self {
        Self { low: less(self.low, other.low), high: more(self.high, other.high) }
    }

    /// The range of a chunk of finite prices, pair by pair: the compiler makes vectors of it.
    #[inline]
    fn of_chunk(chunk: &[f64]) -> Self {
        let Ok(p) = <[f64; CHUNK]>::try_from(chunk) else {
            return chunk.iter().fold(Self::EMPTY, |range, price| range.with_price(*price));
        };
        Self {
            low: less(less(less(p[0], p[4]), less(p[1], p[5])), less(less(p[2], p[6]), less(p[3], p[7]))),
            high: more(more(more(p[0], p[4]), more(p[1], p[5])), more(more(p[2], p[6]), more(p[3], p[7]))),
        }
    }

    /// The range with one more price.
    #[must_use]
    #[inline]
    pub const fn with_price(self, price: f64) -> Self {
        Self { low: less(self.low, price), high: more(self.high, price) }
    }
}

/// The lower of two numbers: one instruction, where `f64::min` has to think of NaN. No price is NaN.
#[inline]
pub(crate) const fn less(a: f64, b: f64) -> f64 {
    if a < b { a } else { b }
}

/// The higher of two numbers.
#[inline]
pub(crate) const fn more(a: f64, b: f64) -> f64 {
    if a > b { a } else { b }
}

/// An active trailing stop in float prices.
#[derive(Debug, Clone, Copy)]
pub struct TrailWatch {
    /// LONG: the stop follows the highest price from below.
    pub side: Side,
    /// Best price so far.
    pub watermark: f64,
    /// `1 - callback` for LONG, `1 + callback` for SHORT, with slack.
    pub keep: f64,
    /// The stop is rounded by less than one tick.
    pub tick_size: f64,
}

impl TrailWatch {
    /// Whether a stretch with this range may reach the stop, wherever in it its best price came.
    #[inline]
    fn may_hit(&self, range: Range) -> bool {
        match self.side {
            Side::Long => range.low <= more(self.watermark, range.high) * self.keep + self.tick_size,
            Side::Short => range.high >= less(self.watermark, range.low) * self.keep - self.tick_size,
        }
    }

    /// Follows the best price of a stretch that was skipped.
    #[inline]
    pub fn follow(&mut self, range: Range) {
        self.watermark = match self.side {
            Side::Long => more(self.watermark, range.high),
            Side::Short => less(self.watermark, range.low),
        };
    }
}

/// The prices at which a position has to look, as floats with slack.
#[derive(Debug, Clone, Copy)]
pub struct Watch {
    /// Look at or below.
    pub low: f64,
    /// Look at or above.
    pub high: f64,
    /// The active trailing stop, if any.
    pub trail: Option<TrailWatch>,
}

impl Watch {
    /// What `position` has to look at until its next event.
    #[must_use]
    #[allow(clippy::cast_precision_loss, reason = "levels are at most 9e12 ticks, or infinite on purpose")]
    pub fn of(position: &Position, limit_fill: LimitFill, tick_size: f64) -> Self {
        let side = position.plan().side();
        let band = position.band(limit_fill);
        let price = |gain: Gain| match gain {
            Gain::MIN => f64::NEG_INFINITY,
            Gain::MAX => f64::INFINITY,
            Gain(ticks) => ticks as f64 * tick_size,
        };
        let (lower, upper) = (price(band.lower), price(band.upper));
        let (low, high) = match side {
            Side::Long => (lower, upper),
            Side::Short => (-upper, -lower),
        };
        let trail = (position.phase == TrailPhase::Active).then(|| {
            let callback = position.callback_ppm as f64 / PPM as f64;
            let keep = match side {
                Side::Long => (1.0 - callback) * (1.0 + SLACK),
                Side::Short => (1.0 + callback) * (1.0 - SLACK),
            };
            let watermark = side.price(position.watermark).0 as f64 * tick_size;
            TrailWatch { side, watermark, keep, tick_size }
        });
        Self { low: low + low.abs() * SLACK, high: high - high.abs() * SLACK, trail }
    }

    /// Whether a stretch with this range may hold an event.
    #[must_use]
    #[inline]
    pub fn may_hit(&self, range: Range) -> bool {
        range.low <= self.low
            || range.high >= self.high
            || self.trail.is_some_and(|trail| trail.may_hit(range))
    }

    /// Follows the best price of a stretch that was skipped.
    #[inline]
    pub fn follow(&mut self, range: Range) {
        if let Some(trail) = &mut self.trail {
            trail.follow(range);
        }
    }

    /// Prices strictly between these two hold no event and move no watermark.
    #[must_use]
    pub fn calm(&self) -> (f64, f64) {
        let Some(TrailWatch { side, watermark, keep, tick_size }) = self.trail else {
            return (self.low, self.high);
        };
        match side {
            Side::Long => (self.low.max(watermark * keep + tick_size), self.high.min(watermark.next_up())),
            Side::Short => (self.low.max(watermark.next_down()), self.high.min(watermark * keep - tick_size)),
        }
    }

    /// The first of `prices` that may be an event, following the watermark on the way.
    #[inline]
    pub fn first_in(&mut self, prices: &[f64], seen: &mut Range) -> Option<usize> {
        let chunks = prices.chunks_exact(CHUNK);
        let rest = prices.len() - chunks.remainder().len();
        for (at, chunk) in chunks.enumerate() {
            let range = Range::of_chunk(chunk);
            if self.may_hit(range) {
                // In this chunk, unless its best price came after its worst.
                if let Some(found) = self.first_of(chunk, seen) {
                    return Some(CHUNK * at + found);
                }
            } else {
                self.follow(range);
                *seen = seen.with(range);
            }
        }
        self.first_of(&prices[rest..], seen).map(|found| rest + found)
    }

    #[inline]
    fn first_of(&mut self, prices: &[f64], seen: &mut Range) -> Option<usize> {
        for (at, price) in prices.iter().enumerate() {
            let here = Range { low: *price, high: *price };
            if self.may_hit(here) {
                return Some(at);
            }
            self.follow(here);
            *seen = seen.with(here);
        }
        None
    }
}
