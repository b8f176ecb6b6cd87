//! What an exit plan is made of, for Python: legs, trailing, ratchet, time stop.

use pyo3::prelude::*;

use super::convert;
use crate::decimal::Decimal;
use crate::instrument::Instrument;
use crate::plan::{LegKind, LegSpec, PlanSpec, RatchetSpec, TimeStopSpec};
use crate::trail::{CurvePoint, TrailingSpec};
use crate::units::{Ns, PPM};

/// Adds this file's classes to `m`.
pub fn register(m: &Bound<'_, PyModule>) -> PyResult<()> {
    m.add_class::<PyLeg>()?;
    m.add_class::<PyTrailing>()?;
    m.add_class::<PyRatchet>()?;
    m.add_class::<PyTimeStop>()
}

#[allow(clippy::cast_precision_loss, reason = "at most 1e10, exact")]
pub(super) fn frac(ppm: i64) -> f64 {
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

pub const fn kind_name(kind: LegKind) -> &'static str {
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
        signature = (
            break_even_after=Some(1), break_even_offset_frac=None, follow_legs=true, break_even_at_r=None
        ),
        text_signature = "(break_even_after=1, break_even_offset_frac='0.0008', follow_legs=True, \
            break_even_at_r=None)"
    )]
    fn new(
        break_even_after: Option<u8>,
        break_even_offset_frac: Option<&Bound<'_, PyAny>>,
        follow_legs: bool,
        break_even_at_r: Option<&Bound<'_, PyAny>>,
    ) -> PyResult<Self> {
        let break_even_at_r_ppm =
            break_even_at_r.map(|value| convert::ppm("ratchet.break_even_at_r", value)).transpose()?;
        let break_even_offset_ppm = match break_even_offset_frac {
            Some(value) => convert::ppm("ratchet.break_even_offset_frac", value)?,
            None => RatchetSpec::default().break_even_offset_ppm,
        };
        let core = RatchetSpec { break_even_after, break_even_at_r_ppm, break_even_offset_ppm, follow_legs };
        core.check()?;
        Ok(Self { core })
    }

    #[getter]
    fn break_even_after(&self) -> Option<u8> {
        self.core.break_even_after
    }

    #[getter]
    fn break_even_at_r(&self) -> Option<f64> {
        self.core.break_even_at_r_ppm.map(frac)
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
        let none = || "None".to_owned();
        let after = self.core.break_even_after.map_or_else(none, |after| after.to_string());
        let at_r = self.break_even_at_r().map_or_else(none, |r| r.to_string());
        let follow = if self.core.follow_legs { "True" } else { "False" };
        format!(
            "Ratchet(break_even_after={after}, break_even_offset_frac={}, follow_legs={follow}, \
             break_even_at_r={at_r})",
            self.break_even_offset_frac()
        )
    }
}

/// Closes a position that has not come far in time.
#[pyclass(frozen, eq, name = "TimeStop", module = "quantum_exit._core")]
#[derive(Clone, Copy, PartialEq)]
pub struct PyTimeStop {
    core: TimeStopSpec,
}

#[pymethods]
impl PyTimeStop {
    #[new]
    fn new(after_ns: i64, under_r: &Bound<'_, PyAny>) -> PyResult<Self> {
        let under_r_ppm = convert::ppm("time_stop.under_r", under_r)?;
        let core = TimeStopSpec { after: Ns(after_ns), under_r_ppm };
        core.check()?;
        Ok(Self { core })
    }

    #[getter]
    const fn after_ns(&self) -> i64 {
        self.core.after.0
    }

    #[getter]
    fn under_r(&self) -> f64 {
        frac(self.core.under_r_ppm)
    }

    fn __repr__(&self) -> String {
        format!("TimeStop({}, {})", self.after_ns(), self.under_r())
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
    time_stop: Option<&PyTimeStop>,
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
        time_stop: time_stop.map(|time_stop| time_stop.core),
        stop_source: crate::tick::Source::Last,
        leg_source: crate::tick::Source::Last,
    })
}
