//! Commands between ticks: what they do, and the words with which they are refused.

use crate::case::{long, minimums, short};
use crate::order::{UNKNOWN, close, fill_leg, open, refused, replace, resize, tighten, told};

#[test]
fn tighten_stop_raises_the_stop_and_says_so() {
    let mut live = open(&long("100", "98"), "1 101    OPEN  -  100  1  1  98  -");
    assert_eq!(tighten(&mut live, "99"), told(&["50 STOP_MOVED - 101 0 1 99 EXTERNAL"]));
    assert_eq!(tighten(&mut live, "99"), told(&[]), "the same stop again");
    live.check(
        "
        51 99.1
        52 99     STOPPED  -  99  1  0  99  EXTERNAL
                  CLOSED   -  99  0  0  99  EXTERNAL
        ",
    );
    assert_eq!(tighten(&mut live, "99.5"), refused(UNKNOWN));

    let mut live = open(&short("100", "102"), "1 99    OPEN  -  100  1  1  102  -");
    assert_eq!(tighten(&mut live, "99.1"), told(&["50 STOP_MOVED - 99 0 1 99.1 EXTERNAL"]));
    live.check(
        "
        51 99.2   STOPPED  -  99.2  1  0  99.1  EXTERNAL
                  CLOSED   -  99.2  0  0  99.1  EXTERNAL
        ",
    );
}

#[test]
fn tighten_stop_refuses_a_looser_stop_and_one_through_the_market() {
    let mut live = open(&long("100", "98"), "1 101    OPEN  -  100  1  1  98  -");
    assert_eq!(
        tighten(&mut live, "97.9"),
        refused("price: 97.9 is not allowed; a stop never loosens: 98 is in force for this LONG position")
    );
    for price in ["101", "101.1"] {
        assert_eq!(
            tighten(&mut live, price),
            refused(&format!(
                "price: {price} is not allowed; through the market: the last price is 101; \
                 close the position instead"
            ))
        );
    }
    assert_eq!(tighten(&mut live, "100.9"), told(&["50 STOP_MOVED - 101 0 1 100.9 EXTERNAL"]));

    let mut live = open(&short("100", "102"), "1 99    OPEN  -  100  1  1  102  -");
    assert_eq!(
        tighten(&mut live, "102.1"),
        refused("price: 102.1 is not allowed; a stop never loosens: 102 is in force for this SHORT position")
    );
    assert_eq!(
        tighten(&mut live, "99"),
        refused(
            "price: 99 is not allowed; through the market: the last price is 99; \
             close the position instead"
        )
    );
    live.check("51 101.9");
}

#[test]
fn the_ratchet_does_not_lower_a_stop_from_outside() {
    let case = long("100", "98").hard("1", "0.25").hard("2", "0.25");
    let mut live = open(&case, "1 101    OPEN  -  100  1  1  98  -");
    assert_eq!(tighten(&mut live, "100.5"), told(&["50 STOP_MOVED - 101 0 1 100.5 EXTERNAL"]));
    live.check(
        "
        51 102    LEG_FILLED  0  102  0.25  0.75  100.5  TAKE_PROFIT     # break-even is 100.1
        52 104    LEG_FILLED  1  104  0.25  0.5   100.5  TAKE_PROFIT
                  STOP_MOVED  -  104  0     0.5   102    RATCHET
        ",
    );
}

#[test]
fn close_takes_a_fraction_of_what_is_open_and_the_legs_shrink_with_it() {
    let case = long("100", "98").hard("1", "0.25").hard("2", "0.25");
    let mut live = open(&case, "1 101    OPEN  -  100  1  1  98  -");
    assert_eq!(close(&mut live, "0.5"), told(&["50 REDUCED - 101 0.5 0.5 98 EXTERNAL"]));
    // 250, 250 and 500 lots became 125, 125 and 250.
    live.check(
        "
        51 102    LEG_FILLED  0  102    0.125  0.375  98     TAKE_PROFIT
                  STOP_MOVED  -  102    0      0.375  100.1  BREAK_EVEN
        ",
    );
    // A third of 375 lots, down: 124 of 0.333333 * 375 = 124.99; 251 lots over weights 125 and 250:
    // 83.67 and 167.33.
    assert_eq!(close(&mut live, "0.333333"), told(&["50 REDUCED - 102 0.124 0.251 100.1 EXTERNAL"]));
    live.check(
        "
        52 104    LEG_FILLED  1  104    0.084  0.167  100.1  TAKE_PROFIT
                  STOP_MOVED  -  104    0      0.167  102    RATCHET
        53 102    STOPPED     -  102    0.167  0      102    RATCHET
                  CLOSED      -  102    0      0      102    RATCHET
        ",
    );
    assert_eq!(close(&mut live, "1"), refused(UNKNOWN));
}

#[test]
fn close_of_all_or_of_nearly_all_closes_the_position() {
    let mut live = open(&short("100", "102"), "1 99.5    OPEN  -  100  1  1  102  -");
    assert_eq!(
        close(&mut live, "1"),
        told(&["50 REDUCED - 99.5 1 0 102 EXTERNAL", "50 CLOSED - 99.5 0 0 102 EXTERNAL"])
    );
    live.check("51 103");
    assert_eq!(live.engine.open_positions(live.symbol), Ok(0));

    // 3 lots: half, rounded down, is one lot, and two are left, which is less than the minimum of three.
    let three = long("100", "98").qty("0.003");
    let mut live = open(&three, "1 100    OPEN  -  100  0.003  0.003  98  -");
    assert_eq!(close(&mut live, "0.5"), told(&["50 REDUCED - 100 0.001 0.002 98 EXTERNAL"]));
    let coarse = three.on(minimums("0.1", "0.001", "0.003", "0"));
    let mut live = open(&coarse, "1 100    OPEN  -  100  0.003  0.003  98  -");
    assert_eq!(
        close(&mut live, "0.5"),
        told(&["50 REDUCED - 100 0.003 0 98 EXTERNAL", "50 CLOSED - 100 0 0 98 EXTERNAL"])
    );
}

#[test]
fn close_refuses_what_is_no_fraction_or_less_than_a_lot() {
    let case = long("100", "98").qty("0.003");
    let mut live = open(&case, "1 100    OPEN  -  100  0.003  0.003  98  -");
    for fraction in ["0", "-0.5", "1.000001"] {
        let message = format!("fraction: {fraction} is not allowed; above 0 and at most 1");
        assert_eq!(close(&mut live, fraction), refused(&message));
    }
    // 0.333333 * 3 = 0.999999 lots.
    assert_eq!(
        close(&mut live, "0.333333"),
        refused("fraction: 0.333333 is not allowed; at least one lot step of what is open")
    );
    live.check("51 98.1");
}

#[test]
fn resize_follows_a_quantity_changed_by_hand() {
    let case = long("100", "98").hard("1", "0.25").hard("2", "0.25");
    let mut live = open(&case, "1 101    OPEN  -  100  1  1  98  -");
    assert_eq!(resize(&mut live, 2_000), told(&["50 RESIZED - 101 2 2 98 EXTERNAL"]));
    assert_eq!(resize(&mut live, 2_000), told(&[]), "the same quantity again");
    live.check(
        "
        51 102    LEG_FILLED  0  102  0.5  1.5  98     TAKE_PROFIT
                  STOP_MOVED  -  102  0    1.5  100.1  BREAK_EVEN
        ",
    );
    // 300 lots over 500 and 1000.
    assert_eq!(resize(&mut live, 300), told(&["50 RESIZED - 102 0.3 0.3 100.1 EXTERNAL"]));
    live.check(
        "
        52 104    LEG_FILLED  1  104  0.1  0.2  100.1  TAKE_PROFIT
                  STOP_MOVED  -  104  0    0.2  102    RATCHET
        ",
    );
    assert_eq!(
        resize(&mut live, -1),
        refused("new_qty: -1 is not allowed; zero or more; a position that flipped is a new one")
    );
    assert_eq!(
        resize(&mut live, 0),
        told(&["50 REDUCED - 104 0.2 0 102 EXTERNAL", "50 CLOSED - 104 0 0 102 EXTERNAL"])
    );
    assert_eq!(resize(&mut live, 100), refused(UNKNOWN));
}

#[test]
fn a_leg_that_the_venue_filled_ratchets_the_stop_as_a_tick_would() {
    let case = long("100", "98").soft("1", "0.25").soft("2", "0.25");
    let mut live = open(&case, "1 101.9    OPEN  -  100  1  1  98  -");
    // The market is below the leg's level of 102: the resting order was touched, not traded through.
    assert_eq!(
        fill_leg(&mut live, 0),
        told(&[
            "50 LEG_FILLED 0 102 0.25 0.75 98 TAKE_PROFIT",
            "50 STOP_MOVED - 101.9 0 0.75 100.1 BREAK_EVEN"
        ])
    );
    let gone = "leg: 0 is not allowed; a leg of the plan that is not yet filled";
    assert_eq!(fill_leg(&mut live, 0), refused(gone), "no leg fills twice");
    live.check("51 102.5");
    assert_eq!(
        fill_leg(&mut live, 1),
        told(&["50 LEG_FILLED 1 104 0.25 0.5 100.1 TAKE_PROFIT", "50 STOP_MOVED - 102.5 0 0.5 102 RATCHET"])
    );
    let none = "leg: 2 is not allowed; a leg of the plan that is not yet filled";
    assert_eq!(fill_leg(&mut live, 2), refused(none));
    live.check("52 104.5");
}

#[test]
fn the_last_leg_that_the_venue_filled_closes_the_position() {
    let case = short("100", "102").soft("1", "1");
    let mut live = open(&case, "1 99    OPEN  -  100  1  1  102  -");
    assert_eq!(
        fill_leg(&mut live, 0),
        told(&["50 LEG_FILLED 0 98 1 0 102 TAKE_PROFIT", "50 CLOSED - 98 0 0 102 TAKE_PROFIT"])
    );
    assert_eq!(fill_leg(&mut live, 0), refused(UNKNOWN));
}

#[test]
fn resize_merges_what_has_become_too_small() {
    // 250, 250, 500 of 1000; of 20: 5, 5, 10, and orders of at least 6: leg 0 to leg 1.
    let case = short("100", "102").hard("1", "0.25").hard("2", "0.25");
    let case = case.on(minimums("0.1", "0.001", "0.006", "0"));
    let mut live = open(&case, "1 100    OPEN  -  100  1  1  102  -");
    assert_eq!(resize(&mut live, 20), told(&["50 RESIZED - 100 0.02 0.02 102 EXTERNAL"]));
    live.check(
        "
        51 98
        52 96    LEG_FILLED  1  96  0.01  0.01  102   TAKE_PROFIT
                 STOP_MOVED  -  96  0     0.01  99.9  BREAK_EVEN
        ",
    );
}

#[test]
fn a_position_that_no_tick_has_reached_takes_no_command() {
    let mut live = long("100", "98").live();
    assert_eq!(tighten(&mut live, "99"), refused(UNKNOWN));
    assert_eq!(close(&mut live, "1"), refused(UNKNOWN));
    assert_eq!(resize(&mut live, 10), refused(UNKNOWN));
    assert_eq!(replace(&mut live, &long("100", "98"), false), refused(UNKNOWN));
}
