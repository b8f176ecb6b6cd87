//! However the ticks that matter are found, the events are those of looking at every tick.

use proptest::prelude::*;
use quantum_exit::engine::Engine;
use quantum_exit::event::Event;
use quantum_exit::instrument::Instrument;
use quantum_exit::plan::{ExitPlan, LimitFill};
use quantum_exit::position::FillRules;
use quantum_exit::replay::{Entry, EntryPlan, Strategy as Finding, SymbolOutcome, SymbolReplay};
use quantum_exit::tick::Source;
use quantum_exit::units::{Ns, Ticks};

use crate::world::{GRIDS, Shape, instrument, path, shape};

const LONGEST: usize = 700;

#[derive(Debug, Clone)]
struct Case {
    grid: usize,
    min_lots: i64,
    path: Vec<(i64, i64)>,
    shapes: Vec<Shape>,
    touch: bool,
    slippage_ticks: i64,
    max_jump_ppm: Option<i64>,
    bad: Vec<(usize, u8)>,
}

fn case() -> impl Strategy<Value = Case> {
    (0..GRIDS.len(), 1i64..30, path(LONGEST)).prop_flat_map(|(grid, min_lots, path)| {
        let last = path.last().map_or(0, |(ts, _)| *ts);
        let length = path.len();
        (
            prop::collection::vec(shape(last), 1..9),
            any::<bool>(),
            0i64..3,
            prop::option::weighted(0.3, 10_000i64..400_000),
            prop::collection::vec((0..length, 0u8..4), 0..4),
        )
            .prop_map(move |(shapes, touch, slippage_ticks, max_jump_ppm, bad)| Case {
                grid,
                min_lots,
                path: path.clone(),
                shapes,
                touch,
                slippage_ticks,
                max_jump_ppm,
                bad,
            })
    })
}

impl Case {
    fn rules(&self) -> FillRules {
        let limit_fill = if self.touch { LimitFill::Touch } else { LimitFill::Through };
        FillRules { limit_fill, slippage_ticks: self.slippage_ticks }
    }

    /// The path as floats, with a few prints that are no prices or come too late.
    fn ticks(&self, instrument: &Instrument) -> (Vec<i64>, Vec<f64>) {
        let mut ts: Vec<i64> = self.path.iter().map(|(ts, _)| *ts).collect();
        let mut price: Vec<f64> =
            self.path.iter().map(|(_, price)| instrument.price_f64(Ticks(*price))).collect();
        for (at, kind) in &self.bad {
            match kind {
                0 => price[*at] = f64::NAN,
                1 => price[*at] = -price[*at],
                2 => price[*at] = f64::INFINITY,
                _ => ts[*at] -= 5,
            }
        }
        (ts, price)
    }

    fn plans(&self, instrument: &Instrument) -> Vec<(u64, i64, ExitPlan)> {
        let planned = self.shapes.iter().enumerate().filter_map(|(id, shape)| {
            let near = self.path.iter().find(|(ts, _)| *ts >= shape.entry_ns)?.1;
            Some((id as u64, shape.entry_ns, shape.plan(instrument, near)?))
        });
        planned.collect()
    }

    fn replay(&self, finding: Finding, chunk: usize, recorded: bool) -> SymbolOutcome {
        let instrument = instrument(self.grid, self.min_lots);
        let entry = |(position_id, entry_ns, plan)| Entry {
            position_id,
            entry_ns: Ns(entry_ns),
            plan: EntryPlan::Fixed(Box::new(plan)),
        };
        let entries = self.plans(&instrument).into_iter().map(entry).collect();
        let mut replay = SymbolReplay::new(
            instrument.clone(),
            self.rules(),
            finding,
            self.max_jump_ppm,
            recorded,
            entries,
        );
        let (ts, price) = self.ticks(&instrument);
        for (ts, price) in ts.chunks(chunk).zip(price.chunks(chunk)) {
            replay.feed(ts, price).expect("a price path on the grid");
        }
        replay.finish()
    }

    fn live(&self) -> Vec<Event> {
        let instrument = instrument(self.grid, self.min_lots);
        let mut engine = Engine::new(self.rules(), self.max_jump_ppm).expect("rules");
        let symbol = engine.add_symbol(instrument.clone());
        for (id, entry_ns, plan) in self.plans(&instrument) {
            engine.open(symbol, plan, Ns(entry_ns), Some(id)).expect("a free id");
        }
        let mut events = Vec::new();
        let (ts, price) = self.ticks(&instrument);
        for (ts, price) in ts.into_iter().zip(price) {
            engine.on_price(symbol, Source::Last, price, Ns(ts), &mut events).expect("on the grid");
        }
        events
    }
}

fn events(outcome: SymbolOutcome) -> Vec<Event> {
    outcome.events.into_iter().map(|(_, event)| event).collect()
}

/// The live engine tells of a tick when it comes; the table is in the order of time.
fn in_time_order(mut events: Vec<Event>) -> Vec<Event> {
    events.sort_by_key(|event| event.ts);
    events
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(600))]

    #[test]
    fn every_way_of_finding_gives_the_events_of_looking_at_every_tick(case in case(), chunk in 1usize..300) {
        let oracle = case.replay(Finding::EveryTick, LONGEST + 1, false);
        let trades = format!("{:?}", oracle.trades);
        let oracle = events(oracle);
        for finding in [Finding::Auto, Finding::Blocks, Finding::Jump, Finding::EveryTick] {
            for chunk in [LONGEST + 1, chunk] {
                let found = case.replay(finding, chunk, false);
                prop_assert_eq!(&format!("{:?}", found.trades), &trades, "trades of {:?} in {}", finding, chunk);
                prop_assert_eq!(&events(found), &oracle, "{:?} in chunks of {}", finding, chunk);
            }
        }
        prop_assert_eq!(&events(case.replay(Finding::Auto, chunk, true)), &oracle, "with the stop path");
    }

    #[test]
    fn the_live_engine_gives_the_events_of_the_replay(case in case()) {
        let replayed = events(case.replay(Finding::EveryTick, LONGEST + 1, false));
        prop_assert_eq!(in_time_order(case.live()), in_time_order(replayed));
    }
}
