//! What a user may set: cash, mode, leverage, margin type, margin of an isolated position.

use super::account::Weights;
use super::account::{Desk, Holding};
use super::event::Event;
use super::grid::Cash;
use super::margin::{margins, position_margin, tied, totals};
use super::names::{AccountReason, IncomeType, MarginType, PositionSide, SymbolName};
use super::reject;
use super::symbol::initial_margin;
use super::venue::{Answer, Venue};

impl Venue {
    /// Deposits (positive) or withdraws (negative) cash.
    ///
    /// # Errors
    /// -4050: the cash is not available; no such account.
    pub fn transfer(&mut self, account: usize, amount_e8: Cash) -> Answer<()> {
        let account = self.user(account)?;
        if amount_e8 == 0 {
            return Err(reject::AMOUNT_ZERO.into());
        }
        let totals = totals(&self.accounts[account], &self.markets);
        // Profit that is not realised cannot leave.
        let free = totals.available_e8().min(totals.cross_wallet_e8);
        if amount_e8 < 0 && -amount_e8 > free {
            return Err(reject::CROSS_BALANCE.into());
        }
        self.book(account, SymbolName::new(), IncomeType::Transfer, amount_e8, 0);
        let reason = if amount_e8 > 0 { AccountReason::Deposit } else { AccountReason::Withdraw };
        self.tell_purse(account, reason, amount_e8, Vec::new());
        Ok(())
    }

    fn desks(&self, account: usize) -> impl Iterator<Item = &Desk> {
        let account = &self.accounts[account];
        account.touched.iter().map(|symbol| &account.desks[*symbol])
    }

    /// Switches between one-way and hedge mode.
    ///
    /// # Errors
    /// -4059 no change, -4067 open orders, -4068 open positions; no such account.
    pub fn set_hedge_mode(&mut self, account: usize, hedged: bool) -> Answer<()> {
        let account = self.user(account)?;
        if self.accounts[account].hedged == hedged {
            return Err(reject::SAME_POSITION_SIDE.into());
        }
        if self.desks(account).any(|desk| !desk.orders.is_empty() || !desk.algos.is_empty()) {
            return Err(reject::MODE_ORDERS.into());
        }
        if self.desks(account).any(|desk| !desk.is_flat()) {
            return Err(reject::MODE_POSITION.into());
        }
        self.accounts[account].hedged = hedged;
        Ok(())
    }

    /// Whether an account is in hedge mode.
    ///
    /// # Errors
    /// No such account.
    pub fn hedge_mode(&self, account: usize) -> Answer<bool> {
        Ok(self.accounts[self.user(account)?].hedged)
    }

    /// Changes the leverage of both sides.
    ///
    /// # Errors
    /// -4028, -2027, -4161, -2019; no such symbol or account.
    pub fn set_leverage(&mut self, account: usize, symbol: &str, leverage: u32) -> Answer<()> {
        let account = self.user(account)?;
        let symbol = self.symbol(symbol)?;
        let (market, desk) = (&self.markets[symbol], self.desk(account, symbol));
        let most = market.spec.brackets.max_notional(leverage).ok_or(reject::BAD_LEVERAGE)?;
        let bound = tied(market, desk, PositionSide::Both, Weights::default());
        if bound > most {
            return Err(reject::MAX_POSITION.into());
        }
        let isolated = desk.margin_type == MarginType::Isolated;
        if isolated && !desk.is_flat() && leverage < desk.leverage {
            return Err(reject::ISOLATED_LEVERAGE.into());
        }
        let held = if isolated { position_margin(market, desk) } else { 0 };
        let needed = initial_margin(bound, leverage) - initial_margin(bound, desk.leverage);
        let available = totals(&self.accounts[account], &self.markets).available_e8();
        if needed > available.max(0) + held {
            return Err(reject::NO_MARGIN.into());
        }
        self.desk_mut(account, symbol).leverage = leverage;
        self.emit(account, Event::Leverage { symbol, leverage });
        Ok(())
    }

    /// Switches a symbol between cross and isolated margin.
    ///
    /// # Errors
    /// -4046 no change, -4047 open orders, -4048 a position; no such symbol or account.
    pub fn set_margin_type(&mut self, account: usize, symbol: &str, wished: MarginType) -> Answer<()> {
        let account = self.user(account)?;
        let symbol = self.symbol(symbol)?;
        let desk = self.desk(account, symbol);
        if desk.margin_type == wished {
            return Err(reject::SAME_MARGIN_TYPE.into());
        }
        if !desk.orders.is_empty() || !desk.algos.is_empty() {
            return Err(reject::MARGIN_TYPE_ORDERS.into());
        }
        if !desk.is_flat() {
            return Err(reject::MARGIN_TYPE_POSITION.into());
        }
        self.desk_mut(account, symbol).margin_type = wished;
        let side = self.accounts[account].sides()[0];
        let holdings = vec![self.holding(account, symbol, side)];
        self.tell_purse(account, AccountReason::MarginTypeChange, 0, holdings);
        Ok(())
    }

    /// Adds margin to an isolated position (positive) or takes it away.
    ///
    /// # Errors
    /// -4050, -4051, -4054, -4055; no such symbol or account.
    pub fn change_isolated_margin(
        &mut self,
        account: usize,
        symbol: &str,
        amount_e8: Cash,
        side: PositionSide,
    ) -> Answer<Holding> {
        let account = self.user(account)?;
        let symbol = self.symbol(symbol)?;
        if amount_e8 == 0 {
            return Err(reject::AMOUNT_ZERO.into());
        }
        let desk = self.desk(account, symbol);
        let position = &desk.positions[side as usize];
        if position.is_flat() || desk.margin_type == MarginType::Crossed {
            return Err(reject::NO_POSITION.into());
        }
        if amount_e8 > totals(&self.accounts[account], &self.markets).available_e8() {
            return Err(reject::CROSS_BALANCE.into());
        }
        let own = margins(&self.accounts[account], &self.markets, symbol, side);
        let profit = position.unrealized(self.markets[symbol].spec.grid, self.markets[symbol].prices.mark_e8);
        if position.isolated_e8 + profit.min(0) + amount_e8 < own.initial_e8 && amount_e8 < 0 {
            return Err(reject::ISOLATED_BALANCE.into());
        }
        let now_ms = self.now_ms;
        let position = &mut self.desk_mut(account, symbol).positions[side as usize];
        position.isolated_e8 += amount_e8;
        position.updated_ms = now_ms;
        let holdings = vec![self.holding(account, symbol, side)];
        self.tell_purse(account, AccountReason::MarginTransfer, -amount_e8, holdings);
        Ok(self.shown(account, symbol, side))
    }
}
