//! Range (lowest and highest) of prices, and the skipping of whole blocks, with the widest vectors that
//! the machine has.
//!
//! Explicit kernels: the compiler does not vectorise an `f64` minimum, whose NaN rule differs from
//! that of the vector instruction. Prices are finite here, so the two agree.

use crate::watch::Range;

/// The kernels of one instruction set.
#[derive(Debug, Clone, Copy)]
pub struct Kernels {
    name: &'static str,
    range: unsafe fn(&[f64]) -> Range,
    skip: unsafe fn(&[f64], f64, f64) -> (usize, Range),
}

/// Prices that [`Kernels::skip`] tests at once.
pub const BLOCK: usize = 256;

impl Kernels {
    /// Name of the instruction set, for reports.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        self.name
    }

    /// Range of `prices`, which are finite; [`Range::EMPTY`] for none.
    #[must_use]
    #[inline]
    pub fn range(&self, prices: &[f64]) -> Range {
        // SAFETY: a `Kernels` is made by `available` alone, which checked the instruction set.
        unsafe { (self.range)(prices) }
    }

    /// Skips the leading blocks of [`BLOCK`] finite prices that all lie strictly between `low` and
    /// `high`. Gives the number of prices skipped and their range.
    #[must_use]
    #[inline]
    pub fn skip(&self, prices: &[f64], low: f64, high: f64) -> (usize, Range) {
        // SAFETY: as above.
        unsafe { (self.skip)(prices, low, high) }
    }

    /// The widest that this machine has.
    #[must_use]
    pub fn best() -> Self {
        Self::available()[0]
    }

    /// Every set of kernels that this machine can run, widest first; the last is plain Rust.
    #[must_use]
    pub fn available() -> Vec<Self> {
        let mut found = Vec::new();
        #[cfg(target_arch = "x86_64")]
        {
            if is_x86_feature_detected!("avx512f") {
                found.push(Self { name: "avx512", range: x86::avx512::range, skip: x86::avx512::skip });
            }
            if is_x86_feature_detected!("avx2") {
                found.push(Self { name: "avx2", range: x86::avx2::range, skip: x86::avx2::skip });
            }
            found.push(Self { name: "sse2", range: x86::sse2::range, skip: x86::sse2::skip });
        }
        #[cfg(target_arch = "aarch64")]
        found.push(Self { name: "neon", range: arm::neon::range, skip: arm::neon::skip });
        found.push(Self { name: "scalar", range: range_scalar, skip: skip_scalar });
        found
    }
}

/// Asks for the cache line at `address`; any address will do. Does nothing where Rust has no name for it.
#[inline]
pub fn prefetch(address: *const u8) {
    #[cfg(target_arch = "x86_64")]
    // SAFETY: a prefetch reads nothing and never faults.
    unsafe {
        std::arch::x86_64::_mm_prefetch::<{ std::arch::x86_64::_MM_HINT_T0 }>(address.cast());
    }
    #[cfg(not(target_arch = "x86_64"))]
    let _ = address;
}

fn range_scalar(prices: &[f64]) -> Range {
    prices.iter().fold(Range::EMPTY, |range, price| range.with_price(*price))
}

fn skip_scalar(prices: &[f64], low: f64, high: f64) -> (usize, Range) {
    let mut skipped = (0, Range::EMPTY);
    for block in prices.chunks_exact(BLOCK) {
        let range = range_scalar(block);
        if range.low <= low || range.high >= high {
            break;
        }
        skipped = (skipped.0 + BLOCK, skipped.1.with(range));
    }
    skipped
}

/// The kernels of one instruction set. Four pairs of accumulators, because one minimum takes longer than
/// a load. `$any_le(a, b)`: whether a lane of `a` is at or below that of `b`.
#[allow(unused_macros, reason = "no vector set on this architecture")]
macro_rules! kernels {
    ($name:ident, $feature:literal, $lanes:literal, $vector:ty, $load:ident, $splat:ident, $min:ident, $max:ident, $store:ident, $any_le:expr) => {
        pub(super) mod $name {
            use super::*;
            use crate::simd::{BLOCK, range_scalar};
            use crate::watch::Range;

            /// Lowest and highest price of each lane, and what did not fill the vectors.
            #[inline]
            #[target_feature(enable = $feature)]
            fn lanes(prices: &[f64]) -> ($vector, $vector, &[f64]) {
                let mut low = [$splat(f64::INFINITY); 4];
                let mut high = [$splat(f64::NEG_INFINITY); 4];
                let mut chunks = prices.chunks_exact(4 * $lanes);
                for chunk in &mut chunks {
                    for part in 0..4 {
                        // SAFETY: a chunk holds four vectors; the loads need no alignment.
                        let prices = unsafe { $load(chunk.as_ptr().add(part * $lanes)) };
                        low[part] = $min(low[part], prices);
                        high[part] = $max(high[part], prices);
                    }
                }
                let low = $min($min(low[0], low[1]), $min(low[2], low[3]));
                let high = $max($max(high[0], high[1]), $max(high[2], high[3]));
                (low, high, chunks.remainder())
            }

            #[inline]
            #[target_feature(enable = $feature)]
            fn reduced(low: $vector, high: $vector) -> Range {
                let (mut lows, mut highs) = ([0.0; $lanes], [0.0; $lanes]);
                // SAFETY: the arrays hold one vector each; the stores need no alignment.
                unsafe {
                    $store(lows.as_mut_ptr(), low);
                    $store(highs.as_mut_ptr(), high);
                }
                let all = lows.into_iter().zip(highs);
                all.fold(Range::EMPTY, |range, (low, high)| range.with(Range { low, high }))
            }

            #[target_feature(enable = $feature)]
            pub unsafe fn range(prices: &[f64]) -> Range {
                let (low, high, rest) = lanes(prices);
                reduced(low, high).with(range_scalar(rest))
            }

            #[target_feature(enable = $feature)]
            pub unsafe fn skip(prices: &[f64], low: f64, high: f64) -> (usize, Range) {
                let (least, most) = ($splat(low), $splat(high));
                let (mut low, mut high) = ($splat(f64::INFINITY), $splat(f64::NEG_INFINITY));
                let mut skipped = 0;
                for block in prices.chunks_exact(BLOCK) {
                    let (lows, highs, _) = lanes(block);
                    if $any_le(lows, least) || $any_le(most, highs) {
                        break;
                    }
                    (low, high) = ($min(low, lows), $max(high, highs));
                    skipped += BLOCK;
                }
                (skipped, reduced(low, high))
            }
        }
    };
}

#[cfg(target_arch = "x86_64")]
mod x86 {
    use std::arch::x86_64::{
        __m128d, __m256d, __m512d, _CMP_LE_OQ, _mm_cmple_pd, _mm_loadu_pd, _mm_max_pd, _mm_min_pd,
        _mm_movemask_pd, _mm_set1_pd, _mm_storeu_pd, _mm256_cmp_pd, _mm256_loadu_pd, _mm256_max_pd,
        _mm256_min_pd, _mm256_movemask_pd, _mm256_set1_pd, _mm256_storeu_pd, _mm512_cmp_pd_mask,
        _mm512_loadu_pd, _mm512_max_pd, _mm512_min_pd, _mm512_set1_pd, _mm512_storeu_pd,
    };

    kernels!(
        avx512,
        "avx512f",
        8,
        __m512d,
        _mm512_loadu_pd,
        _mm512_set1_pd,
        _mm512_min_pd,
        _mm512_max_pd,
        _mm512_storeu_pd,
        |a, b| _mm512_cmp_pd_mask::<_CMP_LE_OQ>(a, b) != 0
    );
    kernels!(
        avx2,
        "avx2",
        4,
        __m256d,
        _mm256_loadu_pd,
        _mm256_set1_pd,
        _mm256_min_pd,
        _mm256_max_pd,
        _mm256_storeu_pd,
        |a, b| _mm256_movemask_pd(_mm256_cmp_pd::<_CMP_LE_OQ>(a, b)) != 0
    );
    kernels!(
        sse2,
        "sse2",
        2,
        __m128d,
        _mm_loadu_pd,
        _mm_set1_pd,
        _mm_min_pd,
        _mm_max_pd,
        _mm_storeu_pd,
        |a, b| _mm_movemask_pd(_mm_cmple_pd(a, b)) != 0
    );
}

#[cfg(target_arch = "aarch64")]
mod arm {
    use std::arch::aarch64::{
        float64x2_t, vcleq_f64, vdupq_n_f64, vld1q_f64, vmaxq_f64, vmaxvq_u32, vminq_f64,
        vreinterpretq_u32_u64, vst1q_f64,
    };

    kernels!(
        neon,
        "neon",
        2,
        float64x2_t,
        vld1q_f64,
        vdupq_n_f64,
        vminq_f64,
        vmaxq_f64,
        vst1q_f64,
        |a, b| vmaxvq_u32(vreinterpretq_u32_u64(vcleq_f64(a, b))) != 0
    );
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kernel_skips_the_blocks_of_plain_rust() {
        let mut prices = vec![100.0; 5 * BLOCK + 17];
        (prices[3 * BLOCK + 11], prices[BLOCK + 5], prices[BLOCK + 6]) = (90.0, 99.0, 101.0);
        for kernels in Kernels::available() {
            for (low, high) in [(98.0, 102.0), (99.0, 102.0), (98.0, 101.0), (90.0, 102.0), (80.0, 120.0)] {
                for from in [0, 1, 7, BLOCK, 4 * BLOCK] {
                    let expected = skip_scalar(&prices[from..], low, high);
                    assert_eq!(kernels.skip(&prices[from..], low, high), expected, "{}", kernels.name());
                }
            }
        }
    }

    #[test]
    fn every_kernel_gives_the_range_of_plain_rust() {
        let prices: Vec<f64> =
            (0..517u32).map(|i| f64::from(i.wrapping_mul(2_654_435_761) % 1_009) + 1.0).collect();
        for kernels in Kernels::available() {
            for length in (0..70).chain([511, 512, 517]) {
                for start in 0..3.min(prices.len() - length + 1) {
                    let part = &prices[start..start + length];
                    assert_eq!(kernels.range(part), range_scalar(part), "{} {length}", kernels.name());
                }
            }
        }
    }
}
