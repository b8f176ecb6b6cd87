//! Arguments of the venue's calls that are more than one value, and its refusals as exceptions.

use arrayvec::ArrayString;
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use pyo3::types::PyType;

use super::words::Whole;
use crate::error::Invalid;
use crate::venue::grid::Cash;
use crate::venue::names::SymbolName;
use crate::venue::reject::{VenueError, VenueReject};
use crate::venue::rules::{Oversized, Protected, Singleton};
use crate::venue::symbol::{Bracket, Brackets};
use crate::venue::venue::Handle;

impl From<VenueError> for PyErr {
    fn from(error: VenueError) -> Self {
        match error {
            VenueError::Invalid(error) => error.into(),
            VenueError::Reject(refusal) => refusal.into(),
        }
    }
}

impl From<VenueReject> for PyErr {
    fn from(refusal: VenueReject) -> Self {
        Python::attach(|py| raise(py, refusal).unwrap_or_else(|failure| failure))
    }
}

fn raise(py: Python<'_>, refusal: VenueReject) -> PyResult<PyErr> {
    static CLASS: PyOnceLock<Py<PyType>> = PyOnceLock::new();
    let class = CLASS.import(py, "quantum_exit.errors", "VenueReject")?;
    Ok(PyErr::from_value(class.call1((refusal.code, refusal.message))?))
}

/// One of a few words.
fn choice<T: Copy>(field: &str, text: &str, choices: [(&str, T); 2]) -> PyResult<T> {
    let found = choices.iter().find(|(word, _)| *word == text);
    found.map(|(_, choice)| *choice).ok_or_else(|| {
        let allowed = format!("one of {}, {}", choices[0].0, choices[1].0);
        Invalid::new(field, format_args!("{text:?}"), allowed).into()
    })
}

pub fn singleton(text: &str) -> PyResult<Singleton> {
    let choices = [("per_type_and_side", Singleton::PerTypeAndSide), ("per_side", Singleton::PerSide)];
    choice("close_position_singleton", text, choices)
}

pub fn oversized(text: &str) -> PyResult<Oversized> {
    let choices = [("truncate", Oversized::Truncate), ("reject", Oversized::Reject)];
    choice("oversized_reduce_only_stop", text, choices)
}

pub fn protected(text: &str) -> PyResult<Protected> {
    let choices = [("wait", Protected::Wait), ("expire", Protected::Expire)];
    choice("price_protect_violation", text, choices)
}

pub fn symbol_name(text: &str) -> PyResult<SymbolName> {
    let refusal = || Invalid::new("symbol", format_args!("{text:?}"), "1 to 32 bytes");
    ArrayString::from(text).map_err(|_| refusal().into())
}

pub fn brackets(given: Option<Vec<(i64, u32, i64, i64)>>) -> PyResult<Brackets> {
    let Some(given) = given else { return Ok(Brackets::simple()) };
    let bracket = |(cap_e8, max_leverage, maintenance_ppm, cum_e8): (i64, u32, i64, i64)| Bracket {
        cap_e8: Cash::from(cap_e8),
        max_leverage,
        maintenance_ppm,
        cum_e8: Cash::from(cum_e8),
    };
    Ok(Brackets::new(given.into_iter().map(bracket).collect())?)
}

/// The order that a request names; the venue's id wins where both are given.
pub fn handle<'a>(id: Option<Whole>, client_id: Option<&'a str>, field: &str) -> PyResult<Handle<'a>> {
    match (id, client_id) {
        (Some(id), _) => Ok(Handle::Id(id.id())),
        (None, Some(text)) => Ok(Handle::Client(text)),
        (None, None) => {
            let text = format!("Param '{field}' must be sent, but both were empty/null!");
            Err(VenueReject::with(-1102, text).into())
        }
    }
}

/// Names of the two ids of a regular order.
pub const ORDER: &str = "origClientOrderId' or 'orderId";
/// Names of the two ids of an algo order.
pub const ALGO: &str = "clientAlgoId' or 'algoId";
