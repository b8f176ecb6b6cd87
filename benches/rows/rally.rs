//! S5: every tick is a new high, and every position trails it.

use quantum_exit::decimal::Decimal;
use quantum_exit::engine::Engine;
use quantum_exit::event::Event;
use quantum_exit::instrument::Instrument;
use quantum_exit::plan::{ExitPlan, PlanSpec, RatchetSpec};
use quantum_exit::position::Position;
use quantum_exit::tick::Source;
use quantum_exit::trail::TrailingSpec;
use quantum_exit::units::{Ns, Side, Ticks};

use crate::common::live::{engine, scan_all};
use crate::common::market::{TICK_NS, instrument};
use crate::common::row::{Budget, Row};
use crate::common::tally::Tally;
use crate::common::timing::once;

const START: i64 = 432_511;
/// So many callbacks, so many groups of watermarks.
const CALLBACKS_PPM: [i64; 3] = [150_000, 200_000, 250_000];

pub fn rows(smoke: bool) -> Vec<Row> {
    let (many, ticks) = if smoke { (2_000, 200) } else { (200_000, 50_000) };
    let few = 200;
    check(few, ticks.min(5_000));
    check(many.min(20_000), 200);
    let (mut slow, mut fast) = (f64::INFINITY, f64::INFINITY);
    let (mut of_many, mut of_few) = (Rally::new(many), Rally::new(few));
    for _ in 0..if smoke { 1 } else { 5 } {
        slow = slow.min(once(|| of_many.rise(ticks / 5)).0 / (ticks / 5) as f64);
        fast = fast.min(once(|| of_few.rise(ticks / 5)).0 / (ticks / 5) as f64);
    }
    let what = format!("rally, N = {many} against N = {few}");
    vec![
        Row::times("S5", &what, slow, fast, "ns/tick")
            .budget(Budget::AtMost(1.25))
            .note(format!("aim: 35 ns/tick; {} callbacks", CALLBACKS_PPM.len())),
    ]
}

/// The rally and the fall after it, against the oracle.
fn check(count: usize, ticks: usize) {
    let mut rally = Rally::new(count);
    let positions: Vec<Position> =
        (0..count as u64).map(|id| rally.engine.position(id).expect("an open position")).collect();
    let before = rally.now;
    rally.rise(ticks);
    rally.tick(rally.price * 17 / 20 + 1);
    rally.tick(rally.price / 2);
    let mut path: Vec<i64> = (1..=ticks as i64).map(|at| START + at).collect();
    let top = path[ticks - 1];
    path.extend([top * 17 / 20 + 1, (top * 17 / 20 + 1) / 2]);
    let mut tally = Tally::default();
    for event in &rally.events {
        tally.add(((event.ts.0 - before) / TICK_NS) as u64, event.position_id, event.kind);
    }
    tally.must_equal(scan_all(positions, &path, before), "S5 rally");
    assert!(tally.events > count as u64, "the fall closes every position");
}

struct Rally {
    engine: Engine,
    symbol: u32,
    price: i64,
    now: i64,
    events: Vec<Event>,
}

impl Rally {
    fn new(count: usize) -> Self {
        let instrument = instrument();
        let mut engine = engine();
        let symbol = engine.add_symbol(instrument.clone());
        for id in 0..count as u64 {
            let plan = trailing_only(&instrument, CALLBACKS_PPM[id as usize % CALLBACKS_PPM.len()]);
            engine.open(symbol, plan, Ns(0), Some(id)).expect("a free id");
        }
        let mut rally = Self { engine, symbol, price: START, now: 0, events: Vec::new() };
        rally.tick(START);
        rally.events.clear();
        rally
    }

    fn tick(&mut self, price: i64) {
        self.price = price;
        self.now += TICK_NS;
        let (price, now) = (Ticks(price), Ns(self.now));
        self.engine.on_tick(self.symbol, Source::Last, price, now, &mut self.events).expect("a symbol");
    }

    fn rise(&mut self, ticks: usize) {
        for _ in 0..ticks {
            self.tick(self.price + 1);
        }
    }
}

fn trailing_only(instrument: &Instrument, callback_ppm: i64) -> ExitPlan {
    let price = |ticks: i64| Decimal { mantissa: i128::from(ticks), scale: 1 };
    let spec = PlanSpec {
        side: Side::Long,
        entry_price: price(START),
        quantity: Decimal { mantissa: 1, scale: 0 },
        stop_price: price(START / 2),
        legs: Vec::new(),
        trailing: Some(TrailingSpec { callback_ppm, activation_r_ppm: 0, curve: Vec::new(), rearm: false }),
        ratchet: RatchetSpec::default(),
        max_hold: None,
        time_stop: None,
        stop_source: Source::Last,
        leg_source: Source::Last,
    };
    ExitPlan::new(instrument, &spec).expect("a plan")
}
