//! All positions of one symbol: a price finds those that it concerns.
//!
//! The book never decides what happens. It keeps, for each side and source, the next fixed levels in
//! two heaps and the active trailing stops in stacks of watermarks, finds the positions that have to
//! look at a tick, and shows it to them in the order of their ids. A tick between the nearest levels
//! costs two comparisons, whatever the number of positions.

use crate::event::Event;
use crate::home::Home;
use crate::levels::{Level, Levels, NOT_KEPT};
use crate::position::{Band, FillRules, Position, TrailPhase};
use crate::quiet::{Quiet, Reach};
use crate::simd::prefetch;
use crate::sync::Arc;
use crate::tick::{Source, Tick};
use crate::trailers::{Member, Trailers};
use crate::units::{Gain, Ns, Side, Ticks};
use crate::watermark::{GroupId, WatermarkDirectory};

/// What the book keeps of the positions of one side that listen to one source.
#[derive(Debug)]
#[repr(C)]
struct SideIndex {
    trailers: Trailers,
    side: Side,
    /// Keyed by the lower end of the band: reached by a falling gain.
    lowers: Levels,
    /// Keyed by the mirrored upper end of the band: reached by a rising gain.
    uppers: Levels,
}

impl SideIndex {
    /// Above its trailing stops nobody of this side is stopped by one.
    #[inline]
    const fn stops(&self) -> Quiet {
        Quiet::between(self.side, self.trailers.highest_stop().0, i64::MAX)
    }

    /// At or below its watermarks nobody's rises.
    #[inline]
    const fn tops(&self) -> Quiet {
        Quiet::between(self.side, i64::MIN, self.trailers.lowest_top().0.saturating_add(1))
    }
}

/// What the indexes know of a slot: the place of a position, used again after it has left. Apart
/// from the positions, so that many of them lie in the cache.
#[derive(Debug)]
struct Slot {
    lower: i64,
    upper: i64,
    due: i64,
    id: u64,
    member: Option<Member>,
    epoch: u32,
    /// Which of the indexes.
    index: u8,
}

/// One cache line: a tick that concerns ten thousand positions reads ten thousand slots.
const _: () = assert!(size_of::<Slot>() <= 64);

/// A position that has to look at the tick.
#[derive(Debug, Clone, Copy)]
struct Looker {
    id: u64,
    slot: u32,
    /// Its watermark before the tick, where a class keeps it.
    watermark: Option<Gain>,
}

/// Who is told of the positions that look at a tick.
pub trait Audience {
    /// The position in `slot` will look: time to fetch what will be written about it.
    fn soon(&self, slot: u32);

    /// The position in `slot` has looked; its watermark is that of its group, if it has one.
    fn seen(&mut self, slot: u32, position: &Position, group: Option<GroupId>);
}

/// So many positions ahead of the one that looks, the next is fetched.
const AHEAD: usize = 4;

/// All positions of one symbol.
#[derive(Debug)]
#[repr(C)]
pub struct Book {
    /// By source, then by side: LAST LONG, LAST SHORT, MARK LONG, MARK SHORT.
    indexes: [SideIndex; 4],
    slots: Vec<Slot>,
    /// By slot. A slot that is free may still hold the position that closed there.
    positions: Vec<Option<Position>>,
    free: Vec<u32>,
    /// Positions whose stop and legs listen to different sources look at every tick.
    mixed: Vec<u32>,
    /// Keyed by the mirrored time. By source: a tick of another one does not ask for the time.
    deadlines: [Levels; 2],
    looking: Vec<Looker>,
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
        Self {
            slots: Vec::new(),
            positions: Vec::new(),
            free: Vec::new(),
            indexes: [Side::Long, Side::Short, Side::Long, Side::Short].map(index),
            mixed: Vec::new(),
            deadlines: [Levels::default(), Levels::default()],
            looking: Vec::new(),
        }
    }

    /// Number of open positions.
    #[must_use]
    pub fn len(&self) -> usize {
        self.slots.len() - self.free.len()
    }

    /// `true` without any open position.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// An open position with its watermark as of the last tick; `None` for a slot that is free.
    #[must_use]
    pub fn position(&self, slot: u32) -> Option<Position> {
        let open = self.positions.get(slot as usize)?.as_ref().filter(|position| position.open().0 > 0);
        let mut position = open.cloned()?;
        if let Some(watermark) = self.watermark_of(slot) {
            position.sync_watermark(watermark);
        }
        Some(position)
    }

    /// Takes a position in and returns its slot, by which it is known from now on. The next tick is to
    /// be shown to it as a fresh one.
    ///
    /// Invariant: no open position has its id.
    pub fn insert(&mut self, position: Position) -> u32 {
        let slot = self.free.pop().unwrap_or_else(|| {
            self.slots.push(Slot {
                lower: NOT_KEPT,
                upper: NOT_KEPT,
                due: NOT_KEPT,
                id: 0,
                member: None,
                epoch: 0,
                index: 0,
            });
            self.positions.push(None);
            u32::try_from(self.slots.len() - 1).unwrap_or(u32::MAX)
        });
        self.slots[slot as usize].id = position.id();
        let home = Home::of(&position);
        self.positions[slot as usize] = Some(position);
        self.enter(slot, home);
        slot
    }

    /// What the next tick of `source` may do.
    #[must_use]
    pub fn reach(&mut self, source: Source) -> Reach {
        if !self.mixed.is_empty() {
            return Reach::NEVER;
        }
        let slots = &self.slots;
        let deadlines = &mut self.deadlines[source as usize];
        let due = deadlines.top(in_force!(slots, due)).map_or(i64::MAX, i64::saturating_neg);
        let mut raising = Quiet { due, ..Quiet::ALWAYS };
        for index in &mut self.indexes[Home::of_source(source)] {
            let lower = index.lowers.top(in_force!(slots, lower)).unwrap_or(i64::MIN);
            let upper = index.uppers.top(in_force!(slots, upper)).map_or(i64::MAX, i64::saturating_neg);
            raising = raising.with(Quiet::between(index.side, lower, upper)).with(index.stops());
        }
        let indexes = &self.indexes[Home::of_source(source)];
        // Whoever looks next is in the cache by then.
        for index in indexes {
            for level in index.lowers.next().iter().chain(index.uppers.next()) {
                self.prefetch(level.slot);
            }
        }
        Reach { quiet: indexes.iter().map(SideIndex::tops).fold(raising, Quiet::with), raising }
    }

    /// Raises the watermarks by a tick that lies within `reach.raising` and is not quiet, and says what
    /// the next one may do.
    ///
    /// A side whose watermarks the tick does not pass is not even read.
    #[must_use]
    pub fn raise(&mut self, source: Source, price: Ticks, reach: Reach) -> Reach {
        let Reach { quiet, mut raising } = reach;
        let [long, short] = &mut self.indexes[Home::of_source(source)] else {
            return Reach::NEVER;
        };
        let (mut low, mut high) = (quiet.low, quiet.high);
        if price.0 >= quiet.high {
            long.trailers.raise(Side::Long.gain(price));
            raising = raising.with(long.stops());
            high = long.tops().high;
        }
        if price.0 <= quiet.low {
            short.trailers.raise(Side::Short.gain(price));
            raising = raising.with(short.stops());
            low = short.tops().low;
        }
        // Stops have only risen: where the quiet ended at one of them before, it ends no later now.
        let quiet = Quiet { low: low.max(raising.low), high: high.min(raising.high), due: raising.due };
        Reach { quiet, raising }
    }

    /// Whether a tick of either source may concern a position.
    #[must_use]
    pub const fn is_mixed(&self) -> bool {
        !self.mixed.is_empty()
    }

    /// Shows a tick to every position that it concerns, and to those in `fresh`, which were inserted
    /// for it, and tells `audience` of each.
    pub fn on_tick(
        &mut self,
        source: Source,
        tick: Tick,
        fresh: &[u32],
        rules: &FillRules,
        events: &mut Vec<Event>,
        audience: &mut impl Audience,
    ) {
        self.find_concerned(source, tick);
        let slots = &self.slots;
        let look_at = |slot: &u32| Looker { id: slots[*slot as usize].id, slot: *slot, watermark: None };
        self.looking.extend(fresh.iter().map(look_at));
        let mut looking = std::mem::take(&mut self.looking);
        looking.sort_unstable_by_key(|looker| looker.id);
        looking.dedup_by_key(|looker| looker.id);
        for looker in &looking[..looking.len().min(AHEAD)] {
            self.prefetch(looker.slot);
            audience.soon(looker.slot);
        }
        for looker in &mut looking {
            looker.watermark = self.watermark_of(looker.slot);
        }
        // Only now: whoever looks compares the tick with the watermark before it.
        for index in &mut self.indexes[Home::of_source(source)] {
            let gain = index.side.gain(tick.price);
            index.trailers.drop_reached(gain);
            index.trailers.raise(gain);
        }
        for (at, Looker { slot, watermark, .. }) in looking.iter().enumerate() {
            if let Some(next) = looking.get(at + AHEAD) {
                self.prefetch(next.slot);
                audience.soon(next.slot);
            }
            let Some(position) = &mut self.positions[*slot as usize] else {
                continue;
            };
            if let Some(watermark) = watermark {
                position.sync_watermark(*watermark);
            }
            position.on_tick(source, tick, rules, events);
            self.settle(*slot, rules, Some(tick));
            if let Some(position) = &self.positions[*slot as usize] {
                audience.seen(*slot, position, self.group_of(*slot));
            }
            self.remove_if_closed(*slot);
        }
        looking.clear();
        self.looking = looking;
    }

    /// Lets `command` change an open position between two ticks; `None` for a slot that is free.
    pub fn command<T>(
        &mut self,
        slot: u32,
        rules: &FillRules,
        command: impl FnOnce(&mut Position) -> T,
        seen: impl FnOnce(u32, &Position, Option<GroupId>),
    ) -> Option<T> {
        self.catch_up(slot);
        let open = self.positions.get_mut(slot as usize)?.as_mut().filter(|position| position.open().0 > 0);
        let position = open?;
        let home = Home::of(position);
        let result = command(position);
        let home_now = Home::of(position);
        if home_now != home {
            self.withdraw(slot, home);
            self.enter(slot, home_now);
        }
        self.settle(slot, rules, None);
        if let Some(position) = &self.positions[slot as usize] {
            seen(slot, position, self.group_of(slot));
        }
        self.remove_if_closed(slot);
        Some(result)
    }

    /// What other threads find the watermark of a slot by, while it is followed for it.
    fn group_of(&self, slot: u32) -> Option<GroupId> {
        let Slot { member, index, .. } = &self.slots[slot as usize];
        self.indexes[usize::from(*index)].trailers.group((*member)?)
    }

    fn find_concerned(&mut self, source: Source, tick: Tick) {
        let slots = &self.slots;
        let looking = &mut self.looking;
        let mut look =
            |slot: u32| looking.push(Looker { id: slots[slot as usize].id, slot, watermark: None });
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
        let deadlines = &mut self.deadlines[source as usize];
        deadlines.take_reached(-tick.ts.0, in_force!(slots, due), |level| look(level.slot));
        self.mixed.iter().for_each(|slot| look(*slot));
    }

    fn watermark_of(&self, slot: u32) -> Option<Gain> {
        let Slot { member, index, .. } = &self.slots[slot as usize];
        self.indexes[usize::from(*index)].trailers.watermark((*member)?)
    }

    /// Fetches what a tick will read of a position, while others are evaluated.
    #[inline]
    fn prefetch(&self, slot: u32) {
        let place = std::ptr::from_ref(&self.positions[slot as usize]).cast::<u8>();
        for offset in Position::READ_BY_A_TICK {
            prefetch(place.wrapping_add(offset));
        }
    }

    /// Brings the watermark of a position up to the last tick.
    fn catch_up(&mut self, slot: u32) {
        let watermark = self.watermark_of(slot);
        if let (Some(watermark), Some(position)) = (watermark, &mut self.positions[slot as usize]) {
            position.sync_watermark(watermark);
        }
    }

    /// Enters what a position waits for now; `shown` is the tick that it has just looked at.
    fn settle(&mut self, slot_index: u32, rules: &FillRules, shown: Option<Tick>) {
        let Some(position) = &self.positions[slot_index as usize] else {
            return;
        };
        let slot = &self.slots[slot_index as usize];
        let plan = position.plan();
        let indexed = position.open().0 > 0 && plan.stop_source == plan.leg_source;
        let (lower, upper) = match indexed.then(|| position.band(rules.limit_fill)) {
            None => (NOT_KEPT, NOT_KEPT),
            Some(Band { lower, upper: Gain::MAX }) => (lower.0, NOT_KEPT),
            Some(Band { lower, upper: Gain(upper) }) => (lower.0, upper.saturating_neg()),
        };
        let trails = (indexed && position.phase == TrailPhase::Active)
            .then_some((position.callback_ppm, position.watermark));
        let due = match position.deadline() {
            Ns(due) if indexed && due != i64::MAX => -due,
            _ => NOT_KEPT,
        };
        let index = usize::from(slot.index);
        let stop_source = plan.stop_source as usize;
        let gain = shown.map(|tick| plan.side.gain(tick.price).0);
        // A level that the tick reached was taken out of its heap.
        let lower_taken = gain.is_some_and(|gain| slot.lower >= gain);
        let upper_taken = gain.is_some_and(|gain| slot.upper >= -gain);
        let due_taken = shown.is_some_and(|tick| slot.due >= -tick.ts.0);
        let (epoch, member) = (slot.epoch, slot.member);
        let place = &mut self.slots[slot_index as usize];
        let lower_before = std::mem::replace(&mut place.lower, lower);
        let upper_before = std::mem::replace(&mut place.upper, upper);
        let due_before = std::mem::replace(&mut place.due, due);
        let slots = &self.slots;
        let SideIndex { lowers, uppers, .. } = &mut self.indexes[index];
        let level = |key| Level { key, slot: slot_index, epoch };
        if lower != lower_before || lower_taken {
            lowers.replace(lower_before, level(lower), in_force!(slots, lower));
        }
        if upper != upper_before || upper_taken {
            uppers.replace(upper_before, level(upper), in_force!(slots, upper));
        }
        if due != due_before || due_taken {
            self.deadlines[stop_source].replace(due_before, level(due), in_force!(slots, due));
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
        let closed = self.positions[slot_index as usize].as_ref().filter(|position| position.open().0 == 0);
        let Some(home) = closed.map(Home::of) else {
            return;
        };
        // The position stays until its slot is used again: dropping it would read the rest of it.
        self.withdraw(slot_index, home);
        self.free.push(slot_index);
    }

    /// Keeps a position where `home` says; its levels follow when it settles.
    fn enter(&mut self, slot_index: u32, home: Home) {
        let slot = &mut self.slots[slot_index as usize];
        slot.index = home.index();
        if home.is_mixed() {
            self.mixed.push(slot_index);
        }
    }

    /// Takes a position out of all that it was kept in under `home`.
    fn withdraw(&mut self, slot_index: u32, home: Home) {
        let slot = &mut self.slots[slot_index as usize];
        slot.epoch = slot.epoch.wrapping_add(1);
        let (lower, upper, due, member) = (slot.lower, slot.upper, slot.due, slot.member.take());
        (slot.lower, slot.upper, slot.due) = (NOT_KEPT, NOT_KEPT, NOT_KEPT);
        let slots = &self.slots;
        let SideIndex { lowers, uppers, trailers, .. } = &mut self.indexes[usize::from(home.index())];
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
        if due != NOT_KEPT {
            self.deadlines[home.source()].retire(in_force!(slots, due));
        }
    }
}
