//! An index over a tick array that lets a replay jump to its next event.
//!
//! A tree of nodes over leaves of 64 ticks, 16 children a node. A node knows the lowest and highest
//! price of its stretch and bounds of its worst draw-down and draw-up ratio, which is all that a
//! [`Watch`] asks. Nodes are `f32`, rounded outward: 3.3 % of the data's size, and never a missed event.

use crate::simd::Kernels;
use crate::units::Side;
use crate::watch::{Range, TrailWatch, Watch};

const LEAF: usize = 64;
const FAN_OUT: usize = 16;
/// A watermark that was followed through nodes is off by the rounding of an `f32`.
const ROUNDING: f64 = 1.0 + 1e-6;

#[derive(Debug, Clone, Copy)]
struct Node {
    low: f32,
    high: f32,
    /// Bound from below of `later / earlier` over pairs of prices of the stretch.
    draw_down: f32,
    /// Bound from above of `later / earlier` over pairs of prices of the stretch.
    draw_up: f32,
}

/// The index of one price array.
#[derive(Debug, Clone)]
pub struct Pyramid {
    levels: Vec<Vec<Node>>,
    len: usize,
}

impl Pyramid {
    /// Builds the index of `prices`, which are finite and positive.
    #[must_use]
    pub fn new(prices: &[f64], kernels: Kernels) -> Self {
        let leaves: Vec<Node> = prices.chunks(LEAF).map(|leaf| Node::of_leaf(kernels.range(leaf))).collect();
        let mut levels = vec![leaves];
        while let Some(below) = levels.last().filter(|level| level.len() > 1) {
            let above = below.chunks(FAN_OUT).map(Node::of_children).collect();
            levels.push(above);
        }
        Self { levels, len: prices.len() }
    }

    /// Bytes that the index takes.
    #[must_use]
    pub fn bytes(&self) -> usize {
        self.levels.iter().map(|level| level.len() * size_of::<Node>()).sum()
    }

    /// First index in `from..to` at which `watch` has to look, or `to`.
    ///
    /// `prices` is the array that the index was built from.
    #[must_use]
    pub fn find(&self, prices: &[f64], from: usize, to: usize, watch: &Watch) -> usize {
        debug_assert_eq!(prices.len(), self.len);
        let mut watch = *watch;
        let mut ignored = Range::EMPTY;
        let aligned = from.next_multiple_of(LEAF).min(to);
        if let Some(at) = watch.first_in(&prices[from..aligned], &mut ignored) {
            return from + at;
        }
        if aligned == to {
            return to;
        }
        let mut node = aligned / LEAF;
        let mut level = 0;
        let mut span = LEAF;
        while node * span < to {
            // Up, while a whole parent begins here.
            while node.is_multiple_of(FAN_OUT) && level + 1 < self.levels.len() {
                node /= FAN_OUT;
                level += 1;
                span *= FAN_OUT;
            }
            // Down, until a node can be skipped or a leaf has to be read.
            loop {
                let here = self.levels[level][node];
                if !here.may_hit(&watch) {
                    watch.follow(here.range());
                    break;
                }
                if level == 0 {
                    let start = node * LEAF;
                    let end = (start + LEAF).min(to);
                    if let Some(at) = watch.first_in(&prices[start..end], &mut ignored) {
                        return start + at;
                    }
                    break;
                }
                node *= FAN_OUT;
                level -= 1;
                span /= FAN_OUT;
                if node * span >= to {
                    return to;
                }
            }
            node += 1;
        }
        to
    }

    /// Exact range of `prices[from..to]`; [`Range::EMPTY`] for none.
    #[must_use]
    pub fn range(&self, prices: &[f64], from: usize, to: usize, kernels: Kernels) -> Range {
        debug_assert_eq!(prices.len(), self.len);
        if from >= to {
            return Range::EMPTY;
        }
        let first = from.next_multiple_of(LEAF).min(to);
        let last = (to / LEAF * LEAF).max(first);
        let edges = kernels.range(&prices[from..first]).with(kernels.range(&prices[last..to]));
        let mut query = RangeQuery { pyramid: self, prices, kernels, best: edges };
        query.cover(first / LEAF, last / LEAF);
        query.best
    }
}

/// Exact extremes over whole leaves: bounds first, prices only where a bound may beat the best.
struct RangeQuery<'a> {
    pyramid: &'a Pyramid,
    prices: &'a [f64],
    kernels: Kernels,
    best: Range,
}

impl RangeQuery<'_> {
    /// Covers the leaves `from..to` by the fewest nodes, the most promising ones first.
    fn cover(&mut self, from: usize, to: usize) {
        let mut nodes = arrayvec::ArrayVec::<(usize, usize), 512>::new();
        let (mut from, mut to, mut level) = (from, to, 0);
        while from < to {
            let top = level + 1 == self.pyramid.levels.len();
            while from < to && (top || !from.is_multiple_of(FAN_OUT)) {
                nodes.push((level, from));
                from += 1;
            }
            while from < to && !to.is_multiple_of(FAN_OUT) {
                to -= 1;
                nodes.push((level, to));
            }
            from /= FAN_OUT;
            to /= FAN_OUT;
            level += 1;
        }
        let node = |(level, at): (usize, usize)| self.pyramid.levels[level][at];
        let lowest = nodes.iter().copied().min_by(|a, b| node(*a).low.total_cmp(&node(*b).low));
        let highest = nodes.iter().copied().max_by(|a, b| node(*a).high.total_cmp(&node(*b).high));
        for (level, at) in lowest.into_iter().chain(highest).chain(nodes) {
            self.visit(level, at);
        }
    }

    fn visit(&mut self, level: usize, at: usize) {
        let bound = self.pyramid.levels[level][at].range();
        if bound.low >= self.best.low && bound.high <= self.best.high {
            return;
        }
        if level == 0 {
            let end = ((at + 1) * LEAF).min(self.prices.len());
            let exact = self.kernels.range(&self.prices[at * LEAF..end]);
            self.best = self.best.with(exact);
            return;
        }
        let below = &self.pyramid.levels[level - 1];
        let children = at * FAN_OUT..((at + 1) * FAN_OUT).min(below.len());
        let lowest = children.clone().min_by(|a, b| below[*a].low.total_cmp(&below[*b].low));
        let highest = children.clone().max_by(|a, b| below[*a].high.total_cmp(&below[*b].high));
        for child in lowest.into_iter().chain(highest).chain(children) {
            self.visit(level - 1, child);
        }
    }
}

impl Node {
    /// Within a leaf the order of the prices is not looked at: its range bounds both ratios.
    fn of_leaf(range: Range) -> Self {
        Self::outward(range, range.low / range.high, range.high / range.low)
    }

    fn of_children(children: &[Self]) -> Self {
        let mut whole = children[0];
        for child in &children[1..] {
            whole = Self {
                low: whole.low.min(child.low),
                high: whole.high.max(child.high),
                draw_down: whole
                    .draw_down
                    .min(child.draw_down)
                    .min(below(f64::from(child.low) / f64::from(whole.high))),
                draw_up: whole
                    .draw_up
                    .max(child.draw_up)
                    .max(above(f64::from(child.high) / f64::from(whole.low))),
            };
        }
        whole
    }

    fn outward(range: Range, draw_down: f64, draw_up: f64) -> Self {
        Self {
            low: below(range.low),
            high: above(range.high),
            draw_down: below(draw_down),
            draw_up: above(draw_up),
        }
    }

    #[inline]
    fn range(self) -> Range {
        Range { low: f64::from(self.low), high: f64::from(self.high) }
    }

    #[inline]
    fn may_hit(self, watch: &Watch) -> bool {
        let range = self.range();
        range.low <= watch.low
            || range.high >= watch.high
            || watch.trail.is_some_and(|trail| self.may_hit_trail(range, trail))
    }

    /// The stop is hit by a price of the stretch against the watermark that it meets, or against a
    /// better one that came before it within the stretch.
    #[inline]
    fn may_hit_trail(self, range: Range, trail: TrailWatch) -> bool {
        let TrailWatch { side, watermark, keep, tick_size } = trail;
        match side {
            Side::Long => {
                range.low <= watermark * keep + tick_size
                    || f64::from(self.draw_down) <= keep + ROUNDING * tick_size / watermark
            }
            Side::Short => {
                range.high >= watermark * keep - tick_size
                    || f64::from(self.draw_up) >= keep - ROUNDING * tick_size / watermark.min(range.low)
            }
        }
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
