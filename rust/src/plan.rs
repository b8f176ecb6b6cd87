//! An exit plan: a spec checked once and turned into price levels and lots.

use arrayvec::ArrayVec;

use crate::clock::TimeStop;
use crate::decimal::{Decimal, Ratio};
use crate::error::Invalid;
use crate::instrument::{Instrument, MAX_TICKS};
use crate::ladder::{Item, MAX_LEGS, Merge, Packing, pack, remainder_ppm};
use crate::ratchet::break_even_level;
pub use crate::spec::{LegKind, LegSpec, LimitFill, PlanSpec, RatchetSpec, TimeStopSpec};
use crate::tick::Source;
use crate::trail::{TrailRule, level_at, ppm_text};
use crate::units::{Gain, Lots, Ns, PPM, Side, Ticks};

/// A leg in price levels.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Leg {
    /// Its level.
    pub level: Gain,
    /// Lots that it closes.
    pub lots: Lots,
    /// 0-based index in the profile.
    pub index: u8,
    /// Execution.
    pub kind: LegKind,
}

impl Leg {
    /// The price from which on the leg is filled.
    #[must_use]
    pub const fn trigger(&self, limit_fill: LimitFill) -> Gain {
        match (self.kind, limit_fill) {
            (LegKind::Soft, LimitFill::Through) => Gain(self.level.0 + 1),
            _ => self.level,
        }
    }
}

/// What the trailing stop guards.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TrailScope {
    /// Just the lots that no leg closes.
    Leg,
    /// All that is open.
    Remaining,
}

impl TrailScope {
    /// With a remainder the trailing stop is the remainder's; without one it guards everything.
    #[must_use]
    pub const fn of(remainder: Lots) -> Self {
        if remainder.0 > 0 { Self::Leg } else { Self::Remaining }
    }
}

/// A checked plan: every level in ticks, every lot assigned.
///
/// What a tick reads comes first; see [`Position`](crate::position::Position).
#[derive(Debug, Clone, PartialEq, Eq)]
#[repr(C)]
pub struct ExitPlan {
    pub(crate) side: Side,
    pub(crate) stop_source: Source,
    pub(crate) leg_source: Source,
    pub(crate) follow_legs: bool,
    pub(crate) break_even_after: Option<u8>,
    pub(crate) break_even: Gain,
    pub(crate) legs: ArrayVec<Leg, MAX_LEGS>,
    pub(crate) trail: Option<TrailRule>,
    /// [`Gain::MAX`] for never.
    pub(crate) break_even_at: Gain,
    pub(crate) max_hold: Option<Ns>,
    pub(crate) time_stop: Option<TimeStop>,
    pub(crate) entry: Ratio,
    pub(crate) entry_price: Decimal,
    pub(crate) r: Ratio,
    pub(crate) quantity: Lots,
    pub(crate) stop: Gain,
    pub(crate) remainder: Lots,
    merges: Vec<Merge>,
}

impl ExitPlan {
    /// Checks `spec` against the grid and minimums of `instrument`.
    ///
    /// # Errors
    /// [`Invalid`] naming the field, its value and what is allowed.
    pub fn new(instrument: &Instrument, spec: &PlanSpec) -> Result<Self, Invalid> {
        let side = spec.side;
        let entry_price = spec.entry_price;
        if entry_price.is_not_positive() {
            return Err(Invalid::new("entry_price", entry_price, "must be above zero"));
        }
        let entry = signed(side, instrument.price_ratio("entry_price", entry_price)?);
        let quantity = instrument.lots("quantity", spec.quantity)?;
        let stop = stop_level(instrument, spec, entry)?;
        let r = entry
            .plus(Ratio::whole(i128::from(-stop.0)))
            .ok_or_else(|| Invalid::new("entry_price", entry_price, "fewer digits"))?;
        check_legs(&spec.legs)?;
        let levels = leg_levels(&spec.legs, side, entry, r)?;
        let packing = pack_legs(instrument, side, entry, quantity, &spec.legs, &levels);
        let legs = alive_legs(&spec.legs, &levels, &packing.legs);
        let trail = spec.trailing.as_ref().map(|trailing| TrailRule::new(trailing, entry, r)).transpose()?;
        if spec.max_hold.is_some_and(|hold| hold.0 <= 0) {
            let value = spec.max_hold.map_or(0, |hold| hold.0);
            return Err(Invalid::new("max_hold_ns", value, "must be above zero, or absent"));
        }
        let time_stop = spec.time_stop.map(|time_stop| TimeStop::new(time_stop, entry, r)).transpose()?;
        spec.ratchet.check()?;
        let break_even_at = spec.ratchet.break_even_at_r_ppm.map_or(Ok(Gain::MAX), |r_ppm| {
            profit_level(side, entry, r, r_ppm)
                .map_err(|allowed| Invalid::new("ratchet.break_even_at_r", ppm_text(r_ppm), allowed))
        })?;
        Ok(Self {
            side,
            entry,
            entry_price,
            r,
            quantity,
            stop,
            legs,
            remainder: packing.remainder,
            trail,
            break_even_after: spec.ratchet.break_even_after,
            break_even: break_even_level(entry, spec.ratchet.break_even_offset_ppm)?,
            break_even_at,
            follow_legs: spec.ratchet.follow_legs,
            max_hold: spec.max_hold,
            time_stop,
            stop_source: spec.stop_source,
            leg_source: spec.leg_source,
            merges: packing.merges,
        })
    }

    /// Direction of the position.
    #[must_use]
    pub const fn side(&self) -> Side {
        self.side
    }

    /// The sources that the stop and the legs listen to.
    #[must_use]
    pub const fn sources(&self) -> (Source, Source) {
        (self.stop_source, self.leg_source)
    }

    /// Lots at the start.
    #[must_use]
    pub const fn quantity(&self) -> Lots {
        self.quantity
    }

    /// Initial stop, rounded.
    #[must_use]
    pub const fn stop(&self) -> Ticks {
        self.side.price(self.stop)
    }

    /// Average entry price, as written.
    #[must_use]
    pub const fn entry_price(&self) -> Decimal {
        self.entry_price
    }

    /// Average entry price in ticks, exact.
    #[must_use]
    pub const fn entry_ticks(&self) -> Ratio {
        self.entry.abs()
    }

    /// Distance from the entry to the rounded stop in ticks, exact: one R.
    #[must_use]
    pub const fn r_ticks(&self) -> Ratio {
        self.r
    }

    /// The legs that hold lots, in order.
    #[must_use]
    pub fn legs(&self) -> &[Leg] {
        &self.legs
    }

    /// Lots that no leg closes.
    #[must_use]
    pub const fn remainder(&self) -> Lots {
        self.remainder
    }

    /// What the trailing stop guards; `None` without trailing.
    #[must_use]
    pub fn trail_scope(&self) -> Option<TrailScope> {
        self.trail.as_ref().map(|_| TrailScope::of(self.remainder))
    }

    /// Trailing activation price, `None` without trailing or when it starts at once.
    #[must_use]
    pub fn activation(&self) -> Option<Ticks> {
        let activation = self.trail.as_ref()?.activation();
        (activation != Gain::MIN).then(|| self.side.price(activation))
    }

    /// Best prices from which the trailing stop is tighter, nearest first, with the callback in ppm.
    ///
    /// Those of a short position that lie below one tick are left out: no price gets there.
    pub fn trail_steps(&self) -> impl Iterator<Item = (Ticks, i64)> {
        let steps = self.trail.iter().flat_map(TrailRule::steps);
        steps.map(|(from, ppm)| (self.side.price(from), ppm)).filter(|(from, _)| from.0 > 0)
    }

    /// Longest time in the position; `None` = no limit.
    #[must_use]
    pub const fn max_hold(&self) -> Option<Ns> {
        self.max_hold
    }

    /// Time from which on the position is closed below a price, and that price; `None` = never.
    #[must_use]
    pub fn time_stop(&self) -> Option<(Ns, Ticks)> {
        self.time_stop.map(|stop| (stop.after, self.side.price(stop.under)))
    }

    /// Price from which on the stop is at the break-even level, `None` when only legs move it there.
    #[must_use]
    pub fn break_even_at(&self) -> Option<Ticks> {
        (self.break_even_at != Gain::MAX).then(|| self.side.price(self.break_even_at))
    }

    /// Price of the break-even level.
    #[must_use]
    pub const fn break_even(&self) -> Ticks {
        self.side.price(self.break_even)
    }

    /// Every merge that the packing made.
    #[must_use]
    pub fn merges(&self) -> &[Merge] {
        &self.merges
    }

    /// Price of a leg's level.
    #[must_use]
    pub const fn level_price(&self, leg: &Leg) -> Ticks {
        self.side.price(leg.level)
    }

    /// Profit of an exit of all lots at `price`, in R.
    #[must_use]
    #[allow(clippy::cast_precision_loss, reason = "a report value, not a decision")]
    pub fn r_at(&self, price: Ticks) -> f64 {
        let gain = Ratio::whole(i128::from(self.side.gain(price).0));
        gain.plus(self.entry.negated()).map_or(f64::NAN, |profit| profit.to_f64() / self.r.to_f64())
    }
}

fn signed(side: Side, price: Ratio) -> Ratio {
    match side {
        Side::Long => price,
        Side::Short => price.negated(),
    }
}

/// The stop, rounded toward the market, at least one tick from the entry on the loss side.
fn stop_level(instrument: &Instrument, spec: &PlanSpec, entry: Ratio) -> Result<Gain, Invalid> {
    let refuse = |allowed: String| Err(Invalid::new("stop_price", spec.stop_price, allowed));
    if spec.stop_price.is_not_positive() {
        return refuse("must be above zero".to_owned());
    }
    let exact = signed(spec.side, instrument.price_ratio("stop_price", spec.stop_price)?);
    let rounded = exact.ceil();
    let below_entry = entry.plus(Ratio::whole(-rounded)).is_some_and(|r| r.num() >= r.den());
    if !below_entry {
        let loss_side = match spec.side {
            Side::Long => "below",
            Side::Short => "above",
        };
        return refuse(format!(
            "a {} stop must be at least one tick ({}) {loss_side} the entry price {} after rounding toward the market",
            spec.side,
            instrument.tick_size(),
            spec.entry_price,
        ));
    }
    Ok(Gain(i64::try_from(rounded).unwrap_or(i64::MIN)))
}

fn check_legs(legs: &[LegSpec]) -> Result<(), Invalid> {
    if legs.len() > MAX_LEGS {
        return Err(Invalid::new("legs", legs.len(), format!("at most {MAX_LEGS} legs")));
    }
    let mut before_r = 0;
    for (index, leg) in legs.iter().enumerate() {
        leg.check().map_err(|error| error.within(format_args!("legs[{index}]")))?;
        if leg.r_ppm < before_r {
            let allowed = format!("at least {}, that of the leg before", ppm_text(before_r));
            return Err(Invalid::new(format!("legs[{index}].r_multiple"), ppm_text(leg.r_ppm), allowed));
        }
        before_r = leg.r_ppm;
    }
    let sum: i64 = legs.iter().map(|leg| leg.fraction_ppm).sum();
    if sum > PPM {
        return Err(Invalid::new("legs.size_fraction", ppm_text(sum), "a sum of at most 1"));
    }
    Ok(())
}

fn leg_levels(
    legs: &[LegSpec],
    side: Side,
    entry: Ratio,
    r: Ratio,
) -> Result<ArrayVec<Gain, MAX_LEGS>, Invalid> {
    let mut levels = ArrayVec::new();
    for (index, leg) in legs.iter().enumerate() {
        let level = profit_level(side, entry, r, leg.r_ppm).map_err(|allowed| {
            Invalid::new(format!("legs[{index}].r_multiple"), ppm_text(leg.r_ppm), allowed)
        })?;
        levels.push(level);
    }
    Ok(levels)
}

/// The level of a number of R beyond the entry, or what is allowed instead.
fn profit_level(side: Side, entry: Ratio, r: Ratio, r_ppm: i64) -> Result<Gain, &'static str> {
    let level = level_at(entry, r, r_ppm).ok_or("a level within 9e12 ticks")?;
    let beyond_entry = Ratio::whole(i128::from(level)).plus(entry.negated());
    if beyond_entry.is_none_or(|profit| profit.num() <= 0) {
        return Err("its level collapses onto the entry price; use more R or a wider stop");
    }
    let price = side.price(Gain(level)).0;
    if !(1..=MAX_TICKS).contains(&price) {
        return Err("its level is not a positive price within 9e12 ticks");
    }
    Ok(Gain(level))
}

fn pack_legs(
    instrument: &Instrument,
    side: Side,
    entry: Ratio,
    quantity: Lots,
    legs: &[LegSpec],
    levels: &[Gain],
) -> Packing {
    let fractions: ArrayVec<i64, MAX_LEGS> = legs.iter().map(|leg| leg.fraction_ppm).collect();
    let entry_ticks = Ticks(i64::try_from(entry.abs().floor()).unwrap_or(MAX_TICKS));
    pack(quantity, &fractions, remainder_ppm(&fractions), |item, lots| {
        let price = match item {
            Item::Leg(index) => side.price(levels[index]),
            // The remainder has no level of its own; the entry is where its value is known.
            Item::Remainder => entry_ticks,
        };
        instrument.is_tradable(lots, price)
    })
}

fn alive_legs(legs: &[LegSpec], levels: &[Gain], lots: &[Lots]) -> ArrayVec<Leg, MAX_LEGS> {
    legs.iter()
        .zip(levels)
        .zip(lots)
        .enumerate()
        .filter(|(_, (_, lots))| lots.0 > 0)
        .map(|(index, ((leg, level), lots))| Leg {
            level: *level,
            lots: *lots,
            index: u8::try_from(index).unwrap_or(u8::MAX),
            kind: leg.kind,
        })
        .collect()
}
