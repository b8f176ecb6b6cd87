//! How a position is split into lots, and where lots go that are too small for an order.

use quantum_exit::ladder::{Item, Merge};
use quantum_exit::plan::TrailScope;
use quantum_exit::units::Lots;

use crate::case::{Case, grid, long, minimums, short};

/// LONG at 100, stop 98: legs at 1R = 102, 2R = 104, ... with these fractions.
fn ladder(qty: &str, fractions: &[&str]) -> Case {
    let levels = ["1", "2", "3", "4"];
    levels.iter().zip(fractions).fold(long("100", "98").qty(qty), |case, (r, part)| case.hard(r, part))
}

/// The same with orders of at least `min_qty`.
fn at_least(min_qty: &str, qty: &str, fractions: &[&str]) -> Case {
    ladder(qty, fractions).on(minimums("0.1", "0.001", min_qty, "0"))
}

/// Index and lots of each leg, the remainder, and the merges as text.
fn packed(case: &Case) -> (Vec<(u8, i64)>, i64, Vec<String>) {
    let plan = case.planned();
    let legs = plan.legs().iter().map(|leg| (leg.index, leg.lots.0)).collect();
    (legs, plan.remainder().0, plan.merges().iter().map(merge).collect())
}

fn merge(Merge { from, into, lots: Lots(lots) }: &Merge) -> String {
    let name = |item: &Item| match item {
        Item::Leg(index) => index.to_string(),
        Item::Remainder => "rest".to_owned(),
    };
    format!("{} -> {}: {lots}", name(from), name(into))
}

fn check(case: &Case, legs: &[(u8, i64)], remainder: i64, merges: &[&str]) {
    let merges = merges.iter().map(|merge| (*merge).to_owned()).collect();
    assert_eq!(packed(case), (legs.to_vec(), remainder, merges));
}

#[test]
fn lots_go_to_the_largest_rest_and_in_a_tie_to_the_earlier_leg() {
    // 2.5, 2.5, 5.
    check(&ladder("0.010", &["0.25", "0.25", "0.5"]), &[(0, 3), (1, 2), (2, 5)], 0, &[]);
    // 1.5, 2, 3 and 3.5: one lot is over, leg and remainder tie.
    check(&ladder("0.010", &["0.15", "0.20", "0.30"]), &[(0, 2), (1, 2), (2, 3)], 3, &[]);
    // 1.6, 1.2 and 1.2: the largest rest.
    check(&ladder("0.004", &["0.4", "0.3"]), &[(0, 2), (1, 1)], 1, &[]);
    // 1.2, 1.2 and 1.6: the remainder where its rest is the largest.
    check(&ladder("0.004", &["0.3", "0.3"]), &[(0, 1), (1, 1)], 2, &[]);
    // 3.3, 3.3, 3.3 and 0.1: the first of three equal rests.
    check(&ladder("0.010", &["0.33", "0.33", "0.33"]), &[(0, 4), (1, 3), (2, 3)], 0, &["rest -> 2: 0"]);
}

#[test]
fn a_leg_or_remainder_that_rounding_leaves_nothing_is_reported() {
    // 0.5 and 0.5.
    check(&ladder("0.001", &["0.5"]), &[(0, 1)], 0, &["rest -> 0: 0"]);
    // 0.75 each: three lots for four legs.
    let four = ["0.25", "0.25", "0.25", "0.25"];
    check(&ladder("0.003", &four), &[(0, 1), (1, 1), (2, 1)], 0, &["3 -> 2: 0"]);
}

#[test]
fn lot_steps_that_are_no_powers_of_ten() {
    // 7 lots: 3.5 and 3.5.
    check(&ladder("0.035", &["0.5"]).on(grid("0.1", "0.005")), &[(0, 4)], 3, &[]);
    // 10 lots.
    let thousands = ladder("10000", &["0.15", "0.20", "0.30"]).on(grid("0.1", "1000"));
    check(&thousands, &[(0, 2), (1, 2), (2, 3)], 3, &[]);
    // A minimum between two lots counts as the upper: 0.012 = 2.4 lots, so 2 lots are too few.
    let between = ladder("0.035", &["0.3", "0.7"]).on(minimums("0.1", "0.005", "0.012", "0"));
    check(&between, &[(1, 7)], 0, &["0 -> 1: 2"]);
}

#[test]
fn a_small_leg_goes_to_the_next_one() {
    // 10, 20, 30, 40.
    let fractions = ["0.1", "0.2", "0.3"];
    check(&at_least("0.015", "0.1", &fractions), &[(1, 30), (2, 30)], 40, &["0 -> 1: 10"]);
    check(&at_least("0.035", "0.1", &fractions), &[(2, 60)], 40, &["0 -> 1: 10", "1 -> 2: 30"]);
    // The minimum itself is enough.
    check(&at_least("0.010", "0.1", &fractions), &[(0, 10), (1, 20), (2, 30)], 40, &[]);
}

#[test]
fn a_small_last_leg_goes_to_the_remainder_or_back() {
    // 30, 10, 60.
    check(&at_least("0.015", "0.1", &["0.3", "0.1"]), &[(0, 30)], 70, &["1 -> rest: 10"]);
    // 50, 40, 10, nothing left.
    let full = ["0.5", "0.4", "0.1"];
    check(&at_least("0.015", "0.1", &full), &[(0, 50), (1, 50)], 0, &["2 -> 1: 10"]);
    // 70, 10, 20: the middle goes on, and both go back over its empty place.
    let back = at_least("0.035", "0.1", &["0.7", "0.1", "0.2"]);
    check(&back, &[(0, 100)], 0, &["1 -> 2: 10", "2 -> 0: 30"]);
}

#[test]
fn a_small_remainder_goes_to_the_last_leg() {
    // 50, 40, 10.
    check(&at_least("0.015", "0.1", &["0.5", "0.4"]), &[(0, 50), (1, 50)], 0, &["rest -> 1: 10"]);
    // 90, 5, 5: the small last leg makes the remainder large enough ...
    check(&at_least("0.008", "0.1", &["0.9", "0.05"]), &[(0, 90)], 10, &["1 -> rest: 5"]);
    // ... or not, and both end with the last leg that is left.
    let both = at_least("0.015", "0.1", &["0.9", "0.05"]);
    check(&both, &[(0, 100)], 0, &["1 -> rest: 5", "rest -> 0: 10"]);
}

#[test]
fn a_position_too_small_for_any_leg_is_one_leg_at_the_last_level() {
    // 1.5, 2, 1.5: 2, 2, 1.
    let full = at_least("0.010", "0.005", &["0.3", "0.4", "0.3"]);
    check(&full, &[(2, 5)], 0, &["0 -> 1: 2", "1 -> 2: 4"]);
    // 0.75, 1, 1.5, 1.75: 1, 1, 1 and 2.
    let rest = at_least("0.010", "0.005", &["0.15", "0.20", "0.30"]);
    check(&rest, &[(2, 5)], 0, &["0 -> 1: 1", "1 -> 2: 2", "2 -> rest: 3", "rest -> 2: 5"]);
    rest.check(
        "
        1 100    OPEN        -  100  0.005  0.005  98  -
        2 104                                             # the levels of legs 0 and 1 mean nothing
        3 106    LEG_FILLED  2  106  0.005  0      98  TAKE_PROFIT
                 CLOSED      -  106  0      0      98  TAKE_PROFIT
        ",
    );
}

#[test]
fn min_notional_is_taken_at_the_legs_own_level() {
    let least_five = || minimums("0.1", "0.001", "0.001", "5");
    let halves = |case: Case| case.on(least_five()).hard("2", "0.5").hard("3", "0.5");
    // 49 lots: 0.049 * 104 = 5.096 and 0.049 * 106 = 5.194, though 0.049 * 100 = 4.9.
    check(&halves(long("100", "98").qty("0.098")), &[(0, 49), (1, 49)], 0, &[]);
    // 51 lots: 0.051 * 96 = 4.896 though 0.051 * 100 = 5.1; together 0.102 * 94 = 9.588.
    check(&halves(short("100", "102").qty("0.102")), &[(1, 102)], 0, &["0 -> 1: 51"]);
    // 53 lots are enough at the first level, 0.053 * 96 = 5.088, not at the second: 0.053 * 94 = 4.982.
    check(&halves(short("100", "102").qty("0.106")), &[(0, 106)], 0, &["1 -> 0: 53"]);
    // 0.05 * 102 = 5.1 exactly, and a hundredth less than the minimum.
    let ladder = ladder("0.1", &["0.5", "0.5"]);
    let least = |notional| ladder.clone().on(minimums("0.1", "0.001", "0.001", notional));
    check(&least("5.1"), &[(0, 50), (1, 50)], 0, &[]);
    check(&least("5.11"), &[(1, 100)], 0, &["0 -> 1: 50"]);
}

#[test]
fn trailing_guards_the_remainder_or_all_that_is_open() {
    let scope = |case: Case| case.trail("0.02", "1", &[]).planned().trail_scope();
    assert_eq!(scope(ladder("0.1", &["0.5", "0.4"])), Some(TrailScope::Leg));
    assert_eq!(scope(ladder("0.1", &["0.5", "0.5"])), Some(TrailScope::Remaining));
    assert_eq!(scope(ladder("0.1", &[])), Some(TrailScope::Leg), "without legs all is the remainder");
    // The remainder was merged away.
    assert_eq!(scope(at_least("0.015", "0.1", &["0.5", "0.4"])), Some(TrailScope::Remaining));
    assert_eq!(ladder("0.1", &["0.5"]).planned().trail_scope(), None);
}

#[test]
fn a_leg_that_took_lots_keeps_its_level_and_its_index() {
    // 10 + 20, 30 and 40; leg 0 is gone, so leg 1 is the first fill: break-even, then its level.
    at_least("0.015", "0.1", &["0.1", "0.2", "0.3"]).check(
        "
        1 100    OPEN        -  100  0.1   0.1   98     -
        2 102
        3 104    LEG_FILLED  1  104  0.03  0.07  98     TAKE_PROFIT
                 STOP_MOVED  -  104  0     0.07  100.1  BREAK_EVEN
        4 106    LEG_FILLED  2  106  0.03  0.04  100.1  TAKE_PROFIT
                 STOP_MOVED  -  106  0     0.04  104    RATCHET
        5 104    STOPPED     -  104  0.04  0     104    RATCHET
                 CLOSED      -  104  0     0     104    RATCHET
        ",
    );
}
