//! One position through a price array: from one tick that matters to the next.

use crate::event::Event;
use crate::instrument::snap;
use crate::position::{FillRules, Position, TrailPhase};
use crate::pyramid::Pyramid;
use crate::simd::{BLOCK, Kernels};
use crate::tick::{Source, Tick};
use crate::units::{Ns, Side};
use crate::watch::{Range, Watch};

/// Ticks that passed the gate: times not falling, prices finite, positive and on the grid.
#[derive(Debug, Clone, Copy)]
pub struct CleanTicks<'a> {
    ts_ns: &'a [i64],
    price: &'a [f64],
    tick_size: f64,
}

impl<'a> CleanTicks<'a> {
    /// Both columns of a stretch of ticks that [`crate::screen::screen`] found clean.
    #[must_use]
    pub(crate) fn new(ts_ns: &'a [i64], price: &'a [f64], tick_size: f64) -> Self {
        debug_assert_eq!(ts_ns.len(), price.len());
        Self { ts_ns, price, tick_size }
    }

    /// Number of ticks.
    #[must_use]
    pub const fn len(&self) -> usize {
        self.price.len()
    }

    /// `true` without any tick.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.price.is_empty()
    }

    /// Times in nanoseconds since the UNIX epoch.
    #[must_use]
    pub const fn ts_ns(&self) -> &'a [i64] {
        self.ts_ns
    }

    /// Prices in quote currency.
    #[must_use]
    pub const fn price(&self) -> &'a [f64] {
        self.price
    }

    /// The tick at `at`; `None` when its price is off the grid, which the screening excluded.
    #[must_use]
    #[inline]
    pub fn get(&self, at: usize) -> Option<Tick> {
        let price = snap(self.price[at], self.tick_size)?;
        Some(Tick { ts: Ns(self.ts_ns[at]), price })
    }

    /// The ticks of `from..to`.
    #[must_use]
    pub fn slice(self, from: usize, to: usize) -> Self {
        Self { ts_ns: &self.ts_ns[from..to], price: &self.price[from..to], ..self }
    }

    /// First index at or after `ts`.
    #[must_use]
    pub fn first_at(&self, ts: Ns) -> usize {
        // A search would touch twenty pages to find what one of them tells.
        if self.ts_ns.last().is_none_or(|last| *last < ts.0) {
            return self.len();
        }
        self.ts_ns.partition_point(|t| *t < ts.0)
    }
}

/// Finds the ticks that a position has to look at.
pub trait Finder {
    /// First index in `from..to` at which `watch` has to look, or `to`; and the exact range of the
    /// ticks before it.
    fn next(&self, ticks: CleanTicks<'_>, from: usize, to: usize, watch: &mut Watch) -> (usize, Range);
}

/// Every tick is looked at: the oracle, and the baseline of the benchmarks.
#[derive(Debug, Clone, Copy)]
pub struct EveryTick;

impl Finder for EveryTick {
    fn next(&self, _: CleanTicks<'_>, from: usize, _: usize, _: &mut Watch) -> (usize, Range) {
        (from, Range::EMPTY)
    }
}

/// Blocks in which nothing happens are skipped at the speed of memory.
#[derive(Debug, Clone, Copy)]
pub struct BlockScan {
    kernels: Kernels,
}

/// Ticks of the parts in which a block is searched once it is in the cache.
const PART: usize = 64;
/// Bytes of a cache line, which no vector should straddle.
const LINE: usize = 64;

impl BlockScan {
    /// A scan with the given kernels.
    #[must_use]
    pub const fn new(kernels: Kernels) -> Self {
        Self { kernels }
    }

    /// First index in a block that may be an event, following the watermark on the way.
    fn search(&self, block: &[f64], watch: &mut Watch, seen: &mut Range) -> Option<usize> {
        let whole = self.kernels.range(block);
        if !watch.may_hit(whole) {
            watch.follow(whole);
            *seen = seen.with(whole);
            return None;
        }
        for (at, part) in block.chunks(PART).enumerate() {
            let range = self.kernels.range(part);
            if !watch.may_hit(range) {
                watch.follow(range);
                *seen = seen.with(range);
            } else if let Some(found) = watch.first_in(part, seen) {
                return Some(at * PART + found);
            }
        }
        None
    }
}

impl Finder for BlockScan {
    fn next(&self, ticks: CleanTicks<'_>, from: usize, to: usize, watch: &mut Watch) -> (usize, Range) {
        let prices = &ticks.price()[..to];
        let mut seen = Range::EMPTY;
        let head = prices[from..].as_ptr().align_offset(LINE).min(to - from);
        if let Some(found) = watch.first_in(&prices[from..from + head], &mut seen) {
            return (from + found, seen);
        }
        let mut at = from + head;
        while at < to {
            let (low, high) = watch.calm();
            let (skipped, range) = self.kernels.skip(&prices[at..], low, high);
            seen = seen.with(range);
            at += skipped;
            let block = &prices[at..to.min(at + BLOCK)];
            if let Some(found) = self.search(block, watch, &mut seen) {
                return (at + found, seen);
            }
            at += block.len();
        }
        (to, seen)
    }
}

/// Jumps along an index.
#[derive(Debug, Clone, Copy)]
pub struct Jump<'a> {
    /// The index of the very array that is walked.
    pub pyramid: &'a Pyramid,
}

impl Finder for Jump<'_> {
    fn next(&self, ticks: CleanTicks<'_>, from: usize, to: usize, watch: &mut Watch) -> (usize, Range) {
        self.pyramid.find(ticks.price(), from, to, watch)
    }
}

/// What one walk saw.
#[derive(Debug, Clone, Copy)]
pub struct Walked {
    /// Index after the last tick evaluated or skipped.
    pub end: usize,
    /// Range of the ticks walked.
    pub range: Range,
}

/// Takes `position` through `ticks[from..]`, and stops after the tick that closes it.
///
/// `on_event_tick` is told, after each tick that had events, its index and all events so far.
pub fn walk(
    position: &mut Position,
    ticks: CleanTicks<'_>,
    from: usize,
    rules: &FillRules,
    finder: &impl Finder,
    events: &mut Vec<Event>,
    mut on_event_tick: impl FnMut(usize, &[Event]),
) -> Walked {
    let mut deadline = position.deadline();
    let mut due = ticks.first_at(deadline);
    let side = position.plan().side();
    let mut at = from;
    let mut range = Range::EMPTY;
    while at < ticks.len() && position.open().0 > 0 {
        let limit = due.clamp(at, ticks.len());
        // A position that nothing has happened to yet looks at its first tick, whatever it is.
        let (found, skipped) = if position.revision() == 0 {
            (at, Range::EMPTY)
        } else {
            let mut watch = Watch::of(position, rules.limit_fill, ticks.tick_size);
            finder.next(ticks, at, limit, &mut watch)
        };
        range = range.with(skipped);
        if position.phase == TrailPhase::Active && found > at {
            follow(position, side, skipped, ticks.tick_size);
        }
        at = found;
        if at == ticks.len() {
            break;
        }
        let Some(tick) = ticks.get(at) else {
            debug_assert!(false, "the screening lets no price off the grid through");
            at += 1;
            continue;
        };
        range = range.with_price(ticks.price[at]);
        let before = events.len();
        position.on_tick(Source::Last, tick, rules, events);
        if events.len() > before {
            on_event_tick(at, events);
        }
        if position.deadline() != deadline {
            deadline = position.deadline();
            due = ticks.first_at(deadline);
        }
        at += 1;
    }
    Walked { end: at, range }
}

/// Gives the position the best price of the ticks that were skipped.
fn follow(position: &mut Position, side: Side, skipped: Range, tick_size: f64) {
    let best = match side {
        Side::Long => skipped.high,
        Side::Short => skipped.low,
    };
    if let Some(best) = snap(best, tick_size) {
        position.sync_watermark(side.gain(best));
    }
}
