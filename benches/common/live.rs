//! The live engine in a steady state: positions of job J that were opened one after the other.

use quantum_exit::engine::Engine;
use quantum_exit::event::{Event, EventKind, Reason};
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
/// while: R from 0.5 to 5 %, and at `price` between a loss of 0.9 R and a profit of `most_r`.
pub fn open(
    engine: &mut Engine,
    instrument: &Instrument,
    symbol: u32,
    id: u64,
    price: i64,
    now: i64,
    most_r: f64,
) {
    let word = mix(id + 1);
    let side = if id.is_multiple_of(2) { Side::Long } else { Side::Short };
    let r_ppm = 5_000 + 500 * i64::from((word & 0xffff) as u16 % 91);
    let share = f64::from((word >> 32) as u32) / f64::from(u32::MAX);
    let profit = (price * r_ppm / PPM) as f64 * ((most_r + 0.9) * share - 0.9);
    #[allow(clippy::cast_possible_truncation, reason = "far below 2^53")]
    let entry = price - side.sign() * profit as i64;
    let plan = Job { r_ppm, ..J }.plan(instrument, side, Ticks(entry));
    engine.open(symbol, plan, Ns(now), Some(id)).expect("a free id");
}

impl World {
    /// `count` positions spread over their lives: of one and a half times as many, of which a part
    /// trails, those that a warm-up has left, filled up with some that do not trail yet.
    pub fn spread(seed: u64, count: usize, warm_up: usize, ticks: usize) -> Self {
        let instrument = instrument();
        let mut engine = engine();
        let symbol = engine.add_symbol(instrument.clone());
        let prices: Vec<i64> = walk(seed, warm_up + ticks).collect();
        let first = count as u64 * 3 / 2;
        for id in 0..first {
            open(&mut engine, &instrument, symbol, id, prices[0], 0, 3.5);
        }
        // Written once, so that no tick meets a page that the system has yet to give.
        let mut events = vec![Event::refused(Ns(0), 0.0, Reason::None); 10 * count + 1024];
        events.clear();
        let last_price = prices[warm_up - 1];
        let mut world = Self { engine, instrument, symbol, now: 0, last_price, ticks: prices, events };
        let later = world.ticks.split_off(warm_up);
        world.feed();
        let mut alive: Vec<u64> = (0..first).filter(|id| world.engine.position(*id).is_ok()).collect();
        for id in alive.split_off(alive.len().min(count)) {
            world.engine.close(id, PPM, Ns(world.now), &mut world.events).expect("an open position");
        }
        for id in first..first + (count - alive.len()) as u64 {
            open(&mut world.engine, &world.instrument, symbol, id, last_price, world.now, 1.4);
        }
        world.feed_quiet(1);
        assert_eq!(world.engine.open_positions(symbol), Ok(count));
        world.ticks = later;
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
    pub fn positions(&self) -> Vec<Position> {
        let most = 4 * self.engine.open_positions(self.symbol).expect("a symbol") as u64;
        (0..most).filter_map(|id| self.engine.position(id).ok()).collect()
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
