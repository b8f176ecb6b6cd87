//! Regular orders: placing, amending, cancelling.

use super::names::{
    ClientId, Execution, OrderSide, OrderStatus, OrderType, PriceMatch, TimeInForce, WorkingType,
};
use super::order::{NewOrder, Order, Origin};
use super::reject;
use super::venue::{Answer, Handle, Timer, Venue};

/// How often an order can be amended.
const MOST_AMENDMENTS: u32 = 10_000;

/// What an amendment asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Amendment {
    /// Side of the order, which cannot change.
    pub side: OrderSide,
    /// New quantity.
    pub lots: i64,
    /// New price.
    pub price_ticks: i64,
    /// Where the price comes from.
    pub price_match: PriceMatch,
}

impl Venue {
    /// Places an order and gives it as it stands after it has matched.
    ///
    /// # Errors
    /// The refusals of [`Venue::check`].
    pub fn place(&mut self, account: usize, symbol: &str, terms: &NewOrder) -> Answer<Order> {
        let terms = self.check(account, symbol, terms)?;
        let symbol = self.symbol(symbol)?;
        let origin = Origin {
            order_type: terms.order_type,
            algo_id: 0,
            stop_price_ticks: 0,
            close_position: false,
            working_type: WorkingType::ContractPrice,
            price_protect: false,
        };
        let id = self.accept(account, symbol, terms, origin);
        self.submit(id);
        let placed = self.orders[&id];
        self.after_closes();
        Ok(placed)
    }

    /// The terms with which `place` would go on.
    ///
    /// # Errors
    /// Why the exchange would refuse the order, or an account that does not exist.
    pub fn check(&self, account: usize, symbol: &str, terms: &NewOrder) -> Answer<NewOrder> {
        let account = self.user(account)?;
        let symbol = self.symbol(symbol)?;
        self.check_new_order(account, symbol, terms)?;
        Ok(self.check_terms(account, symbol, terms, 0)?)
    }

    /// Makes an order of checked terms; it has not met the book yet.
    pub(super) fn accept(&mut self, account: usize, symbol: usize, terms: NewOrder, origin: Origin) -> u64 {
        let id = self.next_order_id();
        let client_id = terms.client_id.unwrap_or_else(|| made_up_id("sim", id));
        let order = Order {
            account,
            symbol,
            symbol_name: self.markets[symbol].spec.name,
            id,
            client_id,
            terms,
            origin,
            status: OrderStatus::New,
            filled_lots: 0,
            quote_e8: 0,
            queue_lots: 0,
            amendments: 0,
            announced: false,
            created_ms: self.now_ms,
            updated_ms: self.now_ms,
        };
        self.orders.insert(id, order);
        self.remember_order(account, id, client_id);
        id
    }

    /// Changes quantity and price of a resting LIMIT order, which loses its place in the queue. A
    /// quantity that is filled already cancels the order.
    ///
    /// # Errors
    /// The order cannot be changed, or not to this.
    pub fn amend(
        &mut self,
        account: usize,
        symbol: &str,
        handle: Handle<'_>,
        wish: Amendment,
    ) -> Answer<Order> {
        let account = self.user(account)?;
        let symbol = self.symbol(symbol)?;
        let open = self.find_order(account, symbol, handle).filter(|order| order.status.is_open());
        let order = *open.ok_or(reject::NO_SUCH_ORDER)?;
        self.check_amendable(&order, wish.side)?;
        if wish.lots > 0 && wish.lots <= order.filled_lots {
            self.finish(order.id, OrderStatus::Canceled, Execution::Canceled);
            return Ok(self.orders[&order.id]);
        }
        let terms = self.amended_terms(&order, wish)?;
        self.leave_book(order.id);
        let now_ms = self.now_ms;
        let changed = self.order_mut(order.id);
        changed.terms = terms;
        changed.amendments += 1;
        changed.updated_ms = now_ms;
        self.tell_order(order.id, Execution::Amendment, None);
        self.submit(order.id);
        let amended = self.orders[&order.id];
        self.after_closes();
        Ok(amended)
    }

    fn check_amendable(&self, order: &Order, side: OrderSide) -> Answer<()> {
        if order.terms.side != side {
            return Err(reject::VenueReject::parameter("side").into());
        }
        if self.markets[order.symbol].status != super::names::SymbolStatus::Trading {
            return Err(reject::AMEND_STATUS.into());
        }
        if order.terms.order_type != OrderType::Limit {
            return Err(reject::AMEND_TYPE.into());
        }
        if order.amendments >= MOST_AMENDMENTS {
            return Err(reject::AMEND_LIMIT.into());
        }
        Ok(())
    }

    /// Checks the new terms as if the order were not there. Filled lots stay part of the quantity.
    fn amended_terms(&mut self, order: &Order, wish: Amendment) -> Answer<NewOrder> {
        let Amendment { lots, price_ticks, price_match, .. } = wish;
        let wished = NewOrder { lots, price_ticks, price_match, ..order.terms };
        if price_match == PriceMatch::None
            && (lots, price_ticks) == (order.terms.lots, order.terms.price_ticks)
        {
            return Err(reject::AMEND_SAME.into());
        }
        // The date was right when the order was placed, and is not changed here.
        let asked = NewOrder {
            lots: lots.saturating_sub(order.filled_lots),
            time_in_force: match order.terms.time_in_force {
                TimeInForce::Gtd => TimeInForce::Gtc,
                other => other,
            },
            ..wished
        };
        let grid = self.markets[order.symbol].spec.grid;
        let remaining = order.remaining();
        self.desk_mut(order.account, order.symbol).weigh(grid, order, -remaining);
        let checked = self.check_terms(order.account, order.symbol, &asked, order.filled_lots);
        self.desk_mut(order.account, order.symbol).weigh(grid, order, remaining);
        let checked = checked?;
        Ok(NewOrder { lots: checked.lots + order.filled_lots, price_ticks: checked.price_ticks, ..wished })
    }

    /// Cancels a resting order.
    ///
    /// # Errors
    /// -2011: none rests under this handle.
    pub fn cancel(&mut self, account: usize, symbol: &str, handle: Handle<'_>) -> Answer<Order> {
        let account = self.user(account)?;
        let symbol = self.symbol(symbol)?;
        let open = self.find_order(account, symbol, handle).filter(|order| order.status.is_open());
        let id = open.ok_or(reject::UNKNOWN_ORDER)?.id;
        self.finish(id, OrderStatus::Canceled, Execution::Canceled);
        Ok(self.orders[&id])
    }

    /// Cancels the resting orders of a symbol, oldest first.
    ///
    /// # Errors
    /// The symbol or the account does not exist.
    pub fn cancel_all(&mut self, account: usize, symbol: &str) -> Answer<Vec<Order>> {
        let account = self.user(account)?;
        let symbol = self.symbol(symbol)?;
        Ok(self.cancel_resting(account, symbol))
    }

    pub(super) fn cancel_resting(&mut self, account: usize, symbol: usize) -> Vec<Order> {
        let ids: Vec<u64> = self.desk(account, symbol).orders.iter().copied().collect();
        for id in &ids {
            self.finish(*id, OrderStatus::Canceled, Execution::Canceled);
        }
        ids.iter().map(|id| self.orders[id]).collect()
    }

    /// Cancels all open orders of the symbol `countdown_ms` from now unless renewed; 0 stops it.
    ///
    /// # Errors
    /// The symbol or the account does not exist, or the time is negative (-1130).
    pub fn countdown_cancel_all(&mut self, account: usize, symbol: &str, countdown_ms: i64) -> Answer<()> {
        let account = self.user(account)?;
        let symbol = self.symbol(symbol)?;
        if countdown_ms < 0 {
            return Err(reject::VenueReject::parameter("countdownTime").into());
        }
        let due = (countdown_ms > 0).then(|| self.now_ms.saturating_add(countdown_ms));
        self.desk_mut(account, symbol).countdown_ms = due;
        if let Some(due_ms) = due {
            self.at(due_ms, Timer::Countdown { account, symbol });
        }
        Ok(())
    }

    pub(super) fn end_countdown(&mut self, account: usize, symbol: usize) {
        // A renewed countdown leaves its old timer behind.
        if self.desk(account, symbol).countdown_ms != Some(self.now_ms) {
            return;
        }
        self.desk_mut(account, symbol).countdown_ms = None;
        self.cancel_resting(account, symbol);
        if self.rules.countdown_cancels_algo {
            self.cancel_waiting(account, symbol);
        }
    }

    pub(super) fn end_order(&mut self, id: u64) {
        if self.orders.get(&id).is_some_and(|order| order.status.is_open()) {
            self.finish(id, OrderStatus::Expired, Execution::Expired);
        }
    }
}

/// An id that the venue gives to an order whose owner gave none.
pub(super) fn made_up_id(prefix: &str, id: u64) -> ClientId {
    let mut text = ClientId::new();
    // At most 15 + 20 characters.
    let _ = std::fmt::Write::write_fmt(&mut text, format_args!("{prefix}{id}"));
    text
}
