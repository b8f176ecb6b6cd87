//! What positions and orders need: initial and maintenance margin, and the liquidation price.

use super::account::{Account, Desk, Margins, Weights};
use super::grid::Cash;
use super::market::Market;
use super::names::{MarginType, OrderSide, PositionSide};
use super::symbol::initial_margin;

const BUY: usize = OrderSide::Buy as usize;
const SELL: usize = OrderSide::Sell as usize;

/// The notional that one position side ties up at worst: the position with the orders that make it
/// larger in either direction.
fn gross(market: &Market, desk: &Desk, side: PositionSide, extra: Weights) -> Cash {
    let position = &desk.positions[side as usize];
    let value = market.spec.grid.value_at(market.prices.mark_e8, position.lots);
    let opening = desk.weights[side as usize].opening_e8;
    let (buys, sells) = (opening[BUY] + extra.opening_e8[BUY], opening[SELL] + extra.opening_e8[SELL]);
    value.abs().max(value + buys).max(sells - value)
}

/// The notional that orders and positions of a desk tie up at worst, with `extra` orders on `side`.
#[must_use]
pub fn tied(market: &Market, desk: &Desk, side: PositionSide, extra: Weights) -> Cash {
    let of =
        |each: PositionSide| gross(market, desk, each, if each == side { extra } else { Weights::default() });
    PositionSide::ALL.iter().map(|each| of(*each)).sum()
}

/// Initial margin of the positions of a desk.
#[must_use]
pub fn position_margin(market: &Market, desk: &Desk) -> Cash {
    let grid = market.spec.grid;
    let notional: Cash =
        desk.positions.iter().map(|position| position.notional(grid, market.prices.mark_e8)).sum();
    initial_margin(notional, desk.leverage)
}

/// Initial margin that the open orders of a desk add to that of the positions.
#[must_use]
pub fn order_margin(market: &Market, desk: &Desk) -> Cash {
    let all = tied(market, desk, PositionSide::Both, Weights::default());
    initial_margin(all, desk.leverage) - position_margin(market, desk)
}

/// Maintenance margin of one position side.
#[must_use]
pub fn maintenance(market: &Market, desk: &Desk, side: PositionSide, mark_e8: i64) -> Cash {
    let position = &desk.positions[side as usize];
    market.spec.brackets.maintenance(position.notional(market.spec.grid, mark_e8))
}

/// Sums over an account.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Totals {
    /// Cash that is not set aside.
    pub cross_wallet_e8: Cash,
    /// Profit of all positions.
    pub unrealized_e8: Cash,
    /// Profit of the cross positions.
    pub cross_unrealized_e8: Cash,
    /// Initial margin of all positions.
    pub position_margin_e8: Cash,
    /// Initial margin of the cross positions.
    pub cross_position_margin_e8: Cash,
    /// Initial margin of all open orders.
    pub order_margin_e8: Cash,
    /// Maintenance margin of all positions.
    pub maintenance_e8: Cash,
    /// Maintenance margin of the cross positions.
    pub cross_maintenance_e8: Cash,
}

impl Totals {
    /// What new orders may use; negative where the margin is overdrawn.
    #[must_use]
    pub const fn available_e8(&self) -> Cash {
        self.cross_wallet_e8 + self.cross_unrealized_e8 - self.cross_position_margin_e8 - self.order_margin_e8
    }

    /// What secures the cross positions.
    #[must_use]
    pub const fn cross_balance_e8(&self) -> Cash {
        self.cross_wallet_e8 + self.cross_unrealized_e8
    }
}

/// The sums over an account.
#[must_use]
pub fn totals(account: &Account, markets: &[Market]) -> Totals {
    let mut totals = Totals { cross_wallet_e8: account.cross_wallet_e8(), ..Totals::default() };
    for symbol in &account.touched {
        add_desk(&mut totals, &markets[*symbol], &account.desks[*symbol]);
    }
    totals
}

fn add_desk(totals: &mut Totals, market: &Market, desk: &Desk) {
    let mark_e8 = market.prices.mark_e8;
    let unrealized: Cash =
        desk.positions.iter().map(|position| position.unrealized(market.spec.grid, mark_e8)).sum();
    let maintained: Cash =
        PositionSide::ALL.iter().map(|side| maintenance(market, desk, *side, mark_e8)).sum();
    let initial = position_margin(market, desk);
    totals.unrealized_e8 += unrealized;
    totals.position_margin_e8 += initial;
    totals.order_margin_e8 += order_margin(market, desk);
    totals.maintenance_e8 += maintained;
    if desk.margin_type == MarginType::Crossed {
        totals.cross_unrealized_e8 += unrealized;
        totals.cross_position_margin_e8 += initial;
        totals.cross_maintenance_e8 += maintained;
    }
}

/// Margins of one position side, as shown.
#[must_use]
pub fn margins(account: &Account, markets: &[Market], symbol: usize, side: PositionSide) -> Margins {
    let (market, desk) = (&markets[symbol], &account.desks[symbol]);
    let mark_e8 = market.prices.mark_e8;
    let notional = desk.positions[side as usize].notional(market.spec.grid, mark_e8);
    let own = initial_margin(notional, desk.leverage);
    let tied = gross(market, desk, side, Weights::default());
    Margins {
        liquidation_e8: liquidation_price(account, markets, symbol, side),
        initial_e8: own,
        open_orders_e8: initial_margin(tied, desk.leverage) - own,
        maintenance_e8: maintenance(market, desk, side, mark_e8),
        max_notional_e8: market.spec.brackets.max_notional(desk.leverage).unwrap_or(0),
    }
}

/// The mark price at which a position is liquidated if no other price moves; 0 where there is none.
///
/// Found by bisection with the very rule that liquidates, so that the two cannot differ.
#[must_use]
pub fn liquidation_price(account: &Account, markets: &[Market], symbol: usize, side: PositionSide) -> i64 {
    let (market, desk) = (&markets[symbol], &account.desks[symbol]);
    let mark_e8 = market.prices.mark_e8;
    let sides = match desk.margin_type {
        MarginType::Isolated => &[side][..],
        MarginType::Crossed => PositionSide::ALL,
    };
    let net: i64 = sides.iter().map(|side| desk.positions[*side as usize].lots).sum();
    if desk.positions[side as usize].is_flat() || net == 0 {
        return 0;
    }
    let here = |price| surplus(market, desk, sides, price);
    // What does not depend on this price: cash, and the other cross positions.
    let rest = match desk.margin_type {
        MarginType::Isolated => desk.positions[side as usize].isolated_e8,
        MarginType::Crossed => {
            let totals = totals(account, markets);
            totals.cross_balance_e8() - totals.cross_maintenance_e8 - here(mark_e8)
        }
    };
    let is_dead = |price: i64| here(price) + rest <= 0;
    if net > 0 { highest_dead(mark_e8, is_dead) } else { lowest_dead(mark_e8, is_dead) }
}

/// Profit less maintenance margin of some sides of a desk at a mark price.
fn surplus(market: &Market, desk: &Desk, sides: &[PositionSide], mark_e8: i64) -> Cash {
    let of = |side: &PositionSide| {
        desk.positions[*side as usize].unrealized(market.spec.grid, mark_e8)
            - maintenance(market, desk, *side, mark_e8)
    };
    sides.iter().map(of).sum()
}

/// The highest price from 1 to `mark_e8` that is dead, given that all below a dead one are; else 0.
fn highest_dead(mark_e8: i64, is_dead: impl Fn(i64) -> bool) -> i64 {
    let (mut dead, mut alive) = (0, mark_e8.saturating_add(1));
    while alive - dead > 1 {
        let middle = dead + (alive - dead) / 2;
        if is_dead(middle) { dead = middle } else { alive = middle }
    }
    dead
}

/// The lowest price from `mark_e8` up that is dead, given that all above a dead one are; else 0.
fn lowest_dead(mark_e8: i64, is_dead: impl Fn(i64) -> bool) -> i64 {
    let highest = i64::MAX / 4;
    let (mut alive, mut dead) = (mark_e8 - 1, highest);
    while dead - alive > 1 {
        let middle = alive + (dead - alive) / 2;
        if is_dead(middle) { dead = middle } else { alive = middle }
    }
    if dead == highest { 0 } else { dead }
}
