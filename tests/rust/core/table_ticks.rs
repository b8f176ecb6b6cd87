//! Which ticks count: refused ones, jumps, and the price that stop and legs listen to.

use quantum_exit::tick::Source;
use quantum_exit::units::{Ns, Ticks};

use crate::case::{Case, long, rows, short};

#[test]
fn a_refused_tick_changes_nothing_and_is_told_and_counted() {
    // The older ticks lie beyond the stop and beyond the leg; the time of a refused tick counts for nothing.
    long("100", "98").hard("1", "1").check(
        "
        5 100    OPEN           -  100  1  1  98  -
        9 NaN    REJECTED_TICK  -  NaN  0  0  NaN  NOT_FINITE
        9 inf    REJECTED_TICK  -  inf  0  0  NaN  NOT_FINITE
        9 -inf   REJECTED_TICK  -  -inf 0  0  NaN  NOT_FINITE
        9 0      REJECTED_TICK  -  0    0  0  NaN  NOT_POSITIVE
        9 -97    REJECTED_TICK  -  -97  0  0  NaN  NOT_POSITIVE
        4 97     REJECTED_TICK  -  97   0  0  NaN  OUT_OF_ORDER
        4 103    REJECTED_TICK  -  103  0  0  NaN  OUT_OF_ORDER
        5 98.1
        6 98     STOPPED        -  98   1  0  98  STOP
                 CLOSED         -  98   0  0  98  STOP
        ",
    );
    // Nor does it raise a watermark: 1000 + 10 = 1010, not 900 + 9.
    short("100", "102").trail("0.01", "0", &[]).check(
        "
        5 100    OPEN             -  100  1  1  102  -
                 TRAIL_ACTIVATED  -  100  0  1  102  -
        4 90     REJECTED_TICK    -  90   0  0  NaN  OUT_OF_ORDER
        5 100.9
        5 101    TRAILED          -  101  1  0  102  TRAIL
                 CLOSED           -  101  0  0  102  TRAIL
        ",
    );
    // The first tick of a position is not a refused one.
    long("100", "98").check(
        "
        1 NaN    REJECTED_TICK  -  NaN  0  0  NaN  NOT_FINITE
        2 99     OPEN           -  100  1  1  98   -
        ",
    );
}

#[test]
fn the_integer_door_refuses_what_is_no_price_or_too_old() {
    let mut live = long("100", "98").live();
    live.check("5 100    OPEN  -  100  1  1  98  -");
    let mut events = Vec::new();
    for (ts, price) in [(6, 0), (6, -980), (4, 980), (5, 981)] {
        let tick = live.engine.on_tick(live.symbol, Source::Last, Ticks(price), Ns(ts), &mut events);
        assert_eq!(tick, Ok(()));
    }
    let told: Vec<String> = rows(&events, &live.instrument).into_iter().map(|(_, row)| row).collect();
    assert_eq!(
        told,
        [
            "6 REJECTED_TICK - 0 0 0 NaN NOT_POSITIVE",
            "6 REJECTED_TICK - -98 0 0 NaN NOT_POSITIVE",
            "4 REJECTED_TICK - 98 0 0 NaN OUT_OF_ORDER",
        ]
    );
    assert_eq!(live.engine.refused(live.symbol), Ok(3));
}

#[test]
fn a_jump_is_held_and_evaluated_in_order_once_the_next_tick_confirms_it() {
    let half = |case: Case| case.hard("5", "0.5").max_jump("0.2");
    // 120 is exactly 20 % away and passes.
    half(long("100", "98")).check(
        "
        1 100    OPEN        -  100  1    1    98     -
        2 120    LEG_FILLED  0  120  0.5  0.5  98     TAKE_PROFIT
                 STOP_MOVED  -  120  0    0.5  100.1  BREAK_EVEN
        ",
    );
    // 120.1 is held. 144.1 is within 24.02 of it; 96.1 would be as well.
    half(long("100", "98")).check(
        "
        1 100    OPEN        -  100    1    1    98     -
        2 120.1
        3 144.1  @2 LEG_FILLED  0  120.1  0.5  0.5  98     TAKE_PROFIT
                 @2 STOP_MOVED  -  120.1  0    0.5  100.1  BREAK_EVEN
        4 120
        ",
    );
    // Down through the stop: 79.9 is held; 76 confirms it, and the exit is at 79.9, at its time.
    long("100", "98").max_jump("0.2").check(
        "
        1 100    OPEN        -  100   1    1    98  -
        2 79.9
        3 76     @2 STOPPED  -  79.9  1    0    98  STOP
                 @2 CLOSED   -  79.9  0    0    98  STOP
        ",
    );
    // The tick that confirms is evaluated after it: 89.9 is beyond 5R = 90 too, and finds the leg filled.
    half(short("100", "102")).check(
        "
        1 100    OPEN        -  100  1    1    102   -
        2 75
        3 89.9   @2 LEG_FILLED  0  75  0.5  0.5  102   TAKE_PROFIT
                 @2 STOP_MOVED  -  75  0    0.5  99.9  BREAK_EVEN
        ",
    );
}

#[test]
fn a_jump_that_is_not_confirmed_is_dropped_and_told() {
    let guarded = || long("100", "98").hard("5", "0.5").max_jump("0.2");
    guarded().check(
        "
        1 100    OPEN           -  100    1  1  98   -
        2 50
        3 100.5  @2 REJECTED_TICK  -  50  0  0  NaN  JUMP
        4 150
        5 99     @4 REJECTED_TICK  -  150 0  0  NaN  JUMP
        6 98     STOPPED        -  98     1  0  98   STOP
                 CLOSED         -  98     0  0  98   STOP
        ",
    );
    // 125 is dropped for 79, which is as far from 100 and held in its turn; 80 confirms it.
    guarded().check(
        "
        1 100    OPEN              -  100  1  1  98   -
        2 125
        3 79     @2 REJECTED_TICK  -  125  0  0  NaN  JUMP
        4 80     @3 STOPPED        -  79   1  0  98   STOP
                 @3 CLOSED         -  79   0  0  98   STOP
        ",
    );
    // What is no tick, or comes before the held one, neither confirms nor drops it.
    guarded().check(
        "
        1 100    OPEN           -  100  1  1  98   -
        3 79
        4 NaN    REJECTED_TICK  -  NaN  0  0  NaN  NOT_FINITE
        2 100    REJECTED_TICK  -  100  0  0  NaN  OUT_OF_ORDER
        3 78     STOPPED        -  79   1  0  98   STOP
                 CLOSED         -  79   0  0  98   STOP
        ",
    );
}

#[test]
fn the_stop_can_listen_to_the_mark_and_the_legs_to_the_last_price() {
    let case = |case: Case| case.hard("1", "0.5").sources(Source::Mark, Source::Last);
    case(long("100", "98")).check(
        "
        1 100     OPEN        -  100    1    1    98     -
        2 97                                                      # LAST beyond the stop
        3 m102.5                                                  # MARK beyond the leg
        4 102     LEG_FILLED  0  102    0.5  0.5  98     TAKE_PROFIT
                  STOP_MOVED  -  102    0    0.5  100.1  BREAK_EVEN
        5 100.1
        6 m100.2
        7 m100.1  STOPPED     -  100.1  0.5  0    100.1  BREAK_EVEN
                  CLOSED      -  100.1  0    0    100.1  BREAK_EVEN
        ",
    );
    // One tick behind the tick that caused it, which was a LAST price; the MARK may be beyond already.
    case(short("100", "102")).check(
        "
        1 m100    OPEN        -  100    1    1    102    -
        2 98      LEG_FILLED  0  98     0.5  0.5  102    TAKE_PROFIT
                  STOP_MOVED  -  98     0    0.5  99.9   BREAK_EVEN
        3 m100    STOPPED     -  100    0.5  0    99.9   BREAK_EVEN
                  CLOSED      -  100    0    0    99.9   BREAK_EVEN
        ",
    );
}

#[test]
fn the_stop_can_listen_to_the_last_price_and_the_legs_to_the_mark() {
    let case = |case: Case| case.hard("1", "0.5").sources(Source::Last, Source::Mark);
    case(long("100", "98")).check(
        "
        1 m100    OPEN        -  100    1    1    98     -
        2 m97
        3 103
        4 m102    LEG_FILLED  0  102    0.5  0.5  98     TAKE_PROFIT
                  STOP_MOVED  -  102    0    0.5  100.1  BREAK_EVEN
        5 m100
        6 100.1   STOPPED     -  100.1  0.5  0    100.1  BREAK_EVEN
                  CLOSED      -  100.1  0    0    100.1  BREAK_EVEN
        ",
    );
}

#[test]
fn the_trail_follows_the_price_of_the_stop() {
    // 1030 - floor(10.3) = 1020.
    long("100", "98").hard("10", "0.5").trail("0.01", "1", &[]).sources(Source::Mark, Source::Last).check(
        "
        1 100     OPEN             -  100   1    1    98  -
        2 105                                                # no activation by LAST
        3 m102    TRAIL_ACTIVATED  -  102   0    1    98  -
        4 110                                                # nor a watermark
        5 m103
        6 101                                                # nor an exit
        7 m102.1
        8 m102    TRAILED          -  102   0.5  0.5  98  TRAIL
        9 120     LEG_FILLED       0  120   0.5  0    98  TAKE_PROFIT
                  CLOSED           -  120   0    0    98  TAKE_PROFIT
        ",
    );
}

#[test]
fn a_plan_that_listens_to_the_mark_alone_hears_no_last_price() {
    short("100", "102").hard("1", "1").sources(Source::Mark, Source::Mark).check(
        "
        1 100
        2 m101    OPEN        -  100  1  1  102  -
        3 103
        4 97
        5 m98     LEG_FILLED  0  98   1  0  102  TAKE_PROFIT
                  CLOSED      -  98   0  0  102  TAKE_PROFIT
        ",
    );
}

#[test]
fn each_source_has_its_own_order_and_its_own_jumps() {
    let mark_stop = long("100", "98").hard("1", "1").sources(Source::Mark, Source::Last);
    mark_stop.clone().check(
        "
        5 100     OPEN           -  100  1  1  98   -
        3 m99                                              # older than LAST, the first of MARK
        2 m97     REJECTED_TICK  -  97   0  0  NaN  OUT_OF_ORDER
        4 102     REJECTED_TICK  -  102  0  0  NaN  OUT_OF_ORDER
        3 m98     STOPPED        -  98   1  0  98   STOP
                  CLOSED         -  98   0  0  98   STOP
        ",
    );
    // A LAST price neither confirms nor drops a held MARK price.
    mark_stop.max_jump("0.2").check(
        "
        1 100     OPEN        -  100  1  1  98  -
        2 m100
        3 m70
        4 101
        5 m71     @3 STOPPED  -  70   1  0  98  STOP
                  @3 CLOSED   -  70   0  0  98  STOP
        ",
    );
}
