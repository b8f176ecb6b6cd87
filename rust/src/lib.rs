//! `quantum_exit` core.
pub mod error;
pub mod files;
#[cfg(feature = "python")]
mod py;
mod seqlock;
pub mod slot;
pub mod snapshot;
pub mod sync;
pub mod watermark;
