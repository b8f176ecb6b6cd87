//! The reducer: one position, one tick, the events. The plain statement of the exit semantics.
//!
//! Everything faster (the many-position book, block replay, the sweep) only decides which ticks a
//! position has to look at; what happens there is decided here and nowhere else.

use std::mem::offset_of;

use crate::clock::Clock;
use crate::event::{Event, EventKind, EventPrice, NO_LEG, Reason};
use crate::plan::{ExitPlan, LegKind, LimitFill, TrailScope};
use crate::ratchet::Raise;
use crate::tick::{Source, Tick};
use crate::trail::trail_stop;
use crate::units::{Gain, Lots, Ns, Ticks};

/// How orders are assumed to fill.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FillRules {
    /// When a resting limit counts as filled.
    pub limit_fill: LimitFill,
    /// Ticks by which a market exit fills worse than the tick that caused it.
    pub slippage_ticks: i64,
}

impl Default for FillRules {
    fn default() -> Self {
        Self { limit_fill: LimitFill::Through, slippage_ticks: 0 }
    }
}

/// Where the trailing stop stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TrailPhase {
    /// The plan has none, or its lots are gone.
    Off,
    /// Waiting for the activation price.
    Waiting,
    /// Following the watermark.
    Active,
}

/// The prices between which nothing happens to a position, on the gain scale.
///
/// `lower < gain < upper` on the sources concerned changes nothing but the watermark; an active
/// trailing stop is not part of the band, since it moves with the watermark.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Band {
    /// At or below: a stop is reached, or the profit that a time stop asks for is lost.
    pub lower: Gain,
    /// At or above: a leg, break-even, the activation or a tightening is reached.
    pub upper: Gain,
}

/// A position under guard.
///
/// In the order of use, the plan's fields as well: among ten thousand positions, those that a tick
/// concerns are not in the cache, and each line of one costs a wait.
#[derive(Debug, Clone)]
#[repr(C, align(64))]
pub struct Position {
    pub(crate) id: u64,
    pub(crate) open: Lots,
    pub(crate) stop: Gain,
    pub(crate) trail_stop: Gain,
    pub(crate) watermark: Gain,
    pub(crate) callback_ppm: i64,
    pub(crate) trail_lots: Lots,
    pub(crate) last_level: Gain,
    pub(crate) opened: Ns,
    pub(crate) revision: u64,
    pub(crate) filled: u32,
    pub(crate) fills: u8,
    pub(crate) stop_reason: Reason,
    pub(crate) phase: TrailPhase,
    pub(crate) scope: TrailScope,
    pub(crate) clock: Clock,
    /// [`Gain::MAX`] once reached, and without one.
    pub(crate) break_even_at: Gain,
    pub(crate) plan: ExitPlan,
}

impl Position {
    /// A position that `plan` guards from `opened` on. Nothing is evaluated yet.
    #[must_use]
    pub fn new(id: u64, plan: ExitPlan, opened: Ns) -> Self {
        let phase = if plan.trail.is_some() { TrailPhase::Waiting } else { TrailPhase::Off };
        Self {
            id,
            opened,
            open: plan.quantity,
            trail_lots: plan.remainder,
            scope: TrailScope::of(plan.remainder),
            stop: plan.stop,
            stop_reason: Reason::Stop,
            filled: 0,
            fills: 0,
            last_level: Gain::MIN,
            phase,
            watermark: Gain::MIN,
            callback_ppm: 0,
            trail_stop: Gain::MIN,
            clock: Clock::new(&plan, opened),
            break_even_at: plan.break_even_at,
            revision: 0,
            plan,
        }
    }

    /// Offsets of the cache lines that a tick reads, at four legs or fewer.
    pub(crate) const READ_BY_A_TICK: [usize; 5] =
        [0, 64, 128, 192, offset_of!(Self, plan) + offset_of!(ExitPlan, trail)];

    /// Its identity.
    #[must_use]
    pub const fn id(&self) -> u64 {
        self.id
    }

    /// Its plan.
    #[must_use]
    pub const fn plan(&self) -> &ExitPlan {
        &self.plan
    }

    /// Lots still open; zero = closed.
    #[must_use]
    pub const fn open(&self) -> Lots {
        self.open
    }

    /// The stop in force.
    #[must_use]
    pub const fn stop(&self) -> Ticks {
        self.plan.side.price(self.stop)
    }

    /// Best price since trailing became active, `None` before.
    #[must_use]
    pub fn watermark(&self) -> Option<Ticks> {
        (self.watermark != Gain::MIN).then(|| self.plan.side.price(self.watermark))
    }

    /// The trailing stop, `None` while it is not active.
    #[must_use]
    pub fn trail_stop(&self) -> Option<Ticks> {
        (self.phase == TrailPhase::Active).then(|| self.plan.side.price(self.trail_stop))
    }

    /// Lots that the trailing stop closes; zero without trailing and once it has fired.
    #[must_use]
    pub const fn trailed_lots(&self) -> Lots {
        match (self.phase, self.scope) {
            (TrailPhase::Off, _) => Lots::ZERO,
            (_, TrailScope::Leg) => self.trail_lots,
            (_, TrailScope::Remaining) => self.open,
        }
    }

    /// Rises with every event of the position.
    #[must_use]
    pub const fn revision(&self) -> u64 {
        self.revision
    }

    /// The event that says that the position is guarded, before anything else happens to it.
    fn announce(&mut self, ts: Ns, events: &mut Vec<Event>) {
        let price = EventPrice::float(self.plan.entry_price.to_f64());
        self.push(events, ts, EventKind::Open, Reason::None, NO_LEG, price, self.open);
    }

    /// Evaluates a tick that passed the gate, in the order: stops, legs, ratchet, trailing, time.
    ///
    /// Invariant: not called on a closed position.
    pub fn on_tick(&mut self, source: Source, tick: Tick, rules: &FillRules, events: &mut Vec<Event>) {
        debug_assert!(self.open.0 > 0, "a closed position sees no tick");
        if self.revision == 0 {
            self.announce(tick.ts, events);
        }
        let stop_before = self.stop;
        let gain = self.plan.side.gain(tick.price);
        let hears_stop = source == self.plan.stop_source;
        let hears_legs = source == self.plan.leg_source;
        if hears_stop {
            self.check_stops(gain, tick, rules, events);
        }
        let mut raise = self.no_raise();
        if hears_legs && self.open.0 > 0 {
            self.check_legs(gain, tick, rules, &mut raise, events);
        }
        if hears_stop && self.open.0 > 0 {
            self.check_break_even(gain, &mut raise);
        }
        self.raise_stop(raise, tick, events);
        if hears_stop && self.open.0 > 0 {
            self.advance_trail(gain, tick, events);
        }
        if (hears_stop || hears_legs) && self.open.0 > 0 {
            let profit = hears_stop.then_some(gain);
            if self.clock.is_over(&self.plan, self.opened, tick.ts, profit) {
                self.time_out(gain, tick, rules, events);
            }
        }
        debug_assert!(self.stop >= stop_before, "a stop never loosens");
        debug_assert!(self.open.0 >= 0, "no lot leaves twice");
    }

    /// The prices at which the position has to look next.
    #[must_use]
    pub fn band(&self, limit_fill: LimitFill) -> Band {
        let unfilled = self.plan.legs.iter().enumerate().filter(|(at, _)| self.filled & (1 << at) == 0);
        let leg = unfilled.map(|(_, leg)| leg.trigger(limit_fill)).min().unwrap_or(Gain::MAX);
        let trail = match (self.phase, &self.plan.trail) {
            (TrailPhase::Waiting, Some(rule)) => rule.activation(),
            (TrailPhase::Active, Some(rule)) => rule.next_step(self.watermark),
            _ => Gain::MAX,
        };
        // The trailing stop as last computed is a fixed level below which it certainly triggers.
        let trail_floor = if self.phase == TrailPhase::Active { self.trail_stop } else { Gain::MIN };
        // Where the stop is already, reaching the level changes nothing.
        let break_even = if self.stop < self.plan.break_even { self.break_even_at } else { Gain::MAX };
        Band {
            lower: self.stop.max(trail_floor).max(self.clock.floor()),
            upper: leg.min(trail).min(break_even),
        }
    }

    /// The next time at which the position has to look whatever the price: its longest time is over, or
    /// its time stop begins to hold. The greatest time for never.
    #[must_use]
    pub const fn deadline(&self) -> Ns {
        self.clock.due()
    }

    /// Takes over a watermark that was followed elsewhere while nothing else happened.
    ///
    /// Invariant: trailing is active and no tightening level lies at or below `watermark`.
    pub(crate) fn sync_watermark(&mut self, watermark: Gain) {
        debug_assert!(self.phase == TrailPhase::Active);
        if watermark > self.watermark {
            self.watermark = watermark;
            self.trail_stop = self.trail_stop.max(trail_stop(watermark, self.callback_ppm));
        }
    }

    fn check_stops(&mut self, gain: Gain, tick: Tick, rules: &FillRules, events: &mut Vec<Event>) {
        let trail_hit =
            self.phase == TrailPhase::Active && self.trail_stop > self.stop && gain <= self.trail_stop;
        if trail_hit {
            let lots = match self.scope {
                TrailScope::Leg => self.trail_lots,
                TrailScope::Remaining => self.open,
            };
            self.trail_lots = Lots::ZERO;
            self.phase = TrailPhase::Off;
            let price = self.market_fill(gain, rules);
            self.exit(events, tick.ts, EventKind::Trailed, Reason::Trail, NO_LEG, price, lots);
        }
        if self.open.0 > 0 && gain <= self.stop {
            self.trail_lots = Lots::ZERO;
            let price = self.market_fill(gain, rules);
            self.exit(events, tick.ts, EventKind::Stopped, self.stop_reason, NO_LEG, price, self.open);
        }
    }

    fn check_legs(
        &mut self,
        gain: Gain,
        tick: Tick,
        rules: &FillRules,
        raise: &mut Raise,
        events: &mut Vec<Event>,
    ) {
        for at in 0..self.plan.legs.len() {
            let leg = self.plan.legs[at];
            if self.filled & (1 << at) != 0 || gain < leg.trigger(rules.limit_fill) {
                continue;
            }
            let price = match leg.kind {
                LegKind::Hard => self.market_fill(gain, rules),
                LegKind::Soft => self.plan.side.price(leg.level),
            };
            self.fill_leg_at(at, price, tick.ts, gain, raise, events);
        }
    }

    /// Books a leg as filled and notes in `raise` the stop that this asks for.
    pub(crate) fn fill_leg_at(
        &mut self,
        at: usize,
        price: Ticks,
        ts: Ns,
        market: Gain,
        raise: &mut Raise,
        events: &mut Vec<Event>,
    ) {
        let leg = self.plan.legs[at];
        self.filled |= 1 << at;
        self.fills += 1;
        let index = i16::from(leg.index);
        self.exit(events, ts, EventKind::LegFilled, Reason::TakeProfit, index, price, leg.lots);
        for (level, reason) in self.ratchet_levels().into_iter().flatten() {
            raise.ask(level, reason, market);
        }
        self.last_level = leg.level;
    }

    /// From its level on, break-even needs no filled leg.
    fn check_break_even(&mut self, gain: Gain, raise: &mut Raise) {
        if gain >= self.break_even_at {
            self.break_even_at = Gain::MAX;
            raise.ask(self.plan.break_even, Reason::BreakEven, gain);
        }
    }

    /// Moves the stop to where the rules ask for it at `tick`, if that is up.
    pub(crate) fn raise_stop(&mut self, raise: Raise, tick: Tick, events: &mut Vec<Event>) {
        if self.open.0 > 0 && raise.to > self.stop {
            (self.stop, self.stop_reason) = (raise.to, raise.reason);
            let price = EventPrice::Grid(tick.price);
            self.push(events, tick.ts, EventKind::StopMoved, raise.reason, NO_LEG, price, Lots::ZERO);
        }
    }

    /// No raise of the stop yet.
    pub(crate) const fn no_raise(&self) -> Raise {
        Raise { to: self.stop, reason: self.stop_reason }
    }

    /// Stop levels that the fill just counted asks for.
    fn ratchet_levels(&self) -> [Option<(Gain, Reason)>; 2] {
        let break_even = (self.plan.break_even_after == Some(self.fills))
            .then_some((self.plan.break_even, Reason::BreakEven));
        let follow = (self.plan.follow_legs && self.fills >= 2).then_some((self.last_level, Reason::Ratchet));
        [break_even, follow]
    }

    fn advance_trail(&mut self, gain: Gain, tick: Tick, events: &mut Vec<Event>) {
        let Some(rule) = &self.plan.trail else { return };
        match self.phase {
            TrailPhase::Off => return,
            TrailPhase::Waiting if gain < rule.activation() => return,
            TrailPhase::Active if gain <= self.watermark => return,
            TrailPhase::Waiting | TrailPhase::Active => {}
        }
        let starts = self.phase == TrailPhase::Waiting;
        let callback_before = if starts { rule.callback_ppm(Gain::MIN) } else { self.callback_ppm };
        let callback_ppm = rule.callback_ppm(gain);
        self.phase = TrailPhase::Active;
        self.watermark = gain;
        self.callback_ppm = callback_ppm;
        self.trail_stop = self.trail_stop.max(trail_stop(gain, callback_ppm));
        if starts {
            let kind = EventKind::TrailActivated;
            self.push(events, tick.ts, kind, Reason::None, NO_LEG, EventPrice::Grid(tick.price), Lots::ZERO);
        }
        if callback_ppm < callback_before {
            let kind = EventKind::CallbackTightened;
            self.push(events, tick.ts, kind, Reason::None, NO_LEG, EventPrice::Grid(tick.price), Lots::ZERO);
        }
    }

    fn time_out(&mut self, gain: Gain, tick: Tick, rules: &FillRules, events: &mut Vec<Event>) {
        self.trail_lots = Lots::ZERO;
        let price = self.market_fill(gain, rules);
        self.exit(events, tick.ts, EventKind::TimedOut, Reason::Time, NO_LEG, price, self.open);
    }

    /// Price of a market exit at `gain`: worse by the slippage, but a price.
    fn market_fill(&self, gain: Gain, rules: &FillRules) -> Ticks {
        let filled = self.plan.side.price(Gain(gain.0 - rules.slippage_ticks));
        Ticks(filled.0.max(1))
    }

    #[allow(clippy::too_many_arguments, reason = "one event, spelled out once")]
    pub(crate) fn exit(
        &mut self,
        events: &mut Vec<Event>,
        ts: Ns,
        kind: EventKind,
        reason: Reason,
        leg: i16,
        price: Ticks,
        lots: Lots,
    ) {
        debug_assert!(lots.0 > 0 && lots <= self.open, "lots out = lots in");
        self.open.0 -= lots.0;
        let price = EventPrice::Grid(price);
        self.push(events, ts, kind, reason, leg, price, lots);
        if self.open.0 == 0 {
            self.phase = TrailPhase::Off;
            self.push(events, ts, EventKind::Closed, reason, NO_LEG, price, Lots::ZERO);
        }
    }

    #[allow(clippy::too_many_arguments, reason = "one event, spelled out once")]
    pub(crate) fn push(
        &mut self,
        events: &mut Vec<Event>,
        ts: Ns,
        kind: EventKind,
        reason: Reason,
        leg: i16,
        price: EventPrice,
        qty: Lots,
    ) {
        self.revision += 1;
        events.push(Event {
            position_id: self.id,
            ts,
            kind,
            reason,
            leg,
            price,
            qty,
            remaining: self.open,
            stop: self.stop(),
        });
    }
}
