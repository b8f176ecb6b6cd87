//! Maps keyed by position id.

use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hasher};

/// A map keyed by position id. Ids are handed out by the owner of the engine, not by strangers, so the
/// hash only has to be fast.
pub type IdMap<V> = HashMap<u64, V, BuildHasherDefault<IdHasher>>;

/// One multiplication, folded: every bit of the id reaches both ends of the hash.
#[derive(Debug, Clone, Copy, Default)]
pub struct IdHasher(u64);

impl Hasher for IdHasher {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.write_u64(u64::from(*byte));
        }
    }

    #[inline]
    fn write_u64(&mut self, id: u64) {
        let product = u128::from(self.0 ^ id) * 0x9e37_79b9_7f4a_7c15;
        #[allow(clippy::cast_possible_truncation, reason = "the two halves, folded")]
        let folded = (product >> 64) as u64 ^ product as u64;
        self.0 = folded;
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;
    use std::hash::{BuildHasher, BuildHasherDefault};

    use super::*;

    #[test]
    fn ids_in_a_row_and_ids_far_apart_spread_over_all_buckets() {
        let hash = BuildHasherDefault::<IdHasher>::default();
        for stride in [1u64, 64, 1 << 20, 1 << 52] {
            let buckets: HashSet<u64> = (0..256).map(|id| hash.hash_one(id * stride) & 1023).collect();
            assert!(buckets.len() > 180, "{} of 256 at stride {stride}", buckets.len());
            let tops: HashSet<u64> = (0..256).map(|id| hash.hash_one(id * stride) >> 54).collect();
            assert!(tops.len() > 180, "{} of 256 at stride {stride}", tops.len());
        }
    }
}
