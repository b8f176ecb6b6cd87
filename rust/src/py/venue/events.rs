//! What the venue tells, as Python sees it. The parts of an event are made when they are asked for.

use pyo3::prelude::*;

use super::records::{VenueAlgo, VenueFill, VenueHolding, VenueOrder};
use super::words::{E8, Text};
use crate::venue::account::Holding;
use crate::venue::algo::Algo;
use crate::venue::event::{Event, Shown, Stamped};
use crate::venue::names::{AccountReason, Execution, SymbolName};
use crate::venue::order::{Fill, Order};

#[pyclass(frozen, module = "quantum_exit._core")]
pub struct VenueTradeLite {
    #[pyo3(get)]
    seq: u64,
    #[pyo3(get)]
    ts_ms: i64,
    #[pyo3(get)]
    account: usize,
    fill: Fill,
    order: Order,
}

#[pymethods]
impl VenueTradeLite {
    #[getter]
    fn fill(&self) -> VenueFill {
        self.fill.into()
    }

    #[getter]
    fn order(&self) -> VenueOrder {
        self.order.into()
    }
}

#[pyclass(frozen, module = "quantum_exit._core")]
pub struct VenueOrderUpdate {
    #[pyo3(get)]
    seq: u64,
    #[pyo3(get)]
    ts_ms: i64,
    #[pyo3(get)]
    account: usize,
    #[pyo3(get)]
    execution: Execution,
    #[pyo3(get)]
    bid_notional_e8: E8,
    #[pyo3(get)]
    ask_notional_e8: E8,
    shown: Shown,
    order: Order,
    fill: Option<Fill>,
}

#[pymethods]
impl VenueOrderUpdate {
    #[getter]
    fn status(&self) -> &'static str {
        self.shown.name()
    }

    #[getter]
    fn order(&self) -> VenueOrder {
        self.order.into()
    }

    #[getter]
    fn fill(&self) -> Option<VenueFill> {
        self.fill.map(Into::into)
    }
}

#[pyclass(frozen, module = "quantum_exit._core")]
pub struct VenueAccountUpdate {
    #[pyo3(get)]
    seq: u64,
    #[pyo3(get)]
    ts_ms: i64,
    #[pyo3(get)]
    account: usize,
    #[pyo3(get)]
    reason: AccountReason,
    #[pyo3(get)]
    wallet_e8: E8,
    #[pyo3(get)]
    cross_wallet_e8: E8,
    #[pyo3(get)]
    change_e8: E8,
    holdings: Vec<Holding>,
}

#[pymethods]
impl VenueAccountUpdate {
    #[getter]
    fn holdings(&self) -> Vec<VenueHolding> {
        self.holdings.iter().copied().map(Into::into).collect()
    }
}

#[pyclass(frozen, module = "quantum_exit._core")]
pub struct VenueAlgoUpdate {
    #[pyo3(get)]
    seq: u64,
    #[pyo3(get)]
    ts_ms: i64,
    #[pyo3(get)]
    account: usize,
    algo: Algo,
}

#[pymethods]
impl VenueAlgoUpdate {
    #[getter]
    fn algo(&self) -> VenueAlgo {
        self.algo.into()
    }
}

#[pyclass(frozen, get_all, module = "quantum_exit._core")]
pub struct VenueConfigUpdate {
    seq: u64,
    ts_ms: i64,
    account: usize,
    symbol: Text<32>,
    leverage: u32,
}

#[pyclass(frozen, module = "quantum_exit._core")]
pub struct VenueMarginCall {
    #[pyo3(get)]
    seq: u64,
    #[pyo3(get)]
    ts_ms: i64,
    #[pyo3(get)]
    account: usize,
    #[pyo3(get)]
    cross_wallet_e8: E8,
    holdings: Vec<Holding>,
}

#[pymethods]
impl VenueMarginCall {
    #[getter]
    fn holdings(&self) -> Vec<VenueHolding> {
        self.holdings.iter().copied().map(Into::into).collect()
    }
}

#[derive(IntoPyObject)]
pub enum AnyEvent {
    TradeLite(VenueTradeLite),
    Order(VenueOrderUpdate),
    Account(VenueAccountUpdate),
    Algo(VenueAlgoUpdate),
    Config(VenueConfigUpdate),
    MarginCall(VenueMarginCall),
}

impl AnyEvent {
    pub fn new(stamped: Stamped, name_of: impl Fn(usize) -> SymbolName) -> Self {
        let Stamped { seq, ts_ms, account, event } = stamped;
        match event {
            Event::TradeLite { fill, order } => {
                Self::TradeLite(VenueTradeLite { seq, ts_ms, account, fill, order })
            }
            Event::Order { execution, shown, order, fill, bid_notional_e8, ask_notional_e8 } => {
                let (bid_notional_e8, ask_notional_e8) = (E8(bid_notional_e8), E8(ask_notional_e8));
                Self::Order(VenueOrderUpdate {
                    seq,
                    ts_ms,
                    account,
                    execution,
                    bid_notional_e8,
                    ask_notional_e8,
                    shown,
                    order,
                    fill,
                })
            }
            Event::Account { reason, wallet_e8, cross_wallet_e8, change_e8, holdings } => {
                let (wallet_e8, cross_wallet_e8) = (E8(wallet_e8), E8(cross_wallet_e8));
                let change_e8 = E8(change_e8);
                Self::Account(VenueAccountUpdate {
                    seq,
                    ts_ms,
                    account,
                    reason,
                    wallet_e8,
                    cross_wallet_e8,
                    change_e8,
                    holdings,
                })
            }
            Event::Algo(algo) => Self::Algo(VenueAlgoUpdate { seq, ts_ms, account, algo }),
            Event::Leverage { symbol, leverage } => {
                let symbol = Text(name_of(symbol));
                Self::Config(VenueConfigUpdate { seq, ts_ms, account, symbol, leverage })
            }
            Event::MarginCall { cross_wallet_e8, holdings } => {
                let cross_wallet_e8 = E8(cross_wallet_e8);
                Self::MarginCall(VenueMarginCall { seq, ts_ms, account, cross_wallet_e8, holdings })
            }
        }
    }
}
