//! quantum_exit core.
pub mod error;
pub mod files;
pub mod slot;
pub mod sync;
