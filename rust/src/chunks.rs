//! A table that grows without moving anything: chunks, each twice as large as the one before.

use std::sync::OnceLock;

/// Cells in the first chunk. Small under the model checker, so that a model grows.
pub(crate) const FIRST_CHUNK: usize = if cfg!(loom) { 1 } else { 64 };
/// Enough chunks for 2^32 cells.
const CHUNKS: usize = 27;

#[derive(Debug)]
pub(crate) struct Chunks<T> {
    chunks: [OnceLock<Box<[T]>>; CHUNKS],
}

impl<T> Chunks<T> {
    pub(crate) const fn new() -> Self {
        Self { chunks: [const { OnceLock::new() }; CHUNKS] }
    }

    /// The cell at `index`, when its chunk exists.
    #[inline]
    pub(crate) fn get(&self, index: usize) -> Option<&T> {
        let (chunk, offset) = locate(index);
        self.chunks.get(chunk)?.get()?.get(offset)
    }

    /// The cell at `index`; a chunk that does not exist is filled by `new` first.
    ///
    /// # Panics
    /// Beyond 2^32 cells.
    pub(crate) fn get_or_init(&self, index: usize, new: impl Fn() -> T) -> &T {
        let (chunk, offset) = locate(index);
        let cells = self.chunks[chunk].get_or_init(|| (0..FIRST_CHUNK << chunk).map(|_| new()).collect());
        &cells[offset]
    }
}

/// Chunk of a cell and its place there: chunk `c` begins at index `FIRST_CHUNK * (2^c - 1)`.
const fn locate(index: usize) -> (usize, usize) {
    let chunk = (index / FIRST_CHUNK + 1).ilog2() as usize;
    (chunk, index - FIRST_CHUNK * ((1 << chunk) - 1))
}

#[cfg(all(test, not(loom)))]
mod tests {
    use super::*;

    #[test]
    fn cells_follow_each_other_across_chunks_without_a_hole() {
        let mut next = (0, 0);
        for index in 0..FIRST_CHUNK * 31 {
            assert_eq!(locate(index), next, "index {index}");
            next.1 += 1;
            if next.1 == FIRST_CHUNK << next.0 {
                next = (next.0 + 1, 0);
            }
        }
    }

    #[test]
    fn growth_moves_no_cell_and_a_cell_of_no_chunk_is_not_there() {
        let table: Chunks<usize> = Chunks::new();
        assert_eq!(table.get(0), None);
        let first = std::ptr::from_ref(table.get_or_init(0, || 7));
        for index in 1..1000 {
            table.get_or_init(index, || index);
        }
        assert!(std::ptr::eq(table.get_or_init(0, || 8), first));
        assert_eq!((table.get(0), table.get(usize::MAX / 2)), (Some(&7), None));
    }
}
