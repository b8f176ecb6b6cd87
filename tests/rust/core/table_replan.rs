//! A new plan for what is open: its legs, the tighter stop, the trail that goes on, its prices.

use quantum_exit::tick::Source::{Last, Mark};

use crate::case::{Live, long, short};
use crate::order::{UNKNOWN, open, refused, replace, told};

/// A LONG with half closed at 1R, the stop at break-even and the market at 102.
fn half_way() -> Live {
    open(
        &long("100", "98").hard("1", "0.5"),
        "
        1 100    OPEN        -  100  1    1    98     -
        2 102    LEG_FILLED  0  102  0.5  0.5  98     TAKE_PROFIT
                 STOP_MOVED  -  102  0    0.5  100.1  BREAK_EVEN
        ",
    )
}

#[test]
fn replace_plan_starts_new_legs_and_keeps_the_tighter_stop() {
    // R 1: legs at 103 and 105, 250 lots each; the stop at 99 would be looser.
    let plan = long("100", "99").qty("0.5").hard("3", "0.5").hard("5", "0.5");
    let mut live = half_way();
    assert_eq!(replace(&mut live, &plan, false), told(&["50 REPLANNED - 102 0.5 0.5 100.1 EXTERNAL"]));
    // The legs are counted anew; break-even at 100.1 is in force already.
    live.check(
        "
        51 103    LEG_FILLED  0  103    0.25  0.25  100.1  TAKE_PROFIT
        52 100.1  STOPPED     -  100.1  0.25  0     100.1  BREAK_EVEN
                  CLOSED      -  100.1  0     0     100.1  BREAK_EVEN
        ",
    );
}

#[test]
fn replace_plan_loosens_only_when_that_is_said() {
    let plan = long("100", "99").qty("0.5").hard("3", "0.5").hard("5", "0.5");
    let mut live = half_way();
    assert_eq!(replace(&mut live, &plan, true), told(&["50 REPLANNED - 102 0.5 0.5 99 EXTERNAL"]));
    live.check(
        "
        51 99.1
        52 99     STOPPED  -  99  0.5  0  99  STOP
                  CLOSED   -  99  0    0  99  STOP
        ",
    );
}

#[test]
fn replace_plan_tightens_without_being_told() {
    let mut live = open(&short("100", "102"), "1 100    OPEN  -  100  1  1  102  -");
    assert_eq!(
        replace(&mut live, &short("100", "101").hard("1", "1"), false),
        told(&["50 REPLANNED - 100 1 1 101 EXTERNAL"])
    );
    live.check(
        "
        51 101   STOPPED  -  101  1  0  101  STOP
                 CLOSED   -  101  0  0  101  STOP
        ",
    );
}

#[test]
fn an_active_trail_never_falls_back_unless_loosening_is_allowed() {
    // 1040 - floor(10.4) = 1030; with 0.02 it would be 1040 - floor(20.8) = 1020.
    let trailing = || {
        open(
            &long("100", "98").trail("0.01", "0", &[]),
            "
            1 100    OPEN             -  100  1  1  98  -
                     TRAIL_ACTIVATED  -  100  0  1  98  -
            2 104
            ",
        )
    };
    let wider = long("100", "98").trail("0.02", "0", &[]);
    let mut live = trailing();
    assert_eq!(replace(&mut live, &wider, false), told(&["50 REPLANNED - 104 1 1 98 EXTERNAL"]));
    live.check(
        "
        51 103.1
        52 103    TRAILED  -  103  1  0  98  TRAIL
                  CLOSED   -  103  0  0  98  TRAIL
        ",
    );
    // Allowed: trailing begins anew with the next tick, 1030 - floor(20.6) = 1010.
    let mut live = trailing();
    assert_eq!(replace(&mut live, &wider, true), told(&["50 REPLANNED - 104 1 1 98 EXTERNAL"]));
    live.check(
        "
        51 103    TRAIL_ACTIVATED  -  103  0  1  98  -
        52 101    TRAILED          -  101  1  0  98  TRAIL
                  CLOSED           -  101  0  0  98  TRAIL
        ",
    );
    // A plan without trailing takes the trail over as its stop.
    let mut live = trailing();
    let fixed = long("100", "98").hard("3", "1");
    assert_eq!(replace(&mut live, &fixed, false), told(&["50 REPLANNED - 104 1 1 103 EXTERNAL"]));
    live.check(
        "
        51 103    STOPPED  -  103  1  0  103  EXTERNAL
                  CLOSED   -  103  0  0  103  EXTERNAL
        ",
    );
}

#[test]
fn a_tighter_callback_follows_the_watermark_at_once_but_never_through_the_market() {
    // 1040 - floor(20.8) = 1020 before; 1040 - floor(10.4) = 1030 with the new callback.
    let trailing = |last: &str| {
        let ticks = format!(
            "
            1 100    OPEN             -  100  1  1  98  -
                     TRAIL_ACTIVATED  -  100  0  1  98  -
            2 104
            3 {last}
            "
        );
        open(&long("100", "98").trail("0.02", "0", &[]), &ticks)
    };
    let tighter = long("100", "98").trail("0.01", "0", &[]);
    let mut live = trailing("103.5");
    assert_eq!(replace(&mut live, &tighter, false), told(&["50 REPLANNED - 103.5 1 1 98 EXTERNAL"]));
    live.check(
        "
        51 103.1
        52 103    TRAILED  -  103  1  0  98  TRAIL
                  CLOSED   -  103  0  0  98  TRAIL
        ",
    );
    // The price is at 102.5, below 103: the stop is one tick behind it, at 102.4.
    let mut live = trailing("102.5");
    assert_eq!(replace(&mut live, &tighter, false), told(&["50 REPLANNED - 102.5 1 1 98 EXTERNAL"]));
    live.check(
        "
        51 102.5
        52 102.4  TRAILED  -  102.4  1  0  98  TRAIL
                  CLOSED   -  102.4  0  0  98  TRAIL
        ",
    );
}

#[test]
fn replace_plan_refuses_a_plan_that_does_not_fit() {
    let mut live = half_way();
    assert_eq!(
        replace(&mut live, &short("100", "101").qty("0.5"), false),
        refused("plan.side: SHORT is not allowed; LONG, the side of the position")
    );
    assert_eq!(
        replace(&mut live, &long("100", "99"), false),
        refused("plan.quantity: 1 is not allowed; 0.5, what is open")
    );
    for (entry, stop) in [("103", "102"), ("104", "102.1")] {
        assert_eq!(
            replace(&mut live, &long(entry, stop).qty("0.5"), true),
            refused(&format!(
                "plan.stop_price: {stop} is not allowed; through the market: the last price is 102; \
                 close the position instead"
            ))
        );
    }
    live.check(
        "
        51 100.1  STOPPED  -  100.1  0.5  0  100.1  BREAK_EVEN
                  CLOSED   -  100.1  0    0  100.1  BREAK_EVEN
        ",
    );
    assert_eq!(replace(&mut live, &long("100", "99"), false), refused(UNKNOWN));
}

#[test]
fn a_new_plan_may_listen_to_other_prices() {
    // From LAST to MARK, stop and legs.
    let mut live = open(&long("100", "98"), "1 100    OPEN  -  100  1  1  98  -");
    let plan = long("100", "98").hard("1", "0.5");
    let marked = plan.clone().sources(Mark, Mark);
    assert_eq!(replace(&mut live, &marked, false), told(&["50 REPLANNED - 100 1 1 98 EXTERNAL"]));
    live.check(
        "
        51 m99.5
        52 97
        53 m102    LEG_FILLED  0  102    0.5  0.5  98     TAKE_PROFIT
                   STOP_MOVED  -  102    0    0.5  100.1  BREAK_EVEN
        54 m100.1  STOPPED     -  100.1  0.5  0    100.1  BREAK_EVEN
                   CLOSED      -  100.1  0    0    100.1  BREAK_EVEN
        ",
    );
    // From LAST to both.
    let mut live = open(&long("100", "98"), "1 100    OPEN  -  100  1  1  98  -");
    let mixed = plan.clone().sources(Mark, Last);
    assert_eq!(replace(&mut live, &mixed, false), told(&["50 REPLANNED - 100 1 1 98 EXTERNAL"]));
    live.check(
        "
        51 m99
        52 97
        53 m103
        54 102     LEG_FILLED  0  102  0.5  0.5  98     TAKE_PROFIT
                   STOP_MOVED  -  102  0    0.5  100.1  BREAK_EVEN
        55 m97     STOPPED     -  97   0.5  0    100.1  BREAK_EVEN
                   CLOSED      -  97   0    0    100.1  BREAK_EVEN
        ",
    );
    // From both to LAST.
    let mut live = open(&mixed, "1 100    OPEN  -  100  1  1  98  -");
    assert_eq!(replace(&mut live, &plan, false), told(&["50 REPLANNED - 100 1 1 98 EXTERNAL"]));
    live.check(
        "
        51 m97
        52 102     LEG_FILLED  0  102    0.5  0.5  98     TAKE_PROFIT
                   STOP_MOVED  -  102    0    0.5  100.1  BREAK_EVEN
        53 m100
        54 100.1   STOPPED     -  100.1  0.5  0    100.1  BREAK_EVEN
                   CLOSED      -  100.1  0    0    100.1  BREAK_EVEN
        ",
    );
}

#[test]
fn an_active_trail_goes_on_with_the_other_price() {
    // 1000 - 10 = 990 and then 1040 - floor(10.4) = 1030; 1000 + 10 = 1010, 970 + floor(9.7) = 979.
    let case = long("100", "98").trail("0.01", "0", &[]);
    let script = "1 100    OPEN             -  100  1  1  98  -
                           TRAIL_ACTIVATED  -  100  0  1  98  -";
    let mut live = open(&case, script);
    assert_eq!(
        replace(&mut live, &case.sources(Mark, Mark), false),
        told(&["50 REPLANNED - 100 1 1 98 EXTERNAL"])
    );
    live.check(
        "
        51 m99.5
        52 97
        53 m104
        54 m103.1
        55 m103    TRAILED  -  103  1  0  98  TRAIL
                   CLOSED   -  103  0  0  98  TRAIL
        ",
    );
    let case = short("100", "102").trail("0.01", "0", &[]).sources(Mark, Mark);
    let script = "1 m100   OPEN             -  100  1  1  102  -
                           TRAIL_ACTIVATED  -  100  0  1  102  -";
    let mut live = open(&case, script);
    assert_eq!(
        replace(&mut live, &case.sources(Mark, Last), false),
        told(&["50 REPLANNED - 100 1 1 102 EXTERNAL"])
    );
    live.check(
        "
        51 103
        52 m97
        53 m97.8
        54 m97.9   TRAILED  -  97.9  1  0  102  TRAIL
                   CLOSED   -  97.9  0  0  102  TRAIL
        ",
    );
}

#[test]
fn a_new_plan_sets_the_clock_from_the_same_entry() {
    let open = |hold| open(&long("100", "98").max_hold(hold), "1 100    OPEN  -  100  1  1  98  -");
    let replanned = || told(&["50 REPLANNED - 100 1 1 98 EXTERNAL"]);
    let mut live = open(60);
    assert_eq!(replace(&mut live, &long("100", "98").max_hold(100), false), replanned());
    live.check(
        "
        60 99
        99 99
        100 99    TIMED_OUT  -  99  1  0  98  TIME
                  CLOSED     -  99  0  0  98  TIME
        ",
    );
    let mut live = open(100);
    assert_eq!(replace(&mut live, &long("100", "98").max_hold(55), false), replanned());
    live.check(
        "
        54 99
        55 99     TIMED_OUT  -  99  1  0  98  TIME
                  CLOSED     -  99  0  0  98  TIME
        ",
    );
    let mut live = open(60);
    assert_eq!(replace(&mut live, &long("100", "98"), false), replanned());
    live.check(
        "
        61 99
        100 98    STOPPED  -  98  1  0  98  STOP
                  CLOSED   -  98  0  0  98  STOP
        ",
    );
}
