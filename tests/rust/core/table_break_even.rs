//! Break-even from a profit on, whether or not a leg is filled.

use quantum_exit::tick::Source;
use quantum_exit::units::{Ns, Ticks};

use crate::case::{long, short};

#[test]
fn from_its_profit_on_the_stop_is_at_break_even_without_any_leg() {
    // R 2: 1R = 102. 100 * 1.0008 = 100.08, up to 100.1.
    long("100", "98").break_even_at("1").check(
        "
        1 100    OPEN        -  100    1  1  98     -
        2 101.9
        3 102    STOP_MOVED  -  102    0  1  100.1  BREAK_EVEN
        4 103
        5 101.9
        6 102                                          # once
        7 100.1  STOPPED     -  100.1  1  0  100.1  BREAK_EVEN
                 CLOSED      -  100.1  0  0  100.1  BREAK_EVEN
        ",
    );
    // 100 * 0.9992 = 99.92, down to 99.9.
    short("100", "102").break_even_at("1").check(
        "
        1 100    OPEN        -  100   1  1  102   -
        2 98.1
        3 97     STOP_MOVED  -  97    0  1  99.9  BREAK_EVEN
        4 99.8
        5 99.9   STOPPED     -  99.9  1  0  99.9  BREAK_EVEN
                 CLOSED      -  99.9  0  0  99.9  BREAK_EVEN
        ",
    );
}

#[test]
fn the_profit_is_rounded_toward_the_entry() {
    // 100 + 0.33 * 2 = 100.66 and 100 - 0.66 = 99.34.
    long("100", "98").break_even_at("0.33").check(
        "
        1 100    OPEN        -  100    1  1  98     -
        2 100.5
        3 100.6  STOP_MOVED  -  100.6  0  1  100.1  BREAK_EVEN
        ",
    );
    short("100", "102").break_even_at("0.33").check(
        "
        1 100    OPEN        -  100   1  1  102   -
        2 99.5
        3 99.4   STOP_MOVED  -  99.4  0  1  99.9  BREAK_EVEN
        ",
    );
}

#[test]
fn it_may_be_reached_on_the_first_tick() {
    long("100", "98").break_even_at("1").check(
        "
        1 105    OPEN        -  100    1  1  98     -
                 STOP_MOVED  -  105    0  1  100.1  BREAK_EVEN
        ",
    );
}

#[test]
fn a_break_even_beyond_the_market_is_set_one_tick_behind_it_and_once() {
    // Break-even at 102, from 101 on.
    long("100", "98").break_even_at("0.5").break_even(None, "0.02").check(
        "
        1 100    OPEN        -  100    1  1  98     -
        2 101    STOP_MOVED  -  101    0  1  100.9  BREAK_EVEN
        3 104
        4 100.9  STOPPED     -  100.9  1  0  100.9  BREAK_EVEN
                 CLOSED      -  100.9  0  0  100.9  BREAK_EVEN
        ",
    );
}

#[test]
fn a_leg_and_the_profit_move_the_stop_once_whichever_comes_first() {
    long("100", "98").hard("0.5", "0.5").break_even_at("1").check(
        "
        1 100    OPEN        -  100    1    1    98     -
        2 101    LEG_FILLED  0  101    0.5  0.5  98     TAKE_PROFIT
                 STOP_MOVED  -  101    0    0.5  100.1  BREAK_EVEN
        3 102
        ",
    );
    long("100", "98").hard("1", "0.5").break_even_at("0.5").check(
        "
        1 100    OPEN        -  100    1    1    98     -
        2 101    STOP_MOVED  -  101    0    1    100.1  BREAK_EVEN
        3 102    LEG_FILLED  0  102    0.5  0.5  100.1  TAKE_PROFIT
        ",
    );
    // Both on one tick: one move.
    long("100", "98").hard("1", "0.5").break_even_at("1").check(
        "
        1 100    OPEN        -  100    1    1    98     -
        2 102    LEG_FILLED  0  102    0.5  0.5  98     TAKE_PROFIT
                 STOP_MOVED  -  102    0    0.5  100.1  BREAK_EVEN
        ",
    );
}

#[test]
fn of_all_that_one_tick_asks_for_the_tightest_holds() {
    // Two legs: the stop follows to 102, beyond break-even.
    long("100", "98").hard("1", "0.3").hard("2", "0.3").break_even(None, "0.0008").break_even_at("2").check(
        "
        1 100    OPEN        -  100  1    1    98   -
        2 104    LEG_FILLED  0  104  0.3  0.7  98   TAKE_PROFIT
                 LEG_FILLED  1  104  0.3  0.4  98   TAKE_PROFIT
                 STOP_MOVED  -  104  0    0.4  102  RATCHET
        ",
    );
    // The first leg lies below break-even at 103, which holds.
    long("100", "98").hard("1", "0.3").hard("2", "0.3").break_even(None, "0.03").break_even_at("2").check(
        "
        1 100    OPEN        -  100  1    1    98   -
        2 104    LEG_FILLED  0  104  0.3  0.7  98   TAKE_PROFIT
                 LEG_FILLED  1  104  0.3  0.4  98   TAKE_PROFIT
                 STOP_MOVED  -  104  0    0.4  103  BREAK_EVEN
        ",
    );
}

#[test]
fn it_comes_before_the_trail_and_not_for_what_is_closed() {
    // 1020 - floor(1020 * 0.01) = 1010.
    long("100", "98").break_even_at("1").trail("0.01", "1", &[]).check(
        "
        1 100    OPEN             -  100  1  1  98     -
        2 102    STOP_MOVED       -  102  0  1  100.1  BREAK_EVEN
                 TRAIL_ACTIVATED  -  102  0  1  100.1  -
        3 101    TRAILED          -  101  1  0  100.1  TRAIL
                 CLOSED           -  101  0  0  100.1  TRAIL
        ",
    );
    long("100", "98").hard("1", "1").break_even_at("1").check(
        "
        1 100    OPEN        -  100  1  1  98  -
        2 102    LEG_FILLED  0  102  1  0  98  TAKE_PROFIT
                 CLOSED      -  102  0  0  98  TAKE_PROFIT
        ",
    );
}

#[test]
fn the_profit_is_that_of_the_price_that_the_stop_listens_to() {
    long("100", "98").break_even_at("1").sources(Source::Mark, Source::Last).check(
        "
        1 100    OPEN        -  100    1  1  98     -
        2 103
        3 m101
        4 m102   STOP_MOVED  -  102    0  1  100.1  BREAK_EVEN
        5 100
        6 m100   STOPPED     -  100    1  0  100.1  BREAK_EVEN
                 CLOSED      -  100    0  0  100.1  BREAK_EVEN
        ",
    );
    short("100", "102").break_even_at("1").sources(Source::Mark, Source::Mark).check(
        "
        1 m100   OPEN        -  100    1  1  102    -
        2 97
        3 m97.9  STOP_MOVED  -  97.9   0  1  99.9   BREAK_EVEN
        ",
    );
}

#[test]
fn a_stop_tightened_beyond_break_even_stays() {
    let mut live = long("100", "98").break_even_at("1").live();
    live.check(
        "
        1 100    OPEN  -  100  1  1  98  -
        2 101
        ",
    );
    let told = live.command(|engine, id, events| engine.tighten_stop(id, Ticks(1_005), Ns(3), events));
    assert_eq!(told.expect("tighter"), ["3 STOP_MOVED - 101 0 1 100.5 EXTERNAL"]);
    live.check(
        "
        4 102
        5 100.5  STOPPED  -  100.5  1  0  100.5  EXTERNAL
                 CLOSED   -  100.5  0  0  100.5  EXTERNAL
        ",
    );
}

#[test]
fn a_new_plan_waits_for_its_profit_anew() {
    let mut live = long("100", "98").break_even_at("1").live();
    live.check(
        "
        1 100    OPEN        -  100  1  1  98     -
        2 102    STOP_MOVED  -  102  0  1  100.1  BREAK_EVEN
        ",
    );
    let plan = long("100", "98").break_even_at("2").planned();
    let told = live.command(|engine, id, events| engine.replace_plan(id, plan, true, Ns(3), events));
    assert_eq!(told.expect("a plan that fits"), ["3 REPLANNED - 102 1 1 98 EXTERNAL"]);
    live.check(
        "
        4 103.9
        5 104    STOP_MOVED  -  104  0  1  100.1  BREAK_EVEN
        ",
    );
}
