//! Replay for Python.

use std::collections::HashSet;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use numpy::{IntoPyArray, PyReadonlyArray1};
use pyo3::exceptions::{PyRuntimeError, PyTypeError};
use pyo3::prelude::*;

use super::convert;
use super::instrument::PyInstrument;
use super::plan::PyExitPlan;
use super::rules::{PyLeg, PyRatchet, PyTimeStop, PyTrailing, shape};
use super::tables::{StopRow, TradeRow, to_array};
use crate::error::Invalid;
use crate::event::{EventRow, NO_POSITION};
use crate::instrument::Instrument;
use crate::replay::{Entry, EntryPlan, StopRule, SymbolOutcome, SymbolReplay};
use crate::trade::Fees;
use crate::units::Ns;

/// Adds this file's classes to `m`.
pub fn register(m: &Bound<'_, PyModule>) -> PyResult<()> {
    m.add_class::<Replay>()?;
    m.add_class::<Outcome>()
}

struct Running {
    replay: SymbolReplay,
    ids: HashSet<u64>,
}

/// Replays the ticks of one symbol through any number of positions.
#[pyclass(frozen, module = "quantum_exit._core")]
pub struct Replay {
    instrument: Arc<Instrument>,
    fees: Fees,
    /// `None` when it is finished.
    running: Mutex<Option<Running>>,
}

impl Replay {
    fn running(&self) -> MutexGuard<'_, Option<Running>> {
        self.running.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn push(&self, position_id: u64, entry_ns: i64, plan: EntryPlan) -> PyResult<()> {
        let mut running = self.running();
        let Running { replay, ids } = running.as_mut().ok_or_else(finished)?;
        if position_id == NO_POSITION || ids.contains(&position_id) {
            let allowed = "an id that no other position of this replay has, below 2^64 - 1";
            return Err(Invalid::new("position_id", position_id, allowed).into());
        }
        replay.add(Entry { position_id, entry_ns: Ns(entry_ns), plan })?;
        ids.insert(position_id);
        Ok(())
    }
}

fn finished() -> PyErr {
    PyRuntimeError::new_err("the replay is finished")
}

/// Checks that `plan` was made for `instrument`.
pub fn same_instrument(plan: &PyExitPlan, instrument: &Instrument) -> PyResult<()> {
    if *plan.instrument == *instrument {
        return Ok(());
    }
    let allowed = format!("{}, with the grid and minimums of the ticks", instrument.symbol());
    Err(Invalid::new("plan.instrument", plan.instrument.symbol(), allowed).into())
}

/// Both columns as slices of equal length.
pub fn columns<'a>(
    ts_ns: &'a PyReadonlyArray1<'_, i64>,
    price: &'a PyReadonlyArray1<'_, f64>,
) -> PyResult<(&'a [i64], &'a [f64])> {
    let contiguous = |_| PyTypeError::new_err("ts_ns and price must be contiguous arrays");
    let (ts_ns, price) = (ts_ns.as_slice().map_err(contiguous)?, price.as_slice().map_err(contiguous)?);
    if ts_ns.len() != price.len() {
        let allowed = format!("{}, the length of ts_ns", ts_ns.len());
        return Err(Invalid::new("len(price)", price.len(), allowed).into());
    }
    Ok((ts_ns, price))
}

#[pymethods]
impl Replay {
    #[new]
    #[pyo3(signature = (
        instrument, *, limit_fill="through", slippage_ticks=0, max_jump_frac=None,
        taker_fee_frac=0.0004, maker_fee_frac=0.0002, record_stop_path=false, strategy="auto"
    ))]
    #[allow(clippy::too_many_arguments, reason = "keyword-only in Python")]
    fn new(
        instrument: &PyInstrument,
        limit_fill: &str,
        slippage_ticks: i64,
        max_jump_frac: Option<&Bound<'_, PyAny>>,
        taker_fee_frac: f64,
        maker_fee_frac: f64,
        record_stop_path: bool,
        strategy: &str,
    ) -> PyResult<Self> {
        let replay = SymbolReplay::new(
            (*instrument.core).clone(),
            convert::fill_rules(limit_fill, slippage_ticks)?,
            convert::strategy(strategy)?,
            convert::max_jump(max_jump_frac)?,
            record_stop_path,
            Vec::new(),
        );
        Ok(Self {
            instrument: Arc::clone(&instrument.core),
            fees: convert::fees(taker_fee_frac, maker_fee_frac)?,
            running: Mutex::new(Some(Running { replay, ids: HashSet::new() })),
        })
    }

    fn add(&self, position_id: u64, entry_ns: i64, plan: &PyExitPlan) -> PyResult<()> {
        same_instrument(plan, &self.instrument)?;
        self.push(position_id, entry_ns, EntryPlan::Fixed(Box::new(plan.core.clone())))
    }

    #[pyo3(
        signature = (
            position_id, entry_ns, *, side, quantity, stop_price=None, stop_frac=None,
            legs=Vec::new(), trailing=None, ratchet=None, max_hold_ns=None, time_stop=None
        ),
        text_signature = "($self, position_id, entry_ns, *, side, quantity, stop_price=None, \
            stop_frac=None, legs=(), trailing=None, ratchet=None, max_hold_ns=None, time_stop=None)"
    )]
    #[allow(clippy::too_many_arguments, reason = "keyword-only in Python")]
    #[allow(clippy::needless_pass_by_value, reason = "pyo3 hands out owned sequences")]
    fn add_at_market(
        &self,
        position_id: u64,
        entry_ns: i64,
        side: &str,
        quantity: &Bound<'_, PyAny>,
        stop_price: Option<&Bound<'_, PyAny>>,
        stop_frac: Option<&Bound<'_, PyAny>>,
        legs: Vec<PyRef<'_, PyLeg>>,
        trailing: Option<&PyTrailing>,
        ratchet: Option<&PyRatchet>,
        max_hold_ns: Option<i64>,
        time_stop: Option<&PyTimeStop>,
    ) -> PyResult<()> {
        let stop = match (stop_price, stop_frac) {
            (Some(price), None) => StopRule::Price(convert::decimal("stop_price", price)?),
            (None, Some(frac)) => StopRule::FracPpm(convert::ppm("stop_frac", frac)?),
            _ => {
                let allowed = "exactly one of stop_price and stop_frac";
                return Err(Invalid::new("stop_price, stop_frac", "both or none", allowed).into());
            }
        };
        let instrument = &self.instrument;
        let spec = shape(instrument, side, quantity, &legs, trailing, ratchet, max_hold_ns, time_stop)?;
        self.push(position_id, entry_ns, EntryPlan::AtMarket { spec: Box::new(spec), stop })
    }

    #[pyo3(signature = (ts_ns, price, /))]
    #[allow(clippy::needless_pass_by_value, reason = "pyo3 hands out the borrow of an array")]
    fn feed(
        &self,
        py: Python<'_>,
        ts_ns: PyReadonlyArray1<'_, i64>,
        price: PyReadonlyArray1<'_, f64>,
    ) -> PyResult<()> {
        let (ts_ns, price) = columns(&ts_ns, &price)?;
        py.detach(|| {
            let mut running = self.running();
            let Running { replay, .. } = running.as_mut().ok_or_else(finished)?;
            Ok(replay.feed(ts_ns, price)?)
        })
    }

    #[pyo3(signature = (ts_ns, price, mark_ts_ns, mark_price, /))]
    #[allow(clippy::needless_pass_by_value, reason = "pyo3 hands out the borrow of an array")]
    fn run_with_mark(
        &self,
        py: Python<'_>,
        ts_ns: PyReadonlyArray1<'_, i64>,
        price: PyReadonlyArray1<'_, f64>,
        mark_ts_ns: PyReadonlyArray1<'_, i64>,
        mark_price: PyReadonlyArray1<'_, f64>,
    ) -> PyResult<Outcome> {
        let last = columns(&ts_ns, &price)?;
        let mark = columns(&mark_ts_ns, &mark_price)?;
        let Running { replay, .. } = self.running().take().ok_or_else(finished)?;
        if replay.offered() > 0 {
            return Err(PyRuntimeError::new_err("the mark price comes with all ticks at once"));
        }
        let outcome = py.detach(|| replay.run_with_mark(last, mark))?;
        self.tables(py, outcome)
    }

    #[getter]
    fn ticks(&self) -> u64 {
        self.running().as_ref().map_or(0, |running| running.replay.offered())
    }

    #[getter]
    fn open_positions(&self) -> usize {
        self.running().as_ref().map_or(0, |running| running.replay.unfinished())
    }

    fn finish(&self, py: Python<'_>) -> PyResult<Outcome> {
        let Running { replay, .. } = self.running().take().ok_or_else(finished)?;
        let outcome = py.detach(|| replay.finish());
        self.tables(py, outcome)
    }
}

impl Replay {
    fn tables(&self, py: Python<'_>, outcome: SymbolOutcome) -> PyResult<Outcome> {
        let (instrument, fees) = (&self.instrument, self.fees);
        let event_ticks: Vec<u64> = outcome.events.iter().map(|(tick, _)| *tick).collect();
        let events: Vec<EventRow> =
            outcome.events.iter().map(|(_, event)| event.to_row(instrument)).collect();
        let trades: Vec<TradeRow> =
            outcome.trades.iter().map(|trade| TradeRow::new(trade, instrument, fees)).collect();
        let stop_path: Vec<StopRow> = outcome.stop_path.iter().map(StopRow::from).collect();
        Ok(Outcome {
            events: to_array(py, &events)?.unbind(),
            event_ticks: event_ticks.into_pyarray(py).into_any().unbind(),
            trades: to_array(py, &trades)?.unbind(),
            stop_path: to_array(py, &stop_path)?.unbind(),
            ticks: outcome.ticks,
            refused: outcome.refused,
            unopened: outcome.unopened,
        })
    }
}

/// What a replay of one symbol gives.
#[pyclass(frozen, get_all, module = "quantum_exit._core")]
pub struct Outcome {
    events: Py<PyAny>,
    event_ticks: Py<PyAny>,
    trades: Py<PyAny>,
    stop_path: Py<PyAny>,
    ticks: u64,
    refused: u64,
    unopened: Vec<u64>,
}
