//! Conditional orders from the moment at which their price is met: TRIGGERING, then the child order in
//! the book (TRIGGERED), then FINISHED, or REJECTED where the book refuses the child.

use super::algo::{Algo, Condition, Reason};
use super::checks::{check_liquidity, check_status, matched_price};
use super::event::Event;
use super::names::{AlgoStatus, OrderType, PositionSide, TimeInForce, WorkingType};
use super::order::{NewOrder, Origin};
use super::reject::{self, VenueReject};
use super::rules::{Oversized, Protected};
use super::venue::{Timer, Venue};

/// What the exchange calls a child that has nothing to reduce.
const NOTHING_TO_REDUCE: &str = "Reduce Only reject";

/// As much of a text as a reason holds.
pub(super) fn reason_of(text: &str) -> Reason {
    let end = text.char_indices().map(|(at, char)| at + char.len_utf8());
    let end = end.take_while(|end| *end <= Reason::new().capacity()).last().unwrap_or(0);
    Reason::from(&text[..end]).unwrap_or_default()
}

impl Venue {
    /// Shows the present price to the algo orders that work on it.
    pub(super) fn trigger(&mut self, symbol: usize, working: WorkingType) {
        let market = &self.markets[symbol];
        let price_e8 = market.working_e8(working);
        if price_e8 == 0 {
            return;
        }
        let mut met = Vec::new();
        market.triggers[working as usize].met_by(price_e8, &mut met);
        for id in market.triggers[working as usize].trailing().collect::<Vec<_>>() {
            let algo = self.algo_mut(id);
            if algo.observe(price_e8) {
                met.push(id);
            }
        }
        met.sort_unstable();
        for id in met {
            self.meet(id);
        }
    }

    fn meet(&mut self, id: u64) {
        let algo = self.algos[&id];
        if algo.status != AlgoStatus::New {
            return;
        }
        let torn = algo.terms.price_protect && self.markets[algo.symbol].is_torn();
        match (torn, self.rules.price_protect_violation) {
            (true, Protected::Wait) => {}
            (true, Protected::Expire) => {
                self.end(id, AlgoStatus::Expired, reason_of("Price protect"));
            }
            (false, _) => self.start(id),
        }
        self.after_closes();
    }

    fn start(&mut self, id: u64) {
        let now_ms = self.now_ms;
        let algo = self.algo_mut(id);
        algo.status = AlgoStatus::Triggering;
        algo.triggered_ms = now_ms;
        algo.updated_ms = now_ms;
        let algo = *algo;
        self.markets[algo.symbol].triggers[algo.terms.working_type as usize].remove(&algo);
        self.emit(algo.account, Event::Algo(algo));
        if self.rules.trigger_latency_ms == 0 {
            self.fire(id);
        } else {
            self.at(now_ms.saturating_add(self.rules.trigger_latency_ms), Timer::Fire(id));
        }
    }

    /// Sends the child of a TRIGGERING order to the book.
    pub(super) fn fire(&mut self, id: u64) {
        let Some(algo) = self.algos.get(&id).filter(|algo| algo.status == AlgoStatus::Triggering) else {
            return;
        };
        let algo = *algo;
        match self.child_of(&algo) {
            Ok(terms) => self.send_child(&algo, terms),
            Err(reason) => {
                self.end(id, AlgoStatus::Rejected, reason);
            }
        }
    }

    fn send_child(&mut self, algo: &Algo, terms: NewOrder) {
        let origin = Origin {
            order_type: algo.terms.order_type,
            algo_id: algo.id,
            stop_price_ticks: algo.terms.trigger_ticks,
            close_position: algo.terms.close_position,
            working_type: algo.terms.working_type,
            price_protect: algo.terms.price_protect,
        };
        let order_id = self.accept(algo.account, algo.symbol, terms, origin);
        let now_ms = self.now_ms;
        let parent = self.algo_mut(algo.id);
        parent.status = AlgoStatus::Triggered;
        parent.order_id = order_id;
        parent.updated_ms = now_ms;
        let parent = *parent;
        self.emit(parent.account, Event::Algo(parent));
        self.submit(order_id);
    }

    /// The order that an algo order sends, or why the book refuses it.
    fn child_of(&self, algo: &Algo) -> Result<NewOrder, Reason> {
        if let Some(reason) = algo.doomed {
            return Err(reason);
        }
        let terms = &algo.terms;
        let child = NewOrder {
            side: terms.side,
            position_side: terms.position_side,
            order_type: terms.order_type.child(),
            lots: self.child_lots(algo)?,
            price_ticks: terms.price_ticks,
            time_in_force: match terms.order_type.child() {
                OrderType::Market => TimeInForce::Gtc,
                _ => terms.time_in_force,
            },
            reduce_only: terms.reduce_only || (terms.close_position && is_one_way(terms.position_side)),
            client_id: Some(algo.client_id),
            good_till_ms: terms.good_till_ms,
            price_match: terms.price_match,
            stp_mode: terms.stp_mode,
        };
        self.check_child(algo, &child).map_err(|refusal| reason_of(&refusal.message))
    }

    fn check_child(&self, algo: &Algo, child: &NewOrder) -> Result<NewOrder, VenueReject> {
        let market = &self.markets[algo.symbol];
        check_status(market.status, child.is_reducing())?;
        let child = NewOrder { price_ticks: matched_price(market, child)?, ..*child };
        match check_liquidity(market, &child) {
            // A market child meets the bound in the book and expires there.
            Err(refusal) if refusal != reject::MARKET_BOUND => return Err(refusal),
            _ => {}
        }
        self.check_margin(algo.account, algo.symbol, &child)?;
        Ok(child)
    }

    fn child_lots(&self, algo: &Algo) -> Result<i64, Reason> {
        let terms = &algo.terms;
        if !terms.is_reducing() {
            return Ok(terms.lots);
        }
        let closable = self.desk(algo.account, algo.symbol).closable(terms.position_side, terms.side);
        let oversized = !terms.close_position && terms.lots > closable;
        let refused = oversized && self.rules.oversized_reduce_only_stop == Oversized::Reject;
        if closable == 0 || refused {
            return Err(reason_of(NOTHING_TO_REDUCE));
        }
        Ok(if terms.close_position { closable } else { terms.lots.min(closable) })
    }

    /// Finishes the algo order whose child has become final.
    pub(super) fn finish_parent(&mut self, order_id: u64) {
        let order = &self.orders[&order_id];
        let (algo_id, lots, quote_e8) = (order.origin.algo_id, order.filled_lots, order.quote_e8);
        if algo_id == 0 {
            return;
        }
        let algo = self.algo_mut(algo_id);
        algo.child_lots = lots;
        algo.child_quote_e8 = quote_e8;
        self.end(algo_id, AlgoStatus::Finished, Reason::new());
    }

    /// What ends with a position, once the call that closed it has told everything else.
    pub(super) fn after_closes(&mut self) {
        while let Some((account, symbol, side)) = self.closed.pop() {
            self.make_good(account, symbol);
            if self.rules.gte_expires_with_position {
                self.expire_idle(account, symbol, side, |algo| algo.terms.close_position);
            }
            if self.rules.expire_reduce_only_with_position {
                self.expire_idle(account, symbol, side, |algo| algo.terms.is_reducing());
                self.expire_idle_orders(account, symbol, side);
            }
        }
    }

    fn expire_idle(
        &mut self,
        account: usize,
        symbol: usize,
        side: PositionSide,
        wanted: impl Fn(&Algo) -> bool,
    ) {
        let desk = self.desk(account, symbol);
        let is_idle = |algo: &Algo| {
            algo.terms.position_side == side && wanted(algo) && desk.closable(side, algo.terms.side) == 0
        };
        for id in self.waiting(account, symbol, is_idle) {
            self.end(id, AlgoStatus::Expired, Reason::new());
        }
    }

    fn expire_idle_orders(&mut self, account: usize, symbol: usize, side: PositionSide) {
        let desk = self.desk(account, symbol);
        let is_idle = |id: &&u64| {
            let order = &self.orders[*id];
            let closable = desk.closable(side, order.terms.side);
            order.terms.position_side == side && order.is_reducing() && closable == 0
        };
        let idle: Vec<u64> = desk.orders.iter().filter(is_idle).copied().collect();
        for id in idle {
            self.end_order(id);
        }
    }
}

const fn is_one_way(side: PositionSide) -> bool {
    matches!(side, PositionSide::Both)
}

/// Where a trailing order starts to follow and its best price since, 0 for others.
#[must_use]
pub const fn trail_of(algo: &Algo) -> (i64, i64) {
    match algo.condition {
        Condition::Trails { activation_e8, extreme_e8: Some(extreme) } => (activation_e8, extreme),
        Condition::Trails { activation_e8, extreme_e8: None } => (activation_e8, 0),
        _ => (0, 0),
    }
}
