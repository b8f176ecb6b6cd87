//! What is kept of the past: a bounded number of final orders, fills and incomes for each account.

use std::collections::VecDeque;

use super::account::Income;
use super::names::ClientId;
use super::order::Fill;
use super::venue::Venue;

/// Appends, and drops the oldest where there are too many.
fn keep<T>(kept: &mut VecDeque<T>, value: T, most: usize) {
    kept.push_back(value);
    if kept.len() > most {
        kept.pop_front();
    }
}

impl Venue {
    pub(super) fn remember_order(&mut self, account: usize, id: u64, client_id: ClientId) {
        let most = self.rules.history;
        let user = &mut self.accounts[account];
        user.order_of.insert(client_id, id);
        user.order_ids.push_back(id);
        if user.order_ids.len() > 2 * most {
            self.forget_orders(account);
        }
    }

    pub(super) fn remember_algo(&mut self, account: usize, id: u64, client_id: ClientId) {
        let most = self.rules.history;
        let user = &mut self.accounts[account];
        user.algo_of.insert(client_id, id);
        user.algo_ids.push_back(id);
        if user.algo_ids.len() > 2 * most {
            self.forget_algos(account);
        }
    }

    pub(super) fn remember_fill(&mut self, fill: Fill) {
        keep(&mut self.accounts[fill.account].fills, fill, self.rules.history);
    }

    pub(super) fn remember_income(&mut self, income: Income) {
        keep(&mut self.accounts[income.account].incomes, income, self.rules.history);
    }

    /// Drops all but the newest final orders, rarely and many at a time.
    fn forget_orders(&mut self, account: usize) {
        let user = &mut self.accounts[account];
        let recent = user.order_ids.len() - self.rules.history;
        let mut kept = VecDeque::with_capacity(self.rules.history);
        for (place, id) in user.order_ids.drain(..).enumerate() {
            // The newest order of all is being placed and is not open in the map yet.
            if place >= recent || self.orders.get(&id).is_some_and(|order| order.status.is_open()) {
                kept.push_back(id);
            } else if let Some(order) = self.orders.remove(&id)
                && user.order_of.get(&order.client_id) == Some(&id)
            {
                user.order_of.remove(&order.client_id);
            }
        }
        user.order_ids = kept;
    }

    fn forget_algos(&mut self, account: usize) {
        let user = &mut self.accounts[account];
        let recent = user.algo_ids.len() - self.rules.history;
        let mut kept = VecDeque::with_capacity(self.rules.history);
        for (place, id) in user.algo_ids.drain(..).enumerate() {
            if place >= recent || self.algos.get(&id).is_some_and(|algo| algo.status.is_open()) {
                kept.push_back(id);
            } else if let Some(algo) = self.algos.remove(&id)
                && user.algo_of.get(&algo.client_id) == Some(&id)
            {
                user.algo_of.remove(&algo.client_id);
            }
        }
        user.algo_ids = kept;
    }
}
