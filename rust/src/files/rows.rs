//! Which row of the file a value of a batch came from.

/// Row numbers of a batch. Rows that gave no value (blank, or not a market trade) are left out, so
/// the numbers are kept as runs without a gap.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RowMap {
    /// (index of the run's first value, its row), by index.
    runs: Vec<(usize, u64)>,
    len: usize,
    expected: u64,
}

impl RowMap {
    /// Adds the row of the next value. Rows ascend.
    #[inline]
    pub(super) fn push(&mut self, row: u64) {
        if row != self.expected || self.len == 0 {
            self.runs.push((self.len, row));
        }
        self.len += 1;
        self.expected = row + 1;
    }

    /// 1-based line of the file that gave value `index`; `None` beyond the batch.
    #[must_use]
    pub fn row_of(&self, index: usize) -> Option<u64> {
        if index >= self.len {
            return None;
        }
        let after = self.runs.partition_point(|&(first, _)| first <= index);
        let (first, row) = self.runs[after - 1];
        Some(row + (index - first) as u64)
    }

    /// Number of values.
    #[must_use]
    pub fn len(&self) -> usize {
        self.len
    }

    /// Whether there are no values.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }
}

#[cfg(test)]
mod tests {
    use super::RowMap;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn every_value_keeps_its_row(gaps in proptest::collection::vec(1_u64..4, 0..200)) {
            let rows: Vec<u64> = gaps
                .iter()
                .scan(0, |row, gap| { *row += gap; Some(*row) })
                .collect();
            let mut map = RowMap::default();
            for &row in &rows {
                map.push(row);
            }
            let got: Vec<u64> = (0..rows.len()).filter_map(|i| map.row_of(i)).collect();
            prop_assert_eq!(got, rows);
            prop_assert_eq!(map.row_of(map.len()), None);
        }
    }
}
