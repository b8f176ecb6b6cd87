//! Behaviour of the simulated venue: tables computed by hand, and properties over random operations.

#[path = "venue/desk.rs"]
mod desk;
#[path = "venue/determinism.rs"]
mod determinism;
#[path = "venue/invariants.rs"]
mod invariants;
#[path = "venue/ledger.rs"]
mod ledger;
#[path = "venue/liquidation.rs"]
mod liquidation;
#[path = "venue/operations.rs"]
mod operations;
#[path = "venue/table_algos.rs"]
mod table_algos;
#[path = "venue/table_margin.rs"]
mod table_margin;
#[path = "venue/table_matching.rs"]
mod table_matching;
#[path = "venue/table_refusals.rs"]
mod table_refusals;
#[path = "venue/trailing.rs"]
mod trailing;
