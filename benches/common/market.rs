//! A seeded geometric random walk on the grid of BTCUSDT.

use quantum_exit::decimal::Decimal;
use quantum_exit::instrument::Instrument;
use quantum_exit::screen::{Screened, Screener};
use quantum_exit::units::Ticks;

use super::tally::mix;

/// Standard deviation of the return of a tick: 0.2 bp.
const SIGMA: f64 = 0.2e-4;
const START: f64 = 43_251.1;
/// Time between two ticks.
pub const TICK_NS: i64 = 1_000_000;

pub fn instrument() -> Instrument {
    let decimal = |text| Decimal::parse("bench", text).expect("a decimal");
    let (tick, lot) = (decimal("0.1"), decimal("0.001"));
    Instrument::new("BTCUSDT", tick, lot, lot, decimal("100"), None).expect("an instrument")
}

/// Prices in ticks of 0.1. The normal deviate is the sum of four 16-bit uniforms of one
/// counter-based word, so that any language gives the same prices to the bit.
pub fn walk(seed: u64, ticks: usize) -> impl Iterator<Item = i64> {
    const GOLDEN: u64 = 0x9e37_79b9_7f4a_7c15;
    let scale = SIGMA * 3f64.sqrt() / 65_536.0;
    let mut growth = 1.0;
    (0..ticks as u64).map(move |at| {
        let word = mix(seed.wrapping_add((at + 1).wrapping_mul(GOLDEN)));
        let uniforms = (word & 0xffff) + (word >> 16 & 0xffff) + (word >> 32 & 0xffff) + (word >> 48);
        growth *= 1.0 + (uniforms as f64 - 131_070.0) * scale;
        #[allow(clippy::cast_possible_truncation, reason = "far below 2^53")]
        let price = (START * growth * 10.0 + 0.5).floor() as i64;
        price.max(1)
    })
}

/// Both columns of a tick file.
pub struct Tape {
    pub ts_ns: Vec<i64>,
    pub price: Vec<f64>,
}

impl Tape {
    pub fn of_walk(seed: u64, ticks: usize) -> Self {
        let instrument = instrument();
        let price = walk(seed, ticks).map(|price| instrument.price_f64(Ticks(price))).collect();
        Self { ts_ns: (0..ticks as i64).map(|at| at * TICK_NS).collect(), price }
    }

    pub fn screened(&self) -> Screened<'_> {
        Screener::new(None).screen(&self.ts_ns, &self.price, &instrument()).expect("prices on the grid")
    }
}
