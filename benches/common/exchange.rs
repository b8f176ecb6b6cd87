//! The mix of operations for which the simulated venue is measured: half market trades, half what a
//! busy exit engine sends, in rounds of twenty.

use quantum_exit::venue::Venue;
use quantum_exit::venue::algo::NewAlgo;
use quantum_exit::venue::depth::Shape;
use quantum_exit::venue::grid::{Cash, Grid};
use quantum_exit::venue::names::{
    OrderSide, OrderType, PositionSide, PriceMatch, StpMode, SymbolName, SymbolStatus, TimeInForce,
    WorkingType,
};
use quantum_exit::venue::order::NewOrder;
use quantum_exit::venue::rules::VenueRules;
use quantum_exit::venue::symbol::{Brackets, Filters, SymbolSpec};
use quantum_exit::venue::venue::Handle;

const SYMBOL: &str = "BTCUSDT";
const PRICE: i64 = 1_000_000;
const USER: usize = 0;

/// Operations of one round.
pub const ROUND: usize = 20;

fn terms(side: OrderSide, order_type: OrderType, lots: i64, price_ticks: i64) -> NewOrder {
    NewOrder {
        side,
        position_side: PositionSide::Both,
        order_type,
        lots,
        price_ticks,
        time_in_force: TimeInForce::Gtc,
        reduce_only: order_type == OrderType::Market && side == OrderSide::Sell,
        client_id: None,
        good_till_ms: 0,
        price_match: PriceMatch::None,
        stp_mode: StpMode::None,
    }
}

fn stop(trigger_ticks: i64) -> NewAlgo {
    NewAlgo {
        side: OrderSide::Sell,
        position_side: PositionSide::Both,
        order_type: OrderType::StopMarket,
        lots: 0,
        price_ticks: 0,
        trigger_ticks,
        activation_ticks: 0,
        callback_ppm: 0,
        time_in_force: TimeInForce::Gtc,
        working_type: WorkingType::MarkPrice,
        price_protect: false,
        close_position: true,
        reduce_only: false,
        client_id: None,
        good_till_ms: 0,
        price_match: PriceMatch::None,
        stp_mode: StpMode::None,
    }
}

/// A venue with one symbol, one user, and a price.
pub fn venue() -> Venue {
    let mut venue = Venue::new(0, VenueRules::default()).expect("rules");
    let spec = SymbolSpec {
        name: SymbolName::from(SYMBOL).expect("short"),
        grid: Grid::new(10_000_000, 100_000).expect("a grid"),
        filters: Filters::default(),
        brackets: Brackets::simple(),
        liquidation_fee_ppm: 0,
    };
    venue.add_symbol(spec, SymbolStatus::Trading).expect("a new symbol");
    venue.add_account(200, 500).expect("fees");
    venue.transfer(USER, 1_000_000 * 100_000_000).expect("a deposit");
    let shape = Shape { lots_per_level: 50, ..Shape::default() };
    venue.set_depth(SYMBOL, shape).expect("a shape");
    venue.trade(SYMBOL, PRICE, 1, false).expect("a trade");
    venue
}

/// Twenty operations: ten trades, an order in and out twice, a stop in and out, an entry, its exit, a
/// maker fill, and a look at what happened. Gives the number of events.
pub fn round(venue: &mut Venue, at: usize) -> usize {
    let drift = i64::try_from(at % 7).expect("small");
    let print = |venue: &mut Venue, step: i64| {
        venue.trade(SYMBOL, PRICE + drift + step, 30, step % 2 == 0).expect("a trade");
    };
    (0..4).for_each(|step| print(venue, step));
    venue.place(USER, SYMBOL, &terms(OrderSide::Buy, OrderType::Market, 5, 0)).expect("an entry");
    let floor = venue.place_algo(USER, SYMBOL, &stop(PRICE - 9_000)).expect("a stop");
    for price in [PRICE - 500, PRICE - 600] {
        let far = terms(OrderSide::Buy, OrderType::Limit, 1, price);
        let order = venue.place(USER, SYMBOL, &far).expect("an order");
        venue.cancel(USER, SYMBOL, Handle::Id(order.id)).expect("an order");
    }
    let profit = NewOrder { reduce_only: true, ..terms(OrderSide::Sell, OrderType::Limit, 2, PRICE + 20) };
    venue.place(USER, SYMBOL, &profit).expect("a take-profit");
    (20..26).for_each(|step| print(venue, step));
    venue.cancel_algo(USER, Handle::Id(floor.id)).expect("a stop");
    venue.place(USER, SYMBOL, &terms(OrderSide::Sell, OrderType::Market, 5, 0)).expect("an exit");
    venue.drain().len()
}

/// The wallet and the sum of the incomes, which must be the same.
pub fn books(venue: &Venue) -> (Cash, Cash) {
    let incomes = venue.incomes(USER, 1, usize::MAX).expect("a user");
    (venue.balance(USER).expect("a user").0, incomes.iter().map(|income| income.amount_e8).sum())
}
