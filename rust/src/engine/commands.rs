//! Commands from outside, between two ticks: each finds its position, changes it and publishes it.

use super::{Engine, EngineError, Place, Symbol};
use crate::command::Moment;
use crate::error::Invalid;
use crate::event::Event;
use crate::instrument::Instrument;
use crate::plan::ExitPlan;
use crate::position::Position;
use crate::units::{Lots, Ns, Ticks};

impl Engine {
    /// Raises the stop of a position.
    ///
    /// # Errors
    /// [`EngineError`] when the stop is looser, through the market or off the grid.
    pub fn tighten_stop(
        &mut self,
        id: u64,
        price: Ticks,
        ts: Ns,
        events: &mut Vec<Event>,
    ) -> Result<(), EngineError> {
        self.command(id, ts, |position, now, instrument| {
            position.tighten_stop(price, now, instrument, events)
        })
    }

    /// Closes a fraction (in ppm) of what is open of a position.
    ///
    /// # Errors
    /// [`EngineError`] for a fraction that is not allowed.
    pub fn close(
        &mut self,
        id: u64,
        fraction_ppm: i64,
        ts: Ns,
        events: &mut Vec<Event>,
    ) -> Result<(), EngineError> {
        self.command(id, ts, |position, now, instrument| {
            position.close(fraction_ppm, now, instrument, events)
        })
    }

    /// Books a leg that an order resting at the venue has filled.
    ///
    /// # Errors
    /// [`EngineError`] when no leg of this index waits to be filled.
    pub fn fill_leg(&mut self, id: u64, leg: u8, ts: Ns, events: &mut Vec<Event>) -> Result<(), EngineError> {
        self.command(id, ts, |position, now, _| position.fill_leg(leg, now, events))
    }

    /// Follows a quantity changed by hand.
    ///
    /// # Errors
    /// [`EngineError`] for a quantity that is not allowed.
    pub fn resize(
        &mut self,
        id: u64,
        open: Lots,
        ts: Ns,
        events: &mut Vec<Event>,
    ) -> Result<(), EngineError> {
        self.command(id, ts, |position, now, instrument| position.resize(open, now, instrument, events))
    }

    /// Puts a new plan in place for what is open.
    ///
    /// # Errors
    /// [`EngineError`] for a plan that does not fit the position.
    pub fn replace_plan(
        &mut self,
        id: u64,
        plan: ExitPlan,
        allow_loosen: bool,
        ts: Ns,
        events: &mut Vec<Event>,
    ) -> Result<(), EngineError> {
        self.command(id, ts, |position, now, instrument| {
            position.replace_plan(plan, allow_loosen, now, instrument, events)
        })
    }

    fn command(
        &mut self,
        id: u64,
        ts: Ns,
        command: impl FnOnce(&mut Position, Moment, &Instrument) -> Result<(), Invalid>,
    ) -> Result<(), EngineError> {
        let unknown = EngineError::UnknownPosition(id);
        let Some(Place { symbol, slot: Some(slot) }) = self.places.get(&id).copied() else {
            return Err(unknown);
        };
        let last_prices = self.last_prices.each_ref().map(|prices| prices[symbol as usize]);
        let Symbol { book, instrument, cells, .. } = &mut self.symbols[symbol as usize];
        let publisher = &mut self.publisher;
        let mut closed = false;
        let result = book.command(
            slot,
            &self.rules,
            |position| {
                let market = market_of(position, last_prices);
                let now = Moment { ts, market };
                command(position, now, instrument)
            },
            |slot, position, group| {
                publisher.publish(cells[slot as usize], position, group);
                closed = position.open().0 == 0;
            },
        );
        if closed {
            self.places.remove(&id);
        }
        self.refresh(symbol);
        result.ok_or(unknown)?.map_err(EngineError::from)
    }
}

/// The last price that the stop of a position listens to, or its entry before the first.
fn market_of(position: &Position, last_prices: [i64; 2]) -> Ticks {
    match last_prices[position.plan().stop_source as usize] {
        0 => Ticks(i64::try_from(position.plan().entry_ticks().floor()).unwrap_or(i64::MAX)),
        price => Ticks(price),
    }
}
