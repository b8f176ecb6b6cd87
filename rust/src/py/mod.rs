//! The Python module `quantum_exit._core`: it converts, calls and maps, and decides nothing.

mod convert;
mod engine;
mod files;
mod hot;
mod instrument;
mod latch;
mod plan;
mod replay;
mod rules;
mod slots;
mod sweep;
mod tables;
mod venue;

use pyo3::prelude::*;

/// Exit engine core. Prices, sizes and times are integers: ticks, lots, ns since the UNIX epoch.
#[pymodule(gil_used = false)]
fn _core(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add("__version__", env!("CARGO_PKG_VERSION"))?;
    instrument::register(module)?;
    rules::register(module)?;
    plan::register(module)?;
    tables::register(module)?;
    replay::register(module)?;
    engine::register(module)?;
    hot::register(module)?;
    sweep::register(module)?;
    files::register(module)?;
    slots::register(module)?;
    venue::register(module)
}
