//! The core of `quantum_exit`: it decides the way out of a position, one tick at a time.
//!
//! Everything that enters is a fact (a tick, a command), everything that leaves is an event. In between
//! is a reducer without I/O, clock, randomness or logging, so that a replay, a live run and a recovery
//! take the same decisions. Prices are whole ticks, quantities whole lots, times nanoseconds.
//!
//! ```text
//!  decimals ──► instrument ──► plan (ladder, trail) ──► position ◄── command
//!               (the door)     checked once             (the reducer: one tick, its events)
//!                                                           ▲
//!            ┌──────────────── who has to look? ────────────┤
//!            │ live, many positions                         │ recorded ticks
//!     engine ─► book ─► levels, trailers           replay ──► walk ─► watch: blocks (simd)
//!        │              (watermark)                sweep         or index (pyramid)
//!        ▼                                            ▲
//!     slot, snapshot: other threads            screen ◄── files
//! ```
//!
//! * [`units`], [`decimal`], [`instrument`]: exact numbers. One door lets decimals in; [`units::Gain`]
//!   mirrors prices so that LONG and SHORT are one code path.
//! * [`spec`], [`plan`], [`ladder`], [`trail`]: an exit plan, checked and rounded once: no rounding adds risk.
//! * [`position`], [`clock`], [`command`], [`event`]: the semantics, stated once. This is the oracle of all tests.
//! * [`tick`], [`screen`]: what counts as a tick; what is refused changes nothing and is reported.
//! * [`book`], [`levels`], [`trailers`], [`watermark`], [`quiet`], [`engine`]: many positions live. They
//!   only find the positions that a tick concerns; one that concerns nobody costs two comparisons.
//! * [`watch`], [`simd`], [`pyramid`], [`walk`], [`replay`], [`sweep`], [`two_sources`], [`trade`]: the
//!   same for recorded ticks. A float test may say "look closer"; the integers decide.
//! * [`slot`], [`snapshot`], [`sync`]: what other threads may claim and read without a lock, each
//!   transition model-checked with loom.
//! * [`venue`]: the other side, for replay and tests: a deterministic futures venue on which the orders of
//!   an exit can be placed.
//! * [`wire`]: raw trade messages to exact ticks. [`files`]: tick and bar files, streamed. `py` (feature
//!   `python`): the binding, and only that.
//!
//! Invariants, each a property test: a stop never loosens; a leg fires at most once; lots out = lots in;
//! no event after `CLOSED`; a tick between the nearest levels changes nothing but the watermark; however
//! the ticks that matter are found, the events are those of looking at every tick.

pub mod book;
mod chunks;
pub mod clock;
pub mod command;
pub mod decimal;
pub mod engine;
pub mod error;
pub mod event;
pub mod files;
mod home;
pub mod ids;
pub mod instrument;
pub mod ladder;
pub mod levels;
pub mod plan;
pub mod position;
#[cfg(feature = "python")]
mod py;
pub mod pyramid;
pub mod quiet;
mod ratchet;
pub mod replay;
pub mod screen;
mod seqlock;
pub mod simd;
pub mod slot;
pub mod snapshot;
pub mod spec;
pub mod sweep;
pub mod sync;
pub mod tick;
pub mod trade;
pub mod trail;
pub mod trailers;
pub mod two_sources;
pub mod units;
pub mod venue;
pub mod walk;
pub mod watch;
pub mod watermark;
pub mod wire;
