//! Where a book keeps a position: a plan that is replaced may move it.

use crate::position::Position;
use crate::tick::Source;
use crate::units::{Ns, Side};

/// What decides where the book keeps a position.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Home {
    pub stop_source: Source,
    leg_source: Source,
    side: Side,
    pub due: Ns,
}

impl Home {
    pub fn of(position: &Position) -> Self {
        let plan = position.plan();
        Self {
            stop_source: plan.stop_source,
            leg_source: plan.leg_source,
            side: plan.side,
            due: position.deadline(),
        }
    }

    /// Positions whose stop and legs listen to different sources look at every tick.
    pub const fn is_mixed(self) -> bool {
        self.stop_source as u8 != self.leg_source as u8
    }

    /// Place among LAST LONG, LAST SHORT, MARK LONG, MARK SHORT.
    pub const fn index(self) -> usize {
        self.stop_source as usize * 2 + self.side as usize
    }

    /// Places of all that listen to `source`.
    pub const fn of_source(source: Source) -> std::ops::Range<usize> {
        let first = source as usize * 2;
        first..first + 2
    }

    /// `true` when only a heap knows that the time is up.
    pub const fn has_deadline(self) -> bool {
        !self.is_mixed() && self.due.0 != i64::MAX
    }
}
