//! S1 and the Rust side of S2: job J over an array in memory and over one in the second-level cache.

use quantum_exit::simd::Kernels;
use quantum_exit::walk::BlockScan;

use crate::common::job::J;
use crate::common::market::{Tape, instrument};
use crate::common::row::{Budget, Row};
use crate::common::timing::in_turns;
use crate::common::{naive, simd};

pub fn rows(smoke: bool) -> Vec<Row> {
    let (large, small) = if smoke { (200_000, 20_000) } else { (10_000_000, 100_000) };
    let mut rows = of_array("DRAM", large, if smoke { 1 } else { 15 });
    rows[0].budget = Some(Budget::AtLeast(0.9));
    rows.extend(of_array("L2", small, if smoke { 1 } else { 2_000 }));
    rows
}

fn of_array(place: &str, ticks: usize, rounds: usize) -> Vec<Row> {
    let instrument = instrument();
    let tape = Tape::of_walk(1, ticks);
    let (door_ns, screened) = crate::common::timing::once(|| tape.screened());
    let clean = screened.ticks();
    let finder = BlockScan::new(Kernels::best());
    let oracle = J.oracle(clean, &instrument);
    J.run(clean, &instrument, &finder).must_equal(oracle, "S1 block scan");
    naive::run(&J, clean.price(), &instrument).must_equal(oracle, "S2 loop by hand");
    let run = || J.run(clean, &instrument, &finder);
    let (ours, sum) = in_turns(rounds, run, || simd::sum(clean.price()));
    let (ours_again, by_hand) = in_turns(rounds.min(9), run, || naive::run(&J, clean.price(), &instrument));
    let ours = ours.min(ours_again);
    let per_tick = |ns: f64| ns / ticks as f64;
    let what = |text: &str| format!("job J, {place}, {text}");
    let note = format!(
        "{} events, checksum {:016x}; the door takes {:.2} ns/tick, once for an array",
        oracle.events,
        oracle.checksum,
        per_tick(door_ns)
    );
    vec![
        Row::faster("S1", &what("against a SIMD sum"), per_tick(ours), per_tick(sum), "ns/tick").note(note),
        Row::faster("S2", &what("against a loop by hand"), per_tick(ours), per_tick(by_hand), "ns/tick")
            .note("the budget is against numba; this loop is the best that we could write by hand"),
    ]
}
