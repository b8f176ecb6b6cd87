//! What two ways of finding events have to agree on.

use quantum_exit::event::{Event, EventKind};

/// Count and checksum over tick index, position and kind, whatever the order.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Tally {
    pub events: u64,
    pub checksum: u64,
}

impl Tally {
    pub fn add(&mut self, tick: u64, position: u64, kind: EventKind) {
        let word = (tick << 28) ^ (position << 4) ^ u64::from(kind as u8);
        self.events += 1;
        self.checksum = self.checksum.wrapping_add(mix(word));
    }

    pub fn add_all(&mut self, tick: u64, events: &[Event]) {
        for event in events {
            self.add(tick, event.position_id, event.kind);
        }
    }

    /// Ends the program when another way of finding the events found others.
    pub fn must_equal(self, oracle: Self, what: &str) {
        assert_eq!(self, oracle, "{what}: the events are not those of looking at every tick");
    }
}

/// The finaliser of `splitmix64`.
pub const fn mix(word: u64) -> u64 {
    let word = (word ^ (word >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let word = (word ^ (word >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    word ^ (word >> 31)
}
