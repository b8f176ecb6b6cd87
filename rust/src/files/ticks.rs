//! Trades of a file in batches.

use std::num::NonZeroUsize;
use std::path::Path;
use std::sync::Arc;

use super::clock::Clock;
use super::columns::{Layout, TickColumns, tick_layout};
use super::csv::{Csv, Head, Row};
use super::error::{Fault, FileError, quoted};
use super::number::parse_f64;
use super::rows::RowMap;
use super::symbol::OneSymbol;

/// Values that a batch reserves at once; a larger batch grows.
const RESERVED: usize = 1 << 16;

/// How a tick file is read.
#[derive(Debug, Clone, Copy, Default)]
pub struct TickFileOptions {
    /// How far in ns a row may lie before the latest row above it. Ticks stay in the file's order.
    pub allow_unsorted_ns: i64,
}

/// Consecutive market trades of one member.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct TickBatch {
    /// ns since the UNIX epoch.
    pub ts_ns: Vec<i64>,
    /// Positive and finite, the `f64` nearest to the decimal in the file.
    pub price: Vec<f64>,
    /// The row of each tick.
    pub rows: RowMap,
}

impl TickBatch {
    fn with_capacity(capacity: usize) -> Self {
        Self {
            ts_ns: Vec::with_capacity(capacity),
            price: Vec::with_capacity(capacity),
            rows: RowMap::default(),
        }
    }
}

/// Streams the market trades of a CSV, `.csv.gz` or `.zip` file in constant memory.
///
/// The members of a zip archive follow each other in the order of their names, as one series.
pub struct TickReader {
    csv: Csv,
    state: State,
    failed: Option<FileError>,
}

struct State {
    options: TickFileOptions,
    layout: Layout<TickColumns>,
    clock: Clock,
    symbol: OneSymbol,
    latest_ns: i64,
    rows: u64,
    non_market: u64,
}

impl TickReader {
    /// Opens `path` and recognises its columns by the first line.
    ///
    /// # Errors
    /// The file cannot be opened, is empty, damaged, or lacks a time stamp or a price column;
    /// `allow_unsorted_ns` is negative.
    pub fn open(path: &Path, options: TickFileOptions) -> Result<Self, FileError> {
        let (csv, head) = Csv::open(path)?;
        if options.allow_unsorted_ns < 0 {
            return Err(FileError::whole(
                &**csv.label(),
                format!(
                    "allow_unsorted_ns: {} is not allowed; expected 0 or more",
                    options.allow_unsorted_ns
                ),
            ));
        }
        let layout = layout_of(&csv, &head)?;
        Ok(Self {
            csv,
            state: State {
                options,
                clock: Clock::new(layout.columns.unit),
                layout,
                symbol: OneSymbol::default(),
                latest_ns: i64::MIN,
                rows: 0,
                non_market: 0,
            },
            failed: None,
        })
    }

    /// The next 1 to `max_rows` trades, all of one member; `None` at the end.
    ///
    /// # Errors
    /// The first bad row. It is returned again by every later call.
    pub fn next_batch(&mut self, max_rows: NonZeroUsize) -> Result<Option<TickBatch>, FileError> {
        if let Some(error) = &self.failed {
            return Err(error.clone());
        }
        self.read_batch(max_rows.get()).inspect_err(|error| self.failed = Some(error.clone()))
    }

    fn read_batch(&mut self, max_rows: usize) -> Result<Option<TickBatch>, FileError> {
        let mut batch = TickBatch::with_capacity(max_rows.min(RESERVED));
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
                Ok(Some((ts_ns, price))) => {
                    batch.ts_ns.push(ts_ns);
                    batch.price.push(price);
                    batch.rows.push(number);
                }
                Ok(None) => {}
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

    /// Data rows read so far, those that were no market trade included.
    #[must_use]
    pub fn rows(&self) -> u64 {
        self.state.rows
    }

    /// Rows dropped so far because they were no market trade (insurance fund, ADL, ...).
    #[must_use]
    pub fn non_market(&self) -> u64 {
        self.state.non_market
    }

    /// What the columns were recognised as, such as `binance aggTrades`.
    #[must_use]
    pub fn format(&self) -> &'static str {
        self.state.layout.format
    }

    /// Name of the price column.
    #[must_use]
    pub fn price_column(&self) -> &str {
        &self.state.layout.names[self.state.layout.columns.price]
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

fn layout_of(csv: &Csv, head: &Head) -> Result<Layout<TickColumns>, FileError> {
    tick_layout(head).map_err(|fault| csv.head_error(fault))
}

impl State {
    /// Time and price of `row`, or `None` when it is no market trade.
    #[inline]
    fn read(&mut self, row: Row<'_>) -> Result<Option<(i64, f64)>, Fault> {
        let Layout { columns, names, .. } = &self.layout;
        row.expect_fields(names)?;
        self.rows += 1;
        if let Some(exec_type) = columns.exec_type
            && row.field(exec_type).trim_ascii() != b"MARKET"
        {
            self.non_market += 1;
            return Ok(None);
        }
        if let Some(symbol) = columns.symbol {
            self.symbol.check(row.field(symbol)).map_err(|m| Fault::column(&names[symbol], m))?;
        }
        let ts_ns =
            self.clock.read(row.field(columns.time)).map_err(|m| Fault::column(&names[columns.time], m))?;
        if ts_ns < self.latest_ns {
            check_order(ts_ns, self.latest_ns, self.options.allow_unsorted_ns)
                .map_err(|m| Fault::column(&names[columns.time], m))?;
        } else {
            self.latest_ns = ts_ns;
        }
        let price =
            parse_price(row.field(columns.price)).map_err(|m| Fault::column(&names[columns.price], m))?;
        Ok(Some((ts_ns, price)))
    }
}

#[cold]
fn check_order(ts_ns: i64, latest_ns: i64, allowed_ns: i64) -> Result<(), String> {
    // Both are at least 0, so the difference cannot overflow.
    let back_ns = latest_ns - ts_ns;
    if back_ns <= allowed_ns {
        return Ok(());
    }
    Err(format!(
        "time goes back {back_ns} ns behind the latest row above; allowed are {allowed_ns} ns \
         (allow_unsorted_ns)"
    ))
}

/// A positive, finite price.
#[inline]
pub(super) fn parse_price(text: &[u8]) -> Result<f64, String> {
    match parse_f64(text) {
        Some(price) if price > 0.0 && price.is_finite() => Ok(price),
        other => Err(bad_price(text, other.is_some())),
    }
}

#[cold]
fn bad_price(text: &[u8], is_number: bool) -> String {
    let value = quoted(text);
    if is_number {
        format!("{value} is not a price; expected a positive, finite decimal such as 43251.1")
    } else {
        format!("{value} is not a number; expected a decimal such as 43251.1")
    }
}
