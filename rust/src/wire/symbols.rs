//! Symbols of the wire to the numbers of the engine.

use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hasher};

/// Symbol numbers by the bytes of the symbol.
///
/// The keys are the caller's own, so nobody can choose them to collide, and the hash may be a fast one.
#[derive(Debug, Clone, Default)]
pub struct SymbolMap {
    ids: HashMap<Box<[u8]>, u32, BuildHasherDefault<Folded>>,
}

impl SymbolMap {
    /// A map without symbols.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Gives `symbol` the number `id` and returns the number that it had before.
    pub fn insert(&mut self, symbol: &[u8], id: u32) -> Option<u32> {
        self.ids.insert(symbol.into(), id)
    }

    /// The number of `symbol`; upper and lower case differ.
    #[must_use]
    #[inline]
    pub fn get(&self, symbol: &[u8]) -> Option<u32> {
        self.ids.get(symbol).copied()
    }

    /// Number of symbols.
    #[must_use]
    pub fn len(&self) -> usize {
        self.ids.len()
    }

    /// `true` without any symbol.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.ids.is_empty()
    }
}

/// Eight bytes a round, mixed by the two halves of one 128-bit product.
#[derive(Debug, Clone, Copy, Default)]
struct Folded(u64);

impl Folded {
    /// An odd number without a pattern: the fraction of the golden ratio.
    const MULTIPLIER: u64 = 0x9e37_79b9_7f4a_7c15;

    #[inline]
    fn mix(&mut self, word: u64) {
        // An addition first, so that a word of zeros still counts.
        let mixed = u128::from((self.0 ^ word).wrapping_add(Self::MULTIPLIER)) * u128::from(Self::MULTIPLIER);
        #[expect(clippy::cast_possible_truncation, reason = "both halves are folded into one")]
        let folded = (mixed >> 64) as u64 ^ mixed as u64;
        self.0 = folded;
    }
}

impl Hasher for Folded {
    #[inline]
    fn write(&mut self, bytes: &[u8]) {
        let (words, rest) = bytes.as_chunks::<8>();
        for word in words {
            self.mix(u64::from_le_bytes(*word));
        }
        // The length is hashed by the caller, so a short rest may stand as it is.
        let rest = rest.iter().rev().fold(0, |word, byte| word << 8 | u64::from(*byte));
        self.mix(rest);
    }

    #[inline]
    fn write_usize(&mut self, value: usize) {
        self.mix(value as u64);
    }

    #[inline]
    fn finish(&self) -> u64 {
        self.0
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;
    use std::hash::{BuildHasher, BuildHasherDefault};

    use super::*;

    #[test]
    fn a_symbol_is_found_by_its_bytes_and_only_by_them() {
        let mut map = SymbolMap::new();
        assert!(map.is_empty());
        for (id, symbol) in (0..).zip(["BTCUSDT", "ETHUSDT", "1000PEPEUSDT", "BTCUSDT_260327", "BTCUSD"]) {
            assert_eq!(map.insert(symbol.as_bytes(), id), None);
        }
        assert_eq!((map.get(b"BTCUSDT"), map.get(b"BTCUSD"), map.len()), (Some(0), Some(4), 5));
        for unknown in [&b""[..], b"btcusdt", b"BTCUSDT\0", b"BTCUSDT_26032"] {
            assert_eq!(map.get(unknown), None);
        }
        assert_eq!(map.insert(b"BTCUSDT", 7), Some(0));
        assert_eq!(map.get(b"BTCUSDT"), Some(7));
    }

    #[test]
    fn similar_symbols_spread_over_the_table() {
        let build = BuildHasherDefault::<Folded>::default();
        let hash = |n: u32| build.hash_one(format!("{n}USDT").as_bytes());
        let hashes: HashSet<u64> = (0..4096).map(hash).collect();
        // The map uses the lowest bits for the place and the highest seven for the first comparison.
        let places: HashSet<u64> = hashes.iter().map(|hash| hash & 0xfff).collect();
        let tags: HashSet<u64> = hashes.iter().map(|hash| hash >> 57).collect();
        assert_eq!(hashes.len(), 4096);
        assert!(places.len() > 2400, "{} of 4096 places; chance gives 2589", places.len());
        assert_eq!(tags.len(), 128);
    }
}
