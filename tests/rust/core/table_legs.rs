//! Take-profit legs: when they fill and at which price, and how the stop follows them.

use crate::case::{Case, long, short};

#[test]
fn a_resting_limit_fills_at_its_level_through_or_on_touch() {
    let through = |case: Case| case.soft("1", "1");
    through(long("100", "98")).check(
        "
        1 100    OPEN        -  100  1  1  98  -
        2 102
        3 102.1  LEG_FILLED  0  102  1  0  98  TAKE_PROFIT
                 CLOSED      -  102  0  0  98  TAKE_PROFIT
        ",
    );
    through(short("100", "102")).check(
        "
        1 100    OPEN        -  100  1  1  102  -
        2 98
        3 97.9   LEG_FILLED  0  98   1  0  102  TAKE_PROFIT
                 CLOSED      -  98   0  0  102  TAKE_PROFIT
        ",
    );
    through(long("100", "98")).touch().check(
        "
        1 100    OPEN        -  100  1  1  98  -
        2 101.9
        3 102    LEG_FILLED  0  102  1  0  98  TAKE_PROFIT
                 CLOSED      -  102  0  0  98  TAKE_PROFIT
        ",
    );
    through(short("100", "102")).touch().check(
        "
        1 100    OPEN        -  100  1  1  102  -
        2 98.1
        3 98     LEG_FILLED  0  98   1  0  102  TAKE_PROFIT
                 CLOSED      -  98   0  0  102  TAKE_PROFIT
        ",
    );
}

#[test]
fn a_market_exit_fills_at_the_tick_worsened_by_slippage_and_a_limit_does_not() {
    // 102.5 - 0.3 = 102.2 for the market leg; 97.5 - 0.3 = 97.2 for the stop.
    long("100", "98").soft("0.5", "0.3").hard("1", "0.3").break_even(None, "0").slippage(3).check(
        "
        1 100    OPEN        -  100    1    1    98  -
        2 102.5  LEG_FILLED  0  101    0.3  0.7  98  TAKE_PROFIT
                 LEG_FILLED  1  102.2  0.3  0.4  98  TAKE_PROFIT
                 STOP_MOVED  -  102.5  0    0.4  101 RATCHET
        3 97.5   STOPPED     -  97.2   0.4  0    101 RATCHET
                 CLOSED      -  97.2   0    0    101 RATCHET
        ",
    );
    short("100", "102").soft("0.5", "0.3").hard("1", "0.3").break_even(None, "0").slippage(3).check(
        "
        1 100    OPEN        -  100    1    1    102  -
        2 97.5   LEG_FILLED  0  99     0.3  0.7  102  TAKE_PROFIT
                 LEG_FILLED  1  97.8   0.3  0.4  102  TAKE_PROFIT
                 STOP_MOVED  -  97.5   0    0.4  99   RATCHET
        3 102.5  STOPPED     -  102.8  0.4  0    99   RATCHET
                 CLOSED      -  102.8  0    0    99   RATCHET
        ",
    );
    // The trail and the clock exit at the market as well: 100 * 0.99 = 99; 98.9 - 0.3 = 98.6.
    long("100", "98").trail("0.01", "0", &[]).slippage(3).check(
        "
        1 100    OPEN             -  100   1  1  98  -
                 TRAIL_ACTIVATED  -  100   0  1  98  -
        2 98.9   TRAILED          -  98.6  1  0  98  TRAIL
                 CLOSED           -  98.6  0  0  98  TRAIL
        ",
    );
    short("100", "102").max_hold(5).slippage(3).check(
        "
        1 100    OPEN       -  100    1  1  102  -
        5 100.5  TIMED_OUT  -  100.8  1  0  102  TIME
                 CLOSED     -  100.8  0  0  102  TIME
        ",
    );
}

#[test]
fn a_gap_through_several_legs_moves_the_stop_once_to_the_final_level() {
    let ladder = |case: Case| case.soft("0.5", "0.2").hard("1", "0.2").hard("1.5", "0.2").hard("3", "0.2");
    // After the third fill the stop is at the level of the second.
    ladder(long("100", "98")).check(
        "
        1 100    OPEN        -  100  1    1    98   -
        2 104    LEG_FILLED  0  101  0.2  0.8  98   TAKE_PROFIT
                 LEG_FILLED  1  104  0.2  0.6  98   TAKE_PROFIT
                 LEG_FILLED  2  104  0.2  0.4  98   TAKE_PROFIT
                 STOP_MOVED  -  104  0    0.4  102  RATCHET
        3 102.1
        4 101.5  STOPPED     -  101.5  0.4  0  102  RATCHET
                 CLOSED      -  101.5  0    0  102  RATCHET
        ",
    );
    ladder(short("100", "102")).check(
        "
        1 100    OPEN        -  100  1    1    102  -
        2 96     LEG_FILLED  0  99   0.2  0.8  102  TAKE_PROFIT
                 LEG_FILLED  1  96   0.2  0.6  102  TAKE_PROFIT
                 LEG_FILLED  2  96   0.2  0.4  102  TAKE_PROFIT
                 STOP_MOVED  -  96   0    0.4  98   RATCHET
        3 98     STOPPED     -  98   0.4  0    98   RATCHET
                 CLOSED      -  98   0    0    98   RATCHET
        ",
    );
}

#[test]
fn a_gap_through_all_levels_closes_without_moving_the_stop() {
    let ladder = |case: Case| case.soft("0.25", "0.4").hard("0.5", "0.4").hard("0.75", "0.2");
    ladder(long("100", "98")).check(
        "
        1 100    OPEN        -  100    1    1    98  -
        2 105    LEG_FILLED  0  100.5  0.4  0.6  98  TAKE_PROFIT
                 LEG_FILLED  1  105    0.4  0.2  98  TAKE_PROFIT
                 LEG_FILLED  2  105    0.2  0    98  TAKE_PROFIT
                 CLOSED      -  105    0    0    98  TAKE_PROFIT
        3 90
        ",
    );
    ladder(short("100", "102")).check(
        "
        1 95     OPEN        -  100    1    1    102  -
                 LEG_FILLED  0  99.5   0.4  0.6  102  TAKE_PROFIT
                 LEG_FILLED  1  95     0.4  0.2  102  TAKE_PROFIT
                 LEG_FILLED  2  95     0.2  0    102  TAKE_PROFIT
                 CLOSED      -  95     0    0    102  TAKE_PROFIT
        2 110
        ",
    );
}

#[test]
fn break_even_is_never_set_through_the_market_but_one_tick_behind_it() {
    // Offset: break-even at 100.5 beyond, 100.2 at and 100.1 just behind the tick at 100.2.
    for offset in ["0.005", "0.002", "0.001"] {
        long("100", "98").hard("0.1", "0.5").break_even(Some(1), offset).check(
            "
            1 100    OPEN        -  100    1    1    98     -
            2 100.2  LEG_FILLED  0  100.2  0.5  0.5  98     TAKE_PROFIT
                     STOP_MOVED  -  100.2  0    0.5  100.1  BREAK_EVEN
            3 100.1  STOPPED     -  100.1  0.5  0    100.1  BREAK_EVEN
                     CLOSED      -  100.1  0    0    100.1  BREAK_EVEN
            ",
        );
        short("100", "102").hard("0.1", "0.5").break_even(Some(1), offset).check(
            "
            1 100    OPEN        -  100   1    1    102   -
            2 99.8   LEG_FILLED  0  99.8  0.5  0.5  102   TAKE_PROFIT
                     STOP_MOVED  -  99.8  0    0.5  99.9  BREAK_EVEN
            3 99.9   STOPPED     -  99.9  0.5  0    99.9  BREAK_EVEN
                     CLOSED      -  99.9  0    0    99.9  BREAK_EVEN
            ",
        );
    }
    // Not clipped where the price has come further.
    long("100", "98").hard("0.1", "0.5").break_even(Some(1), "0.005").check(
        "
        1 100    OPEN        -  100    1    1    98     -
        2 101    LEG_FILLED  0  101    0.5  0.5  98     TAKE_PROFIT
                 STOP_MOVED  -  101    0    0.5  100.5  BREAK_EVEN
        ",
    );
}

#[test]
fn a_ratchet_level_at_the_market_is_set_one_tick_behind_it() {
    // Two legs at one level: the second fill would put the stop onto the tick that caused it.
    long("100", "98").hard("1", "0.3").hard("1", "0.3").check(
        "
        1 100    OPEN        -  100  1    1    98     -
        2 102    LEG_FILLED  0  102  0.3  0.7  98     TAKE_PROFIT
                 LEG_FILLED  1  102  0.3  0.4  98     TAKE_PROFIT
                 STOP_MOVED  -  102  0    0.4  101.9  RATCHET
        ",
    );
    // The level of the leg filled before it, which is not the leg before it.
    short("100", "102").soft("1", "0.3").hard("1", "0.3").check(
        "
        1 100    OPEN        -  100   1    1    102   -
        2 98     LEG_FILLED  1  98    0.3  0.7  102   TAKE_PROFIT
                 STOP_MOVED  -  98    0    0.7  99.9  BREAK_EVEN
        3 97.9   LEG_FILLED  0  98    0.3  0.4  99.9  TAKE_PROFIT
                 STOP_MOVED  -  97.9  0    0.4  98    RATCHET
        ",
    );
}

/// Legs at 102, 104, 106, 108 (98, 96, 94, 92 for SHORT), a quarter each.
fn quarters(case: Case) -> Case {
    case.hard("1", "0.25").hard("2", "0.25").hard("3", "0.25").hard("4", "0.25")
}

#[test]
fn by_default_the_stop_goes_to_break_even_and_then_follows_one_leg_behind() {
    quarters(long("100", "98")).check(
        "
        1 100    OPEN        -  100  1     1     98     -
        2 102    LEG_FILLED  0  102  0.25  0.75  98     TAKE_PROFIT
                 STOP_MOVED  -  102  0     0.75  100.1  BREAK_EVEN
        3 104    LEG_FILLED  1  104  0.25  0.5   100.1  TAKE_PROFIT
                 STOP_MOVED  -  104  0     0.5   102    RATCHET
        4 106    LEG_FILLED  2  106  0.25  0.25  102    TAKE_PROFIT
                 STOP_MOVED  -  106  0     0.25  104    RATCHET
        5 108    LEG_FILLED  3  108  0.25  0     104    TAKE_PROFIT
                 CLOSED      -  108  0     0     104    TAKE_PROFIT
        ",
    );
    quarters(short("100", "102")).check(
        "
        1 100    OPEN        -  100  1     1     102   -
        2 98     LEG_FILLED  0  98   0.25  0.75  102   TAKE_PROFIT
                 STOP_MOVED  -  98   0     0.75  99.9  BREAK_EVEN
        3 96     LEG_FILLED  1  96   0.25  0.5   99.9  TAKE_PROFIT
                 STOP_MOVED  -  96   0     0.5   98    RATCHET
        4 94     LEG_FILLED  2  94   0.25  0.25  98    TAKE_PROFIT
                 STOP_MOVED  -  94   0     0.25  96    RATCHET
        5 96     STOPPED     -  96   0.25  0     96    RATCHET
                 CLOSED      -  96   0     0     96    RATCHET
        ",
    );
}

#[test]
fn break_even_after_the_second_leg() {
    // With the legs followed, the level of TP1 is the higher of the two.
    quarters(long("100", "98")).break_even(Some(2), "0.0008").check(
        "
        1 100    OPEN        -  100  1     1     98   -
        2 102    LEG_FILLED  0  102  0.25  0.75  98   TAKE_PROFIT
        3 104    LEG_FILLED  1  104  0.25  0.5   98   TAKE_PROFIT
                 STOP_MOVED  -  104  0     0.5   102  RATCHET
        ",
    );
    quarters(short("100", "102")).break_even(Some(2), "0.0008").follow_legs(false).check(
        "
        1 100    OPEN        -  100   1     1     102   -
        2 98     LEG_FILLED  0  98    0.25  0.75  102   TAKE_PROFIT
        3 96     LEG_FILLED  1  96    0.25  0.5   102   TAKE_PROFIT
                 STOP_MOVED  -  96    0     0.5   99.9  BREAK_EVEN
        4 94     LEG_FILLED  2  94    0.25  0.25  99.9  TAKE_PROFIT
        5 99.9   STOPPED     -  99.9  0.25  0     99.9  BREAK_EVEN
                 CLOSED      -  99.9  0     0     99.9  BREAK_EVEN
        ",
    );
}

#[test]
fn break_even_and_the_following_of_legs_can_be_switched_off() {
    quarters(long("100", "98")).break_even(None, "0.0008").check(
        "
        1 100    OPEN        -  100  1     1     98   -
        2 102    LEG_FILLED  0  102  0.25  0.75  98   TAKE_PROFIT
        3 104    LEG_FILLED  1  104  0.25  0.5   98   TAKE_PROFIT
                 STOP_MOVED  -  104  0     0.5   102  RATCHET
        4 106    LEG_FILLED  2  106  0.25  0.25  102  TAKE_PROFIT
                 STOP_MOVED  -  106  0     0.25  104  RATCHET
        ",
    );
    quarters(long("100", "98")).follow_legs(false).check(
        "
        1 100    OPEN        -  100  1     1     98     -
        2 102    LEG_FILLED  0  102  0.25  0.75  98     TAKE_PROFIT
                 STOP_MOVED  -  102  0     0.75  100.1  BREAK_EVEN
        3 106    LEG_FILLED  1  106  0.25  0.5   100.1  TAKE_PROFIT
                 LEG_FILLED  2  106  0.25  0.25  100.1  TAKE_PROFIT
        ",
    );
    quarters(short("100", "102")).break_even(None, "0.0008").follow_legs(false).check(
        "
        1 100    OPEN        -  100  1     1     102  -
        2 94     LEG_FILLED  0  94   0.25  0.75  102  TAKE_PROFIT
                 LEG_FILLED  1  94   0.25  0.5   102  TAKE_PROFIT
                 LEG_FILLED  2  94   0.25  0.25  102  TAKE_PROFIT
        3 102    STOPPED     -  102  0.25  0     102  STOP
                 CLOSED      -  102  0     0     102  STOP
        ",
    );
}

#[test]
fn a_late_break_even_does_not_lower_a_ratcheted_stop() {
    quarters(long("100", "98")).break_even(Some(3), "0.0008").check(
        "
        1 100    OPEN        -  100  1     1     98   -
        2 104    LEG_FILLED  0  104  0.25  0.75  98   TAKE_PROFIT
                 LEG_FILLED  1  104  0.25  0.5   98   TAKE_PROFIT
                 STOP_MOVED  -  104  0     0.5   102  RATCHET
        3 106    LEG_FILLED  2  106  0.25  0.25  102  TAKE_PROFIT
                 STOP_MOVED  -  106  0     0.25  104  RATCHET
        ",
    );
    // Break-even at 109, clipped to 101.9; TP1's level is above it all the same.
    quarters(long("100", "98")).break_even(Some(1), "0.09").check(
        "
        1 100    OPEN        -  100  1     1     98     -
        2 102    LEG_FILLED  0  102  0.25  0.75  98     TAKE_PROFIT
                 STOP_MOVED  -  102  0     0.75  101.9  BREAK_EVEN
        3 104    LEG_FILLED  1  104  0.25  0.5   101.9  TAKE_PROFIT
                 STOP_MOVED  -  104  0     0.5   102    RATCHET
        ",
    );
}
