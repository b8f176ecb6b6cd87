//! The trailing stop: activation, the exact distance, tightening, what it guards, and its place before
//! the stop.

use crate::case::{Case, grid, long, short};

/// Half at 10R, far away; the other half is the trail's, active at once and 1 % behind.
fn half_trailed(case: Case) -> Case {
    case.hard("10", "0.5").trail("0.01", "0", &[])
}

#[test]
fn one_tick_takes_the_trailed_lots_first_and_the_rest_by_the_stop() {
    // 1000 - 10 = 990 and 1000 + 10 = 1010, both inside the stop.
    half_trailed(long("100", "98")).check(
        "
        1 100    OPEN             -  100  1    1    98  -
                 TRAIL_ACTIVATED  -  100  0    1    98  -
        2 97     TRAILED          -  97   0.5  0.5  98  TRAIL
                 STOPPED          -  97   0.5  0    98  STOP
                 CLOSED           -  97   0    0    98  STOP
        ",
    );
    half_trailed(short("100", "102")).check(
        "
        1 100    OPEN             -  100  1    1    102  -
                 TRAIL_ACTIVATED  -  100  0    1    102  -
        2 102    TRAILED          -  102  0.5  0.5  102  TRAIL
                 STOPPED          -  102  0.5  0    102  STOP
                 CLOSED           -  102  0    0    102  STOP
        ",
    );
}

#[test]
fn the_trail_closes_its_own_lots_and_the_legs_go_on() {
    half_trailed(long("100", "98")).check(
        "
        1 100    OPEN             -  100   1    1    98  -
                 TRAIL_ACTIVATED  -  100   0    1    98  -
        2 99.1
        3 99     TRAILED          -  99    0.5  0.5  98  TRAIL
        4 98.5
        5 120    LEG_FILLED       0  120   0.5  0    98  TAKE_PROFIT
                 CLOSED           -  120   0    0    98  TAKE_PROFIT
        ",
    );
    half_trailed(short("100", "102")).check(
        "
        1 100    OPEN             -  100   1    1    102  -
                 TRAIL_ACTIVATED  -  100   0    1    102  -
        2 100.9
        3 101    TRAILED          -  101   0.5  0.5  102  TRAIL
        4 90
        5 95                                                     # no second trail
        6 102.1  STOPPED          -  102.1 0.5  0    102  STOP
                 CLOSED           -  102.1 0    0    102  STOP
        ",
    );
}

#[test]
fn a_trail_at_or_below_the_stop_leaves_everything_to_the_stop() {
    // 1000 - 20 = 980, equal to the stop; 1000 - 30 = 970, below it.
    for callback in ["0.02", "0.03"] {
        long("100", "98").hard("10", "0.5").trail(callback, "0", &[]).check(
            "
            1 100    OPEN             -  100  1  1  98  -
                     TRAIL_ACTIVATED  -  100  0  1  98  -
            2 96     STOPPED          -  96   1  0  98  STOP
                     CLOSED           -  96   0  0  98  STOP
            ",
        );
        short("100", "102").hard("10", "0.5").trail(callback, "0", &[]).check(
            "
            1 100    OPEN             -  100  1  1  102  -
                     TRAIL_ACTIVATED  -  100  0  1  102  -
            2 104    STOPPED          -  104  1  0  102  STOP
                     CLOSED           -  104  0  0  102  STOP
            ",
        );
    }
}

#[test]
fn without_a_remainder_the_trail_takes_the_lots_of_the_legs_too() {
    let case = |case: Case| case.hard("5", "0.5").hard("10", "0.5").trail("0.01", "1", &[]);
    // 1030 - floor(10.3) = 1020; 970 + floor(9.7) = 979.
    case(long("100", "98")).check(
        "
        1 100    OPEN             -  100  1  1  98  -
        2 103    TRAIL_ACTIVATED  -  103  0  1  98  -
        3 102    TRAILED          -  102  1  0  98  TRAIL
                 CLOSED           -  102  0  0  98  TRAIL
        ",
    );
    case(short("100", "102")).check(
        "
        1 100    OPEN             -  100   1  1  102  -
        2 97     TRAIL_ACTIVATED  -  97    0  1  102  -
        3 97.9   TRAILED          -  97.9  1  0  102  TRAIL
                 CLOSED           -  97.9  0  0  102  TRAIL
        ",
    );
}

#[test]
fn a_runner_without_trailing_is_closed_by_the_stop_alone() {
    long("100", "98").hard("1", "0.5").check(
        "
        1 100    OPEN        -  100    1    1    98     -
        2 102    LEG_FILLED  0  102    0.5  0.5  98     TAKE_PROFIT
                 STOP_MOVED  -  102    0    0.5  100.1  BREAK_EVEN
        3 150
        4 100.2
        5 100.1  STOPPED     -  100.1  0.5  0    100.1  BREAK_EVEN
                 CLOSED      -  100.1  0    0    100.1  BREAK_EVEN
        ",
    );
}

#[test]
fn trailing_activates_at_the_level_itself_and_watches_from_there() {
    // The high of 101.9 came before and counts for nothing: 1020 - floor(5.1) = 1015.
    long("100", "98").trail("0.005", "1", &[]).check(
        "
        1 100    OPEN             -  100    1  1  98  -
        2 101.9
        3 98.1
        4 102    TRAIL_ACTIVATED  -  102    0  1  98  -
        5 101.6
        6 101.5  TRAILED          -  101.5  1  0  98  TRAIL
                 CLOSED           -  101.5  0  0  98  TRAIL
        ",
    );
    // 980 + floor(4.9) = 984.
    short("100", "102").trail("0.005", "1", &[]).check(
        "
        1 100    OPEN             -  100   1  1  102  -
        2 98.1
        3 101.9
        4 98     TRAIL_ACTIVATED  -  98    0  1  102  -
        5 98.3
        6 98.4   TRAILED          -  98.4  1  0  102  TRAIL
                 CLOSED           -  98.4  0  0  102  TRAIL
        ",
    );
}

#[test]
fn activation_at_zero_r_is_at_once_even_at_a_loss() {
    // 995 - floor(4.975) = 991; 1005 + floor(5.025) = 1010.
    long("100", "98").trail("0.005", "0", &[]).check(
        "
        1 99.5   OPEN             -  100   1  1  98  -
                 TRAIL_ACTIVATED  -  99.5  0  1  98  -
        2 99.2
        3 99.1   TRAILED          -  99.1  1  0  98  TRAIL
                 CLOSED           -  99.1  0  0  98  TRAIL
        ",
    );
    short("100", "102").trail("0.005", "0", &[]).check(
        "
        1 100.5  OPEN             -  100    1  1  102  -
                 TRAIL_ACTIVATED  -  100.5  0  1  102  -
        2 100.9
        3 101    TRAILED          -  101    1  0  102  TRAIL
                 CLOSED           -  101    0  0  102  TRAIL
        ",
    );
}

#[test]
fn the_distance_is_the_floor_of_an_integer_product() {
    // 432511 * 3333 / 1e6 = 1441.559163: 432511 - 1441 = 431070.
    long("43000", "42000").trail("0.003333", "0", &[]).check(
        "
        1 43251.1  OPEN             -  43000    1  1  42000  -
                   TRAIL_ACTIVATED  -  43251.1  0  1  42000  -
        2 43107.1
        3 43107    TRAILED          -  43107    1  0  42000  TRAIL
                   CLOSED           -  43107    0  0  42000  TRAIL
        ",
    );
    // 432511 + 1441 = 433952.
    short("44000", "45000").trail("0.003333", "0", &[]).check(
        "
        1 43251.1  OPEN             -  44000    1  1  45000  -
                   TRAIL_ACTIVATED  -  43251.1  0  1  45000  -
        2 43395.1
        3 43395.2  TRAILED          -  43395.2  1  0  45000  TRAIL
                   CLOSED           -  43395.2  0  0  45000  TRAIL
        ",
    );
    // Ticks of 0.25: 207 * 0.01 = 2.07, two ticks: 205 = 51.25.
    long("50", "49").on(grid("0.25", "0.005")).trail("0.01", "1", &[]).check(
        "
        1 50     OPEN             -  50     1  1  49  -
        2 51.75  TRAIL_ACTIVATED  -  51.75  0  1  49  -
        3 51.5
        4 51.25  TRAILED          -  51.25  1  0  49  TRAIL
                 CLOSED           -  51.25  0  0  49  TRAIL
        ",
    );
    // Ticks of 1000: 97 * 0.01 is less than a tick, so the trail stands at the watermark itself.
    short("100000", "120000").on(grid("1000", "1000")).qty("5000").trail("0.01", "0", &[]).check(
        "
        1 100000  OPEN             -  100000  5000  5000  120000  -
                  TRAIL_ACTIVATED  -  100000  0     5000  120000  -   # 100 + 1 = 101
        2 97000
        3 96000
        4 96000   TRAILED          -  96000   5000  0     120000  TRAIL
                  CLOSED           -  96000   0     0     120000  TRAIL
        ",
    );
}

#[test]
fn the_curve_tightens_at_its_point_itself() {
    let case = |case: Case| case.trail("0.02", "1", &[("2", "0.015"), ("3", "0.01")]);
    // 1039 - floor(20.78) = 1019; 1040 - floor(15.6) = 1025; 1060 - floor(10.6) = 1050.
    case(long("100", "98")).check(
        "
        1 100    OPEN                -  100  1  1  98  -
        2 102    TRAIL_ACTIVATED     -  102  0  1  98  -
        3 103.9
        4 102.6
        5 104    CALLBACK_TIGHTENED  -  104  0  1  98  -
        6 102.6
        7 105.9                                          # 1059 - floor(15.885) = 1044
        8 106    CALLBACK_TIGHTENED  -  106  0  1  98  -
        9 105.1
        10 105   TRAILED             -  105  1  0  98  TRAIL
                 CLOSED              -  105  0  0  98  TRAIL
        ",
    );
    // 961 + floor(19.22) = 980; 960 + floor(14.4) = 974.
    case(short("100", "102")).check(
        "
        1 100    OPEN                -  100   1  1  102  -
        2 98     TRAIL_ACTIVATED     -  98    0  1  102  -
        3 96.1
        4 97.5
        5 96     CALLBACK_TIGHTENED  -  96    0  1  102  -
        6 97.3
        7 97.4   TRAILED             -  97.4  1  0  102  TRAIL
                 CLOSED              -  97.4  0  0  102  TRAIL
        ",
    );
}

#[test]
fn two_points_passed_in_one_tick_are_one_tightening() {
    let case = |case: Case| case.trail("0.02", "1", &[("2", "0.015"), ("3", "0.01")]);
    // 1070 - floor(10.7) = 1060.
    case(long("100", "98")).check(
        "
        1 100    OPEN                -  100  1  1  98  -
        2 102    TRAIL_ACTIVATED     -  102  0  1  98  -
        3 107    CALLBACK_TIGHTENED  -  107  0  1  98  -
        4 106    TRAILED             -  106  1  0  98  TRAIL
                 CLOSED              -  106  0  0  98  TRAIL
        ",
    );
    // Activation and both points at once: 930 + floor(9.3) = 939.
    case(short("100", "102")).check(
        "
        1 100    OPEN                -  100   1  1  102  -
        2 93     TRAIL_ACTIVATED     -  93    0  1  102  -
                 CALLBACK_TIGHTENED  -  93    0  1  102  -
        3 93.8
        4 93.9   TRAILED             -  93.9  1  0  102  TRAIL
                 CLOSED              -  93.9  0  0  102  TRAIL
        ",
    );
}

#[test]
fn rearm_tightens_strictly_above_five_and_ten_percent() {
    let case = |case: Case| case.trail("0.02", "0", &[]).rearm();
    // 1050 - 21 = 1029; 1051 - floor(15.765) = 1036; 1100 - floor(16.5) = 1084; 1101 - floor(11.01) = 1090.
    case(long("100", "90")).check(
        "
        1 100    OPEN                -  100    1  1  90  -
                 TRAIL_ACTIVATED     -  100    0  1  90  -
        2 105
        3 103.6
        4 105.1  CALLBACK_TIGHTENED  -  105.1  0  1  90  -
        5 110
        6 109
        7 110.1  CALLBACK_TIGHTENED  -  110.1  0  1  90  -
        8 109.1
        9 109    TRAILED             -  109    1  0  90  TRAIL
                 CLOSED              -  109    0  0  90  TRAIL
        ",
    );
    // 950 + 19 = 969; 949 + floor(14.235) = 963; 900 + floor(13.5) = 913; 899 + floor(8.99) = 907.
    case(short("100", "110")).check(
        "
        1 100    OPEN                -  100   1  1  110  -
                 TRAIL_ACTIVATED     -  100   0  1  110  -
        2 95
        3 96.3
        4 94.9   CALLBACK_TIGHTENED  -  94.9  0  1  110  -
        5 90
        6 90.7
        7 89.9   CALLBACK_TIGHTENED  -  89.9  0  1  110  -
        8 90.6
        9 90.7   TRAILED             -  90.7  1  0  110  TRAIL
                 CLOSED              -  90.7  0  0  110  TRAIL
        ",
    );
}

#[test]
fn rearm_never_goes_below_half_a_percent_nor_loosens() {
    let case = |callback: &str| long("100", "90").trail(callback, "0", &[]).rearm();
    // 0.75 * 0.007 = 0.00525, 1051 - floor(5.51775) = 1046; 0.5 * 0.007 = 0.0035, so 0.005.
    case("0.007").check(
        "
        1 100    OPEN                -  100    1  1  90  -
                 TRAIL_ACTIVATED     -  100    0  1  90  -
        2 105.1  CALLBACK_TIGHTENED  -  105.1  0  1  90  -
        3 104.7
        4 110.1  CALLBACK_TIGHTENED  -  110.1  0  1  90  -      # 1101 - floor(5.505) = 1096
        5 109.7
        6 109.6  TRAILED             -  109.6  1  0  90  TRAIL
                 CLOSED              -  109.6  0  0  90  TRAIL
        ",
    );
    // 0.0045 and 0.003 are both 0.005: tightened once.
    case("0.006").check(
        "
        1 100    OPEN                -  100    1  1  90  -
                 TRAIL_ACTIVATED     -  100    0  1  90  -
        2 105.1  CALLBACK_TIGHTENED  -  105.1  0  1  90  -
        3 110.1
        4 109.6  TRAILED             -  109.6  1  0  90  TRAIL
                 CLOSED              -  109.6  0  0  90  TRAIL
        ",
    );
    // 0.004 is below the floor already and stays: 1101 - floor(4.404) = 1097.
    case("0.004").check(
        "
        1 100    OPEN                -  100    1  1  90  -
                 TRAIL_ACTIVATED     -  100    0  1  90  -
        2 110.1
        3 109.8
        4 109.7  TRAILED             -  109.7  1  0  90  TRAIL
                 CLOSED              -  109.7  0  0  90  TRAIL
        ",
    );
}

#[test]
fn curve_and_rearm_meet_in_the_tighter() {
    // R 10. The curve at 102: 0.018; rearm above 105: 0.015; the curve at 107: 0.016, looser; rearm
    // above 110: 0.01; the curve at 112: 0.008: 1120 - floor(8.96) = 1112.
    let curve = [("0.2", "0.018"), ("0.7", "0.016"), ("1.2", "0.008")];
    long("100", "90").trail("0.02", "0", &curve).rearm().check(
        "
        1 100    OPEN                -  100    1  1  90  -
                 TRAIL_ACTIVATED     -  100    0  1  90  -
        2 102    CALLBACK_TIGHTENED  -  102    0  1  90  -
        3 105.1  CALLBACK_TIGHTENED  -  105.1  0  1  90  -
        4 107
        5 110.1  CALLBACK_TIGHTENED  -  110.1  0  1  90  -
        6 112    CALLBACK_TIGHTENED  -  112    0  1  90  -
        7 111.3
        8 111.2  TRAILED             -  111.2  1  0  90  TRAIL
                 CLOSED              -  111.2  0  0  90  TRAIL
        ",
    );
}
