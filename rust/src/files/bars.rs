//! Bars of a file in batches, for replay by bars.

use std::num::NonZeroUsize;
use std::path::Path;
use std::sync::Arc;

use super::clock::Clock;
use super::columns::{BarColumns, Layout, bar_layout};
use super::csv::{Csv, Head, Row};
use super::error::{Fault, FileError};
use super::rows::RowMap;
use super::symbol::OneSymbol;
use super::ticks::parse_price;

/// Consecutive bars of one member. All columns have the same length.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct BarBatch {
    /// Opening time in ns since the UNIX epoch, strictly ascending.
    pub open_ns: Vec<i64>,
    /// First price.
    pub open: Vec<f64>,
    /// Highest price, at least open and close.
    pub high: Vec<f64>,
    /// Lowest price, at most open and close.
    pub low: Vec<f64>,
    /// Last price.
    pub close: Vec<f64>,
    /// The row of each bar.
    pub rows: RowMap,
}

impl BarBatch {
    fn push(&mut self, bar: Bar, row: u64) {
        self.open_ns.push(bar.open_ns);
        self.open.push(bar.open);
        self.high.push(bar.high);
        self.low.push(bar.low);
        self.close.push(bar.close);
        self.rows.push(row);
    }
}

#[derive(Clone, Copy)]
struct Bar {
    open_ns: i64,
    open: f64,
    high: f64,
    low: f64,
    close: f64,
}

/// Streams the bars of a CSV, `.csv.gz` or `.zip` file in constant memory.
pub struct BarReader {
    csv: Csv,
    state: State,
    failed: Option<FileError>,
}

struct State {
    layout: Layout<BarColumns>,
    clock: Clock,
    symbol: OneSymbol,
    latest_ns: Option<i64>,
    rows: u64,
}

impl BarReader {
    /// Opens `path` and recognises its columns by the first line.
    ///
    /// # Errors
    /// The file cannot be opened, is empty, damaged, or lacks one of open time, open, high, low, close.
    pub fn open(path: &Path) -> Result<Self, FileError> {
        let (csv, head) = Csv::open(path)?;
        let layout = layout_of(&csv, &head)?;
        Ok(Self {
            csv,
            state: State {
                clock: Clock::new(layout.columns.unit),
                layout,
                symbol: OneSymbol::default(),
                latest_ns: None,
                rows: 0,
            },
            failed: None,
        })
    }

    /// The next 1 to `max_rows` bars, all of one member; `None` at the end.
    ///
    /// # Errors
    /// The first bad row. It is returned again by every later call.
    pub fn next_batch(&mut self, max_rows: NonZeroUsize) -> Result<Option<BarBatch>, FileError> {
        if let Some(error) = &self.failed {
            return Err(error.clone());
        }
        self.read_batch(max_rows.get()).inspect_err(|error| self.failed = Some(error.clone()))
    }

    fn read_batch(&mut self, max_rows: usize) -> Result<Option<BarBatch>, FileError> {
        let mut batch = BarBatch::default();
        while batch.rows.len() < max_rows {
            let Some(row) = self.csv.next_row()? else {
                if !batch.rows.is_empty() {
                    break;
                }
                let Some(head) = self.csv.next_member()? else {
                    return Ok(None);
                };
                let layout = layout_of(&self.csv, &head)?;
                self.state.clock = Clock::new(layout.columns.unit);
                self.state.layout = layout;
                continue;
            };
            let number = row.number;
            match self.state.read(row) {
                Ok(bar) => batch.push(bar, number),
                Err(fault) => return Err(self.csv.error(fault)),
            }
        }
        Ok(Some(batch))
    }

    /// Name of the member that the last batch came from, as errors show it.
    #[must_use]
    pub fn member(&self) -> &Arc<str> {
        self.csv.label()
    }

    /// Bars read so far.
    #[must_use]
    pub fn rows(&self) -> u64 {
        self.state.rows
    }

    /// What the columns were recognised as, such as `binance klines`.
    #[must_use]
    pub fn format(&self) -> &'static str {
        self.state.layout.format
    }

    /// Bytes of the file read so far, compressed ones where it is compressed.
    #[must_use]
    pub fn bytes_read(&self) -> u64 {
        self.csv.source().bytes_read()
    }

    /// Size of the file in bytes; 0 for a pipe.
    #[must_use]
    pub fn total_bytes(&self) -> u64 {
        self.csv.source().total_bytes()
    }
}

fn layout_of(csv: &Csv, head: &Head) -> Result<Layout<BarColumns>, FileError> {
    bar_layout(head).map_err(|fault| csv.head_error(fault))
}

impl State {
    fn read(&mut self, row: Row<'_>) -> Result<Bar, Fault> {
        let Layout { columns, names, .. } = &self.layout;
        row.expect_fields(names)?;
        self.rows += 1;
        if let Some(symbol) = columns.symbol {
            self.symbol.check(row.field(symbol)).map_err(|m| Fault::column(&names[symbol], m))?;
        }
        let open_ns =
            self.clock.read(row.field(columns.time)).map_err(|m| Fault::column(&names[columns.time], m))?;
        if let Some(latest_ns) = self.latest_ns.replace(open_ns)
            && open_ns <= latest_ns
        {
            return Err(Fault::column(
                &names[columns.time],
                format!(
                    "the bar opens {} ns before the bar above; expected a later opening",
                    latest_ns - open_ns
                ),
            ));
        }
        let mut prices = [0.0; 4];
        for (price, index) in prices.iter_mut().zip(columns.prices) {
            *price = parse_price(row.field(index)).map_err(|m| Fault::column(&names[index], m))?;
        }
        let [open, high, low, close] = prices;
        let [_, high_name, low_name, _] = columns.prices.map(|index| &names[index]);
        if high < open.max(close) {
            let message = format!("{high} is below open {open} or close {close}; expected the highest price");
            return Err(Fault::column(high_name, message));
        }
        if low > open.min(close) {
            let message = format!("{low} is above open {open} or close {close}; expected the lowest price");
            return Err(Fault::column(low_name, message));
        }
        Ok(Bar { open_ns, open, high, low, close })
    }
}
