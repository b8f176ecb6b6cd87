//! Tick and bar files for Python.

#![allow(
    clippy::needless_pass_by_value,
    reason = "pyo3 converts an argument to a value, which it hands over"
)]

use std::num::NonZeroUsize;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use numpy::{IntoPyArray, PyArray1};
use pyo3::exceptions::{PyIndexError, PyValueError};
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use pyo3::types::{PyDict, PyType};

use crate::files::{
    BarReader, ColumnError, FileError, RowMap, TickFileOptions, TickReader, Unit, bar_columns, tick_columns,
};

/// Adds this file's classes and functions to `m`.
pub fn register(m: &Bound<'_, PyModule>) -> PyResult<()> {
    m.add_class::<TickFile>()?;
    m.add_class::<BarFile>()?;
    m.add_class::<Rows>()?;
    m.add_function(wrap_pyfunction!(find_tick_columns, m)?)?;
    m.add_function(wrap_pyfunction!(find_bar_columns, m)?)?;
    m.add_function(wrap_pyfunction!(unit_ns_of, m)?)
}

impl From<FileError> for PyErr {
    fn from(error: FileError) -> Self {
        Python::attach(|py| raise(py, error).unwrap_or_else(|failure| failure))
    }
}

fn raise(py: Python<'_>, error: FileError) -> PyResult<PyErr> {
    static CLASS: PyOnceLock<Py<PyType>> = PyOnceLock::new();
    let class = CLASS.import(py, "quantum_exit.errors", "TickFileError")?;
    let fields = PyDict::new(py);
    fields.set_item("path", error.path)?;
    fields.set_item("row", error.row)?;
    fields.set_item("column", error.column)?;
    fields.set_item("message", error.message)?;
    Ok(PyErr::from_value(class.call((), Some(&fields))?))
}

fn column_error(path: &str, error: ColumnError) -> FileError {
    FileError { path: path.to_owned(), row: None, column: error.column, message: error.message }
}

fn batch_rows(max_rows: usize) -> PyResult<NonZeroUsize> {
    NonZeroUsize::new(max_rows)
        .ok_or_else(|| PyValueError::new_err("max_rows: 0 is not allowed; expected 1 or more"))
}

/// A reader and the rows of its last batch.
struct Opened<R> {
    reader: R,
    rows: Arc<RowMap>,
}

impl<R> Opened<R> {
    fn new(reader: R) -> Mutex<Self> {
        Mutex::new(Self { reader, rows: Arc::default() })
    }
}

/// A panic leaves a reader that is at some row; it does not make reading on unsafe.
fn lock<R>(opened: &Mutex<Opened<R>>) -> MutexGuard<'_, Opened<R>> {
    opened.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Row numbers of one batch: `rows(index)` is the 1-based line that gave value `index`.
#[pyclass(frozen, module = "quantum_exit._core")]
struct Rows(Arc<RowMap>);

#[pymethods]
impl Rows {
    fn __call__(&self, index: usize) -> PyResult<u64> {
        self.0.row_of(index).ok_or_else(|| {
            PyIndexError::new_err(format!(
                "index: {index} is not allowed; the batch has {} values",
                self.0.len()
            ))
        })
    }

    fn __len__(&self) -> usize {
        self.0.len()
    }
}

type TickArrays<'py> = (Bound<'py, PyArray1<i64>>, Bound<'py, PyArray1<f64>>);

/// Streams the market trades of one CSV, `.csv.gz` or `.zip` file.
#[pyclass(frozen, module = "quantum_exit._core")]
struct TickFile(Mutex<Opened<TickReader>>);

#[pymethods]
impl TickFile {
    #[new]
    #[pyo3(signature = (path, allow_unsorted_ns = 0))]
    fn new(py: Python<'_>, path: PathBuf, allow_unsorted_ns: i64) -> PyResult<Self> {
        let options = TickFileOptions { allow_unsorted_ns };
        let reader = py.detach(|| TickReader::open(&path, options))?;
        Ok(Self(Opened::new(reader)))
    }

    /// The next 1 to `max_rows` trades as (ns since the UNIX epoch, price), `None` at the end.
    #[pyo3(signature = (max_rows, /))]
    fn next_batch<'py>(&self, py: Python<'py>, max_rows: usize) -> PyResult<Option<TickArrays<'py>>> {
        let max_rows = batch_rows(max_rows)?;
        let batch = py.detach(|| -> Result<_, FileError> {
            let mut opened = lock(&self.0);
            let Some(batch) = opened.reader.next_batch(max_rows)? else {
                return Ok(None);
            };
            opened.rows = Arc::new(batch.rows);
            Ok(Some((batch.ts_ns, batch.price)))
        })?;
        Ok(batch.map(|(ts_ns, price)| (ts_ns.into_pyarray(py), price.into_pyarray(py))))
    }

    /// Row numbers of the last batch; they stay valid after the next.
    #[getter]
    fn batch_rows(&self) -> Rows {
        Rows(Arc::clone(&lock(&self.0).rows))
    }

    /// 1-based line of the file that gave value `index` of the last batch.
    #[pyo3(signature = (index, /))]
    fn row_of(&self, index: usize) -> PyResult<u64> {
        self.batch_rows().__call__(index)
    }

    /// Name of the file or archive member that the last batch came from.
    #[getter]
    fn member(&self) -> String {
        lock(&self.0).reader.member().to_string()
    }

    /// Rows dropped so far because they were no market trade.
    #[getter]
    fn non_market(&self) -> u64 {
        lock(&self.0).reader.non_market()
    }

    /// Data rows read so far, dropped ones included.
    #[getter]
    fn rows(&self) -> u64 {
        lock(&self.0).reader.rows()
    }

    /// What the columns were recognised as.
    #[getter]
    fn format(&self) -> &'static str {
        lock(&self.0).reader.format()
    }

    /// Name of the price column.
    #[getter]
    fn price_column(&self) -> String {
        lock(&self.0).reader.price_column().to_owned()
    }

    /// Bytes of the file read so far.
    #[getter]
    fn bytes_read(&self) -> u64 {
        lock(&self.0).reader.bytes_read()
    }
}

type BarArrays<'py> = (
    Bound<'py, PyArray1<i64>>,
    Bound<'py, PyArray1<f64>>,
    Bound<'py, PyArray1<f64>>,
    Bound<'py, PyArray1<f64>>,
    Bound<'py, PyArray1<f64>>,
);

/// Streams the bars of one CSV, `.csv.gz` or `.zip` file.
#[pyclass(frozen, module = "quantum_exit._core")]
struct BarFile(Mutex<Opened<BarReader>>);

#[pymethods]
impl BarFile {
    #[new]
    fn new(py: Python<'_>, path: PathBuf) -> PyResult<Self> {
        let reader = py.detach(|| BarReader::open(&path))?;
        Ok(Self(Opened::new(reader)))
    }

    /// The next 1 to `max_rows` bars as (opening ns, open, high, low, close), `None` at the end.
    #[pyo3(signature = (max_rows, /))]
    fn next_batch<'py>(&self, py: Python<'py>, max_rows: usize) -> PyResult<Option<BarArrays<'py>>> {
        let max_rows = batch_rows(max_rows)?;
        let batch = py.detach(|| -> Result<_, FileError> {
            let mut opened = lock(&self.0);
            let Some(mut batch) = opened.reader.next_batch(max_rows)? else {
                return Ok(None);
            };
            opened.rows = Arc::new(std::mem::take(&mut batch.rows));
            Ok(Some(batch))
        })?;
        Ok(batch.map(|b| {
            (
                b.open_ns.into_pyarray(py),
                b.open.into_pyarray(py),
                b.high.into_pyarray(py),
                b.low.into_pyarray(py),
                b.close.into_pyarray(py),
            )
        }))
    }

    /// Row numbers of the last batch; they stay valid after the next.
    #[getter]
    fn batch_rows(&self) -> Rows {
        Rows(Arc::clone(&lock(&self.0).rows))
    }

    /// 1-based line of the file that gave value `index` of the last batch.
    #[pyo3(signature = (index, /))]
    fn row_of(&self, index: usize) -> PyResult<u64> {
        self.batch_rows().__call__(index)
    }

    /// Name of the file or archive member that the last batch came from.
    #[getter]
    fn member(&self) -> String {
        lock(&self.0).reader.member().to_string()
    }

    /// Bars read so far.
    #[getter]
    fn rows(&self) -> u64 {
        lock(&self.0).reader.rows()
    }

    /// What the columns were recognised as.
    #[getter]
    fn format(&self) -> &'static str {
        lock(&self.0).reader.format()
    }

    /// Bytes of the file read so far.
    #[getter]
    fn bytes_read(&self) -> u64 {
        lock(&self.0).reader.bytes_read()
    }
}

type BarIndices = (usize, Option<i64>, [usize; 4], Option<usize>);
type TickIndices = (usize, Option<i64>, usize, Option<usize>, Option<usize>);

/// Indices of (time, price, execution type, symbol) among `names`, the time's unit in ns second.
#[pyfunction]
#[pyo3(signature = (path, names, /))]
fn find_tick_columns(path: &str, names: Vec<String>) -> Result<TickIndices, FileError> {
    let found = tick_columns(&names).map_err(|e| column_error(path, e))?;
    let unit_ns = found.unit.map(Unit::ns);
    Ok((found.time, unit_ns, found.price, found.exec_type, found.symbol))
}

/// Indices of (time, [open, high, low, close], symbol) among `names`, the time's unit in ns second.
#[pyfunction]
#[pyo3(signature = (path, names, /))]
fn find_bar_columns(path: &str, names: Vec<String>) -> Result<BarIndices, FileError> {
    let found = bar_columns(&names).map_err(|e| column_error(path, e))?;
    Ok((found.time, found.unit.map(Unit::ns), found.prices, found.symbol))
}

/// ns in the unit in which `value` lies between 1973 and 5138, `None` for a smaller value.
#[pyfunction]
#[pyo3(signature = (value, /))]
fn unit_ns_of(value: i64) -> Option<i64> {
    Unit::of_magnitude(value).map(Unit::ns)
}
