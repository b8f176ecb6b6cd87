//! What the market and the operator of the venue do: trades, mark prices, funding, delisting, and
//! changes of the rules while trading goes on.

use super::algo::{Algo, Reason};
use super::depth::Shape;
use super::event::Shown;
use super::fill::Telling;
use super::firing::reason_of;
use super::grid::{MOST, e8_of};
use super::liquidation::forced_terms;
use super::names::{
    AccountReason, AlgoStatus, Execution, IncomeType, MarginType, OrderSide, OrderType, PositionSide,
    SymbolStatus, WorkingType,
};
use super::order::{NewOrder, Order};
use super::reject;
use super::symbol::Filters;
use super::venue::{Answer, Handle, Venue, check_fees};
use crate::error::Invalid;

/// How the trades of a delisting are told.
const SETTLED: Telling =
    Telling { execution: Execution::Trade, reason: AccountReason::Adjustment, shown: None, with_fee: true };

fn in_range(field: &str, value: i64, least: i64, most: i64) -> Result<(), Invalid> {
    if (least..=most).contains(&value) {
        Ok(())
    } else {
        Err(Invalid::new(field, value, format!("{least} to {most}")))
    }
}

impl Venue {
    /// Prints a market trade and gives its trade id.
    ///
    /// # Errors
    /// No such symbol, or a price or quantity that is not 1 to 2^40.
    pub fn trade(
        &mut self,
        symbol: &str,
        price_ticks: i64,
        lots: i64,
        buyer_is_maker: bool,
    ) -> Result<u64, Invalid> {
        let symbol = self.listed(symbol)?;
        in_range("price_ticks", price_ticks, 1, MOST)?;
        in_range("lots", lots, 1, MOST)?;
        let taker = if buyer_is_maker { OrderSide::Sell } else { OrderSide::Buy };
        let now_ms = self.now_ms;
        let market = &mut self.markets[symbol];
        market.last_trade_id += 1;
        let trade_id = market.last_trade_id;
        market.prices.last_ticks = price_ticks;
        market.prices.ts_ms = now_ms;
        let mark_follows = !market.has_mark;
        if mark_follows {
            market.prices.mark_e8 = market.spec.grid.price_e8(price_ticks);
        }
        self.fill_by_trade(symbol, taker, price_ticks, lots);
        self.markets[symbol].depth.centre(price_ticks, taker);
        self.fill_crossed(symbol);
        self.after_closes();
        self.trigger(symbol, WorkingType::ContractPrice);
        if mark_follows {
            self.after_mark(symbol);
        }
        Ok(trade_id)
    }

    /// Sets the mark price, and the index price where it is given.
    ///
    /// # Errors
    /// No such symbol, or a price that is not positive.
    pub fn mark(&mut self, symbol: &str, mark_e8: i64, index_e8: Option<i64>) -> Result<(), Invalid> {
        let symbol = self.listed(symbol)?;
        in_range("mark_e8", mark_e8, 1, i64::MAX / 8)?;
        if let Some(index_e8) = index_e8 {
            in_range("index_e8", index_e8, 1, i64::MAX / 8)?;
        }
        let now_ms = self.now_ms;
        let market = &mut self.markets[symbol];
        market.has_mark = true;
        market.prices.mark_e8 = mark_e8;
        market.prices.index_e8 = index_e8.unwrap_or(market.prices.index_e8);
        market.prices.ts_ms = now_ms;
        self.after_mark(symbol);
        Ok(())
    }

    /// Stops come before liquidation: a stop that the price has passed is in the engine first.
    fn after_mark(&mut self, symbol: usize) {
        self.trigger(symbol, WorkingType::MarkPrice);
        self.look_at_margins(symbol);
        self.call_for_margin(symbol);
    }

    /// Announces the next funding.
    ///
    /// # Errors
    /// No such symbol, or a rate beyond 100 %.
    pub fn schedule_funding(
        &mut self,
        symbol: &str,
        rate_e8: i64,
        next_funding_ms: i64,
    ) -> Result<(), Invalid> {
        let symbol = self.listed(symbol)?;
        in_range("rate_e8", rate_e8, -100_000_000, 100_000_000)?;
        let prices = &mut self.markets[symbol].prices;
        prices.funding_rate_e8 = rate_e8;
        prices.next_funding_ms = next_funding_ms;
        Ok(())
    }

    /// Charges funding at the mark price: positive rates are paid by longs to shorts.
    ///
    /// # Errors
    /// No such symbol, or a rate beyond 100 %.
    pub fn funding(&mut self, symbol: &str, rate_e8: i64) -> Result<(), Invalid> {
        let symbol = self.listed(symbol)?;
        in_range("rate_e8", rate_e8, -100_000_000, 100_000_000)?;
        for account in 0..self.accounts.len() {
            for side in PositionSide::ALL {
                self.charge_funding(account, symbol, *side, rate_e8);
            }
        }
        self.look_at_margins(symbol);
        Ok(())
    }

    fn charge_funding(&mut self, account: usize, symbol: usize, side: PositionSide, rate_e8: i64) {
        let market = &self.markets[symbol];
        let (grid, mark_e8, name) = (market.spec.grid, market.prices.mark_e8, market.spec.name);
        let desk = self.desk(account, symbol);
        let isolated = desk.margin_type == MarginType::Isolated;
        let value = grid.value_at(mark_e8, desk.positions[side as usize].lots);
        let amount = -e8_of(value, rate_e8);
        if amount == 0 {
            return;
        }
        self.book(account, name, IncomeType::FundingFee, amount, 0);
        let mut holdings = Vec::new();
        if isolated {
            self.desk_mut(account, symbol).positions[side as usize].isolated_e8 += amount;
            holdings.push(self.holding(account, symbol, side));
        }
        self.tell_purse(account, AccountReason::FundingFee, amount, holdings);
    }

    /// Closes up to `lots` of a position at the mark price against a bankrupt one.
    ///
    /// # Errors
    /// -2022 where there is nothing to close; no such symbol or account.
    pub fn adl(&mut self, account: usize, symbol: &str, side: PositionSide, lots: i64) -> Answer<Order> {
        let account = self.user(account)?;
        let symbol = self.listed(symbol)?;
        in_range("lots", lots, 1, MOST)?;
        let held = self.desk(account, symbol).positions[side as usize].lots;
        if held == 0 {
            return Err(reject::REDUCE_ONLY.into());
        }
        let market = &self.markets[symbol];
        let price = market.spec.grid.ticks_below(market.prices.mark_e8).max(1);
        let telling = Telling {
            execution: Execution::Calculated,
            reason: AccountReason::Order,
            shown: Some(Shown::Adl),
            with_fee: false,
        };
        let lots = lots.min(held.abs());
        Ok(self.close_at(account, symbol, side, lots, price, ("adl_autoclose", telling)))
    }

    /// Closes part of a position at a price that the venue sets.
    fn close_at(
        &mut self,
        account: usize,
        symbol: usize,
        side: PositionSide,
        lots: i64,
        price_ticks: i64,
        (prefix, telling): (&str, Telling),
    ) -> Order {
        let held = self.desk(account, symbol).positions[side as usize].lots;
        let order_side = if held > 0 { OrderSide::Sell } else { OrderSide::Buy };
        let terms = NewOrder { order_type: OrderType::Market, ..forced_terms(side, order_side, lots, 0) };
        let id = self.accept_forced(account, symbol, terms, prefix);
        self.fill_as(id, price_ticks, lots, false, telling);
        self.after_closes();
        self.orders[&id]
    }

    /// Liquidates a position now, whatever its margin; `None` where there is none.
    ///
    /// # Errors
    /// No such symbol or account.
    pub fn liquidate(
        &mut self,
        account: usize,
        symbol: &str,
        side: PositionSide,
    ) -> Result<Option<Order>, Invalid> {
        let account = self.user(account)?;
        let symbol = self.listed(symbol)?;
        self.cancel_resting(account, symbol);
        Ok(self.force_close(account, symbol, side, i64::MAX))
    }

    /// Delists a symbol: cancels all orders and closes all positions at `price_ticks`.
    ///
    /// # Errors
    /// No such symbol, or a price that is not 1 to 2^40.
    pub fn settle(&mut self, symbol: &str, price_ticks: i64) -> Result<(), Invalid> {
        let symbol = self.listed(symbol)?;
        in_range("price_ticks", price_ticks, 1, MOST)?;
        self.markets[symbol].status = SymbolStatus::Close;
        for account in 0..self.accounts.len() {
            self.cancel_resting(account, symbol);
            for id in self.waiting(account, symbol, |_| true) {
                self.end(id, AlgoStatus::Expired, Reason::new());
            }
            for side in PositionSide::ALL {
                let lots = self.desk(account, symbol).positions[*side as usize].lots.abs();
                if lots > 0 {
                    let how = ("settlement_autoclose-", SETTLED);
                    self.close_at(account, symbol, *side, lots, price_ticks, how);
                }
            }
        }
        Ok(())
    }

    /// Changes what new orders a symbol takes.
    ///
    /// # Errors
    /// No such symbol.
    pub fn set_symbol_status(&mut self, symbol: &str, status: SymbolStatus) -> Result<(), Invalid> {
        let symbol = self.listed(symbol)?;
        self.markets[symbol].status = status;
        Ok(())
    }

    /// The filters of a symbol.
    ///
    /// # Errors
    /// No such symbol.
    pub fn filters(&self, symbol: &str) -> Result<Filters, Invalid> {
        Ok(self.markets[self.listed(symbol)?].spec.filters)
    }

    /// Changes the filters of new orders; what rests stays.
    ///
    /// # Errors
    /// No such symbol, or a value out of range.
    pub fn set_filters(&mut self, symbol: &str, filters: Filters) -> Result<(), Invalid> {
        let symbol = self.listed(symbol)?;
        self.markets[symbol].spec.filters = filters.checked()?;
        Ok(())
    }

    /// Shapes the synthetic book and refills it; what the new book crosses fills.
    ///
    /// # Errors
    /// No such symbol, or a value out of range.
    pub fn set_depth(&mut self, symbol: &str, shape: Shape) -> Result<(), Invalid> {
        let symbol = self.listed(symbol)?;
        self.markets[symbol].depth.reshape(shape.checked()?);
        self.fill_crossed(symbol);
        self.after_closes();
        Ok(())
    }

    /// Splits every fill into trades of at most `max_lots`.
    ///
    /// # Errors
    /// No such symbol, or a quantity that is not positive.
    pub fn set_fill_split(&mut self, symbol: &str, max_lots: Option<i64>) -> Result<(), Invalid> {
        let symbol = self.listed(symbol)?;
        if let Some(lots) = max_lots {
            in_range("max_lots", lots, 1, MOST)?;
        }
        self.markets[symbol].fill_split = max_lots;
        Ok(())
    }

    /// Changes the time from the trigger price being met to the child order.
    ///
    /// # Errors
    /// It is not 0 to one day.
    pub fn set_trigger_latency(&mut self, latency_ms: i64) -> Result<(), Invalid> {
        in_range("trigger_latency_ms", latency_ms, 0, 86_400_000)?;
        self.rules.trigger_latency_ms = latency_ms;
        Ok(())
    }

    /// Changes the fee rates of an account.
    ///
    /// # Errors
    /// No such account, or a rate beyond 10 %.
    pub fn set_fees(
        &mut self,
        account: usize,
        maker_fee_ppm: i64,
        taker_fee_ppm: i64,
    ) -> Result<(), Invalid> {
        let account = self.user(account)?;
        check_fees(maker_fee_ppm, taker_fee_ppm)?;
        self.accounts[account].maker_fee_ppm = maker_fee_ppm;
        self.accounts[account].taker_fee_ppm = taker_fee_ppm;
        Ok(())
    }

    /// The venue expires a resting order.
    ///
    /// # Errors
    /// -2011: none rests under this id; no such account.
    pub fn expire_order(&mut self, account: usize, order_id: u64) -> Answer<Order> {
        let account = self.user(account)?;
        let order = self.orders.get(&order_id).filter(|order| order.account == account);
        let id = order.filter(|order| order.status.is_open()).ok_or(reject::UNKNOWN_ORDER)?.id;
        self.end_order(id);
        Ok(self.orders[&id])
    }

    /// The venue expires a waiting algo order.
    ///
    /// # Errors
    /// -2011: none waits under this id; no such account.
    pub fn expire_algo(&mut self, account: usize, algo_id: u64, reason: &str) -> Answer<Algo> {
        let id = self.waiting_algo(account, algo_id)?;
        Ok(self.end(id, AlgoStatus::Expired, reason_of(reason)))
    }

    /// Lets a waiting algo order be rejected once it triggers.
    ///
    /// # Errors
    /// -2011: none waits under this id; no such account.
    pub fn reject_at_trigger(&mut self, account: usize, algo_id: u64, reason: &str) -> Answer<Algo> {
        let id = self.waiting_algo(account, algo_id)?;
        let algo = self.algo_mut(id);
        algo.doomed = Some(reason_of(reason));
        Ok(*algo)
    }

    fn waiting_algo(&self, account: usize, algo_id: u64) -> Answer<u64> {
        let account = self.user(account)?;
        let algo = self.find_algo(account, Handle::Id(algo_id));
        let waits = algo.filter(|algo| algo.status == AlgoStatus::New);
        Ok(waits.ok_or(reject::UNKNOWN_ORDER)?.id)
    }
}
