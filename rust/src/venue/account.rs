//! One user: a purse, settings, positions, and what is kept of the past.

use std::collections::{BTreeSet, HashMap, VecDeque};

use super::grid::{Cash, Grid};
use super::names::{ClientId, IncomeType, MarginType, OrderSide, PositionSide, SymbolName};
use super::order::{Fill, Order};
use super::position::Position;

/// What resting orders of one position side add up to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Weights {
    /// Notional of orders that may open, by order side.
    pub opening_e8: [Cash; 2],
    /// Quantity of orders that can only reduce, by order side.
    pub reducing_lots: [i64; 2],
    /// Notional of all orders, by order side.
    pub all_e8: [Cash; 2],
}

/// What an account has in one symbol.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Desk {
    /// Of new and present positions.
    pub leverage: u32,
    /// Of new and present positions.
    pub margin_type: MarginType,
    /// By position side.
    pub positions: [Position; 3],
    /// By position side.
    pub weights: [Weights; 3],
    /// Resting orders.
    pub orders: BTreeSet<u64>,
    /// Open algo orders.
    pub algos: BTreeSet<u64>,
    /// When the countdown cancels all orders.
    pub countdown_ms: Option<i64>,
    /// Whether the last margin call still stands.
    pub called: bool,
}

impl Desk {
    /// A desk without orders and positions.
    #[must_use]
    pub fn new(leverage: u32) -> Self {
        Self {
            leverage,
            margin_type: MarginType::Crossed,
            positions: [Position::default(); 3],
            weights: [Weights::default(); 3],
            orders: BTreeSet::new(),
            algos: BTreeSet::new(),
            countdown_ms: None,
            called: false,
        }
    }

    /// Counts `lots` more (or fewer) of a resting order.
    pub fn weigh(&mut self, grid: Grid, order: &Order, lots: i64) {
        let weights = &mut self.weights[order.terms.position_side as usize];
        let side = order.terms.side as usize;
        let notional = grid.notional(order.terms.price_ticks, lots);
        weights.all_e8[side] += notional;
        if order.is_reducing() {
            weights.reducing_lots[side] += lots;
        } else {
            weights.opening_e8[side] += notional;
        }
    }

    /// Notional of all resting orders of one side.
    #[must_use]
    pub fn resting_e8(&self, side: OrderSide) -> Cash {
        self.weights.iter().map(|weights| weights.all_e8[side as usize]).sum()
    }

    /// How much an order of `side` could close now.
    #[must_use]
    pub fn closable(&self, position_side: PositionSide, side: OrderSide) -> i64 {
        (self.positions[position_side as usize].lots * -side.sign()).max(0)
    }

    /// Whether no position is open.
    #[must_use]
    pub fn is_flat(&self) -> bool {
        self.positions.iter().all(Position::is_flat)
    }

    /// Margin set aside for isolated positions.
    #[must_use]
    pub fn isolated_e8(&self) -> Cash {
        self.positions.iter().map(|position| position.isolated_e8).sum()
    }
}

/// One change of a purse.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Income {
    /// Owner.
    pub account: usize,
    /// Rising over the venue.
    pub id: u64,
    /// Empty for transfers.
    pub symbol_name: SymbolName,
    /// What it was.
    pub income_type: IncomeType,
    /// Positive: the purse grew.
    pub amount_e8: Cash,
    /// The trade it belongs to, or 0.
    pub trade_id: u64,
    /// When.
    pub ts_ms: i64,
}

/// One side of one symbol, as shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Holding {
    /// Owner.
    pub account: usize,
    /// Number of the symbol.
    pub symbol: usize,
    /// Name of the symbol.
    pub symbol_name: SymbolName,
    /// Which side.
    pub position_side: PositionSide,
    /// The position.
    pub position: Position,
    /// Setting of the symbol.
    pub leverage: u32,
    /// Setting of the symbol.
    pub margin_type: MarginType,
    /// Mark price.
    pub mark_e8: i64,
    /// Profit at the mark price.
    pub unrealized_e8: Cash,
    /// Signed value at the mark price.
    pub notional_e8: Cash,
    /// Margins and liquidation price, where they were asked for.
    pub margins: Margins,
}

/// Margins of one position side; all 0 in events.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Margins {
    /// Mark price at which it is liquidated, 0 where there is none.
    pub liquidation_e8: i64,
    /// Of the position.
    pub initial_e8: Cash,
    /// Of the open orders.
    pub open_orders_e8: Cash,
    /// Of the position.
    pub maintenance_e8: Cash,
    /// Largest notional at the leverage.
    pub max_notional_e8: Cash,
}

/// One user.
#[derive(Debug, Clone)]
pub struct Account {
    /// Of notional, negative for a rebate.
    pub maker_fee_ppm: i64,
    /// Of notional.
    pub taker_fee_ppm: i64,
    /// All cash, margins of isolated positions included.
    pub wallet_e8: Cash,
    /// Whether LONG and SHORT are apart.
    pub hedged: bool,
    /// By number of the symbol.
    pub desks: Vec<Desk>,
    /// Symbols with an order or a position since the start.
    pub touched: BTreeSet<usize>,
    /// The latest order of each client id.
    pub order_of: HashMap<ClientId, u64>,
    /// The latest algo order of each client id.
    pub algo_of: HashMap<ClientId, u64>,
    /// Ids of all orders that are kept, rising.
    pub order_ids: VecDeque<u64>,
    /// Ids of all algo orders that are kept, rising.
    pub algo_ids: VecDeque<u64>,
    /// Trades that are kept, oldest first.
    pub fills: VecDeque<Fill>,
    /// Incomes that are kept, oldest first.
    pub incomes: VecDeque<Income>,
    /// When the purse last changed.
    pub updated_ms: i64,
}

impl Account {
    /// A user without cash.
    #[must_use]
    pub fn new(maker_fee_ppm: i64, taker_fee_ppm: i64) -> Self {
        Self {
            maker_fee_ppm,
            taker_fee_ppm,
            wallet_e8: 0,
            hedged: false,
            desks: Vec::new(),
            touched: BTreeSet::new(),
            order_of: HashMap::new(),
            algo_of: HashMap::new(),
            order_ids: VecDeque::new(),
            algo_ids: VecDeque::new(),
            fills: VecDeque::new(),
            incomes: VecDeque::new(),
            updated_ms: 0,
        }
    }

    /// Cash that is not set aside for isolated positions.
    #[must_use]
    pub fn cross_wallet_e8(&self) -> Cash {
        let isolated: Cash = self.touched.iter().map(|symbol| self.desks[*symbol].isolated_e8()).sum();
        self.wallet_e8 - isolated
    }

    /// The position sides that the mode has.
    #[must_use]
    pub const fn sides(&self) -> &'static [PositionSide] {
        if self.hedged { &[PositionSide::Long, PositionSide::Short] } else { &[PositionSide::Both] }
    }
}
