//! Random operations on a venue with two symbols and two users, one of them hedged.

use quantum_exit::venue::Venue;
use quantum_exit::venue::algo::NewAlgo;
use quantum_exit::venue::depth::Shape;
use quantum_exit::venue::names::{
    MarginType, OrderSide, OrderType, PositionSide, SymbolStatus, TimeInForce, WorkingType,
};
use quantum_exit::venue::order::NewOrder;
use quantum_exit::venue::orders::Amendment;
use quantum_exit::venue::rules::{Oversized, Singleton, VenueRules};
use quantum_exit::venue::symbol::{Bracket, Brackets, Filters};
use quantum_exit::venue::venue::Handle;

use crate::desk::{E8, TICK_E8, limit, market, spec, stop};

pub const SYMBOLS: [&str; 2] = ["BTCUSDT", "ETHUSDT"];
pub const USERS: usize = 2;
pub const SHAPE: Shape = Shape { spread_ticks: 3, levels: 8, step_ticks: 2, lots_per_level: 40 };

/// Six numbers that say one operation.
pub type Words = [u32; 6];

/// Numbers that depend on a seed only.
pub struct Random(pub u64);

impl Random {
    pub fn next(&mut self) -> u32 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        let mixed = (self.0 ^ (self.0 >> 29)).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        u32::try_from(mixed >> 32).expect("32 bits")
    }

    pub fn words(&mut self) -> Words {
        std::array::from_fn(|_| self.next())
    }
}

pub fn venue(variant: u32) -> Venue {
    let rules = VenueRules {
        close_position_singleton: if variant & 1 == 0 {
            Singleton::PerTypeAndSide
        } else {
            Singleton::PerSide
        },
        oversized_reduce_only_stop: if variant & 2 == 0 { Oversized::Truncate } else { Oversized::Reject },
        reduce_only_budget: variant & 4 == 0,
        expire_reduce_only_with_position: variant & 8 != 0,
        gte_expires_with_position: variant & 16 == 0,
        trigger_latency_ms: if variant & 32 == 0 { 0 } else { 7 },
        ..VenueRules::default()
    };
    let mut venue = Venue::new(0, rules).expect("rules");
    let bracket = |cap: i128, max_leverage, maintenance_ppm, cum: i128| Bracket {
        cap_e8: cap * E8,
        max_leverage,
        maintenance_ppm,
        cum_e8: cum * E8,
    };
    let brackets =
        vec![bracket(50, 50, 10_000, 0), bracket(500, 25, 20_000, 1), bracket(10_000, 10, 50_000, 16)];
    for name in SYMBOLS {
        let spec = spec(name, Filters::default(), Brackets::new(brackets.clone()).expect("brackets"));
        venue.add_symbol(spec, SymbolStatus::Trading).expect("a new symbol");
        venue.set_depth(name, SHAPE).expect("a shape");
        venue.trade(name, 1_000, 1, false).expect("a trade");
    }
    for user in 0..USERS {
        venue.add_account(200, 500).expect("fees");
        venue.transfer(user, 20 * E8).expect("a deposit");
    }
    venue.set_hedge_mode(1, true).expect("no orders yet");
    venue
}

/// One operation; refusals are part of life.
pub fn apply(venue: &mut Venue, [kind, who, what, a, b, c]: Words) {
    let (user, symbol) = (who as usize % USERS, SYMBOLS[what as usize % 2]);
    match kind % 20 {
        0..=5 => print(venue, symbol, a, b),
        6 => mark(venue, symbol, a),
        7..=10 => drop(venue.place(user, symbol, &order(venue, user, symbol, [a, b, c]))),
        11..=13 => drop(venue.place_algo(user, symbol, &algo(venue, user, symbol, [a, b, c]))),
        14 => cancel(venue, user, symbol, a),
        15 => amend(venue, user, symbol, [a, b, c]),
        16 => cancel_algo(venue, user, a),
        17 => settings(venue, user, symbol, [a, b, c]),
        18 => drop(venue.advance(venue.now_ms() + i64::from(a % 20))),
        _ => rare(venue, user, symbol, [a, b, c]),
    }
}

fn small(word: u32, from: i64, to: i64) -> i64 {
    from + i64::from(word) % (to - from + 1)
}

fn print(venue: &mut Venue, symbol: &str, a: u32, b: u32) {
    let last = venue.prices(symbol).expect("a symbol").last_ticks;
    let step = if a.is_multiple_of(40) { small(a >> 8, -150, 150) } else { small(a >> 8, -6, 6) };
    let price = (last + step).clamp(300, 3_000);
    venue.trade(symbol, price, small(b, 1, 60), b & 64 == 0).expect("a trade");
}

fn mark(venue: &mut Venue, symbol: &str, a: u32) {
    let last = venue.prices(symbol).expect("a symbol").last_ticks;
    venue.mark(symbol, (last + small(a, -8, 8)) * TICK_E8 + i64::from(a % 1_000), None).expect("a price");
}

fn sides(user: usize, word: u32) -> (OrderSide, PositionSide) {
    let side = OrderSide::ALL[(word & 1) as usize];
    let position = match (user, word & 2) {
        (0, _) => PositionSide::Both,
        (_, 0) => PositionSide::Long,
        _ => PositionSide::Short,
    };
    (side, position)
}

fn order(venue: &Venue, user: usize, symbol: &str, [a, b, c]: [u32; 3]) -> NewOrder {
    let last = venue.prices(symbol).expect("a symbol").last_ticks;
    let (side, position_side) = sides(user, a);
    let lots = small(b, 1, 90);
    let base =
        if a & 4 == 0 { market(side, lots) } else { limit(side, lots, (last + small(c, -12, 12)).max(1)) };
    let time_in_force = match (a >> 3) % 8 {
        0 => TimeInForce::Ioc,
        1 => TimeInForce::Fok,
        2 => TimeInForce::Gtx,
        3 => TimeInForce::Gtd,
        _ => TimeInForce::Gtc,
    };
    let good_till_ms = venue.now_ms() + 600_001;
    let reduce_only = user == 0 && (a >> 6) % 3 == 0;
    NewOrder { position_side, time_in_force, good_till_ms, reduce_only, ..base }
}

fn algo(venue: &Venue, user: usize, symbol: &str, [a, b, c]: [u32; 3]) -> NewAlgo {
    let last = venue.prices(symbol).expect("a symbol").last_ticks;
    let (side, position_side) = sides(user, a);
    let order_type = [
        OrderType::StopMarket,
        OrderType::Stop,
        OrderType::TakeProfitMarket,
        OrderType::TakeProfit,
        OrderType::TrailingStopMarket,
    ][(a >> 2) as usize % 5];
    let trailing = order_type == OrderType::TrailingStopMarket;
    let close_position = (a >> 6) % 3 == 0 && order_type.child() == OrderType::Market && !trailing;
    NewAlgo {
        position_side,
        order_type,
        lots: if close_position { 0 } else { small(b, 1, 60) },
        price_ticks: (last + small(b >> 8, -10, 10)).max(1),
        trigger_ticks: if trailing { 0 } else { (last + small(c, -25, 25)).max(1) },
        callback_ppm: if trailing { small(c, 1, 20) * 1_000 } else { 0 },
        working_type: WorkingType::ALL[(a >> 9) as usize % 2],
        close_position,
        reduce_only: user == 0 && !close_position && (a >> 11) % 2 == 0,
        ..stop(side, 0, 0)
    }
}

fn cancel(venue: &mut Venue, user: usize, symbol: &str, a: u32) {
    let open = venue.open_orders(user, Some(symbol)).expect("a symbol");
    if let Some(order) = open.get(a as usize % open.len().max(1)) {
        venue.cancel(user, symbol, Handle::Id(order.id)).expect("an open order");
    }
}

fn amend(venue: &mut Venue, user: usize, symbol: &str, [a, b, c]: [u32; 3]) {
    let open = venue.open_orders(user, Some(symbol)).expect("a symbol");
    if let Some(order) = open.get(a as usize % open.len().max(1)) {
        let wish = Amendment {
            side: order.terms.side,
            lots: small(b, 1, 90),
            price_ticks: (order.terms.price_ticks + small(c, -5, 5)).max(1),
            price_match: order.terms.price_match,
        };
        drop(venue.amend(user, symbol, Handle::Id(order.id), wish));
    }
}

fn cancel_algo(venue: &mut Venue, user: usize, a: u32) {
    let open = venue.open_algos(user, None).expect("a user");
    if let Some(algo) = open.get(a as usize % open.len().max(1)) {
        drop(venue.cancel_algo(user, Handle::Id(algo.id)));
    }
}

fn settings(venue: &mut Venue, user: usize, symbol: &str, [a, b, c]: [u32; 3]) {
    match a % 4 {
        0 => drop(venue.set_leverage(user, symbol, b % 60)),
        1 => drop(venue.set_margin_type(user, symbol, MarginType::ALL[b as usize % 2])),
        2 => {
            let side = sides(user, c).1;
            drop(venue.change_isolated_margin(user, symbol, i128::from(small(b, -9, 9)) * E8 / 4, side));
        }
        _ => drop(venue.transfer(user, i128::from(small(b, -5, 10)) * E8)),
    }
}

fn rare(venue: &mut Venue, user: usize, symbol: &str, [a, b, c]: [u32; 3]) {
    match a % 6 {
        0 => venue.funding(symbol, small(b, -75_000, 75_000)).expect("a rate"),
        1 => drop(venue.cancel_all(user, symbol)),
        2 => drop(venue.cancel_all_algos(user, symbol)),
        3 => drop(venue.countdown_cancel_all(user, symbol, small(b, 0, 30))),
        4 => drop(venue.adl(user, symbol, sides(user, c).1, small(b, 1, 9))),
        _ => venue.set_fill_split(symbol, (b % 2 == 0).then_some(small(c, 1, 30))).expect("a quantity"),
    }
}
