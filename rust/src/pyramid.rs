//! An index over a tick array that lets a replay jump to its next event.
//!
//! A tree of nodes over leaves of 64 ticks, 16 children a node. A leaf is the exact range of its
//! ticks; a node above adds bounds of the worst draw-down and draw-up ratio of its stretch, which is
//! all that a [`Watch`] asks. It takes 3.4 % of the data's size, and never misses an event.

use crate::simd::Kernels;
use crate::units::Side;
use crate::watch::{Range, TrailWatch, Watch, less, more};

const LEAF: usize = 64;
const FAN_OUT: usize = 16;

/// A stretch of more than one leaf.
#[derive(Debug, Clone, Copy)]
struct Node {
    range: Range,
    /// Bound from below of `later / earlier` over pairs of prices of the stretch.
    draw_down: f32,
    /// Bound from above of `later / earlier` over pairs of prices of the stretch.
    draw_up: f32,
}

/// The index of one price array.
#[derive(Debug, Clone)]
pub struct Pyramid {
    leaves: Vec<Range>,
    /// Nodes over `FAN_OUT` leaves, then over as many of those, and so on up to one.
    levels: Vec<Vec<Node>>,
    len: usize,
}

impl Pyramid {
    /// Builds the index of `prices`, which are finite and positive.
    #[must_use]
    pub fn new(prices: &[f64], kernels: Kernels) -> Self {
        let leaves: Vec<Range> = prices.chunks(LEAF).map(|leaf| kernels.range(leaf)).collect();
        let mut levels: Vec<Vec<Node>> = Vec::new();
        let mut below: Vec<Node> = Vec::new();
        if leaves.len() > 1 {
            below = leaves.chunks(FAN_OUT).map(Node::of_leaves).collect();
        }
        while !below.is_empty() {
            let above = if below.len() > 1 {
                below.chunks(FAN_OUT).map(|children| Node::of(children.iter().copied())).collect()
            } else {
                Vec::new()
            };
            levels.push(std::mem::replace(&mut below, above));
        }
        Self { leaves, levels, len: prices.len() }
    }

    /// Bytes that the index takes.
    #[must_use]
    pub fn bytes(&self) -> usize {
        let nodes: usize = self.levels.iter().map(Vec::len).sum();
        size_of_val(self.leaves.as_slice()) + nodes * size_of::<Node>()
    }

    /// First index in `from..to` at which `watch` has to look, or `to`; and the exact range of the
    /// ticks before it, whose best price `watch` has followed.
    ///
    /// `prices` is the array that the index was built from.
    #[must_use]
    pub fn find(&self, prices: &[f64], from: usize, to: usize, watch: &mut Watch) -> (usize, Range) {
        debug_assert_eq!(prices.len(), self.len);
        let mut seen = Range::EMPTY;
        // The rest of the leaf that is begun, and the last one, of which only a part is asked for.
        let first = from.next_multiple_of(LEAF).min(to);
        if let Some(at) = watch.first_in(&prices[from..first], &mut seen) {
            return (from + at, seen);
        }
        let last = (to / LEAF).max(first.div_ceil(LEAF));
        let mut leaf = first.div_ceil(LEAF);
        while leaf < last {
            leaf = self.skip(leaf, last, watch, &mut seen);
            if leaf == last {
                break;
            }
            let start = leaf * LEAF;
            if let Some(at) = watch.first_in(&prices[start..start + LEAF], &mut seen) {
                return (start + at, seen);
            }
            leaf += 1;
        }
        let rest = (last * LEAF).clamp(first, to);
        match watch.first_in(&prices[rest..to], &mut seen) {
            Some(at) => (rest + at, seen),
            None => (to, seen),
        }
    }

    /// First leaf in `leaf..last` that may hold an event, or `last`.
    fn skip(&self, leaf: usize, last: usize, watch: &mut Watch, seen: &mut Range) -> usize {
        let mut leaf = leaf;
        let mut level = self.highest_at(leaf, last);
        while leaf < last {
            // Along the siblings of one level, up to the end of their parent or of what is asked for.
            let leaves = FAN_OUT.pow(level);
            let first = leaf / leaves;
            let end = ((first / FAN_OUT + 1) * FAN_OUT).min(last / leaves);
            let (skipped, siblings) = if level == 0 {
                (skip_all(&self.leaves[first..end], watch, seen), end - first)
            } else {
                let nodes = &self.levels[level as usize - 1];
                let end = end.min(nodes.len());
                (skip_all(&nodes[first..end], watch, seen), end - first)
            };
            leaf += skipped * leaves;
            if skipped == siblings {
                level = self.highest_at(leaf, last);
            } else if level == 0 {
                return leaf;
            } else {
                level -= 1;
            }
        }
        last
    }

    /// The highest level with a node that begins at `leaf` and ends by `last`; 0 is the leaf itself.
    fn highest_at(&self, leaf: usize, last: usize) -> u32 {
        let mut level = 0;
        let mut leaves = FAN_OUT;
        while (level as usize) < self.levels.len() && leaf.is_multiple_of(leaves) && leaf + leaves <= last {
            level += 1;
            leaves *= FAN_OUT;
        }
        level
    }
}

/// A stretch of ticks that is skipped as a whole, or not.
trait Stretch: Copy {
    fn range(&self) -> Range;

    /// Whether the trailing stop of a LONG may be hit, `watermark` being its best price before.
    fn may_hit_long(&self, watermark: f64, trail: &TrailWatch) -> bool;

    /// The same for a SHORT.
    fn may_hit_short(&self, watermark: f64, trail: &TrailWatch) -> bool;
}

/// How many of `stretches` hold no event, from the first on; `watch` and `seen` follow them.
///
/// Three loops instead of one with three questions: this is where a sweep spends its time.
#[inline]
fn skip_all<S: Stretch>(stretches: &[S], watch: &mut Watch, seen: &mut Range) -> usize {
    let (low, high) = (watch.low, watch.high);
    let mut range = *seen;
    let free = |here: Range| here.low > low && here.high < high;
    let mut skipped = 0;
    match &mut watch.trail {
        None => {
            for here in stretches.iter().map(S::range).take_while(|here| free(*here)) {
                range = range.with(here);
                skipped += 1;
            }
        }
        Some(trail) => {
            let mut watermark = trail.watermark;
            let long = trail.side == Side::Long;
            for stretch in stretches {
                let here = stretch.range();
                let hit = if long {
                    stretch.may_hit_long(watermark, trail)
                } else {
                    stretch.may_hit_short(watermark, trail)
                };
                if hit || !free(here) {
                    break;
                }
                watermark = if long { more(watermark, here.high) } else { less(watermark, here.low) };
                range = range.with(here);
                skipped += 1;
            }
            trail.watermark = watermark;
        }
    }
    *seen = range;
    skipped
}

/// A leaf: the order of its prices is not looked at.
impl Stretch for Range {
    #[inline]
    fn range(&self) -> Range {
        *self
    }

    #[inline]
    fn may_hit_long(&self, watermark: f64, trail: &TrailWatch) -> bool {
        self.low <= more(watermark, self.high) * trail.keep + trail.tick_size
    }

    #[inline]
    fn may_hit_short(&self, watermark: f64, trail: &TrailWatch) -> bool {
        self.high >= less(watermark, self.low) * trail.keep - trail.tick_size
    }
}

/// The stop is hit by a price of the stretch against the watermark that it meets, or against a better
/// one that came before it within the stretch.
impl Stretch for Node {
    #[inline]
    fn range(&self) -> Range {
        self.range
    }

    #[inline]
    fn may_hit_long(&self, watermark: f64, trail: &TrailWatch) -> bool {
        let TrailWatch { keep, tick_size, .. } = *trail;
        self.range.low <= watermark * keep + tick_size
            || (f64::from(self.draw_down) - keep) * watermark <= tick_size
    }

    #[inline]
    fn may_hit_short(&self, watermark: f64, trail: &TrailWatch) -> bool {
        let TrailWatch { keep, tick_size, .. } = *trail;
        self.range.high >= watermark * keep - tick_size
            || (f64::from(self.draw_up) - keep) * watermark.min(self.range.low) >= -tick_size
    }
}

impl Node {
    /// Within a leaf the order of the prices is not looked at: its range bounds both ratios.
    fn of_leaves(leaves: &[Range]) -> Self {
        Self::of(leaves.iter().map(|range| Self {
            range: *range,
            draw_down: below(range.low / range.high),
            draw_up: above(range.high / range.low),
        }))
    }

    fn of(children: impl Iterator<Item = Self>) -> Self {
        // Not folded from an empty range: no price over its infinite ones is zero, the worst of all.
        let whole = children.reduce(|before, child| Self {
            range: before.range.with(child.range),
            draw_down: before.draw_down.min(child.draw_down).min(below(child.range.low / before.range.high)),
            draw_up: before.draw_up.max(child.draw_up).max(above(child.range.high / before.range.low)),
        });
        whole.unwrap_or(Self { range: Range::EMPTY, draw_down: f32::INFINITY, draw_up: f32::NEG_INFINITY })
    }
}

/// The greatest `f32` not above `value`.
#[allow(clippy::cast_possible_truncation, reason = "the rounding is corrected right here")]
fn below(value: f64) -> f32 {
    let near = value as f32;
    if f64::from(near) > value { near.next_down() } else { near }
}

/// The least `f32` not below `value`.
#[allow(clippy::cast_possible_truncation, reason = "the rounding is corrected right here")]
fn above(value: f64) -> f32 {
    let near = value as f32;
    if f64::from(near) < value { near.next_up() } else { near }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Up 1 % over many leaves, then down 0.5 %.
    fn hill() -> Vec<f64> {
        let up = (0..20_000).map(|i| 1_000.0 + f64::from(i) * 0.0005);
        let down = (0..10_000).map(|i| 1_010.0 - f64::from(i) * 0.0005);
        up.chain(down).collect()
    }

    #[test]
    fn a_node_bounds_the_worst_ratios_of_its_stretch_closely() {
        let pyramid = Pyramid::new(&hill(), Kernels::best());
        let root = pyramid.levels.last().and_then(|level| level.first()).expect("a root");
        let (down, up) = (1_005.000_5 / 1_010.0, 1_009.999_5 / 1_000.0);
        assert!(f64::from(root.draw_down) <= down && f64::from(root.draw_down) > down - 1e-4);
        assert!(f64::from(root.draw_up) >= up && f64::from(root.draw_up) < up + 1e-4);
    }

    #[test]
    fn a_trailing_stop_wider_than_every_draw_down_skips_the_root() {
        let prices = hill();
        let pyramid = Pyramid::new(&prices, Kernels::best());
        for (side, keep) in [(Side::Long, 0.99), (Side::Short, 1.02)] {
            let trail = TrailWatch { side, watermark: 1_000.0, keep, tick_size: 0.0005 };
            let watch = Watch { low: 0.0, high: f64::INFINITY, trail: Some(trail) };
            let root = pyramid.levels.last().and_then(|level| level.first()).expect("a root");
            let hit = match side {
                Side::Long => root.may_hit_long(trail.watermark, &trail),
                Side::Short => root.may_hit_short(trail.watermark, &trail),
            };
            assert!(!hit, "{side}");
            assert_eq!(pyramid.find(&prices, 0, prices.len(), &mut watch.clone()).0, prices.len());
        }
    }
}
