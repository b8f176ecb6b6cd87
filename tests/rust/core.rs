//! Behaviour of the core as its users see it: tables computed by hand, and properties over random
//! paths and plans.

#[path = "core/case.rs"]
mod case;
#[path = "core/invariants.rs"]
mod invariants;
#[path = "core/live.rs"]
mod live;
#[path = "core/order.rs"]
mod order;
#[path = "core/parity.rs"]
mod parity;
#[path = "core/sweep.rs"]
mod sweep;
#[path = "core/table_break_even.rs"]
mod table_break_even;
#[path = "core/table_commands.rs"]
mod table_commands;
#[path = "core/table_legs.rs"]
mod table_legs;
#[path = "core/table_packing.rs"]
mod table_packing;
#[path = "core/table_profiles.rs"]
mod table_profiles;
#[path = "core/table_refusals.rs"]
mod table_refusals;
#[path = "core/table_replan.rs"]
mod table_replan;
#[path = "core/table_rounding.rs"]
mod table_rounding;
#[path = "core/table_ticks.rs"]
mod table_ticks;
#[path = "core/table_time.rs"]
mod table_time;
#[path = "core/table_time_stop.rs"]
mod table_time_stop;
#[path = "core/table_trailing.rs"]
mod table_trailing;
#[path = "core/world.rs"]
mod world;
