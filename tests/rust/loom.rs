//! Models of everything that threads share, explored by loom.
//!
//! `RUSTFLAGS="--cfg loom" cargo test --release --test loom`; without the flag this file is empty.
//! The models of the order slots are exhaustive. Where a reader retries under a writer, the number
//! of preemptions is bounded by `PREEMPTIONS`.
#![cfg(loom)]

use loom::cell::UnsafeCell;
use loom::sync::Arc;
use loom::thread;
use quantum_exit::slot::{
    Advance, BusyReason, Cause, Claim, OrderSlots, Phase, Refused, Revision, SlotId, TRANSITIONS, Transition,
};
use quantum_exit::snapshot::{Snapshot, SnapshotWriter};
use quantum_exit::watermark::WatermarkStack;

/// Involuntary switches allowed in an execution of a model with readers that retry. Two are enough
/// to find every ordering of the seqlock, the ring and the length that is too weak; with three
/// these models take minutes.
const PREEMPTIONS: usize = 2;

fn bounded(model: impl Fn() + Sync + Send + 'static) {
    let mut builder = loom::model::Builder::new();
    builder.preemption_bound = Some(PREEMPTIONS);
    builder.check(model);
}

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

fn snapshot(n: i64) -> Snapshot {
    Snapshot { stop: n, watermark: n + 100, remaining: -n, revision: n.unsigned_abs() }
}

#[test]
fn a_snapshot_is_never_torn_and_never_goes_back() {
    bounded(|| {
        let mut writer = SnapshotWriter::new();
        let index = writer.push(snapshot(0));
        let table = writer.table();
        let reader = thread::spawn(move || {
            let cell = table.cell(index).expect("pushed before");
            let first = cell.try_read();
            let second = cell.read();
            for seen in first.into_iter().chain([second]) {
                assert_eq!(seen, snapshot(seen.stop));
            }
            assert!(first.is_none_or(|first| first.stop <= second.stop));
        });
        writer.publish(index, snapshot(1));
        writer.publish(index, snapshot(2));
        reader.join().expect("no panic");
    });
}

#[test]
fn a_cell_below_the_length_exists_and_holds_its_first_snapshot() {
    bounded(|| {
        let mut writer = SnapshotWriter::new();
        let table = writer.table();
        let reader = thread::spawn(move || {
            for index in 0..table.len() {
                let cell = table.cell(index).expect("below the length");
                let n = i64::try_from(index).expect("small");
                assert_eq!(cell.read(), snapshot(n));
            }
        });
        for n in 0..2 {
            writer.push(snapshot(n));
        }
        reader.join().expect("no panic");
    });
}

/// Runs `write` against a reader of member `seq`, which may only ever see one of `allowed`.
fn read_during(
    begin: &'static [i64],
    seq: u64,
    allowed: &'static [Option<i64>],
    write: fn(&mut WatermarkStack),
) {
    bounded(move || {
        let mut stack = WatermarkStack::new();
        for &gain in begin {
            stack.push(gain);
        }
        let view = stack.reader();
        let reader = thread::spawn(move || {
            // In the order in which they become true, so a later read never finds an earlier one.
            let place = |seen| allowed.iter().position(|&value| value == seen);
            let first = place(view.watermark_of(seq)).expect("an allowed watermark");
            let second = place(view.watermark_of(seq)).expect("an allowed watermark");
            assert!(first <= second);
        });
        write(&mut stack);
        reader.join().expect("no panic");
    });
}

#[test]
fn a_reader_sees_each_raise_of_a_rally_in_order() {
    let allowed = &[Some(10), Some(11), Some(12)];
    read_during(&[10], 0, allowed, |stack| {
        stack.raise(11);
        stack.raise(12);
    });
}

#[test]
fn a_reader_sees_a_merge_at_once_or_not_yet() {
    let allowed = &[Some(10), Some(25), Some(26)];
    read_during(&[30, 20, 10], 2, allowed, |stack| {
        stack.raise(25);
        stack.raise(26);
    });
}

#[test]
fn a_reader_is_not_misled_by_a_slot_that_is_used_again() {
    // The merge frees the place of group 10 and the push fills it with a younger member.
    let allowed = &[Some(10), Some(25)];
    read_during(&[20, 10], 1, allowed, |stack| {
        stack.raise(25);
        stack.push(5);
    });
}

#[test]
fn a_reader_finds_a_new_member_with_the_watermark_it_joined() {
    let allowed = &[None, Some(7), Some(8)];
    read_during(&[5], 1, allowed, |stack| {
        stack.raise(7);
        stack.push(7);
        stack.raise(8);
    });
}

#[test]
fn a_reader_follows_the_stack_into_a_larger_ring() {
    let allowed = &[Some(10), Some(11)];
    read_during(&[20, 10], 1, allowed, |stack| {
        stack.push(5);
        stack.raise(11);
    });
}

#[test]
fn a_reader_loses_a_member_when_its_group_is_popped() {
    let allowed = &[Some(20), None];
    read_during(&[20, 10], 0, allowed, |stack| {
        stack.pop_bottom();
        stack.push(5);
    });
}
