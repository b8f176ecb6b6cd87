//! The hot paths under criterion: for finding out what a change did. The judged ratios are in `speed.rs`.

mod common;

use std::hint::black_box;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use quantum_exit::engine::Engine;
use quantum_exit::position::FillRules;
use quantum_exit::pyramid::Pyramid;
use quantum_exit::simd::Kernels;
use quantum_exit::tick::Source;
use quantum_exit::units::{Ns, Side, Ticks};
use quantum_exit::walk::{BlockScan, Jump};

use common::exchange::{ROUND, books, round, venue};
use common::job::J;
use common::market::{Tape, instrument};

fn replay(criterion: &mut Criterion) {
    let ticks = if common::is_smoke() { 20_000 } else { 1_000_000 };
    let instrument = instrument();
    let tape = Tape::of_walk(1, ticks);
    let screened = tape.screened();
    let clean = screened.ticks();
    let kernels = Kernels::best();
    let pyramid = Pyramid::new(clean.price(), kernels);
    let (blocks, jump) = (BlockScan::new(kernels), Jump { pyramid: &pyramid });
    let oracle = J.oracle(clean, &instrument);
    J.run(clean, &instrument, &blocks).must_equal(oracle, "blocks");
    J.run(clean, &instrument, &jump).must_equal(oracle, "jump");

    let mut group = criterion.benchmark_group("replay of job J");
    group.throughput(Throughput::Elements(ticks as u64));
    group.bench_function("looking at every tick", |b| b.iter(|| J.oracle(black_box(clean), &instrument)));
    group.bench_function("blocks", |b| b.iter(|| J.run(black_box(clean), &instrument, &blocks)));
    group.bench_function("index", |b| b.iter(|| J.run(black_box(clean), &instrument, &jump)));
    group
        .bench_function("building the index", |b| b.iter(|| Pyramid::new(black_box(clean.price()), kernels)));
    group.bench_function("door", |b| b.iter(|| tape.screened().refused.len()));
    group.finish();
}

fn live(criterion: &mut Criterion) {
    let instrument = instrument();
    let mut engine = Engine::new(FillRules::default(), None).expect("rules");
    let symbol = engine.add_symbol(instrument.clone());
    let entry = Ticks(432_511);
    let mut events = Vec::new();
    engine.open(symbol, J.plan(&instrument, Side::Long, entry), Ns(0), None).expect("a free id");
    engine.on_tick(symbol, Source::Last, entry, Ns(0), &mut events).expect("a symbol");
    assert_eq!(events.len(), 1, "the first tick opens the position");
    criterion.bench_function("a tick that concerns nobody", |b| {
        b.iter(|| engine.on_tick(symbol, Source::Last, black_box(entry), Ns(0), &mut events));
    });
    assert_eq!(events.len(), 1, "it concerned nobody");
    criterion
        .bench_function("making a plan", |b| b.iter(|| J.plan(&instrument, Side::Long, black_box(entry))));
}

fn exchange(criterion: &mut Criterion) {
    let (mut one, mut other) = (venue(), venue());
    let told: Vec<usize> = (0..500).map(|at| round(&mut one, at)).collect();
    let again: Vec<usize> = (0..500).map(|at| round(&mut other, at)).collect();
    assert_eq!(one.ledger_hash(), other.ledger_hash(), "two runs have one ledger");
    let (wallet, incomes) = books(&one);
    assert_eq!(wallet, incomes, "cash conserves");
    assert_eq!(told, again, "every round has the same events");

    let mut group = criterion.benchmark_group("simulated venue");
    group.throughput(Throughput::Elements(ROUND as u64));
    let mut at = 0;
    group.bench_function("a round of operations", |b| {
        b.iter(|| {
            at += 1;
            round(&mut one, at)
        });
    });
    group.finish();
}

criterion_group!(benches, replay, live, exchange);
criterion_main!(benches);
