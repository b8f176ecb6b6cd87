//! Conditional orders until they trigger: placing, cancelling, expiring.

use super::algo::{Algo, Condition, NewAlgo, Reason, is_stop};
use super::checks::{check_lots, check_notional, check_price, check_status};
use super::event::Event;
use super::market::Market;
use super::names::{AlgoStatus, OrderSide, OrderType, TimeInForce};
use super::orders::made_up_id;
use super::reject::{self, VenueReject};
use super::rules::Singleton;
use super::venue::{Answer, Handle, Timer, Venue};

/// GTD orders stand for at least ten minutes.
const LEAST_GTD_MS: i64 = 600_000;

type Check = Result<(), VenueReject>;

fn refuse_if(condition: bool, refusal: VenueReject) -> Check {
    if condition { Err(refusal) } else { Ok(()) }
}

impl Venue {
    /// Places a conditional order. Margin is looked at when it triggers.
    ///
    /// # Errors
    /// Why the exchange would refuse it, or an account that does not exist.
    pub fn place_algo(&mut self, account: usize, symbol: &str, terms: &NewAlgo) -> Answer<Algo> {
        let account = self.user(account)?;
        let symbol = self.symbol(symbol)?;
        self.check_algo(account, symbol, terms)?;
        let market = &self.markets[symbol];
        let grid = market.spec.grid;
        let now_e8 = market.working_e8(terms.working_type);
        let (trigger_e8, activation_e8) =
            (grid.price_e8(terms.trigger_ticks), grid.price_e8(terms.activation_ticks));
        let symbol_name = market.spec.name;
        let id = self.next_algo_id();
        let mut algo = Algo {
            account,
            symbol,
            symbol_name,
            id,
            client_id: terms.client_id.unwrap_or_else(|| made_up_id("algo", id)),
            terms: *terms,
            condition: terms.condition(trigger_e8, activation_e8, now_e8),
            status: AlgoStatus::New,
            order_id: 0,
            child_lots: 0,
            child_quote_e8: 0,
            reason: Reason::new(),
            doomed: None,
            created_ms: self.now_ms,
            updated_ms: self.now_ms,
            triggered_ms: 0,
        };
        if now_e8 > 0 {
            // A trailing order without an activation price follows from the present price on.
            algo.observe(now_e8);
        }
        self.wait(&algo);
        Ok(algo)
    }

    fn wait(&mut self, algo: &Algo) {
        let Algo { account, symbol, id, client_id, terms, .. } = *algo;
        self.algos.insert(id, *algo);
        self.remember_algo(account, id, client_id);
        self.desk_mut(account, symbol).algos.insert(id);
        self.markets[symbol].triggers[terms.working_type as usize].add(algo);
        if terms.time_in_force == TimeInForce::Gtd {
            self.at(terms.good_till_ms, Timer::AlgoEnds(id));
        }
        self.emit(account, Event::Algo(*algo));
    }

    fn check_algo(&self, account: usize, symbol: usize, terms: &NewAlgo) -> Check {
        let market = &self.markets[symbol];
        refuse_if(terms.order_type.is_regular(), reject::BAD_TYPE)?;
        self.check_mode(account, terms.position_side, terms.reduce_only)?;
        self.check_algo_id(account, terms)?;
        check_close(terms)?;
        check_status(market.status, terms.is_reducing())?;
        check_trigger(market, terms)?;
        check_sizes(market, terms)?;
        let early = terms.good_till_ms <= self.now_ms + LEAST_GTD_MS;
        let is_gtd = terms.time_in_force == TimeInForce::Gtd;
        refuse_if(is_gtd && early, VenueReject::parameter("goodTillDate"))?;
        self.check_singleton(account, symbol, terms)?;
        let count = self.desk(account, symbol).algos.len();
        refuse_if(count >= market.spec.filters.max_algo_orders, reject::MAX_ALGOS)
    }

    fn check_algo_id(&self, account: usize, terms: &NewAlgo) -> Check {
        Self::check_id_text(terms.client_id)?;
        let taken = terms.client_id.and_then(|id| self.accounts[account].algo_of.get(&id));
        let clash = taken
            .and_then(|id| self.algos.get(id))
            .is_some_and(|algo| algo.status.is_open() || !self.rules.client_id_reuse_after_final);
        refuse_if(clash, reject::DUPLICATE_ID)
    }

    fn check_singleton(&self, account: usize, symbol: usize, terms: &NewAlgo) -> Check {
        if !terms.close_position {
            return Ok(());
        }
        let desk = self.desk(account, symbol);
        let flat = desk.closable(terms.position_side, terms.side) == 0;
        refuse_if(flat && !self.rules.close_position_before_position, reject::NOTHING_TO_CLOSE)?;
        let clashes = |other: &Algo| {
            other.terms.close_position
                && (other.terms.side, other.terms.position_side) == (terms.side, terms.position_side)
                && (self.rules.close_position_singleton == Singleton::PerSide
                    || is_stop(other.terms.order_type) == is_stop(terms.order_type))
        };
        let exists = desk.algos.iter().any(|id| clashes(&self.algos[id]));
        refuse_if(exists, reject::CLOSE_POSITION_EXISTS)
    }

    /// Cancels a waiting algo order.
    ///
    /// # Errors
    /// -4117 while it triggers; -2011: none waits under this handle.
    pub fn cancel_algo(&mut self, account: usize, handle: Handle<'_>) -> Answer<Algo> {
        let account = self.user(account)?;
        let algo = self.find_algo(account, handle).ok_or(reject::UNKNOWN_ORDER)?;
        match algo.status {
            AlgoStatus::New => Ok(self.end(algo.id, AlgoStatus::Canceled, Reason::new())),
            AlgoStatus::Triggering => Err(reject::TRIGGERING.into()),
            _ => Err(reject::UNKNOWN_ORDER.into()),
        }
    }

    /// Cancels the waiting algo orders of a symbol, oldest first; those that trigger stay.
    ///
    /// # Errors
    /// The symbol or the account does not exist.
    pub fn cancel_all_algos(&mut self, account: usize, symbol: &str) -> Answer<Vec<Algo>> {
        let account = self.user(account)?;
        let symbol = self.symbol(symbol)?;
        Ok(self.cancel_waiting(account, symbol))
    }

    pub(super) fn cancel_waiting(&mut self, account: usize, symbol: usize) -> Vec<Algo> {
        let ids = self.waiting(account, symbol, |_| true);
        ids.into_iter().map(|id| self.end(id, AlgoStatus::Canceled, Reason::new())).collect()
    }

    /// Ids of the NEW algo orders of a desk that `wanted` picks, oldest first.
    pub(super) fn waiting(&self, account: usize, symbol: usize, wanted: impl Fn(&Algo) -> bool) -> Vec<u64> {
        let is_wanted = |id: &&u64| {
            let algo = &self.algos[*id];
            algo.status == AlgoStatus::New && wanted(algo)
        };
        self.desk(account, symbol).algos.iter().filter(is_wanted).copied().collect()
    }

    pub(super) fn end_algo(&mut self, id: u64) {
        if self.algos.get(&id).is_some_and(|algo| algo.status == AlgoStatus::New) {
            self.end(id, AlgoStatus::Expired, Reason::new());
        }
    }

    /// Ends an algo order in a final state.
    pub(super) fn end(&mut self, id: u64, status: AlgoStatus, reason: Reason) -> Algo {
        let now_ms = self.now_ms;
        let algo = self.algo_mut(id);
        let was = algo.status;
        algo.status = status;
        algo.reason = reason;
        algo.updated_ms = now_ms;
        let algo = *algo;
        if was == AlgoStatus::New {
            self.markets[algo.symbol].triggers[algo.terms.working_type as usize].remove(&algo);
        }
        self.desk_mut(algo.account, algo.symbol).algos.remove(&id);
        self.emit(algo.account, Event::Algo(algo));
        algo
    }
}

/// `LOT_SIZE`, `PRICE_FILTER` of a limit price, `MIN_NOTIONAL`.
fn check_sizes(market: &Market, terms: &NewAlgo) -> Check {
    if !terms.close_position {
        check_lots(market, terms.order_type, terms.lots)?;
    }
    if terms.order_type.child() == OrderType::Limit {
        check_price(market, terms.price_ticks)?;
    }
    if terms.is_reducing() {
        return Ok(());
    }
    let price = if terms.price_ticks > 0 { terms.price_ticks } else { terms.trigger_ticks };
    check_notional(market, price, terms.lots)
}

/// closePosition goes with MARKET types only, without a quantity, and closes its position.
fn check_close(terms: &NewAlgo) -> Check {
    if !terms.close_position {
        return Ok(());
    }
    let can_close = matches!(terms.order_type, OrderType::StopMarket | OrderType::TakeProfitMarket);
    let name = terms.order_type.name();
    let text = format!("Target strategy invalid for orderType {name},closePosition true");
    refuse_if(!can_close, VenueReject::with(-4136, text))?;
    refuse_if(terms.lots != 0, reject::CLOSE_WITH_QTY)?;
    refuse_if(terms.reduce_only, VenueReject::unwanted("reduceonly"))?;
    let opens = terms.position_side.reducing().is_some_and(|side| side != terms.side);
    refuse_if(opens, reject::POSITION_SIDE)
}

/// The trigger price is a price and not met yet; a trailing order has a callback instead.
fn check_trigger(market: &Market, terms: &NewAlgo) -> Check {
    let now_e8 = market.working_e8(terms.working_type);
    if terms.order_type == OrderType::TrailingStopMarket {
        return check_trailing(market, terms, now_e8);
    }
    refuse_if(terms.trigger_ticks <= 0, reject::STOP_ZERO)?;
    refuse_if(terms.trigger_ticks > market.spec.filters.max_price_ticks, reject::STOP_HIGH)?;
    let off_step = terms.trigger_ticks % market.spec.filters.price_multiple != 0;
    refuse_if(off_step, reject::PRICE_STEP)?;
    let met = match terms.condition(market.spec.grid.price_e8(terms.trigger_ticks), 0, now_e8) {
        Condition::Rises(trigger) => now_e8 >= trigger,
        Condition::Falls(trigger) => now_e8 <= trigger,
        Condition::Trails { .. } => false,
    };
    refuse_if(now_e8 > 0 && met, reject::WOULD_TRIGGER)
}

/// 0.1 % to 10 % in steps of 0.1 %; an activation price lies beyond the present price.
fn check_trailing(market: &Market, terms: &NewAlgo, now_e8: i64) -> Check {
    let in_range = (1_000..=100_000).contains(&terms.callback_ppm) && terms.callback_ppm % 1_000 == 0;
    refuse_if(!in_range, reject::BAD_CALLBACK)?;
    refuse_if(terms.trigger_ticks != 0, reject::WOULD_TRIGGER)?;
    if terms.activation_ticks == 0 {
        return Ok(());
    }
    refuse_if(terms.activation_ticks < 0, reject::STOP_ZERO)?;
    refuse_if(terms.activation_ticks > market.spec.filters.max_price_ticks, reject::STOP_HIGH)?;
    let activation_e8 = market.spec.grid.price_e8(terms.activation_ticks);
    let behind = match terms.side {
        OrderSide::Sell => activation_e8 <= now_e8,
        OrderSide::Buy => activation_e8 >= now_e8,
    };
    refuse_if(now_e8 > 0 && behind, reject::WOULD_TRIGGER)
}
