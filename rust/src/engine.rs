//! The live engine: ticks of many symbols in, events out, one tick at a time.
//!
//! Deterministic: the events are a function of the calls and their arguments. No clock, no I/O, no
//! randomness.

mod commands;

use std::collections::BTreeMap;

use crate::book::{Audience, Book};
use crate::error::Invalid;
use crate::event::{Event, Reason};
use crate::ids::IdMap;
use crate::instrument::Instrument;
use crate::plan::ExitPlan;
use crate::position::{FillRules, Position};
use crate::quiet::{Quiet, Reach};
use crate::screen::{DoorRefusal, door};
use crate::snapshot::{PositionHandle, Publisher, SnapshotReader};
use crate::tick::{Gate, Source, Tick, Verdict};
use crate::units::{Ns, PPM, Ticks};
use crate::watermark::GroupId;

/// Why the engine refused a call. Nothing was changed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum EngineError {
    /// No symbol has this number.
    #[error("symbol_id: {0} is not allowed; symbols are numbered from 0 in the order of add_symbol")]
    UnknownSymbol(u32),
    /// No open or scheduled position has this id.
    #[error("position_id: {0} is not allowed; no open position has this id")]
    UnknownPosition(u64),
    /// The value of an argument.
    #[error(transparent)]
    Invalid(#[from] Invalid),
}

/// What the quiet path reads of one symbol and source: half a cache line, never two.
#[derive(Debug, Clone, Copy)]
#[repr(align(32))]
struct Calm {
    quiet: Quiet,
    last_ts: i64,
}

impl Calm {
    const NEW: Self = Self { quiet: Quiet::NEVER, last_ts: i64::MIN };
}

#[derive(Debug)]
#[repr(C)]
struct Symbol {
    /// By source: where a tick that is not quiet only raises watermarks. Beside the book, which it reads.
    raising: [Quiet; 2],
    book: Book,
    instrument: Instrument,
    /// Cells of the snapshots, by slot of the book.
    cells: Vec<usize>,
    gates: [Gate; 2],
    /// Positions whose entry time no tick has reached, by time and id.
    scheduled: BTreeMap<(Ns, u64), ExitPlan>,
    refused: u64,
}

/// Publishes the positions of one symbol that look at a tick, and notes those that close.
struct Published<'a> {
    cells: &'a [usize],
    publisher: &'a mut Publisher,
    closed: &'a mut Vec<u64>,
}

impl Audience for Published<'_> {
    #[inline]
    fn soon(&self, slot: u32) {
        self.publisher.prefetch(self.cells[slot as usize]);
    }

    #[inline]
    fn seen(&mut self, slot: u32, position: &Position, group: Option<GroupId>) {
        self.publisher.publish(self.cells[slot as usize], position, group);
        if position.open().0 == 0 {
            self.closed.push(position.id());
        }
    }
}

/// Where a position is kept.
#[derive(Debug, Clone, Copy)]
struct Place {
    symbol: u32,
    /// In the book; `None` until a tick has reached its entry.
    slot: Option<u32>,
}

/// The engine.
#[derive(Debug)]
pub struct Engine {
    rules: FillRules,
    max_jump_ppm: Option<i64>,
    symbols: Vec<Symbol>,
    /// By source, then by symbol: small enough for a thousand symbols to stay in the first cache.
    calm: [Vec<Calm>; 2],
    /// By source, then by symbol: the last price, 0 before the first. Only written on the quiet path.
    last_prices: [Vec<i64>; 2],
    /// Each scheduled or open position.
    places: IdMap<Place>,
    next_id: u64,
    fresh: Vec<u32>,
    closed: Vec<u64>,
    publisher: Publisher,
}

impl Engine {
    /// An engine without symbols. `max_jump_ppm`: the jump guard as a fraction in ppm, `None` = off.
    ///
    /// # Errors
    /// [`Invalid`] for a jump guard outside (0, 1] or a negative slippage.
    pub fn new(rules: FillRules, max_jump_ppm: Option<i64>) -> Result<Self, Invalid> {
        check_jump(max_jump_ppm)?;
        if rules.slippage_ticks < 0 {
            let allowed = "0 or more: slippage is what a market exit loses";
            return Err(Invalid::new("slippage_ticks", rules.slippage_ticks, allowed));
        }
        Ok(Self {
            rules,
            max_jump_ppm,
            symbols: Vec::new(),
            calm: [Vec::new(), Vec::new()],
            last_prices: [Vec::new(), Vec::new()],
            places: IdMap::default(),
            next_id: 0,
            fresh: Vec::new(),
            closed: Vec::new(),
            publisher: Publisher::new(),
        })
    }

    /// Adds a symbol and returns its number.
    pub fn add_symbol(&mut self, instrument: Instrument) -> u32 {
        self.symbols.push(Symbol {
            raising: [Quiet::NEVER; 2],
            instrument,
            book: Book::new(self.publisher.watermarks()),
            cells: Vec::new(),
            gates: [Gate::new(self.max_jump_ppm), Gate::new(self.max_jump_ppm)],
            scheduled: BTreeMap::new(),
            refused: 0,
        });
        for calm in &mut self.calm {
            calm.push(Calm::NEW);
        }
        for last_prices in &mut self.last_prices {
            last_prices.push(0);
        }
        u32::try_from(self.symbols.len() - 1).unwrap_or(u32::MAX)
    }

    /// The instrument of a symbol.
    ///
    /// # Errors
    /// [`EngineError::UnknownSymbol`].
    pub fn instrument(&self, symbol: u32) -> Result<&Instrument, EngineError> {
        Ok(&self.symbol(symbol)?.instrument)
    }

    /// Ticks refused so far for a symbol.
    ///
    /// # Errors
    /// [`EngineError::UnknownSymbol`].
    pub fn refused(&self, symbol: u32) -> Result<u64, EngineError> {
        Ok(self.symbol(symbol)?.refused)
    }

    /// Number of open positions of a symbol.
    ///
    /// # Errors
    /// [`EngineError::UnknownSymbol`].
    pub fn open_positions(&self, symbol: u32) -> Result<usize, EngineError> {
        Ok(self.symbol(symbol)?.book.len())
    }

    /// Guards a position from the first tick at or after `entry` on; returns its id.
    ///
    /// # Errors
    /// [`EngineError`] for an unknown symbol or an id that is taken.
    pub fn open(
        &mut self,
        symbol: u32,
        plan: ExitPlan,
        entry: Ns,
        id: Option<u64>,
    ) -> Result<u64, EngineError> {
        self.symbol(symbol)?;
        let id = id.unwrap_or(self.next_id);
        if self.places.contains_key(&id) || id == crate::event::NO_POSITION {
            let allowed = "an id that no open position has, below 2^64 - 1";
            return Err(Invalid::new("position_id", id, allowed).into());
        }
        self.next_id = self.next_id.max(id + 1);
        self.places.insert(id, Place { symbol, slot: None });
        self.publisher.add(symbol, id, &plan);
        let home = &mut self.symbols[symbol as usize];
        home.scheduled.insert((entry, id), plan);
        self.refresh(symbol);
        Ok(id)
    }

    /// One tick in ticks of the symbol's grid. Its events are appended to `events`.
    ///
    /// # Errors
    /// [`EngineError::UnknownSymbol`].
    #[inline]
    pub fn on_tick(
        &mut self,
        symbol: u32,
        source: Source,
        price: Ticks,
        ts: Ns,
        events: &mut Vec<Event>,
    ) -> Result<(), EngineError> {
        let calm =
            self.calm[source as usize].get_mut(symbol as usize).ok_or(EngineError::UnknownSymbol(symbol))?;
        if ts.0 >= calm.last_ts && calm.quiet.holds(price, ts) {
            calm.last_ts = ts.0;
            self.last_prices[source as usize][symbol as usize] = price.0;
        } else if !self.raise(symbol, source, Tick { ts, price }) {
            self.look(symbol, source, Tick { ts, price }, events);
        }
        Ok(())
    }

    /// One tick as a float price: the door for feeds that have no integers.
    ///
    /// # Errors
    /// [`EngineError`] for an unknown symbol or a price that is finite and positive but off the grid.
    pub fn on_price(
        &mut self,
        symbol: u32,
        source: Source,
        price: f64,
        ts: Ns,
        events: &mut Vec<Event>,
    ) -> Result<(), EngineError> {
        let home = self.symbol_mut(symbol)?;
        match door(price, &home.instrument) {
            Ok(price) => self.on_tick(symbol, source, price, ts, events),
            Err(DoorRefusal::Refused(why)) => {
                home.refused += 1;
                events.push(Event::refused(ts, price, why.into()));
                Ok(())
            }
            Err(DoorRefusal::OffGrid) => {
                let allowed = format!("a multiple of the tick size {}", home.instrument.tick_size());
                Err(Invalid::new("price", price, allowed).into())
            }
        }
    }

    /// One mark price as a float. The venue does not keep it on the grid: it is rounded to the nearest
    /// tick.
    ///
    /// # Errors
    /// [`EngineError`] for an unknown symbol or a price beyond the range of ticks.
    pub fn on_mark_price(
        &mut self,
        symbol: u32,
        price: f64,
        ts: Ns,
        events: &mut Vec<Event>,
    ) -> Result<(), EngineError> {
        let tick_size = self.symbol(symbol)?.instrument.tick_size().to_f64();
        let nearest = (price / tick_size).round() * tick_size;
        let on_grid = if nearest.is_finite() && price > 0.0 { nearest.max(tick_size) } else { price };
        self.on_price(symbol, Source::Mark, on_grid, ts, events)
    }

    /// Symbol of an open or scheduled position.
    ///
    /// # Errors
    /// [`EngineError::UnknownPosition`].
    pub fn symbol_of(&self, id: u64) -> Result<u32, EngineError> {
        self.places.get(&id).map(|place| place.symbol).ok_or(EngineError::UnknownPosition(id))
    }

    /// An open position as of the last tick.
    ///
    /// # Errors
    /// [`EngineError::UnknownPosition`], also while no tick has reached its entry time.
    pub fn position(&self, id: u64) -> Result<Position, EngineError> {
        let unknown = EngineError::UnknownPosition(id);
        let Some(Place { symbol, slot: Some(slot) }) = self.places.get(&id) else {
            return Err(unknown);
        };
        self.symbols[*symbol as usize].book.position(*slot).ok_or(unknown)
    }

    /// A view of all positions for other threads; it neither waits for ticks nor delays them.
    #[must_use]
    pub fn reader(&self) -> SnapshotReader {
        self.publisher.reader().clone()
    }

    /// A view of one position for other threads, good beyond its end.
    ///
    /// # Errors
    /// [`EngineError::UnknownPosition`] when no position ever had this id.
    pub fn snapshot_handle(&self, id: u64) -> Result<PositionHandle, EngineError> {
        self.publisher.reader().handle(id).ok_or(EngineError::UnknownPosition(id))
    }

    /// A new high or low that no position has to look at: it moves watermarks, or it is not for here.
    fn raise(&mut self, symbol: u32, source: Source, tick: Tick) -> bool {
        let calm = &mut self.calm[source as usize][symbol as usize];
        let Symbol { raising, book, .. } = &mut self.symbols[symbol as usize];
        let raising = &mut raising[source as usize];
        let only_raises = tick.ts.0 >= calm.last_ts && raising.holds(tick.price, tick.ts);
        if only_raises {
            let before = Reach { quiet: calm.quiet, raising: *raising };
            let reach = book.raise(source, tick.price, before);
            *calm = Calm { quiet: reach.quiet, last_ts: tick.ts.0 };
            self.last_prices[source as usize][symbol as usize] = tick.price.0;
            *raising = reach.raising;
        }
        only_raises
    }

    /// The slow path: somebody looks, or the tick is refused or held.
    #[cold]
    fn look(&mut self, symbol: u32, source: Source, tick: Tick, events: &mut Vec<Event>) {
        self.sync_gate(symbol, source);
        let home = &mut self.symbols[symbol as usize];
        let gate = &mut home.gates[source as usize];
        if gate.is_plain(tick) {
            gate.note(tick);
            self.show(symbol, source, tick, events);
        } else {
            for verdict in gate.offer(tick) {
                match verdict {
                    Verdict::Pass(tick) => self.show(symbol, source, tick, events),
                    Verdict::Refuse(tick, why) => {
                        let home = &mut self.symbols[symbol as usize];
                        home.refused += 1;
                        let offered = home.instrument.price_f64(tick.price);
                        events.push(Event::refused(tick.ts, offered, Reason::from(why)));
                    }
                }
            }
        }
        // Here and nowhere else: at equal times the gate may be behind the quiet path.
        if let Some(last) = self.symbols[symbol as usize].gates[source as usize].last() {
            let calm = &mut self.calm[source as usize][symbol as usize];
            calm.last_ts = last.ts.0;
            self.last_prices[source as usize][symbol as usize] = last.price.0;
        }
        // What ends the stretch of the other source has not come nearer, unless a position hears both.
        if self.symbols[symbol as usize].book.is_mixed() {
            self.refresh(symbol);
        } else {
            self.refresh_source(symbol, source);
        }
    }

    /// Opens the positions that are due and shows the tick to all that it concerns.
    fn show(&mut self, symbol: u32, source: Source, tick: Tick, events: &mut Vec<Event>) {
        let Self { symbols, places, fresh, closed, rules, publisher, .. } = self;
        let Symbol { book, scheduled, cells, .. } = &mut symbols[symbol as usize];
        let due = scheduled.range(..=(tick.ts, u64::MAX));
        let hears = |plan: &ExitPlan| plan.stop_source == source || plan.leg_source == source;
        let starting: Vec<_> = due.filter(|(_, plan)| hears(plan)).map(|(key, _)| *key).collect();
        for key in starting {
            if let Some(plan) = scheduled.remove(&key) {
                let slot = book.insert(Position::new(key.1, plan, key.0));
                fresh.push(slot);
                places.insert(key.1, Place { symbol, slot: Some(slot) });
                cells.resize(cells.len().max(slot as usize + 1), 0);
                cells[slot as usize] = publisher.cell_of(key.1);
            }
        }
        let mut audience = Published { cells, publisher, closed };
        book.on_tick(source, tick, fresh, rules, events, &mut audience);
        fresh.clear();
        // In a row, so that the table is waited for once and not once for each.
        for id in closed.drain(..) {
            places.remove(&id);
        }
    }

    /// Tells the gate of the ticks that the quiet path passed.
    fn sync_gate(&mut self, symbol: u32, source: Source) {
        let calm = self.calm[source as usize][symbol as usize];
        let gate = &mut self.symbols[symbol as usize].gates[source as usize];
        let last_price = self.last_prices[source as usize][symbol as usize];
        if last_price > 0 && gate.held().is_none() {
            gate.resume(Tick { ts: Ns(calm.last_ts), price: Ticks(last_price) });
        }
    }

    /// Computes anew where the quiet path ends, for both sources.
    fn refresh(&mut self, symbol: u32) {
        self.refresh_source(symbol, Source::Last);
        self.refresh_source(symbol, Source::Mark);
    }

    fn refresh_source(&mut self, symbol: u32, source: Source) {
        let home = &mut self.symbols[symbol as usize];
        let next_entry = home.scheduled.first_key_value().map_or(i64::MAX, |((entry, _), _)| entry.0);
        let gate = &home.gates[source as usize];
        let Reach { mut quiet, mut raising } = home.book.reach(source);
        for stretch in [&mut quiet, &mut raising] {
            stretch.due = stretch.due.min(next_entry);
            if let Some(max_jump_ppm) = self.max_jump_ppm {
                *stretch = within_jump(*stretch, gate, max_jump_ppm);
            }
        }
        let calm = &mut self.calm[source as usize][symbol as usize];
        calm.quiet = quiet;
        home.raising[source as usize] = raising;
    }

    fn symbol(&self, symbol: u32) -> Result<&Symbol, EngineError> {
        self.symbols.get(symbol as usize).ok_or(EngineError::UnknownSymbol(symbol))
    }

    fn symbol_mut(&mut self, symbol: u32) -> Result<&mut Symbol, EngineError> {
        self.symbols.get_mut(symbol as usize).ok_or(EngineError::UnknownSymbol(symbol))
    }
}

/// Narrows the quiet stretch so that two prices within it are never a jump apart.
///
/// Both lie within a third of the limit of the last price, hence within two thirds of it from each
/// other, which is at most the limit of either. A held tick makes every tick loud.
fn within_jump(quiet: Quiet, gate: &Gate, max_jump_ppm: i64) -> Quiet {
    let (Some(last), None) = (gate.last(), gate.held()) else {
        return Quiet::NEVER;
    };
    let third = i128::from(last.price.0) * i128::from(max_jump_ppm) / i128::from(3 * PPM);
    let third = i64::try_from(third).unwrap_or(0);
    Quiet {
        low: quiet.low.max(last.price.0 - third - 1),
        high: quiet.high.min(last.price.0 + third + 1),
        due: quiet.due,
    }
}

/// Checks a jump guard.
///
/// # Errors
/// [`Invalid`] outside (0, 1].
pub fn check_jump(max_jump_ppm: Option<i64>) -> Result<(), Invalid> {
    match max_jump_ppm {
        Some(ppm) if !(1..=PPM).contains(&ppm) => {
            let value = crate::trail::ppm_text(ppm);
            Err(Invalid::new("max_jump_frac", value, "a fraction above 0 and at most 1, or absent"))
        }
        _ => Ok(()),
    }
}
