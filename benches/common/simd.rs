//! Baselines in explicit vectors: the sum of an array, and a scan over the levels of all positions.

/// Sum of `prices`, with the widest vectors of the machine.
pub fn sum(prices: &[f64]) -> f64 {
    #[cfg(target_arch = "x86_64")]
    {
        if is_x86_feature_detected!("avx512f") {
            // SAFETY: the feature was just checked.
            return unsafe { x86::sum_avx512(prices) };
        }
        if is_x86_feature_detected!("avx2") {
            // SAFETY: the feature was just checked.
            return unsafe { x86::sum_avx2(prices) };
        }
    }
    sum_plain(prices)
}

/// Eight accumulators: the order of the additions is ours, so the compiler may use vectors.
fn sum_plain(prices: &[f64]) -> f64 {
    let mut sums = [0.0; 8];
    let mut chunks = prices.chunks_exact(8);
    for chunk in &mut chunks {
        for (sum, price) in sums.iter_mut().zip(chunk) {
            *sum += price;
        }
    }
    sums.iter().sum::<f64>() + chunks.remainder().iter().sum::<f64>()
}

/// What a scan keeps of each position, LONG on the scale of prices.
#[derive(Debug, Default, Clone)]
pub struct LevelScan {
    pub lows: Vec<f64>,
    pub highs: Vec<f64>,
    pub watermarks: Vec<f64>,
    pub keeps: Vec<f64>,
}

impl LevelScan {
    /// Positions that a price concerns: at or below the stop or the trailing stop, at or above the next
    /// level. Follows all watermarks. What the positions then do is not part of the scan.
    pub fn hits(&mut self, price: f64) -> u32 {
        #[cfg(target_arch = "x86_64")]
        if is_x86_feature_detected!("avx512f") {
            // SAFETY: the feature was just checked.
            return unsafe { x86::hits_avx512(self, price) };
        }
        self.hits_plain(price, 0)
    }

    fn hits_plain(&mut self, price: f64, from: usize) -> u32 {
        let mut hits = 0;
        for at in from..self.lows.len() {
            self.watermarks[at] = self.watermarks[at].max(price);
            let trailed = price <= self.watermarks[at] * self.keeps[at];
            hits += u32::from(price <= self.lows[at] || price >= self.highs[at] || trailed);
        }
        hits
    }
}

#[cfg(target_arch = "x86_64")]
mod x86 {
    use std::arch::x86_64::{
        _CMP_GE_OQ, _CMP_LE_OQ, _mm256_add_pd, _mm256_loadu_pd, _mm256_setzero_pd, _mm256_storeu_pd,
        _mm512_add_pd, _mm512_cmp_pd_mask, _mm512_loadu_pd, _mm512_max_pd, _mm512_mul_pd,
        _mm512_reduce_add_pd, _mm512_set1_pd, _mm512_setzero_pd, _mm512_storeu_pd,
    };

    use super::LevelScan;

    #[target_feature(enable = "avx512f")]
    pub fn sum_avx512(prices: &[f64]) -> f64 {
        let mut sums = [_mm512_setzero_pd(); 8];
        let mut chunks = prices.chunks_exact(64);
        for chunk in &mut chunks {
            for (part, sum) in sums.iter_mut().enumerate() {
                // SAFETY: a chunk holds eight vectors; the load needs no alignment.
                *sum = _mm512_add_pd(*sum, unsafe { _mm512_loadu_pd(chunk.as_ptr().add(8 * part)) });
            }
        }
        let all = sums.into_iter().fold(_mm512_setzero_pd(), |all, sum| _mm512_add_pd(all, sum));
        _mm512_reduce_add_pd(all) + super::sum_plain(chunks.remainder())
    }

    #[target_feature(enable = "avx2")]
    pub fn sum_avx2(prices: &[f64]) -> f64 {
        let mut sums = [_mm256_setzero_pd(); 8];
        let mut chunks = prices.chunks_exact(32);
        for chunk in &mut chunks {
            for (part, sum) in sums.iter_mut().enumerate() {
                // SAFETY: a chunk holds eight vectors; the load needs no alignment.
                *sum = _mm256_add_pd(*sum, unsafe { _mm256_loadu_pd(chunk.as_ptr().add(4 * part)) });
            }
        }
        let all = sums.into_iter().fold(_mm256_setzero_pd(), |all, sum| _mm256_add_pd(all, sum));
        let mut lanes = [0.0; 4];
        // SAFETY: the array holds one vector; the store needs no alignment.
        unsafe { _mm256_storeu_pd(lanes.as_mut_ptr(), all) };
        lanes.iter().sum::<f64>() + super::sum_plain(chunks.remainder())
    }

    #[target_feature(enable = "avx512f")]
    pub fn hits_avx512(scan: &mut LevelScan, price: f64) -> u32 {
        let LevelScan { lows, highs, watermarks, keeps } = scan;
        let here = _mm512_set1_pd(price);
        let whole = lows.len() / 8 * 8;
        let mut hits = 0;
        for at in (0..whole).step_by(8) {
            // SAFETY: all four arrays have the length of `lows`; loads and stores need no alignment.
            unsafe {
                let watermark = _mm512_max_pd(_mm512_loadu_pd(watermarks.as_ptr().add(at)), here);
                _mm512_storeu_pd(watermarks.as_mut_ptr().add(at), watermark);
                let trail_stop = _mm512_mul_pd(watermark, _mm512_loadu_pd(keeps.as_ptr().add(at)));
                let hit = _mm512_cmp_pd_mask::<_CMP_LE_OQ>(here, _mm512_loadu_pd(lows.as_ptr().add(at)))
                    | _mm512_cmp_pd_mask::<_CMP_GE_OQ>(here, _mm512_loadu_pd(highs.as_ptr().add(at)))
                    | _mm512_cmp_pd_mask::<_CMP_LE_OQ>(here, trail_stop);
                hits += hit.count_ones();
            }
        }
        hits + scan.hits_plain(price, whole)
    }
}
