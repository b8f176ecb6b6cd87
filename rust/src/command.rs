//! What a person or another program may ask of a position between two ticks.
//!
//! A command either does all that it says or changes nothing and says why.

use arrayvec::ArrayVec;

use crate::clock::Clock;
use crate::error::Invalid;
use crate::event::{Event, EventKind, EventPrice, NO_LEG, Reason};
use crate::instrument::Instrument;
use crate::ladder::{Item, MAX_LEGS, pack};
use crate::plan::{ExitPlan, TrailScope};
use crate::position::{Position, TrailPhase};
use crate::tick::Tick;
use crate::trail::{ppm_text, trail_stop};
use crate::units::{Gain, Lots, Ns, PPM, Ticks};

/// When and at which price a command is given.
#[derive(Debug, Clone, Copy)]
pub struct Moment {
    /// Time of the command.
    pub ts: Ns,
    /// Last price of the source that the stop listens to.
    pub market: Ticks,
}

impl Position {
    /// Raises the stop to `price` (equal is allowed and changes nothing).
    ///
    /// # Errors
    /// [`Invalid`] when `price` is looser than the stop in force, or at or through the market.
    pub fn tighten_stop(
        &mut self,
        price: Ticks,
        now: Moment,
        instrument: &Instrument,
        events: &mut Vec<Event>,
    ) -> Result<(), Invalid> {
        let side = self.plan.side;
        let wanted = side.gain(price);
        let shown = instrument.price_f64(price);
        if wanted < self.stop {
            let stop = instrument.price_f64(self.stop());
            let allowed = format!("a stop never loosens: {stop} is in force for this {side} position");
            return Err(Invalid::new("price", shown, allowed));
        }
        self.refuse_through_market("price", wanted, now, instrument)?;
        if wanted > self.stop {
            self.stop = wanted;
            self.stop_reason = Reason::External;
            self.tell(events, now, EventKind::StopMoved, Lots::ZERO);
        }
        Ok(())
    }

    /// Closes `fraction_ppm` of what is open at the market, rounded down to lots.
    ///
    /// What would be left too small to trade is closed as well; what is left keeps its levels, in
    /// proportion.
    ///
    /// # Errors
    /// [`Invalid`] for a fraction outside (0, 1] or one that is less than a lot.
    pub fn close(
        &mut self,
        fraction_ppm: i64,
        now: Moment,
        instrument: &Instrument,
        events: &mut Vec<Event>,
    ) -> Result<(), Invalid> {
        let shown = ppm_text(fraction_ppm);
        if fraction_ppm <= 0 || fraction_ppm > PPM {
            return Err(Invalid::new("fraction", shown, "above 0 and at most 1"));
        }
        let wanted = i128::from(self.open.0) * i128::from(fraction_ppm) / i128::from(PPM);
        let lots = Lots(i64::try_from(wanted).unwrap_or(self.open.0));
        if lots.0 == 0 {
            return Err(Invalid::new("fraction", shown, "at least one lot step of what is open"));
        }
        let left = Lots(self.open.0 - lots.0);
        let lots = if instrument.is_tradable(left, now.market) { lots } else { self.open };
        self.exit(events, now.ts, EventKind::Reduced, Reason::External, NO_LEG, now.market, lots);
        if self.open.0 > 0 {
            self.repack(instrument);
        }
        Ok(())
    }

    /// Books a leg that an order resting at the venue has filled, at its level, before the price of a
    /// tick would have: the stop follows as if a tick at the market had filled it.
    ///
    /// # Errors
    /// [`Invalid`] when no leg of this index waits to be filled.
    pub fn fill_leg(&mut self, index: u8, now: Moment, events: &mut Vec<Event>) -> Result<(), Invalid> {
        let waits = |at: &usize| self.filled & (1 << at) == 0 && self.plan.legs[*at].index == index;
        let Some(at) = (0..self.plan.legs.len()).find(waits) else {
            return Err(Invalid::new("leg", index, "a leg of the plan that is not yet filled"));
        };
        let side = self.plan.side;
        let mut raise = self.no_raise();
        let price = side.price(self.plan.legs[at].level);
        self.fill_leg_at(at, price, now.ts, side.gain(now.market), &mut raise, events);
        self.raise_stop(raise, Tick { ts: now.ts, price: now.market }, events);
        Ok(())
    }

    /// Follows a quantity that was added to or cut by hand. Levels stay; lots are split anew over
    /// the legs not yet filled and the remainder, in proportion. Zero closes the books on the position.
    ///
    /// # Errors
    /// [`Invalid`] for a negative quantity.
    pub fn resize(
        &mut self,
        open: Lots,
        now: Moment,
        instrument: &Instrument,
        events: &mut Vec<Event>,
    ) -> Result<(), Invalid> {
        if open.0 < 0 {
            let allowed = "zero or more; a position that flipped is a new one";
            return Err(Invalid::new("new_qty", open.0, allowed));
        }
        if open.0 == 0 {
            self.exit(events, now.ts, EventKind::Reduced, Reason::External, NO_LEG, now.market, self.open);
            return Ok(());
        }
        if open != self.open {
            self.open = open;
            self.repack(instrument);
            self.tell(events, now, EventKind::Resized, open);
        }
        Ok(())
    }

    /// Puts `plan` in place for what is open. Time in the position goes on; the legs start anew.
    ///
    /// Without `allow_loosen` the tighter of the two stops holds, and a trailing stop that is active
    /// never falls back.
    ///
    /// # Errors
    /// [`Invalid`] when side or quantity differ from what is open or the stop is through the market.
    pub fn replace_plan(
        &mut self,
        plan: ExitPlan,
        allow_loosen: bool,
        now: Moment,
        instrument: &Instrument,
        events: &mut Vec<Event>,
    ) -> Result<(), Invalid> {
        if plan.side != self.plan.side {
            let allowed = format!("{}, the side of the position", self.plan.side);
            return Err(Invalid::new("plan.side", plan.side, allowed));
        }
        if plan.quantity != self.open {
            let allowed = format!("{}, what is open", instrument.qty_f64(self.open));
            return Err(Invalid::new("plan.quantity", instrument.qty_f64(plan.quantity), allowed));
        }
        self.refuse_through_market("plan.stop_price", plan.stop, now, instrument)?;
        let was_active = self.phase == TrailPhase::Active && !allow_loosen;
        if allow_loosen || plan.stop > self.stop {
            self.stop = plan.stop;
            self.stop_reason = Reason::Stop;
        }
        match (&plan.trail, was_active) {
            (Some(rule), true) => {
                self.callback_ppm = rule.callback_ppm(self.watermark);
                let follows = trail_stop(self.watermark, self.callback_ppm);
                // Never through the market: a new callback may ask for more than the price has left.
                let behind_market = plan.side.gain(now.market).one_tick_behind();
                self.trail_stop = self.trail_stop.max(follows.min(behind_market));
            }
            (None, true) => {
                if self.trail_stop > self.stop {
                    self.stop = self.trail_stop;
                    self.stop_reason = Reason::External;
                }
                self.phase = TrailPhase::Off;
            }
            (rule, false) => {
                self.phase = if rule.is_some() { TrailPhase::Waiting } else { TrailPhase::Off };
                self.watermark = Gain::MIN;
                self.trail_stop = Gain::MIN;
            }
        }
        self.filled = 0;
        self.fills = 0;
        self.last_level = Gain::MIN;
        self.break_even_at = plan.break_even_at;
        self.clock = Clock::new(&plan, self.opened);
        self.trail_lots = plan.remainder;
        self.scope = TrailScope::of(plan.remainder);
        self.plan = plan;
        self.tell(events, now, EventKind::Replanned, self.open);
        Ok(())
    }

    fn refuse_through_market(
        &self,
        field: &str,
        stop: Gain,
        now: Moment,
        instrument: &Instrument,
    ) -> Result<(), Invalid> {
        let side = self.plan.side;
        if stop < side.gain(now.market) {
            return Ok(());
        }
        let allowed = format!(
            "through the market: the last price is {}; close the position instead",
            instrument.price_f64(now.market)
        );
        Err(Invalid::new(field, instrument.price_f64(side.price(stop)), allowed))
    }

    /// Splits what is open over the legs not yet filled and the remainder, in proportion to their lots.
    fn repack(&mut self, instrument: &Instrument) {
        let unfilled: ArrayVec<usize, MAX_LEGS> =
            (0..self.plan.legs.len()).filter(|at| self.filled & (1 << at) == 0).collect();
        let weights: ArrayVec<i64, MAX_LEGS> = unfilled.iter().map(|at| self.plan.legs[*at].lots.0).collect();
        let entry = i64::try_from(self.plan.entry_ticks().floor()).unwrap_or(i64::MAX);
        let packing = pack(self.open, &weights, self.trail_lots.0, |item, lots| {
            let price = match item {
                Item::Leg(at) => self.plan.side.price(self.plan.legs[unfilled[at]].level),
                Item::Remainder => Ticks(entry),
            };
            instrument.is_tradable(lots, price)
        });
        self.trail_lots = packing.remainder;
        self.scope = TrailScope::of(packing.remainder);
        for (at, lots) in unfilled.iter().zip(&packing.legs) {
            self.plan.legs[*at].lots = *lots;
            if lots.0 == 0 {
                // Merged away: it never fires, and its lots are with another item.
                self.filled |= 1 << at;
            }
        }
    }

    fn tell(&mut self, events: &mut Vec<Event>, now: Moment, kind: EventKind, qty: Lots) {
        let price = EventPrice::Grid(now.market);
        self.push(events, now.ts, kind, Reason::External, NO_LEG, price, qty);
    }
}
