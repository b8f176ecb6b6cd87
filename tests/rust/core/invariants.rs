//! What holds for every path and every plan.

use std::collections::HashMap;

use proptest::prelude::*;
use quantum_exit::event::{Event, EventKind};
use quantum_exit::plan::{ExitPlan, LimitFill};
use quantum_exit::position::{FillRules, Position};
use quantum_exit::tick::{Source, Tick};
use quantum_exit::units::{Ns, Ticks};

use crate::world::{GRIDS, instrument, path, shape};

struct Run {
    plan: ExitPlan,
    events: Vec<Event>,
    stops: Vec<i64>,
    trail_stops: Vec<Option<i64>>,
    open: i64,
}

fn run(plan: &ExitPlan, path: &[(i64, i64)], limit_fill: LimitFill) -> Run {
    let rules = FillRules { limit_fill, slippage_ticks: 0 };
    let mut position = Position::new(7, plan.clone(), Ns(0));
    let sign = plan.side().sign();
    let (mut events, mut stops, mut trail_stops) = (Vec::new(), Vec::new(), Vec::new());
    for (ts, price) in path {
        if position.open().0 == 0 {
            break;
        }
        let tick = Tick { ts: Ns(*ts), price: Ticks(*price) };
        position.on_tick(Source::Last, tick, &rules, &mut events);
        stops.push(position.stop().0 * sign);
        trail_stops.push(position.trail_stop().map(|stop| stop.0 * sign));
    }
    Run { plan: plan.clone(), events, stops, trail_stops, open: position.open().0 }
}

fn runs() -> impl Strategy<Value = (usize, i64, Vec<(i64, i64)>, crate::world::Shape, bool)> {
    (0..GRIDS.len(), 1i64..60, path(400)).prop_flat_map(|(grid, min_lots, path)| {
        let last = path.last().map_or(0, |(ts, _)| *ts);
        (Just(grid), Just(min_lots), Just(path), shape(last), any::<bool>())
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn the_invariants_of_one_position_hold((grid, min_lots, path, shape, touch) in runs()) {
        let instrument = instrument(grid, min_lots);
        let Some(plan) = shape.plan(&instrument, path[0].1) else { return Ok(()) };
        let limit_fill = if touch { LimitFill::Touch } else { LimitFill::Through };
        let run = run(&plan, &path, limit_fill);

        prop_assert!(run.stops.windows(2).all(|pair| pair[0] <= pair[1]), "a stop never loosens");
        let active: Vec<i64> = run.trail_stops.iter().flatten().copied().collect();
        prop_assert!(active.windows(2).all(|pair| pair[0] <= pair[1]), "nor does a trailing stop");

        let mut per_leg: HashMap<i16, u32> = HashMap::new();
        for event in run.events.iter().filter(|event| event.kind == EventKind::LegFilled) {
            *per_leg.entry(event.leg).or_default() += 1;
        }
        prop_assert!(per_leg.values().all(|count| *count == 1), "a leg fires at most once");
        prop_assert!(per_leg.keys().all(|leg| run.plan.legs().iter().any(|l| i16::from(l.index) == *leg)));

        let out: i64 = run.events.iter().filter(|e| e.kind.is_exit()).map(|e| e.qty.0).sum();
        prop_assert_eq!(out + run.open, run.plan.quantity().0, "lots out = lots in");

        let closed = run.events.iter().filter(|e| e.kind == EventKind::Closed).count();
        prop_assert_eq!(closed, usize::from(run.open == 0), "CLOSED is written once, when nothing is open");
        if closed == 1 {
            let last = run.events[run.events.len() - 1];
            let exit = run.events[run.events.len() - 2];
            prop_assert_eq!(last.kind, EventKind::Closed, "and nothing after it");
            prop_assert_eq!((last.qty.0, last.remaining.0, last.price), (0, 0, exit.price));
        }
        prop_assert!(run.events.iter().all(|e| e.kind == EventKind::LegFilled || e.leg == -1));
        prop_assert!(run.events.windows(2).all(|pair| pair[0].remaining >= pair[1].remaining));
    }

    #[test]
    fn a_tick_inside_the_band_changes_nothing_but_the_watermark((grid, min_lots, path, shape, touch) in runs()) {
        let instrument = instrument(grid, min_lots);
        let Some(plan) = shape.plan(&instrument, path[0].1) else { return Ok(()) };
        let limit_fill = if touch { LimitFill::Touch } else { LimitFill::Through };
        let rules = FillRules { limit_fill, slippage_ticks: 0 };
        let side = plan.side();
        let mut position = Position::new(7, plan, Ns(0));
        let mut events = Vec::new();
        for (ts, price) in path {
            if position.open().0 == 0 {
                break;
            }
            let band = position.band(limit_fill);
            let trail_stop = position.trail_stop().map(|stop| side.gain(stop));
            let gain = side.gain(Ticks(price));
            let inside = position.revision() > 0
                && band.lower < gain && gain < band.upper
                && trail_stop.is_none_or(|stop| gain > stop)
                && Ns(ts) < position.deadline();
            let before = (position.revision(), position.stop(), position.open());
            position.on_tick(Source::Last, Tick { ts: Ns(ts), price: Ticks(price) }, &rules, &mut events);
            if inside {
                prop_assert_eq!((position.revision(), position.stop(), position.open()), before);
            }
        }
    }

    #[test]
    fn a_plan_assigns_every_lot_and_never_adds_risk((grid, min_lots, path, shape, _) in runs()) {
        let instrument = instrument(grid, min_lots);
        let Some(plan) = shape.plan(&instrument, path[0].1) else { return Ok(()) };
        let sum: i64 = plan.legs().iter().map(|leg| leg.lots.0).sum::<i64>() + plan.remainder().0;
        prop_assert_eq!(sum, plan.quantity().0);
        let sign = plan.side().sign();
        let asked = (path[0].1 - sign * shape.stop_ticks) * 10 + 3;
        prop_assert!(plan.stop().0 * 10 * sign >= asked * sign, "the stop is rounded toward the market");
        prop_assert!((plan.stop().0 * 10 - asked).abs() < 10, "by less than one tick");
        let entry = path[0].1 * 10 + shape.entry_tenths;
        for leg in plan.legs() {
            let level = plan.level_price(leg).0 * 10;
            let r = (entry - plan.stop().0 * 10) * sign;
            let exact = i128::from(r) * i128::from(shape.legs[leg.index as usize].r_ppm);
            let profit = i128::from((level - entry) * sign) * 1_000_000;
            prop_assert!(profit > 0 && profit <= exact, "a level is rounded toward the entry, never onto it");
            prop_assert!(exact - profit < 10 * 1_000_000, "by less than one tick");
            let alone = plan.legs().len() == 1 && plan.remainder().0 == 0;
            prop_assert!(alone || leg.lots.0 >= min_lots, "no leg is too small to trade");
        }
        let be = plan.break_even().0 * 10;
        prop_assert!((be - entry) * sign >= 0, "break-even is on the profit side");
    }
}
