//! S3: a thousand plans over one array along one index: as trades that last, and as variants of job J
//! that open a position after the other through the whole array.

use quantum_exit::plan::ExitPlan;
use quantum_exit::position::{FillRules, Position};
use quantum_exit::pyramid::Pyramid;
use quantum_exit::simd::Kernels;
use quantum_exit::sweep::{SweepOptions, sweep};
use quantum_exit::tick::Source;
use quantum_exit::units::{Ns, Side};
use quantum_exit::walk::{BlockScan, CleanTicks, Jump};

use crate::common::job::Job;
use crate::common::market::{Tape, instrument};
use crate::common::row::{Budget, Row};
use crate::common::tally::Tally;
use crate::common::timing::in_turns;
use crate::common::{naive, simd};

/// Variants that the oracle sees over the whole array; the others, over its first part.
const WHOLE: usize = 8;
/// Plans of the lasting sweep that the oracle and the loop by hand see.
const SAMPLE: usize = 10;

pub fn rows(smoke: bool) -> Vec<Row> {
    let (ticks, plans, part) = if smoke { (200_000, 20, 20_000) } else { (10_000_000, 1_000, 200_000) };
    let rounds = if smoke { 1 } else { 7 };
    let instrument = instrument();
    let tape = Tape::of_walk(1, ticks);
    let screened = tape.screened();
    let clean = screened.ticks();
    let kernels = Kernels::best();
    let pyramid = Pyramid::new(clean.price(), kernels);
    let jump = Jump { pyramid: &pyramid };
    let jobs = Job::variants(plans);
    check(&jobs, clean, jump);
    check_part(&jobs, clean.slice(0, part));

    let (build, sum) = in_turns(rounds, || Pyramid::new(clean.price(), kernels), || simd::sum(clean.price()));
    let swept = || {
        let mut all = Tally::default();
        for job in &jobs {
            let tally = job.run(clean, &instrument, &jump);
            all.events += tally.events;
        }
        all
    };
    let (events, job) = (swept().events, jobs[0]);
    let (sweep_ns, by_hand) = in_turns(rounds, swept, || naive::run(&job, clean.price(), &instrument));
    let per_plan = sweep_ns / plans as f64;

    let bytes = size_of_val(clean.price()) as f64;
    vec![
        Row::faster(
            "S3",
            "a variant of J along the index, against a loop in Rust",
            per_plan / 1e3,
            by_hand / 1e3,
            "us/plan",
        )
        .note(format!("{plans} plans: {:.1} ms (aim: 50), {events} events", sweep_ns / 1e6)),
        lasting(clean, &pyramid, plans, rounds),
        Row::times(
            "S3",
            "building the index, against a SIMD sum",
            build / ticks as f64,
            sum / ticks as f64,
            "ns/tick",
        )
        .note("aim: 1 ns/tick"),
        Row::times("S3", "size of the index, against the prices", pyramid.bytes() as f64, bytes, "bytes")
            .budget(Budget::AtMost(0.06)),
    ]
}

/// `sweep()` of plans that all enter at the first tick and are guarded through much of the array.
fn lasting(clean: CleanTicks<'_>, pyramid: &Pyramid, count: usize, rounds: usize) -> Row {
    let instrument = instrument();
    let jobs = Job::wide(count);
    let first = clean.get(0).expect("a price on the grid");
    let plans: Vec<_> =
        jobs.iter().map(|job| (job.plan(&instrument, Side::Long, first.price), Ns(first.ts.0))).collect();
    let options = SweepOptions { rules: FillRules::default(), threads: 1 };
    let swept = || sweep(clean, pyramid, &plans, &instrument, options);
    let trades = swept();
    let sample: Vec<usize> = (0..count).step_by(count.div_ceil(SAMPLE)).collect();
    let mut guarded = 0;
    for at in &sample {
        let (end, _) = naive::run_once(&jobs[*at], clean.price(), &instrument);
        let (oracle_end, closed) = oracle_once(clean, &plans[*at].0);
        assert_eq!((end, closed), (oracle_end, trades[*at].closed), "S3: trade of plan {at}");
        guarded += end;
    }
    let by_hand = || -> usize {
        sample.iter().map(|at| naive::run_once(&jobs[*at], clean.price(), &instrument).0).sum()
    };
    let (sweep_ns, loop_ns) = in_turns(rounds, swept, by_hand);
    let (ours, by_hand) = (sweep_ns / count as f64, loop_ns / sample.len() as f64);
    let note = format!(
        "{count} plans: {:.2} ms (aim: 50), {:.1} M ticks guarded a plan",
        sweep_ns / 1e6,
        guarded as f64 / sample.len() as f64 / 1e6
    );
    Row::faster(
        "S3",
        "sweep() of plans that last, against a loop in Rust",
        ours / 1e3,
        by_hand / 1e3,
        "us/trade",
    )
    .note(note)
}

/// One position, every tick: the index after its last tick, and the time of that tick if it closed.
fn oracle_once(clean: CleanTicks<'_>, plan: &ExitPlan) -> (usize, Option<Ns>) {
    let mut position = Position::new(0, plan.clone(), Ns(0));
    let mut events = Vec::new();
    for at in 0..clean.len() {
        let tick = clean.get(at).expect("a price on the grid");
        position.on_tick(Source::Last, tick, &FillRules::default(), &mut events);
        if position.open().0 == 0 {
            return (at + 1, Some(tick.ts));
        }
    }
    (clean.len(), None)
}

fn check(jobs: &[Job], clean: CleanTicks<'_>, jump: Jump<'_>) {
    let instrument = instrument();
    for job in jobs.iter().step_by(jobs.len().div_ceil(WHOLE)) {
        let oracle = job.oracle(clean, &instrument);
        job.run(clean, &instrument, &jump).must_equal(oracle, "S3 index");
        naive::run(job, clean.price(), &instrument).must_equal(oracle, "S3 loop by hand");
    }
}

fn check_part(jobs: &[Job], clean: CleanTicks<'_>) {
    let instrument = instrument();
    let kernels = Kernels::best();
    let pyramid = Pyramid::new(clean.price(), kernels);
    let jump = Jump { pyramid: &pyramid };
    for job in jobs {
        let oracle = job.oracle(clean, &instrument);
        job.run(clean, &instrument, &jump).must_equal(oracle, "S3 index, first part");
        job.run(clean, &instrument, &BlockScan::new(kernels)).must_equal(oracle, "S3 blocks, first part");
    }
}
