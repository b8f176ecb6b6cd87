//! Fixed levels of many positions: which of them a price reaches, without asking each.

use std::collections::BinaryHeap;

/// Beyond this share of all levels reached at once, one pass over the heap is cheaper than popping.
const POP_SHARE: usize = 8;

/// Most stale levels that are thrown away in looking for the highest.
const STALE_AT_ONCE: usize = 4;

/// Key of a level that is in no heap.
pub const NOT_KEPT: i64 = i64::MIN;

/// One level of one position. Ordered by `key`, the highest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Level {
    /// The level, on a scale on which higher is reached first.
    pub key: i64,
    /// Place of the position in the book.
    pub slot: u32,
    /// Which of the positions that held the place in turn.
    pub epoch: u32,
}

/// A heap of levels, of which stale ones are thrown away when they come to the top.
#[derive(Debug, Default)]
pub struct Levels {
    heap: BinaryHeap<Level>,
    live: usize,
}

impl Levels {
    /// Adds a level that is in force.
    pub fn push(&mut self, level: Level) {
        self.heap.push(level);
        self.live += 1;
    }

    /// One level that was pushed is no longer in force; it is thrown away later.
    ///
    /// `is_live` tells the levels in force from the others.
    pub fn retire(&mut self, is_live: impl Fn(&Level) -> bool) {
        self.live -= 1;
        if self.heap.len() > 2 * self.live + 1024 {
            self.heap.retain(is_live);
        }
    }

    /// A position waits at `now` and no longer at `before`; either may be [`NOT_KEPT`].
    pub fn replace(&mut self, before: i64, now: Level, is_live: impl Fn(&Level) -> bool) {
        if before != NOT_KEPT {
            self.retire(is_live);
        }
        if now.key != NOT_KEPT {
            self.push(now);
        }
    }

    /// No key in force is higher than this; `None` without any.
    ///
    /// Mostly the highest in force itself. Where many stale levels lie above it, only some are thrown
    /// away now, so that no one tick pays for all.
    pub fn top(&mut self, is_live: impl Fn(&Level) -> bool) -> Option<i64> {
        for _ in 0..STALE_AT_ONCE {
            match self.heap.peek() {
                Some(level) if !is_live(level) => self.heap.pop(),
                _ => break,
            };
        }
        self.heap.peek().map(|level| level.key)
    }

    /// The levels that will most likely be reached first, stale ones among them.
    pub fn next(&self) -> &[Level] {
        let all = self.heap.as_slice();
        &all[..all.len().min(3)]
    }

    /// Takes every level with `key >= reached` and hands those in force to `take`.
    ///
    /// They stay counted as live until they are retired.
    pub fn take_reached(
        &mut self,
        reached: i64,
        is_live: impl Fn(&Level) -> bool,
        mut take: impl FnMut(Level),
    ) {
        for _ in 0..=self.heap.len() / POP_SHARE {
            match self.heap.peek() {
                Some(level) if level.key >= reached => {
                    let level = *level;
                    self.heap.pop();
                    if is_live(&level) {
                        take(level);
                    }
                }
                _ => return,
            }
        }
        let mut all = std::mem::take(&mut self.heap).into_vec();
        all.retain(|level| {
            if level.key < reached {
                return true;
            }
            if is_live(level) {
                take(*level);
            }
            false
        });
        self.heap = BinaryHeap::from(all);
    }
}
