//! What users and checkers ask. Nothing here changes anything.

use std::collections::VecDeque;

use super::account::{Account, Desk, Holding, Income};
use super::algo::Algo;
use super::grid::Cash;
use super::margin::{Totals, margins, totals};
use super::market::{Market, Prices};
use super::names::{OrderSide, PositionSide};
use super::order::{Fill, Order};
use super::reject;
use super::venue::{Answer, Handle, Venue};

/// Prices and quantities, best first.
pub type Levels = Vec<(i64, i64)>;

/// From the first that `is_after` on, or the latest where nothing is asked for; at most `limit`.
fn page<T: Copy>(kept: impl DoubleEndedIterator<Item = T>, from_start: bool, limit: usize) -> Vec<T> {
    if from_start {
        return kept.take(limit).collect();
    }
    let mut latest: Vec<T> = kept.rev().take(limit).collect();
    latest.reverse();
    latest
}

/// The records from the first one that is not before.
fn since<T>(kept: &VecDeque<T>, is_before: impl Fn(&T) -> bool) -> std::collections::vec_deque::Iter<'_, T> {
    kept.range(kept.partition_point(is_before)..)
}

impl Venue {
    /// One order.
    ///
    /// # Errors
    /// -2013 where it does not exist; no such symbol or account.
    pub fn order(&self, account: usize, symbol: &str, handle: Handle<'_>) -> Answer<Order> {
        let account = self.user(account)?;
        let symbol = self.symbol(symbol)?;
        Ok(*self.find_order(account, symbol, handle).ok_or(reject::NO_SUCH_ORDER)?)
    }

    /// One algo order.
    ///
    /// # Errors
    /// -2013 where it does not exist; no such account.
    pub fn algo(&self, account: usize, handle: Handle<'_>) -> Answer<Algo> {
        let account = self.user(account)?;
        Ok(*self.find_algo(account, handle).ok_or(reject::NO_SUCH_ORDER)?)
    }

    /// The desks of an account that may hold something, in one symbol or in all.
    fn desks_in(&self, account: usize, symbol: Option<&str>) -> Answer<Vec<(usize, &Desk)>> {
        let account = &self.accounts[self.user(account)?];
        if let Some(name) = symbol {
            let symbol = self.symbol(name)?;
            return Ok(vec![(symbol, &account.desks[symbol])]);
        }
        Ok(account.touched.iter().map(|symbol| (*symbol, &account.desks[*symbol])).collect())
    }

    /// The resting orders, by id.
    ///
    /// # Errors
    /// No such symbol or account.
    pub fn open_orders(&self, account: usize, symbol: Option<&str>) -> Answer<Vec<Order>> {
        let desks = self.desks_in(account, symbol)?;
        let ids = desks.iter().flat_map(|(_, desk)| &desk.orders);
        let mut open: Vec<Order> = ids.map(|id| self.orders[id]).collect();
        open.sort_by_key(|order| order.id);
        Ok(open)
    }

    /// The open algo orders, by id.
    ///
    /// # Errors
    /// No such symbol or account.
    pub fn open_algos(&self, account: usize, symbol: Option<&str>) -> Answer<Vec<Algo>> {
        let desks = self.desks_in(account, symbol)?;
        let ids = desks.iter().flat_map(|(_, desk)| &desk.algos);
        let mut open: Vec<Algo> = ids.map(|id| self.algos[id]).collect();
        open.sort_by_key(|algo| algo.id);
        Ok(open)
    }

    /// Orders of a symbol from an id on, or the latest ones where that is 0.
    ///
    /// # Errors
    /// No such symbol or account.
    pub fn all_orders(&self, account: usize, symbol: &str, from: u64, limit: usize) -> Answer<Vec<Order>> {
        let user = &self.accounts[self.user(account)?];
        let symbol = self.symbol(symbol)?;
        let kept = since(&user.order_ids, |id| *id < from);
        let orders = kept.filter_map(|id| self.orders.get(id)).filter(|order| order.symbol == symbol);
        Ok(page(orders.copied(), from > 0, limit))
    }

    /// Algo orders of a symbol from an id on, or the latest ones where that is 0.
    ///
    /// # Errors
    /// No such symbol or account.
    pub fn all_algos(&self, account: usize, symbol: &str, from: u64, limit: usize) -> Answer<Vec<Algo>> {
        let user = &self.accounts[self.user(account)?];
        let symbol = self.symbol(symbol)?;
        let kept = since(&user.algo_ids, |id| *id < from);
        let algos = kept.filter_map(|id| self.algos.get(id)).filter(|algo| algo.symbol == symbol);
        Ok(page(algos.copied(), from > 0, limit))
    }

    /// Trades of a symbol from an id on, or the latest ones where that is 0.
    ///
    /// # Errors
    /// No such symbol or account.
    pub fn fills(&self, account: usize, symbol: &str, from: u64, limit: usize) -> Answer<Vec<Fill>> {
        let user = &self.accounts[self.user(account)?];
        let symbol = self.symbol(symbol)?;
        let kept = user.fills.iter().filter(|fill| fill.symbol == symbol && fill.trade_id >= from);
        Ok(page(kept.copied(), from > 0, limit))
    }

    /// Incomes from an id on, or the latest ones where that is 0.
    ///
    /// # Errors
    /// No such account.
    pub fn incomes(&self, account: usize, from: u64, limit: usize) -> Answer<Vec<Income>> {
        let user = &self.accounts[self.user(account)?];
        let kept = since(&user.incomes, |income| income.id < from);
        Ok(page(kept.copied(), from > 0, limit))
    }

    /// The positions of an account, flat ones included, with their margins.
    ///
    /// # Errors
    /// No such symbol or account.
    pub fn holdings(&self, account: usize, symbol: Option<&str>) -> Answer<Vec<Holding>> {
        let user = &self.accounts[self.user(account)?];
        let desks = match symbol {
            Some(name) => vec![self.symbol(name)?],
            None => (0..self.markets.len()).collect(),
        };
        let shown = |symbol: usize| user.sides().iter().map(move |side| self.shown(account, symbol, *side));
        Ok(desks.into_iter().flat_map(shown).collect())
    }

    /// A position with its margins.
    pub(super) fn shown(&self, account: usize, symbol: usize, side: PositionSide) -> Holding {
        let margins = margins(&self.accounts[account], &self.markets, symbol, side);
        Holding { margins, ..self.holding(account, symbol, side) }
    }

    /// All cash of an account, the sums over it, and when the cash last changed.
    ///
    /// # Errors
    /// No such account.
    pub fn balance(&self, account: usize) -> Answer<(Cash, Totals, i64)> {
        let user: &Account = &self.accounts[self.user(account)?];
        Ok((user.wallet_e8, totals(user, &self.markets), user.updated_ms))
    }

    /// Leverage, margin type and largest notional of an account in a symbol.
    ///
    /// # Errors
    /// No such symbol or account.
    pub fn settings(&self, account: usize, symbol: &str) -> Answer<(&Desk, Cash)> {
        let account = self.user(account)?;
        let symbol = self.symbol(symbol)?;
        let desk = self.desk(account, symbol);
        let most = self.markets[symbol].spec.brackets.max_notional(desk.leverage);
        Ok((desk, most.unwrap_or(0)))
    }

    /// A symbol while it trades.
    ///
    /// # Errors
    /// No such symbol.
    pub fn market(&self, symbol: &str) -> Answer<&Market> {
        Ok(&self.markets[self.symbol(symbol)?])
    }

    /// Prices of a symbol.
    ///
    /// # Errors
    /// No such symbol.
    pub fn prices(&self, symbol: &str) -> Answer<Prices> {
        Ok(self.market(symbol)?.prices)
    }

    /// Bids and asks of a symbol, best first; users' orders are part of them.
    ///
    /// # Errors
    /// No such symbol.
    pub fn book_levels(&self, symbol: &str, limit: usize) -> Answer<(Levels, Levels)> {
        let market = self.market(symbol)?;
        let side = |taker| market.levels_with(taker, limit, |id| self.orders[&id].remaining());
        Ok((side(OrderSide::Sell), side(OrderSide::Buy)))
    }
}
