//! What the benchmarks share: the market, job J, its baselines, and how time is taken.
#![allow(dead_code, reason = "each benchmark compiles this module and uses its own part of it")]
#![allow(
    clippy::cast_precision_loss,
    clippy::cast_possible_wrap,
    clippy::cast_sign_loss,
    reason = "sizes and times of a benchmark are far below 2^52"
)]

pub mod exchange;
pub mod job;
pub mod live;
pub mod market;
pub mod naive;
pub mod row;
pub mod simd;
pub mod tally;
pub mod timing;

/// Whether to run at tiny sizes: `cargo bench -- --test`, or `--smoke`.
pub fn is_smoke() -> bool {
    std::env::args().any(|argument| argument == "--test" || argument == "--smoke")
}
