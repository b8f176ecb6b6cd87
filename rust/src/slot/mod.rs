//! Lock-free order state: who may touch the protective orders of one (symbol, side).
//!
//! A slot is one 64-bit atomic word (see [`Revision`]). Whoever wants to place, replace or cancel
//! protective orders reads the word, and wins it with a single compare-exchange; everybody else
//! learns at once that they lost, and to what. Nothing here blocks, waits or looks at a clock.
//!
//! ```
//! use quantum_exit::slot::{Advance, OrderSlots, Phase};
//!
//! let slots = OrderSlots::new(1)?;
//! let btc_long = slots.slot(0)?;
//! let claim = slots.try_claim(btc_long, slots.revision(btc_long))?;
//! // ... the venue proves that no position exists ...
//! let after = slots.release(claim, Phase::Flat, Advance::Keep)?;
//! assert_eq!(after.phase(), Phase::Flat);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # Memory ordering
//!
//! Each slot is its own word and no rule spans two of them, so nothing needs `SeqCst`. Inside one
//! slot the word is the only door to whatever the holder keeps beside it (order ids, sizes):
//!
//! - every **load**, and the load half of every failed exchange, is `Acquire`: who sees a phase
//!   also sees all that its publisher did before publishing it;
//! - **claim** is `Acquire` on success: the winner sees the work of every earlier holder. It
//!   publishes nothing yet, so it needs no `Release`; being a read-modify-write it continues the
//!   release sequence of the last release, so a later fence still synchronises with that one;
//! - **step** and **release** are `Release` on success: they publish the holder's work. They need
//!   no `Acquire`, since nobody but the holder has written since the claim (a fence would have
//!   changed the word, and the exchange would have failed);
//! - **fence** is `AcqRel`: the fencer takes over what the holder published by its last step, and
//!   publishes its own work to the next claimant.

mod claim;
mod table;
mod word;

pub use claim::{Advance, Busy, BusyReason, Changed, Claim, Refused};
pub use table::{Cause, PHASES, Phase, TRANSITIONS, Transition};
pub use word::Revision;

use crate::error::Invalid;
use crate::sync::{AtomicU64, Ordering};

/// Most symbols one table can hold; at two slots of 128 bytes each, 16 MiB.
pub const MAX_SYMBOLS: usize = 1 << 16;

const SIDES: usize = 2;

/// Index of a slot that exists: `symbol_id * 2 + side`, side 0 = LONG, 1 = SHORT.
///
/// Made by [`OrderSlots::slot`]. A table panics on the id of a larger one; ids of two tables are
/// otherwise not told apart, so a process keeps one table.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct SlotId(u32);

impl SlotId {
    /// The index, `0 .. 2 * symbols`.
    #[must_use]
    pub const fn index(self) -> usize {
        self.0 as usize
    }
}

/// A word alone on its cache line. 128 bytes, because x86-64 prefetches lines in pairs and
/// Apple's cores have lines of that size.
#[derive(Debug)]
#[repr(align(128))]
struct Word(AtomicU64);

/// One order slot per (symbol, side), of a capacity fixed at construction.
#[derive(Debug)]
pub struct OrderSlots {
    words: Box<[Word]>,
}

impl OrderSlots {
    /// A table for `symbols` symbols (`1 ..= MAX_SYMBOLS`), two slots each.
    ///
    /// Every slot starts as [`Phase::Unknown`]: what rests at the venue is not known before the
    /// first claim has settled it.
    ///
    /// # Errors
    /// `Invalid` names `symbols` when it is out of range.
    pub fn new(symbols: usize) -> Result<Self, Invalid> {
        if !(1..=MAX_SYMBOLS).contains(&symbols) {
            let allowed = format!("1 to {MAX_SYMBOLS} symbols");
            return Err(Invalid::new("symbols", symbols, allowed));
        }
        let word = || Word(AtomicU64::new(Revision::START.bits()));
        Ok(Self { words: (0..symbols * SIDES).map(|_| word()).collect() })
    }

    /// Number of slots, twice the number of symbols. Never 0.
    #[must_use]
    #[expect(clippy::len_without_is_empty, reason = "a table is never empty")]
    pub fn len(&self) -> usize {
        self.words.len()
    }

    /// The slot at `index = symbol_id * 2 + side` (0 LONG, 1 SHORT).
    ///
    /// # Errors
    /// `Invalid` names `slot` when the index is not below [`len`](Self::len).
    pub fn slot(&self, index: usize) -> Result<SlotId, Invalid> {
        match u32::try_from(index) {
            Ok(id) if index < self.len() => Ok(SlotId(id)),
            _ => Err(Invalid::new("slot", index, format!("0 to {}", self.len() - 1))),
        }
    }

    /// The word of `slot` now.
    ///
    /// # Panics
    /// When `slot` was made by a larger table.
    #[must_use]
    pub fn revision(&self, slot: SlotId) -> Revision {
        Revision::from_bits(self.word(slot).load(Ordering::Acquire))
    }

    /// Claims `slot` if its word is still `expected`: one compare-exchange, no retry.
    ///
    /// The claim moves the phase as [`TRANSITIONS`] says and carries a fencing token one above the
    /// last. Re-read what `expected` was read with before trying again after `Stale`: the world has
    /// changed since.
    ///
    /// # Errors
    /// [`Busy`] tells the current word, and whether somebody holds the slot or `expected` is old.
    ///
    /// # Panics
    /// When `slot` was made by a larger table.
    pub fn try_claim(&self, slot: SlotId, expected: Revision) -> Result<Claim, Busy> {
        let Some(phase) = table::claim_target(expected.phase()) else {
            return Err(Busy::new(self.revision(slot)));
        };
        let held = expected.claimed_as(phase);
        self.exchange(slot, expected, held, Ordering::Acquire).map_err(Busy::new)?;
        Ok(Claim::new(slot, held))
    }

    /// Moves a claim on to another held phase, for example from a placement that found the price
    /// beyond the stop to [`Phase::Closing`]. The token stays.
    ///
    /// # Errors
    /// [`Refused::Illegal`] gives the claim back when the table has no such step;
    /// [`Refused::Fenced`] when the claim has expired.
    ///
    /// # Panics
    /// When the claim was won from a larger table.
    pub fn step(&self, claim: Claim, to: Phase) -> Result<Claim, Refused> {
        let slot = claim.slot();
        let held = self.publish(claim, Cause::Step, to, Advance::Keep)?;
        Ok(Claim::new(slot, held))
    }

    /// Gives the slot back in the resting phase `to`; with [`Advance::NewPlan`] the plan
    /// generation grows by one.
    ///
    /// # Errors
    /// [`Refused::Illegal`] gives the claim back when the table has no such release;
    /// [`Refused::Fenced`] when the claim has expired. The slot is unchanged in both cases.
    ///
    /// # Panics
    /// When the claim was won from a larger table.
    pub fn release(&self, claim: Claim, to: Phase, advance: Advance) -> Result<Revision, Refused> {
        self.publish(claim, Cause::Release, to, advance)
    }

    /// Expires whatever was built on `observed`: the sequence grows, so the claim that held it and
    /// every revision read before are refused from here on.
    ///
    /// A held slot becomes [`Phase::Unknown`], since what its holder sent is not known; a resting
    /// one keeps its phase. Only evidence may call for a fence (a dead task, a newer lease epoch),
    /// never the passing of time alone.
    ///
    /// # Errors
    /// [`Changed`] when the word is no longer `observed`; nothing was fenced.
    ///
    /// # Panics
    /// When `slot` was made by a larger table.
    pub fn fence(&self, slot: SlotId, observed: Revision) -> Result<Revision, Changed> {
        let fenced = observed.claimed_as(table::fence_target(observed.phase()));
        self.exchange(slot, observed, fenced, Ordering::AcqRel)
            .map_err(|current| Changed { observed, current })?;
        Ok(fenced)
    }

    /// Whether `claim` still holds its slot: the last check before bytes leave.
    ///
    /// True is a statement about the past, as any check before a send must be: a fence may follow at
    /// once. What makes a late order harmless is the token in its durable intent, not this call.
    ///
    /// # Panics
    /// When the claim was won from a larger table.
    #[must_use]
    pub fn is_current(&self, claim: &Claim) -> bool {
        self.revision(claim.slot()) == claim.revision()
    }

    fn publish(&self, claim: Claim, cause: Cause, to: Phase, advance: Advance) -> Result<Revision, Refused> {
        let held = claim.revision();
        if !table::permits(held.phase(), cause, to) {
            return Err(Refused::Illegal { claim, cause, to });
        }
        let next = held.published_as(to, advance);
        match self.exchange(claim.slot(), held, next, Ordering::Release) {
            Ok(()) => Ok(next),
            Err(current) => Err(Refused::Fenced { sequence: held.sequence(), current }),
        }
    }

    fn exchange(
        &self,
        slot: SlotId,
        from: Revision,
        to: Revision,
        success: Ordering,
    ) -> Result<(), Revision> {
        self.word(slot)
            .compare_exchange(from.bits(), to.bits(), success, Ordering::Acquire)
            .map(drop)
            .map_err(Revision::from_bits)
    }

    fn word(&self, slot: SlotId) -> &AtomicU64 {
        &self.words[slot.index()].0
    }
}

#[cfg(all(test, not(loom)))]
mod tests;
