//! One trade: the order, the position, the purse, and what is told about it, in the order in which the
//! exchange tells it (`TRADE_LITE`, NEW, `ACCOUNT_UPDATE`, TRADE).

use super::account::{Holding, Income, Margins};
use super::event::{Event, Shown};
use super::grid::{Cash, ppm_of};
use super::names::{
    AccountReason, Execution, IncomeType, MarginType, OrderSide, OrderStatus, PositionSide, SymbolName,
};
use super::order::{Fill, Order};
use super::position::share;
use super::symbol::initial_margin;
use super::venue::Venue;

/// How a trade is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Telling {
    pub execution: Execution,
    pub reason: AccountReason,
    pub shown: Option<Shown>,
    /// Whether the account pays the fee of its tier.
    pub with_fee: bool,
}

/// A trade between users.
const TRADE: Telling =
    Telling { execution: Execution::Trade, reason: AccountReason::Order, shown: None, with_fee: true };

impl Venue {
    /// Trades `lots` of an order, in as many trades as the symbol splits them into.
    pub(super) fn fill(&mut self, id: u64, price_ticks: i64, lots: i64, maker: bool) {
        self.fill_as(id, price_ticks, lots, maker, TRADE);
    }

    pub(super) fn fill_as(&mut self, id: u64, price_ticks: i64, lots: i64, maker: bool, telling: Telling) {
        let most = self.markets[self.orders[&id].symbol].fill_split.unwrap_or(i64::MAX);
        let mut left = lots;
        while left > 0 {
            self.trade_once(id, price_ticks, left.min(most), maker, telling);
            left -= left.min(most);
        }
    }

    fn trade_once(&mut self, id: u64, price_ticks: i64, lots: i64, maker: bool, telling: Telling) {
        let before = self.orders[&id];
        let fill = self.settle_trade(&before, price_ticks, lots, maker, telling);
        self.emit(before.account, Event::TradeLite { fill, order: before });
        self.announce(id);
        self.apply_to_order(id, &fill);
        self.tell_account(&before, telling.reason);
        self.tell(id, telling.execution, telling.shown, Some(fill));
        if self.orders[&id].status == OrderStatus::Filled {
            self.finish_parent(id);
        }
    }

    /// Moves position and cash.
    fn settle_trade(
        &mut self,
        order: &Order,
        price_ticks: i64,
        lots: i64,
        maker: bool,
        telling: Telling,
    ) -> Fill {
        let (symbol, side) = (order.symbol, order.terms.position_side);
        let grid = self.markets[symbol].spec.grid;
        let account = &self.accounts[order.account];
        let rate = if maker { account.maker_fee_ppm } else { account.taker_fee_ppm };
        let quote_e8 = grid.notional(price_ticks, lots);
        let fee_e8 = if telling.with_fee { ppm_of(quote_e8, rate) } else { 0 };
        let now_ms = self.now_ms;
        let desk = self.desk_mut(order.account, symbol);
        let (leverage, isolated) = (desk.leverage, desk.margin_type == MarginType::Isolated);
        let position = &mut desk.positions[side as usize];
        let held = position.lots.abs();
        let change = position.trade(grid, order.terms.side.sign() * lots, price_ticks, fee_e8);
        position.updated_ms = now_ms;
        if change.closed_lots > 0 {
            position.isolated_e8 -= share(position.isolated_e8, change.closed_lots, held);
        }
        if isolated {
            position.isolated_e8 += initial_margin(grid.notional(price_ticks, change.opened_lots), leverage);
        }
        if change.closed_lots == held && held > 0 {
            self.closed.push((order.account, symbol, side));
        }
        let market = &mut self.markets[symbol];
        market.last_trade_id += 1;
        let trade_id = market.last_trade_id;
        let name = order.symbol_name;
        self.book(order.account, name, IncomeType::RealizedPnl, change.realized_e8, trade_id);
        self.book(order.account, name, IncomeType::Commission, -fee_e8, trade_id);
        let fill = Fill {
            account: order.account,
            symbol,
            symbol_name: name,
            trade_id,
            order_id: order.id,
            client_id: order.client_id,
            side: order.terms.side,
            position_side: side,
            lots,
            price_ticks,
            quote_e8,
            fee_e8,
            realized_e8: change.realized_e8,
            maker,
            ts_ms: self.now_ms,
        };
        self.remember_fill(fill);
        fill
    }

    /// Changes a purse and keeps the reason; nothing where nothing changes.
    pub(super) fn book(
        &mut self,
        account: usize,
        symbol_name: SymbolName,
        income_type: IncomeType,
        amount_e8: Cash,
        trade_id: u64,
    ) {
        if amount_e8 == 0 {
            return;
        }
        let (id, ts_ms) = (self.next_income_id(), self.now_ms);
        let purse = &mut self.accounts[account];
        purse.wallet_e8 += amount_e8;
        purse.updated_ms = ts_ms;
        let income = Income { account, id, symbol_name, income_type, amount_e8, trade_id, ts_ms };
        self.remember_income(income);
    }

    fn apply_to_order(&mut self, id: u64, fill: &Fill) {
        let order = self.orders[&id];
        let grid = self.markets[order.symbol].spec.grid;
        let desk = self.desk_mut(order.account, order.symbol);
        if desk.orders.contains(&id) {
            desk.weigh(grid, &order, -fill.lots);
        }
        let now_ms = self.now_ms;
        let order = self.order_mut(id);
        order.filled_lots += fill.lots;
        order.quote_e8 += fill.quote_e8;
        order.updated_ms = now_ms;
        let is_done = order.remaining() == 0;
        order.status = if is_done { OrderStatus::Filled } else { OrderStatus::PartiallyFilled };
        if is_done {
            self.leave_book(id);
        }
    }

    /// Tells NEW once in the life of an order.
    pub(super) fn announce(&mut self, id: u64) {
        let order = self.order_mut(id);
        if !order.announced {
            order.announced = true;
            self.tell_order(id, Execution::New, None);
        }
    }

    pub(super) fn tell_order(&mut self, id: u64, execution: Execution, fill: Option<Fill>) {
        self.tell(id, execution, None, fill);
    }

    fn tell(&mut self, id: u64, execution: Execution, shown: Option<Shown>, fill: Option<Fill>) {
        let order = self.orders[&id];
        let desk = self.desk(order.account, order.symbol);
        let event = Event::Order {
            execution,
            shown: shown.unwrap_or(Shown::Status(order.status)),
            order,
            fill,
            bid_notional_e8: desk.resting_e8(OrderSide::Buy),
            ask_notional_e8: desk.resting_e8(OrderSide::Sell),
        };
        self.emit(order.account, event);
    }

    fn tell_account(&mut self, order: &Order, reason: AccountReason) {
        let holding = self.holding(order.account, order.symbol, order.terms.position_side);
        self.tell_purse(order.account, reason, 0, vec![holding]);
    }

    pub(super) fn tell_purse(
        &mut self,
        account: usize,
        reason: AccountReason,
        change_e8: Cash,
        holdings: Vec<Holding>,
    ) {
        let purse = &self.accounts[account];
        let (wallet_e8, cross_wallet_e8) = (purse.wallet_e8, purse.cross_wallet_e8());
        let event = Event::Account { reason, wallet_e8, cross_wallet_e8, change_e8, holdings };
        self.emit(account, event);
    }

    /// A position as shown, without the margins.
    pub(super) fn holding(&self, account: usize, symbol: usize, side: PositionSide) -> Holding {
        let (market, desk) = (&self.markets[symbol], self.desk(account, symbol));
        let position = desk.positions[side as usize];
        let mark_e8 = market.prices.mark_e8;
        Holding {
            account,
            symbol,
            symbol_name: market.spec.name,
            position_side: side,
            position,
            leverage: desk.leverage,
            margin_type: desk.margin_type,
            mark_e8,
            unrealized_e8: position.unrealized(market.spec.grid, mark_e8),
            notional_e8: market.spec.grid.value_at(mark_e8, position.lots),
            margins: Margins::default(),
        }
    }

    /// Ends an open order.
    pub(super) fn finish(&mut self, id: u64, status: OrderStatus, execution: Execution) {
        self.leave_book(id);
        let now_ms = self.now_ms;
        let order = self.order_mut(id);
        order.status = status;
        order.updated_ms = now_ms;
        self.tell_order(id, execution, None);
        self.finish_parent(id);
    }
}
