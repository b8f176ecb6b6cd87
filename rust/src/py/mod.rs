//! The extension module `quantum_exit._core`.

mod files;

use pyo3::prelude::*;

#[pymodule]
fn _core(m: &Bound<'_, PyModule>) -> PyResult<()> {
    files::register(m)
}
