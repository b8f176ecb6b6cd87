//! The one door between decimals and the integers of the core.

use crate::decimal::{Decimal, Ratio, pow10, scaled_to_f64};
use crate::error::Invalid;
use crate::units::{Lots, Ticks};

/// Largest price in ticks: a price times one million must fit an `i64`.
pub const MAX_TICKS: i64 = 9_000_000_000_000;
/// Largest quantity in lots: exact as an `f64`.
pub const MAX_LOTS: i64 = 9_000_000_000_000_000;
/// A float stands for a grid price when it is within this fraction of it.
pub const FLOAT_SNAP_FRAC: f64 = 1e-9;

/// The grid and the minimums of one traded symbol.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Instrument {
    symbol: String,
    tick_size: Decimal,
    lot_step: Decimal,
    min_qty: Decimal,
    min_notional: Decimal,
    max_qty: Option<Decimal>,
    min_lots: Lots,
    min_lots_x_ticks: i128,
}

impl Instrument {
    /// Checks the grid and the minimums.
    ///
    /// `tick_size`, `lot_step` > 0; `min_qty`, `min_notional` >= 0; `max_qty` > 0 when given.
    ///
    /// # Errors
    /// [`Invalid`] naming the field.
    pub fn new(
        symbol: &str,
        tick_size: Decimal,
        lot_step: Decimal,
        min_qty: Decimal,
        min_notional: Decimal,
        max_qty: Option<Decimal>,
    ) -> Result<Self, Invalid> {
        if symbol.is_empty() || symbol.chars().any(char::is_whitespace) {
            let allowed = "expected a name without spaces, such as BTCUSDT";
            return Err(Invalid::new("symbol", format_args!("{symbol:?}"), allowed));
        }
        positive("tick_size", tick_size)?;
        positive("lot_step", lot_step)?;
        not_negative("min_qty", min_qty)?;
        not_negative("min_notional", min_notional)?;
        if let Some(most) = max_qty {
            positive("max_qty", most)?;
        }
        let min_lots = Ratio::of(min_qty, lot_step)
            .and_then(|lots| i64::try_from(lots.ceil()).ok())
            .filter(|lots| *lots <= MAX_LOTS)
            .ok_or_else(|| Invalid::new("min_qty", min_qty, "at most 9e15 lot steps"))?;
        let min_lots_x_ticks = min_product(tick_size, lot_step, min_notional)
            .ok_or_else(|| Invalid::new("min_notional", min_notional, "a smaller number"))?;
        Ok(Self {
            symbol: symbol.to_owned(),
            tick_size,
            lot_step,
            min_qty,
            min_notional,
            max_qty,
            min_lots: Lots(min_lots),
            min_lots_x_ticks,
        })
    }

    /// Name of the symbol.
    #[must_use]
    pub fn symbol(&self) -> &str {
        &self.symbol
    }

    /// Price step, in quote currency.
    #[must_use]
    pub const fn tick_size(&self) -> Decimal {
        self.tick_size
    }

    /// Quantity step, in base currency.
    #[must_use]
    pub const fn lot_step(&self) -> Decimal {
        self.lot_step
    }

    /// Smallest order quantity, in base currency.
    #[must_use]
    pub const fn min_qty(&self) -> Decimal {
        self.min_qty
    }

    /// Smallest order value, in quote currency.
    #[must_use]
    pub const fn min_notional(&self) -> Decimal {
        self.min_notional
    }

    /// Largest quantity of one order, in base currency.
    #[must_use]
    pub const fn max_qty(&self) -> Option<Decimal> {
        self.max_qty
    }

    /// `true` when an order of `lots` at `price` is large enough for the venue.
    #[must_use]
    pub fn is_tradable(&self, lots: Lots, price: Ticks) -> bool {
        lots.0 > 0
            && lots >= self.min_lots
            && i128::from(lots.0) * i128::from(price.0) >= self.min_lots_x_ticks
    }

    /// A price that must lie on the grid.
    ///
    /// # Errors
    /// [`Invalid`] naming `field` and the nearest legal prices.
    pub fn ticks(&self, field: &str, price: Decimal) -> Result<Ticks, Invalid> {
        positive(field, price)?;
        let exact = self.price_ratio(field, price)?;
        exact
            .to_whole()
            .map(Ticks)
            .ok_or_else(|| Invalid::new(field, price, nearest_on_grid("prices", exact, self.tick_size)))
    }

    /// A quantity that must lie on the grid.
    ///
    /// # Errors
    /// [`Invalid`] naming `field` and the nearest legal quantities.
    pub fn lots(&self, field: &str, qty: Decimal) -> Result<Lots, Invalid> {
        positive(field, qty)?;
        let exact = Ratio::of(qty, self.lot_step)
            .filter(|lots| lots.ceil() <= i128::from(MAX_LOTS))
            .ok_or_else(|| Invalid::new(field, qty, "at most 9e15 lot steps"))?;
        exact
            .to_whole()
            .map(Lots)
            .ok_or_else(|| Invalid::new(field, qty, nearest_on_grid("quantities", exact, self.lot_step)))
    }

    /// A price in ticks, kept exactly even off the grid (an average entry price).
    ///
    /// # Errors
    /// [`Invalid`] naming `field` when it is beyond [`MAX_TICKS`].
    pub fn price_ratio(&self, field: &str, price: Decimal) -> Result<Ratio, Invalid> {
        Ratio::of(price, self.tick_size)
            .filter(|ticks| ticks.ceil() <= i128::from(MAX_TICKS) && ticks.den() <= 1_000_000_000_000)
            .ok_or_else(|| {
                let allowed = "at most 9e12 tick sizes, with at most twelve digits below one tick";
                Invalid::new(field, price, allowed)
            })
    }

    /// A float price of a tick: snapped to the grid within [`FLOAT_SNAP_FRAC`], otherwise `None`.
    #[must_use]
    #[inline]
    #[allow(clippy::cast_possible_truncation, reason = "bounded by MAX_TICKS before the cast")]
    #[allow(clippy::cast_precision_loss, reason = "ticks up to 9e12 are exact in an f64")]
    pub fn snap(&self, price: f64) -> Option<Ticks> {
        let tick_size = self.tick_size.to_f64();
        snap(price, tick_size)
    }

    /// The price of `ticks`, as the nearest `f64`.
    #[must_use]
    pub fn price_f64(&self, ticks: Ticks) -> f64 {
        scaled_to_f64(i128::from(ticks.0) * self.tick_size.mantissa, self.tick_size.scale)
    }

    /// The quantity of `lots`, as the nearest `f64`.
    #[must_use]
    pub fn qty_f64(&self, lots: Lots) -> f64 {
        scaled_to_f64(i128::from(lots.0) * self.lot_step.mantissa, self.lot_step.scale)
    }
}

/// What to write instead of something between two multiples of `step`; zero is none of them.
fn nearest_on_grid(what: &str, exact: Ratio, step: Decimal) -> String {
    let text = |units: i128| Decimal { mantissa: units * step.mantissa, scale: step.scale };
    let (below, above) = (exact.floor(), text(exact.ceil()));
    match below {
        ..=0 => format!("at least {above}, one step of the grid"),
        _ => format!("the nearest {what} on the grid of {step} are {} and {above}", text(below)),
    }
}

/// A float price in ticks of `tick_size`, when it is on the grid within [`FLOAT_SNAP_FRAC`].
#[must_use]
#[inline]
#[allow(clippy::cast_possible_truncation, reason = "bounded by MAX_TICKS before the cast")]
#[allow(clippy::cast_precision_loss, reason = "ticks up to 9e12 are exact in an f64")]
pub fn snap(price: f64, tick_size: f64) -> Option<Ticks> {
    // Adding and taking away 1.5 * 2^52 rounds to a whole number without a call; a price that the
    // snap accepts is nowhere near a half.
    const ROUND: f64 = 6_755_399_441_055_744.0;
    let ticks = (price / tick_size + ROUND) - ROUND;
    let near = (ticks * tick_size - price).abs() <= FLOAT_SNAP_FRAC * price;
    (near && ticks >= 1.0 && ticks <= MAX_TICKS as f64).then_some(Ticks(ticks as i64))
}

fn positive(field: &str, value: Decimal) -> Result<(), Invalid> {
    if value.is_not_positive() {
        return Err(Invalid::new(field, value, "must be above zero"));
    }
    Ok(())
}

fn not_negative(field: &str, value: Decimal) -> Result<(), Invalid> {
    if value.mantissa < 0 {
        return Err(Invalid::new(field, value, "must not be negative"));
    }
    Ok(())
}

/// Least `lots * ticks` whose value reaches `min_notional`.
fn min_product(tick_size: Decimal, lot_step: Decimal, min_notional: Decimal) -> Option<i128> {
    let unit_mantissa = tick_size.mantissa.checked_mul(lot_step.mantissa)?;
    let unit_scale = pow10(tick_size.scale + lot_step.scale)?;
    let num = min_notional.mantissa.checked_mul(unit_scale)?;
    let den = unit_mantissa.checked_mul(pow10(min_notional.scale)?)?;
    Ratio::new(num, den).map(Ratio::ceil)
}
