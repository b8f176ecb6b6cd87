//! The state of a position as any thread sees it, and how the engine publishes it.

use super::ids::{IdWriter, Ids};
use super::table::{Snapshot, SnapshotCell, SnapshotTable, SnapshotWriter};
use crate::plan::ExitPlan;
use crate::position::Position;
use crate::seqlock::Backoff;
use crate::sync::Arc;
use crate::units::{Lots, Ticks};
use crate::watermark::{GroupId, WatermarkDirectory};

/// The state of one position at one moment.
///
/// Stop, what remains and the revision belong together. The watermark is never older than they are,
/// and newer by at most the tick that the engine is looking at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct PositionSnapshot {
    /// The stop in force.
    pub stop: Ticks,
    /// Best price since trailing became active, `None` before.
    pub watermark: Option<Ticks>,
    /// What is still open; zero = closed.
    pub remaining: Lots,
    /// Rises with every event of the position; 0 before its first tick.
    pub revision: u64,
}

impl PositionSnapshot {
    /// What `cell` says, with the watermark of the group that it names.
    ///
    /// Tries again for as long as the two change between its looks at them; the writer never waits.
    ///
    /// # Memory ordering
    ///
    /// The first look at the cell acquires all that came before its publication: the watermark found
    /// then is not older. The second look cannot miss a publication that came before that watermark,
    /// although a watermark is raised with `Relaxed`: every publication fences (`Release`) after its
    /// version turned odd, and the reader fences (`Acquire`) after it loaded the watermark.
    #[must_use]
    pub fn read(cell: &SnapshotCell, watermarks: &WatermarkDirectory) -> Self {
        let mut backoff = Backoff::new();
        let mut seen = cell.read();
        loop {
            let Some(group) = seen.group else {
                return Self::of(seen, seen.watermark);
            };
            // `None`: the group was thrown away, and what became of the position is about to be said.
            let watermark = watermarks.watermark(group);
            let now = cell.read();
            match watermark {
                Some(watermark) if now == seen => return Self::of(seen, watermark.0),
                _ => seen = now,
            }
            backoff.wait();
        }
    }

    fn of(seen: Snapshot, watermark: i64) -> Self {
        Self {
            stop: Ticks(seen.stop),
            watermark: (watermark != 0).then_some(Ticks(watermark)),
            remaining: Lots(seen.remaining),
            revision: seen.revision,
        }
    }
}

/// Finds every position of an engine, open or closed, from any thread, without a lock.
#[derive(Debug, Clone)]
pub struct SnapshotReader {
    ids: Arc<Ids>,
    cells: Arc<SnapshotTable>,
    watermarks: Arc<WatermarkDirectory>,
}

impl SnapshotReader {
    /// The state of position `id` now; `None` when no position ever had this id. Of a closed one, its
    /// last state; of one whose id was used again, that of the newest.
    #[must_use]
    pub fn snapshot(&self, id: u64) -> Option<PositionSnapshot> {
        let (_, cell) = self.place_of(id)?;
        Some(PositionSnapshot::read(self.cells.cell(cell)?, &self.watermarks))
    }

    /// The number of the symbol of position `id`.
    #[must_use]
    pub fn symbol_of(&self, id: u64) -> Option<u32> {
        self.place_of(id).map(|(symbol, _)| symbol)
    }

    /// A handle that always means the position that has `id` now.
    #[must_use]
    pub fn handle(&self, id: u64) -> Option<PositionHandle> {
        let (symbol, cell) = self.place_of(id)?;
        self.cells.cell(cell)?;
        Some(PositionHandle { id, symbol, cell, reader: self.clone() })
    }

    fn place_of(&self, id: u64) -> Option<(u32, usize)> {
        let place = self.ids.get((id != u64::MAX).then_some(id)?)?;
        #[expect(clippy::cast_possible_truncation, reason = "the two halves of one word")]
        let (symbol, cell) = ((place >> 32) as u32, place as u32);
        Some((symbol, usize::try_from(cell).ok()?))
    }
}

/// One position, for any thread.
#[derive(Debug, Clone)]
pub struct PositionHandle {
    id: u64,
    symbol: u32,
    cell: usize,
    reader: SnapshotReader,
}

impl PositionHandle {
    /// The id of the position.
    #[must_use]
    pub const fn id(&self) -> u64 {
        self.id
    }

    /// The number of its symbol.
    #[must_use]
    pub const fn symbol(&self) -> u32 {
        self.symbol
    }

    /// Its state now; its last one when it is closed.
    ///
    /// # Panics
    /// Never: a handle is only given out for a cell that exists, and cells stay.
    #[must_use]
    pub fn snapshot(&self) -> PositionSnapshot {
        let SnapshotReader { cells, watermarks, .. } = &self.reader;
        let Some(cell) = cells.cell(self.cell) else { panic!("cell {} of {}", self.cell, cells.len()) };
        PositionSnapshot::read(cell, watermarks)
    }
}

/// The engine's side: a cell for each position.
///
/// Decision: a cell is never used again. It costs 64 bytes (and its id 32) for the life of the engine,
/// a megabyte for ten thousand positions, and so a handle never comes to mean another position and the
/// last state of a closed one stays readable.
#[derive(Debug)]
pub(crate) struct Publisher {
    cells: SnapshotWriter,
    ids: IdWriter,
    reader: SnapshotReader,
}

impl Publisher {
    pub(crate) fn new() -> Self {
        let (cells, ids) = (SnapshotWriter::new(), IdWriter::new());
        let watermarks = Arc::new(WatermarkDirectory::new());
        let reader = SnapshotReader { ids: ids.ids(), cells: cells.table(), watermarks };
        Self { cells, ids, reader }
    }

    pub(crate) const fn reader(&self) -> &SnapshotReader {
        &self.reader
    }

    /// Where the stacks of watermarks are entered.
    pub(crate) const fn watermarks(&self) -> &Arc<WatermarkDirectory> {
        &self.reader.watermarks
    }

    /// Makes a position of `symbol` known before its first tick.
    pub(crate) fn add(&mut self, symbol: u32, id: u64, plan: &ExitPlan) {
        let (stop, remaining) = (plan.side.price(plan.stop).0, plan.quantity.0);
        let cell = self.cells.push(Snapshot { stop, remaining, ..Snapshot::default() });
        self.ids.set(id, u64::from(symbol) << 32 | cell as u64);
    }

    /// The cell of a position.
    ///
    /// # Panics
    /// When it was not added.
    pub(crate) fn cell_of(&self, id: u64) -> usize {
        let Some((_, cell)) = self.reader.place_of(id) else { panic!("position {id} was not added") };
        cell
    }

    /// Fetches a cell that is about to be written.
    #[inline]
    pub(crate) fn prefetch(&self, cell: usize) {
        self.reader.cells.prefetch(cell);
    }

    /// Publishes the state of a position after its events.
    #[inline]
    pub(crate) fn publish(&mut self, cell: usize, position: &Position, group: Option<GroupId>) {
        let snapshot = Snapshot {
            stop: position.stop().0,
            watermark: position.watermark().map_or(0, |price| price.0),
            remaining: position.open().0,
            revision: position.revision(),
            group,
        };
        self.cells.publish(cell, snapshot);
    }
}
