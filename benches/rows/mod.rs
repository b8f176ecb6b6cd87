//! The rows of the speed table that need no Python. Each first proves its events, then takes time.

mod live;
mod rally;
mod replay;
mod sweep;
mod symbols;
mod tail;

use crate::common::row::Row;

/// Measures the rows of one name; `true` for tiny sizes.
type Measure = fn(bool) -> Vec<Row>;

/// Every row, in order. `smoke`: tiny sizes, whose times mean nothing.
pub fn all(smoke: bool, wanted: impl Fn(&str) -> bool, mut tell: impl FnMut(Row)) {
    let rows: [(&str, Measure); 6] = [
        ("S1", replay::rows),
        ("S3", sweep::rows),
        ("S4", live::rows),
        ("S5", rally::rows),
        ("S6", symbols::rows),
        ("S7", tail::rows),
    ];
    for (_, measure) in rows.into_iter().filter(|(row, _)| wanted(row)) {
        measure(smoke).into_iter().for_each(&mut tell);
    }
}
