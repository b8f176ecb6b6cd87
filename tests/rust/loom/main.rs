//! Models of everything that threads share, explored by loom.
//!
//! `RUSTFLAGS="--cfg loom" cargo test --release --test loom`; without the flag this crate is empty.
//! The models of the order slots are exhaustive. Where a reader retries under a writer, the number of
//! preemptions is bounded by `PREEMPTIONS`.
//!
//! Weakening any ordering of `slot`, `seqlock`, `snapshot::cell`, `snapshot::push` or the ring fails a
//! model. One is stronger than it has to be: the store of the ring in use, which follows a fence.
#![cfg(loom)]

mod readers;
mod slots;
