//! The Python binding: converts, calls and maps, and decides nothing.

mod slots;

use pyo3::prelude::*;

/// The extension module `quantum_exit._core`.
#[pymodule]
mod _core {
    use super::{Bound, PyModule, PyResult, slots};

    #[pymodule_init]
    fn init(m: &Bound<'_, PyModule>) -> PyResult<()> {
        slots::register(m)
    }
}
