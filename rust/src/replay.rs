//! Replay: recorded ticks through the reducer, stretch by stretch, for any number of positions.

use crate::decimal::Decimal;
use crate::error::Invalid;
use crate::event::Event;
use crate::instrument::Instrument;
use crate::plan::{ExitPlan, PlanSpec};
use crate::position::{FillRules, Position};
use crate::pyramid::Pyramid;
use crate::screen::{OffGrid, Screened, Screener};
use crate::simd::Kernels;
use crate::tick::Source;
use crate::trade::Trade;
use crate::two_sources::{Series, replay_two_sources};
use crate::units::{Ns, PPM, Side};
use crate::walk::{BlockScan, CleanTicks, EveryTick, Finder, Jump, walk};

/// How the initial stop of an entry at the market is found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StopRule {
    /// At this price.
    Price(Decimal),
    /// This fraction of the entry price away from it, in ppm.
    FracPpm(i64),
}

/// The plan of an entry.
#[derive(Debug, Clone)]
pub enum EntryPlan {
    /// Known beforehand.
    Fixed(Box<ExitPlan>),
    /// Made when the first tick at or after the entry time gives the price.
    AtMarket {
        /// All but the two prices.
        spec: Box<PlanSpec>,
        /// The stop.
        stop: StopRule,
    },
}

/// A position that begins at a known time.
#[derive(Debug, Clone)]
pub struct Entry {
    /// Identity of the position.
    pub position_id: u64,
    /// The first tick at or after this time is the first one evaluated.
    pub entry_ns: Ns,
    /// Its plan.
    pub plan: EntryPlan,
}

/// How the ticks that matter are found. The events are the same for all.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Strategy {
    /// The fastest for the number of positions.
    Auto,
    /// Look at every tick: the oracle.
    EveryTick,
    /// Skip blocks by their range.
    Blocks,
    /// Build an index and jump.
    Jump,
}

/// Why a replay stopped.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum ReplayError {
    /// A price off the grid.
    #[error(transparent)]
    OffGrid(#[from] OffGrid),
    /// An entry whose plan could not be made at its first tick.
    #[error("position {position_id}: {source}")]
    Plan {
        /// The position.
        position_id: u64,
        /// What is wrong with its plan.
        source: Invalid,
    },
}

/// An event with the place that it takes in the table.
#[derive(Debug, Clone, Copy)]
struct Placed {
    tick: u64,
    event: Event,
}

#[derive(Debug)]
struct Guarded {
    position: Position,
    trade: Trade,
}

/// Below this many positions one scan each is cheaper than the index.
const FEW: usize = 3;

/// A replay of one symbol.
#[derive(Debug)]
pub struct SymbolReplay {
    instrument: Instrument,
    rules: FillRules,
    strategy: Strategy,
    kernels: Kernels,
    screener: Screener,
    /// The next entry is at the end, when `in_order`.
    waiting: Vec<Entry>,
    in_order: bool,
    open: Vec<Guarded>,
    done: Vec<Trade>,
    placed: Vec<Placed>,
    refused: u64,
    record_stop_path: bool,
    stop_path: Vec<StopPoint>,
}

/// Stop and trailing stop of a position after a tick that moved one of them.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct StopPoint {
    /// The position.
    pub position_id: u64,
    /// Time of the tick.
    pub ts: Ns,
    /// The stop, quote currency.
    pub stop: f64,
    /// The trailing stop, quote currency; NaN while it is not active.
    pub trail_stop: f64,
}

/// What a replay of one symbol gives.
#[derive(Debug)]
pub struct SymbolOutcome {
    /// Events by time, tick and position; within that in the order of the semantics.
    pub events: Vec<(u64, Event)>,
    /// One trade a position, by position id.
    pub trades: Vec<Trade>,
    /// Stop path by position and time, when it was asked for.
    pub stop_path: Vec<StopPoint>,
    /// Ticks offered.
    pub ticks: u64,
    /// Ticks refused.
    pub refused: u64,
    /// Entries for which no tick came.
    pub unopened: Vec<u64>,
}

impl SymbolReplay {
    /// A replay that has seen no tick.
    ///
    /// `max_jump_ppm`: the jump guard, `None` = off. `record_stop_path` looks at every tick.
    #[must_use]
    pub fn new(
        instrument: Instrument,
        rules: FillRules,
        strategy: Strategy,
        max_jump_ppm: Option<i64>,
        record_stop_path: bool,
        entries: Vec<Entry>,
    ) -> Self {
        Self {
            instrument,
            rules,
            strategy: if record_stop_path { Strategy::EveryTick } else { strategy },
            kernels: Kernels::best(),
            screener: Screener::new(max_jump_ppm),
            waiting: entries,
            in_order: false,
            open: Vec::new(),
            done: Vec::new(),
            placed: Vec::new(),
            refused: 0,
            record_stop_path,
            stop_path: Vec::new(),
        }
    }

    /// Adds an entry that no tick replayed so far has reached.
    ///
    /// # Errors
    /// [`Invalid`] when a tick at or after its time has been replayed.
    pub fn add(&mut self, entry: Entry) -> Result<(), Invalid> {
        if let Some(last) = self.screener.last()
            && entry.entry_ns <= last.ts
        {
            let allowed = format!("after {}, the time of the last tick replayed", last.ts.0);
            return Err(Invalid::new("entry_ns", entry.entry_ns.0, allowed));
        }
        self.waiting.push(entry);
        self.in_order = false;
        Ok(())
    }

    /// Ticks offered so far.
    #[must_use]
    pub const fn offered(&self) -> u64 {
        self.screener.offered()
    }

    /// Positions open or waiting for their entry: with none, no further tick changes anything.
    #[must_use]
    pub const fn unfinished(&self) -> usize {
        self.waiting.len() + self.open.len()
    }

    /// Replays the next stretch of ticks.
    ///
    /// # Errors
    /// [`ReplayError`]; the replay is not to be used afterwards.
    pub fn feed(&mut self, ts_ns: &[i64], price: &[f64]) -> Result<(), ReplayError> {
        let screened = self.screener.screen(ts_ns, price, &self.instrument)?;
        self.refused += screened.refused.len() as u64;
        self.placed
            .extend(screened.refused.iter().map(|(tick, event)| Placed { tick: *tick, event: *event }));
        let ticks = screened.ticks();
        let mut starts = vec![0; self.open.len()];
        self.start_due(ticks, &mut starts)?;
        if self.open.is_empty() || ticks.is_empty() {
            return Ok(());
        }
        match self.strategy {
            Strategy::EveryTick => self.advance(&screened, &starts, &EveryTick),
            Strategy::Auto if self.open.len() < FEW => {
                self.advance(&screened, &starts, &BlockScan::new(self.kernels));
            }
            Strategy::Blocks => self.advance(&screened, &starts, &BlockScan::new(self.kernels)),
            Strategy::Auto | Strategy::Jump => {
                let pyramid = Pyramid::new(ticks.price(), self.kernels);
                let jump = Jump { pyramid: &pyramid };
                self.advance(&screened, &starts, &jump);
            }
        }
        Ok(())
    }

    /// Instead of `feed` and `finish`: all trade and mark prices at once.
    ///
    /// # Errors
    /// [`ReplayError`] for a trade price off the grid or a plan that cannot be made.
    pub fn run_with_mark(self, last: Series<'_>, mark: Series<'_>) -> Result<SymbolOutcome, ReplayError> {
        let max_jump_ppm = self.screener.max_jump_ppm();
        replay_two_sources(&self.instrument, self.rules, max_jump_ppm, &self.waiting, last, mark)
    }

    /// Ends the replay. Positions still open stay open in their trades.
    #[must_use]
    pub fn finish(mut self) -> SymbolOutcome {
        self.done.extend(self.open.into_iter().map(|guarded| guarded.trade));
        self.done.sort_by_key(|trade| trade.position_id);
        // Stable: the events of one position at one tick stay in their order.
        self.placed.sort_by_key(|p| (p.event.ts, p.tick, p.event.position_id));
        self.stop_path.sort_by_key(|point| (point.position_id, point.ts));
        SymbolOutcome {
            events: self.placed.into_iter().map(|placed| (placed.tick, placed.event)).collect(),
            trades: self.done,
            stop_path: self.stop_path,
            ticks: self.screener.offered(),
            refused: self.refused,
            unopened: self.waiting.iter().map(|entry| entry.position_id).collect(),
        }
    }

    /// Opens the entries whose first tick lies in this stretch, each with the index of that tick.
    fn start_due(&mut self, ticks: CleanTicks<'_>, starts: &mut Vec<usize>) -> Result<(), ReplayError> {
        if !self.in_order {
            self.waiting.sort_by_key(|entry| std::cmp::Reverse((entry.entry_ns, entry.position_id)));
            self.in_order = true;
        }
        while let Some(entry) = self.waiting.last() {
            let at = ticks.first_at(entry.entry_ns);
            if at == ticks.len() {
                break;
            }
            let position_id = entry.position_id;
            let plan = match &entry.plan {
                EntryPlan::Fixed(plan) => (**plan).clone(),
                EntryPlan::AtMarket { spec, stop } => {
                    at_market(&self.instrument, spec, *stop, ticks.price()[at])
                        .map_err(|source| ReplayError::Plan { position_id, source })?
                }
            };
            if plan.stop_source == Source::Mark || plan.leg_source == Source::Mark {
                let allowed = "LAST where only trade prices are replayed";
                let source = Invalid::new("stop_source, leg_source", "MARK", allowed);
                return Err(ReplayError::Plan { position_id, source });
            }
            let trade = Trade::new(position_id, &plan, entry.entry_ns, &self.instrument);
            let position = Position::new(position_id, plan, entry.entry_ns);
            self.open.push(Guarded { position, trade });
            starts.push(at);
            self.waiting.pop();
        }
        Ok(())
    }

    fn advance(&mut self, screened: &Screened<'_>, starts: &[usize], finder: &impl Finder) {
        let ticks = screened.ticks();
        let mut events = Vec::new();
        for (guarded, start) in self.open.iter_mut().zip(starts) {
            events.clear();
            let Guarded { position, trade } = guarded;
            let placed = &mut self.placed;
            let mut told = 0;
            let mut place = |at: usize, events: &[Event]| {
                let tick = screened.order(at);
                placed.extend(events.iter().map(|event| Placed { tick, event: *event }));
            };
            let walked = if self.record_stop_path {
                let path = &mut self.stop_path;
                walk_recorded(
                    position,
                    ticks,
                    *start,
                    &self.rules,
                    &self.instrument,
                    &mut events,
                    path,
                    |at, all| {
                        place(at, &all[told..]);
                        told = all.len();
                    },
                )
            } else {
                walk(position, ticks, *start, &self.rules, finder, &mut events, |at, all| {
                    place(at, &all[told..]);
                    told = all.len();
                })
            };
            trade.see(walked.range);
            trade.book(position.plan(), &events);
        }
        let (open, closed): (Vec<_>, Vec<_>) =
            std::mem::take(&mut self.open).into_iter().partition(|guarded| guarded.position.open().0 > 0);
        self.open = open;
        self.done.extend(closed.into_iter().map(|guarded| guarded.trade));
    }
}

/// Looks at every tick and notes where stop and trailing stop stand.
#[allow(clippy::too_many_arguments, reason = "the arguments of `walk`, and the path")]
fn walk_recorded(
    position: &mut Position,
    ticks: CleanTicks<'_>,
    from: usize,
    rules: &FillRules,
    instrument: &Instrument,
    events: &mut Vec<Event>,
    path: &mut Vec<StopPoint>,
    mut on_event_tick: impl FnMut(usize, &[Event]),
) -> crate::walk::Walked {
    let mut range = crate::watch::Range::EMPTY;
    let mut at = from;
    let mut last = None;
    while at < ticks.len() && position.open().0 > 0 {
        let one = ticks.slice(at, at + 1);
        let walked = walk(position, one, 0, rules, &EveryTick, events, |_, all| on_event_tick(at, all));
        range = range.with(walked.range);
        let now = (position.stop(), position.trail_stop());
        if last != Some(now) && position.open().0 > 0 {
            path.push(StopPoint {
                position_id: position.id(),
                ts: Ns(ticks.ts_ns()[at]),
                stop: instrument.price_f64(now.0),
                trail_stop: now.1.map_or(f64::NAN, |price| instrument.price_f64(price)),
            });
            last = Some(now);
        }
        at += 1;
    }
    crate::walk::Walked { end: at, range }
}

/// The plan of an entry at `price`, which lies on the grid.
///
/// # Errors
/// [`Invalid`] when its numbers make no plan.
pub fn at_market(
    instrument: &Instrument,
    spec: &PlanSpec,
    stop: StopRule,
    price: f64,
) -> Result<ExitPlan, Invalid> {
    let ticks =
        instrument.snap(price).ok_or_else(|| Invalid::new("entry_price", price, "a price on the grid"))?;
    let tick_size = instrument.tick_size();
    let entry_price = Decimal { mantissa: i128::from(ticks.0) * tick_size.mantissa, scale: tick_size.scale };
    let stop_price = match stop {
        StopRule::Price(price) => price,
        StopRule::FracPpm(ppm) => stop_at_frac(entry_price, spec.side, ppm)?,
    };
    let spec = PlanSpec { entry_price, stop_price, ..spec.clone() };
    ExitPlan::new(instrument, &spec)
}

/// `entry * (1 - frac)` for LONG, `entry * (1 + frac)` for SHORT, exact.
///
/// # Errors
/// [`Invalid`] for a fraction outside (0, 1).
pub fn stop_at_frac(entry: Decimal, side: Side, frac_ppm: i64) -> Result<Decimal, Invalid> {
    if frac_ppm <= 0 || frac_ppm >= PPM {
        let value = crate::trail::ppm_text(frac_ppm);
        return Err(Invalid::new("stop_frac", value, "a fraction above 0 and below 1"));
    }
    let kept = i128::from(PPM - side.sign() * frac_ppm);
    Ok(Decimal { mantissa: entry.mantissa * kept, scale: entry.scale + 6 })
}
