//! S3: a thousand variants of job J, each through the whole array, along one index.

use quantum_exit::position::FillRules;
use quantum_exit::pyramid::Pyramid;
use quantum_exit::simd::Kernels;
use quantum_exit::sweep::{SweepOptions, sweep};
use quantum_exit::units::{Ns, Side};
use quantum_exit::walk::{BlockScan, CleanTicks, Jump};

use crate::common::job::Job;
use crate::common::market::{Tape, instrument};
use crate::common::row::{Budget, Row};
use crate::common::tally::Tally;
use crate::common::timing::{in_turns, once};
use crate::common::{naive, simd};

/// Variants that the oracle sees over the whole array; the others, over its first part.
const WHOLE: usize = 8;

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

    let entries: Vec<_> = jobs
        .iter()
        .enumerate()
        .map(|(at, job)| {
            let first = clean.get(at * (ticks / plans)).expect("a price on the grid");
            (job.plan(&instrument, Side::Long, first.price), Ns(first.ts.0))
        })
        .collect();
    let options = SweepOptions { rules: FillRules::default(), threads: 1 };
    let trades_ns = (0..rounds)
        .map(|_| once(|| sweep(clean, &pyramid, &entries, &instrument, options)).0)
        .fold(f64::INFINITY, f64::min);

    let bytes = size_of_val(clean.price()) as f64;
    vec![
        Row::faster(
            "S3",
            "a variant of J along the index, against a loop by hand",
            per_plan / 1e3,
            by_hand / 1e3,
            "us/plan",
        )
        .budget(Budget::AtLeast(150.0))
        .note(format!("{plans} plans: {:.1} ms (aim: 50), {events} events", sweep_ns / 1e6)),
        Row::alone("S3", "sweep() of as many plans, one trade each", trades_ns / 1e6, "ms"),
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
