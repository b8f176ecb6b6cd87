//! Instruments for Python.

use std::sync::Arc;

use pyo3::prelude::*;

use super::convert;
use crate::decimal::Decimal;
use crate::instrument::Instrument;
use crate::units::{Lots, Ticks};

/// Adds this file's class to `m`.
pub fn register(m: &Bound<'_, PyModule>) -> PyResult<()> {
    m.add_class::<PyInstrument>()
}

/// The grid and the minimums of one traded symbol.
#[pyclass(frozen, eq, name = "Instrument", module = "quantum_exit._core")]
#[derive(Clone, PartialEq)]
pub struct PyInstrument {
    pub core: Arc<Instrument>,
}

#[pymethods]
impl PyInstrument {
    #[new]
    #[pyo3(
        signature = (symbol, tick_size, lot_step, min_qty=None, min_notional=None, max_qty=None),
        text_signature = "(symbol, tick_size, lot_step, min_qty=0, min_notional=0, max_qty=None)"
    )]
    fn new(
        symbol: &str,
        tick_size: &Bound<'_, PyAny>,
        lot_step: &Bound<'_, PyAny>,
        min_qty: Option<&Bound<'_, PyAny>>,
        min_notional: Option<&Bound<'_, PyAny>>,
        max_qty: Option<&Bound<'_, PyAny>>,
    ) -> PyResult<Self> {
        const ZERO: Decimal = Decimal { mantissa: 0, scale: 0 };
        let optional = |field: &str, value: Option<&Bound<'_, PyAny>>| {
            value.map(|value| convert::decimal(field, value)).transpose()
        };
        let core = Instrument::new(
            symbol,
            convert::decimal("tick_size", tick_size)?,
            convert::decimal("lot_step", lot_step)?,
            optional("min_qty", min_qty)?.unwrap_or(ZERO),
            optional("min_notional", min_notional)?.unwrap_or(ZERO),
            optional("max_qty", max_qty)?,
        )?;
        Ok(Self { core: Arc::new(core) })
    }

    #[getter]
    fn symbol(&self) -> &str {
        self.core.symbol()
    }

    #[getter]
    fn tick_size(&self) -> String {
        self.core.tick_size().to_string()
    }

    #[getter]
    fn lot_step(&self) -> String {
        self.core.lot_step().to_string()
    }

    #[getter]
    fn min_qty(&self) -> String {
        self.core.min_qty().to_string()
    }

    #[getter]
    fn min_notional(&self) -> String {
        self.core.min_notional().to_string()
    }

    #[getter]
    fn max_qty(&self) -> Option<String> {
        self.core.max_qty().map(|qty| qty.to_string())
    }

    #[pyo3(signature = (price, /))]
    fn ticks(&self, price: &Bound<'_, PyAny>) -> PyResult<i64> {
        Ok(convert::ticks("price", price, &self.core)?.0)
    }

    #[pyo3(signature = (qty, /))]
    fn lots(&self, qty: &Bound<'_, PyAny>) -> PyResult<i64> {
        Ok(convert::lots("qty", qty, &self.core)?.0)
    }

    #[pyo3(signature = (ticks, /))]
    fn price(&self, ticks: i64) -> f64 {
        self.core.price_f64(Ticks(ticks))
    }

    #[pyo3(signature = (lots, /))]
    fn qty(&self, lots: i64) -> f64 {
        self.core.qty_f64(Lots(lots))
    }

    fn __repr__(&self) -> String {
        let Self { core } = self;
        format!(
            "Instrument({:?}, tick_size=\"{}\", lot_step=\"{}\", min_qty=\"{}\", min_notional=\"{}\")",
            core.symbol(),
            core.tick_size(),
            core.lot_step(),
            core.min_qty(),
            core.min_notional()
        )
    }
}
