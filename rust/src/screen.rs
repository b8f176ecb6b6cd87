//! The door for tick arrays: what is refused, what is off the grid, and what may be replayed as it is.

use std::borrow::Cow;

use crate::event::{Event, Reason};
use crate::instrument::{FLOAT_SNAP_FRAC, Instrument, MAX_TICKS, snap};
use crate::tick::{Gate, Refusal, Tick, Verdict};
use crate::units::{Ns, Ticks};
use crate::walk::CleanTicks;

/// A price that is not on the grid of the instrument.
#[derive(Debug, Clone, Copy, PartialEq, thiserror::Error)]
#[error("tick {index}: price {price} is not on the grid of tick size {tick_size}")]
pub struct OffGrid {
    /// 0-based index in the array that was offered.
    pub index: usize,
    /// The price.
    pub price: f64,
    /// The tick size that it is not a multiple of.
    pub tick_size: f64,
}

/// Ticks that may be replayed, and the ticks that were refused.
#[derive(Debug)]
pub struct Screened<'a> {
    ts_ns: Cow<'a, [i64]>,
    price: Cow<'a, [f64]>,
    order: Order,
    tick_size: f64,
    /// The refused ticks, each with its place in the order of the decisions.
    pub refused: Vec<(u64, Event)>,
}

#[derive(Debug)]
enum Order {
    From(u64),
    Each(Vec<u64>),
}

impl Screened<'_> {
    /// The ticks that passed.
    #[must_use]
    pub fn ticks(&self) -> CleanTicks<'_> {
        CleanTicks::new(&self.ts_ns, &self.price, self.tick_size)
    }

    /// Place of the tick at `at` in the order in which the gate decided: its index in the whole
    /// series, unless the jump guard held one back.
    #[must_use]
    pub fn order(&self, at: usize) -> u64 {
        match &self.order {
            Order::From(first) => first + at as u64,
            Order::Each(orders) => orders[at],
        }
    }
}

/// Passes a series of ticks, stretch by stretch, through the gate.
#[derive(Debug, Clone)]
pub struct Screener {
    gate: Gate,
    offered: u64,
    decided: u64,
}

impl Screener {
    /// A screener that has seen nothing. `max_jump_ppm`: the jump guard, `None` = off.
    #[must_use]
    pub const fn new(max_jump_ppm: Option<i64>) -> Self {
        Self { gate: Gate::new(max_jump_ppm), offered: 0, decided: 0 }
    }

    /// Ticks offered so far.
    #[must_use]
    pub const fn offered(&self) -> u64 {
        self.offered
    }

    /// The jump guard, `None` = off.
    #[must_use]
    pub const fn max_jump_ppm(&self) -> Option<i64> {
        self.gate.max_jump_ppm()
    }

    /// The last tick that passed.
    #[must_use]
    pub const fn last(&self) -> Option<Tick> {
        self.gate.last()
    }

    fn decide(&mut self) -> u64 {
        self.decided += 1;
        self.decided - 1
    }

    /// Screens the next stretch.
    ///
    /// Nothing is copied when every tick passes, which one pass at the speed of memory finds out.
    /// The tick held by the jump guard at the end of the stretch waits for the next one.
    ///
    /// # Errors
    /// [`OffGrid`] for a price that is finite and positive but no multiple of the tick size.
    pub fn screen<'a>(
        &mut self,
        ts_ns: &'a [i64],
        price: &'a [f64],
        instrument: &Instrument,
    ) -> Result<Screened<'a>, OffGrid> {
        debug_assert_eq!(ts_ns.len(), price.len());
        let tick_size = instrument.tick_size().to_f64();
        let follows = |last: Tick| ts_ns.first().is_none_or(|first| *first >= last.ts.0);
        let plain = self.gate.takes_plain_ticks()
            && self.gate.last().is_none_or(follows)
            && ts_ns.is_sorted()
            && all_on_grid(price, tick_size);
        if !plain {
            return self.one_by_one(ts_ns, price, instrument);
        }
        let last_price = price.last().and_then(|price| snap(*price, tick_size));
        if let (Some(ts), Some(price)) = (ts_ns.last(), last_price) {
            self.gate.note(Tick { ts: Ns(*ts), price });
        }
        let first = self.decided;
        self.decided += price.len() as u64;
        self.offered += price.len() as u64;
        Ok(Screened {
            ts_ns: Cow::Borrowed(ts_ns),
            price: Cow::Borrowed(price),
            order: Order::From(first),
            tick_size,
            refused: Vec::new(),
        })
    }

    fn one_by_one<'a>(
        &mut self,
        ts_ns: &[i64],
        price: &[f64],
        instrument: &Instrument,
    ) -> Result<Screened<'a>, OffGrid> {
        let tick_size = instrument.tick_size().to_f64();
        let (mut refused, mut orders) = (Vec::new(), Vec::new());
        let (mut kept_ts, mut kept_price) = (Vec::new(), Vec::new());
        for (at, (ts, price)) in ts_ns.iter().zip(price).enumerate() {
            let ts = Ns(*ts);
            self.offered += 1;
            let tick = match door(*price, instrument) {
                Ok(price) => Tick { ts, price },
                Err(DoorRefusal::Refused(why)) => {
                    refused.push((self.decide(), Event::refused(ts, *price, why.into())));
                    continue;
                }
                Err(DoorRefusal::OffGrid) => {
                    return Err(OffGrid { index: at, price: *price, tick_size });
                }
            };
            for verdict in self.gate.offer(tick) {
                let order = self.decide();
                match verdict {
                    Verdict::Pass(tick) => {
                        kept_ts.push(tick.ts.0);
                        kept_price.push(instrument.price_f64(tick.price));
                        orders.push(order);
                    }
                    Verdict::Refuse(tick, why) => {
                        let offered = instrument.price_f64(tick.price);
                        refused.push((order, Event::refused(tick.ts, offered, Reason::from(why))));
                    }
                }
            }
        }
        Ok(Screened {
            ts_ns: Cow::Owned(kept_ts),
            price: Cow::Owned(kept_price),
            order: Order::Each(orders),
            tick_size,
            refused,
        })
    }
}

/// Why a float did not become a price.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DoorRefusal {
    /// No price at all: reported, and nothing changes.
    Refused(Refusal),
    /// A price, but not of this instrument.
    OffGrid,
}

/// A float price of a tick as grid ticks.
///
/// # Errors
/// [`DoorRefusal`] for what is not finite, not positive or not on the grid.
pub fn door(price: f64, instrument: &Instrument) -> Result<Ticks, DoorRefusal> {
    if !price.is_finite() {
        return Err(DoorRefusal::Refused(Refusal::NotFinite));
    }
    if price <= 0.0 {
        return Err(DoorRefusal::Refused(Refusal::NotPositive));
    }
    instrument.snap(price).ok_or(DoorRefusal::OffGrid)
}

/// Whether every price is finite, positive and within the snap of a multiple of `tick_size`.
fn all_on_grid(price: &[f64], tick_size: f64) -> bool {
    #[cfg(target_arch = "x86_64")]
    {
        if is_x86_feature_detected!("avx512f") {
            // SAFETY: the machine has the instruction set.
            return unsafe { all_on_grid_avx512(price, tick_size) };
        }
        if is_x86_feature_detected!("avx2") {
            // SAFETY: the machine has the instruction set.
            return unsafe { all_on_grid_avx2(price, tick_size) };
        }
    }
    all_on_grid_plain(price, tick_size)
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx512f")]
unsafe fn all_on_grid_avx512(price: &[f64], tick_size: f64) -> bool {
    all_on_grid_plain(price, tick_size)
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2")]
unsafe fn all_on_grid_avx2(price: &[f64], tick_size: f64) -> bool {
    all_on_grid_plain(price, tick_size)
}

/// Counts within a block instead of branching, so that it vectorises; rounds by the constant that
/// pushes the fraction bits out, which needs no instruction-set extension; and multiplies by the
/// reciprocal, whose error is far below the snap.
#[inline(always)]
#[allow(clippy::inline_always, reason = "compiled once for each instruction set")]
fn all_on_grid_plain(price: &[f64], tick_size: f64) -> bool {
    const ROUND: f64 = 6_755_399_441_055_744.0;
    #[allow(clippy::cast_precision_loss, reason = "9e12 is exact in an f64")]
    const MOST: f64 = MAX_TICKS as f64;
    let ticks_per_price = 1.0 / tick_size;
    price.chunks(1024).all(|block| {
        let bad: u64 = block
            .iter()
            .map(|price| {
                let ticks = (price * ticks_per_price + ROUND) - ROUND;
                // A price that is no number is near to nothing.
                let near = (ticks * tick_size - price).abs() <= FLOAT_SNAP_FRAC * price;
                u64::from(!near) | u64::from(ticks < 1.0) | u64::from(ticks > MOST)
            })
            .sum();
        bad == 0
    })
}
