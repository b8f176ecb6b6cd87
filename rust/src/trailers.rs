//! Active trailing stops of many positions: one stack of watermarks for each callback.

use std::collections::VecDeque;

use crate::sync::Arc;
use crate::trail::trail_stop;
use crate::units::{Gain, Side};
use crate::watermark::{GroupId, WatermarkDirectory, WatermarkStack};

/// Membership of a position in a class.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Member {
    /// Index of the class.
    pub class: u32,
    /// Sequence number within it.
    pub seq: u64,
}

/// The positions of one side that follow the price with one callback.
///
/// A new high reads the stack and the callback of each class: one cache line.
#[derive(Debug)]
#[repr(C, align(64))]
struct Class {
    callback_ppm: i64,
    stack: WatermarkStack,
    /// Number of the stack in the directory.
    entered_as: u32,
    /// Slots by sequence number, the first of which is `first_seq`.
    slots: VecDeque<u32>,
    first_seq: u64,
    live: usize,
}

/// All classes of one side.
#[derive(Debug)]
#[repr(C)]
pub struct Trailers {
    highest_stop: Gain,
    lowest_top: Gain,
    classes: Vec<Class>,
    side: Side,
    directory: Arc<WatermarkDirectory>,
}

impl Trailers {
    /// No positions yet. Other threads find their watermarks in `directory`.
    #[must_use]
    pub const fn new(side: Side, directory: Arc<WatermarkDirectory>) -> Self {
        Self { side, classes: Vec::new(), directory, highest_stop: Gain::MIN, lowest_top: Gain::MAX }
    }

    /// Adds a position whose watermark is `watermark` and was reached at the last tick raised.
    pub fn join(&mut self, slot: u32, callback_ppm: i64, watermark: Gain) -> Member {
        let fits = |class: &Class| {
            class.callback_ppm == callback_ppm
                && class.stack.top_watermark().is_none_or(|top| watermark.0 <= top)
        };
        let class = self.classes.iter().position(fits).unwrap_or_else(|| {
            let stack = WatermarkStack::new();
            self.classes.push(Class {
                callback_ppm,
                entered_as: self.directory.enter(self.side, stack.reader()),
                stack,
                slots: VecDeque::new(),
                first_seq: 0,
                live: 0,
            });
            self.classes.len() - 1
        });
        let joined = &mut self.classes[class];
        let seq = joined.stack.push(watermark.0);
        if joined.slots.is_empty() {
            joined.first_seq = seq;
        }
        joined.slots.push_back(slot);
        joined.live += 1;
        self.measure();
        Member { class: u32::try_from(class).unwrap_or(u32::MAX), seq }
    }

    /// A position has left its class; its place there is thrown away with its group.
    pub fn leave(&mut self, member: Member) {
        let class = &mut self.classes[member.class as usize];
        class.live -= 1;
        if class.live == 0 {
            while class.stack.pop_bottom().is_some() {}
            class.slots.clear();
            self.measure();
        }
    }

    /// The watermark of a member.
    #[must_use]
    pub fn watermark(&self, member: Member) -> Option<Gain> {
        self.classes[member.class as usize].stack.watermark_of(member.seq).map(Gain)
    }

    /// The callback of a member, in ppm.
    #[must_use]
    pub fn callback_ppm(&self, member: Member) -> i64 {
        self.classes[member.class as usize].callback_ppm
    }

    /// What other threads find the watermark of a member by.
    #[must_use]
    pub fn group(&self, member: Member) -> Option<GroupId> {
        GroupId::new(self.classes[member.class as usize].entered_as, member.seq)
    }

    /// The highest trailing stop of all members, [`Gain::MIN`] without any.
    #[must_use]
    pub const fn highest_stop(&self) -> Gain {
        self.highest_stop
    }

    /// The lowest of the newest watermarks: a price above it raises somebody. [`Gain::MAX`] without any.
    #[must_use]
    pub const fn lowest_top(&self) -> Gain {
        self.lowest_top
    }

    /// Hands to `take` the slot and membership of everyone whose trailing stop is at or above `gain`.
    ///
    /// They stay members; those who have left since are handed out as well.
    pub fn reached(&self, gain: Gain, mut take: impl FnMut(u32, Member)) {
        if gain > self.highest_stop {
            return;
        }
        for (index, class) in self.classes.iter().enumerate() {
            if class.stop().is_none_or(|stop| stop < gain) {
                continue;
            }
            let class_index = u32::try_from(index).unwrap_or(u32::MAX);
            for (offset, slot) in class.slots.iter().enumerate() {
                let seq = class.first_seq + offset as u64;
                let Some(watermark) = class.stack.watermark_of(seq) else {
                    continue;
                };
                if trail_stop(Gain(watermark), class.callback_ppm) < gain {
                    break;
                }
                take(*slot, Member { class: class_index, seq });
            }
        }
    }

    /// Throws away the groups whose trailing stop is at or above `gain`; all their members close now.
    pub fn drop_reached(&mut self, gain: Gain) {
        if gain > self.highest_stop {
            return;
        }
        for class in &mut self.classes {
            while class.stop().is_some_and(|stop| stop >= gain) {
                let Some(group) = class.stack.pop_bottom() else {
                    break;
                };
                let gone = usize::try_from(group.end_seq - class.first_seq).unwrap_or(usize::MAX);
                class.slots.drain(..gone.min(class.slots.len()));
                class.first_seq = group.end_seq;
            }
        }
        self.measure();
    }

    /// The price has reached `gain`.
    #[inline]
    pub fn raise(&mut self, gain: Gain) {
        if gain <= self.lowest_top {
            return;
        }
        for class in &mut self.classes {
            class.stack.raise(gain.0);
        }
        self.measure();
    }

    /// Finds the two bounds anew.
    #[inline]
    fn measure(&mut self) {
        (self.highest_stop, self.lowest_top) = (Gain::MIN, Gain::MAX);
        for class in &self.classes {
            if let (Some(stop), Some(top)) = (class.stop(), class.stack.top_watermark()) {
                self.highest_stop = self.highest_stop.max(stop);
                self.lowest_top = self.lowest_top.min(Gain(top));
            }
        }
    }
}

impl Class {
    /// The highest trailing stop of the class: that of the oldest group.
    #[inline]
    fn stop(&self) -> Option<Gain> {
        self.stack.bottom_watermark().map(|watermark| trail_stop(Gain(watermark), self.callback_ppm))
    }
}
