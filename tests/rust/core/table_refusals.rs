//! What the constructors refuse, word for word.

use quantum_exit::engine::Engine;
use quantum_exit::instrument::Instrument;
use quantum_exit::plan::LimitFill;
use quantum_exit::position::FillRules;
use quantum_exit::tick::Source;
use quantum_exit::units::{Lots, Ns, Ticks};

use crate::case::{Case, grid, long, ppm, short};
use crate::world::decimal;

/// An instrument with some of its fields changed, by their place in the constructor.
fn instrument(changes: &[(usize, &'static str)]) -> Result<Instrument, String> {
    let mut fields = ["BTCUSDT", "0.1", "0.001", "0.001", "5", "100"];
    for (at, value) in changes {
        fields[*at] = value;
    }
    let [symbol, tick_size, lot_step, min_qty, min_notional, max_qty] = fields;
    let max_qty = (!max_qty.is_empty()).then(|| decimal(max_qty));
    let (tick_size, lot_step) = (decimal(tick_size), decimal(lot_step));
    Instrument::new(symbol, tick_size, lot_step, decimal(min_qty), decimal(min_notional), max_qty)
        .map_err(|error| error.to_string())
}

#[test]
fn every_field_of_an_instrument() {
    const TINY: &str = "0.000000000000000001";
    assert!(instrument(&[]).is_ok());
    assert!(instrument(&[(3, "0"), (4, "0"), (5, "")]).is_ok());
    for (changes, message) in [
        (&[(0, "")][..], "symbol: \"\" is not allowed; expected a name without spaces, such as BTCUSDT"),
        (
            &[(0, "BTC USDT")],
            "symbol: \"BTC USDT\" is not allowed; expected a name without spaces, such as BTCUSDT",
        ),
        (&[(1, "0")], "tick_size: 0 is not allowed; must be above zero"),
        (&[(1, "-0.1")], "tick_size: -0.1 is not allowed; must be above zero"),
        (&[(2, "0")], "lot_step: 0 is not allowed; must be above zero"),
        (&[(2, "-0.001")], "lot_step: -0.001 is not allowed; must be above zero"),
        (&[(3, "-0.001")], "min_qty: -0.001 is not allowed; must not be negative"),
        (&[(3, "9000000000000.001")], "min_qty: 9000000000000.001 is not allowed; at most 9e15 lot steps"),
        (&[(4, "-5")], "min_notional: -5 is not allowed; must not be negative"),
        // 1e39 times the value of one lot at one tick: beyond an i128.
        (
            &[(1, TINY), (2, TINY), (3, "0"), (4, "1000")],
            "min_notional: 1000 is not allowed; a smaller number",
        ),
        (&[(5, "0")], "max_qty: 0 is not allowed; must be above zero"),
        (&[(5, "-1")], "max_qty: -1 is not allowed; must be above zero"),
    ] {
        assert_eq!(instrument(changes), Err(message.to_owned()));
    }
}

#[test]
fn a_price_or_quantity_of_a_user_off_the_grid() {
    let fine = grid("0.25", "0.005");
    let price = |text| fine.ticks("price", decimal(text)).map_err(|error| error.to_string());
    assert_eq!(price("50.25"), Ok(Ticks(201)));
    assert_eq!(
        price("50.3"),
        Err("price: 50.3 is not allowed; the nearest prices on the grid of 0.25 are 50.25 and 50.50"
            .to_owned())
    );
    assert_eq!(price("0"), Err("price: 0 is not allowed; must be above zero".to_owned()));
    // 9e12 ticks of 0.25.
    assert_eq!(price("2250000000000"), Ok(Ticks(9_000_000_000_000)));
    assert_eq!(
        price("2250000000000.25"),
        Err("price: 2250000000000.25 is not allowed; at most 9e12 tick sizes, with at most twelve digits \
             below one tick"
            .to_owned())
    );
    let qty = |text| fine.lots("quantity", decimal(text)).map_err(|error| error.to_string());
    assert_eq!(qty("0.035"), Ok(Lots(7)));
    assert_eq!(
        qty("0.033"),
        Err(
            "quantity: 0.033 is not allowed; the nearest quantities on the grid of 0.005 are 0.030 and 0.035"
                .to_owned()
        )
    );
    let coarse = grid("1000", "1000");
    assert_eq!(
        coarse.lots("quantity", decimal("2500")).map_err(|error| error.to_string()),
        Err("quantity: 2500 is not allowed; the nearest quantities on the grid of 1000 are 2000 and 3000"
            .to_owned())
    );
}

fn check(refusals: &[(Case, &str)]) {
    for (case, message) in refusals {
        assert_eq!(case.refusal(), *message);
    }
}

#[test]
fn prices_and_quantity_of_a_plan() {
    check(&[
        (long("0", "98"), "entry_price: 0 is not allowed; must be above zero"),
        (short("-100", "102"), "entry_price: -100 is not allowed; must be above zero"),
        (
            long("900000000000.1", "98"),
            "entry_price: 900000000000.1 is not allowed; at most 9e12 tick sizes, with at most twelve \
             digits below one tick",
        ),
        (
            // 1000.0000000000001 ticks.
            long("100.00000000000001", "98"),
            "entry_price: 100.00000000000001 is not allowed; at most 9e12 tick sizes, with at most twelve \
             digits below one tick",
        ),
        (long("100", "98").qty("0"), "quantity: 0 is not allowed; must be above zero"),
        (short("100", "102").qty("-1"), "quantity: -1 is not allowed; must be above zero"),
        (
            long("100", "98").qty("1.0005"),
            "quantity: 1.0005 is not allowed; the nearest quantities on the grid of 0.001 are 1.000 and 1.001",
        ),
        (
            long("100", "98").qty("9000000000000.001"),
            "quantity: 9000000000000.001 is not allowed; at most 9e15 lot steps",
        ),
        (long("100", "0"), "stop_price: 0 is not allowed; must be above zero"),
        (short("100", "-102"), "stop_price: -102 is not allowed; must be above zero"),
        (
            long("100", "102"),
            "stop_price: 102 is not allowed; a LONG stop must be at least one tick (0.1) below the entry \
             price 100 after rounding toward the market",
        ),
        (
            short("100", "98"),
            "stop_price: 98 is not allowed; a SHORT stop must be at least one tick (0.1) above the entry \
             price 100 after rounding toward the market",
        ),
        (
            short("100", "900000000000.1"),
            "stop_price: 900000000000.1 is not allowed; at most 9e12 tick sizes, with at most twelve \
             digits below one tick",
        ),
    ]);
}

#[test]
fn legs_of_a_plan() {
    let many = (0..17).fold(long("100", "98"), |case, _| case.hard("1", "0.01"));
    check(&[
        (long("100", "98").hard("0", "1"), "legs[0].r_multiple: 0 is not allowed; above 0, at most 10000 R"),
        (
            long("100", "98").soft("1", "0.5").hard("-1", "0.5"),
            "legs[1].r_multiple: -1 is not allowed; above 0, at most 10000 R",
        ),
        (
            long("100", "98").hard("10000.000001", "1"),
            "legs[0].r_multiple: 10000.000001 is not allowed; above 0, at most 10000 R",
        ),
        (
            long("100", "98").hard("1", "0.5").hard("0.5", "0.5"),
            "legs[1].r_multiple: 0.5 is not allowed; at least 1, that of the leg before",
        ),
        (
            long("100", "98").hard("1", "0"),
            "legs[0].size_fraction: 0 is not allowed; a fraction of the initial quantity, above 0 and at most 1",
        ),
        (
            short("100", "102").hard("1", "0.1").hard("2", "-0.1"),
            "legs[1].size_fraction: -0.1 is not allowed; a fraction of the initial quantity, above 0 and at \
             most 1",
        ),
        (
            long("100", "98").hard("1", "1.000001"),
            "legs[0].size_fraction: 1.000001 is not allowed; a fraction of the initial quantity, above 0 and \
             at most 1",
        ),
        (
            long("100", "98").hard("1", "0.6").hard("2", "0.400001"),
            "legs.size_fraction: 1.000001 is not allowed; a sum of at most 1",
        ),
        (many, "legs: 17 is not allowed; at most 16 legs"),
        (
            long("100", "99.9").hard("0.999999", "1"),
            "legs[0].r_multiple: 0.999999 is not allowed; its level collapses onto the entry price; use more \
             R or a wider stop",
        ),
        // R 2: 100 - 50 * 2 = 0.
        (
            short("100", "102").hard("1", "0.5").hard("50", "0.5"),
            "legs[1].r_multiple: 50 is not allowed; its level is not a positive price within 9e12 ticks",
        ),
        // R 1e10 or 1e11 ticks: 8.9e12 + 2e11 = 9.1e12 ticks.
        (
            long("890000000000", "880000000000").hard("2", "1"),
            "legs[0].r_multiple: 2 is not allowed; its level is not a positive price within 9e12 ticks",
        ),
    ]);
    // The last price above zero is a level: 100 - 49.95 * 2 = 0.1.
    let plan = short("100", "102").hard("49.95", "1").planned();
    assert_eq!(plan.level_price(&plan.legs()[0]), Ticks(1));
}

#[test]
fn ratchet_and_clock_of_a_plan() {
    check(&[
        (long("100", "98").max_hold(0), "max_hold_ns: 0 is not allowed; must be above zero, or absent"),
        (short("100", "102").max_hold(-1), "max_hold_ns: -1 is not allowed; must be above zero, or absent"),
        (
            long("100", "98").break_even(Some(0), "0"),
            "ratchet.break_even_after: 0 is not allowed; 1 or more, or absent",
        ),
        (
            long("100", "98").break_even(Some(1), "-0.000001"),
            "ratchet.break_even_offset_frac: -0.000001 is not allowed; 0 or more, below 0.1",
        ),
        (
            short("100", "102").break_even(Some(1), "0.1"),
            "ratchet.break_even_offset_frac: 0.1 is not allowed; 0 or more, below 0.1",
        ),
        (
            long("100", "98").break_even_at("0"),
            "ratchet.break_even_at_r: 0 is not allowed; above 0, at most 10000 R",
        ),
        // 0.04 * 2 = 0.08, less than a tick.
        (
            long("100", "98").break_even_at("0.04"),
            "ratchet.break_even_at_r: 0.04 is not allowed; its level collapses onto the entry price; use more R \
             or a wider stop",
        ),
        (
            short("100", "102").break_even_at("50"),
            "ratchet.break_even_at_r: 50 is not allowed; its level is not a positive price within 9e12 ticks",
        ),
        (long("100", "98").time_stop(0, "0.5"), "time_stop.after_ns: 0 is not allowed; must be above zero"),
        (
            long("100", "98").time_stop(1, "-0.5"),
            "time_stop.under_r: -0.5 is not allowed; 0 or more, at most 10000 R",
        ),
        (
            short("100", "102").time_stop(1, "10001"),
            "time_stop.under_r: 10001 is not allowed; 0 or more, at most 10000 R",
        ),
    ]);
}

#[test]
fn trailing_of_a_plan() {
    let trail = |callback, activation, curve: &[(&str, &str)]| {
        long("100", "98").hard("1", "0.5").trail(callback, activation, curve)
    };
    let r: Vec<String> = (1..18).map(|r| r.to_string()).collect();
    let many: Vec<(&str, &str)> = r.iter().map(|r| (r.as_str(), "0.01")).collect();
    check(&[
        (trail("0", "1", &[]), "trailing.callback_pct: 0 is not allowed; a fraction above 0 and below 0.5"),
        (
            trail("-0.01", "1", &[]),
            "trailing.callback_pct: -0.01 is not allowed; a fraction above 0 and below 0.5",
        ),
        (
            trail("0.5", "1", &[]),
            "trailing.callback_pct: 0.5 is not allowed; a fraction above 0 and below 0.5",
        ),
        (
            trail("0.02", "-0.5", &[]),
            "trailing.activation_r: -0.5 is not allowed; 0 or more, at most 10000 R",
        ),
        (
            trail("0.02", "10001", &[]),
            "trailing.activation_r: 10001 is not allowed; 0 or more, at most 10000 R",
        ),
        (trail("0.02", "1", &many), "trailing.tightening_curve: 17 is not allowed; at most 16 points"),
        (
            trail("0.02", "1", &[("-1", "0.01")]),
            "trailing.tightening_curve[0].r: -1 is not allowed; 0 or more, at most 10000 R",
        ),
        (
            trail("0.02", "1", &[("3", "0.015"), ("3", "0.01")]),
            "trailing.tightening_curve[1].r: 3 is not allowed; points must be sorted by r, each above the \
             one before",
        ),
        (
            trail("0.02", "1", &[("3", "0")]),
            "trailing.tightening_curve[0].callback: 0 is not allowed; a fraction above 0 and below 0.5",
        ),
        (
            trail("0.02", "1", &[("3", "0.5")]),
            "trailing.tightening_curve[0].callback: 0.5 is not allowed; a fraction above 0 and below 0.5",
        ),
        (
            trail("0.02", "1", &[("3", "0.020001")]),
            "trailing.tightening_curve[0].callback: 0.020001 is not allowed; a callback never grows: at most \
             0.02, the one before",
        ),
        (
            trail("0.02", "1", &[("3", "0.01"), ("4", "0.011")]),
            "trailing.tightening_curve[1].callback: 0.011 is not allowed; a callback never grows: at most \
             0.01, the one before",
        ),
    ]);
    // The limits themselves, and a callback that stays.
    assert!(trail("0.499999", "0", &[("0", "0.499999"), ("10000", "0.000001")]).plan().is_ok());
}

#[test]
fn rules_of_an_engine() {
    let new = |slippage_ticks, max_jump: Option<&str>| {
        let rules = FillRules { limit_fill: LimitFill::Through, slippage_ticks };
        Engine::new(rules, max_jump.map(ppm)).map(|_| ()).map_err(|error| error.to_string())
    };
    for jump in ["0", "-0.2", "1.000001"] {
        let message =
            format!("max_jump_frac: {jump} is not allowed; a fraction above 0 and at most 1, or absent");
        assert_eq!(new(0, Some(jump)), Err(message));
    }
    assert_eq!((new(0, Some("0.000001")), new(0, Some("1")), new(9, None)), (Ok(()), Ok(()), Ok(())));
    assert_eq!(
        new(-1, None),
        Err("slippage_ticks: -1 is not allowed; 0 or more: slippage is what a market exit loses".to_owned())
    );
}

#[test]
fn calls_of_the_engine() {
    let mut live = long("100", "98").live();
    let plan = long("100", "98").planned();
    let mut events = Vec::new();
    let unknown = "symbol_id: 7 is not allowed; symbols are numbered from 0 in the order of add_symbol";
    let engine = &mut live.engine;
    for refusal in [
        engine.open(7, plan.clone(), Ns(0), None).map(|_| ()),
        engine.on_tick(7, Source::Last, Ticks(1000), Ns(0), &mut events),
        engine.on_price(7, Source::Mark, 100.0, Ns(0), &mut events),
        engine.instrument(7).map(|_| ()),
        engine.refused(7).map(|_| ()),
        engine.open_positions(7).map(|_| ()),
    ] {
        assert_eq!(refusal.map_err(|error| error.to_string()), Err(unknown.to_owned()));
    }
    // Scheduled already counts as taken.
    for id in [live.id, u64::MAX] {
        let taken = engine.open(live.symbol, plan.clone(), Ns(9), Some(id)).expect_err("taken").to_string();
        let allowed = "an id that no open position has, below 2^64 - 1";
        assert_eq!(taken, format!("position_id: {id} is not allowed; {allowed}"));
    }
    let off_grid = engine.on_price(live.symbol, Source::Last, 100.05, Ns(0), &mut events);
    assert_eq!(
        off_grid.map_err(|error| error.to_string()),
        Err("price: 100.05 is not allowed; a multiple of the tick size 0.1".to_owned())
    );
    assert!(events.is_empty());
    assert_eq!(engine.open(live.symbol, plan, Ns(9), None), Ok(1), "the next id was not used up");
    assert_eq!(engine.refused(live.symbol), Ok(0), "an error of the caller is no refused tick");
    // The position is as it was.
    live.check("1 100    OPEN  -  100  1  1  98  -");
}

#[test]
fn an_id_is_free_again_once_its_position_is_closed() {
    let mut live = short("100", "102").live();
    live.check(
        "
        1 102    OPEN     -  100  1  1  102  -
                 STOPPED  -  102  1  0  102  STOP
                 CLOSED   -  102  0  0  102  STOP
        ",
    );
    let plan = short("100", "102").planned();
    assert_eq!(live.engine.open(live.symbol, plan, Ns(2), Some(live.id)), Ok(live.id));
    live.check("2 100    OPEN  -  100  1  1  102  -");
}
