//! Order slots, snapshots and watermarks under real threads.
#![cfg(not(loom))]

use std::collections::HashSet;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Barrier, Mutex};
use std::thread;

use quantum_exit::slot::{Advance, Claim, OrderSlots, Phase, SlotId};
use quantum_exit::snapshot::{Snapshot, SnapshotCell, SnapshotWriter};
use quantum_exit::watermark::WatermarkStack;

const THREADS: usize = 4;

fn one_slot() -> (OrderSlots, SlotId) {
    let slots = OrderSlots::new(1).expect("one symbol is allowed");
    let slot = slots.slot(0).expect("one symbol has slot 0");
    (slots, slot)
}

#[test]
fn each_round_has_one_winner_and_tokens_only_grow() {
    const ROUNDS: usize = 2_000;
    let (slots, slot) = one_slot();
    let start = Barrier::new(THREADS);
    let winners: Mutex<Vec<Claim>> = Mutex::default();
    let tokens: Mutex<Vec<u64>> = Mutex::default();
    let contend = || {
        for round in 0..ROUNDS {
            let seen = slots.revision(slot);
            start.wait();
            if let Ok(claim) = slots.try_claim(slot, seen) {
                winners.lock().expect("no panic").push(claim);
            }
            if start.wait().is_leader() {
                let mut winners = winners.lock().expect("no panic");
                assert_eq!(winners.len(), 1, "round {round}");
                let claim = winners.remove(0);
                tokens.lock().expect("no panic").push(claim.sequence());
                let released = slots.release(claim, Phase::Protected, Advance::NewPlan);
                assert!(released.is_ok());
            }
            start.wait();
        }
    };
    thread::scope(|scope| {
        for _ in 0..THREADS {
            scope.spawn(contend);
        }
    });
    let tokens = tokens.into_inner().expect("no panic");
    assert_eq!(tokens.len(), ROUNDS);
    assert!(tokens.is_sorted_by(|a, b| a < b));
}

#[test]
fn claims_taken_in_a_free_for_all_never_overlap() {
    const CLAIMS_EACH: usize = 5_000;
    let (slots, slot) = one_slot();
    let inside = AtomicBool::new(false);
    let tokens: Mutex<HashSet<u64>> = Mutex::default();
    let work = || {
        let mut own = Vec::with_capacity(CLAIMS_EACH);
        while own.len() < CLAIMS_EACH {
            let Ok(claim) = slots.try_claim(slot, slots.revision(slot)) else {
                thread::yield_now();
                continue;
            };
            assert!(!inside.swap(true, Ordering::Relaxed), "two holders");
            assert!(own.last().is_none_or(|&last| last < claim.sequence()));
            own.push(claim.sequence());
            inside.store(false, Ordering::Relaxed);
            assert!(slots.release(claim, Phase::Unknown, Advance::Keep).is_ok());
        }
        tokens.lock().expect("no panic").extend(own);
    };
    thread::scope(|scope| {
        for _ in 0..THREADS {
            scope.spawn(work);
        }
    });
    let tokens = tokens.into_inner().expect("no panic");
    assert_eq!(tokens.len(), THREADS * CLAIMS_EACH);
}

#[test]
fn a_fence_and_a_release_never_both_succeed() {
    let (slots, slot) = one_slot();
    let both = Barrier::new(2);
    for _ in 0..2_000 {
        let claim = slots.try_claim(slot, slots.revision(slot)).expect("the slot rests");
        let observed = claim.revision();
        let (fenced, released) = thread::scope(|scope| {
            let fencer = scope.spawn(|| {
                both.wait();
                slots.fence(slot, observed)
            });
            both.wait();
            let released = slots.release(claim, Phase::Protected, Advance::Keep);
            (fencer.join().expect("no panic"), released)
        });
        assert_ne!(fenced.is_ok(), released.is_ok());
        let expected = if fenced.is_ok() { Phase::Unknown } else { Phase::Protected };
        assert_eq!(slots.revision(slot).phase(), expected);
    }
}

fn snapshot(n: i64) -> Snapshot {
    Snapshot { stop: n, watermark: n + 1, remaining: -n, revision: n.unsigned_abs(), group: None }
}

#[test]
fn a_snapshot_is_whole_and_never_goes_back_while_the_table_grows() {
    const WRITES: i64 = 50_000;
    let mut writer = SnapshotWriter::new();
    let first = writer.push(snapshot(0));
    let table = writer.table();
    let done = AtomicBool::new(false);
    let watch = || {
        let mut last = 0;
        while !done.load(Ordering::Relaxed) {
            let seen = table.cell(first).map_or(snapshot(-1), SnapshotCell::read);
            assert_eq!(seen, snapshot(seen.stop));
            assert!(seen.stop >= last);
            last = seen.stop;
            let newest = table.len() - 1;
            assert!(table.cell(newest).is_some());
        }
    };
    thread::scope(|scope| {
        for _ in 1..THREADS {
            scope.spawn(watch);
        }
        for n in 1..WRITES {
            writer.publish(first, snapshot(n));
            if n % 50 == 0 {
                writer.push(snapshot(n));
            }
        }
        done.store(true, Ordering::Relaxed);
    });
}

#[test]
fn a_reader_sees_watermarks_that_only_rise_until_their_group_is_popped() {
    const CYCLES: i64 = 200;
    let mut stack = WatermarkStack::new();
    let reader = stack.reader();
    let oldest = stack.push(0);
    let done = AtomicBool::new(false);
    let watch = || {
        let mut last = 0;
        while !done.load(Ordering::Relaxed) {
            let Some(watermark) = reader.watermark_of(oldest) else {
                break;
            };
            assert!(watermark >= last, "{watermark} after {last}");
            last = watermark;
        }
    };
    thread::scope(|scope| {
        for _ in 1..THREADS {
            scope.spawn(watch);
        }
        for cycle in 1..CYCLES {
            let high = cycle * 1_000;
            stack.raise(high);
            for fall in 1..cycle {
                stack.push(high - fall);
            }
        }
        stack.pop_bottom();
        done.store(true, Ordering::Relaxed);
    });
    assert_eq!(reader.watermark_of(oldest), None);
}
