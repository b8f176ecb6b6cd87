//! The shared half of the stack: groups in a ring of atomics under a seqlock.

use std::sync::OnceLock;

use crate::seqlock::SeqLock;
use crate::sync::{Arc, AtomicI64, AtomicU64, AtomicUsize, Ordering, shared_slice};

/// Groups in the first ring, a power of two. Small under the model checker, so that a model grows.
const FIRST_RING: usize = if cfg!(loom) { 1 } else { 64 };
/// Each ring has twice the capacity of the last; this many hold 2^36 groups, more than fit memory.
const RINGS: usize = 31;

#[derive(Debug)]
struct Group {
    first_seq: AtomicU64,
    watermark: AtomicI64,
}

/// Groups by position. Positions count up for ever; the ring keeps the lowest bits of them.
///
/// All accesses are `Relaxed`: readers are ordered by the seqlock, and the writer by itself. A handle:
/// the writer's copy knows where the groups are without asking anyone.
#[derive(Debug, Clone)]
pub(super) struct Ring {
    groups: Arc<[Group]>,
}

impl Ring {
    fn new(capacity: usize) -> Self {
        debug_assert!(capacity.is_power_of_two());
        let group = || Group { first_seq: AtomicU64::new(0), watermark: AtomicI64::new(0) };
        Self { groups: shared_slice((0..capacity).map(|_| group())) }
    }

    pub(super) fn capacity(&self) -> u64 {
        self.groups.len() as u64
    }

    pub(super) fn first_seq(&self, position: u64) -> u64 {
        self.group(position).first_seq.load(Ordering::Relaxed)
    }

    pub(super) fn watermark(&self, position: u64) -> i64 {
        self.group(position).watermark.load(Ordering::Relaxed)
    }

    #[inline]
    pub(super) fn set_watermark(&self, position: u64, gain: i64) {
        self.group(position).watermark.store(gain, Ordering::Relaxed);
    }

    pub(super) fn set_group(&self, position: u64, first_seq: u64, gain: i64) {
        let group = self.group(position);
        group.first_seq.store(first_seq, Ordering::Relaxed);
        group.watermark.store(gain, Ordering::Relaxed);
    }

    #[inline]
    fn group(&self, position: u64) -> &Group {
        let mask = self.groups.len() - 1;
        #[expect(
            clippy::cast_possible_truncation,
            reason = "only the lowest bits are kept, on any word size"
        )]
        let at = position as usize & mask;
        &self.groups[at]
    }
}

/// Which positions and members exist: groups `begin..end`, members below `next_seq`.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Span {
    pub(super) begin: u64,
    pub(super) end: u64,
    pub(super) next_seq: u64,
}

impl Span {
    /// The watermark of member `seq`, by binary search over the groups of `ring`.
    ///
    /// Ends within 64 rounds and stays inside the ring for any numbers, torn ones included.
    pub(super) fn watermark_of(self, ring: &Ring, seq: u64) -> Option<i64> {
        if seq >= self.next_seq || self.begin >= self.end || seq < ring.first_seq(self.begin) {
            return None;
        }
        // Invariant: `low` begins at or before `seq`, `high` does not.
        let (mut low, mut high) = (self.begin, self.end);
        while high - low > 1 {
            let middle = low + (high - low) / 2;
            if ring.first_seq(middle) <= seq {
                low = middle;
            } else {
                high = middle;
            }
        }
        Some(ring.watermark(low))
    }
}

/// What the writer publishes and readers load.
#[derive(Debug)]
pub(super) struct Shared {
    pub(super) lock: SeqLock,
    /// Every ring ever used, so that a reader may still be in an old one. Together the old ones are
    /// smaller than the newest.
    rings: [OnceLock<Ring>; RINGS],
    /// Index of the ring in use. `Release` on store and `Acquire` on load publish the ring itself,
    /// which a reader may enter before the seqlock tells it that its read was in vain.
    current: AtomicUsize,
    begin: AtomicU64,
    end: AtomicU64,
    next_seq: AtomicU64,
}

impl Shared {
    pub(super) fn new() -> Self {
        Self {
            lock: SeqLock::new(),
            rings: [const { OnceLock::new() }; RINGS],
            current: AtomicUsize::new(0),
            begin: AtomicU64::new(0),
            end: AtomicU64::new(0),
            next_seq: AtomicU64::new(0),
        }
    }

    pub(super) fn first_ring(&self) -> Ring {
        self.ring_at(0)
    }

    /// Copies the groups of `span` to a ring of twice the capacity and publishes it. Allocates.
    pub(super) fn grow(&self, old: &Ring, span: Span) -> Ring {
        let index = self.current.load(Ordering::Relaxed) + 1;
        let ring = self.ring_at(index);
        for position in span.begin..span.end {
            ring.set_group(position, old.first_seq(position), old.watermark(position));
        }
        self.lock.write(|| self.current.store(index, Ordering::Release));
        ring
    }

    fn ring_at(&self, index: usize) -> Ring {
        self.rings[index].get_or_init(|| Ring::new(FIRST_RING << index)).clone()
    }

    /// To be called inside `lock.write`, which orders these stores.
    pub(super) fn store_span(&self, span: Span) {
        self.begin.store(span.begin, Ordering::Relaxed);
        self.end.store(span.end, Ordering::Relaxed);
        self.next_seq.store(span.next_seq, Ordering::Relaxed);
    }

    fn load_span(&self) -> Span {
        Span {
            begin: self.begin.load(Ordering::Relaxed),
            end: self.end.load(Ordering::Relaxed),
            next_seq: self.next_seq.load(Ordering::Relaxed),
        }
    }
}

/// A view of a [`WatermarkStack`](super::WatermarkStack) for any thread.
#[derive(Debug, Clone)]
pub struct WatermarkReader {
    shared: Arc<Shared>,
}

impl WatermarkReader {
    pub(super) const fn new(shared: Arc<Shared>) -> Self {
        Self { shared }
    }

    /// The watermark of member `seq`, a gain in ticks; `None` when it was not pushed yet or its
    /// group was popped. Tries again when the groups change underneath; never delays the writer.
    #[must_use]
    pub fn watermark_of(&self, seq: u64) -> Option<i64> {
        let shared = &*self.shared;
        shared.lock.read(|| {
            let ring = shared.rings[shared.current.load(Ordering::Acquire)].get()?;
            shared.load_span().watermark_of(ring, seq)
        })
    }
}
