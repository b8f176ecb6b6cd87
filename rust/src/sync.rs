//! One switch between the real atomics and those of the model checker.
//!
//! Everything that threads share in this crate is built from these names only, so that
//! `RUSTFLAGS="--cfg loom" cargo test --release --test loom` explores the shipped code and not a
//! copy of it. There is no `UnsafeCell` among them: shared state is atomics, never raw memory.

#[cfg(not(loom))]
mod imp {
    pub use std::hint::spin_loop;
    pub use std::sync::Arc;
    pub use std::sync::atomic::{AtomicI64, AtomicU64, AtomicUsize, Ordering, fence};
    pub use std::thread::yield_now;

    /// A slice that threads share.
    pub fn shared_slice<T>(items: impl Iterator<Item = T>) -> Arc<[T]> {
        items.collect()
    }
}

#[cfg(loom)]
mod imp {
    pub use loom::hint::spin_loop;
    pub use loom::sync::Arc;
    pub use loom::sync::atomic::{AtomicI64, AtomicU64, AtomicUsize, Ordering, fence};
    pub use loom::thread::yield_now;

    /// A slice that threads share.
    pub fn shared_slice<T>(items: impl Iterator<Item = T>) -> Arc<[T]> {
        Arc::from_std(items.collect())
    }
}

pub use imp::{Arc, AtomicI64, AtomicU64, AtomicUsize, Ordering, fence, shared_slice, spin_loop, yield_now};
