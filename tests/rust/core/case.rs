//! The form of the tables: a plan, then a script of ticks with the events that each of them causes.
//!
//! One line of a script is `ts price KIND leg price qty remaining stop REASON`; a further event of the
//! same tick leaves out the first two words, a tick without events everything after them. `m101.5` is a
//! tick of the MARK price, `@3 KIND ...` an event of an earlier tick (one that was held), `-` no leg or
//! no reason, and `#` begins a comment. Every expected number was computed by hand from the semantics.

use quantum_exit::decimal::Decimal;
use quantum_exit::engine::{Engine, EngineError};
use quantum_exit::error::Invalid;
use quantum_exit::event::{Event, EventKind, Reason};
use quantum_exit::instrument::Instrument;
use quantum_exit::plan::{ExitPlan, LegKind, LegSpec, LimitFill, PlanSpec, RatchetSpec, TimeStopSpec};
use quantum_exit::position::FillRules;
use quantum_exit::replay::{Entry, EntryPlan, Strategy, SymbolOutcome, SymbolReplay};
use quantum_exit::tick::Source;
use quantum_exit::trail::{CurvePoint, TrailingSpec};
use quantum_exit::units::{Ns, Side};

use crate::world::decimal;

/// An event as the table shows it, with its time in front for sorting.
pub type Row = (i64, String);

/// A decimal as millionths.
pub fn ppm(text: &str) -> i64 {
    let Decimal { mantissa, scale } = decimal(text);
    let scaled = mantissa * 10i128.pow(6 - scale);
    i64::try_from(scaled).expect("a small number")
}

/// An instrument without minimums beyond one lot.
pub fn grid(tick_size: &str, lot_step: &str) -> Instrument {
    minimums(tick_size, lot_step, lot_step, "0")
}

pub fn minimums(tick_size: &str, lot_step: &str, min_qty: &str, min_notional: &str) -> Instrument {
    let (tick_size, lot_step) = (decimal(tick_size), decimal(lot_step));
    Instrument::new("TESTUSDT", tick_size, lot_step, decimal(min_qty), decimal(min_notional), None)
        .expect("an instrument")
}

/// A LONG of 1 on a grid of 0.1 and 0.001, without legs or trailing.
pub fn long(entry: &str, stop: &str) -> Case {
    Case::new(Side::Long, entry, stop)
}

/// A SHORT of 1 on a grid of 0.1 and 0.001, without legs or trailing.
pub fn short(entry: &str, stop: &str) -> Case {
    Case::new(Side::Short, entry, stop)
}

/// One plan and the conditions under which it is run.
#[derive(Debug, Clone)]
pub struct Case {
    pub instrument: Instrument,
    pub spec: PlanSpec,
    pub rules: FillRules,
    max_jump_ppm: Option<i64>,
    entry_ns: i64,
}

impl Case {
    fn new(side: Side, entry: &str, stop: &str) -> Self {
        let spec = PlanSpec {
            side,
            entry_price: decimal(entry),
            quantity: decimal("1"),
            stop_price: decimal(stop),
            legs: Vec::new(),
            trailing: None,
            ratchet: RatchetSpec::default(),
            max_hold: None,
            time_stop: None,
            stop_source: Source::Last,
            leg_source: Source::Last,
        };
        let rules = FillRules::default();
        Self { instrument: grid("0.1", "0.001"), spec, rules, max_jump_ppm: None, entry_ns: 0 }
    }

    pub fn on(mut self, instrument: Instrument) -> Self {
        self.instrument = instrument;
        self
    }

    pub fn qty(mut self, qty: &str) -> Self {
        self.spec.quantity = decimal(qty);
        self
    }

    /// A resting limit at `r` for `fraction` of the quantity.
    pub fn soft(self, r: &str, fraction: &str) -> Self {
        self.leg(r, fraction, LegKind::Soft)
    }

    /// A market order at `r` for `fraction` of the quantity.
    pub fn hard(self, r: &str, fraction: &str) -> Self {
        self.leg(r, fraction, LegKind::Hard)
    }

    fn leg(mut self, r: &str, fraction: &str, kind: LegKind) -> Self {
        self.spec.legs.push(LegSpec { r_ppm: ppm(r), fraction_ppm: ppm(fraction), kind });
        self
    }

    /// Trailing with a curve of `(r, callback)`.
    pub fn trail(mut self, callback: &str, activation_r: &str, curve: &[(&str, &str)]) -> Self {
        let point = |(r, callback): &(&str, &str)| CurvePoint { r_ppm: ppm(r), callback_ppm: ppm(callback) };
        self.spec.trailing = Some(TrailingSpec {
            callback_ppm: ppm(callback),
            activation_r_ppm: ppm(activation_r),
            curve: curve.iter().map(point).collect(),
            rearm: false,
        });
        self
    }

    pub fn rearm(mut self) -> Self {
        self.spec.trailing.as_mut().expect("trailing first").rearm = true;
        self
    }

    pub fn break_even(mut self, after: Option<u8>, offset_frac: &str) -> Self {
        self.spec.ratchet.break_even_after = after;
        self.spec.ratchet.break_even_offset_ppm = ppm(offset_frac);
        self
    }

    /// Break-even from `r` on, whether or not a leg has been filled.
    pub fn break_even_at(mut self, r: &str) -> Self {
        self.spec.ratchet.break_even_at_r_ppm = Some(ppm(r));
        self
    }

    pub fn follow_legs(mut self, on: bool) -> Self {
        self.spec.ratchet.follow_legs = on;
        self
    }

    pub fn max_hold(mut self, ns: i64) -> Self {
        self.spec.max_hold = Some(Ns(ns));
        self
    }

    /// Closes from `after` on while the profit is under `r`.
    pub fn time_stop(mut self, after: i64, r: &str) -> Self {
        self.spec.time_stop = Some(TimeStopSpec { after: Ns(after), under_r_ppm: ppm(r) });
        self
    }

    pub fn sources(mut self, stop: Source, legs: Source) -> Self {
        (self.spec.stop_source, self.spec.leg_source) = (stop, legs);
        self
    }

    pub fn entered_at(mut self, entry_ns: i64) -> Self {
        self.entry_ns = entry_ns;
        self
    }

    pub fn touch(mut self) -> Self {
        self.rules.limit_fill = LimitFill::Touch;
        self
    }

    pub fn slippage(mut self, ticks: i64) -> Self {
        self.rules.slippage_ticks = ticks;
        self
    }

    pub fn max_jump(mut self, frac: &str) -> Self {
        self.max_jump_ppm = Some(ppm(frac));
        self
    }

    pub fn plan(&self) -> Result<ExitPlan, Invalid> {
        ExitPlan::new(&self.instrument, &self.spec)
    }

    /// The plan of a case that has one.
    pub fn planned(&self) -> ExitPlan {
        self.plan().expect("a plan")
    }

    /// The message with which the plan is refused.
    pub fn refusal(&self) -> String {
        self.plan().expect_err("a refusal").to_string()
    }

    /// The live engine with this position, before its first tick.
    pub fn live(&self) -> Live {
        let mut engine = Engine::new(self.rules, self.max_jump_ppm).expect("rules");
        let symbol = engine.add_symbol(self.instrument.clone());
        let id = engine.open(symbol, self.planned(), Ns(self.entry_ns), None).expect("a free id");
        Live { engine, symbol, id, instrument: self.instrument.clone() }
    }

    /// Runs `script` live, tick by tick, and as a replay in every way of finding the ticks that matter.
    pub fn check(&self, script: &str) {
        let steps = steps(script);
        let mut live = self.live();
        for step in &steps {
            let told = live.price(step.source, step.ts, step.price);
            assert_eq!(told, step.rows, "live, tick {} {}", step.ts, step.price);
        }
        let refused = rejections(&steps);
        assert_eq!(live.engine.refused(live.symbol), Ok(refused), "live, refused ticks");
        let one_source = self.spec.stop_source == Source::Last && self.spec.leg_source == Source::Last;
        if one_source && steps.iter().all(|step| step.source == Source::Last) {
            let mut expected: Vec<Row> = steps.iter().flat_map(|step| step.rows.clone()).collect();
            expected.sort_by_key(|(ts, _)| *ts);
            for finding in [Strategy::EveryTick, Strategy::Blocks, Strategy::Jump] {
                let outcome = self.replayed(finding, &steps);
                assert_eq!(outcome.refused, refused, "replay, refused ticks, {finding:?}");
                let events: Vec<Event> = outcome.events.into_iter().map(|(_, event)| event).collect();
                assert_eq!(rows(&events, &self.instrument), expected, "replay, {finding:?}");
            }
        }
    }

    fn replayed(&self, finding: Strategy, steps: &[Step]) -> SymbolOutcome {
        let plan = EntryPlan::Fixed(Box::new(self.planned()));
        let entry = Entry { position_id: 0, entry_ns: Ns(self.entry_ns), plan };
        let (instrument, rules) = (self.instrument.clone(), self.rules);
        let mut replay = SymbolReplay::new(instrument, rules, finding, self.max_jump_ppm, false, vec![entry]);
        let (ts, price): (Vec<i64>, Vec<f64>) = steps.iter().map(|step| (step.ts, step.price)).unzip();
        replay.feed(&ts, &price).expect("prices on the grid");
        replay.finish()
    }
}

/// A live engine with one symbol.
pub struct Live {
    pub engine: Engine,
    pub symbol: u32,
    pub id: u64,
    pub instrument: Instrument,
}

impl Live {
    /// One tick of `source`; its events.
    pub fn price(&mut self, source: Source, ts: i64, price: f64) -> Vec<Row> {
        let mut events = Vec::new();
        self.engine.on_price(self.symbol, source, price, Ns(ts), &mut events).expect("on the grid");
        rows(&events, &self.instrument)
    }

    /// Runs the ticks of a script and compares their events.
    pub fn check(&mut self, script: &str) {
        for step in steps(script) {
            let told = self.price(step.source, step.ts, step.price);
            assert_eq!(told, step.rows, "tick {} {}", step.ts, step.price);
        }
    }

    /// One command; its events as lines with the time in front, or the message of its refusal.
    pub fn command(
        &mut self,
        command: impl FnOnce(&mut Engine, u64, &mut Vec<Event>) -> Result<(), EngineError>,
    ) -> Result<Vec<String>, String> {
        let mut events = Vec::new();
        let done = command(&mut self.engine, self.id, &mut events);
        match done {
            Ok(()) => Ok(rows(&events, &self.instrument).into_iter().map(|(_, row)| row).collect()),
            Err(error) => {
                assert!(events.is_empty(), "a refused command tells of no event");
                Err(error.to_string())
            }
        }
    }
}

struct Step {
    ts: i64,
    source: Source,
    price: f64,
    rows: Vec<Row>,
}

fn steps(script: &str) -> Vec<Step> {
    let mut steps: Vec<Step> = Vec::new();
    for line in script.lines() {
        let mut words = line.split('#').next().unwrap_or_default().split_whitespace().peekable();
        let Some(first) = words.peek() else { continue };
        if let Ok(ts) = first.parse() {
            words.next();
            let price = words.next().expect("a price after the time");
            let (source, price) = match price.strip_prefix('m') {
                Some(price) => (Source::Mark, price),
                None => (Source::Last, price),
            };
            steps.push(Step { ts, source, price: price.parse().expect(line), rows: Vec::new() });
        }
        let step = steps.last_mut().expect("a tick first");
        let ts = match words.peek().and_then(|word| word.strip_prefix('@')) {
            Some(ts) => {
                words.next();
                ts.parse().expect(line)
            }
            None => step.ts,
        };
        let event: Vec<&str> = words.collect();
        if !event.is_empty() {
            assert_eq!(event.len(), 7, "seven columns: {line}");
            step.rows.push((ts, format!("{ts} {}", event.join(" "))));
        }
    }
    steps
}

fn rejections(steps: &[Step]) -> u64 {
    let rows = steps.iter().flat_map(|step| &step.rows);
    rows.filter(|(_, row)| row.contains(" REJECTED_TICK ")).count() as u64
}

pub fn rows(events: &[Event], instrument: &Instrument) -> Vec<Row> {
    events.iter().map(|event| (event.ts.0, line(event, instrument))).collect()
}

/// The columns as the event table has them: an `f64` prints as the decimal that it is nearest to.
fn line(event: &Event, instrument: &Instrument) -> String {
    let row = event.to_row(instrument);
    let (ts, leg, price, qty, remaining, stop) =
        (row.ts_ns, row.leg, row.price, row.qty, row.remaining, row.stop);
    let kind = EventKind::ALL[usize::from(row.kind)].name();
    let leg = if leg < 0 { "-".to_owned() } else { leg.to_string() };
    let reason = Some(Reason::ALL[usize::from(row.reason)].name()).filter(|name| !name.is_empty());
    format!("{ts} {kind} {leg} {price} {qty} {remaining} {stop} {}", reason.unwrap_or("-"))
}
