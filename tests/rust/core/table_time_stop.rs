//! The time stop: a position that has not come far in time is closed.

use quantum_exit::tick::Source;
use quantum_exit::units::Ns;

use crate::case::{Live, long, short};

#[test]
fn a_position_short_of_its_profit_is_closed_when_the_time_is_up() {
    // R 2: 0.5R = 101 and 99. Due at 5 + 10.
    long("100", "98").time_stop(10, "0.5").entered_at(5).check(
        "
        5 100     OPEN       -  100    1  1  98  -
        14 100
        15 100.9  TIMED_OUT  -  100.9  1  0  98  TIME
                  CLOSED     -  100.9  0  0  98  TIME
        ",
    );
    short("100", "102").time_stop(10, "0.5").entered_at(5).slippage(2).check(
        "
        5 100     OPEN       -  100    1  1  102  -
        14 103    STOPPED    -  103.2  1  0  102  STOP
                  CLOSED     -  103.2  0  0  102  STOP
        ",
    );
    short("100", "102").time_stop(10, "0.5").entered_at(5).slippage(2).check(
        "
        5 100     OPEN       -  100    1  1  102  -
        14 101.9
        17 99.1   TIMED_OUT  -  99.3   1  0  102  TIME
                  CLOSED     -  99.3   0  0  102  TIME
        ",
    );
    // The first tick may be too late already.
    long("100", "98").time_stop(10, "0.5").check(
        "
        20 99     OPEN       -  100  1  1  98  -
                  TIMED_OUT  -  99   1  0  98  TIME
                  CLOSED     -  99   0  0  98  TIME
        ",
    );
}

#[test]
fn a_position_in_profit_stays_until_it_loses_it() {
    long("100", "98").time_stop(10, "0.5").check(
        "
        0 100     OPEN       -  100    1  1  98  -
        10 101
        20 103
        30 101
        40 100.9  TIMED_OUT  -  100.9  1  0  98  TIME
                  CLOSED     -  100.9  0  0  98  TIME
        ",
    );
    short("100", "102").time_stop(10, "0.5").check(
        "
        0 100     OPEN       -  100    1  1  102  -
        12 99
        13 98
        14 105    STOPPED    -  105    1  0  102  STOP
                  CLOSED     -  105    0  0  102  STOP
        ",
    );
    // Before its time it says nothing, however far the price goes.
    long("100", "98").time_stop(10, "0.5").check(
        "
        0 100     OPEN       -  100    1  1  98  -
        9 105
        9 98.1
        10 101
        ",
    );
}

#[test]
fn its_profit_is_rounded_toward_the_entry_and_may_be_none() {
    // 100 + 0.33 * 2 = 100.66.
    long("100", "98").time_stop(10, "0.33").check(
        "
        0 100     OPEN       -  100    1  1  98  -
        10 100.6
        11 100.5  TIMED_OUT  -  100.5  1  0  98  TIME
                  CLOSED     -  100.5  0  0  98  TIME
        ",
    );
    short("100", "102").time_stop(10, "0").check(
        "
        0 100     OPEN       -  100    1  1  102  -
        10 100
        11 100.1  TIMED_OUT  -  100.1  1  0  102  TIME
                  CLOSED     -  100.1  0  0  102  TIME
        ",
    );
}

#[test]
fn the_longest_time_holds_beside_it() {
    for hold in [20, 10, 5] {
        long("100", "98").time_stop(10, "0.5").max_hold(hold).check(&format!(
            "
            0 100      OPEN       -  100  1  1  98  -
            4 102
            {hold} 103  TIMED_OUT  -  103  1  0  98  TIME
                       CLOSED     -  103  0  0  98  TIME
            "
        ));
    }
    long("100", "98").time_stop(10, "0.5").max_hold(20).check(
        "
        0 100     OPEN       -  100    1  1  98  -
        10 102
        15 100.9  TIMED_OUT  -  100.9  1  0  98  TIME
                  CLOSED     -  100.9  0  0  98  TIME
        ",
    );
    // After both at once.
    long("100", "98").time_stop(10, "0.5").max_hold(20).check(
        "
        0 100     OPEN       -  100    1  1  98  -
        25 102    TIMED_OUT  -  102    1  0  98  TIME
                  CLOSED     -  102    0  0  98  TIME
        ",
    );
}

#[test]
fn stops_and_legs_of_the_same_tick_come_before_it() {
    // 1000 - 10 = 990: the trail takes its half, the time stop the rest.
    long("100", "98").hard("10", "0.5").trail("0.01", "0", &[]).time_stop(10, "0.5").check(
        "
        0 100    OPEN             -  100  1    1    98  -
                 TRAIL_ACTIVATED  -  100  0    1    98  -
        10 99    TRAILED          -  99   0.5  0.5  98  TRAIL
                 TIMED_OUT        -  99   0.5  0    98  TIME
                 CLOSED           -  99   0    0    98  TIME
        ",
    );
    // Leg at 100.5, ratchet to 100.1, and still short of 101.
    long("100", "98").hard("0.25", "0.5").time_stop(10, "0.5").check(
        "
        0 100    OPEN        -  100    1    1    98     -
        10 100.5 LEG_FILLED  0  100.5  0.5  0.5  98     TAKE_PROFIT
                 STOP_MOVED  -  100.5  0    0.5  100.1  BREAK_EVEN
                 TIMED_OUT   -  100.5  0.5  0    100.1  TIME
                 CLOSED      -  100.5  0    0    100.1  TIME
        ",
    );
    // Once it holds, a stop above its level still comes first: 1100 - 11 = 1089.
    long("100", "98").trail("0.01", "0", &[]).time_stop(10, "0.5").check(
        "
        0 100    OPEN             -  100  1  1  98  -
                 TRAIL_ACTIVATED  -  100  0  1  98  -
        10 110
        11 100   TRAILED          -  100  1  0  98  TRAIL
                 CLOSED           -  100  0  0  98  TRAIL
        ",
    );
}

#[test]
fn its_profit_is_that_of_the_price_that_the_stop_listens_to() {
    long("100", "98").time_stop(10, "0.5").sources(Source::Mark, Source::Last).check(
        "
        1 m100    OPEN       -  100    1  1  98  -
        12 99
        13 m101
        14 100
        15 m100.9 TIMED_OUT  -  100.9  1  0  98  TIME
                  CLOSED     -  100.9  0  0  98  TIME
        ",
    );
    short("100", "102").time_stop(10, "0.5").sources(Source::Mark, Source::Mark).check(
        "
        1 m100    OPEN       -  100    1  1  102  -
        12 100
        12 m98
        13 99.5
        14 m99.1  TIMED_OUT  -  99.1   1  0  102  TIME
                  CLOSED     -  99.1   0  0  102  TIME
        ",
    );
}

/// A LONG of 100 whose time stop holds since time 10, with 102 the last price.
fn holding() -> Live {
    let mut live = long("100", "98").time_stop(10, "0.5").live();
    live.check(
        "
        0 100     OPEN  -  100  1  1  98  -
        10 102
        ",
    );
    live
}

#[test]
fn a_new_plan_sets_it_from_the_same_entry() {
    let replanned = |live: &mut Live, plan| {
        let told = live.command(|engine, id, events| engine.replace_plan(id, plan, false, Ns(20), events));
        assert_eq!(told.expect("a plan that fits"), ["20 REPLANNED - 102 1 1 98 EXTERNAL"]);
    };
    let mut live = holding();
    replanned(&mut live, long("100", "98").time_stop(30, "1").planned());
    live.check(
        "
        29 100
        30 101.9  TIMED_OUT  -  101.9  1  0  98  TIME
                  CLOSED     -  101.9  0  0  98  TIME
        ",
    );
    // Its time is over already.
    let mut live = holding();
    replanned(&mut live, long("100", "98").time_stop(15, "1.5").planned());
    live.check(
        "
        21 102    TIMED_OUT  -  102    1  0  98  TIME
                  CLOSED     -  102    0  0  98  TIME
        ",
    );
    let mut live = holding();
    replanned(&mut live, long("100", "98").planned());
    live.check(
        "
        30 98.1
        31 98     STOPPED    -  98     1  0  98  STOP
                  CLOSED     -  98     0  0  98  STOP
        ",
    );
}

#[test]
fn what_is_cut_by_hand_is_still_under_it() {
    let mut live = holding();
    let told = live.command(|engine, id, events| engine.close(id, 500_000, Ns(20), events));
    assert_eq!(told.expect("half"), ["20 REDUCED - 102 0.5 0.5 98 EXTERNAL"]);
    live.check(
        "
        21 101
        22 100    TIMED_OUT  -  100  0.5  0  98  TIME
                  CLOSED     -  100  0    0  98  TIME
        ",
    );
}
