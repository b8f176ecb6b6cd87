//! Exit plans for Python.

use std::sync::Arc;

use pyo3::prelude::*;

use super::convert;
use super::instrument::PyInstrument;
use super::rules::{PyLeg, PyRatchet, PyTimeStop, PyTrailing, frac, kind_name, shape};
use crate::instrument::Instrument;
use crate::ladder::Item;
use crate::plan::{ExitPlan, PlanSpec, TrailScope};

/// Adds this file's classes to `m`.
pub fn register(m: &Bound<'_, PyModule>) -> PyResult<()> {
    m.add_class::<PyExitPlan>()
}

/// A checked exit plan.
#[pyclass(frozen, name = "ExitPlan", module = "quantum_exit._core")]
pub struct PyExitPlan {
    pub core: ExitPlan,
    pub instrument: Arc<Instrument>,
}

#[pymethods]
impl PyExitPlan {
    #[new]
    #[pyo3(
        signature = (
            instrument, *, side, entry_price, quantity, stop_price, legs=Vec::new(), trailing=None,
            ratchet=None, max_hold_ns=None, time_stop=None, stop_source="LAST", leg_source="LAST"
        ),
        text_signature = "(instrument, *, side, entry_price, quantity, stop_price, legs=(), \
            trailing=None, ratchet=None, max_hold_ns=None, time_stop=None, stop_source='LAST', \
            leg_source='LAST')"
    )]
    #[allow(clippy::too_many_arguments, reason = "keyword-only in Python")]
    #[allow(clippy::needless_pass_by_value, reason = "pyo3 hands out owned sequences")]
    fn new(
        instrument: &PyInstrument,
        side: &str,
        entry_price: &Bound<'_, PyAny>,
        quantity: &Bound<'_, PyAny>,
        stop_price: &Bound<'_, PyAny>,
        legs: Vec<PyRef<'_, PyLeg>>,
        trailing: Option<&PyTrailing>,
        ratchet: Option<&PyRatchet>,
        max_hold_ns: Option<i64>,
        time_stop: Option<&PyTimeStop>,
        stop_source: &str,
        leg_source: &str,
    ) -> PyResult<Self> {
        let instrument = Arc::clone(&instrument.core);
        let spec = PlanSpec {
            entry_price: convert::decimal("entry_price", entry_price)?,
            stop_price: convert::decimal("stop_price", stop_price)?,
            stop_source: convert::source("stop_source", stop_source)?,
            leg_source: convert::source("leg_source", leg_source)?,
            ..shape(&instrument, side, quantity, &legs, trailing, ratchet, max_hold_ns, time_stop)?
        };
        Ok(Self { core: ExitPlan::new(&instrument, &spec)?, instrument })
    }

    #[getter]
    fn instrument(&self) -> PyInstrument {
        PyInstrument { core: Arc::clone(&self.instrument) }
    }

    #[getter]
    fn side(&self) -> &'static str {
        self.core.side().name()
    }

    #[getter]
    fn entry_price(&self) -> f64 {
        self.core.entry_price().to_f64()
    }

    #[getter]
    fn quantity(&self) -> f64 {
        self.instrument.qty_f64(self.core.quantity())
    }

    #[getter]
    fn stop_price(&self) -> f64 {
        self.instrument.price_f64(self.core.stop())
    }

    #[getter]
    fn r_price(&self) -> f64 {
        self.core.r_ticks().to_f64() * self.instrument.tick_size().to_f64()
    }

    #[getter]
    fn levels(&self) -> Vec<(u8, f64, f64, &'static str)> {
        let level = |leg: &crate::plan::Leg| {
            let price = self.instrument.price_f64(self.core.level_price(leg));
            (leg.index, price, self.instrument.qty_f64(leg.lots), kind_name(leg.kind))
        };
        self.core.legs().iter().map(level).collect()
    }

    #[getter]
    fn remainder(&self) -> f64 {
        self.instrument.qty_f64(self.core.remainder())
    }

    #[getter]
    fn trail_scope(&self) -> Option<&'static str> {
        self.core.trail_scope().map(|scope| match scope {
            TrailScope::Leg => "LEG",
            TrailScope::Remaining => "REMAINING",
        })
    }

    #[getter]
    fn activation_price(&self) -> Option<f64> {
        self.core.activation().map(|price| self.instrument.price_f64(price))
    }

    #[getter]
    fn tightening(&self) -> Vec<(f64, f64)> {
        let step = |(from, ppm)| (self.instrument.price_f64(from), frac(ppm));
        self.core.trail_steps().map(step).collect()
    }

    #[getter]
    fn break_even_price(&self) -> f64 {
        self.instrument.price_f64(self.core.break_even())
    }

    #[getter]
    fn break_even_at_price(&self) -> Option<f64> {
        self.core.break_even_at().map(|price| self.instrument.price_f64(price))
    }

    #[getter]
    fn time_stop(&self) -> Option<(i64, f64)> {
        self.core.time_stop().map(|(after, under)| (after.0, self.instrument.price_f64(under)))
    }

    #[getter]
    fn max_hold_ns(&self) -> Option<i64> {
        self.core.max_hold().map(|hold| hold.0)
    }

    #[getter]
    fn merges(&self) -> Vec<(String, String, f64)> {
        let name = |item| match item {
            Item::Leg(index) => format!("leg {index}"),
            Item::Remainder => "remainder".to_owned(),
        };
        let merges = self.core.merges().iter();
        merges
            .map(|merge| (name(merge.from), name(merge.into), self.instrument.qty_f64(merge.lots)))
            .collect()
    }

    fn __repr__(&self) -> String {
        format!(
            "<ExitPlan {} {} {} at {}, stop {}, {} legs>",
            self.side(),
            self.quantity(),
            self.instrument.symbol(),
            self.entry_price(),
            self.stop_price(),
            self.core.legs().len()
        )
    }
}
