//! The watermarks of many trailing positions that see one price path.
//!
//! Who starts to trail later has seen less, so the watermarks of members in order of arrival never
//! grow, and equal ones are neighbours. They are kept as a stack of **groups** `(first member,
//! watermark)`, strictly falling from the oldest at the bottom to the newest at the top. A new high
//! merges all groups it passes into one: amortised O(1), whatever the number of members, and in a
//! rally, where one group is left, a single store.
//!
//! A watermark is a *gain*, a price mirrored so that larger is better (`+ticks` LONG, `-ticks`
//! SHORT).

mod directory;
mod ring;

pub use directory::{GroupId, WatermarkDirectory};
pub use ring::WatermarkReader;

use crate::sync::Arc;
use ring::{Ring, Shared, Span};

/// A run of members with one watermark.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct WatermarkGroup {
    /// Sequence number of its first member.
    pub first_seq: u64,
    /// One past the sequence number of its last member.
    pub end_seq: u64,
    /// Gain in ticks.
    pub watermark: i64,
}

/// The writer's side of the stack; cannot be cloned. [`reader`](Self::reader) gives other threads
/// a view that never makes the writer wait. What a new high reads comes first.
#[derive(Debug)]
#[repr(C)]
pub struct WatermarkStack {
    /// Watermark of the top group; `i64::MAX` when there is none, so that nothing raises it.
    top: i64,
    /// Watermark of the group under the top, which a raise must not reach unnoticed; `i64::MAX`
    /// when there is none.
    merge_at: i64,
    ring: Ring,
    span: Span,
    shared: Arc<Shared>,
}

impl WatermarkStack {
    /// A stack without members.
    #[must_use]
    pub fn new() -> Self {
        let shared = Arc::new(Shared::new());
        Self { top: i64::MAX, merge_at: i64::MAX, span: Span::default(), ring: shared.first_ring(), shared }
    }

    /// A view for another thread.
    #[must_use]
    pub fn reader(&self) -> WatermarkReader {
        WatermarkReader::new(Arc::clone(&self.shared))
    }

    /// Number of groups.
    #[must_use]
    pub const fn groups(&self) -> u64 {
        self.span.end - self.span.begin
    }

    /// The lowest watermark, that of the newest members; `None` when the stack is empty.
    #[must_use]
    pub const fn top_watermark(&self) -> Option<i64> {
        if self.groups() == 0 { None } else { Some(self.top) }
    }

    /// The oldest members, which have the highest watermark.
    #[must_use]
    pub fn bottom(&self) -> Option<WatermarkGroup> {
        (self.groups() > 0).then(|| {
            let above = self.span.begin + 1;
            let end_seq =
                if above == self.span.end { self.span.next_seq } else { self.ring.first_seq(above) };
            WatermarkGroup {
                first_seq: self.ring.first_seq(self.span.begin),
                end_seq,
                watermark: self.ring.watermark(self.span.begin),
            }
        })
    }

    /// The highest watermark, that of the oldest members; `None` when the stack is empty.
    #[must_use]
    #[inline]
    pub fn bottom_watermark(&self) -> Option<i64> {
        match self.groups() {
            0 => None,
            1 => Some(self.top),
            _ => Some(self.ring.watermark(self.span.begin)),
        }
    }

    /// The watermark of member `seq`; `None` when it was never pushed or its group was popped.
    #[must_use]
    pub fn watermark_of(&self, seq: u64) -> Option<i64> {
        self.span.watermark_of(&self.ring, seq)
    }

    /// The price has reached `gain`: all groups at or below it become one, with that watermark.
    #[inline]
    pub fn raise(&mut self, gain: i64) {
        if gain <= self.top {
            return;
        }
        if gain < self.merge_at {
            // Outside the seqlock on purpose: one word changes, so a reader finds the old watermark
            // or the new one, and both were true while it read.
            self.top = gain;
            self.ring.set_watermark(self.span.end - 1, gain);
        } else {
            self.merge(gain);
        }
    }

    /// Adds a member whose watermark is `gain` and returns its sequence number, counted from 0.
    ///
    /// # Panics
    /// When `gain` is above the top watermark: older members have seen the same price, so the tick
    /// that brought it has to [`raise`](Self::raise) them first.
    pub fn push(&mut self, gain: i64) -> u64 {
        let seq = self.span.next_seq;
        let mut span = self.span;
        span.next_seq += 1;
        if self.top_watermark() == Some(gain) {
            self.publish(span);
            return seq;
        }
        let top = self.top_watermark();
        assert!(top.is_none_or(|top| gain < top), "push of {gain} above the top watermark {top:?}");
        if self.groups() == self.ring.capacity() {
            self.ring = self.shared.grow(&self.ring, self.span);
        }
        span.end += 1;
        self.shared.lock.write(|| {
            self.ring.set_group(self.span.end, seq, gain);
            self.shared.store_span(span);
        });
        self.span = span;
        self.merge_at = top.unwrap_or(i64::MAX);
        self.top = gain;
        seq
    }

    /// Takes out the oldest group and returns it.
    pub fn pop_bottom(&mut self) -> Option<WatermarkGroup> {
        let bottom = self.bottom()?;
        let mut span = self.span;
        span.begin += 1;
        self.publish(span);
        self.refresh_top();
        Some(bottom)
    }

    #[cold]
    fn merge(&mut self, gain: i64) {
        let mut top = self.span.end - 1;
        while top > self.span.begin && self.ring.watermark(top - 1) <= gain {
            top -= 1;
        }
        let mut span = self.span;
        span.end = top + 1;
        self.shared.lock.write(|| {
            self.ring.set_watermark(top, gain);
            self.shared.store_span(span);
        });
        self.span = span;
        self.refresh_top();
    }

    fn publish(&mut self, span: Span) {
        self.shared.lock.write(|| self.shared.store_span(span));
        self.span = span;
    }

    fn refresh_top(&mut self) {
        let watermark = |below_end| {
            let exists = below_end <= self.groups();
            exists.then(|| self.ring.watermark(self.span.end - below_end))
        };
        (self.top, self.merge_at) = (watermark(1).unwrap_or(i64::MAX), watermark(2).unwrap_or(i64::MAX));
    }
}

impl Default for WatermarkStack {
    fn default() -> Self {
        Self::new()
    }
}

#[cfg(all(test, not(loom)))]
mod tests;
