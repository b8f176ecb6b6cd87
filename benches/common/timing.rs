//! Back to back, in turns, the fastest of a few: what is left when others use the machine too.

use std::hint::black_box;
use std::time::Instant;

/// Nanoseconds of one call.
pub fn once<T>(work: impl FnOnce() -> T) -> (f64, T) {
    let start = Instant::now();
    let result = black_box(work());
    (start.elapsed().as_nanos() as f64, result)
}

/// Fastest of `rounds` calls of each of two, in turns, in nanoseconds.
pub fn in_turns<A, B>(rounds: usize, mut one: impl FnMut() -> A, mut other: impl FnMut() -> B) -> (f64, f64) {
    let mut best = (f64::INFINITY, f64::INFINITY);
    for _ in 0..rounds {
        best.0 = best.0.min(once(&mut one).0);
        best.1 = best.1.min(once(&mut other).0);
    }
    best
}
