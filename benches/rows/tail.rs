//! S7: the slowest of the ticks with one event, and the tick with all events.

use std::time::Instant;

use quantum_exit::tick::Source;
use quantum_exit::units::{Ns, Ticks};

use crate::common::live::{World, level_events, scan_all};
use crate::common::market::TICK_NS;
use crate::common::row::{Budget, Row};
use crate::common::timing::once;

pub fn rows(smoke: bool) -> Vec<Row> {
    let (many, warm_up, ticks) = if smoke { (200, 2_000, 500) } else { (10_000, 50_000, 5_000) };
    let rounds = if smoke { 1 } else { 7 };
    let mut best = Tail { p50: 1.0, p99: f64::INFINITY, count: 0 };
    let mut crash_ns = (f64::INFINITY, 0, 0);
    for _ in 0..rounds {
        let mut world = World::spread(7, many, warm_up, 0);
        world.ticks = up_and_down(world.last_price, ticks);
        let (positions, before) = (world.positions(), world.now);
        let tail = Tail::of(&mut world);
        if tail.p99 / tail.p50 < best.p99 / best.p50 {
            best = tail;
        }
        if crash_ns.1 == 0 {
            world.tally(before).must_equal(scan_all(positions, &world.ticks, before), "S7 ticks");
        }
        let crash = crash(many, warm_up);
        if crash.0 < crash_ns.0 {
            crash_ns = crash;
        }
    }
    let (total, level_events, events) = crash_ns;
    vec![
        Row::times(
            "S7",
            &format!("N = {many}, a tick with one event, p99 against p50"),
            best.p99,
            best.p50,
            "ns",
        )
        .budget(Budget::AtMost(5.0))
        .note(format!("{} such ticks", best.count)),
        Row::alone("S7", &format!("N = {many}, crash of 30 %"), total / events as f64, "ns/event").note(
            format!(
                "aim: 100 ns; {events} events of {level_events} positions, {:.0} ns a position, in one tick",
                total / level_events as f64
            ),
        ),
    ]
}

/// One tick of the grid at a time, so that many a tick reaches one level: `far` up, twice as far down.
fn up_and_down(from: i64, far: usize) -> Vec<i64> {
    let far = far as i64;
    (1..=far).chain((-far..far).rev()).map(|step| from + step).collect()
}

struct Tail {
    p50: f64,
    p99: f64,
    count: usize,
}

impl Tail {
    /// Times each tick by itself, less what taking the time costs.
    fn of(world: &mut World) -> Self {
        let clock = (0..1_000).map(|_| once(|| ()).0).fold(f64::INFINITY, f64::min);
        let mut times = Vec::with_capacity(world.ticks.len());
        for price in &world.ticks {
            world.now += TICK_NS;
            let before = world.events.len();
            let start = Instant::now();
            world
                .engine
                .on_tick(world.symbol, Source::Last, Ticks(*price), Ns(world.now), &mut world.events)
                .expect("a symbol");
            let ns = start.elapsed().as_nanos() as f64;
            if level_events(&world.events[before..]) == 1 {
                times.push((ns - clock).max(1.0));
            }
        }
        times.sort_by(f64::total_cmp);
        let at = |share: usize| times.get(times.len() * share / 100).copied().unwrap_or(1.0);
        Self { p50: at(50), p99: at(99), count: times.len() }
    }
}

/// Time of the tick, positions that it concerned, and events.
fn crash(many: usize, warm_up: usize) -> (f64, usize, usize) {
    let mut world = World::spread(8, many, warm_up, 0);
    let (positions, before) = (world.positions(), world.now);
    world.ticks = vec![world.last_price * 7 / 10];
    let time = once(|| world.feed()).0;
    world.tally(before).must_equal(scan_all(positions, &world.ticks, before), "S7 crash");
    (time, level_events(&world.events), world.events.len())
}
