//! What a new order is refused for, in the order in which it is looked at.

use super::account::Weights;
use super::grid::{Cash, price_text};
use super::margin::{tied, totals};
use super::market::Market;
use super::names::{ClientId, OrderSide, OrderType, PositionSide, SymbolStatus, TimeInForce};
use super::order::NewOrder;
use super::reject::{self, VenueReject};
use super::symbol::initial_margin;
use super::venue::Venue;

/// GTD orders stand for at least ten minutes.
const LEAST_GTD_MS: i64 = 600_000;

type Check = Result<(), VenueReject>;

fn refuse_if(condition: bool, refusal: VenueReject) -> Check {
    if condition { Err(refusal) } else { Ok(()) }
}

impl Venue {
    /// The side fits the mode, and `reduceOnly` is not said twice.
    pub(super) fn check_mode(&self, account: usize, side: PositionSide, reduce_only: bool) -> Check {
        let hedged = self.accounts[account].hedged;
        refuse_if(hedged == (side == PositionSide::Both), reject::POSITION_SIDE)?;
        refuse_if(hedged && reduce_only, VenueReject::unwanted("reduceonly"))
    }

    /// The id is of the allowed characters (`^[\.A-Z\:/a-z0-9_-]{1,36}$`).
    pub(super) fn check_id_text(id: Option<ClientId>) -> Check {
        let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b".:/_-".contains(&byte);
        let bad = id.is_some_and(|id| id.is_empty() || !id.bytes().all(allowed));
        refuse_if(bad, reject::BAD_CLIENT_ID)
    }

    /// The id is free and the account has room for one more order.
    pub(super) fn check_new_order(&self, account: usize, symbol: usize, terms: &NewOrder) -> Check {
        Self::check_id_text(terms.client_id)?;
        let taken = terms.client_id.and_then(|id| self.accounts[account].order_of.get(&id));
        let clash = taken
            .and_then(|id| self.orders.get(id))
            .is_some_and(|order| order.status.is_open() || !self.rules.client_id_reuse_after_final);
        refuse_if(clash, reject::DUPLICATE_ID)?;
        let most = self.markets[symbol].spec.filters.max_orders;
        refuse_if(self.desk(account, symbol).orders.len() >= most, reject::MAX_ORDERS)
    }

    /// Everything but identity; gives the terms with which the order goes on: the price taken from the
    /// book, a reduce-only quantity cut to the position. `terms.lots` is what is not filled yet.
    pub(super) fn check_terms(
        &self,
        account: usize,
        symbol: usize,
        terms: &NewOrder,
        filled_lots: i64,
    ) -> Result<NewOrder, VenueReject> {
        let market = &self.markets[symbol];
        refuse_if(!terms.order_type.is_regular(), reject::USE_ALGO)?;
        self.check_mode(account, terms.position_side, terms.reduce_only)?;
        let mut terms = NewOrder { price_ticks: matched_price(market, terms)?, ..*terms };
        check_lots(market, terms.order_type, terms.lots.saturating_add(filled_lots))?;
        if terms.order_type == OrderType::Limit {
            check_price(market, terms.price_ticks)?;
            check_band(market, &terms)?;
        }
        let early = terms.good_till_ms <= self.now_ms + LEAST_GTD_MS;
        refuse_if(terms.time_in_force == TimeInForce::Gtd && early, VenueReject::parameter("goodTillDate"))?;
        check_status(market.status, terms.is_reducing())?;
        if terms.is_reducing() {
            terms.lots = self.reducible(account, symbol, &terms)?;
        } else {
            check_notional(market, terms.price_ticks, terms.lots + filled_lots)?;
        }
        check_liquidity(market, &terms)?;
        self.check_margin(account, symbol, &terms)?;
        Ok(terms)
    }

    /// What a reducing order may be for.
    fn reducible(&self, account: usize, symbol: usize, terms: &NewOrder) -> Result<i64, VenueReject> {
        let desk = self.desk(account, symbol);
        let closable = desk.closable(terms.position_side, terms.side);
        refuse_if(closable == 0, reject::REDUCE_ONLY)?;
        let lots = terms.lots.min(closable);
        let resting = desk.weights[terms.position_side as usize].reducing_lots[terms.side as usize];
        let spent = self.rules.reduce_only_budget && resting > 0 && resting + lots > closable;
        refuse_if(spent, reject::REDUCE_ONLY_BUDGET)?;
        Ok(lots)
    }

    /// The purse carries the order: initial margin at its price, the loss that it opens with, the fee.
    pub(super) fn check_margin(&self, account: usize, symbol: usize, terms: &NewOrder) -> Check {
        if terms.is_reducing() {
            return Ok(());
        }
        let (market, desk) = (&self.markets[symbol], self.desk(account, symbol));
        let price = worst_price(market, terms);
        let notional = market.spec.grid.notional(price, terms.lots);
        let mut extra = Weights::default();
        extra.opening_e8[terms.side as usize] = notional;
        let before = tied(market, desk, terms.position_side, Weights::default());
        let after = tied(market, desk, terms.position_side, extra);
        if after == before {
            return Ok(());
        }
        let most = market.spec.brackets.max_notional(desk.leverage).unwrap_or(0);
        refuse_if(after > most, reject::MAX_POSITION)?;
        let at_mark = market.spec.grid.value_at(market.prices.mark_e8, terms.lots);
        let loss = ((notional - at_mark) * Cash::from(terms.side.sign())).max(0);
        let fee = super::grid::ppm_of(notional, self.accounts[account].taker_fee_ppm).max(0);
        let margin = initial_margin(after, desk.leverage) - initial_margin(before, desk.leverage);
        let available = totals(&self.accounts[account], &self.markets).available_e8();
        refuse_if(margin + loss + fee > available, reject::NO_MARGIN)
    }
}

/// The limit price, which may come from the book.
pub(super) fn matched_price(market: &Market, terms: &NewOrder) -> Result<i64, VenueReject> {
    let Some((own, index)) = terms.price_match.level() else {
        return Ok(if terms.order_type == OrderType::Market { 0 } else { terms.price_ticks });
    };
    refuse_if(terms.order_type != OrderType::Limit, reject::PRICE_MATCH_TYPE)?;
    let taker = if own { terms.side.opposite() } else { terms.side };
    market.depth.levels(taker).nth(index).map(|(price, _)| price).ok_or(reject::PRICE_MATCH_DEPTH)
}

/// `LOT_SIZE` or `MARKET_LOT_SIZE`.
pub(super) fn check_lots(market: &Market, order_type: OrderType, lots: i64) -> Check {
    let filters = &market.spec.filters;
    let (least, most, multiple) = match order_type.child() {
        OrderType::Market => (filters.market_min_lots, filters.market_max_lots, filters.market_lot_multiple),
        _ => (filters.min_lots, filters.max_lots, filters.lot_multiple),
    };
    refuse_if(lots <= 0, reject::QTY_ZERO)?;
    refuse_if(lots < least, reject::QTY_LOW)?;
    refuse_if(lots > most, reject::QTY_HIGH)?;
    refuse_if(lots % multiple != 0, reject::QTY_STEP)
}

/// `PRICE_FILTER`.
pub(super) fn check_price(market: &Market, price_ticks: i64) -> Check {
    let filters = &market.spec.filters;
    refuse_if(price_ticks < filters.min_price_ticks, reject::PRICE_LOW)?;
    refuse_if(price_ticks > filters.max_price_ticks, reject::PRICE_HIGH)?;
    refuse_if(price_ticks % filters.price_multiple != 0, reject::PRICE_STEP)
}

/// `PERCENT_PRICE`.
fn check_band(market: &Market, terms: &NewOrder) -> Check {
    let filters = &market.spec.filters;
    let price_e8 = i128::from(market.spec.grid.price_e8(terms.price_ticks));
    let bound = |ppm: i64| i128::from(market.prices.mark_e8) * i128::from(ppm) / 1_000_000;
    if market.prices.mark_e8 == 0 {
        return Ok(());
    }
    let (high, low) = (bound(filters.multiplier_up_ppm), bound(filters.multiplier_down_ppm));
    match terms.side {
        OrderSide::Buy if price_e8 > high => {
            let text = format!("Limit price can't be higher than {}.", price_text(high));
            Err(VenueReject::with(-4016, text))
        }
        OrderSide::Sell if price_e8 < low => {
            let text = format!("Limit price can't be lower than {}.", price_text(low));
            Err(VenueReject::with(-4024, text))
        }
        _ => Ok(()),
    }
}

/// What the symbol takes.
pub(super) fn check_status(status: SymbolStatus, reducing: bool) -> Check {
    match status {
        SymbolStatus::Trading => Ok(()),
        SymbolStatus::Settling if reducing => Ok(()),
        SymbolStatus::Settling => Err(reject::SYMBOL_SETTLING),
        _ => Err(reject::SYMBOL_CLOSED),
    }
}

/// `MIN_NOTIONAL`; without a price of its own the order is valued at the mark price.
pub(super) fn check_notional(market: &Market, price_ticks: i64, lots: i64) -> Check {
    let least = market.spec.filters.min_notional_e8;
    let notional = match price_ticks {
        0 => market.spec.grid.value_at(market.prices.mark_e8, lots),
        price => market.spec.grid.notional(price, lots),
    };
    let text = || {
        let least = price_text(least);
        format!("Order's notional must be no smaller than {least} (unless you choose reduce only).")
    };
    if notional < least { Err(VenueReject::with(-4164, text())) } else { Ok(()) }
}

/// GTX must not take, FOK must fill, MARKET must find a price that is close enough.
pub(super) fn check_liquidity(market: &Market, terms: &NewOrder) -> Check {
    let best = market.depth.best(terms.side);
    let limit = match terms.order_type {
        OrderType::Market => market.market_bound(terms.side),
        _ => terms.price_ticks,
    };
    let meets = best.is_some_and(|price| (price - limit) * terms.side.sign() <= 0);
    match (terms.order_type, terms.time_in_force) {
        (OrderType::Market, _) => refuse_if(best.is_some() && !meets, reject::MARKET_BOUND),
        (_, TimeInForce::Gtx) => refuse_if(meets, reject::POST_ONLY),
        (_, TimeInForce::Fok) => {
            let (got, _) = market.depth.reach(terms.side, limit, terms.lots);
            refuse_if(got < terms.lots, reject::FOK)
        }
        _ => Ok(()),
    }
}

/// The worst price at which the order could fill now.
fn worst_price(market: &Market, terms: &NewOrder) -> i64 {
    if terms.order_type == OrderType::Limit {
        return terms.price_ticks;
    }
    let bound = market.market_bound(terms.side);
    let (_, worst) = market.depth.reach(terms.side, bound, terms.lots);
    worst.unwrap_or(market.prices.last_ticks)
}
