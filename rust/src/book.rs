//! All positions of one symbol: a price finds those that it concerns.
//!
//! The book never decides what happens. It keeps, for each side and source, the next fixed levels in
//! two heaps and the active trailing stops in stacks of watermarks, finds the positions that have to
//! look at a tick, and shows it to them in the order of their ids. A tick between the nearest levels
//! costs two comparisons, whatever the number of positions.

use std::collections::HashMap;

use crate::event::Event;
use crate::home::Home;
use crate::instrument::MAX_TICKS;
use crate::levels::{Level, Levels, NOT_KEPT};
use crate::position::{Band, FillRules, Position, TrailPhase};
use crate::sync::Arc;
use crate::tick::{Source, Tick};
use crate::trailers::{Member, Trailers};
use crate::units::{Gain, Side};
use crate::watermark::{GroupId, WatermarkDirectory};

/// The prices and the time before which no position of a source has anything to look at.
///
/// Quiet: `low < price < high` and `ts < due`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Quiet {
    /// At or below, in ticks: somebody has to look.
    pub low: i64,
    /// At or above, in ticks: somebody has to look.
    pub high: i64,
    /// From this time on, in nanoseconds: somebody has to look.
    pub due: i64,
}

impl Quiet {
    /// Nobody ever has to look.
    pub const ALWAYS: Self = Self { low: 0, high: MAX_TICKS + 1, due: i64::MAX };
    /// Somebody looks at every tick.
    pub const NEVER: Self = Self { low: i64::MAX, high: i64::MIN, due: i64::MIN };

    fn with(self, other: Self) -> Self {
        Self { low: self.low.max(other.low), high: self.high.min(other.high), due: self.due.min(other.due) }
    }
}

/// What the book keeps of the positions of one side that listen to one source.
#[derive(Debug)]
struct SideIndex {
    side: Side,
    /// Keyed by the lower end of the band: reached by a falling gain.
    lowers: Levels,
    /// Keyed by the mirrored upper end of the band: reached by a rising gain.
    uppers: Levels,
    trailers: Trailers,
}

/// A place for a position, used again after it has left.
#[derive(Debug)]
struct Slot {
    epoch: u32,
    lower: i64,
    upper: i64,
    member: Option<Member>,
    position: Option<Position>,
}

/// All positions of one symbol.
#[derive(Debug, Default)]
pub struct Book {
    slots: Vec<Slot>,
    free: Vec<u32>,
    by_id: HashMap<u64, u32>,
    indexes: Vec<SideIndex>,
    /// Positions whose stop and legs listen to different sources look at every tick.
    mixed: Vec<u32>,
    /// By source: a tick of another one does not ask for the time.
    deadlines: [Levels; 2],
    looking: Vec<(u64, u32)>,
}

/// Takes the levels in force from a slice of slots; a closure over `self` would borrow all of it.
macro_rules! in_force {
    ($slots:expr, $end:ident) => {
        |level: &Level| {
            let slot = &$slots[level.slot as usize];
            slot.epoch == level.epoch && slot.$end == level.key
        }
    };
}

impl Book {
    /// A book without positions. Other threads find their watermarks in `directory`.
    #[must_use]
    pub fn new(directory: &Arc<WatermarkDirectory>) -> Self {
        let index = |side| SideIndex {
            side,
            lowers: Levels::default(),
            uppers: Levels::default(),
            trailers: Trailers::new(side, Arc::clone(directory)),
        };
        // By source, then by side: LAST LONG, LAST SHORT, MARK LONG, MARK SHORT.
        let sides = [Side::Long, Side::Short, Side::Long, Side::Short];
        Self { indexes: sides.into_iter().map(index).collect(), ..Self::default() }
    }

    /// Number of open positions.
    #[must_use]
    pub fn len(&self) -> usize {
        self.by_id.len()
    }

    /// `true` without any open position.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.by_id.is_empty()
    }

    /// Ids of the open positions, in no order.
    pub fn ids(&self) -> impl Iterator<Item = u64> + '_ {
        self.by_id.keys().copied()
    }

    /// Slot of an open position.
    #[must_use]
    pub fn slot_of(&self, id: u64) -> Option<u32> {
        self.by_id.get(&id).copied()
    }

    /// An open position with its watermark as of the last tick.
    #[must_use]
    pub fn position(&self, id: u64) -> Option<Position> {
        let slot = &self.slots[*self.by_id.get(&id)? as usize];
        let mut position = slot.position.clone()?;
        if let Some(watermark) = self.watermark_of(slot) {
            position.sync_watermark(watermark);
        }
        Some(position)
    }

    /// Takes a position in and shows it `tick`, the first of its life.
    ///
    /// Invariant: no open position has its id, and all others have seen `tick`.
    pub fn insert(&mut self, position: Position) -> u32 {
        debug_assert!(!self.by_id.contains_key(&position.id()));
        let slot = self.free.pop().unwrap_or_else(|| {
            self.slots.push(Slot {
                epoch: 0,
                lower: NOT_KEPT,
                upper: NOT_KEPT,
                member: None,
                position: None,
            });
            u32::try_from(self.slots.len() - 1).unwrap_or(u32::MAX)
        });
        self.by_id.insert(position.id(), slot);
        let home = Home::of(&position);
        self.slots[slot as usize].position = Some(position);
        self.enter(slot, home);
        slot
    }

    /// The stretch of prices and time in which no position has to look at a tick of `source`.
    #[must_use]
    pub fn quiet(&mut self, source: Source) -> Quiet {
        if !self.mixed.is_empty() {
            return Quiet::NEVER;
        }
        let slots = &self.slots;
        let mut quiet = Quiet::ALWAYS;
        for index in &mut self.indexes[Home::of_source(source)] {
            let lower = index.lowers.top(in_force!(slots, lower)).unwrap_or(i64::MIN);
            let lower = lower.max(index.trailers.highest_stop().0);
            let upper = index.uppers.top(in_force!(slots, upper)).map_or(i64::MAX, i64::saturating_neg);
            let upper = upper.min(index.trailers.lowest_top().0.saturating_add(1));
            quiet = quiet.with(match index.side {
                Side::Long => Quiet { low: lower, high: upper, due: i64::MAX },
                Side::Short => {
                    Quiet { low: upper.saturating_neg(), high: lower.saturating_neg(), due: i64::MAX }
                }
            });
        }
        quiet.due = self.deadlines[source as usize].top(alive(slots)).map_or(i64::MAX, i64::saturating_neg);
        quiet
    }

    /// Shows a tick to every position that it concerns, and to those in `fresh`, which were inserted
    /// for it. Calls `seen` for each of them, with its slot and its group, after its events.
    pub fn on_tick(
        &mut self,
        source: Source,
        tick: Tick,
        fresh: &[u32],
        rules: &FillRules,
        events: &mut Vec<Event>,
        mut seen: impl FnMut(u32, &Position, Option<GroupId>),
    ) {
        self.find_concerned(source, tick);
        self.looking.extend(
            fresh.iter().filter_map(|slot| Some((self.slots[*slot as usize].position.as_ref()?.id(), *slot))),
        );
        let mut looking = std::mem::take(&mut self.looking);
        looking.sort_unstable();
        looking.dedup();
        for (_, slot) in &looking {
            self.catch_up(*slot);
        }
        // Only now: whoever looks compares the tick with the watermark before it.
        for index in &mut self.indexes[Home::of_source(source)] {
            let gain = index.side.gain(tick.price);
            index.trailers.drop_reached(gain);
            index.trailers.raise(gain);
        }
        for (_, slot) in &looking {
            let Some(position) = self.slots[*slot as usize].position.as_mut() else {
                continue;
            };
            position.on_tick(source, tick, rules, events);
            self.settle(*slot, rules, Some(tick));
            if let Some(position) = &self.slots[*slot as usize].position {
                seen(*slot, position, self.group_of(*slot));
            }
            self.remove_if_closed(*slot);
        }
        looking.clear();
        self.looking = looking;
    }

    /// Lets `command` change an open position between two ticks; `None` when there is none with `id`.
    pub fn command<T>(
        &mut self,
        id: u64,
        rules: &FillRules,
        command: impl FnOnce(&mut Position) -> T,
        seen: impl FnOnce(u32, &Position, Option<GroupId>),
    ) -> Option<T> {
        let slot = self.slot_of(id)?;
        self.catch_up(slot);
        let position = self.slots[slot as usize].position.as_mut()?;
        let home = Home::of(position);
        let result = command(position);
        let home_now = Home::of(position);
        if home_now != home {
            self.withdraw(slot, home);
            self.enter(slot, home_now);
        }
        self.settle(slot, rules, None);
        if let Some(position) = &self.slots[slot as usize].position {
            seen(slot, position, self.group_of(slot));
        }
        self.remove_if_closed(slot);
        Some(result)
    }

    /// What other threads find the watermark of a slot by, while it is followed for it.
    fn group_of(&self, slot: u32) -> Option<GroupId> {
        let slot = &self.slots[slot as usize];
        self.indexes[Home::of(slot.position.as_ref()?).index()].trailers.group(slot.member?)
    }

    fn find_concerned(&mut self, source: Source, tick: Tick) {
        let slots = &self.slots;
        let looking = &mut self.looking;
        let mut look = |slot: u32| {
            if let Some(position) = &slots[slot as usize].position {
                looking.push((position.id(), slot));
            }
        };
        for index in &mut self.indexes[Home::of_source(source)] {
            let gain = index.side.gain(tick.price);
            index.lowers.take_reached(gain.0, in_force!(slots, lower), |level| look(level.slot));
            index.uppers.take_reached(-gain.0, in_force!(slots, upper), |level| look(level.slot));
            index.trailers.reached(gain, |slot, member| {
                if slots[slot as usize].member == Some(member) {
                    look(slot);
                }
            });
        }
        self.deadlines[source as usize].take_reached(-tick.ts.0, alive(slots), |level| look(level.slot));
        self.mixed.iter().for_each(|slot| look(*slot));
    }

    fn watermark_of(&self, slot: &Slot) -> Option<Gain> {
        let position = slot.position.as_ref()?;
        self.indexes[Home::of(position).index()].trailers.watermark(slot.member?)
    }

    /// Brings the watermark of a position up to the last tick.
    fn catch_up(&mut self, slot: u32) {
        let watermark = self.watermark_of(&self.slots[slot as usize]);
        let position = self.slots[slot as usize].position.as_mut();
        if let (Some(watermark), Some(position)) = (watermark, position) {
            position.sync_watermark(watermark);
        }
    }

    /// Enters what a position waits for now; `shown` is the tick that it has just looked at.
    fn settle(&mut self, slot_index: u32, rules: &FillRules, shown: Option<Tick>) {
        let slot = &self.slots[slot_index as usize];
        let Some(position) = &slot.position else {
            return;
        };
        let plan = position.plan();
        let indexed = position.open().0 > 0 && plan.stop_source == plan.leg_source;
        let Band { lower, upper } = position.band(rules.limit_fill);
        let (lower, upper) = match (indexed, upper) {
            (false, _) => (NOT_KEPT, NOT_KEPT),
            (true, Gain::MAX) => (lower.0, NOT_KEPT),
            (true, Gain(upper)) => (lower.0, upper.saturating_neg()),
        };
        let trails = (indexed && position.phase == TrailPhase::Active)
            .then_some((position.callback_ppm, position.watermark));
        let index = Home::of(position).index();
        let gain = shown.map(|tick| plan.side.gain(tick.price).0);
        // A level that the tick reached was taken out of its heap.
        let lower_taken = gain.is_some_and(|gain| slot.lower >= gain);
        let upper_taken = gain.is_some_and(|gain| slot.upper >= -gain);
        let (epoch, member) = (slot.epoch, slot.member);
        let place = &mut self.slots[slot_index as usize];
        let lower_before = std::mem::replace(&mut place.lower, lower);
        let upper_before = std::mem::replace(&mut place.upper, upper);
        let slots = &self.slots;
        let SideIndex { lowers, uppers, .. } = &mut self.indexes[index];
        let level = |key| Level { key, slot: slot_index, epoch };
        if lower != lower_before || lower_taken {
            lowers.replace(lower_before, level(lower), in_force!(slots, lower));
        }
        if upper != upper_before || upper_taken {
            uppers.replace(upper_before, level(upper), in_force!(slots, upper));
        }
        self.enter_trail(slot_index, index, member, trails);
    }

    fn enter_trail(&mut self, slot: u32, index: usize, member: Option<Member>, trails: Option<(i64, Gain)>) {
        let trailers = &mut self.indexes[index].trailers;
        let stays = match (member, trails) {
            (Some(member), Some((callback_ppm, watermark))) => {
                trailers.callback_ppm(member) == callback_ppm && trailers.watermark(member) == Some(watermark)
            }
            (None, None) => true,
            _ => false,
        };
        if stays {
            return;
        }
        if let Some(member) = member {
            trailers.leave(member);
        }
        let joined = trails.map(|(callback_ppm, watermark)| trailers.join(slot, callback_ppm, watermark));
        self.slots[slot as usize].member = joined;
    }

    fn remove_if_closed(&mut self, slot_index: u32) {
        let slot = &mut self.slots[slot_index as usize];
        let Some(position) = slot.position.take_if(|position| position.open().0 == 0) else {
            return;
        };
        self.by_id.remove(&position.id());
        self.free.push(slot_index);
        self.withdraw(slot_index, Home::of(&position));
    }

    /// Keeps a position where `home` says; its levels follow when it settles.
    fn enter(&mut self, slot: u32, home: Home) {
        if home.is_mixed() {
            self.mixed.push(slot);
        }
        if home.has_deadline() {
            let epoch = self.slots[slot as usize].epoch;
            self.deadlines[home.stop_source as usize].push(Level { key: -home.due.0, slot, epoch });
        }
    }

    /// Takes a position out of all that it was kept in under `home`.
    fn withdraw(&mut self, slot_index: u32, home: Home) {
        let slot = &mut self.slots[slot_index as usize];
        slot.epoch = slot.epoch.wrapping_add(1);
        let (lower, upper, member) = (slot.lower, slot.upper, slot.member.take());
        (slot.lower, slot.upper) = (NOT_KEPT, NOT_KEPT);
        let slots = &self.slots;
        let SideIndex { lowers, uppers, trailers, .. } = &mut self.indexes[home.index()];
        if lower != NOT_KEPT {
            lowers.retire(in_force!(slots, lower));
        }
        if upper != NOT_KEPT {
            uppers.retire(in_force!(slots, upper));
        }
        if let Some(member) = member {
            trailers.leave(member);
        }
        if home.is_mixed() {
            self.mixed.retain(|slot| *slot != slot_index);
        }
        if home.has_deadline() {
            self.deadlines[home.stop_source as usize].retire(alive(slots));
        }
    }
}

/// Takes the levels whose position is still where it was when they were entered.
fn alive(slots: &[Slot]) -> impl Fn(&Level) -> bool + '_ {
    |level| slots[level.slot as usize].epoch == level.epoch
}
