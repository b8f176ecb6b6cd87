//! The right to act on a slot, and the answers of those who do not have it.

use super::SlotId;
use super::table::{Cause, Phase, targets};
use super::word::Revision;

/// Whether a release adopts a new plan.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Advance {
    /// The plan generation stays.
    Keep,
    /// The plan generation grows by one.
    NewPlan,
}

/// The exclusive right to touch the protective orders of one slot.
///
/// It ends by [`release`](super::OrderSlots::release), or expires by a
/// [`fence`](super::OrderSlots::fence). **Dropping it frees nothing**: who loses a claim in the
/// middle of an order (a cancelled task, a panic) does not know what the venue did, so the slot stays
/// held until somebody fences it and settles the unknown.
#[must_use = "a dropped claim leaves its slot held until it is fenced"]
#[derive(Debug, PartialEq, Eq)]
pub struct Claim {
    slot: SlotId,
    held: Revision,
}

impl Claim {
    pub(super) const fn new(slot: SlotId, held: Revision) -> Self {
        Self { slot, held }
    }

    /// The slot it holds.
    #[must_use]
    pub const fn slot(&self) -> SlotId {
        self.slot
    }

    /// The fencing token: strictly increasing over the claims of one slot (modulo 2^45, see
    /// [`Revision`]). It goes into the durable intent, so that a late order can be told.
    #[must_use]
    pub const fn sequence(&self) -> u64 {
        self.held.sequence()
    }

    /// The held phase.
    #[must_use]
    pub const fn phase(&self) -> Phase {
        self.held.phase()
    }

    /// The word that stands in the slot for as long as the claim is current; what a fence has to
    /// have observed to expire it.
    #[must_use]
    pub const fn revision(&self) -> Revision {
        self.held
    }

    /// A second handle of the same claim, for the Python binding, where objects are shared.
    ///
    /// Exclusion does not rest on there being one handle: the first release changes the word, and
    /// every later use of either is refused as fenced.
    #[cfg(feature = "python")]
    pub(crate) const fn handle(&self) -> Self {
        Self::new(self.slot, self.held)
    }
}

/// Why a claim was not granted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum BusyReason {
    /// Somebody else holds the slot.
    Held,
    /// The slot rests, but has changed since `expected` was read.
    Stale,
}

/// A claim was not granted; nothing changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, thiserror::Error)]
#[error("slot is {} under sequence {}: {}", .current.phase(), .current.sequence(), self.text())]
pub struct Busy {
    /// The word that was found.
    pub current: Revision,
    /// What it says about the attempt.
    pub reason: BusyReason,
}

impl Busy {
    pub(super) const fn new(current: Revision) -> Self {
        let reason = if current.phase().is_held() { BusyReason::Held } else { BusyReason::Stale };
        Self { current, reason }
    }

    const fn text(&self) -> &'static str {
        match self.reason {
            BusyReason::Held => "held by another claim",
            BusyReason::Stale => "the expected revision is stale",
        }
    }
}

/// A fence came too late: the word had changed since it was observed, and nothing was fenced.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, thiserror::Error)]
#[error(
    "slot was {} under sequence {}, and is {} under {}",
    .observed.phase(), .observed.sequence(), .current.phase(), .current.sequence()
)]
pub struct Changed {
    /// The word the caller had read.
    pub observed: Revision,
    /// The word that was found.
    pub current: Revision,
}

/// A step or a release was refused; the slot is unchanged.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    /// The transition is not in the table. The claim comes back and is still good.
    #[error("phase: {to} is not allowed; {cause:?} from {} leads to {}", .claim.phase(), allowed(.claim, *.cause))]
    Illegal {
        /// The claim that was passed in.
        claim: Claim,
        /// `Step` or `Release`.
        cause: Cause,
        /// The phase that was asked for.
        to: Phase,
    },
    /// The claim has expired: it was fenced, or released through another handle.
    #[error("claim {sequence} has expired; the slot is {} under sequence {}", .current.phase(), .current.sequence())]
    Fenced {
        /// The token of the expired claim.
        sequence: u64,
        /// The word that was found.
        current: Revision,
    },
}

fn allowed(claim: &Claim, cause: Cause) -> String {
    let names: Vec<_> = targets(claim.phase(), cause).map(Phase::name).collect();
    if names.is_empty() { "nothing".to_owned() } else { names.join(", ") }
}
