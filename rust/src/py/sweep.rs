//! Ticks with their index, and sweeps over them, for Python.

use std::sync::Arc;

use numpy::{PyArray1, PyArrayMethods};
use pyo3::prelude::*;

use super::convert;
use super::instrument::PyInstrument;
use super::plan::PyExitPlan;
use super::replay::{columns, same_instrument};
use super::tables::{TradeRow, to_array};
use crate::error::Invalid;
use crate::instrument::Instrument;
use crate::plan::ExitPlan;
use crate::pyramid::Pyramid;
use crate::screen::Screener;
use crate::simd::Kernels;
use crate::sweep::{SweepOptions, sweep};
use crate::units::Ns;
use crate::walk::CleanTicks;

/// Adds this file's class to `m`.
pub fn register(m: &Bound<'_, PyModule>) -> PyResult<()> {
    m.add_class::<TickIndex>()
}

/// Where the ticks lie.
enum Columns {
    /// In the arrays of the caller, which every tick passed.
    Borrowed { ts_ns: Py<PyArray1<i64>>, price: Py<PyArray1<f64>> },
    /// Here, without those that were refused.
    Owned { ts_ns: Vec<i64>, price: Vec<f64> },
}

/// The ticks of one symbol with the index that lets a replay jump to its next event.
#[pyclass(frozen, module = "quantum_exit._core")]
struct TickIndex {
    instrument: Arc<Instrument>,
    columns: Columns,
    pyramid: Pyramid,
    length: usize,
    first_ns: i64,
    refused: usize,
}

impl TickIndex {
    /// Runs `work` on the ticks, without the interpreter.
    fn with_ticks<T: Send>(
        &self,
        py: Python<'_>,
        work: impl FnOnce(CleanTicks<'_>) -> T + Send,
    ) -> PyResult<T> {
        let tick_size = self.instrument.tick_size().to_f64();
        match &self.columns {
            Columns::Owned { ts_ns, price } => {
                Ok(py.detach(|| work(CleanTicks::new(ts_ns, price, tick_size))))
            }
            Columns::Borrowed { ts_ns, price } => {
                let (ts_ns, price) = (ts_ns.bind(py).readonly(), price.bind(py).readonly());
                let (ts_ns, price) = columns(&ts_ns, &price)?;
                Ok(py.detach(|| work(CleanTicks::new(ts_ns, price, tick_size))))
            }
        }
    }
}

#[pymethods]
impl TickIndex {
    #[new]
    fn new(
        py: Python<'_>,
        instrument: &PyInstrument,
        ts_ns: &Bound<'_, PyArray1<i64>>,
        price: &Bound<'_, PyArray1<f64>>,
    ) -> PyResult<Self> {
        let instrument = Arc::clone(&instrument.core);
        let (pyramid, owned, length, first_ns, refused) = {
            let (ts_ns, price) = (ts_ns.readonly(), price.readonly());
            let (ts_ns, price) = columns(&ts_ns, &price)?;
            py.detach(|| {
                let screened = Screener::new(None).screen(ts_ns, price, &instrument)?;
                let ticks = screened.ticks();
                let clean = screened.refused.is_empty();
                let owned = (!clean).then(|| (ticks.ts_ns().to_vec(), ticks.price().to_vec()));
                let pyramid = Pyramid::new(ticks.price(), Kernels::best());
                let first_ns = ticks.ts_ns().first().copied().unwrap_or(0);
                PyResult::Ok((pyramid, owned, ticks.len(), first_ns, screened.refused.len()))
            })?
        };
        let columns = match owned {
            Some((ts_ns, price)) => Columns::Owned { ts_ns, price },
            None => Columns::Borrowed { ts_ns: ts_ns.clone().unbind(), price: price.clone().unbind() },
        };
        Ok(Self { instrument, columns, pyramid, length, first_ns, refused })
    }

    fn __len__(&self) -> usize {
        self.length
    }

    #[getter]
    fn index_bytes(&self) -> usize {
        self.pyramid.bytes()
    }

    #[getter]
    fn refused(&self) -> usize {
        self.refused
    }

    #[pyo3(signature = (
        plans, entry_ns=None, *, limit_fill="through", slippage_ticks=0, taker_fee_frac=0.0004,
        maker_fee_frac=0.0002, threads=1
    ))]
    #[allow(clippy::too_many_arguments, reason = "keyword-only in Python")]
    #[allow(clippy::needless_pass_by_value, reason = "pyo3 hands out owned sequences")]
    fn sweep<'py>(
        &self,
        py: Python<'py>,
        plans: Vec<PyRef<'py, PyExitPlan>>,
        entry_ns: Option<Vec<i64>>,
        limit_fill: &str,
        slippage_ticks: i64,
        taker_fee_frac: f64,
        maker_fee_frac: f64,
        threads: usize,
    ) -> PyResult<Bound<'py, PyAny>> {
        let rules = convert::fill_rules(limit_fill, slippage_ticks)?;
        let fees = convert::fees(taker_fee_frac, maker_fee_frac)?;
        if threads == 0 {
            return Err(Invalid::new("threads", 0, "1 or more").into());
        }
        let options = SweepOptions { rules, threads };
        let entry_ns = entry_ns.unwrap_or_else(|| vec![self.first_ns; plans.len()]);
        if entry_ns.len() != plans.len() {
            let allowed = format!("{}, one a plan", plans.len());
            return Err(Invalid::new("len(entry_ns)", entry_ns.len(), allowed).into());
        }
        let mut jobs: Vec<(ExitPlan, Ns)> = Vec::with_capacity(plans.len());
        for (plan, entry_ns) in plans.iter().zip(entry_ns) {
            same_instrument(plan, &self.instrument)?;
            jobs.push((plan.core.clone(), Ns(entry_ns)));
        }
        let rows = self.with_ticks(py, |ticks| {
            let trades = sweep(ticks, &self.pyramid, &jobs, &self.instrument, options);
            trades.iter().map(|trade| TradeRow::new(trade, &self.instrument, fees)).collect::<Vec<_>>()
        })?;
        to_array(py, &rows)
    }
}
