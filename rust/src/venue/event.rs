//! What the venue tells: numbered events, and a hash over all of them.

use super::account::Holding;
use super::algo::Algo;
use super::grid::Cash;
use super::ledger::Ledger;
use super::names::{AccountReason, Execution, OrderStatus};
use super::order::{Fill, Order};

/// The status that an order update shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shown {
    /// That of the order.
    Status(OrderStatus),
    /// The insurance fund took it over.
    Insurance,
    /// Auto-deleveraging.
    Adl,
}

impl Shown {
    /// As the exchange writes it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Status(status) => status.name(),
            Self::Insurance => "NEW_INSURANCE",
            Self::Adl => "NEW_ADL",
        }
    }
}

/// One thing that happened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Event {
    /// A fill, told first.
    TradeLite {
        /// The trade.
        fill: Fill,
        /// Its order.
        order: Order,
    },
    /// An order changed.
    Order {
        /// How.
        execution: Execution,
        /// What it shows.
        shown: Shown,
        /// As it is now.
        order: Order,
        /// The trade, if one.
        fill: Option<Fill>,
        /// Notional of the open BUY orders of the account in the symbol.
        bid_notional_e8: Cash,
        /// Notional of the open SELL orders of the account in the symbol.
        ask_notional_e8: Cash,
    },
    /// A purse or a position changed.
    Account {
        /// Why.
        reason: AccountReason,
        /// All cash.
        wallet_e8: Cash,
        /// Cash that is not set aside.
        cross_wallet_e8: Cash,
        /// Change of the cash other than by profit and commission.
        change_e8: Cash,
        /// The sides that changed.
        holdings: Vec<Holding>,
    },
    /// An algo order changed.
    Algo(Algo),
    /// The leverage of a symbol changed.
    Leverage {
        /// Number of the symbol.
        symbol: usize,
        /// The new one.
        leverage: u32,
    },
    /// The margin of these positions is nearly used up.
    MarginCall {
        /// Cash that is not set aside.
        cross_wallet_e8: Cash,
        /// The positions.
        holdings: Vec<Holding>,
    },
}

/// An event with its number, time and account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stamped {
    /// Rising by one.
    pub seq: u64,
    /// Time of the venue.
    pub ts_ms: i64,
    /// Whom it concerns.
    pub account: usize,
    /// What happened.
    pub event: Event,
}

/// The events since the last drain, and the hash over all events ever.
#[derive(Debug, Clone, Default)]
pub struct EventLog {
    next_seq: u64,
    waiting: Vec<Stamped>,
    ledger: Ledger,
}

impl EventLog {
    /// Appends an event.
    pub fn push(&mut self, ts_ms: i64, account: usize, event: Event) {
        let stamped = Stamped { seq: self.next_seq, ts_ms, account, event };
        self.next_seq += 1;
        self.ledger.absorb(&stamped);
        self.waiting.push(stamped);
    }

    /// The events since the last call.
    pub fn drain(&mut self) -> Vec<Stamped> {
        std::mem::take(&mut self.waiting)
    }

    /// The hash over all events.
    #[must_use]
    pub const fn hash(&self) -> u128 {
        self.ledger.value()
    }
}
