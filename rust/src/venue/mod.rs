//! A deterministic USD-M futures venue: the matching core of the simulated exchange.
//!
//! A state machine without I/O, clock or randomness, in integers: ticks, lots, and cash in 1e-8 of the
//! quote currency. Time moves only by [`Venue::advance`]; every change of state is an event with a
//! number, and the ledger hash covers them all, so that two runs can be compared.
//!
//! ```text
//!  market trades, mark prices, funding ─► operator ─┐         ┌─► events ─► ledger hash
//!  users: orders, algos, settings ─► checks ────────┼─► fill ─┤
//!  time ─► timers (GTD, countdown, trigger latency) ┘         └─► position, purse, incomes
//! ```
//!
//! The counterparty of every order is the rest of the market: a synthetic book that each market trade
//! re-centres ([`depth`]). Takers walk it. Resting orders fill from market trades behind what the market
//! had in front of them, and from the book when it comes through their price. Users never meet each
//! other, and their orders do not move the last price.
//!
//! Invariants, each a property test: a wallet is the sum of its incomes; cash that changed hands equals
//! cost plus realised profit; nothing fills without liquidity; an order that only reduces never turns a
//! position round; a closePosition order closes all; liquidation comes before bankruptcy where the book
//! allows.

pub mod account;
pub mod algo;
mod algos;
mod checks;
pub mod depth;
pub mod event;
mod fill;
pub mod firing;
pub mod grid;
mod ledger;
mod liquidation;
pub mod margin;
pub mod market;
mod matching;
pub mod names;
mod operator;
pub mod order;
pub mod orders;
mod past;
pub mod position;
pub mod query;
pub mod reject;
pub mod resting;
pub mod rules;
mod settings;
pub mod symbol;
pub mod triggers;
#[expect(clippy::module_inception, reason = "the type that the module is about")]
pub mod venue;

pub use venue::Venue;
