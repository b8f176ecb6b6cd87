//! The live engine in a steady state: positions of job J that were opened one after the other.

use quantum_exit::engine::Engine;
use quantum_exit::event::{Event, EventKind};
use quantum_exit::instrument::Instrument;
use quantum_exit::position::{FillRules, Position};
use quantum_exit::tick::{Source, Tick};
use quantum_exit::units::{Ns, PPM, Side, Ticks};

use super::job::{J, Job};
use super::market::{TICK_NS, instrument, walk};
use super::tally::{Tally, mix};

/// An engine whose positions are spread over the levels, and the ticks that come next.
pub struct World {
    pub engine: Engine,
    pub instrument: Instrument,
    pub symbol: u32,
    pub now: i64,
    pub last_price: i64,
    pub ticks: Vec<i64>,
    pub events: Vec<Event>,
}

pub fn engine() -> Engine {
    Engine::new(FillRules::default(), None).expect("rules")
}

/// Opens a position of a variant of J, by turns LONG and SHORT, that has been in the market for a
/// while: R from 0.5 to 5 %, and between a loss of 0.9 R and a profit of 3.5 R at `price`.
pub fn open(engine: &mut Engine, instrument: &Instrument, symbol: u32, id: u64, price: i64, now: i64) {
    let word = mix(id + 1);
    let side = if id % 2 == 0 { Side::Long } else { Side::Short };
    let r_ppm = 5_000 + 500 * (word % 91) as i64;
    let profit_permille_r = (word >> 32) as i64 % 4_400 - 900;
    let entry = price - side.sign() * (price * r_ppm / PPM) * profit_permille_r / 1_000;
    let plan = Job { r_ppm, ..J }.plan(instrument, side, Ticks(entry));
    engine.open(symbol, plan, Ns(now), Some(id)).expect("a free id");
}

impl World {
    /// `count` positions spread over their lives, after a warm-up in which the watermarks parted.
    pub fn spread(seed: u64, count: usize, warm_up: usize, ticks: usize) -> Self {
        let instrument = instrument();
        let mut engine = engine();
        let symbol = engine.add_symbol(instrument.clone());
        let prices: Vec<i64> = walk(seed, warm_up + ticks).collect();
        for id in 0..count as u64 {
            open(&mut engine, &instrument, symbol, id, prices[0], 0);
        }
        let events = Vec::with_capacity(8 * count + 1024);
        let last_price = prices[warm_up - 1];
        let mut world = Self { engine, instrument, symbol, now: 0, last_price, ticks: prices, events };
        let ticks = world.ticks.split_off(warm_up);
        world.feed();
        world.ticks = ticks;
        world.events.clear();
        world
    }

    /// Feeds the ticks that come next. Events are only appended, as a caller would take them.
    pub fn feed(&mut self) {
        for price in &self.ticks {
            self.now += TICK_NS;
            let (price, now) = (Ticks(*price), Ns(self.now));
            self.engine.on_tick(self.symbol, Source::Last, price, now, &mut self.events).expect("a symbol");
        }
    }

    /// Ticks that concern nobody: the last price again and again.
    pub fn feed_quiet(&mut self, ticks: usize) {
        for _ in 0..ticks {
            self.now += TICK_NS;
            let (price, now) = (Ticks(self.last_price), Ns(self.now));
            self.engine.on_tick(self.symbol, Source::Last, price, now, &mut self.events).expect("a symbol");
        }
    }

    /// The open positions, in the order of their ids.
    pub fn positions(&self, opened: usize) -> Vec<Position> {
        (0..opened as u64).filter_map(|id| self.engine.position(id).ok()).collect()
    }

    /// Checksum of the events of `feed`, which began after `before`.
    pub fn tally(&self, before: i64) -> Tally {
        let mut tally = Tally::default();
        for event in &self.events {
            tally.add(((event.ts.0 - before) / TICK_NS) as u64, event.position_id, event.kind);
        }
        tally
    }
}

/// The oracle: every position sees every tick. Ticks are numbered from 1.
pub fn scan_all(mut positions: Vec<Position>, ticks: &[i64], before: i64) -> Tally {
    let rules = FillRules::default();
    let mut tally = Tally::default();
    let mut events = Vec::with_capacity(1024);
    for (at, price) in ticks.iter().enumerate() {
        let ts = Ns(before + (at as i64 + 1) * TICK_NS);
        events.clear();
        for position in &mut positions {
            if position.open().0 > 0 {
                position.on_tick(Source::Last, Tick { ts, price: Ticks(*price) }, &rules, &mut events);
            }
        }
        tally.add_all(at as u64 + 1, &events);
    }
    tally
}

/// Number of (tick, position) pairs among `events` in which something happened.
pub fn level_events(events: &[Event]) -> usize {
    let mut last = None;
    let mut count = 0;
    for event in events.iter().filter(|event| event.kind != EventKind::Open) {
        let here = Some((event.ts, event.position_id));
        count += usize::from(here != last);
        last = here;
    }
    count
}
