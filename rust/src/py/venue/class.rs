//! `Venue` for Python: each method takes the latch, calls and maps.

use pyo3::prelude::*;

use super::super::latch::{Held, Latch};
use crate::venue::Venue as Core;

/// A deterministic USD-M futures venue without I/O, clock or randomness.
#[pyclass(frozen, module = "quantum_exit._core")]
pub struct Venue(pub(super) Latch<Core>);

impl Venue {
    /// The venue, for one call; a thread that has to wait lets others run.
    pub(super) fn hold(&self, py: Python<'_>) -> Held<'_, Core> {
        loop {
            if let Some(core) = self.0.try_hold() {
                return core;
            }
            py.detach(std::thread::yield_now);
        }
    }
}

/// Records as Python sees them.
pub(super) fn all<T, R: From<T>>(records: Vec<T>) -> Vec<R> {
    records.into_iter().map(R::from).collect()
}
