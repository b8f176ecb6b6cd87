//! Many positions live, both price sources, commands between ticks: the engine tells what each
//! position tells when it is asked at every tick.

use proptest::prelude::*;
use quantum_exit::command::Moment;
use quantum_exit::engine::Engine;
use quantum_exit::event::Event;
use quantum_exit::instrument::Instrument;
use quantum_exit::plan::ExitPlan;
use quantum_exit::position::{FillRules, Position};
use quantum_exit::tick::{Source, Tick};
use quantum_exit::units::{Lots, Ns, PPM, Ticks};

use crate::world::{Shape, instrument, shape};

#[derive(Debug, Clone)]
enum Step {
    Tick { mark: bool, dt: i64, dp: i64 },
    Open { shape: Shape, stop_on_mark: bool, legs_on_mark: bool },
    Tighten { which: usize, ticks_behind: i64 },
    Close { which: usize, fraction_ppm: i64 },
    FillLeg { which: usize, leg: u8 },
    Resize { which: usize, lots: i64 },
    Replace { which: usize, shape: Shape, sources: (bool, bool), allow_loosen: bool },
}

fn step() -> impl Strategy<Value = Step> {
    let price = prop_oneof![8 => -4i64..=4, 2 => -25i64..=25, 1 => -120i64..=120];
    prop_oneof![
        30 => (any::<bool>(), 0i64..3, price).prop_map(|(mark, dt, dp)| Step::Tick { mark, dt, dp }),
        5 => (shape(60), any::<bool>(), any::<bool>()).prop_map(|(shape, stop_on_mark, legs_on_mark)| {
            Step::Open { shape, stop_on_mark, legs_on_mark }
        }),
        1 => (0usize..8, -3i64..12).prop_map(|(which, ticks_behind)| Step::Tighten { which, ticks_behind }),
        1 => (0usize..8, 1..=PPM).prop_map(|(which, fraction_ppm)| Step::Close { which, fraction_ppm }),
        1 => (0usize..8, 0u8..5).prop_map(|(which, leg)| Step::FillLeg { which, leg }),
        1 => (0usize..8, 0i64..500).prop_map(|(which, lots)| Step::Resize { which, lots }),
        1 => (0usize..8, shape(60), any::<(bool, bool)>(), any::<bool>()).prop_map(
            |(which, shape, sources, allow_loosen)| Step::Replace { which, shape, sources, allow_loosen }
        ),
    ]
}

/// The engine and, beside it, every position on its own.
struct Pair {
    instrument: Instrument,
    engine: Engine,
    symbol: u32,
    alone: Vec<Position>,
    scheduled: Vec<(u64, ExitPlan, Ns)>,
    price: [i64; 2],
    ts: [i64; 2],
    next_id: u64,
}

const START: i64 = 2_000;

impl Pair {
    fn new() -> Self {
        let instrument = instrument(0, 3);
        let mut engine = Engine::new(FillRules::default(), None).expect("rules");
        let symbol = engine.add_symbol(instrument.clone());
        let (alone, scheduled) = (Vec::new(), Vec::new());
        Self { instrument, engine, symbol, alone, scheduled, price: [START; 2], ts: [0; 2], next_id: 0 }
    }

    fn plan(&self, shape: &Shape, sources: (bool, bool), lots: Option<Lots>) -> Option<ExitPlan> {
        let of = |mark| if mark { Source::Mark } else { Source::Last };
        let lots = lots.map_or(shape.lots, |lots| lots.0);
        let shape = Shape { lots, ..shape.clone() };
        shape.plan_on(&self.instrument, self.price[0], of(sources.0), of(sources.1))
    }

    /// Events of the engine and of the positions alone.
    fn take(&mut self, step: &Step) -> (Vec<Event>, Vec<Event>) {
        let (mut told, mut expected) = (Vec::new(), Vec::new());
        match step {
            Step::Tick { mark, dt, dp } => self.tick(*mark, *dt, *dp, &mut told, &mut expected),
            Step::Open { shape, stop_on_mark, legs_on_mark } => {
                if let Some(plan) = self.plan(shape, (*stop_on_mark, *legs_on_mark), None) {
                    let entry = Ns(self.ts[0].max(self.ts[1]));
                    let id = self.next_id;
                    self.next_id += 1;
                    self.engine.open(self.symbol, plan.clone(), entry, Some(id)).expect("a free id");
                    self.scheduled.push((id, plan, entry));
                }
            }
            command => self.command(command, &mut told, &mut expected),
        }
        (told, expected)
    }

    fn tick(&mut self, mark: bool, dt: i64, dp: i64, told: &mut Vec<Event>, expected: &mut Vec<Event>) {
        let (source, at) = if mark { (Source::Mark, 1) } else { (Source::Last, 0) };
        self.ts[at] = self.ts[0].max(self.ts[1]) + dt;
        self.price[at] = (self.price[at] + dp).max(1);
        let tick = Tick { ts: Ns(self.ts[at]), price: Ticks(self.price[at]) };
        let hears = |plan: &ExitPlan| plan.sources().0 == source || plan.sources().1 == source;
        let (due, later): (Vec<_>, Vec<_>) = std::mem::take(&mut self.scheduled)
            .into_iter()
            .partition(|(_, plan, entry)| *entry <= tick.ts && hears(plan));
        self.scheduled = later;
        self.alone.extend(due.into_iter().map(|(id, plan, entry)| Position::new(id, plan, entry)));
        self.alone.sort_by_key(Position::id);
        for position in &mut self.alone {
            position.on_tick(source, tick, &FillRules::default(), expected);
        }
        self.alone.retain(|position| position.open().0 > 0);
        self.engine.on_tick(self.symbol, source, tick.price, tick.ts, told).expect("a symbol");
    }

    fn command(&mut self, step: &Step, told: &mut Vec<Event>, expected: &mut Vec<Event>) {
        let (Step::Tighten { which, .. }
        | Step::Close { which, .. }
        | Step::FillLeg { which, .. }
        | Step::Resize { which, .. }
        | Step::Replace { which, .. }) = step
        else {
            return;
        };
        if self.alone.is_empty() {
            return;
        }
        let which = which % self.alone.len();
        let (id, open) = (self.alone[which].id(), self.alone[which].open());
        let ts = Ns(self.ts[0].max(self.ts[1]));
        let source = self.alone[which].plan().sources().0;
        let heard = self.engine_has_heard(source);
        let market = if heard { self.price[source as usize] } else { return };
        let now = Moment { ts, market: Ticks(market) };
        let replacement = match step {
            Step::Replace { shape, sources, .. } => self.plan(shape, *sources, Some(open)),
            _ => None,
        };
        let (position, instrument) = (&mut self.alone[which], &self.instrument);
        let (ours, theirs) = match step {
            Step::Tighten { ticks_behind, .. } => {
                let sign = position.plan().side().sign();
                let price = Ticks((market - sign * ticks_behind).max(1));
                let theirs = position.tighten_stop(price, now, instrument, expected).is_ok();
                (self.engine.tighten_stop(id, price, ts, told).is_ok(), theirs)
            }
            Step::Close { fraction_ppm, .. } => {
                let theirs = position.close(*fraction_ppm, now, instrument, expected).is_ok();
                (self.engine.close(id, *fraction_ppm, ts, told).is_ok(), theirs)
            }
            Step::FillLeg { leg, .. } => {
                let theirs = position.fill_leg(*leg, now, expected).is_ok();
                (self.engine.fill_leg(id, *leg, ts, told).is_ok(), theirs)
            }
            Step::Resize { lots, .. } => {
                let theirs = position.resize(Lots(*lots), now, instrument, expected).is_ok();
                (self.engine.resize(id, Lots(*lots), ts, told).is_ok(), theirs)
            }
            Step::Replace { allow_loosen, .. } => {
                let Some(plan) = replacement else { return };
                let theirs =
                    position.replace_plan(plan.clone(), *allow_loosen, now, instrument, expected).is_ok();
                (self.engine.replace_plan(id, plan, *allow_loosen, ts, told).is_ok(), theirs)
            }
            Step::Tick { .. } | Step::Open { .. } => return,
        };
        assert_eq!(ours, theirs, "both accept or both refuse");
        self.alone.retain(|position| position.open().0 > 0);
    }

    /// Before the first tick of a source the engine takes the entry for the market.
    fn engine_has_heard(&self, source: Source) -> bool {
        self.price[source as usize] != START || self.ts[source as usize] > 0
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1_500))]

    #[test]
    fn the_engine_tells_what_each_position_tells_alone(steps in prop::collection::vec(step(), 1..160)) {
        let mut pair = Pair::new();
        for (at, step) in steps.iter().enumerate() {
            let (told, expected) = pair.take(step);
            prop_assert_eq!(told, expected, "step {}: {:?}", at, step);
            for position in &pair.alone {
                let live = pair.engine.position(position.id()).expect("an open position");
                prop_assert_eq!(live.watermark(), position.watermark(), "step {}", at);
                prop_assert_eq!(live.trail_stop(), position.trail_stop(), "step {}", at);
                prop_assert_eq!((live.stop(), live.open()), (position.stop(), position.open()));
            }
        }
    }
}
