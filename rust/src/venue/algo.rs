//! Conditional orders: what they wait for, and the documented rule of the trailing one.

use super::grid::Cash;
use super::names::{
    AlgoStatus, ClientId, OrderSide, OrderType, PositionSide, PriceMatch, StpMode, SymbolName, TimeInForce,
    WorkingType,
};

/// What a user sends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NewAlgo {
    /// BUY or SELL.
    pub side: OrderSide,
    /// The position that it is for.
    pub position_side: PositionSide,
    /// One of the five conditional types.
    pub order_type: OrderType,
    /// Quantity, 0 with `close_position`.
    pub lots: i64,
    /// Limit price of STOP and `TAKE_PROFIT`.
    pub price_ticks: i64,
    /// Trigger price, 0 for a trailing order.
    pub trigger_ticks: i64,
    /// Where a trailing order starts to follow; 0: at once.
    pub activation_ticks: i64,
    /// Distance of a trailing order, 1 000 to 100 000.
    pub callback_ppm: i64,
    /// How long the child stands, and GTD how long the order waits.
    pub time_in_force: TimeInForce,
    /// Which price triggers.
    pub working_type: WorkingType,
    /// Whether last and mark price have to be close when it triggers.
    pub price_protect: bool,
    /// Whether it closes the whole position.
    pub close_position: bool,
    /// Whether it may only reduce.
    pub reduce_only: bool,
    /// The user's id; the venue makes one where there is none.
    pub client_id: Option<ClientId>,
    /// End of a GTD order, else 0.
    pub good_till_ms: i64,
    /// Where the limit price comes from.
    pub price_match: PriceMatch,
    /// Kept, not used.
    pub stp_mode: StpMode,
}

/// What an order waits for; prices in 1e-8 quote.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Condition {
    /// The price is at or above.
    Rises(i64),
    /// The price is at or below.
    Falls(i64),
    /// The price came back from its best since activation.
    Trails {
        /// Where following starts; 0: at the first price.
        activation_e8: i64,
        /// Best price since then; `None` before.
        extreme_e8: Option<i64>,
    },
}

/// A conditional order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Algo {
    /// Owner.
    pub account: usize,
    /// Number of the symbol.
    pub symbol: usize,
    /// Name of the symbol.
    pub symbol_name: SymbolName,
    /// Unique at the venue, rising.
    pub id: u64,
    /// The user's or the venue's id.
    pub client_id: ClientId,
    /// As sent.
    pub terms: NewAlgo,
    /// What it waits for.
    pub condition: Condition,
    /// State.
    pub status: AlgoStatus,
    /// The child order, 0 before there is one.
    pub order_id: u64,
    /// What the child filled.
    pub child_lots: i64,
    /// Notional of the child's fills.
    pub child_quote_e8: Cash,
    /// Why the venue ended it.
    pub reason: Reason,
    /// Set by the operator: the order is rejected once it triggers.
    pub doomed: Option<Reason>,
    /// When it was accepted.
    pub created_ms: i64,
    /// When it last changed.
    pub updated_ms: i64,
    /// When its price was met, 0 before.
    pub triggered_ms: i64,
}

/// Text of `rm`, at most 64 bytes.
pub type Reason = arrayvec::ArrayString<64>;

/// Whether an order type fires when the price runs against the side that it trades: a SELL stop when
/// the price falls, a BUY stop when it rises. Take-profits are the mirror.
#[must_use]
pub const fn is_stop(order_type: OrderType) -> bool {
    matches!(order_type, OrderType::Stop | OrderType::StopMarket)
}

impl NewAlgo {
    /// What the order waits for, with prices in 1e-8 quote; `now_e8` is the present working price.
    #[must_use]
    pub fn condition(&self, trigger_e8: i64, activation_e8: i64, now_e8: i64) -> Condition {
        if self.order_type == OrderType::TrailingStopMarket {
            let activation_e8 = if activation_e8 == 0 { now_e8 } else { activation_e8 };
            return Condition::Trails { activation_e8, extreme_e8: None };
        }
        let falls = is_stop(self.order_type) == matches!(self.side, OrderSide::Sell);
        if falls { Condition::Falls(trigger_e8) } else { Condition::Rises(trigger_e8) }
    }

    /// Whether the order can only close: `close_position`, `reduce_only`, or the closing side of a
    /// hedged position.
    #[must_use]
    pub fn is_reducing(&self) -> bool {
        self.close_position || self.reduce_only || self.position_side.reducing() == Some(self.side)
    }
}

impl Algo {
    /// Follows one price and tells whether it meets the condition.
    ///
    /// A trailing SELL activates at the first price at or above its activation price and triggers at
    /// or below the highest price since then less the callback; BUY is the mirror (Binance: "the
    /// highest price after order placed >= activatePrice, and the latest price <= the highest price *
    /// (1 - callbackRate)").
    pub fn observe(&mut self, price_e8: i64) -> bool {
        let Condition::Trails { activation_e8, extreme_e8 } = &mut self.condition else {
            return self.is_met(price_e8);
        };
        // On this scale larger is better for the position that the order closes.
        let sign = -self.terms.side.sign();
        let waits = extreme_e8.is_none() && *activation_e8 != 0;
        if waits && (price_e8 - *activation_e8) * sign < 0 {
            return false;
        }
        let best = extreme_e8
            .map_or(price_e8, |extreme| if (price_e8 - extreme) * sign > 0 { price_e8 } else { extreme });
        *extreme_e8 = Some(best);
        let back = i128::from(best - price_e8) * i128::from(sign) * 1_000_000;
        back >= i128::from(best) * i128::from(self.terms.callback_ppm)
    }

    /// Whether a fixed trigger price is met.
    #[must_use]
    pub const fn is_met(&self, price_e8: i64) -> bool {
        match self.condition {
            Condition::Rises(trigger) => price_e8 >= trigger,
            Condition::Falls(trigger) => price_e8 <= trigger,
            Condition::Trails { .. } => false,
        }
    }

    /// Whether a trailing order follows the price.
    #[must_use]
    pub const fn is_active(&self) -> bool {
        matches!(self.condition, Condition::Trails { extreme_e8: Some(_), .. })
    }
}
