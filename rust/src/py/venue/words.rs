//! Words, whole numbers and cash of the venue, to Python and back.

use std::convert::Infallible;

use arrayvec::ArrayString;
use pyo3::prelude::*;
use pyo3::types::{PyInt, PyString};

use crate::error::Invalid;
use crate::venue::grid::Cash;
use crate::venue::names;

macro_rules! words {
    ($($Name:ident = $field:literal),+ $(,)?) => {$(
        impl<'py> IntoPyObject<'py> for names::$Name {
            type Target = PyString;
            type Output = Bound<'py, PyString>;
            type Error = Infallible;

            fn into_pyobject(self, py: Python<'py>) -> Result<Self::Output, Infallible> {
                Ok(PyString::intern(py, self.name()))
            }
        }

        impl<'a, 'py> FromPyObject<'a, 'py> for names::$Name {
            type Error = PyErr;

            fn extract(object: Borrowed<'a, 'py, PyAny>) -> PyResult<Self> {
                let text = object.extract::<&str>()?;
                names::$Name::parse(text).ok_or_else(|| {
                    let all: Vec<&str> = names::$Name::ALL.iter().map(|word| word.name()).collect();
                    let allowed = format!("one of {}", all.join(", "));
                    Invalid::new($field, format_args!("{text:?}"), allowed).into()
                })
            }
        }
    )+};
}

words!(
    AccountReason = "reason",
    AlgoStatus = "status",
    Execution = "execution",
    IncomeType = "type",
    MarginType = "margin_type",
    OrderSide = "side",
    OrderStatus = "status",
    OrderType = "order_type",
    PositionSide = "position_side",
    PriceMatch = "price_match",
    StpMode = "stp_mode",
    SymbolStatus = "status",
    TimeInForce = "time_in_force",
    WorkingType = "working_type",
);

/// Short text of a record.
#[derive(Clone, Copy)]
pub struct Text<const N: usize>(pub ArrayString<N>);

impl<'py, const N: usize> IntoPyObject<'py> for Text<N> {
    type Target = PyString;
    type Output = Bound<'py, PyString>;
    type Error = Infallible;

    fn into_pyobject(self, py: Python<'py>) -> Result<Self::Output, Infallible> {
        Ok(PyString::new(py, &self.0))
    }
}

/// An id that a user gave.
pub struct Id(pub names::ClientId);

impl<'a, 'py> FromPyObject<'a, 'py> for Id {
    type Error = PyErr;

    fn extract(object: Borrowed<'a, 'py, PyAny>) -> PyResult<Self> {
        let text = object.extract::<&str>()?;
        // Too long to be kept; the empty id is refused by the venue in the same way.
        Ok(Self(names::ClientId::from(text).unwrap_or_default()))
    }
}

/// Cash, which nearly always fits a machine word.
#[derive(Clone, Copy)]
pub struct E8(pub Cash);

impl<'py> IntoPyObject<'py> for E8 {
    type Target = PyInt;
    type Output = Bound<'py, PyInt>;
    type Error = Infallible;

    fn into_pyobject(self, py: Python<'py>) -> Result<Self::Output, Infallible> {
        match i64::try_from(self.0) {
            Ok(small) => small.into_pyobject(py),
            Err(_) => self.0.into_pyobject(py),
        }
    }
}

/// An integer; beyond 64 bits it is the largest or smallest one, which no range allows.
#[derive(Clone, Copy)]
pub struct Whole(pub i64);

impl<'a, 'py> FromPyObject<'a, 'py> for Whole {
    type Error = PyErr;

    fn extract(object: Borrowed<'a, 'py, PyAny>) -> PyResult<Self> {
        object.extract().map(Self).or_else(|error| {
            let number = object.cast::<PyInt>().map_err(|_| error)?;
            Ok(Self(if number.gt(0)? { i64::MAX } else { i64::MIN }))
        })
    }
}

impl Whole {
    /// As an index or count; what is negative is the largest one, which no range allows.
    pub fn index(self) -> usize {
        usize::try_from(self.0).unwrap_or(usize::MAX)
    }

    /// As an id; what is negative is no id.
    pub fn id(self) -> u64 {
        u64::try_from(self.0).unwrap_or(0)
    }
}
