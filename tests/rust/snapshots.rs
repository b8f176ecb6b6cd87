//! What other threads see of positions while the engine works, against the plain reducer.
#![cfg(not(loom))]

use std::sync::Barrier;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

use quantum_exit::decimal::Decimal;
use quantum_exit::engine::{Engine, EngineError};
use quantum_exit::instrument::Instrument;
use quantum_exit::plan::{ExitPlan, LegKind, LegSpec, PlanSpec, RatchetSpec, TimeStopSpec};
use quantum_exit::position::{FillRules, Position};
use quantum_exit::snapshot::{PositionHandle, PositionSnapshot, SnapshotReader};
use quantum_exit::tick::{Source, Tick};
use quantum_exit::trail::{CurvePoint, TrailingSpec};
use quantum_exit::units::{Gain, Lots, Ns, PPM, Side, Ticks};

const READERS: usize = 2;
const POSITIONS: usize = 120;
const TICKS: usize = 20_000;
const ROUNDS: u64 = 12;
/// The tick thread gives way this often, so that readers meet it on a machine with few cores.
const YIELD_EVERY: i64 = 1_000;

fn decimal(text: &str) -> Decimal {
    Decimal::parse("test", text).expect("a decimal")
}

fn instrument() -> Instrument {
    let lot = decimal("0.001");
    Instrument::new("TESTUSDT", decimal("1"), lot, lot, decimal("0"), None).expect("an instrument")
}

/// Random numbers that are the same on every machine (Knuth's MMIX).
struct Random(u64);

impl Random {
    fn below(&mut self, most: i64) -> i64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        i64::try_from(self.0 >> 33).expect("31 bits") % most
    }
}

/// A rally with setbacks, then a crash of a third with rebounds.
fn path(random: &mut Random) -> Vec<Tick> {
    let mut price = 100_000;
    let ticks = i64::try_from(TICKS).expect("small");
    let step = |at: i64, random: &mut Random| match at * 10 / ticks {
        0..=6 => random.below(61) - 27,
        _ => random.below(61) - 39,
    };
    (0..ticks)
        .map(|at| {
            price += step(at, random);
            Tick { ts: Ns(at), price: Ticks(price) }
        })
        .collect()
}

fn plan(instrument: &Instrument, side: Side, entry: Ticks, random: &mut Random) -> ExitPlan {
    let whole = |ticks: i64| Decimal { mantissa: i128::from(ticks), scale: 0 };
    let leg = |r_ppm, fraction_ppm, kind| LegSpec { r_ppm, fraction_ppm, kind };
    let rest = if random.below(2) == 0 { 250_000 } else { 500_000 };
    let spec = PlanSpec {
        side,
        entry_price: whole(entry.0),
        quantity: decimal("1"),
        stop_price: whole(entry.0 - side.sign() * (300 + random.below(900))),
        legs: vec![
            leg(PPM, 250_000, LegKind::Hard),
            leg(2 * PPM, 250_000, LegKind::Soft),
            leg(6 * PPM, rest, LegKind::Hard),
        ],
        trailing: Some(TrailingSpec {
            callback_ppm: 4_000 + 1_000 * random.below(3),
            activation_r_ppm: random.below(3) * PPM / 2,
            curve: vec![CurvePoint { r_ppm: 4 * PPM, callback_ppm: 2_000 }],
            rearm: false,
        }),
        ratchet: RatchetSpec {
            break_even_at_r_ppm: (random.below(2) == 0).then_some(PPM / 2),
            ..RatchetSpec::default()
        },
        max_hold: None,
        time_stop: (random.below(4) == 0)
            .then(|| TimeStopSpec { after: Ns(200 + random.below(2_000)), under_r_ppm: PPM }),
        stop_source: Source::Last,
        leg_source: Source::Last,
    };
    ExitPlan::new(instrument, &spec).expect("a plan")
}

/// What may be read of a position from one publication to the next.
#[derive(Debug)]
struct Stage {
    revision: u64,
    stop: Ticks,
    remaining: Lots,
    /// The watermark when it was published, and the highest before the next publication.
    watermark: Option<(Gain, Gain)>,
}

impl Stage {
    fn of(position: &Position) -> Self {
        let watermark = position.watermark().map(|price| position.plan().side().gain(price));
        Self {
            revision: position.revision(),
            stop: position.stop(),
            remaining: position.open(),
            watermark: watermark.map(|gain| (gain, gain)),
        }
    }

    fn allows(&self, side: Side, seen: &PositionSnapshot) -> bool {
        let watermark = seen.watermark.map(|price| side.gain(price));
        let is_within = match (self.watermark, watermark) {
            (Some((lowest, highest)), Some(watermark)) => (lowest..=highest).contains(&watermark),
            (None, None) => true,
            _ => false,
        };
        is_within && seen.stop == self.stop && seen.remaining == self.remaining
    }
}

/// The life of a position under the plain reducer, publication by publication.
fn stages(plan: &ExitPlan, entry: Ns, path: &[Tick]) -> (Vec<Stage>, Position) {
    let mut position = Position::new(0, plan.clone(), entry);
    let mut stages = vec![Stage::of(&position)];
    let mut events = Vec::new();
    for tick in path.iter().filter(|tick| tick.ts >= entry) {
        if position.open() == Lots::ZERO {
            break;
        }
        let stage = stages.last_mut().expect("never empty");
        // The engine raises the watermarks before it shows the tick to a position.
        if let (Some((_, highest)), Some(_)) = (&mut stage.watermark, position.trail_stop()) {
            *highest = plan.side().gain(tick.price).max(*highest);
        }
        position.on_tick(Source::Last, *tick, &FillRules::default(), &mut events);
        if position.revision() != stage.revision {
            stages.push(Stage::of(&position));
        }
    }
    (stages, position)
}

struct Life {
    side: Side,
    plan: ExitPlan,
    entry: Ns,
    stages: Vec<Stage>,
    end: Position,
}

fn lives(instrument: &Instrument, path: &[Tick], random: &mut Random) -> Vec<Life> {
    let life = |n: usize| {
        let tick = path[TICKS * 3 / 4 * n / POSITIONS];
        let side = if n % 4 == 3 { Side::Short } else { Side::Long };
        let plan = plan(instrument, side, tick.price, random);
        let (stages, end) = stages(&plan, tick.ts, path);
        Life { side, plan, entry: tick.ts, stages, end }
    };
    (0..POSITIONS).map(life).collect()
}

/// Reads all positions again and again; returns how often it saw a watermark between two events.
fn watch(reader: &SnapshotReader, lives: &[Life], done: &AtomicBool) -> u64 {
    let mut moved = 0;
    let ids = 0..u64::try_from(lives.len()).expect("small");
    let handles: Vec<_> = ids.map(|id| reader.handle(id).expect("opened")).collect();
    let mut last: Vec<PositionSnapshot> = handles.iter().map(PositionHandle::snapshot).collect();
    loop {
        let is_last_round = done.load(Ordering::Acquire);
        for ((life, handle), last) in lives.iter().zip(&handles).zip(&mut last) {
            let seen = handle.snapshot();
            let at = life.stages.binary_search_by_key(&seen.revision, |stage| stage.revision);
            let stage = &life.stages[at.expect("a revision that was published")];
            assert!(stage.allows(life.side, &seen), "{seen:?} in {stage:?}");

            let gain = |price| life.side.gain(price);
            assert!(seen.revision >= last.revision && seen.remaining <= last.remaining);
            assert!(gain(seen.stop) >= gain(last.stop), "{seen:?} after {last:?}");
            if let Some(watermark) = seen.watermark.filter(|_| seen.remaining > Lots::ZERO) {
                assert!(gain(seen.stop) <= gain(watermark), "{seen:?}");
                assert!(
                    last.watermark.is_none_or(|last| gain(last) <= gain(watermark)),
                    "{seen:?} after {last:?}"
                );
            }
            moved += u64::from(seen.revision == last.revision && seen.watermark != last.watermark);
            *last = seen;
        }
        if is_last_round {
            return moved;
        }
    }
}

#[test]
fn every_snapshot_of_a_rally_and_a_crash_is_one_that_was_true() {
    let instrument = instrument();
    let mut moved = 0;
    for seed in 0..ROUNDS {
        let mut random = Random(seed);
        let path = path(&mut random);
        let lives = lives(&instrument, &path, &mut random);
        let mut engine = Engine::new(FillRules::default(), None).expect("allowed");
        let symbol = engine.add_symbol(instrument.clone());
        for (id, life) in (0..).zip(&lives) {
            let opened = engine.open(symbol, life.plan.clone(), life.entry, None);
            assert_eq!(opened, Ok(id));
        }
        let (start, done) = (Barrier::new(READERS + 1), AtomicBool::new(false));
        let reader = engine.reader();
        moved += thread::scope(|scope| {
            let watch = || {
                start.wait();
                watch(&reader, &lives, &done)
            };
            let watchers = [(); READERS].map(|()| scope.spawn(watch));
            start.wait();
            let mut events = Vec::new();
            for tick in &path {
                engine.on_tick(symbol, Source::Last, tick.price, tick.ts, &mut events).expect("a symbol");
                if tick.ts.0 % YIELD_EVERY == 0 {
                    thread::yield_now();
                }
            }
            done.store(true, Ordering::Release);
            watchers.map(|watcher| watcher.join().expect("no panic")).iter().sum::<u64>()
        });
        for (id, life) in (0..).zip(&lives) {
            let now = reader.snapshot(id).expect("opened");
            assert_eq!(now, state_of(&life.end));
            match engine.position(id) {
                Ok(position) => assert_eq!(now, state_of(&position)),
                Err(_) => assert_eq!(now.remaining, Lots::ZERO),
            }
        }
        let ends =
            |is_open: bool| lives.iter().filter(|life| (life.end.open() > Lots::ZERO) == is_open).count();
        assert!(ends(false) > POSITIONS / 2, "{} closed", ends(false));
    }
    assert!(moved > 0, "no reader ever saw a watermark between two events");
}

fn state_of(position: &Position) -> PositionSnapshot {
    PositionSnapshot {
        stop: position.stop(),
        watermark: position.watermark(),
        remaining: position.open(),
        revision: position.revision(),
    }
}

#[test]
fn a_snapshot_follows_commands_and_outlives_its_position() {
    let instrument = instrument();
    let mut engine = Engine::new(FillRules::default(), None).expect("allowed");
    let symbol = engine.add_symbol(instrument.clone());
    let reader = engine.reader();
    assert_eq!(reader.snapshot(7), None);
    assert!(matches!(engine.snapshot_handle(7), Err(EngineError::UnknownPosition(7))));

    let plan = plan(&instrument, Side::Long, Ticks(100_000), &mut Random(1));
    let stop = plan.stop();
    engine.open(symbol, plan.clone(), Ns(10), Some(7)).expect("a new id");
    let first = engine.snapshot_handle(7).expect("scheduled");
    let scheduled = PositionSnapshot { stop, watermark: None, remaining: Lots(1000), revision: 0 };
    assert_eq!((first.id(), first.symbol(), first.snapshot()), (7, symbol, scheduled));

    let mut events = Vec::new();
    engine.on_tick(symbol, Source::Last, Ticks(100_000), Ns(10), &mut events).expect("a symbol");
    engine.tighten_stop(7, Ticks(99_990), Ns(11), &mut events).expect("tighter");
    engine.close(7, 500_000, Ns(12), &mut events).expect("half");
    let halved = reader.snapshot(7).expect("opened");
    assert_eq!(
        (halved.stop, halved.remaining, halved.revision),
        (Ticks(99_990), Lots(500), 3 + u64::from(halved.watermark.is_some()))
    );

    engine.on_tick(symbol, Source::Last, Ticks(99_000), Ns(13), &mut events).expect("a symbol");
    let closed = first.snapshot();
    assert_eq!(closed.remaining, Lots::ZERO);
    engine.open(symbol, plan, Ns(20), Some(7)).expect("the id is free again");
    assert_eq!(first.snapshot(), closed, "a handle never comes to mean another position");
    assert_eq!(reader.snapshot(7), Some(scheduled));
}
