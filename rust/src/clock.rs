//! The clock of a position: when its time is over, and below which profit it is over early.

use crate::decimal::Ratio;
use crate::error::Invalid;
use crate::plan::ExitPlan;
use crate::spec::TimeStopSpec;
use crate::trail::{level_at, ppm_text};
use crate::units::{Gain, Ns};

/// A time stop in price levels.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TimeStop {
    /// Time in the position from which on it holds.
    pub(crate) after: Ns,
    /// The profit that keeps the position open: below it, it is closed.
    pub(crate) under: Gain,
}

impl TimeStop {
    /// The time stop of a position entered at `entry` (gain scale) with distance `r` to its initial stop.
    ///
    /// The level is a threshold in R: rounded toward the entry, compared with `>=`.
    ///
    /// # Errors
    /// [`Invalid`] for a time that is not above zero or a number of R out of range.
    pub fn new(spec: TimeStopSpec, entry: Ratio, r: Ratio) -> Result<Self, Invalid> {
        spec.check()?;
        let refuse =
            || Invalid::new("time_stop.under_r", ppm_text(spec.under_r_ppm), "a smaller number of R");
        let under = Gain(level_at(entry, r, spec.under_r_ppm).ok_or_else(refuse)?);
        Ok(Self { after: spec.after, under })
    }
}

/// What the time has still to do to a position.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Clock {
    /// The next time at which the position has to look, whatever the price.
    due: Ns,
    /// At or below: the position is closed. [`Gain::MIN`] until the time stop holds.
    floor: Gain,
}

impl Clock {
    /// The clock of a position opened at `opened`, before it has struck.
    pub fn new(plan: &ExitPlan, opened: Ns) -> Self {
        let due = Self::end(plan, opened).min(Self::holds_from(plan, opened));
        Self { due, floor: Gain::MIN }
    }

    /// The next time at which it strikes; the greatest time for never.
    pub const fn due(&self) -> Ns {
        self.due
    }

    /// At or below this gain the position has to look.
    pub const fn floor(&self) -> Gain {
        self.floor
    }

    /// Whether the position is over at a tick; `gain` of the price that the stop listens to, if the
    /// tick is one.
    #[inline]
    pub fn is_over(&mut self, plan: &ExitPlan, opened: Ns, ts: Ns, gain: Option<Gain>) -> bool {
        if ts >= self.due {
            self.strike(plan, opened, ts);
        }
        ts >= self.due || gain.is_some_and(|gain| gain <= self.floor)
    }

    #[cold]
    fn strike(&mut self, plan: &ExitPlan, opened: Ns, ts: Ns) {
        self.due = Self::end(plan, opened);
        let holds = ts >= Self::holds_from(plan, opened);
        self.floor = plan.time_stop.filter(|_| holds).map_or(Gain::MIN, |stop| Gain(stop.under.0 - 1));
    }

    /// When the longest time is over.
    fn end(plan: &ExitPlan, opened: Ns) -> Ns {
        after(opened, plan.max_hold)
    }

    /// When the time stop begins to hold.
    fn holds_from(plan: &ExitPlan, opened: Ns) -> Ns {
        after(opened, plan.time_stop.map(|stop| stop.after))
    }
}

fn after(opened: Ns, time: Option<Ns>) -> Ns {
    time.map_or(Ns(i64::MAX), |time| Ns(opened.0.saturating_add(time.0)))
}
