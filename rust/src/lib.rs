//! quantum_exit core.
pub mod error;
pub mod files;
#[cfg(feature = "python")]
mod py;
pub mod slot;
pub mod sync;
