//! A lock for calls that take nanoseconds and nearly never meet: one atomic swap in, one store out.
//!
//! `std::sync::Mutex` costs a second atomic swap and a poison check, together a tenth of a whole call
//! from Python.

use std::cell::UnsafeCell;
use std::ops::{Deref, DerefMut};
use std::sync::atomic::{AtomicBool, Ordering};

/// A value for one thread at a time.
pub struct Latch<T> {
    held: AtomicBool,
    value: UnsafeCell<T>,
}

// SAFETY: `held` lets one thread at a time have a reference to the value, which moves between threads.
unsafe impl<T: Send> Sync for Latch<T> {}

impl<T> Latch<T> {
    /// A latch that nobody holds.
    pub const fn new(value: T) -> Self {
        Self { held: AtomicBool::new(false), value: UnsafeCell::new(value) }
    }

    /// The value, unless somebody has it.
    #[inline]
    pub fn try_hold(&self) -> Option<Held<'_, T>> {
        // Acquire: pairs with the Release of the holder before, whose writes are visible from here on.
        let free = self.held.compare_exchange(false, true, Ordering::Acquire, Ordering::Relaxed);
        free.is_ok().then_some(Held { latch: self })
    }
}

/// The value of a latch, given back on drop, also when a panic unwinds.
pub struct Held<'a, T> {
    latch: &'a Latch<T>,
}

impl<T> Drop for Held<'_, T> {
    #[inline]
    fn drop(&mut self) {
        self.latch.held.store(false, Ordering::Release);
    }
}

impl<T> Deref for Held<'_, T> {
    type Target = T;

    #[inline]
    fn deref(&self) -> &T {
        // SAFETY: this is the only `Held` of the latch.
        unsafe { &*self.latch.value.get() }
    }
}

impl<T> DerefMut for Held<'_, T> {
    #[inline]
    fn deref_mut(&mut self) -> &mut T {
        // SAFETY: this is the only `Held` of the latch, and it is borrowed mutably.
        unsafe { &mut *self.latch.value.get() }
    }
}
