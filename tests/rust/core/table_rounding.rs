//! Where levels land on the grid: a stop toward the market, a profit level toward the entry, the
//! break-even level to the profit side.

use crate::case::{Case, grid, long, ppm, short};

/// `[tick, entry, stop, r]` and by hand `[stop, level at r, break-even]`.
type Rounding = ([&'static str; 4], [f64; 3]);

const LONG: [Rounding; 9] = [
    // R 1.9: 100 + 0.5 * 1.9 = 100.95. Break-even 100 * 1.0008 = 100.08.
    (["0.1", "100", "98.03", "0.5"], [98.1, 100.9, 100.1]),
    // R 2, all but the break-even on the grid.
    (["0.1", "100", "98", "0.5"], [98.0, 101.0, 100.1]),
    // R 2.1: 100 + 0.9 * 2.1 = 101.89.
    (["0.1", "100", "97.8999", "0.9"], [97.9, 101.8, 100.1]),
    // R 1.5: 50 + 0.7 * 1.5 = 51.05. 50 * 1.0008 = 50.04.
    (["0.25", "50", "48.30", "0.7"], [48.5, 51.0, 50.25]),
    // R 4000: 100000 + 0.3 * 4000 = 101200. 100080.
    (["1000", "100000", "95500", "0.3"], [96000.0, 101_000.0, 101_000.0]),
    // R 2.037 from the entry as it is, not as it would be rounded: 102.074. 100.037 * 1.0008 = 100.1170296.
    (["0.1", "100.037", "98", "1"], [98.0, 102.0, 100.2]),
    // 100.037 + 2 * 2.037 = 104.111; with an entry of 100.0 it would be 104.0.
    (["0.1", "100.037", "98", "2"], [98.0, 104.1, 100.2]),
    // R 0.85: 50.95. 50.1 * 1.0008 = 50.14008.
    (["0.25", "50.1", "49.1", "1"], [49.25, 50.75, 50.25]),
    // R 1500: 100500 + 2250 = 102750. 100580.4.
    (["1000", "100500", "98500", "1.5"], [99_000.0, 102_000.0, 101_000.0]),
];

const SHORT: [Rounding; 9] = [
    // R 1.9: 100 - 0.95 = 99.05. 100 * 0.9992 = 99.92.
    (["0.1", "100", "101.97", "0.5"], [101.9, 99.1, 99.9]),
    (["0.1", "100", "102", "0.5"], [102.0, 99.0, 99.9]),
    // R 2.1: 100 - 1.89 = 98.11.
    (["0.1", "100", "102.1001", "0.9"], [102.1, 98.2, 99.9]),
    // R 1.5: 50 - 1.05 = 48.95. 49.96.
    (["0.25", "50", "51.70", "0.7"], [51.5, 49.0, 49.75]),
    // R 4000: 98800. 99920.
    (["1000", "100000", "104500", "0.3"], [104_000.0, 99_000.0, 99_000.0]),
    // R 1.963: 98.074. 100.037 * 0.9992 = 99.9569704.
    (["0.1", "100.037", "102", "1"], [102.0, 98.1, 99.9]),
    // 100.037 - 2 * 1.963 = 96.111.
    (["0.1", "100.037", "102", "2"], [102.0, 96.2, 99.9]),
    // R 0.9: 49.2; 50.1 * 0.9992 = 50.05992.
    (["0.25", "50.1", "51.2", "1"], [51.0, 49.25, 50.0]),
    // R 1500: 100500 - 2250 = 98250. 100419.6.
    (["1000", "100500", "102500", "1.5"], [102_000.0, 99_000.0, 100_000.0]),
];

#[test]
fn stop_level_and_break_even_are_rounded_each_to_its_side() {
    for (open, table) in [(long as fn(&str, &str) -> Case, LONG), (short, SHORT)] {
        for ([tick, entry, stop, r], [want_stop, want_level, want_break_even]) in table {
            let case = open(entry, stop).on(grid(tick, "0.001")).hard(r, "1");
            let plan = case.planned();
            let price = |ticks| case.instrument.price_f64(ticks).to_string();
            let levels = [plan.stop(), plan.level_price(&plan.legs()[0]), plan.break_even()].map(price);
            let wanted = [want_stop, want_level, want_break_even].map(|price| price.to_string());
            assert_eq!(levels, wanted, "{} {entry} stop {stop} {r}R on {tick}", plan.side());
        }
    }
}

#[test]
fn thresholds_of_the_trail_are_rounded_like_a_profit_level() {
    // R 1.9; activation 100 +- 0.95, curve 100 +- 1.71.
    let trail = |case: Case| case.trail("0.02", "0.5", &[("0.9", "0.01")]);
    trail(long("100", "98.1")).check(
        "
        1 100    OPEN                -  100    1  1  98.1  -
        2 100.8
        3 100.9  TRAIL_ACTIVATED     -  100.9  0  1  98.1  -
        4 101.6
        5 101.7  CALLBACK_TIGHTENED  -  101.7  0  1  98.1  -
        ",
    );
    trail(short("100", "101.9")).check(
        "
        1 100    OPEN                -  100    1  1  101.9  -
        2 99.2
        3 99.1   TRAIL_ACTIVATED     -  99.1   0  1  101.9  -
        4 98.4
        5 98.3   CALLBACK_TIGHTENED  -  98.3   0  1  101.9  -
        ",
    );
}

#[test]
fn an_average_entry_off_the_grid_is_kept_exactly() {
    let plan = long("100.0371234", "98.01").planned();
    assert_eq!(plan.entry_price().to_string(), "100.0371234");
    let entry = plan.entry_ticks();
    assert_eq!((entry.num(), entry.den()), (500_185_617, 500_000), "1000.371234 ticks");
    // 1000.371234 - 981 = 19.371234 ticks.
    let r = plan.r_ticks();
    assert_eq!((r.num(), r.den()), (9_685_617, 500_000));
    long("100.0371234", "98.01").check(
        "
        1 100.1  OPEN     -  100.0371234  1  1  98.1  -
        2 98.1   STOPPED  -  98.1         1  0  98.1  STOP
                 CLOSED   -  98.1         0  0  98.1  STOP
        ",
    );
}

#[test]
fn a_stop_is_at_least_one_tick_from_the_entry() {
    let refused = |side: &str, beside: &str, stop: &str, entry: &str| {
        format!(
            "stop_price: {stop} is not allowed; a {side} stop must be at least one tick (0.1) {beside} \
             the entry price {entry} after rounding toward the market"
        )
    };
    // 99.95 rounds up onto the entry; 100.0 is half a tick from 100.05; the others are on the wrong side.
    for (entry, stop) in
        [("100", "99.95"), ("100", "100"), ("100.05", "100"), ("100.05", "99.95"), ("100", "101")]
    {
        assert_eq!(long(entry, stop).refusal(), refused("LONG", "below", stop, entry));
    }
    for (entry, stop) in
        [("100", "100.05"), ("100", "100"), ("99.95", "100"), ("99.95", "100.05"), ("100", "99")]
    {
        assert_eq!(short(entry, stop).refusal(), refused("SHORT", "above", stop, entry));
    }
    for (case, ticks) in [(long("100", "99.9"), 1), (short("100", "100.1"), 1), (long("100", "99.81"), 1)] {
        assert_eq!(case.planned().r_ticks().to_whole(), Some(ticks));
    }
    // Exactly one tick from an entry that is off the grid is impossible; 1.5 ticks is the next.
    assert_eq!(long("100.05", "99.9").planned().r_ticks().num(), 3);
}

#[test]
fn a_level_that_collapses_onto_the_entry_is_refused() {
    let collapsed = |leg: usize, r: &str| {
        format!(
            "legs[{leg}].r_multiple: {r} is not allowed; its level collapses onto the entry price; \
             use more R or a wider stop"
        )
    };
    // R 0.1: 100.05 would be rounded to 100.0 and 99.95 as well.
    assert_eq!(long("100", "99.9").hard("0.5", "1").refusal(), collapsed(0, "0.5"));
    assert_eq!(short("100", "100.1").hard("0.5", "1").refusal(), collapsed(0, "0.5"));
    // R 0.15: 100.05 + 0.3 * 0.15 = 100.095, below the entry once rounded; 0.4R = 100.11 is beyond it.
    assert_eq!(long("100.05", "99.9").hard("0.3", "1").refusal(), collapsed(0, "0.3"));
    let plan = long("100.05", "99.9").hard("0.4", "1").planned();
    assert_eq!(plan.level_price(&plan.legs()[0]).0, 1001);
    // Tick 1000, R 1000: 0.9R is within the tick of the entry, 1R is the next tick.
    let coarse = long("5000", "4000").on(grid("1000", "1000")).qty("3000");
    assert_eq!(coarse.clone().soft("0.9", "0.5").refusal(), collapsed(0, "0.9"));
    let plan = coarse.hard("1", "1").planned();
    assert_eq!(plan.level_price(&plan.legs()[0]).0, 6);
}

#[test]
fn steps_of_price_and_quantity_that_are_no_powers_of_ten() {
    // 0.035 = 7 lots of 0.005: 3.5 and 3.5, the tie to the leg. Break-even 50.04 up to 50.25.
    long("50", "49").on(grid("0.25", "0.005")).qty("0.035").hard("1", "0.5").check(
        "
        1 50     OPEN        -  50     0.035  0.035  49     -
        2 51.25  LEG_FILLED  0  51.25  0.02   0.015  49     TAKE_PROFIT
                 STOP_MOVED  -  51.25  0      0.015  50.25  BREAK_EVEN
        3 50.25  STOPPED     -  50.25  0.015  0      50.25  BREAK_EVEN
                 CLOSED      -  50.25  0      0      50.25  BREAK_EVEN
        ",
    );
    // 7000 = 7 lots of 1000. Break-even 99920 down to 99000.
    short("100000", "102000").on(grid("1000", "1000")).qty("7000").soft("1", "0.5").check(
        "
        1 100000  OPEN        -  100000  7000  7000  102000  -
        2 98000
        3 97000   LEG_FILLED  0  98000   4000  3000  102000  TAKE_PROFIT
                  STOP_MOVED  -  97000   0     3000  99000   BREAK_EVEN
        4 99000   STOPPED     -  99000   3000  0     99000   BREAK_EVEN
                  CLOSED      -  99000   0     0     99000   BREAK_EVEN
        ",
    );
}

#[test]
fn the_break_even_offset_can_be_chosen() {
    // 100 * 1.0005 = 100.05; 100 exactly with no offset; 100 * 1.001 = 100.1 exactly.
    for (offset, above, below) in [("0.0005", 1001, 999), ("0", 1000, 1000), ("0.001", 1001, 999)] {
        let break_even = |case: Case| case.break_even(Some(1), offset).planned().break_even().0;
        assert_eq!((break_even(long("100", "98")), break_even(short("100", "102"))), (above, below));
    }
    assert_eq!(ppm("0.0008"), long("100", "98").spec.ratchet.break_even_offset_ppm, "two taker fees");
}
