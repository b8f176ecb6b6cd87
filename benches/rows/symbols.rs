//! S6: many symbols with a few positions each; the ticks come in any order.

use quantum_exit::engine::Engine;
use quantum_exit::event::Event;
use quantum_exit::position::{FillRules, Position};
use quantum_exit::tick::{Source, Tick};
use quantum_exit::units::{Ns, Ticks};

use crate::common::live::{engine, open};
use crate::common::market::{TICK_NS, instrument, walk};
use crate::common::row::{Budget, Row};
use crate::common::tally::{Tally, mix};
use crate::common::timing::once;

const POSITIONS: u64 = 10;

/// The next price of a symbol; ticks of one symbol are in order, whatever the order of the symbols.
/// Small, so that reading the prints costs little of what is measured.
#[derive(Debug, Clone, Copy)]
struct Print {
    symbol: u32,
    price: i32,
    /// Tick of its symbol.
    at: u32,
}

impl Print {
    fn tick(self) -> Tick {
        Tick { ts: Ns(i64::from(self.at) * TICK_NS), price: Ticks(i64::from(self.price)) }
    }
}

pub fn rows(smoke: bool) -> Vec<Row> {
    let (symbols, each) = if smoke { (20, 100) } else { (1_000, 1_000) };
    let rounds = if smoke { 1 } else { 9 };
    let by_symbol = prints(symbols, each);
    let at_random = shuffled(&by_symbol, symbols);
    let mut naive = f64::INFINITY;
    let mut oracle = Tally::default();
    let (mut random, mut one) = (f64::INFINITY, f64::INFINITY);
    for _ in 0..rounds {
        let (mut market, mut events) = (World::new(symbols), Vec::with_capacity(1 << 20));
        random = random.min(once(|| market.feed(&at_random, &mut events)).0);
        let tally = tally(&events);
        let (mut market, mut events) = (World::new(symbols), Vec::with_capacity(1 << 20));
        one = one.min(once(|| market.feed(&by_symbol, &mut events)).0);
        let (mut market, mut events) = (World::new(symbols), Vec::with_capacity(1 << 20));
        naive = naive.min(once(|| market.scan(&at_random, &mut events)).0);
        oracle = self::tally(&events);
        tally.must_equal(oracle, "S6 live engine");
    }
    let ns = |total: f64| total / at_random.len() as f64;
    let what = |text: &str| format!("{symbols} symbols x {POSITIONS} positions, ticks at random, {text}");
    vec![
        Row::times("S6", &what("against one symbol after the other"), ns(random), ns(one), "ns/tick")
            .budget(Budget::AtMost(1.25))
            .note(format!("{} events", oracle.events)),
        Row::faster("S6", &what("against a scan of its positions"), ns(random), ns(naive), "ns/tick")
            .budget(Budget::AtLeast(20.0)),
    ]
}

fn tally(events: &[Event]) -> Tally {
    let mut tally = Tally::default();
    for event in events {
        tally.add((event.ts.0 / TICK_NS) as u64, event.position_id, event.kind);
    }
    tally
}

/// Ticks of each symbol before those that are measured.
const WARM_UP: usize = 2_000;

fn path(symbol: u32, each: usize) -> impl Iterator<Item = i64> {
    walk(1_000 + u64::from(symbol), WARM_UP + each)
}

fn prints(symbols: u32, each: usize) -> Vec<Print> {
    let of_symbol = |symbol| {
        let later = path(symbol, each).enumerate().skip(WARM_UP);
        later.map(move |(at, price)| Print {
            symbol,
            price: i32::try_from(price).expect("a price of BTCUSDT"),
            at: u32::try_from(at).expect("a tick"),
        })
    };
    (0..symbols).flat_map(of_symbol).collect()
}

/// The same ticks, the symbols at random.
fn shuffled(by_symbol: &[Print], symbols: u32) -> Vec<Print> {
    let mut order: Vec<u32> = by_symbol.iter().map(|print| print.symbol).collect();
    for at in (1..order.len()).rev() {
        let other = mix(at as u64) % (at as u64 + 1);
        order.swap(at, usize::try_from(other).expect("an index"));
    }
    let each = by_symbol.len() / symbols as usize;
    let mut next: Vec<usize> = (0..symbols as usize).map(|symbol| symbol * each).collect();
    let mut take = |symbol: u32| {
        let at = next[symbol as usize];
        next[symbol as usize] += 1;
        by_symbol[at]
    };
    order.into_iter().map(&mut take).collect()
}

struct World {
    engine: Engine,
    /// By symbol, for the scan.
    positions: Vec<Vec<Position>>,
}

impl World {
    /// Ten positions a symbol, spread over their lives.
    fn new(symbols: u32) -> Self {
        let instrument = instrument();
        let mut engine = engine();
        let mut events = Vec::new();
        let mut positions = Vec::new();
        for symbol in 0..symbols {
            engine.add_symbol(instrument.clone());
            let ids = u64::from(symbol) * POSITIONS..u64::from(symbol + 1) * POSITIONS;
            for (at, price) in path(symbol, 0).enumerate() {
                if at == 0 {
                    for id in ids.clone() {
                        open(&mut engine, &instrument, symbol, id, price, 0, 3.5);
                    }
                }
                let now = Ns(at as i64 * TICK_NS);
                events.clear();
                engine.on_tick(symbol, Source::Last, Ticks(price), now, &mut events).expect("a symbol");
            }
            positions.push(ids.filter_map(|id| engine.position(id).ok()).collect());
        }
        Self { engine, positions }
    }

    fn feed(&mut self, prints: &[Print], events: &mut Vec<Event>) {
        for print in prints {
            let Tick { ts, price } = print.tick();
            self.engine.on_tick(print.symbol, Source::Last, price, ts, events).expect("a symbol");
        }
    }

    fn scan(&mut self, prints: &[Print], events: &mut Vec<Event>) {
        let rules = FillRules::default();
        for print in prints {
            for position in &mut self.positions[print.symbol as usize] {
                if position.open().0 > 0 {
                    position.on_tick(Source::Last, print.tick(), &rules, events);
                }
            }
        }
    }
}
