//! The ratchet: where the stop goes as the position gains.

use crate::decimal::Ratio;
use crate::error::Invalid;
use crate::event::Reason;
use crate::trail::ppm_text;
use crate::units::Gain;

/// Where a tick moves the stop, and why: the highest of what its rules ask for.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Raise {
    pub to: Gain,
    pub reason: Reason,
}

impl Raise {
    /// A rule asks for `level` at a tick of `gain`.
    pub fn ask(&mut self, level: Gain, reason: Reason, gain: Gain) {
        // Never through the market: one tick behind the tick that caused it.
        let level = level.min(gain.one_tick_behind());
        if level > self.to {
            *self = Self { to: level, reason };
        }
    }
}

/// Entry plus the offset, rounded to the profit side.
pub(crate) fn break_even_level(entry: Ratio, offset_ppm: i64) -> Result<Gain, Invalid> {
    entry
        .abs()
        .times_ppm(offset_ppm)
        .and_then(|offset| entry.plus(offset))
        .and_then(|level| i64::try_from(level.ceil()).ok())
        .map(Gain)
        .ok_or_else(|| {
            Invalid::new("ratchet.break_even_offset_frac", ppm_text(offset_ppm), "a smaller offset")
        })
}
