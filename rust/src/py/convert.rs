//! Python numbers and names to the core's exact types, and the core's refusals to exceptions.

use pyo3::call::PyCallArgs;
use pyo3::prelude::*;
use pyo3::types::{PyBool, PyFloat};

use crate::decimal::{Decimal, Ratio};
use crate::engine::{EngineError, check_jump};
use crate::error::Invalid;
use crate::instrument::{Instrument, snap};
use crate::plan::{LegKind, LimitFill};
use crate::position::FillRules;
use crate::replay::{ReplayError, Strategy};
use crate::screen::OffGrid;
use crate::tick::Source;
use crate::trade::Fees;
use crate::units::{Lots, Side, Ticks};

impl From<Invalid> for PyErr {
    fn from(error: Invalid) -> Self {
        raise("InvalidInputError", (error.field, error.value, error.allowed))
    }
}

impl From<OffGrid> for PyErr {
    fn from(error: OffGrid) -> Self {
        raise("OffGridError", (error.index, error.price, error.tick_size))
    }
}

impl From<ReplayError> for PyErr {
    fn from(error: ReplayError) -> Self {
        match error {
            ReplayError::OffGrid(error) => error.into(),
            ReplayError::Plan { position_id, source: Invalid { field, value, allowed } } => {
                Invalid { field: format!("position {position_id}: {field}"), value, allowed }.into()
            }
        }
    }
}

impl From<EngineError> for PyErr {
    fn from(error: EngineError) -> Self {
        match error {
            EngineError::Invalid(error) => error.into(),
            EngineError::UnknownSymbol(id) => {
                let allowed = "symbols are numbered from 0 in the order of add_symbol";
                Invalid::new("symbol_id", id, allowed).into()
            }
            EngineError::UnknownPosition(id) => {
                Invalid::new("position_id", id, "no open position has this id").into()
            }
        }
    }
}

/// An exception of `quantum_exit.errors`, called with the fields as a tuple.
fn raise<T: for<'py> PyCallArgs<'py>>(class: &str, fields: T) -> PyErr {
    Python::attach(|py| build(py, class, fields).unwrap_or_else(|failure| failure))
}

fn build<'py, T: PyCallArgs<'py>>(py: Python<'py>, class: &str, fields: T) -> PyResult<PyErr> {
    let class = py.import("quantum_exit.errors")?.getattr(class)?;
    Ok(PyErr::from_value(class.call1(fields)?))
}

/// A number as it is written: text, `int`, `Decimal`, or the shortest text of a `float`.
pub fn decimal(field: &str, value: &Bound<'_, PyAny>) -> PyResult<Decimal> {
    if value.is_instance_of::<PyBool>() {
        let allowed = "a number: str, Decimal, int or float";
        return Err(Invalid::new(field, value, allowed).into());
    }
    let text = if value.is_instance_of::<PyFloat>() { value.repr()? } else { value.str()? };
    Ok(Decimal::parse(field, text.to_str()?)?)
}

/// A fraction or R multiple in millionths; a float may be off by its own rounding.
pub fn ppm(field: &str, value: &Bound<'_, PyAny>) -> PyResult<i64> {
    const MOST: f64 = 1e12;
    if let Ok(float) = value.cast::<PyFloat>() {
        let scaled = float.value() * 1e6;
        let whole = scaled.round();
        if (scaled - whole).abs() <= 1e-3 && whole.abs() <= MOST {
            #[allow(clippy::cast_possible_truncation, reason = "bounded by MOST")]
            return Ok(whole as i64);
        }
    } else {
        let written = decimal(field, value)?;
        let millionth = Decimal { mantissa: 1, scale: 6 };
        let whole = Ratio::of(written, millionth).and_then(Ratio::to_whole);
        if let Some(ppm) = whole {
            return Ok(ppm);
        }
    }
    let allowed = "a decimal with at most six digits after the point";
    Err(Invalid::new(field, value, allowed).into())
}

/// A price on the grid; a float is snapped to it within 1e-9 relative.
pub fn ticks(field: &str, value: &Bound<'_, PyAny>, instrument: &Instrument) -> PyResult<Ticks> {
    if let Ok(float) = value.cast::<PyFloat>()
        && let Some(ticks) = instrument.snap(float.value())
    {
        return Ok(ticks);
    }
    Ok(instrument.ticks(field, decimal(field, value)?)?)
}

/// A quantity on the grid; a float is snapped to it within 1e-9 relative.
pub fn lots(field: &str, value: &Bound<'_, PyAny>, instrument: &Instrument) -> PyResult<Lots> {
    if let Ok(float) = value.cast::<PyFloat>()
        && let Some(Ticks(lots)) = snap(float.value(), instrument.lot_step().to_f64())
    {
        return Ok(Lots(lots));
    }
    Ok(instrument.lots(field, decimal(field, value)?)?)
}

/// A quantity on the grid, as the exact decimal.
pub fn quantity(field: &str, value: &Bound<'_, PyAny>, instrument: &Instrument) -> PyResult<Decimal> {
    let lots = lots(field, value, instrument)?;
    let step = instrument.lot_step();
    Ok(Decimal { mantissa: i128::from(lots.0) * step.mantissa, scale: step.scale })
}

/// One of a few names, in any case.
fn choice<T: Copy>(field: &str, value: &str, choices: &[(&str, T)]) -> PyResult<T> {
    let found = choices.iter().find(|(name, _)| name.eq_ignore_ascii_case(value));
    found.map(|(_, choice)| *choice).ok_or_else(|| {
        let names: Vec<&str> = choices.iter().map(|(name, _)| *name).collect();
        let allowed = format!("one of {}", names.join(", "));
        Invalid::new(field, format_args!("{value:?}"), allowed).into()
    })
}

pub fn side(value: &str) -> PyResult<Side> {
    choice("side", value, &[("LONG", Side::Long), ("SHORT", Side::Short)])
}

pub fn source(field: &str, value: &str) -> PyResult<Source> {
    choice(field, value, &[("LAST", Source::Last), ("MARK", Source::Mark)])
}

pub fn leg_kind(value: &str) -> PyResult<LegKind> {
    choice("kind", value, &[("HARD", LegKind::Hard), ("SOFT", LegKind::Soft)])
}

pub fn limit_fill(value: &str) -> PyResult<LimitFill> {
    choice("limit_fill", value, &[("through", LimitFill::Through), ("touch", LimitFill::Touch)])
}

pub fn strategy(value: &str) -> PyResult<Strategy> {
    let choices = [
        ("auto", Strategy::Auto),
        ("every_tick", Strategy::EveryTick),
        ("blocks", Strategy::Blocks),
        ("jump", Strategy::Jump),
    ];
    choice("strategy", value, &choices)
}

/// How orders fill, from the keyword arguments of the three drivers.
pub fn fill_rules(limit_fill_name: &str, slippage_ticks: i64) -> PyResult<FillRules> {
    if slippage_ticks < 0 {
        let allowed = "0 or more: slippage is what a market exit loses";
        return Err(Invalid::new("slippage_ticks", slippage_ticks, allowed).into());
    }
    Ok(FillRules { limit_fill: limit_fill(limit_fill_name)?, slippage_ticks })
}

/// Fees, each a fraction of the notional.
pub fn fees(taker_frac: f64, maker_frac: f64) -> PyResult<Fees> {
    for (field, frac) in [("taker_fee_frac", taker_frac), ("maker_fee_frac", maker_frac)] {
        if !(-0.1..=0.1).contains(&frac) {
            return Err(Invalid::new(field, frac, "a fraction from -0.1 (a rebate) to 0.1").into());
        }
    }
    Ok(Fees { taker_frac, maker_frac })
}

/// The jump guard in millionths.
pub fn max_jump(value: Option<&Bound<'_, PyAny>>) -> PyResult<Option<i64>> {
    let guard = value.map(|value| ppm("max_jump_frac", value)).transpose()?;
    check_jump(guard)?;
    Ok(guard)
}
