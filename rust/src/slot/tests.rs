use super::*;

fn table() -> (OrderSlots, SlotId) {
    let slots = OrderSlots::new(2).expect("two symbols are allowed");
    let slot = slots.slot(3).expect("two symbols have four slots");
    (slots, slot)
}

fn claim(slots: &OrderSlots, slot: SlotId) -> Claim {
    slots.try_claim(slot, slots.revision(slot)).expect("the slot rests")
}

#[test]
fn nothing_is_known_of_a_new_slot() {
    let (slots, slot) = table();
    let revision = slots.revision(slot);
    assert_eq!(revision.phase(), Phase::Unknown);
    assert_eq!((revision.generation(), revision.sequence()), (0, 0));
}

#[test]
fn the_first_claim_settles_and_the_next_ones_follow_from_what_was_found() {
    let (slots, slot) = table();
    for (found, next) in [
        (Phase::Flat, Phase::Placing),
        (Phase::Naked, Phase::Placing),
        (Phase::Protected, Phase::Replacing),
        (Phase::Unknown, Phase::Settling),
    ] {
        let settling = claim(&slots, slot);
        assert_eq!(settling.phase(), Phase::Settling);
        assert_eq!(slots.release(settling, found, Advance::Keep).map(Revision::phase), Ok(found));
        let acting = claim(&slots, slot);
        assert_eq!(acting.phase(), next);
        assert!(slots.release(acting, Phase::Unknown, Advance::Keep).is_ok());
    }
}

#[test]
fn a_second_claimant_learns_who_holds_the_slot() {
    let (slots, slot) = table();
    let before = slots.revision(slot);
    let held = claim(&slots, slot);
    let busy = slots.try_claim(slot, before).expect_err("the slot is held");
    assert_eq!(busy, Busy::new(held.revision()));
    assert_eq!(busy.reason, BusyReason::Held);
    assert!(slots.is_current(&held));
}

#[test]
fn the_revision_of_a_held_slot_claims_nothing() {
    let (slots, slot) = table();
    let held = claim(&slots, slot);
    let busy = slots.try_claim(slot, held.revision());
    assert_eq!(busy.map_err(|busy| busy.reason), Err(BusyReason::Held));
    assert!(slots.is_current(&held));
}

#[test]
fn an_old_revision_is_stale_although_the_slot_rests_in_the_same_phase() {
    let (slots, slot) = table();
    let before = slots.revision(slot);
    let first = claim(&slots, slot);
    let after = slots.release(first, Phase::Unknown, Advance::Keep);
    let busy = slots.try_claim(slot, before).expect_err("the revision is old");
    assert_eq!(busy.reason, BusyReason::Stale);
    assert_eq!(Ok(busy.current), after);
    assert_eq!(busy.current.phase(), before.phase());
}

#[test]
fn only_a_new_plan_raises_the_generation() {
    let (slots, slot) = table();
    for (advance, generation) in [(Advance::Keep, 0), (Advance::NewPlan, 1), (Advance::Keep, 1)] {
        let held = claim(&slots, slot);
        let after = slots.release(held, Phase::Protected, advance);
        assert_eq!(after.map(Revision::generation), Ok(generation));
    }
}

#[test]
fn a_step_keeps_the_token() {
    let (slots, slot) = table();
    let settling = claim(&slots, slot);
    let token = settling.sequence();
    let closing = slots.step(settling, Phase::Closing).expect("settling may step to closing");
    assert_eq!((closing.sequence(), closing.phase()), (token, Phase::Closing));
    assert!(slots.is_current(&closing));
}

#[test]
fn every_transition_outside_the_table_is_refused_and_gives_the_claim_back() {
    for from in PHASES.into_iter().filter(|phase| phase.is_held()) {
        for to in PHASES {
            let (slots, slot) = table();
            slots.words[slot.index()].0.store(held_word(from), Ordering::Relaxed);
            let held = Claim::new(slot, slots.revision(slot));
            let legal = TRANSITIONS.iter().any(|t| t.from == from && t.to == to && t.cause == Cause::Release);
            match slots.release(held, to, Advance::Keep) {
                Ok(after) => assert!(legal && after.phase() == to),
                Err(Refused::Illegal { claim, .. }) => {
                    assert!(!legal && slots.is_current(&claim));
                }
                Err(fenced) => panic!("nobody fenced: {fenced}"),
            }
        }
    }
}

fn held_word(phase: Phase) -> u64 {
    Revision::START.claimed_as(phase).bits()
}

#[test]
fn the_error_of_an_illegal_transition_says_what_is_allowed() {
    let (slots, slot) = table();
    let refused = slots.release(claim(&slots, slot), Phase::Closing, Advance::Keep);
    assert_eq!(
        refused.map_err(|error| error.to_string()),
        Err("phase: CLOSING is not allowed; Release from SETTLING leads to \
             FLAT, NAKED, PROTECTED, UNKNOWN"
            .to_owned())
    );
}

#[test]
fn a_fenced_claim_can_do_nothing_more() {
    let (slots, slot) = table();
    let old = claim(&slots, slot);
    let fenced = slots.fence(slot, old.revision());
    assert_eq!(fenced.map(Revision::phase), Ok(Phase::Unknown));
    assert!(!slots.is_current(&old));
    let token = old.sequence();
    let refused = slots.release(old, Phase::Flat, Advance::Keep);
    assert!(matches!(refused, Err(Refused::Fenced { sequence, .. }) if sequence == token));
    assert_eq!(Ok(slots.revision(slot)), fenced);
}

#[test]
fn a_fence_of_a_resting_slot_keeps_its_phase_and_expires_what_was_read_before() {
    let (slots, slot) = table();
    let settled = slots.release(claim(&slots, slot), Phase::Protected, Advance::NewPlan);
    let before = settled.expect("settling may end in protected");
    let after = slots.fence(slot, before).expect("nothing came between");
    assert_eq!(after.phase(), Phase::Protected);
    assert_eq!(after.generation(), before.generation());
    let busy = slots.try_claim(slot, before).map_err(|busy| busy.reason);
    assert_eq!(busy, Err(BusyReason::Stale));
}

#[test]
fn a_fence_that_observed_an_older_word_changes_nothing() {
    let (slots, slot) = table();
    let observed = slots.revision(slot);
    let held = claim(&slots, slot);
    let changed = slots.fence(slot, observed);
    let current = held.revision();
    assert_eq!(changed, Err(Changed { observed, current }));
    assert!(slots.is_current(&held));
}

#[test]
fn a_dropped_claim_stays_held() {
    let (slots, slot) = table();
    drop(claim(&slots, slot));
    assert_eq!(slots.revision(slot).phase(), Phase::Settling);
}

#[test]
fn slots_are_independent() {
    let (slots, slot) = table();
    let other = slots.slot(2).expect("two symbols have four slots");
    let held = claim(&slots, slot);
    assert_eq!(slots.revision(other).sequence(), 0);
    assert!(slots.is_current(&held));
}

#[test]
fn sizes_out_of_range_name_the_field() {
    for symbols in [0, MAX_SYMBOLS + 1] {
        let error = OrderSlots::new(symbols).expect_err("out of range");
        assert_eq!(error.field, "symbols");
    }
    let (slots, _) = table();
    let error = slots.slot(4).expect_err("there are four slots");
    assert_eq!(error.to_string(), "slot: 4 is not allowed; 0 to 3");
}
