//! The version counter that makes several atomics read as one value.
//!
//! One writer, any number of readers. The writer never waits and never retries; a reader that met a
//! write in progress knows it and tries again. The guarded data are atomics read with `Relaxed`, so
//! a read that is thrown away was a race of values, never undefined behaviour.
//!
//! # Memory ordering
//!
//! Writer: `version = odd` (`Relaxed`), `fence(Release)`, data (`Relaxed`), `version = even`
//! (`Release`). Reader: `version` (`Acquire`), data (`Relaxed`), `fence(Acquire)`, `version`
//! (`Relaxed`).
//!
//! - The first load `Acquire`s the `Release` store of the even version it returns, so the data read
//!   are at least as new as that version.
//! - If any data read are newer, they were stored after the writer's fence; the reader's fence then
//!   synchronises with it, and the second load must return the odd version or a later one. The two
//!   loads differ and the read is thrown away. So the data kept are exactly those of one version.
//!
//! The version is a 64-bit count of writes: it cannot return to an earlier value while somebody reads.

use crate::sync::{AtomicU64, Ordering, fence, spin_loop, yield_now};

/// Failed reads after which a reader gives up its time slice: the writer may be off its core in the
/// middle of a write.
const SPINS_BEFORE_YIELD: u32 = 64;

#[derive(Debug)]
pub(crate) struct SeqLock {
    version: AtomicU64,
}

impl SeqLock {
    pub(crate) fn new() -> Self {
        Self { version: AtomicU64::new(0) }
    }

    /// Runs `stores`, which must only store atomics (a panic would lock readers out).
    ///
    /// Only one thread at a time may be in here: with two, readers could keep a mixed value. The
    /// callers see to it with a writer that cannot be cloned and takes `&mut self`.
    pub(crate) fn write(&self, stores: impl FnOnce()) {
        // Only the writer stores the version, so its own last value is what a Relaxed load returns.
        let even = self.version.load(Ordering::Relaxed);
        debug_assert!(even.is_multiple_of(2), "two writers");
        self.version.store(even + 1, Ordering::Relaxed);
        fence(Ordering::Release);
        stores();
        self.version.store(even + 2, Ordering::Release);
    }

    /// What `loads` returned, if no write came between. `loads` may see a mixture: it must not loop
    /// or index on what it reads without a bound.
    pub(crate) fn try_read<T>(&self, loads: impl FnOnce() -> T) -> Option<T> {
        let before = self.version.load(Ordering::Acquire);
        if !before.is_multiple_of(2) {
            return None;
        }
        let value = loads();
        fence(Ordering::Acquire);
        (self.version.load(Ordering::Relaxed) == before).then_some(value)
    }

    /// As [`try_read`](Self::try_read), again and again until it succeeds.
    pub(crate) fn read<T>(&self, mut loads: impl FnMut() -> T) -> T {
        let mut backoff = Backoff::new();
        loop {
            if let Some(value) = self.try_read(&mut loads) {
                return value;
            }
            backoff.wait();
        }
    }
}

/// How a reader waits before it tries again.
#[derive(Debug)]
pub(crate) struct Backoff {
    spins: u32,
}

impl Backoff {
    pub(crate) const fn new() -> Self {
        Self { spins: 0 }
    }

    pub(crate) fn wait(&mut self) {
        if self.spins < SPINS_BEFORE_YIELD {
            self.spins += 1;
            spin_loop();
        } else {
            yield_now();
        }
    }
}
