//! Lock-free order slots.
