//! Range (lowest and highest) of a block of prices, with the widest vectors that the machine has.
//!
//! Explicit kernels: the compiler does not vectorise an `f64` minimum, whose NaN rule differs from
//! that of the vector instruction. Prices are finite here, so the two agree.

use crate::watch::Range;

/// The kernels of one instruction set.
#[derive(Debug, Clone, Copy)]
pub struct Kernels {
    name: &'static str,
    range: unsafe fn(&[f64]) -> Range,
}

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
                found.push(Self { name: "avx512", range: x86::range_avx512 });
            }
            if is_x86_feature_detected!("avx2") {
                found.push(Self { name: "avx2", range: x86::range_avx2 });
            }
            found.push(Self { name: "sse2", range: x86::range_sse2 });
        }
        #[cfg(target_arch = "aarch64")]
        found.push(Self { name: "neon", range: arm::range_neon });
        found.push(Self { name: "scalar", range: range_scalar });
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

/// Four pairs of accumulators, because one minimum takes longer than a load; then one reduction.
#[allow(unused_macros, reason = "no vector set on this architecture")]
macro_rules! range_kernel {
    ($name:ident, $feature:literal, $lanes:literal, $load:path, $splat:path, $min:path, $max:path, $store:path) => {
        #[target_feature(enable = $feature)]
        pub(super) unsafe fn $name(prices: &[f64]) -> Range {
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
            let (mut lows, mut highs) = ([0.0; $lanes], [0.0; $lanes]);
            // SAFETY: the arrays hold one vector each; the stores need no alignment.
            unsafe {
                $store(lows.as_mut_ptr(), low);
                $store(highs.as_mut_ptr(), high);
            }
            let rest = super::range_scalar(chunks.remainder());
            lows.into_iter().zip(highs).fold(rest, |range, (low, high)| range.with(Range { low, high }))
        }
    };
}

#[cfg(target_arch = "x86_64")]
mod x86 {
    use std::arch::x86_64::{
        _mm_loadu_pd, _mm_max_pd, _mm_min_pd, _mm_set1_pd, _mm_storeu_pd, _mm256_loadu_pd, _mm256_max_pd,
        _mm256_min_pd, _mm256_set1_pd, _mm256_storeu_pd, _mm512_loadu_pd, _mm512_max_pd, _mm512_min_pd,
        _mm512_set1_pd, _mm512_storeu_pd,
    };

    use crate::watch::Range;

    range_kernel!(
        range_avx512,
        "avx512f",
        8,
        _mm512_loadu_pd,
        _mm512_set1_pd,
        _mm512_min_pd,
        _mm512_max_pd,
        _mm512_storeu_pd
    );
    range_kernel!(
        range_avx2,
        "avx2",
        4,
        _mm256_loadu_pd,
        _mm256_set1_pd,
        _mm256_min_pd,
        _mm256_max_pd,
        _mm256_storeu_pd
    );
    range_kernel!(range_sse2, "sse2", 2, _mm_loadu_pd, _mm_set1_pd, _mm_min_pd, _mm_max_pd, _mm_storeu_pd);
}

#[cfg(target_arch = "aarch64")]
mod arm {
    use std::arch::aarch64::{vdupq_n_f64, vld1q_f64, vmaxq_f64, vminq_f64, vst1q_f64};

    use crate::watch::Range;

    range_kernel!(range_neon, "neon", 2, vld1q_f64, vdupq_n_f64, vminq_f64, vmaxq_f64, vst1q_f64);
}

#[cfg(test)]
mod tests {
    use super::*;

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
