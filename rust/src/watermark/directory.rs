//! Where a thread that knows a group finds its watermark: the readers of all stacks of an engine.

use std::num::NonZeroU64;
use std::sync::OnceLock;

use super::WatermarkReader;
use crate::chunks::Chunks;
use crate::sync::{AtomicUsize, Ordering};
use crate::units::{Gain, Side, Ticks};

/// A member of a stack, for anybody who has the directory. In 64 bits, so that it is one atomic word.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct GroupId(NonZeroU64);

impl GroupId {
    const SEQ_BITS: u32 = 40;

    /// Member `seq` of the stack that was entered as `stack`. `None` from the 2^24th stack or the
    /// 2^40th member on: their watermarks are only known as of their last event.
    #[must_use]
    pub fn new(stack: u32, seq: u64) -> Option<Self> {
        let fits = seq >> Self::SEQ_BITS == 0 && stack < (1 << (64 - Self::SEQ_BITS)) - 1;
        if !fits {
            return None;
        }
        // One more than the stack: no group is all zeros.
        NonZeroU64::new((u64::from(stack) + 1) << Self::SEQ_BITS | seq).map(Self)
    }

    pub(crate) const fn to_bits(self) -> u64 {
        self.0.get()
    }

    pub(crate) fn from_bits(bits: u64) -> Option<Self> {
        NonZeroU64::new(bits).map(Self)
    }

    const fn seq(self) -> u64 {
        self.to_bits() & ((1 << Self::SEQ_BITS) - 1)
    }

    fn stack(self) -> Option<usize> {
        usize::try_from(self.to_bits() >> Self::SEQ_BITS).ok()?.checked_sub(1)
    }
}

/// Readers of stacks by number, and the side whose gains each of them holds. Only ever grows.
#[derive(Debug)]
pub struct WatermarkDirectory {
    stacks: Chunks<OnceLock<(Side, WatermarkReader)>>,
    next: AtomicUsize,
}

impl WatermarkDirectory {
    /// A directory without stacks.
    #[must_use]
    pub fn new() -> Self {
        Self { stacks: Chunks::new(), next: AtomicUsize::new(0) }
    }

    /// Enters a stack and returns its number. Allocates when a chunk is full.
    ///
    /// # Panics
    /// After 2^32 stacks.
    pub fn enter(&self, side: Side, reader: WatermarkReader) -> u32 {
        // Relaxed: the number only has to be nobody else's. Whoever learns of it has been handed the
        // group, and with it all that happened here.
        let index = self.next.fetch_add(1, Ordering::Relaxed);
        let entry = self.stacks.get_or_init(index, OnceLock::new);
        let entered = entry.set((side, reader));
        debug_assert!(entered.is_ok(), "a number is used once");
        u32::try_from(index).unwrap_or(u32::MAX)
    }

    /// The watermark of a group; `None` when it was never entered or has been thrown away.
    #[must_use]
    pub fn watermark(&self, group: GroupId) -> Option<Ticks> {
        let (side, reader) = self.stacks.get(group.stack()?)?.get()?;
        reader.watermark_of(group.seq()).map(|gain| side.price(Gain(gain)))
    }
}

impl Default for WatermarkDirectory {
    fn default() -> Self {
        Self::new()
    }
}

#[cfg(all(test, not(loom)))]
mod tests {
    use super::*;
    use crate::watermark::WatermarkStack;

    #[test]
    fn a_group_is_found_by_its_word_and_is_a_price_of_its_side() {
        let directory = WatermarkDirectory::new();
        let mut stacks: Vec<WatermarkStack> = (0..100).map(|_| WatermarkStack::new()).collect();
        for (n, stack) in (0..).zip(&mut stacks) {
            let side = if n % 2 == 0 { Side::Long } else { Side::Short };
            assert_eq!(directory.enter(side, stack.reader()), n);
            stack.push(side.gain(Ticks(i64::from(n) + 1000)).0);
        }
        for n in 0..100 {
            let group = GroupId::new(n, 0).expect("fits");
            assert_eq!(GroupId::from_bits(group.to_bits()), Some(group));
            assert_eq!(directory.watermark(group), Some(Ticks(i64::from(n) + 1000)));
            assert_eq!(directory.watermark(GroupId::new(n, 1).expect("fits")), None);
        }
        assert_eq!(directory.watermark(GroupId::new(100, 0).expect("fits")), None);
    }

    #[test]
    fn what_does_not_fit_a_word_is_no_group() {
        assert!(GroupId::new(0, 1 << 40).is_none() && GroupId::new((1 << 24) - 1, 0).is_none());
        let last = GroupId::new((1 << 24) - 2, (1 << 40) - 1).expect("fits");
        assert_eq!((last.stack(), last.seq()), (Some((1 << 24) - 2), (1 << 40) - 1));
        assert_eq!(GroupId::from_bits(0), None);
    }
}
