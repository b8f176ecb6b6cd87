//! Result tables: packed rows as numpy structured arrays.

use numpy::{PyArray1, PyArrayDescr, PyArrayDescrMethods};
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use pyo3::types::{PyDict, PyTuple};

use crate::event::{EVENT_COLUMNS, EventKind, EventRow, Reason};
use crate::instrument::Instrument;
use crate::replay::StopPoint;
use crate::trade::{Fees, Trade};
use crate::units::Ns;

/// Adds the dtypes and the names of the codes to `m`.
pub fn register(m: &Bound<'_, PyModule>) -> PyResult<()> {
    let py = m.py();
    m.add("EVENT_DTYPE", EventRow::dtype(py)?)?;
    m.add("TRADE_DTYPE", TradeRow::dtype(py)?)?;
    m.add("STOP_DTYPE", StopRow::dtype(py)?)?;
    m.add("EVENT_KINDS", PyTuple::new(py, EventKind::ALL.map(EventKind::name))?)?;
    m.add("REASONS", PyTuple::new(py, Reason::ALL.map(Reason::name))?)
}

/// A packed row without padding and the numpy columns that it is.
///
/// # Safety
/// `COLUMNS` cover exactly the bytes of `Self`, which has no padding and no invalid bit patterns.
pub unsafe trait Row: Copy {
    /// Name, numpy type, byte offset.
    const COLUMNS: &'static [(&'static str, &'static str, usize)];

    /// The dtype, made once.
    fn cell() -> &'static PyOnceLock<Py<PyArrayDescr>>;

    /// The numpy dtype.
    fn dtype(py: Python<'_>) -> PyResult<Bound<'_, PyArrayDescr>> {
        let made = Self::cell().get_or_try_init(py, || {
            let spec = PyDict::new(py);
            let names: Vec<&str> = Self::COLUMNS.iter().map(|(name, ..)| *name).collect();
            let formats: Vec<&str> = Self::COLUMNS.iter().map(|(_, format, _)| *format).collect();
            let offsets: Vec<usize> = Self::COLUMNS.iter().map(|(.., offset)| *offset).collect();
            spec.set_item("names", names)?;
            spec.set_item("formats", formats)?;
            spec.set_item("offsets", offsets)?;
            spec.set_item("itemsize", size_of::<Self>())?;
            let dtype = PyArrayDescr::new(py, spec)?;
            debug_assert_eq!(dtype.itemsize(), size_of::<Self>());
            PyResult::Ok(dtype.unbind())
        })?;
        Ok(made.bind(py).clone())
    }
}

/// `rows` as a structured array.
pub fn to_array<'py, T: Row>(py: Python<'py>, rows: &[T]) -> PyResult<Bound<'py, PyAny>> {
    // SAFETY: a `Row` has no padding, so every byte of the slice is initialised.
    let bytes = unsafe { std::slice::from_raw_parts(rows.as_ptr().cast::<u8>(), size_of_val(rows)) };
    PyArray1::from_slice(py, bytes).as_any().call_method1("view", (T::dtype(py)?,))
}

// SAFETY: the columns are those of the packed struct, checked by its size assertion.
unsafe impl Row for EventRow {
    const COLUMNS: &'static [(&'static str, &'static str, usize)] = &EVENT_COLUMNS;

    fn cell() -> &'static PyOnceLock<Py<PyArrayDescr>> {
        static DTYPE: PyOnceLock<Py<PyArrayDescr>> = PyOnceLock::new();
        &DTYPE
    }
}

/// Time of something that did not happen: numpy's `NaT`.
const NEVER: i64 = i64::MIN;

/// One row of the trade table.
#[derive(Clone, Copy)]
#[repr(C, packed)]
pub struct TradeRow {
    position_id: u64,
    side: u8,
    entry_ns: i64,
    opened_ns: i64,
    closed_ns: i64,
    exit_reason: u8,
    qty: f64,
    open_qty: f64,
    entry_price: f64,
    stop_price: f64,
    r_price: f64,
    exit_price: f64,
    realised_r: f64,
    realised_net_r: f64,
    pnl: f64,
    fees: f64,
    mae_r: f64,
    mfe_r: f64,
    legs_planned: u32,
    legs_filled: u32,
}

const _: () = assert!(size_of::<TradeRow>() == 138);

// SAFETY: the columns are those of the packed struct, checked by its size assertion.
unsafe impl Row for TradeRow {
    const COLUMNS: &'static [(&'static str, &'static str, usize)] = &[
        ("position_id", "<u8", 0),
        ("side", "|u1", 8),
        ("entry_ns", "<i8", 9),
        ("opened_ns", "<i8", 17),
        ("closed_ns", "<i8", 25),
        ("exit_reason", "|u1", 33),
        ("qty", "<f8", 34),
        ("open_qty", "<f8", 42),
        ("entry_price", "<f8", 50),
        ("stop_price", "<f8", 58),
        ("r_price", "<f8", 66),
        ("exit_price", "<f8", 74),
        ("realised_r", "<f8", 82),
        ("realised_net_r", "<f8", 90),
        ("pnl", "<f8", 98),
        ("fees", "<f8", 106),
        ("mae_r", "<f8", 114),
        ("mfe_r", "<f8", 122),
        ("legs_planned", "<u4", 130),
        ("legs_filled", "<u4", 134),
    ];

    fn cell() -> &'static PyOnceLock<Py<PyArrayDescr>> {
        static DTYPE: PyOnceLock<Py<PyArrayDescr>> = PyOnceLock::new();
        &DTYPE
    }
}

impl TradeRow {
    /// The figures of a trade; what is unknown is NaN, a time that did not come is `NaT`.
    pub fn new(trade: &Trade, instrument: &Instrument, fees: Fees) -> Self {
        let settled = trade.settle(instrument, fees);
        let time = |ts: Option<Ns>| ts.map_or(NEVER, |ts| ts.0);
        let number = |value: Option<f64>| value.unwrap_or(f64::NAN);
        Self {
            position_id: trade.position_id,
            side: trade.side as u8,
            entry_ns: trade.entry_ns.0,
            opened_ns: time(trade.opened),
            closed_ns: time(trade.closed),
            exit_reason: trade.exit_reason.unwrap_or(Reason::None) as u8,
            qty: settled.qty,
            open_qty: settled.open_qty,
            entry_price: settled.entry_price,
            stop_price: settled.stop_price,
            r_price: settled.r_price,
            exit_price: number(settled.exit_price),
            realised_r: number(settled.realised_r),
            realised_net_r: number(settled.realised_net_r),
            pnl: settled.pnl,
            fees: settled.fees,
            mae_r: number(settled.mae_r),
            mfe_r: number(settled.mfe_r),
            legs_planned: trade.legs_planned,
            legs_filled: trade.leg_fills.iter().fold(0, |mask, fill| mask | 1 << fill.leg),
        }
    }
}

/// One row of the stop path.
#[derive(Clone, Copy)]
#[repr(C, packed)]
pub struct StopRow {
    position_id: u64,
    ts_ns: i64,
    stop: f64,
    trail_stop: f64,
}

const _: () = assert!(size_of::<StopRow>() == 32);

impl From<&StopPoint> for StopRow {
    fn from(point: &StopPoint) -> Self {
        let StopPoint { position_id, ts, stop, trail_stop } = *point;
        Self { position_id, ts_ns: ts.0, stop, trail_stop }
    }
}

// SAFETY: the columns are those of the packed struct, checked by its size assertion.
unsafe impl Row for StopRow {
    const COLUMNS: &'static [(&'static str, &'static str, usize)] =
        &[("position_id", "<u8", 0), ("ts_ns", "<i8", 8), ("stop", "<f8", 16), ("trail_stop", "<f8", 24)];

    fn cell() -> &'static PyOnceLock<Py<PyArrayDescr>> {
        static DTYPE: PyOnceLock<Py<PyArrayDescr>> = PyOnceLock::new();
        &DTYPE
    }
}
