//! The venue itself: who and what there is, time, and how things are found.

use std::collections::btree_map::OccupiedEntry;
use std::collections::{BTreeMap, HashMap};

use super::account::{Account, Desk};
use super::algo::Algo;
use super::event::{Event, EventLog, Stamped};
use super::market::Market;
use super::names::{ClientId, PositionSide, SymbolName, SymbolStatus};
use super::order::Order;
use super::reject::{self, VenueError, VenueReject};
use super::rules::VenueRules;
use super::symbol::SymbolSpec;
use crate::error::Invalid;
use crate::ids::IdMap;

/// Leverage of a symbol before it is set, where the brackets have it.
const FIRST_LEVERAGE: u32 = 20;

/// Something that falls due.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Timer {
    /// An algo order reaches the book.
    Fire(u64),
    /// A GTD order ends.
    OrderEnds(u64),
    /// A GTD algo order ends.
    AlgoEnds(u64),
    /// The countdown of a symbol ends.
    Countdown { account: usize, symbol: usize },
}

/// A deterministic USD-M futures venue. See the module for what it models.
#[derive(Debug, Clone, Default)]
pub struct Venue {
    pub(super) now_ms: i64,
    pub(super) rules: VenueRules,
    pub(super) markets: Vec<Market>,
    pub(super) accounts: Vec<Account>,
    pub(super) orders: IdMap<Order>,
    pub(super) algos: IdMap<Algo>,
    pub(super) log: EventLog,
    /// Sides that a trade left flat or turned round, for the end of the call.
    pub(super) closed: Vec<(usize, usize, PositionSide)>,
    symbol_of: HashMap<String, usize>,
    timers: BTreeMap<(i64, u64), Timer>,
    last_timer: u64,
    last_order_id: u64,
    last_algo_id: u64,
    last_income_id: u64,
}

/// How an order is named in a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Handle<'a> {
    /// The venue's id.
    Id(u64),
    /// The user's id.
    Client(&'a str),
}

impl Venue {
    /// An empty venue.
    ///
    /// # Errors
    /// `now_ms` or the latency is negative, or less than 100 records are kept.
    pub fn new(now_ms: i64, rules: VenueRules) -> Result<Self, Invalid> {
        if now_ms < 0 {
            return Err(Invalid::new("now_ms", now_ms, "0 or more"));
        }
        if rules.history < 100 {
            return Err(Invalid::new("history", rules.history, "100 or more"));
        }
        let mut venue = Self { now_ms, rules, ..Self::default() };
        venue.set_trigger_latency(rules.trigger_latency_ms)?;
        Ok(venue)
    }

    /// Lists a symbol.
    ///
    /// # Errors
    /// Its name is empty or taken.
    pub fn add_symbol(&mut self, spec: SymbolSpec, status: SymbolStatus) -> Result<(), Invalid> {
        let name = spec.name.to_string();
        if name.is_empty() || self.symbol_of.contains_key(&name) {
            return Err(Invalid::new("symbol", format!("{name:?}"), "a new name of 1 to 32 bytes"));
        }
        let desk = Desk::new(FIRST_LEVERAGE.min(spec.brackets.max_leverage()));
        self.symbol_of.insert(name, self.markets.len());
        self.markets.push(Market::new(spec, status));
        for account in &mut self.accounts {
            account.desks.push(desk.clone());
        }
        Ok(())
    }

    /// Opens an account and gives its number.
    ///
    /// # Errors
    /// A fee is beyond 10 %.
    pub fn add_account(&mut self, maker_fee_ppm: i64, taker_fee_ppm: i64) -> Result<usize, Invalid> {
        check_fees(maker_fee_ppm, taker_fee_ppm)?;
        let mut account = Account::new(maker_fee_ppm, taker_fee_ppm);
        account.desks = self
            .markets
            .iter()
            .map(|market| Desk::new(FIRST_LEVERAGE.min(market.spec.brackets.max_leverage())))
            .collect();
        self.accounts.push(account);
        Ok(self.accounts.len() - 1)
    }

    /// Time of the venue.
    #[must_use]
    pub const fn now_ms(&self) -> i64 {
        self.now_ms
    }

    /// Name of a symbol by its number.
    #[must_use]
    pub fn symbol_name(&self, symbol: usize) -> SymbolName {
        self.markets[symbol].spec.name
    }

    /// What happened since the last call, in order.
    pub fn drain(&mut self) -> Vec<Stamped> {
        self.log.drain()
    }

    /// A hash over every change of cash, positions, fills and orders so far.
    #[must_use]
    pub const fn ledger_hash(&self) -> u128 {
        self.log.hash()
    }

    /// Moves time forward and does what falls due on the way, in order of time.
    ///
    /// # Errors
    /// `now_ms` lies before the venue's time.
    pub fn advance(&mut self, now_ms: i64) -> Result<(), Invalid> {
        if now_ms < self.now_ms {
            return Err(Invalid::new("now_ms", now_ms, format!("{} or later", self.now_ms)));
        }
        while let Some(((due_ms, _), timer)) = self.pop_due(now_ms) {
            self.now_ms = self.now_ms.max(due_ms);
            self.ring(timer);
        }
        self.now_ms = now_ms;
        Ok(())
    }

    /// When `advance` will next have something to do.
    #[must_use]
    pub fn next_due_ms(&self) -> Option<i64> {
        self.timers.first_key_value().map(|((due_ms, _), _)| *due_ms)
    }

    fn pop_due(&mut self, now_ms: i64) -> Option<((i64, u64), Timer)> {
        let due = self.timers.first_entry().filter(|entry| entry.key().0 <= now_ms);
        due.map(OccupiedEntry::remove_entry)
    }

    fn ring(&mut self, timer: Timer) {
        match timer {
            Timer::Fire(id) => self.fire(id),
            Timer::OrderEnds(id) => self.end_order(id),
            Timer::AlgoEnds(id) => self.end_algo(id),
            Timer::Countdown { account, symbol } => self.end_countdown(account, symbol),
        }
        self.after_closes();
    }

    pub(super) fn at(&mut self, due_ms: i64, timer: Timer) {
        self.last_timer += 1;
        self.timers.insert((due_ms, self.last_timer), timer);
    }

    pub(super) fn emit(&mut self, account: usize, event: Event) {
        self.log.push(self.now_ms, account, event);
    }

    pub(super) fn next_order_id(&mut self) -> u64 {
        self.last_order_id += 1;
        self.last_order_id
    }

    pub(super) fn next_algo_id(&mut self) -> u64 {
        self.last_algo_id += 1;
        self.last_algo_id
    }

    pub(super) fn next_income_id(&mut self) -> u64 {
        self.last_income_id += 1;
        self.last_income_id
    }

    /// The number of a symbol that a user named.
    pub(super) fn symbol(&self, name: &str) -> Result<usize, VenueReject> {
        self.symbol_of.get(name).copied().ok_or(reject::BAD_SYMBOL)
    }

    /// The number of a symbol that a driver named.
    pub(super) fn listed(&self, name: &str) -> Result<usize, Invalid> {
        let unknown = || Invalid::new("symbol", format!("{name:?}"), "a listed symbol");
        self.symbol_of.get(name).copied().ok_or_else(unknown)
    }

    /// The same number, if it is one.
    pub(super) fn user(&self, account: usize) -> Result<usize, Invalid> {
        let allowed = "a number that add_account gave";
        if account < self.accounts.len() {
            Ok(account)
        } else {
            Err(Invalid::new("account", account, allowed))
        }
    }

    pub(super) fn desk(&self, account: usize, symbol: usize) -> &Desk {
        &self.accounts[account].desks[symbol]
    }

    pub(super) fn desk_mut(&mut self, account: usize, symbol: usize) -> &mut Desk {
        let account = &mut self.accounts[account];
        account.touched.insert(symbol);
        &mut account.desks[symbol]
    }

    pub(super) fn order_mut(&mut self, id: u64) -> &mut Order {
        self.orders.get_mut(&id).expect("Invariant: an order is kept while anything refers to it")
    }

    pub(super) fn algo_mut(&mut self, id: u64) -> &mut Algo {
        self.algos.get_mut(&id).expect("Invariant: an algo order is kept while anything refers to it")
    }

    /// The order of an account in a symbol that a request names.
    pub(super) fn find_order(&self, account: usize, symbol: usize, handle: Handle<'_>) -> Option<&Order> {
        let id = match handle {
            Handle::Id(id) => id,
            Handle::Client(text) => *self.accounts[account].order_of.get(&ClientId::from(text).ok()?)?,
        };
        self.orders.get(&id).filter(|order| order.account == account && order.symbol == symbol)
    }

    /// The algo order of an account that a request names.
    pub(super) fn find_algo(&self, account: usize, handle: Handle<'_>) -> Option<&Algo> {
        let id = match handle {
            Handle::Id(id) => id,
            Handle::Client(text) => *self.accounts[account].algo_of.get(&ClientId::from(text).ok()?)?,
        };
        self.algos.get(&id).filter(|algo| algo.account == account)
    }
}

/// The shared check of fee rates.
pub(super) fn check_fees(maker_fee_ppm: i64, taker_fee_ppm: i64) -> Result<(), Invalid> {
    for (field, fee) in [("maker_fee_ppm", maker_fee_ppm), ("taker_fee_ppm", taker_fee_ppm)] {
        if !(-100_000..=100_000).contains(&fee) {
            return Err(Invalid::new(field, fee, "-100_000 to 100_000"));
        }
    }
    Ok(())
}

/// One of two results, as a call of the venue gives it.
pub type Answer<T> = Result<T, VenueError>;
