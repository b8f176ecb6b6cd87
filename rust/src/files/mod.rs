//! Tick and bar files in, streamed: CSV, `.csv.gz` and `.zip` to columns of times and prices.
//!
//! ```text
//! path -> source (container, members) -> inflate -> csv (lines, fields) -> ticks | bars
//!                                                    columns, clock, number: what a field means
//! ```
//!
//! Memory is constant whatever the size of the file. The first bad row ends the reading with one
//! [`FileError`] that names file, row and column; nothing is repaired or skipped, except rows that
//! are no market trades, which are counted.

mod bars;
mod clock;
mod columns;
mod csv;
mod error;
mod inflate;
mod number;
mod rows;
mod source;
mod stamp;
mod symbol;
mod ticks;

#[cfg(test)]
mod tests;

pub use bars::{BarBatch, BarReader};
pub use columns::{BarColumns, ColumnError, TickColumns, bar_columns, tick_columns};
pub use error::FileError;
pub use rows::RowMap;
pub use stamp::Unit;
pub use ticks::{TickBatch, TickFileOptions, TickReader};
