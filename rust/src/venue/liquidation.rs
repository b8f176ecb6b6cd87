//! Liquidation: when the margin is used up, positions are closed before they cost more than there is.
//!
//! A position is closed against the book down to its bankruptcy price, in steps of one bracket; what the
//! book does not take there, the insurance fund does. Nobody ends below zero.

use super::event::{Event, Shown};
use super::fill::Telling;
use super::grid::{Cash, ppm_of};
use super::margin::{maintenance, totals};
use super::names::{
    AccountReason, Execution, IncomeType, MarginType, OrderSide, OrderStatus, OrderType, PositionSide,
    PriceMatch, StpMode, TimeInForce, WorkingType,
};
use super::order::{NewOrder, Order, Origin};
use super::orders::made_up_id;
use super::venue::Venue;

/// How the trades of a liquidation are told.
const FORCED: Telling =
    Telling { execution: Execution::Calculated, reason: AccountReason::Order, shown: None, with_fee: true };

impl Venue {
    /// Looks at the margin of every account that holds the symbol.
    pub(super) fn look_at_margins(&mut self, symbol: usize) {
        for account in 0..self.accounts.len() {
            if !self.desk(account, symbol).is_flat() {
                self.look_at_margin(account, symbol);
            }
        }
    }

    fn look_at_margin(&mut self, account: usize, symbol: usize) {
        match self.desk(account, symbol).margin_type {
            MarginType::Isolated => {
                for side in PositionSide::ALL {
                    self.look_at_isolated(account, symbol, *side);
                }
            }
            MarginType::Crossed => self.look_at_cross(account),
        }
    }

    fn look_at_isolated(&mut self, account: usize, symbol: usize, side: PositionSide) {
        while self.isolated_deficit(account, symbol, side) {
            self.cancel_resting(account, symbol);
            if !self.close_step(account, symbol, side) {
                break;
            }
        }
    }

    fn isolated_deficit(&self, account: usize, symbol: usize, side: PositionSide) -> bool {
        let (market, desk) = (&self.markets[symbol], self.desk(account, symbol));
        let position = &desk.positions[side as usize];
        let mark_e8 = market.prices.mark_e8;
        let balance = position.isolated_e8 + position.unrealized(market.spec.grid, mark_e8);
        !position.is_flat() && balance <= maintenance(market, desk, side, mark_e8)
    }

    fn look_at_cross(&mut self, account: usize) {
        while self.cross_deficit(account) {
            let crossed: Vec<usize> = self.accounts[account].touched.iter().copied().collect();
            for symbol in crossed {
                if self.desk(account, symbol).margin_type == MarginType::Crossed {
                    self.cancel_resting(account, symbol);
                }
            }
            let Some((symbol, side)) = self.heaviest(account) else { break };
            if !self.close_step(account, symbol, side) {
                break;
            }
        }
    }

    fn cross_deficit(&self, account: usize) -> bool {
        let totals = totals(&self.accounts[account], &self.markets);
        totals.cross_maintenance_e8 > 0 && totals.cross_balance_e8() <= totals.cross_maintenance_e8
    }

    /// The cross position with the largest maintenance margin.
    fn heaviest(&self, account: usize) -> Option<(usize, PositionSide)> {
        let mut found: Option<(Cash, usize, PositionSide)> = None;
        for symbol in &self.accounts[account].touched {
            let (market, desk) = (&self.markets[*symbol], self.desk(account, *symbol));
            if desk.margin_type == MarginType::Isolated {
                continue;
            }
            for side in PositionSide::ALL {
                let weight = maintenance(market, desk, *side, market.prices.mark_e8);
                let open = !desk.positions[*side as usize].is_flat();
                if open && found.is_none_or(|(most, ..)| weight > most) {
                    found = Some((weight, *symbol, *side));
                }
            }
        }
        found.map(|(_, symbol, side)| (symbol, side))
    }

    /// Closes what lifts the position into the bracket below, or all of it in the first one. Gives
    /// whether anything was closed.
    fn close_step(&mut self, account: usize, symbol: usize, side: PositionSide) -> bool {
        let (market, desk) = (&self.markets[symbol], self.desk(account, symbol));
        let position = desk.positions[side as usize];
        let notional = position.notional(market.spec.grid, market.prices.mark_e8);
        let brackets = &market.spec.brackets;
        let floor = brackets.floor_of(brackets.index_of(notional));
        let lot_value = market.spec.grid.value_at(market.prices.mark_e8, 1).max(1);
        let kept = i64::try_from(floor / lot_value).unwrap_or(i64::MAX).min(position.lots.abs());
        let lots = position.lots.abs() - kept;
        self.force_close(account, symbol, side, lots.max(1)).is_some()
    }

    /// Closes up to `lots` of a position as a liquidation does.
    pub(super) fn force_close(
        &mut self,
        account: usize,
        symbol: usize,
        side: PositionSide,
        lots: i64,
    ) -> Option<Order> {
        let held = self.desk(account, symbol).positions[side as usize].lots;
        if held == 0 {
            return None;
        }
        let order_side = if held > 0 { OrderSide::Sell } else { OrderSide::Buy };
        let limit = self.bankruptcy_ticks(account, symbol, side);
        let floor = self.floor_of_loss(account, symbol);
        let terms = forced_terms(side, order_side, lots.min(held.abs()), limit);
        let id = self.accept_forced(account, symbol, terms, "autoclose-");
        self.announce(id);
        let quote_before = self.orders[&id].quote_e8;
        self.close_in_book(id, limit);
        self.close_by_fund(id, limit);
        let closed_e8 = self.orders[&id].quote_e8 - quote_before;
        self.charge_liquidation(account, symbol, closed_e8, floor);
        self.after_closes();
        Some(self.orders[&id])
    }

    fn close_in_book(&mut self, id: u64, limit_ticks: i64) {
        let (symbol, side) = (self.orders[&id].symbol, self.orders[&id].terms.side);
        loop {
            let wanted = self.fillable(id);
            if wanted == 0 {
                return;
            }
            let Some((price, lots)) = self.markets[symbol].depth.take(side, limit_ticks, wanted) else {
                return;
            };
            self.fill_as(id, price, lots, false, FORCED);
        }
    }

    fn close_by_fund(&mut self, id: u64, price_ticks: i64) {
        let rest = self.fillable(id);
        if rest > 0 {
            let telling = Telling { shown: Some(Shown::Insurance), with_fee: false, ..FORCED };
            self.fill_as(id, price_ticks, rest, false, telling);
        }
    }

    /// What the rest of the account must not fall below: an isolated position only costs its margin.
    fn floor_of_loss(&self, account: usize, symbol: usize) -> Cash {
        match self.desk(account, symbol).margin_type {
            MarginType::Isolated => self.accounts[account].cross_wallet_e8(),
            MarginType::Crossed => 0,
        }
    }

    /// What the rest of the account has: cash, and where the position was cross the profit of others.
    fn left_of(&self, account: usize, symbol: usize) -> Cash {
        match self.desk(account, symbol).margin_type {
            MarginType::Isolated => self.accounts[account].cross_wallet_e8(),
            MarginType::Crossed => totals(&self.accounts[account], &self.markets).cross_balance_e8(),
        }
    }

    /// The insurance fund makes good what a closed position has cost beyond all cash.
    pub(super) fn make_good(&mut self, account: usize, symbol: usize) {
        let totals = totals(&self.accounts[account], &self.markets);
        let missing = -totals.cross_wallet_e8;
        if missing > 0 && totals.cross_maintenance_e8 == 0 {
            let name = self.markets[symbol].spec.name;
            self.book(account, name, IncomeType::InsuranceClear, missing, 0);
            self.tell_purse(account, AccountReason::InsuranceClear, missing, Vec::new());
        }
    }

    /// Takes the liquidation fee out of what is left, or makes good what is missing.
    fn charge_liquidation(&mut self, account: usize, symbol: usize, closed_e8: Cash, floor: Cash) {
        let market = &self.markets[symbol];
        let (name, rate) = (market.spec.name, market.spec.liquidation_fee_ppm);
        let left = self.left_of(account, symbol) - floor;
        let amount = if left < 0 { -left } else { -ppm_of(closed_e8, rate).min(left) };
        self.book(account, name, IncomeType::InsuranceClear, amount, 0);
        if amount != 0 {
            self.tell_purse(account, AccountReason::InsuranceClear, amount, Vec::new());
        }
    }

    /// The last price at which closing the position leaves nothing owed: what secures it is used up.
    pub(super) fn bankruptcy_ticks(&self, account: usize, symbol: usize, side: PositionSide) -> i64 {
        let (market, desk) = (&self.markets[symbol], self.desk(account, symbol));
        let position = &desk.positions[side as usize];
        let security = match desk.margin_type {
            MarginType::Isolated => position.isolated_e8,
            MarginType::Crossed => {
                let totals = totals(&self.accounts[account], &self.markets);
                totals.cross_balance_e8() - position.unrealized(market.spec.grid, market.prices.mark_e8)
            }
        };
        // Closing at P brings lots * P - cost; that plus the security is 0.
        let value = (position.cost_e8 - security).abs();
        let lots = position.lots.abs();
        let down = market.spec.grid.ticks_worth(value, lots);
        let worthless = position.lots > 0 && position.cost_e8 <= security;
        match position.lots > 0 {
            _ if worthless => 1,
            true if market.spec.grid.notional(down, lots) < value => down.saturating_add(1).max(1),
            _ => down.max(1),
        }
    }

    /// An order that the venue makes for an account.
    pub(super) fn accept_forced(
        &mut self,
        account: usize,
        symbol: usize,
        terms: NewOrder,
        prefix: &str,
    ) -> u64 {
        let origin = Origin {
            order_type: terms.order_type,
            algo_id: 0,
            stop_price_ticks: 0,
            close_position: false,
            working_type: WorkingType::ContractPrice,
            price_protect: false,
        };
        let id = self.accept(account, symbol, terms, origin);
        let client_id = made_up_id(prefix, id);
        self.rename(id, client_id);
        id
    }

    /// Tells a margin call once while the margin ratio stays above 80 %.
    pub(super) fn call_for_margin(&mut self, symbol: usize) {
        for account in 0..self.accounts.len() {
            let desk = self.desk(account, symbol);
            if desk.is_flat() && !desk.called {
                continue;
            }
            let is_near = self.is_near_liquidation(account, symbol);
            if is_near && !self.desk(account, symbol).called {
                self.tell_margin_call(account, symbol);
            }
            self.desk_mut(account, symbol).called = is_near;
        }
    }

    fn is_near_liquidation(&self, account: usize, symbol: usize) -> bool {
        let (market, desk) = (&self.markets[symbol], self.desk(account, symbol));
        let mark_e8 = market.prices.mark_e8;
        let near = |maintained: Cash, balance: Cash| maintained > 0 && maintained * 5 >= balance * 4;
        if desk.margin_type == MarginType::Crossed {
            let totals = totals(&self.accounts[account], &self.markets);
            return !desk.is_flat() && near(totals.cross_maintenance_e8, totals.cross_balance_e8());
        }
        PositionSide::ALL.iter().any(|side| {
            let position = &desk.positions[*side as usize];
            let balance = position.isolated_e8 + position.unrealized(market.spec.grid, mark_e8);
            near(maintenance(market, desk, *side, mark_e8), balance)
        })
    }

    fn tell_margin_call(&mut self, account: usize, symbol: usize) {
        let desk = self.desk(account, symbol);
        let open = PositionSide::ALL.iter().filter(|side| !desk.positions[**side as usize].is_flat());
        let holdings = open.map(|side| self.holding(account, symbol, *side)).collect();
        let cross_wallet_e8 = self.accounts[account].cross_wallet_e8();
        self.emit(account, Event::MarginCall { cross_wallet_e8, holdings });
    }

    /// Gives an order of the venue its id.
    fn rename(&mut self, id: u64, client_id: super::names::ClientId) {
        let order = self.order_mut(id);
        let (account, old) = (order.account, order.client_id);
        order.client_id = client_id;
        order.status = OrderStatus::New;
        let user = &mut self.accounts[account];
        user.order_of.remove(&old);
        user.order_of.insert(client_id, id);
    }
}

/// The terms of an order that the venue makes to close a position.
pub(super) fn forced_terms(
    position_side: PositionSide,
    side: OrderSide,
    lots: i64,
    price_ticks: i64,
) -> NewOrder {
    NewOrder {
        side,
        position_side,
        order_type: OrderType::Limit,
        lots,
        price_ticks,
        time_in_force: TimeInForce::Ioc,
        reduce_only: position_side == PositionSide::Both,
        client_id: None,
        good_till_ms: 0,
        price_match: PriceMatch::None,
        stp_mode: StpMode::None,
    }
}
