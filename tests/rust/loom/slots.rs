//! Order slots: each row of the transition table raced, and what the orderings of the word promise.

use loom::cell::UnsafeCell;
use loom::sync::Arc;
use loom::thread;
use quantum_exit::slot::{
    Advance, BusyReason, Cause, Claim, OrderSlots, Phase, Refused, Revision, SlotId, TRANSITIONS, Transition,
};

fn one_slot() -> (Arc<OrderSlots>, SlotId) {
    let slots = OrderSlots::new(1).expect("one symbol is allowed");
    let slot = slots.slot(0).expect("one symbol has slot 0");
    (Arc::new(slots), slot)
}

fn claim(slots: &OrderSlots, slot: SlotId) -> Claim {
    let seen = slots.revision(slot);
    slots.try_claim(slot, seen).expect("the slot rests")
}

/// Brings a new slot to rest in `phase`, by the table's own rows.
fn rest_in(slots: &OrderSlots, slot: SlotId, phase: Phase) -> Revision {
    let settling = claim(slots, slot);
    let rested = slots.release(settling, phase, Advance::Keep);
    rested.expect("settling may end in any resting phase")
}

/// Claims a new slot and brings the claim to the held `phase`.
fn hold_in(slots: &OrderSlots, slot: SlotId, phase: Phase) -> Claim {
    let settling = claim(slots, slot);
    if phase == Phase::Settling {
        return settling;
    }
    let stepped = slots.step(settling, phase);
    stepped.expect("settling may step to any held phase")
}

/// Races `a` and `b`, which say whether they changed the slot, and returns their answers.
fn race(
    slots: &Arc<OrderSlots>,
    a: impl FnOnce(&OrderSlots) -> bool + 'static,
    b: impl FnOnce(&OrderSlots) -> bool,
) -> (bool, bool) {
    let other = {
        let slots = Arc::clone(slots);
        thread::spawn(move || a(&slots))
    };
    let second = b(slots);
    (other.join().expect("no panic"), second)
}

fn rows(cause: Cause) -> impl Iterator<Item = Transition> {
    TRANSITIONS.into_iter().filter(move |t| t.cause == cause)
}

#[test]
fn every_claim_row_is_won_by_one_of_two() {
    for Transition { from, to, .. } in rows(Cause::Claim) {
        loom::model(move || {
            let (slots, slot) = one_slot();
            let seen = rest_in(&slots, slot, from);
            let attempt = move |slots: &OrderSlots| match slots.try_claim(slot, seen) {
                Ok(claim) => {
                    assert_eq!(claim.phase(), to);
                    true
                }
                Err(busy) => {
                    assert_eq!(busy.reason, BusyReason::Held);
                    assert_eq!(busy.current.phase(), to);
                    false
                }
            };
            let (a, b) = race(&slots, attempt, attempt);
            assert!(a != b);
            let now = slots.revision(slot);
            assert_eq!((now.phase(), now.sequence()), (to, seen.sequence() + 1));
        });
    }
}

#[test]
fn every_claim_row_excludes_a_fence_of_the_same_revision() {
    for Transition { from, to, .. } in rows(Cause::Claim) {
        loom::model(move || {
            let (slots, slot) = one_slot();
            let seen = rest_in(&slots, slot, from);
            let (claimed, fenced) = race(
                &slots,
                move |slots| slots.try_claim(slot, seen).is_ok(),
                |slots| slots.fence(slot, seen).is_ok(),
            );
            assert!(claimed != fenced);
            let expected = if claimed { to } else { from };
            assert_eq!(slots.revision(slot).phase(), expected);
        });
    }
}

#[test]
fn every_step_row_races_a_fence_and_one_of_them_happens() {
    for Transition { from, to, .. } in rows(Cause::Step) {
        loom::model(move || {
            let (slots, slot) = one_slot();
            let held = hold_in(&slots, slot, from);
            let (token, observed) = (held.sequence(), held.revision());
            let (stepped, fenced) = race(
                &slots,
                move |slots| match slots.step(held, to) {
                    Ok(claim) => claim.sequence() == token,
                    Err(Refused::Fenced { sequence, current }) => {
                        assert_eq!(sequence, token);
                        assert_eq!(current.phase(), Phase::Unknown);
                        false
                    }
                    Err(illegal) => panic!("{illegal}"),
                },
                |slots| slots.fence(slot, observed).is_ok(),
            );
            assert!(stepped != fenced);
            let expected = if stepped { to } else { Phase::Unknown };
            assert_eq!(slots.revision(slot).phase(), expected);
        });
    }
}

#[test]
fn every_release_row_races_a_fence_and_one_of_them_happens() {
    for Transition { from, to, .. } in rows(Cause::Release) {
        loom::model(move || {
            let (slots, slot) = one_slot();
            let held = hold_in(&slots, slot, from);
            let observed = held.revision();
            let (released, fenced) = race(
                &slots,
                move |slots| slots.release(held, to, Advance::NewPlan).is_ok(),
                |slots| slots.fence(slot, observed).is_ok(),
            );
            assert!(released != fenced);
            let now = slots.revision(slot);
            let expected = if released {
                (to, 1, observed.sequence())
            } else {
                (Phase::Unknown, 0, observed.sequence() + 1)
            };
            assert_eq!((now.phase(), now.generation(), now.sequence()), expected);
        });
    }
}

#[test]
fn every_fence_row_happens_once_when_two_fence_the_same_revision() {
    for Transition { from, to, .. } in rows(Cause::Fence) {
        loom::model(move || {
            let (slots, slot) = one_slot();
            let observed = if from.is_held() {
                hold_in(&slots, slot, from).revision()
            } else {
                rest_in(&slots, slot, from)
            };
            let fence = move |slots: &OrderSlots| slots.fence(slot, observed).is_ok();
            let (a, b) = race(&slots, fence, fence);
            assert!(a != b);
            let now = slots.revision(slot);
            assert_eq!((now.phase(), now.sequence()), (to, observed.sequence() + 1));
        });
    }
}

#[test]
fn of_three_claimants_one_wins() {
    loom::model(|| {
        let (slots, slot) = one_slot();
        let seen = slots.revision(slot);
        let contender = || {
            let slots = Arc::clone(&slots);
            thread::spawn(move || slots.try_claim(slot, seen).is_ok())
        };
        let others = [contender(), contender()];
        let mut winners = usize::from(slots.try_claim(slot, seen).is_ok());
        for other in others {
            winners += usize::from(other.join().expect("no panic"));
        }
        assert_eq!(winners, 1);
    });
}

#[test]
fn a_fenced_claim_cannot_release_the_claim_that_came_after_it() {
    loom::model(|| {
        let (slots, slot) = one_slot();
        let old = claim(&slots, slot);
        let (token, observed) = (old.sequence(), old.revision());
        let successor = {
            let slots = Arc::clone(&slots);
            thread::spawn(move || {
                let fenced = slots.fence(slot, observed).ok()?;
                let next = slots.try_claim(slot, fenced).expect("nobody else claims");
                assert!(next.sequence() > token);
                Some(next)
            })
        };
        let released = slots.release(old, Phase::Flat, Advance::Keep);
        match successor.join().expect("no panic") {
            Some(next) => {
                assert!(matches!(released, Err(Refused::Fenced { .. })));
                assert!(slots.is_current(&next));
            }
            None => assert!(released.is_ok()),
        }
    });
}

/// A slot beside what its holder guards with it; loom reports any access that the orderings of
/// the word leave unordered.
struct Guarded {
    slots: OrderSlots,
    orders: UnsafeCell<u32>,
}

// SAFETY: the cell is reached only by the holder of the one claim of `slots`, or by a fencer after
// the holder's last step; loom checks exactly this.
unsafe impl Sync for Guarded {}

impl Guarded {
    fn new() -> (Arc<Self>, SlotId) {
        let slots = OrderSlots::new(1).expect("one symbol is allowed");
        let slot = slots.slot(0).expect("one symbol has slot 0");
        let orders = UnsafeCell::new(0);
        (Arc::new(Self { slots, orders }), slot)
    }

    fn add(&self) {
        // SAFETY: see `Sync`.
        self.orders.with_mut(|orders| unsafe { *orders += 1 });
    }

    fn orders(&self) -> u32 {
        // SAFETY: see `Sync`.
        self.orders.with(|orders| unsafe { *orders })
    }
}

#[test]
fn a_claim_sees_all_that_earlier_holders_did() {
    loom::model(|| {
        let (shared, slot) = Guarded::new();
        let work = move |shared: &Guarded| {
            let seen = shared.slots.revision(slot);
            let Ok(claim) = shared.slots.try_claim(slot, seen) else {
                return 0;
            };
            shared.add();
            let released = shared.slots.release(claim, Phase::Unknown, Advance::Keep);
            assert!(released.is_ok());
            1
        };
        let other = {
            let shared = Arc::clone(&shared);
            thread::spawn(move || work(&shared))
        };
        let done = work(&shared) + other.join().expect("no panic");
        let last = claim(&shared.slots, slot);
        assert_eq!(shared.orders(), done);
        assert_eq!(last.sequence(), u64::from(done) + 1);
    });
}

#[test]
fn a_fencer_sees_what_the_holder_did_before_its_last_step() {
    loom::model(|| {
        let (shared, slot) = Guarded::new();
        let settling = claim(&shared.slots, slot);
        let holder = {
            let shared = Arc::clone(&shared);
            thread::spawn(move || {
                shared.add();
                shared.slots.step(settling, Phase::Closing).is_ok()
            })
        };
        let observed = shared.slots.revision(slot);
        if observed.phase() == Phase::Closing {
            let fenced = shared.slots.fence(slot, observed).expect("the holder is done");
            let next = shared.slots.try_claim(slot, fenced).expect("nobody else claims");
            assert_eq!(shared.orders(), 1);
            assert!(shared.slots.is_current(&next));
        }
        assert!(holder.join().expect("no panic"));
    });
}

#[test]
fn a_claim_after_a_fence_sees_what_the_fencer_did() {
    loom::model(|| {
        let (shared, slot) = Guarded::new();
        let lost = claim(&shared.slots, slot);
        let fencer = {
            let shared = Arc::clone(&shared);
            thread::spawn(move || {
                shared.add();
                shared.slots.fence(slot, lost.revision()).is_ok()
            })
        };
        let seen = shared.slots.revision(slot);
        if let Ok(next) = shared.slots.try_claim(slot, seen) {
            assert_eq!(shared.orders(), 1);
            assert!(shared.slots.is_current(&next));
        }
        assert!(fencer.join().expect("no panic"));
    });
}

/// The revision a slot will have after its first claim steps to `Closing`, and then releases it as
/// `Flat`: a word that a thread can know without having read it from the slot that it races for.
fn foretold() -> (Revision, Revision) {
    let (twin, slot) = one_slot();
    let closing = hold_in(&twin, slot, Phase::Closing);
    let held = closing.revision();
    let released = twin.release(closing, Phase::Flat, Advance::Keep);
    (held, released.expect("closing may end in flat"))
}

#[test]
fn a_claim_sees_the_last_holder_whatever_way_the_revision_came() {
    loom::model(|| {
        let (shared, slot) = Guarded::new();
        let (_, released) = foretold();
        let closing = hold_in(&shared.slots, slot, Phase::Closing);
        let holder = {
            let shared = Arc::clone(&shared);
            thread::spawn(move || {
                shared.add();
                shared.slots.release(closing, Phase::Flat, Advance::Keep).is_ok()
            })
        };
        if let Ok(next) = shared.slots.try_claim(slot, released) {
            assert_eq!(shared.orders(), 1);
            assert!(shared.slots.is_current(&next));
        }
        assert!(holder.join().expect("no panic"));
    });
}

#[test]
fn a_fence_sees_the_last_step_whatever_way_the_revision_came() {
    loom::model(|| {
        let (shared, slot) = Guarded::new();
        let (held, _) = foretold();
        let settling = claim(&shared.slots, slot);
        let holder = {
            let shared = Arc::clone(&shared);
            thread::spawn(move || {
                shared.add();
                shared.slots.step(settling, Phase::Closing).is_ok()
            })
        };
        if shared.slots.fence(slot, held).is_ok() {
            assert_eq!(shared.orders(), 1);
        }
        assert!(holder.join().expect("no panic"));
    });
}

/// Who learns of the release by `look`, without a claim of their own, sees the work behind it.
fn observed_by(look: fn(&OrderSlots, SlotId) -> Revision) {
    loom::model(move || {
        let (shared, slot) = Guarded::new();
        let held = claim(&shared.slots, slot);
        let holder = {
            let shared = Arc::clone(&shared);
            thread::spawn(move || {
                shared.add();
                shared.slots.release(held, Phase::Flat, Advance::Keep).is_ok()
            })
        };
        if look(&shared.slots, slot).phase() == Phase::Flat {
            assert_eq!(shared.orders(), 1);
        }
        assert!(holder.join().expect("no panic"));
    });
}

#[test]
fn a_look_at_a_released_slot_sees_what_the_holder_did() {
    observed_by(OrderSlots::revision);
}

#[test]
fn a_refused_claim_sees_what_the_holder_did() {
    observed_by(|slots, slot| {
        let never = Revision::from_bits(0);
        slots.try_claim(slot, never).expect_err("the sequence is not 0").current
    });
}
