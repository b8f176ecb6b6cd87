//! Positions by id for readers: a hash table of one writer in which nothing moves and nobody waits.

use std::sync::OnceLock;

use crate::sync::{Arc, AtomicU64, Ordering};

/// Places of the first level; the next level has twice as many.
const FIRST_LEVEL: usize = if cfg!(loom) { 2 } else { 128 };
/// Half full, these levels hold more than 2^32 ids.
const LEVELS: usize = 27;

/// One id and what it stands for.
#[derive(Debug)]
struct Entry {
    /// One more than the id; 0 = free.
    key: AtomicU64,
    value: AtomicU64,
}

/// Values by id. An id that was entered stays.
#[derive(Debug)]
pub(super) struct Ids {
    /// From the oldest to the newest; an id stands in exactly one of them.
    levels: [OnceLock<Box<[Entry]>>; LEVELS],
}

impl Ids {
    /// The last value entered for `id`, which is below 2^64 - 1.
    pub(super) fn get(&self, id: u64) -> Option<u64> {
        self.entry(id + 1).map(|entry| entry.value.load(Ordering::Acquire))
    }

    fn entry(&self, key: u64) -> Option<&Entry> {
        // All levels that exist precede those that do not.
        self.levels.iter().map_while(OnceLock::get).find_map(|level| match probe(level, key) {
            (entry, found) if found == key => Some(entry),
            _ => None,
        })
    }
}

/// The entry of `key` or the free one where it belongs, with the key found there.
fn probe(level: &[Entry], key: u64) -> (&Entry, u64) {
    // Multiplied by the golden ratio, the high bits of neighbouring ids lie far apart.
    const MULTIPLIER: u64 = 0x9e37_79b9_7f4a_7c15;
    let mask = level.len() - 1;
    let hash = key.wrapping_mul(MULTIPLIER) >> (u64::BITS - level.len().ilog2());
    let mut at = usize::try_from(hash).unwrap_or(0) & mask;
    loop {
        // Acquire pairs with the Release in `set`: who sees the key sees its value.
        let found = level[at].key.load(Ordering::Acquire);
        if found == key || found == 0 {
            return (&level[at], found);
        }
        // Ends: half of the entries are free.
        at = (at + 1) & mask;
    }
}

/// The one writer of [`Ids`].
#[derive(Debug)]
pub(super) struct IdWriter {
    ids: Arc<Ids>,
    level: usize,
    used: usize,
}

impl IdWriter {
    pub(super) fn new() -> Self {
        let ids = Arc::new(Ids { levels: [const { OnceLock::new() }; LEVELS] });
        Self { ids, level: 0, used: 0 }
    }

    pub(super) fn ids(&self) -> Arc<Ids> {
        Arc::clone(&self.ids)
    }

    /// Enters `value` for `id`, which is below 2^64 - 1. Allocates when a level is half full.
    pub(super) fn set(&mut self, id: u64, value: u64) {
        let key = id + 1;
        if let Some(entry) = self.ids.entry(key) {
            // Release: who sees the new value sees what it stands for.
            entry.value.store(value, Ordering::Release);
            return;
        }
        if self.used * 2 >= FIRST_LEVEL << self.level {
            (self.level, self.used) = (self.level + 1, 0);
        }
        let entries = self.ids.levels[self.level].get_or_init(|| {
            let free = || Entry { key: AtomicU64::new(0), value: AtomicU64::new(0) };
            (0..FIRST_LEVEL << self.level).map(|_| free()).collect()
        });
        let (entry, found) = probe(entries, key);
        debug_assert_eq!(found, 0, "the id is new");
        entry.value.store(value, Ordering::Relaxed);
        entry.key.store(key, Ordering::Release);
        self.used += 1;
    }
}

#[cfg(all(test, not(loom)))]
mod tests {
    use std::collections::HashMap;

    use proptest::prelude::*;

    use super::*;

    #[test]
    fn ids_in_a_row_are_all_found_in_every_level() {
        let mut writer = IdWriter::new();
        let ids = writer.ids();
        for id in 0..20_000 {
            assert_eq!(ids.get(id), None);
            writer.set(id, id * 3);
        }
        assert!((0..20_000).all(|id| ids.get(id) == Some(id * 3)));
    }

    proptest! {
        #[test]
        fn the_last_value_of_any_id_is_found(
            pairs in prop::collection::vec((prop_oneof![0..50_u64, 0..u64::MAX], any::<u64>()), 0..600),
        ) {
            let mut writer = IdWriter::new();
            let ids = writer.ids();
            let mut model = HashMap::new();
            for (id, value) in pairs {
                writer.set(id, value);
                model.insert(id, value);
            }
            for id in (0..60).chain(model.keys().copied()) {
                prop_assert_eq!(ids.get(id), model.get(&id).copied());
            }
        }
    }
}
