//! A venue with one symbol and one user, and short ways to say what happens.
//!
//! One tick is 0.1 USDT and one lot 0.001 BTC, so that one lot at one tick is worth 0.0001 USDT.

use quantum_exit::venue::Venue;
use quantum_exit::venue::algo::{Algo, NewAlgo};
use quantum_exit::venue::depth::Shape;
use quantum_exit::venue::event::{Event, Stamped};
use quantum_exit::venue::grid::{Cash, Grid};
use quantum_exit::venue::names::{
    ClientId, OrderSide, OrderType, PositionSide, PriceMatch, StpMode, SymbolName, SymbolStatus, TimeInForce,
    WorkingType,
};
use quantum_exit::venue::order::{NewOrder, Order};
use quantum_exit::venue::position::Position;
use quantum_exit::venue::reject::VenueError;
use quantum_exit::venue::rules::VenueRules;
use quantum_exit::venue::symbol::{Brackets, Filters, SymbolSpec};

pub const SYMBOL: &str = "BTCUSDT";
pub const USER: usize = 0;
pub const E8: Cash = 100_000_000;

/// 1e-8 quote of one tick.
pub const TICK_E8: i64 = 10_000_000;

pub fn spec(name: &str, filters: Filters, brackets: Brackets) -> SymbolSpec {
    SymbolSpec {
        name: SymbolName::from(name).expect("short"),
        grid: Grid::new(TICK_E8, 100_000).expect("a grid"),
        filters,
        brackets,
        liquidation_fee_ppm: 12_500,
    }
}

pub struct Desk {
    pub venue: Venue,
}

impl Desk {
    /// 10 000 USDT, no fees, last trade 100 000 ticks (10 000 USDT) on the ask.
    pub fn new() -> Self {
        Self::with(VenueRules::default(), Filters::default(), Brackets::simple())
    }

    pub fn with_rules(rules: VenueRules) -> Self {
        Self::with(rules, Filters::default(), Brackets::simple())
    }

    pub fn with(rules: VenueRules, filters: Filters, brackets: Brackets) -> Self {
        let mut venue = Venue::new(1_000, rules).expect("rules");
        venue.add_symbol(spec(SYMBOL, filters, brackets), SymbolStatus::Trading).expect("a new symbol");
        assert_eq!(venue.add_account(0, 0), Ok(USER));
        venue.transfer(USER, 10_000 * E8).expect("a deposit");
        let mut desk = Self { venue };
        desk.depth(1, 20, 1_000_000);
        desk.print(100_000, 1, OrderSide::Buy);
        desk.events();
        desk
    }

    pub fn depth(&mut self, spread_ticks: i64, levels: i64, lots_per_level: i64) {
        let shape = Shape { spread_ticks, levels, step_ticks: 1, lots_per_level };
        self.venue.set_depth(SYMBOL, shape).expect("a shape");
    }

    pub fn print(&mut self, price: i64, lots: i64, taker: OrderSide) {
        self.venue.trade(SYMBOL, price, lots, taker == OrderSide::Sell).expect("a trade");
    }

    pub fn mark(&mut self, price_ticks: i64) {
        self.venue.mark(SYMBOL, price_ticks * TICK_E8, None).expect("a price");
    }

    pub fn place(&mut self, terms: NewOrder) -> Result<Order, VenueError> {
        self.venue.place(USER, SYMBOL, &terms)
    }

    pub fn place_algo(&mut self, terms: NewAlgo) -> Result<Algo, VenueError> {
        self.venue.place_algo(USER, SYMBOL, &terms)
    }

    pub fn position(&self) -> Position {
        self.venue.holdings(USER, Some(SYMBOL)).expect("a symbol")[0].position
    }

    pub fn wallet(&self) -> Cash {
        self.venue.balance(USER).expect("an account").0
    }

    pub fn events(&mut self) -> Vec<Stamped> {
        self.venue.drain()
    }

    /// What was told since the last call, one word each.
    pub fn told(&mut self) -> Vec<String> {
        self.events().iter().map(word).collect()
    }

    /// The order as it is now.
    pub fn now(&self, order: &Order) -> Order {
        let handle = quantum_exit::venue::venue::Handle::Id(order.id);
        self.venue.order(USER, SYMBOL, handle).expect("an order")
    }

    /// The algo order as it is now.
    pub fn algo_now(&self, algo: &Algo) -> Algo {
        let handle = quantum_exit::venue::venue::Handle::Id(algo.id);
        self.venue.algo(USER, handle).expect("an algo order")
    }
}

fn word(stamped: &Stamped) -> String {
    match &stamped.event {
        Event::TradeLite { .. } => "LITE".to_owned(),
        Event::Order { execution, shown, .. } => format!("{}/{}", execution.name(), shown.name()),
        Event::Account { reason, .. } => format!("ACCOUNT {}", reason.name()),
        Event::Algo(algo) => format!("ALGO {}", algo.status.name()),
        Event::Leverage { .. } => "LEVERAGE".to_owned(),
        Event::MarginCall { .. } => "MARGIN CALL".to_owned(),
    }
}

/// The code of a refusal.
pub fn code<T: std::fmt::Debug>(answer: Result<T, VenueError>) -> i32 {
    match answer {
        Err(VenueError::Reject(refusal)) => refusal.code,
        other => panic!("expected a refusal, got {other:?}"),
    }
}

pub fn market(side: OrderSide, lots: i64) -> NewOrder {
    NewOrder { order_type: OrderType::Market, ..limit(side, lots, 0) }
}

pub fn limit(side: OrderSide, lots: i64, price_ticks: i64) -> NewOrder {
    NewOrder {
        side,
        position_side: PositionSide::Both,
        order_type: OrderType::Limit,
        lots,
        price_ticks,
        time_in_force: TimeInForce::Gtc,
        reduce_only: false,
        client_id: None,
        good_till_ms: 0,
        price_match: PriceMatch::None,
        stp_mode: StpMode::None,
    }
}

pub fn reducing(terms: NewOrder) -> NewOrder {
    NewOrder { reduce_only: true, ..terms }
}

pub fn stop(side: OrderSide, lots: i64, trigger_ticks: i64) -> NewAlgo {
    NewAlgo {
        side,
        position_side: PositionSide::Both,
        order_type: OrderType::StopMarket,
        lots,
        price_ticks: 0,
        trigger_ticks,
        activation_ticks: 0,
        callback_ppm: 0,
        time_in_force: TimeInForce::Gtc,
        working_type: WorkingType::ContractPrice,
        price_protect: false,
        close_position: false,
        reduce_only: false,
        client_id: None,
        good_till_ms: 0,
        price_match: PriceMatch::None,
        stp_mode: StpMode::None,
    }
}

/// A stop that closes the whole position.
pub fn floor(side: OrderSide, trigger_ticks: i64) -> NewAlgo {
    NewAlgo { close_position: true, ..stop(side, 0, trigger_ticks) }
}

pub fn trail(side: OrderSide, lots: i64, callback_ppm: i64, activation_ticks: i64) -> NewAlgo {
    NewAlgo {
        order_type: OrderType::TrailingStopMarket,
        callback_ppm,
        activation_ticks,
        reduce_only: true,
        ..stop(side, lots, 0)
    }
}

pub fn id(text: &str) -> ClientId {
    ClientId::from(text).expect("short")
}
