//! S4: many positions on one symbol, tick by tick.

use crate::common::job::J;
use crate::common::live::{World, level_events, scan_all};
use crate::common::row::{Budget, Row};
use crate::common::simd::LevelScan;
use crate::common::timing::once;
use quantum_exit::units::{Side, Ticks};

pub fn rows(smoke: bool) -> Vec<Row> {
    let (many, warm_up, ticks) = if smoke { (200, 2_000, 2_000) } else { (10_000, 50_000, 20_000) };
    let rounds = if smoke { 1 } else { 7 };

    let world = World::spread(4, many, warm_up, ticks);
    let positions = world.positions();
    let (scalar, oracle) = once(|| scan_all(positions.clone(), &world.ticks, world.now));
    let levels = levels_of(&world, positions.len());

    let [mut fed, mut simd, mut quiet_many, mut quiet_one] = [f64::INFINITY; 4];
    let mut looks = 0;
    for _ in 0..rounds {
        let mut world = World::spread(4, many, warm_up, ticks);
        let mut one = World::spread(4, 1, warm_up, 0);
        let quiet = 20 * ticks;
        quiet_many = quiet_many.min(once(|| world.feed_quiet(quiet)).0 / quiet as f64);
        quiet_one = quiet_one.min(once(|| one.feed_quiet(quiet)).0 / quiet as f64);
        world.events.clear();
        let before = world.now;
        fed = fed.min(once(|| world.feed()).0 / ticks as f64);
        world.tally(before).must_equal(oracle, "S4 live engine");
        looks = level_events(&world.events);
        let mut levels = levels.clone();
        let part = &world.ticks[..ticks / 10];
        let scan = once(|| part.iter().map(|price| levels.hits(*price as f64)).sum::<u32>()).0;
        simd = simd.min(scan / part.len() as f64);
    }
    let scalar = scalar / ticks as f64;
    let per_event = (fed - quiet_many) * ticks as f64 / oracle.events as f64;
    let n = |text: &str| format!("N = {many}, {text}");
    vec![
        Row::times("S4", &n("a tick that concerns nobody, against N = 1"), quiet_many, quiet_one, "ns/tick")
            .budget(Budget::AtMost(2.0)),
        Row::alone("S4", &n("an event"), per_event, "ns").note(format!(
            "aim: 150 ns; {} events in {ticks} ticks; {looks} times a position had some, {:.0} ns each",
            oracle.events,
            per_event * oracle.events as f64 / looks as f64,
        )),
        Row::faster("S4", &n("against a SIMD scan over levels"), fed, simd, "ns/tick")
            .budget(Budget::AtLeast(50.0)),
        Row::faster("S4", &n("against a scalar scan"), fed, scalar, "ns/tick").budget(Budget::AtLeast(500.0)),
    ]
}

/// Levels as far apart as those of J: the scan costs the same wherever they lie.
fn levels_of(world: &World, count: usize) -> LevelScan {
    let plan = J.plan(&world.instrument, Side::Long, Ticks(world.last_price));
    let distance = (world.last_price - plan.stop().0) as f64;
    let price = world.last_price as f64;
    let mut scan = LevelScan::default();
    for at in 0..count {
        let shift = distance * (at as f64 / count as f64);
        scan.lows.push(price - distance - shift);
        scan.highs.push(price + distance + shift);
        scan.watermarks.push(price);
        scan.keeps.push(if at % 2 == 0 { 0.996 } else { 0.0 });
    }
    scan
}
