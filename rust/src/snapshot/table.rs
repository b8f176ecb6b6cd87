//! Snapshots by index: one writer, any number of readers, no cell ever moves.

use crate::chunks::Chunks;
use crate::seqlock::SeqLock;
use crate::sync::{Arc, AtomicI64, AtomicU64, AtomicUsize, Ordering};
use crate::watermark::GroupId;

/// What is published of one position, as of its last event.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct Snapshot {
    /// The stop now in force, in ticks.
    pub stop: i64,
    /// The best price seen since trailing began, in ticks; 0 before.
    pub watermark: i64,
    /// What is still open, in lots.
    pub remaining: i64,
    /// Counts the changes of this position; chosen by the writer.
    pub revision: u64,
    /// Where the watermark is followed between events, while it is.
    pub group: Option<GroupId>,
}

/// One published snapshot. Aligned so that two positions share no cache line.
#[derive(Debug)]
#[repr(align(64))]
pub struct SnapshotCell {
    lock: SeqLock,
    stop: AtomicI64,
    watermark: AtomicI64,
    remaining: AtomicI64,
    revision: AtomicU64,
    group: AtomicU64,
}

impl SnapshotCell {
    fn new() -> Self {
        Self {
            lock: SeqLock::new(),
            stop: AtomicI64::new(0),
            watermark: AtomicI64::new(0),
            remaining: AtomicI64::new(0),
            revision: AtomicU64::new(0),
            group: AtomicU64::new(0),
        }
    }

    /// The last published snapshot; tries again for as long as writes come between. The writer is
    /// never made to wait.
    #[must_use]
    pub fn read(&self) -> Snapshot {
        self.lock.read(|| self.load())
    }

    /// The last published snapshot, or `None` when a write came between. Wait-free.
    #[must_use]
    pub fn try_read(&self) -> Option<Snapshot> {
        self.lock.try_read(|| self.load())
    }

    // Relaxed here and in `publish`: the seqlock's version and fences order these.
    fn load(&self) -> Snapshot {
        Snapshot {
            stop: self.stop.load(Ordering::Relaxed),
            watermark: self.watermark.load(Ordering::Relaxed),
            remaining: self.remaining.load(Ordering::Relaxed),
            revision: self.revision.load(Ordering::Relaxed),
            group: GroupId::from_bits(self.group.load(Ordering::Relaxed)),
        }
    }

    fn publish(&self, snapshot: Snapshot) {
        self.lock.write(|| {
            self.stop.store(snapshot.stop, Ordering::Relaxed);
            self.watermark.store(snapshot.watermark, Ordering::Relaxed);
            self.remaining.store(snapshot.remaining, Ordering::Relaxed);
            self.revision.store(snapshot.revision, Ordering::Relaxed);
            self.group.store(snapshot.group.map_or(0, GroupId::to_bits), Ordering::Relaxed);
        });
    }
}

/// The readers' side: cells by index, which never move once published.
#[derive(Debug)]
pub struct SnapshotTable {
    cells: Chunks<SnapshotCell>,
    len: AtomicUsize,
}

impl SnapshotTable {
    /// The cell at `index`, or `None` when the writer has not added it yet.
    #[must_use]
    pub fn cell(&self, index: usize) -> Option<&SnapshotCell> {
        // Acquire pairs with the Release store in `push`: an index below the length has its chunk
        // and its first snapshot.
        if index >= self.len.load(Ordering::Acquire) {
            return None;
        }
        self.cells.get(index)
    }

    /// Fetches a cell that is about to be written.
    #[inline]
    pub(crate) fn prefetch(&self, index: usize) {
        if let Some(cell) = self.cells.get(index) {
            crate::simd::prefetch(std::ptr::from_ref(cell).cast());
        }
    }

    /// Number of cells.
    #[must_use]
    pub fn len(&self) -> usize {
        self.len.load(Ordering::Acquire)
    }

    /// Whether no cell was added yet.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

/// The one writer of a [`SnapshotTable`]. It cannot be cloned and writes through `&mut self`, so a
/// second writer cannot be written down.
#[derive(Debug)]
pub struct SnapshotWriter {
    table: Arc<SnapshotTable>,
}

impl SnapshotWriter {
    /// The writer of a new, empty table.
    #[must_use]
    pub fn new() -> Self {
        let table = SnapshotTable { cells: Chunks::new(), len: AtomicUsize::new(0) };
        Self { table: Arc::new(table) }
    }

    /// A handle for readers, good for as long as they keep it.
    #[must_use]
    pub fn table(&self) -> Arc<SnapshotTable> {
        Arc::clone(&self.table)
    }

    /// Adds a cell that already holds `first` and returns its index. Allocates when a chunk is full;
    /// no cell moves.
    ///
    /// # Panics
    /// After 2^32 cells.
    pub fn push(&mut self, first: Snapshot) -> usize {
        let index = self.table.len.load(Ordering::Relaxed);
        self.table.cells.get_or_init(index, SnapshotCell::new).publish(first);
        self.table.len.store(index + 1, Ordering::Release);
        index
    }

    /// Publishes `snapshot` in the cell at `index` with plain stores: no loop, no read-modify-write.
    ///
    /// # Panics
    /// When [`push`](Self::push) has not returned `index`.
    pub fn publish(&mut self, index: usize, snapshot: Snapshot) {
        let Some(cell) = self.table.cell(index) else { panic!("cell {index} of {}", self.table.len()) };
        cell.publish(snapshot);
    }
}

impl Default for SnapshotWriter {
    fn default() -> Self {
        Self::new()
    }
}

#[cfg(all(test, not(loom)))]
mod tests {
    use super::*;

    fn snapshot(n: i64) -> Snapshot {
        Snapshot { stop: n, watermark: -n, remaining: n * 2, revision: n.unsigned_abs(), group: None }
    }

    #[test]
    fn a_new_cell_already_holds_its_first_snapshot() {
        let mut writer = SnapshotWriter::new();
        let table = writer.table();
        assert!(table.is_empty() && table.cell(0).is_none());
        let index = writer.push(snapshot(5));
        let read = table.cell(index).map(SnapshotCell::read);
        assert_eq!(read, Some(snapshot(5)));
        assert_eq!(table.len(), 1);
    }

    #[test]
    fn growth_moves_no_cell_and_changes_none() {
        let mut writer = SnapshotWriter::new();
        let table = writer.table();
        let first = writer.push(snapshot(0));
        let before = std::ptr::from_ref(table.cell(first).expect("pushed"));
        for n in 1..1000 {
            writer.push(snapshot(n));
        }
        assert!(std::ptr::eq(table.cell(first).expect("pushed"), before));
        for n in 0..1000 {
            let index = usize::try_from(n).expect("not negative");
            let read = table.cell(index).and_then(SnapshotCell::try_read);
            assert_eq!(read, Some(snapshot(n)));
        }
    }

    #[test]
    fn a_publication_replaces_one_cell() {
        let mut writer = SnapshotWriter::new();
        let table = writer.table();
        let (a, b) = (writer.push(snapshot(1)), writer.push(snapshot(2)));
        writer.publish(a, snapshot(3));
        assert_eq!(table.cell(a).map(SnapshotCell::read), Some(snapshot(3)));
        assert_eq!(table.cell(b).map(SnapshotCell::read), Some(snapshot(2)));
    }
}
