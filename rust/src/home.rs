//! Where a book keeps a position: a plan that is replaced may move it.

use crate::position::Position;
use crate::tick::Source;
use crate::units::Side;

/// What decides where the book keeps a position.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Home {
    stop_source: Source,
    leg_source: Source,
    side: Side,
}

impl Home {
    pub fn of(position: &Position) -> Self {
        let plan = position.plan();
        Self { stop_source: plan.stop_source, leg_source: plan.leg_source, side: plan.side }
    }

    /// Positions whose stop and legs listen to different sources look at every tick.
    pub const fn is_mixed(self) -> bool {
        self.stop_source as u8 != self.leg_source as u8
    }

    /// Place among LAST LONG, LAST SHORT, MARK LONG, MARK SHORT.
    pub const fn index(self) -> u8 {
        self.stop_source as u8 * 2 + self.side as u8
    }

    /// Number of the source that it listens to, unless it is mixed.
    pub const fn source(self) -> usize {
        self.stop_source as usize
    }

    /// Places of all that listen to `source`.
    pub const fn of_source(source: Source) -> std::ops::Range<usize> {
        let first = source as usize * 2;
        first..first + 2
    }
}
