//! What any thread may know about a position at any time.
//!
//! The tick thread publishes a [`Snapshot`] after each event of a position, with plain stores, and waits
//! for nobody; readers on any thread get one snapshot whole or try again, never a mixture of two. Between
//! events only the watermark moves, and it moves for thousands of positions at once: so a snapshot names
//! its group in a [stack of watermarks](crate::watermark), and [`PositionSnapshot::read`] puts the two
//! together. A quiet tick publishes nothing.

mod ids;
mod reader;
mod table;

pub(crate) use reader::Publisher;
pub use reader::{PositionHandle, PositionSnapshot, SnapshotReader};
pub use table::{Snapshot, SnapshotCell, SnapshotTable, SnapshotWriter};
