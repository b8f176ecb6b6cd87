//! The phases of a slot and every transition between them.

use std::fmt;

/// What is known, or being done, about the protective orders of one position.
///
/// The first four rest: nobody holds the slot. The last four are held by the one claim that is
/// current. A held slot may have orders in flight; a resting one has none, but for `Unknown`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u8)]
pub enum Phase {
    /// No position, and no protective order rests.
    Flat = 0,
    /// A position whose cover is proven absent: placing one comes before anything else.
    Naked = 1,
    /// A position, and proof that its stop is live.
    Protected = 2,
    /// The outcome of something sent is not known; only proof from the venue ends this.
    Unknown = 3,
    /// Held: asking the venue what exists.
    Settling = 4,
    /// Held: the first cover of a position is on its way.
    Placing = 5,
    /// Held: covered, and the set of orders is being changed, new before old.
    Replacing = 6,
    /// Held: the position is being closed and its orders are being taken down.
    Closing = 7,
}

/// All phases, in the order of their bits.
pub const PHASES: [Phase; 8] = [
    Phase::Flat,
    Phase::Naked,
    Phase::Protected,
    Phase::Unknown,
    Phase::Settling,
    Phase::Placing,
    Phase::Replacing,
    Phase::Closing,
];

impl Phase {
    /// Whether a claim holds the slot in this phase.
    #[must_use]
    pub const fn is_held(self) -> bool {
        self as u8 >= Self::Settling as u8
    }

    /// The name in capitals, as journals and Python write it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Flat => "FLAT",
            Self::Naked => "NAKED",
            Self::Protected => "PROTECTED",
            Self::Unknown => "UNKNOWN",
            Self::Settling => "SETTLING",
            Self::Placing => "PLACING",
            Self::Replacing => "REPLACING",
            Self::Closing => "CLOSING",
        }
    }

    /// The phase in the lowest three bits; all eight patterns are phases.
    pub(super) const fn from_bits(bits: u64) -> Self {
        PHASES[(bits & 7) as usize]
    }
}

impl fmt::Display for Phase {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// The four operations that change a word.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[repr(u8)]
pub enum Cause {
    /// [`try_claim`](super::OrderSlots::try_claim)
    Claim = 0,
    /// [`step`](super::OrderSlots::step)
    Step = 1,
    /// [`release`](super::OrderSlots::release)
    Release = 2,
    /// [`fence`](super::OrderSlots::fence)
    Fence = 3,
}

/// One row of [`TRANSITIONS`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Transition {
    /// The phase before.
    pub from: Phase,
    /// What was called.
    pub cause: Cause,
    /// The phase after.
    pub to: Phase,
}

const fn row(from: Phase, cause: Cause, to: Phase) -> Transition {
    Transition { from, cause, to }
}

/// Every transition there is; what is not a row is refused.
///
/// - A claim has one target: what has to be done first follows from what is known.
/// - A step only goes up the order of [`Phase`], so no held phase comes twice under one claim. What
///   was settled may be acted upon at once, and everything may end in a close.
/// - A release may end in any resting phase, for the venue decides what came of an attempt: a stop
///   fires while it is being replaced, a close is filled in part, a reply never comes.
/// - A fence turns a held slot into `Unknown` and leaves a resting one where it is.
pub const TRANSITIONS: [Transition; 33] = [
    row(Phase::Flat, Cause::Claim, Phase::Placing),
    row(Phase::Naked, Cause::Claim, Phase::Placing),
    row(Phase::Protected, Cause::Claim, Phase::Replacing),
    row(Phase::Unknown, Cause::Claim, Phase::Settling),
    row(Phase::Settling, Cause::Step, Phase::Placing),
    row(Phase::Settling, Cause::Step, Phase::Replacing),
    row(Phase::Settling, Cause::Step, Phase::Closing),
    row(Phase::Placing, Cause::Step, Phase::Closing),
    row(Phase::Replacing, Cause::Step, Phase::Closing),
    row(Phase::Settling, Cause::Release, Phase::Flat),
    row(Phase::Settling, Cause::Release, Phase::Naked),
    row(Phase::Settling, Cause::Release, Phase::Protected),
    row(Phase::Settling, Cause::Release, Phase::Unknown),
    row(Phase::Placing, Cause::Release, Phase::Flat),
    row(Phase::Placing, Cause::Release, Phase::Naked),
    row(Phase::Placing, Cause::Release, Phase::Protected),
    row(Phase::Placing, Cause::Release, Phase::Unknown),
    row(Phase::Replacing, Cause::Release, Phase::Flat),
    row(Phase::Replacing, Cause::Release, Phase::Naked),
    row(Phase::Replacing, Cause::Release, Phase::Protected),
    row(Phase::Replacing, Cause::Release, Phase::Unknown),
    row(Phase::Closing, Cause::Release, Phase::Flat),
    row(Phase::Closing, Cause::Release, Phase::Naked),
    row(Phase::Closing, Cause::Release, Phase::Protected),
    row(Phase::Closing, Cause::Release, Phase::Unknown),
    row(Phase::Settling, Cause::Fence, Phase::Unknown),
    row(Phase::Placing, Cause::Fence, Phase::Unknown),
    row(Phase::Replacing, Cause::Fence, Phase::Unknown),
    row(Phase::Closing, Cause::Fence, Phase::Unknown),
    row(Phase::Flat, Cause::Fence, Phase::Flat),
    row(Phase::Naked, Cause::Fence, Phase::Naked),
    row(Phase::Protected, Cause::Fence, Phase::Protected),
    row(Phase::Unknown, Cause::Fence, Phase::Unknown),
];

/// `TRANSITIONS` as bit sets: bit `to` of `TARGETS[cause][from]`.
const TARGETS: [[u8; PHASES.len()]; 4] = {
    let mut targets = [[0; PHASES.len()]; 4];
    let mut i = 0;
    while i < TRANSITIONS.len() {
        let Transition { from, cause, to } = TRANSITIONS[i];
        targets[cause as usize][from as usize] |= 1 << to as u8;
        i += 1;
    }
    targets
};

pub(super) const fn permits(from: Phase, cause: Cause, to: Phase) -> bool {
    TARGETS[cause as usize][from as usize] & (1 << to as u8) != 0
}

/// The phases that `cause` may lead to from `from`.
pub(super) fn targets(from: Phase, cause: Cause) -> impl Iterator<Item = Phase> {
    PHASES.into_iter().filter(move |&to| permits(from, cause, to))
}

/// The phase in which a claim holds a slot that rests in `from`; `None` when `from` is held.
pub(super) const fn claim_target(from: Phase) -> Option<Phase> {
    match TARGETS[Cause::Claim as usize][from as usize] {
        0 => None,
        set => Some(Phase::from_bits(set.trailing_zeros() as u64)),
    }
}

/// The phase that a fence leaves behind.
pub(super) const fn fence_target(from: Phase) -> Phase {
    Phase::from_bits(TARGETS[Cause::Fence as usize][from as usize].trailing_zeros() as u64)
}

#[cfg(all(test, not(loom)))]
mod tests {
    use super::*;

    fn count(from: Phase, cause: Cause) -> usize {
        targets(from, cause).count()
    }

    #[test]
    fn a_resting_phase_has_one_claim_and_a_held_one_none() {
        for phase in PHASES {
            assert_eq!(count(phase, Cause::Claim), usize::from(!phase.is_held()));
            assert!(claim_target(phase).is_none_or(Phase::is_held));
        }
    }

    #[test]
    fn every_phase_can_be_fenced_and_lands_in_one_resting_phase() {
        for phase in PHASES {
            assert_eq!(count(phase, Cause::Fence), 1);
            let expected = if phase.is_held() { Phase::Unknown } else { phase };
            assert_eq!(fence_target(phase), expected);
        }
    }

    #[test]
    fn only_a_held_phase_steps_or_releases() {
        for t in TRANSITIONS {
            match t.cause {
                Cause::Step => assert!(t.from.is_held() && t.to.is_held()),
                Cause::Release => assert!(t.from.is_held() && !t.to.is_held()),
                Cause::Claim | Cause::Fence => {}
            }
        }
    }

    #[test]
    fn a_step_goes_up_the_order_so_no_word_recurs_under_one_claim() {
        for t in TRANSITIONS.iter().filter(|t| t.cause == Cause::Step) {
            assert!(t.to > t.from, "{t:?}");
        }
    }

    #[test]
    fn no_row_is_written_twice() {
        let unique: std::collections::HashSet<_> = TRANSITIONS.into_iter().collect();
        assert_eq!(unique.len(), TRANSITIONS.len());
    }
}
