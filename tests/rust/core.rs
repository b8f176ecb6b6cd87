//! Behaviour of the core as its users see it: properties over random paths and plans.

#[path = "core/invariants.rs"]
mod invariants;
#[path = "core/parity.rs"]
mod parity;
#[path = "core/sweep.rs"]
mod sweep;
#[path = "core/world.rs"]
mod world;
