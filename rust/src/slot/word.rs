//! The 64 bits of a slot: `phase (3) | plan generation (16) | claim sequence (45)`, high to low.

use super::claim::Advance;
use super::table::Phase;

const SEQUENCE_BITS: u32 = 45;
const GENERATION_BITS: u32 = 16;
const PHASE_SHIFT: u32 = SEQUENCE_BITS + GENERATION_BITS;
const SEQUENCE_MASK: u64 = (1 << SEQUENCE_BITS) - 1;
const GENERATION_MASK: u64 = (1 << GENERATION_BITS) - 1;

/// The whole word of a slot at one moment, to be compared, kept and handed back, not computed with.
///
/// Two equal revisions mean that nothing happened in between, for every claim and every fence
/// raises the **sequence** and no phase comes twice under one sequence number: a claim enters a held
/// phase, steps only go up the order of [`Phase`], and a release ends it in a resting phase.
///
/// The fields wrap, each inside its own bits. A stale revision could therefore win only when it is
/// used after exactly 2^45 claims and fences of its slot, with phase and generation equal as well:
/// at a thousand a second that is 1100 years, and no venue takes a thousand orders a second. The
/// **generation** (plans adopted on this slot) wraps after 65 536; it tells plans apart for people
/// and logs, and no comparison rests on it alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Revision(u64);

impl Revision {
    /// The word of a slot that nobody has claimed yet.
    pub(super) const START: Self = Self::pack(Phase::Unknown, 0, 0);

    const fn pack(phase: Phase, generation: u64, sequence: u64) -> Self {
        Self(
            (phase as u64) << PHASE_SHIFT
                | (generation & GENERATION_MASK) << SEQUENCE_BITS
                | sequence & SEQUENCE_MASK,
        )
    }

    /// The word as one number, for a log or another language.
    #[must_use]
    pub const fn bits(self) -> u64 {
        self.0
    }

    /// The revision that [`bits`](Self::bits) came from; every number is some revision.
    #[must_use]
    pub const fn from_bits(bits: u64) -> Self {
        Self(bits)
    }

    /// What the slot is in.
    #[must_use]
    pub const fn phase(self) -> Phase {
        Phase::from_bits(self.0 >> PHASE_SHIFT)
    }

    /// Number of plans adopted on this slot, modulo 65 536.
    #[must_use]
    pub const fn generation(self) -> u16 {
        // The mask leaves 16 bits, so the cast loses none.
        ((self.0 >> SEQUENCE_BITS) & GENERATION_MASK) as u16
    }

    /// Number of claims and fences on this slot, modulo 2^45.
    #[must_use]
    pub const fn sequence(self) -> u64 {
        self.0 & SEQUENCE_MASK
    }

    /// The word after a claim or a fence: a new sequence number.
    pub(super) const fn claimed_as(self, phase: Phase) -> Self {
        Self::pack(phase, self.generation() as u64, self.sequence() + 1)
    }

    /// The word after a step or a release: the same sequence number.
    pub(super) const fn published_as(self, phase: Phase, advance: Advance) -> Self {
        let generation = match advance {
            Advance::Keep => self.generation() as u64,
            Advance::NewPlan => self.generation() as u64 + 1,
        };
        Self::pack(phase, generation, self.sequence())
    }
}

#[cfg(all(test, not(loom)))]
mod tests {
    use super::*;

    #[test]
    fn a_full_sequence_wraps_to_zero_and_touches_no_other_field() {
        let last = Revision::pack(Phase::Protected, 7, SEQUENCE_MASK);
        let next = last.claimed_as(Phase::Replacing);
        assert_eq!((next.phase(), next.generation(), next.sequence()), (Phase::Replacing, 7, 0));
    }

    #[test]
    fn a_full_generation_wraps_to_zero_and_touches_no_other_field() {
        let last = Revision::pack(Phase::Replacing, GENERATION_MASK, 9);
        let next = last.published_as(Phase::Protected, Advance::NewPlan);
        assert_eq!((next.phase(), next.generation(), next.sequence()), (Phase::Protected, 0, 9));
    }

    #[test]
    fn the_fields_fill_the_word() {
        let full = Revision::pack(Phase::Closing, GENERATION_MASK, SEQUENCE_MASK);
        assert_eq!(full.bits(), u64::MAX);
    }
}
