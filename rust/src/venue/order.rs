//! Regular orders and their trades.

use super::grid::Cash;
use super::names::{
    ClientId, OrderSide, OrderStatus, OrderType, PositionSide, PriceMatch, StpMode, SymbolName, TimeInForce,
    WorkingType,
};

/// What a user sends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NewOrder {
    /// BUY or SELL.
    pub side: OrderSide,
    /// The position that it is for.
    pub position_side: PositionSide,
    /// LIMIT or MARKET; the others are refused with -4120.
    pub order_type: OrderType,
    /// Quantity.
    pub lots: i64,
    /// Limit price, 0 for MARKET.
    pub price_ticks: i64,
    /// How long it stands.
    pub time_in_force: TimeInForce,
    /// Whether it may only reduce.
    pub reduce_only: bool,
    /// The user's id; the venue makes one where there is none.
    pub client_id: Option<ClientId>,
    /// End of a GTD order, else 0.
    pub good_till_ms: i64,
    /// Where the price comes from.
    pub price_match: PriceMatch,
    /// Kept, not used.
    pub stp_mode: StpMode,
}

impl NewOrder {
    /// Whether the order can only close: `reduce_only`, or the closing side of a hedged position.
    #[must_use]
    pub fn is_reducing(&self) -> bool {
        self.reduce_only || self.position_side.reducing() == Some(self.side)
    }
}

/// What an algo order hands to its child; all defaults for other orders.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Origin {
    /// Type of the algo order, or of the order itself.
    pub order_type: OrderType,
    /// The algo order, or 0.
    pub algo_id: u64,
    /// Its trigger price, or 0.
    pub stop_price_ticks: i64,
    /// Whether it closes the position.
    pub close_position: bool,
    /// Price that triggered it.
    pub working_type: WorkingType,
    /// Whether it was protected.
    pub price_protect: bool,
}

/// A regular order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Order {
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
    /// As sent, but with the price and quantity that stand now.
    pub terms: NewOrder,
    /// Where it comes from.
    pub origin: Origin,
    /// State.
    pub status: OrderStatus,
    /// Quantity filled.
    pub filled_lots: i64,
    /// Notional of all fills.
    pub quote_e8: Cash,
    /// What the market has in front of it at its price.
    pub queue_lots: i64,
    /// How often it was amended.
    pub amendments: u32,
    /// Whether its NEW was told.
    pub announced: bool,
    /// When it was accepted.
    pub created_ms: i64,
    /// When it last changed.
    pub updated_ms: i64,
}

impl Order {
    /// What can still trade.
    #[must_use]
    pub const fn remaining(&self) -> i64 {
        self.terms.lots - self.filled_lots
    }

    /// Whether it can only close.
    #[must_use]
    pub fn is_reducing(&self) -> bool {
        self.origin.close_position || self.terms.is_reducing()
    }
}

/// One trade of one order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Fill {
    /// Owner of the order.
    pub account: usize,
    /// Number of the symbol.
    pub symbol: usize,
    /// Name of the symbol.
    pub symbol_name: SymbolName,
    /// Rising in each symbol.
    pub trade_id: u64,
    /// The order.
    pub order_id: u64,
    /// The user's or the venue's id of the order.
    pub client_id: ClientId,
    /// Side of the order.
    pub side: OrderSide,
    /// Position that it was for.
    pub position_side: PositionSide,
    /// Quantity.
    pub lots: i64,
    /// Price.
    pub price_ticks: i64,
    /// Value.
    pub quote_e8: Cash,
    /// What the account paid, negative for a rebate.
    pub fee_e8: Cash,
    /// Profit of the part that closed, before the fee.
    pub realized_e8: Cash,
    /// Whether the order rested.
    pub maker: bool,
    /// When.
    pub ts_ms: i64,
}
