//! What became of a position: one trade, in R and in money.

use arrayvec::ArrayVec;

use crate::event::{Event, EventKind, EventPrice, Reason};
use crate::instrument::Instrument;
use crate::ladder::MAX_LEGS;
use crate::plan::{ExitPlan, LegKind};
use crate::units::{Lots, Ns, Side, Ticks};
use crate::watch::Range;

/// Trading fees as fractions of the notional.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Fees {
    /// Market orders, the entry among them.
    pub taker_frac: f64,
    /// Limit orders that rested.
    pub maker_frac: f64,
}

impl Default for Fees {
    /// Binance USD-M, regular user: 0.0004 taker, 0.0002 maker.
    fn default() -> Self {
        Self { taker_frac: 0.0004, maker_frac: 0.0002 }
    }
}

/// A leg that was filled.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct LegFill {
    /// 0-based index in the profile.
    pub leg: i16,
    /// Time of the fill.
    pub ts: Ns,
    /// Price of the fill.
    pub price: Ticks,
    /// Lots closed.
    pub lots: Lots,
}

/// The account of one position, kept event by event.
#[derive(Debug, Clone)]
pub struct Trade {
    /// The position.
    pub position_id: u64,
    /// Its direction.
    pub side: Side,
    /// Time of the entry.
    pub entry_ns: Ns,
    /// First tick evaluated; `None` when no tick came.
    pub opened: Option<Ns>,
    /// Time of the last exit; `None` while lots are open.
    pub closed: Option<Ns>,
    /// Reason of the last exit; `None` while lots are open.
    pub exit_reason: Option<Reason>,
    /// Legs filled, in the order of their fills.
    pub leg_fills: ArrayVec<LegFill, MAX_LEGS>,
    /// Legs that held lots at the start.
    pub legs_planned: u32,
    entry_price: f64,
    stop_price: f64,
    r_price: f64,
    quantity: Lots,
    open: Lots,
    profit_ticks_x_lots: f64,
    turnover_taker: f64,
    turnover_maker: f64,
    range: Range,
}

impl Trade {
    /// The account of a position that has just been planned.
    #[must_use]
    pub fn new(position_id: u64, plan: &ExitPlan, entry_ns: Ns, instrument: &Instrument) -> Self {
        let entry_price = plan.entry_price().to_f64();
        let quantity = plan.quantity();
        Self {
            position_id,
            side: plan.side(),
            entry_ns,
            opened: None,
            closed: None,
            exit_reason: None,
            leg_fills: ArrayVec::new(),
            legs_planned: plan.legs().iter().fold(0, |mask, leg| mask | 1 << leg.index),
            entry_price,
            stop_price: instrument.price_f64(plan.stop()),
            r_price: plan.r_ticks().to_f64() * instrument.tick_size().to_f64(),
            quantity,
            open: quantity,
            profit_ticks_x_lots: 0.0,
            turnover_taker: 0.0,
            turnover_maker: 0.0,
            range: Range::EMPTY,
        }
    }

    /// Books the events of the position, in order.
    #[allow(clippy::cast_precision_loss, reason = "money in a report")]
    pub fn book(&mut self, plan: &ExitPlan, events: &[Event]) {
        for event in events {
            match event.kind {
                EventKind::Open => self.opened = Some(event.ts),
                EventKind::Closed => {
                    self.closed = Some(event.ts);
                    self.exit_reason = Some(event.reason);
                }
                kind if kind.is_exit() => self.book_exit(plan, event),
                _ => {}
            }
            self.open = event.remaining;
        }
    }

    #[allow(clippy::cast_precision_loss, reason = "money in a report")]
    fn book_exit(&mut self, plan: &ExitPlan, event: &Event) {
        let EventPrice::Grid(price) = event.price else {
            return;
        };
        let entry = plan.entry_ticks().to_f64();
        let lots = event.qty.0 as f64;
        let turnover = price.0 as f64 * lots;
        self.profit_ticks_x_lots += (price.0 as f64 - entry) * lots * self.side.sign() as f64;
        let rested = event.kind == EventKind::LegFilled
            && plan.legs().iter().any(|leg| i16::from(leg.index) == event.leg && leg.kind == LegKind::Soft);
        if rested {
            self.turnover_maker += turnover;
        } else {
            self.turnover_taker += turnover;
        }
        if event.kind == EventKind::LegFilled {
            let fill = LegFill { leg: event.leg, ts: event.ts, price, lots: event.qty };
            // A plan that was replaced may fill more legs than one plan can have: the first are kept.
            let _ = self.leg_fills.try_push(fill);
        }
    }

    /// Notes the range of the ticks that the position was open for.
    pub const fn see(&mut self, range: Range) {
        self.range = self.range.with(range);
    }

    /// The account in R and in money.
    #[must_use]
    #[allow(clippy::cast_precision_loss, reason = "money in a report")]
    pub fn settle(&self, instrument: &Instrument, fees: Fees) -> Settled {
        let qty = instrument.qty_f64(self.quantity);
        let unit = instrument.tick_size().to_f64() * instrument.lot_step().to_f64();
        let closed_lots = Lots(self.quantity.0 - self.open.0);
        let realised_r = self.profit_ticks_x_lots * unit / (self.r_price * qty);
        let entry_fee = self.entry_price * qty * fees.taker_frac;
        let exit_fee = (self.turnover_taker * fees.taker_frac + self.turnover_maker * fees.maker_frac) * unit;
        let fees_paid = if self.opened.is_some() { entry_fee + exit_fee } else { 0.0 };
        let sign = self.side.sign() as f64;
        let (worst, best) = match self.side {
            Side::Long => (self.range.low, self.range.high),
            Side::Short => (self.range.high, self.range.low),
        };
        let in_r = |price: f64| (price - self.entry_price) * sign / self.r_price;
        let seen = self.range.low <= self.range.high;
        Settled {
            qty,
            open_qty: instrument.qty_f64(self.open),
            entry_price: self.entry_price,
            stop_price: self.stop_price,
            r_price: self.r_price,
            exit_price: (closed_lots.0 > 0).then(|| {
                (self.turnover_taker + self.turnover_maker) / closed_lots.0 as f64
                    * instrument.tick_size().to_f64()
            }),
            realised_r: (closed_lots.0 > 0).then_some(realised_r),
            realised_net_r: (closed_lots.0 > 0).then(|| realised_r - fees_paid / (self.r_price * qty)),
            pnl: self.profit_ticks_x_lots * unit,
            fees: fees_paid,
            mae_r: seen.then(|| in_r(worst).min(0.0)),
            mfe_r: seen.then(|| in_r(best).max(0.0)),
        }
    }
}

/// The figures of a trade.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Settled {
    /// Initial quantity, base currency.
    pub qty: f64,
    /// Quantity still open, base currency.
    pub open_qty: f64,
    /// Average entry price, quote currency.
    pub entry_price: f64,
    /// Initial stop, quote currency.
    pub stop_price: f64,
    /// One R, quote currency per unit of base.
    pub r_price: f64,
    /// Average price of the exits; `None` before the first.
    pub exit_price: Option<f64>,
    /// Profit of what was closed, in R of the whole position, before fees; `None` before the first exit.
    pub realised_r: Option<f64>,
    /// The same after fees.
    pub realised_net_r: Option<f64>,
    /// Profit of what was closed, quote currency, before fees.
    pub pnl: f64,
    /// Fees, quote currency.
    pub fees: f64,
    /// Maximum adverse excursion in R, at most 0; `None` when no tick was seen.
    pub mae_r: Option<f64>,
    /// Maximum favourable excursion in R, at least 0; `None` when no tick was seen.
    pub mfe_r: Option<f64>,
}
