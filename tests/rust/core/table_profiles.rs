//! The five default profiles, both sides, through every leg and out by the stop or the trail.
//!
//! Entry 100, quantity 1. Break-even: 100 * 1.0008 = 100.08, to the profit side 100.1 for LONG;
//! 100 * 0.9992 = 99.92, 99.9 for SHORT.

use crate::case::{Case, long, short};

/// R = 2: legs at +-1, +-2, +-4; activation at +-3; curve at +-6 and +-10; 0.35 is left to the trail.
fn trend(case: Case) -> Case {
    let curve = [("3", "0.015"), ("5", "0.010")];
    case.soft("0.5", "0.15").hard("1.0", "0.20").hard("2.0", "0.30").trail("0.020", "1.5", &curve)
}

/// R = 2: legs at +-0.6, +-1.2, +-2.
fn range(case: Case) -> Case {
    case.soft("0.3", "0.30").hard("0.6", "0.40").hard("1.0", "0.30")
}

/// R = 10: legs at +-4, +-8, +-15; activation at +-10; trailing guards all that is open.
fn volatile(case: Case) -> Case {
    case.soft("0.4", "0.25").hard("0.8", "0.35").hard("1.5", "0.40").trail("0.025", "1.0", &[])
}

/// R = 2: legs at +-0.5, +-1, +-1.5.
fn chop(case: Case) -> Case {
    case.soft("0.25", "0.40").hard("0.5", "0.40").hard("0.75", "0.20")
}

/// R = 4: legs at +-2, +-4, +-8; activation at +-4; trailing guards all that is open. The curve's 3R
/// lies beyond the last leg.
fn normal(case: Case) -> Case {
    let curve = [("3", "0.010")];
    case.soft("0.5", "0.25").hard("1.0", "0.25").hard("2.0", "0.50").trail("0.015", "1.0", &curve)
}

/// Checks two endings after the same beginning.
fn check_both(case: &Case, beginning: &str, one: &str, other: &str) {
    case.check(&format!("{beginning}\n{one}"));
    case.check(&format!("{beginning}\n{other}"));
}

#[test]
fn every_profile_loses_one_r_at_its_stop() {
    for profile in [trend, range, volatile, chop, normal] {
        profile(long("100", "98")).check(
            "
            1 100    OPEN     -  100  1  1  98  -
            2 98.1
            3 98     STOPPED  -  98   1  0  98  STOP
                     CLOSED   -  98   0  0  98  STOP
            ",
        );
        profile(short("100", "102")).check(
            "
            1 100    OPEN     -  100  1  1  102  -
            2 101.9
            3 102    STOPPED  -  102  1  0  102  STOP
                     CLOSED   -  102  0  0  102  STOP
            ",
        );
    }
}

#[test]
fn trend_long() {
    check_both(
        &trend(long("100", "98")),
        "
        1 100    OPEN             -  100    1     1     98     -
        2 101                                                           # SOFT: touched, not traded through
        3 101.1  LEG_FILLED       0  101    0.15  0.85  98     TAKE_PROFIT
                 STOP_MOVED       -  101.1  0     0.85  100.1  BREAK_EVEN
        4 102    LEG_FILLED       1  102    0.2   0.65  100.1  TAKE_PROFIT
                 STOP_MOVED       -  102    0     0.65  101    RATCHET
        5 103    TRAIL_ACTIVATED  -  103    0     0.65  101    -         # 1030 - floor(20.6) = 1010
        6 104    LEG_FILLED       2  104    0.3   0.35  101    TAKE_PROFIT
                 STOP_MOVED       -  104    0     0.35  102    RATCHET   # trail 1040 - floor(20.8) = 1020
        ",
        "
        7 106    CALLBACK_TIGHTENED  -  106    0     0.35  102  -        # 1060 - floor(15.9) = 1045
        8 110    CALLBACK_TIGHTENED  -  110    0     0.35  102  -        # 1100 - 11 = 1089
        9 109
        10 108.9 TRAILED             -  108.9  0.35  0     102  TRAIL
                 CLOSED              -  108.9  0     0     102  TRAIL
        ",
        "
        7 102.1
        8 102    STOPPED             -  102    0.35  0     102  RATCHET  # the trail at 102 is not above it
                 CLOSED              -  102    0     0     102  RATCHET
        ",
    );
}

#[test]
fn trend_short() {
    check_both(
        &trend(short("100", "102")),
        "
        1 100    OPEN             -  100   1     1     102   -
        2 99
        3 98.9   LEG_FILLED       0  99    0.15  0.85  102   TAKE_PROFIT
                 STOP_MOVED       -  98.9  0     0.85  99.9  BREAK_EVEN
        4 98     LEG_FILLED       1  98    0.2   0.65  99.9  TAKE_PROFIT
                 STOP_MOVED       -  98    0     0.65  99    RATCHET
        5 97     TRAIL_ACTIVATED  -  97    0     0.65  99    -           # 970 + floor(19.4) = 989
        6 96     LEG_FILLED       2  96    0.3   0.35  99    TAKE_PROFIT
                 STOP_MOVED       -  96    0     0.35  98    RATCHET     # trail 960 + floor(19.2) = 979
        ",
        "
        7 94     CALLBACK_TIGHTENED  -  94  0     0.35  98  -            # 940 + floor(14.1) = 954
        8 90     CALLBACK_TIGHTENED  -  90  0     0.35  98  -            # 900 + 9 = 909
        9 90.8
        10 91    TRAILED             -  91  0.35  0     98  TRAIL
                 CLOSED              -  91  0     0     98  TRAIL
        ",
        "
        7 97.8
        8 97.9   TRAILED             -  97.9  0.35  0   98  TRAIL        # tighter than the stop at 98
                 CLOSED              -  97.9  0     0   98  TRAIL
        ",
    );
}

#[test]
fn range_long() {
    check_both(
        &range(long("100", "98")),
        "
        1 100    OPEN        -  100    1    1    98     -
        2 100.7  LEG_FILLED  0  100.6  0.3  0.7  98     TAKE_PROFIT
                 STOP_MOVED  -  100.7  0    0.7  100.1  BREAK_EVEN
        3 101.2  LEG_FILLED  1  101.2  0.4  0.3  100.1  TAKE_PROFIT
                 STOP_MOVED  -  101.2  0    0.3  100.6  RATCHET
        ",
        "
        4 102    LEG_FILLED  2  102    0.3  0    100.6  TAKE_PROFIT
                 CLOSED      -  102    0    0    100.6  TAKE_PROFIT
        ",
        "
        4 100.7
        5 100.5  STOPPED     -  100.5  0.3  0    100.6  RATCHET
                 CLOSED      -  100.5  0    0    100.6  RATCHET
        ",
    );
}

#[test]
fn range_short() {
    check_both(
        &range(short("100", "102")),
        "
        1 100    OPEN        -  100   1    1    102   -
        2 99.3   LEG_FILLED  0  99.4  0.3  0.7  102   TAKE_PROFIT
                 STOP_MOVED  -  99.3  0    0.7  99.9  BREAK_EVEN
        3 98.8   LEG_FILLED  1  98.8  0.4  0.3  99.9  TAKE_PROFIT
                 STOP_MOVED  -  98.8  0    0.3  99.4  RATCHET
        ",
        "
        4 98     LEG_FILLED  2  98    0.3  0    99.4  TAKE_PROFIT
                 CLOSED      -  98    0    0    99.4  TAKE_PROFIT
        ",
        "
        4 99.3
        5 99.4   STOPPED     -  99.4  0.3  0    99.4  RATCHET
                 CLOSED      -  99.4  0    0    99.4  RATCHET
        ",
    );
}

#[test]
fn volatile_long() {
    check_both(
        &volatile(long("100", "90")),
        "
        1 100    OPEN             -  100    1     1     90     -
        2 104.1  LEG_FILLED       0  104    0.25  0.75  90     TAKE_PROFIT
                 STOP_MOVED       -  104.1  0     0.75  100.1  BREAK_EVEN
        3 108    LEG_FILLED       1  108    0.35  0.4   100.1  TAKE_PROFIT
                 STOP_MOVED       -  108    0     0.4   104    RATCHET
        4 109.9
        5 112    TRAIL_ACTIVATED  -  112    0     0.4   104    -         # 1120 - 28 = 1092
        6 114                                                            # 1140 - floor(28.5) = 1112
        ",
        "
        7 111.3
        8 111.2  TRAILED          -  111.2  0.4   0     104    TRAIL     # the lots of leg 2
                 CLOSED           -  111.2  0     0     104    TRAIL
        ",
        "
        7 115    LEG_FILLED       2  115    0.4   0     104    TAKE_PROFIT
                 CLOSED           -  115    0     0     104    TAKE_PROFIT
        ",
    );
}

#[test]
fn volatile_short() {
    check_both(
        &volatile(short("100", "110")),
        "
        1 100    OPEN             -  100   1     1     110   -
        2 95.9   LEG_FILLED       0  96    0.25  0.75  110   TAKE_PROFIT
                 STOP_MOVED       -  95.9  0     0.75  99.9  BREAK_EVEN
        3 92     LEG_FILLED       1  92    0.35  0.4   99.9  TAKE_PROFIT
                 STOP_MOVED       -  92    0     0.4   96    RATCHET
        4 90.1
        5 88     TRAIL_ACTIVATED  -  88    0     0.4   96    -           # 880 + 22 = 902
        6 86                                                             # 860 + floor(21.5) = 881
        ",
        "
        7 88
        8 88.2   TRAILED          -  88.2  0.4   0     96    TRAIL
                 CLOSED           -  88.2  0     0     96    TRAIL
        ",
        "
        7 85     LEG_FILLED       2  85    0.4   0     96    TAKE_PROFIT
                 CLOSED           -  85    0     0     96    TAKE_PROFIT
        ",
    );
}

#[test]
fn chop_long() {
    check_both(
        &chop(long("100", "98")),
        "
        1 100    OPEN        -  100    1    1    98     -
        2 100.6  LEG_FILLED  0  100.5  0.4  0.6  98     TAKE_PROFIT
                 STOP_MOVED  -  100.6  0    0.6  100.1  BREAK_EVEN
        ",
        "
        3 101    LEG_FILLED  1  101    0.4  0.2  100.1  TAKE_PROFIT
                 STOP_MOVED  -  101    0    0.2  100.5  RATCHET
        4 101.5  LEG_FILLED  2  101.5  0.2  0    100.5  TAKE_PROFIT
                 CLOSED      -  101.5  0    0    100.5  TAKE_PROFIT
        ",
        "
        3 100.2
        4 100.1  STOPPED     -  100.1  0.6  0    100.1  BREAK_EVEN
                 CLOSED      -  100.1  0    0    100.1  BREAK_EVEN
        ",
    );
}

#[test]
fn chop_short() {
    check_both(
        &chop(short("100", "102")),
        "
        1 100    OPEN        -  100   1    1    102   -
        2 99.4   LEG_FILLED  0  99.5  0.4  0.6  102   TAKE_PROFIT
                 STOP_MOVED  -  99.4  0    0.6  99.9  BREAK_EVEN
        ",
        "
        3 99     LEG_FILLED  1  99    0.4  0.2  99.9  TAKE_PROFIT
                 STOP_MOVED  -  99    0    0.2  99.5  RATCHET
        4 98.5   LEG_FILLED  2  98.5  0.2  0    99.5  TAKE_PROFIT
                 CLOSED      -  98.5  0    0    99.5  TAKE_PROFIT
        ",
        "
        3 99.8
        4 100.3  STOPPED     -  100.3 0.6  0    99.9  BREAK_EVEN
                 CLOSED      -  100.3 0    0    99.9  BREAK_EVEN
        ",
    );
}

#[test]
fn normal_long() {
    check_both(
        &normal(long("100", "96")),
        "
        1 100    OPEN             -  100    1     1     96     -
        2 102.1  LEG_FILLED       0  102    0.25  0.75  96     TAKE_PROFIT
                 STOP_MOVED       -  102.1  0     0.75  100.1  BREAK_EVEN
        3 104    LEG_FILLED       1  104    0.25  0.5   100.1  TAKE_PROFIT
                 STOP_MOVED       -  104    0     0.5   102    RATCHET
                 TRAIL_ACTIVATED  -  104    0     0.5   102    -         # 1040 - floor(15.6) = 1025
        4 107                                                            # 1070 - floor(16.05) = 1054
        ",
        "
        5 105.5
        6 105.4  TRAILED          -  105.4  0.5   0     102    TRAIL
                 CLOSED           -  105.4  0     0     102    TRAIL
        ",
        "
        5 108    LEG_FILLED       2  108    0.5   0     102    TAKE_PROFIT
                 CLOSED           -  108    0     0     102    TAKE_PROFIT
        ",
    );
}

#[test]
fn normal_short() {
    check_both(
        &normal(short("100", "104")),
        "
        1 100    OPEN             -  100   1     1     104   -
        2 97.9   LEG_FILLED       0  98    0.25  0.75  104   TAKE_PROFIT
                 STOP_MOVED       -  97.9  0     0.75  99.9  BREAK_EVEN
        3 96     LEG_FILLED       1  96    0.25  0.5   99.9  TAKE_PROFIT
                 STOP_MOVED       -  96    0     0.5   98    RATCHET
                 TRAIL_ACTIVATED  -  96    0     0.5   98    -           # 960 + floor(14.4) = 974
        4 93                                                             # 930 + floor(13.95) = 943
        ",
        "
        5 94.2
        6 94.3   TRAILED          -  94.3  0.5   0     98    TRAIL
                 CLOSED           -  94.3  0     0     98    TRAIL
        ",
        "
        5 92     LEG_FILLED       2  92    0.5   0     98    TAKE_PROFIT
                 CLOSED           -  92    0     0     98    TAKE_PROFIT
        ",
    );
}
