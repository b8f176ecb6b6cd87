//! Exit plans for Python.

use std::sync::Arc;

use pyo3::prelude::*;

use super::convert;
use super::instrument::PyInstrument;
use crate::decimal::Decimal;
use crate::instrument::Instrument;
use crate::ladder::Item;
use crate::plan::{ExitPlan, LegKind, LegSpec, PlanSpec, RatchetSpec, TrailScope};
use crate::trail::{CurvePoint, TrailingSpec};
use crate::units::{Ns, PPM};

/// Adds this file's classes to `m`.
pub fn register(m: &Bound<'_, PyModule>) -> PyResult<()> {
    m.add_class::<PyLeg>()?;
    m.add_class::<PyTrailing>()?;
    m.add_class::<PyRatchet>()?;
    m.add_class::<PyExitPlan>()
}

#[allow(clippy::cast_precision_loss, reason = "at most 1e10, exact")]
fn frac(ppm: i64) -> f64 {
    ppm as f64 / PPM as f64
}

/// A take-profit leg as a profile writes it.
#[pyclass(frozen, eq, name = "Leg", module = "quantum_exit._core")]
#[derive(Clone, Copy, PartialEq)]
pub struct PyLeg {
    core: LegSpec,
}

#[pymethods]
impl PyLeg {
    #[new]
    #[pyo3(signature = (r_multiple, size_fraction, kind="HARD"))]
    fn new(r_multiple: &Bound<'_, PyAny>, size_fraction: &Bound<'_, PyAny>, kind: &str) -> PyResult<Self> {
        let core = LegSpec {
            r_ppm: convert::ppm("r_multiple", r_multiple)?,
            fraction_ppm: convert::ppm("size_fraction", size_fraction)?,
            kind: convert::leg_kind(kind)?,
        };
        core.check()?;
        Ok(Self { core })
    }

    #[getter]
    fn r_multiple(&self) -> f64 {
        frac(self.core.r_ppm)
    }

    #[getter]
    fn size_fraction(&self) -> f64 {
        frac(self.core.fraction_ppm)
    }

    #[getter]
    fn kind(&self) -> &'static str {
        kind_name(self.core.kind)
    }

    fn __repr__(&self) -> String {
        format!("Leg({}, {}, \"{}\")", self.r_multiple(), self.size_fraction(), self.kind())
    }
}

const fn kind_name(kind: LegKind) -> &'static str {
    match kind {
        LegKind::Hard => "HARD",
        LegKind::Soft => "SOFT",
    }
}

/// A trailing stop as a profile writes it.
#[pyclass(frozen, eq, name = "Trailing", module = "quantum_exit._core")]
#[derive(Clone, PartialEq)]
pub struct PyTrailing {
    core: TrailingSpec,
}

#[pymethods]
impl PyTrailing {
    #[new]
    #[pyo3(
        signature = (callback_pct, activation_r=None, tightening_curve=Vec::new(), rearm=false),
        text_signature = "(callback_pct, activation_r=0, tightening_curve=(), rearm=False)"
    )]
    fn new(
        callback_pct: &Bound<'_, PyAny>,
        activation_r: Option<&Bound<'_, PyAny>>,
        tightening_curve: Vec<(Bound<'_, PyAny>, Bound<'_, PyAny>)>,
        rearm: bool,
    ) -> PyResult<Self> {
        let point = |(index, (r, callback)): (usize, (Bound<'_, PyAny>, Bound<'_, PyAny>))| {
            let field = format!("trailing.tightening_curve[{index}]");
            PyResult::Ok(CurvePoint {
                r_ppm: convert::ppm(&format!("{field}.r"), &r)?,
                callback_ppm: convert::ppm(&format!("{field}.callback"), &callback)?,
            })
        };
        let core = TrailingSpec {
            callback_ppm: convert::ppm("trailing.callback_pct", callback_pct)?,
            activation_r_ppm: activation_r
                .map_or(Ok(0), |value| convert::ppm("trailing.activation_r", value))?,
            curve: tightening_curve.into_iter().enumerate().map(point).collect::<PyResult<_>>()?,
            rearm,
        };
        core.check()?;
        Ok(Self { core })
    }

    #[getter]
    fn callback_pct(&self) -> f64 {
        frac(self.core.callback_ppm)
    }

    #[getter]
    fn activation_r(&self) -> f64 {
        frac(self.core.activation_r_ppm)
    }

    #[getter]
    fn tightening_curve(&self) -> Vec<(f64, f64)> {
        self.core.curve.iter().map(|point| (frac(point.r_ppm), frac(point.callback_ppm))).collect()
    }

    #[getter]
    fn rearm(&self) -> bool {
        self.core.rearm
    }

    fn __repr__(&self) -> String {
        format!(
            "Trailing({}, activation_r={}, tightening_curve={:?}, rearm={})",
            self.callback_pct(),
            self.activation_r(),
            self.tightening_curve(),
            if self.core.rearm { "True" } else { "False" }
        )
    }
}

/// How the stop follows the legs filled.
#[pyclass(frozen, eq, name = "Ratchet", module = "quantum_exit._core")]
#[derive(Clone, Copy, PartialEq)]
pub struct PyRatchet {
    core: RatchetSpec,
}

#[pymethods]
impl PyRatchet {
    #[new]
    #[pyo3(
        signature = (break_even_after=Some(1), break_even_offset_frac=None, follow_legs=true),
        text_signature = "(break_even_after=1, break_even_offset_frac='0.0008', follow_legs=True)"
    )]
    fn new(
        break_even_after: Option<u8>,
        break_even_offset_frac: Option<&Bound<'_, PyAny>>,
        follow_legs: bool,
    ) -> PyResult<Self> {
        let break_even_offset_ppm = match break_even_offset_frac {
            Some(value) => convert::ppm("ratchet.break_even_offset_frac", value)?,
            None => RatchetSpec::default().break_even_offset_ppm,
        };
        let core = RatchetSpec { break_even_after, break_even_offset_ppm, follow_legs };
        core.check()?;
        Ok(Self { core })
    }

    #[getter]
    fn break_even_after(&self) -> Option<u8> {
        self.core.break_even_after
    }

    #[getter]
    fn break_even_offset_frac(&self) -> f64 {
        frac(self.core.break_even_offset_ppm)
    }

    #[getter]
    fn follow_legs(&self) -> bool {
        self.core.follow_legs
    }

    fn __repr__(&self) -> String {
        let after = self.core.break_even_after.map_or("None".to_owned(), |after| after.to_string());
        let follow = if self.core.follow_legs { "True" } else { "False" };
        format!(
            "Ratchet(break_even_after={after}, break_even_offset_frac={}, follow_legs={follow})",
            self.break_even_offset_frac()
        )
    }
}

/// All of a plan but its prices, from the keyword arguments that plans and entries share.
#[allow(clippy::too_many_arguments, reason = "the keyword arguments of the Python constructor")]
pub fn shape(
    instrument: &Instrument,
    side: &str,
    quantity: &Bound<'_, PyAny>,
    legs: &[PyRef<'_, PyLeg>],
    trailing: Option<&PyTrailing>,
    ratchet: Option<&PyRatchet>,
    max_hold_ns: Option<i64>,
) -> PyResult<PlanSpec> {
    const UNKNOWN: Decimal = Decimal { mantissa: 0, scale: 0 };
    Ok(PlanSpec {
        side: convert::side(side)?,
        entry_price: UNKNOWN,
        quantity: convert::quantity("quantity", quantity, instrument)?,
        stop_price: UNKNOWN,
        legs: legs.iter().map(|leg| leg.core).collect(),
        trailing: trailing.map(|trailing| trailing.core.clone()),
        ratchet: ratchet.map_or_else(RatchetSpec::default, |ratchet| ratchet.core),
        max_hold: max_hold_ns.map(Ns),
        stop_source: crate::tick::Source::Last,
        leg_source: crate::tick::Source::Last,
    })
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
            ratchet=None, max_hold_ns=None, stop_source="LAST", leg_source="LAST"
        ),
        text_signature = "(instrument, *, side, entry_price, quantity, stop_price, legs=(), \
            trailing=None, ratchet=None, max_hold_ns=None, stop_source='LAST', leg_source='LAST')"
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
        stop_source: &str,
        leg_source: &str,
    ) -> PyResult<Self> {
        let instrument = Arc::clone(&instrument.core);
        let spec = PlanSpec {
            entry_price: convert::decimal("entry_price", entry_price)?,
            stop_price: convert::decimal("stop_price", stop_price)?,
            stop_source: convert::source("stop_source", stop_source)?,
            leg_source: convert::source("leg_source", leg_source)?,
            ..shape(&instrument, side, quantity, &legs, trailing, ratchet, max_hold_ns)?
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
    fn break_even_price(&self) -> f64 {
        self.instrument.price_f64(self.core.break_even())
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
