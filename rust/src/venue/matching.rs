//! How orders meet the market: takers walk the depth, resting orders wait for trades.

use super::names::{Execution, OrderSide, OrderStatus, OrderType, TimeInForce};
use super::venue::{Timer, Venue};

impl Venue {
    /// Lets an accepted order take what it can, then rests or ends it.
    pub(super) fn submit(&mut self, id: u64) {
        let order = self.orders[&id];
        let limit = match order.terms.order_type {
            OrderType::Market => self.markets[order.symbol].market_bound(order.terms.side),
            _ => order.terms.price_ticks,
        };
        self.take(id, limit);
        let order = self.orders[&id];
        if !order.status.is_open() {
            return;
        }
        self.announce(id);
        let stays = order.terms.order_type == OrderType::Limit
            && !matches!(order.terms.time_in_force, TimeInForce::Ioc | TimeInForce::Fok)
            && self.fillable(id) > 0;
        if stays { self.rest(id) } else { self.finish(id, OrderStatus::Expired, Execution::Expired) }
    }

    fn take(&mut self, id: u64, limit_ticks: i64) {
        loop {
            let (side, symbol) = (self.orders[&id].terms.side, self.orders[&id].symbol);
            let wanted = self.fillable(id);
            if wanted == 0 {
                return;
            }
            let Some((price, lots)) = self.markets[symbol].depth.take(side, limit_ticks, wanted) else {
                return;
            };
            self.fill(id, price, lots, false);
        }
    }

    /// What an order can still trade: its rest, and no more than the position if it only reduces.
    pub(super) fn fillable(&self, id: u64) -> i64 {
        let order = &self.orders[&id];
        if !order.status.is_open() {
            return 0;
        }
        if !order.is_reducing() {
            return order.remaining();
        }
        let desk = self.desk(order.account, order.symbol);
        order.remaining().min(desk.closable(order.terms.position_side, order.terms.side))
    }

    fn rest(&mut self, id: u64) {
        let order = self.orders[&id];
        let (side, price) = (order.terms.side, order.terms.price_ticks);
        let market = &mut self.markets[order.symbol];
        let queue_lots = market.depth.queue_at(side, price);
        let grid = market.spec.grid;
        market.resting.add(side, price, id);
        self.order_mut(id).queue_lots = queue_lots;
        let desk = self.desk_mut(order.account, order.symbol);
        desk.orders.insert(id);
        desk.weigh(grid, &order, order.remaining());
        if order.terms.time_in_force == TimeInForce::Gtd {
            self.at(order.terms.good_till_ms, Timer::OrderEnds(id));
        }
    }

    /// Takes an order out of the book, if it rests there.
    pub(super) fn leave_book(&mut self, id: u64) {
        let order = self.orders[&id];
        if !self.desk(order.account, order.symbol).orders.contains(&id) {
            return;
        }
        let market = &mut self.markets[order.symbol];
        market.resting.remove(order.terms.side, order.terms.price_ticks, id);
        let grid = market.spec.grid;
        let desk = self.desk_mut(order.account, order.symbol);
        desk.orders.remove(&id);
        desk.weigh(grid, &order, -order.remaining());
    }

    /// Fills resting orders with a market trade: those at a better price first, then those at its
    /// price behind what the market had in front of them. No more is filled than was traded.
    pub(super) fn fill_by_trade(&mut self, symbol: usize, taker: OrderSide, price_ticks: i64, lots: i64) {
        let maker = taker.opposite();
        if !self.markets[symbol].resting.is_met(maker, price_ticks) {
            return;
        }
        let mut left = lots;
        let mut queue_gone = 0;
        let met = self.markets[symbol].resting.met_by(maker, price_ticks);
        for id in &met {
            let order = &self.orders[id];
            if order.terms.price_ticks == price_ticks {
                let ahead = (order.queue_lots - queue_gone).clamp(0, left);
                left -= ahead;
                queue_gone += ahead;
            }
            left -= self.fill_resting(*id, left);
            if left == 0 {
                break;
            }
        }
        for id in met {
            let order = self.order_mut(id);
            if order.terms.price_ticks == price_ticks {
                order.queue_lots = (order.queue_lots - queue_gone).max(0);
            }
        }
    }

    /// Fills resting orders that the new book has come through, from its levels.
    pub(super) fn fill_crossed(&mut self, symbol: usize) {
        for side in [OrderSide::Buy, OrderSide::Sell] {
            let Some(best) = self.markets[symbol].depth.best(side) else { continue };
            if !self.markets[symbol].resting.is_met(side, best) {
                continue;
            }
            for id in self.markets[symbol].resting.met_by(side, best) {
                self.fill_from_depth(id);
            }
        }
    }

    fn fill_from_depth(&mut self, id: u64) {
        let order = self.orders[&id];
        let (side, limit) = (order.terms.side, order.terms.price_ticks);
        loop {
            let wanted = self.fillable(id);
            if wanted == 0 {
                self.end_if_spent(id);
                return;
            }
            let Some((_, lots)) = self.markets[order.symbol].depth.take(side, limit, wanted) else {
                return;
            };
            self.fill(id, limit, lots, true);
        }
    }

    /// Fills a resting order at its price with at most `lots`, and gives how many it took.
    fn fill_resting(&mut self, id: u64, lots: i64) -> i64 {
        let price = self.orders[&id].terms.price_ticks;
        let taken = self.fillable(id).min(lots);
        if taken > 0 {
            self.fill(id, price, taken, true);
        }
        self.end_if_spent(id);
        taken
    }

    /// A reduce-only order that has nothing left to reduce expires when the market reaches it.
    fn end_if_spent(&mut self, id: u64) {
        if self.orders[&id].status.is_open() && self.fillable(id) == 0 {
            self.finish(id, OrderStatus::Expired, Execution::Expired);
        }
    }
}
