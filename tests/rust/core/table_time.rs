//! When a position begins, ticks of one time, and the end by the clock.

use quantum_exit::event::Event;
use quantum_exit::replay::{Entry, EntryPlan, ReplayError, StopRule, Strategy, SymbolReplay};
use quantum_exit::tick::Source;
use quantum_exit::units::Ns;

use crate::case::{Case, Row, long, ppm, rows, short};
use crate::world::decimal;

#[test]
fn a_position_begins_with_the_first_tick_at_or_after_its_entry() {
    long("100", "98").entered_at(5).check(
        "
        4 97                                     # before it
        5 99     OPEN     -  100  1  1  98  -
        5 98     STOPPED  -  98   1  0  98  STOP
                 CLOSED   -  98   0  0  98  STOP
        ",
    );
    // The first tick is evaluated like any other.
    short("100", "102").entered_at(5).check(
        "
        4 100
        7 103    OPEN     -  100  1  1  102  -
                 STOPPED  -  103  1  0  102  STOP
                 CLOSED   -  103  0  0  102  STOP
        ",
    );
}

#[test]
fn ticks_of_one_time_are_all_evaluated_in_their_order() {
    long("100", "98").hard("1", "0.5").hard("2", "0.5").check(
        "
        1 100    OPEN        -  100    1    1    98     -
        1 102    LEG_FILLED  0  102    0.5  0.5  98     TAKE_PROFIT
                 STOP_MOVED  -  102    0    0.5  100.1  BREAK_EVEN
        1 100.1  STOPPED     -  100.1  0.5  0    100.1  BREAK_EVEN
                 CLOSED      -  100.1  0    0    100.1  BREAK_EVEN
        1 104
        ",
    );
}

#[test]
fn a_position_opened_between_two_ticks_of_one_time_sees_the_second() {
    let mut live = long("100", "98").live();
    live.check("5 100    OPEN  -  100  1  1  98  -");
    let plan = short("98.5", "99").hard("1", "1").planned();
    live.engine.open(live.symbol, plan, Ns(5), None).expect("a free id");
    // The older position first; the younger one was not there at 100, beyond its stop.
    live.check(
        "
        5 98     STOPPED     -  98    1  0  98  STOP
                 CLOSED      -  98    0  0  98  STOP
                 OPEN        -  98.5  1  1  99  -
                 LEG_FILLED  0  98    1  0  99  TAKE_PROFIT
                 CLOSED      -  98    0  0  99  TAKE_PROFIT
        ",
    );
}

#[test]
fn the_clock_closes_at_max_hold_itself_counted_from_the_entry() {
    for (case, stop) in [(long("100", "98"), 98), (short("100", "102"), 102)] {
        case.max_hold(10).entered_at(5).check(&format!(
            "
            8 100     OPEN       -  100    1  1  {stop}  -
            14 100.5
            15 100.5  TIMED_OUT  -  100.5  1  0  {stop}  TIME
                      CLOSED     -  100.5  0  0  {stop}  TIME
            "
        ));
    }
    // The first tick may be too late already.
    long("100", "98").max_hold(10).entered_at(5).check(
        "
        20 99    OPEN       -  100  1  1  98  -
                 TIMED_OUT  -  99   1  0  98  TIME
                 CLOSED     -  99   0  0  98  TIME
        ",
    );
}

#[test]
fn stops_and_legs_of_the_same_tick_come_before_the_clock() {
    let held = |case: Case| case.max_hold(10);
    held(long("100", "98")).check(
        "
        0 100    OPEN     -  100  1  1  98  -
        10 98    STOPPED  -  98   1  0  98  STOP
                 CLOSED   -  98   0  0  98  STOP
        ",
    );
    // Leg, ratchet, activation, clock: 970 + floor(9.7) = 979 is set and no longer needed.
    held(short("100", "102")).hard("1", "0.5").trail("0.01", "1.5", &[]).check(
        "
        0 100    OPEN             -  100  1    1    102   -
        10 97    LEG_FILLED       0  97   0.5  0.5  102   TAKE_PROFIT
                 STOP_MOVED       -  97   0    0.5  99.9  BREAK_EVEN
                 TRAIL_ACTIVATED  -  97   0    0.5  99.9  -
                 TIMED_OUT        -  97   0.5  0    99.9  TIME
                 CLOSED           -  97   0    0    99.9  TIME
        ",
    );
    // The last leg leaves the clock nothing.
    held(long("100", "98")).hard("1", "1").check(
        "
        0 100    OPEN        -  100  1  1  98  -
        10 102   LEG_FILLED  0  102  1  0  98  TAKE_PROFIT
                 CLOSED      -  102  0  0  98  TAKE_PROFIT
        ",
    );
    // The trail takes its half, the clock the rest: 1000 - 10 = 990.
    held(long("100", "98")).hard("10", "0.5").trail("0.01", "0", &[]).check(
        "
        0 100    OPEN             -  100  1    1    98  -
                 TRAIL_ACTIVATED  -  100  0    1    98  -
        10 99    TRAILED          -  99   0.5  0.5  98  TRAIL
                 TIMED_OUT        -  99   0.5  0    98  TIME
                 CLOSED           -  99   0    0    98  TIME
        ",
    );
}

#[test]
fn the_clock_listens_to_the_price_that_the_plan_does() {
    // A MARK tick after the end says nothing to a plan of LAST prices, nor does it stop the clock.
    long("100", "98").max_hold(10).check(
        "
        1 100    OPEN       -  100    1  1  98  -
        12 m100
        13 99.5  TIMED_OUT  -  99.5   1  0  98  TIME
                 CLOSED     -  99.5   0  0  98  TIME
        ",
    );
    short("100", "102").max_hold(10).sources(Source::Mark, Source::Mark).check(
        "
        1 m100    OPEN       -  100    1  1  102  -
        12 100
        12 m99.5  TIMED_OUT  -  99.5   1  0  102  TIME
                  CLOSED     -  99.5   0  0  102  TIME
        ",
    );
}

/// Enters `case` at the market at time 5, whatever its own prices are.
fn at_market(case: &Case, stop: StopRule, ticks: &[(i64, f64)]) -> Result<Vec<Row>, ReplayError> {
    let plan = EntryPlan::AtMarket { spec: Box::new(case.spec.clone()), stop };
    let entry = Entry { position_id: 3, entry_ns: Ns(5), plan };
    let instrument = case.instrument.clone();
    let mut replay = SymbolReplay::new(instrument, case.rules, Strategy::EveryTick, None, false, vec![entry]);
    let (ts, price): (Vec<i64>, Vec<f64>) = ticks.iter().copied().unzip();
    replay.feed(&ts, &price)?;
    let events: Vec<Event> = replay.finish().events.into_iter().map(|(_, event)| event).collect();
    Ok(rows(&events, &case.instrument))
}

fn lines(rows: Result<Vec<Row>, ReplayError>) -> Vec<String> {
    rows.expect("a plan").into_iter().map(|(_, row)| row).collect()
}

#[test]
fn an_entry_at_the_market_takes_the_first_tick_as_its_price() {
    let frac = StopRule::FracPpm(ppm("0.02"));
    // 100.3 * 0.98 = 98.294, up to 98.3: R 2, so 1R = 102.3.
    let case = long("1", "0.5").hard("1", "1").trail("0.01", "0", &[]);
    assert_eq!(
        lines(at_market(&case, frac, &[(4, 90.0), (5, 100.3), (6, 102.2), (6, 102.3)])),
        [
            "5 OPEN - 100.3 1 1 98.3 -",
            "5 TRAIL_ACTIVATED - 100.3 0 1 98.3 -",
            "6 LEG_FILLED 0 102.3 1 0 98.3 TAKE_PROFIT",
            "6 CLOSED - 102.3 0 0 98.3 TAKE_PROFIT",
        ]
    );
    // 100.3 * 1.02 = 102.306, down to 102.3: R 2, so 1R = 98.3.
    let case = short("1", "2").hard("1", "0.5");
    assert_eq!(
        lines(at_market(&case, frac, &[(7, 100.3), (8, 98.4), (9, 98.3), (10, 102.3)])),
        [
            "7 OPEN - 100.3 1 1 102.3 -",
            "9 LEG_FILLED 0 98.3 0.5 0.5 102.3 TAKE_PROFIT",
            // 100.3 * 0.9992 = 100.21976, down to 100.2.
            "9 STOP_MOVED - 98.3 0 0.5 100.2 BREAK_EVEN",
            "10 STOPPED - 102.3 0.5 0 100.2 BREAK_EVEN",
            "10 CLOSED - 102.3 0 0 100.2 BREAK_EVEN",
        ]
    );
    // A stop at a price: 98.03 up to 98.1, R 2.2, 1R = 102.5.
    let case = long("1", "0.5").hard("1", "1");
    assert_eq!(
        lines(at_market(&case, StopRule::Price(decimal("98.03")), &[(5, 100.3), (6, 102.4), (7, 102.5)])),
        [
            "5 OPEN - 100.3 1 1 98.1 -",
            "7 LEG_FILLED 0 102.5 1 0 98.1 TAKE_PROFIT",
            "7 CLOSED - 102.5 0 0 98.1 TAKE_PROFIT",
        ]
    );
    assert_eq!(lines(at_market(&case, frac, &[(4, 100.0)])), [""; 0], "no tick came");
}

#[test]
fn an_entry_at_the_market_whose_plan_cannot_be_made_names_the_position() {
    let refusal = |case: &Case, stop| at_market(case, stop, &[(5, 100.3)]).expect_err("refused").to_string();
    for frac in ["0", "1", "-0.02"] {
        assert_eq!(
            refusal(&long("1", "0.5"), StopRule::FracPpm(ppm(frac))),
            format!("position 3: stop_frac: {frac} is not allowed; a fraction above 0 and below 1")
        );
    }
    assert_eq!(
        refusal(&short("1", "2"), StopRule::Price(decimal("100.3"))),
        "position 3: stop_price: 100.3 is not allowed; a SHORT stop must be at least one tick (0.1) above \
         the entry price 100.3 after rounding toward the market"
    );
}

#[test]
fn a_live_position_that_no_tick_has_reached_is_not_open() {
    let mut live = long("100", "98").entered_at(5).live();
    assert_eq!(live.price(Source::Last, 4, 100.0), []);
    assert_eq!(live.engine.open_positions(live.symbol), Ok(0));
    assert!(live.engine.position(live.id).is_err());
    live.check("5 100  OPEN  -  100  1  1  98  -");
    assert_eq!(live.engine.open_positions(live.symbol), Ok(1));
}
