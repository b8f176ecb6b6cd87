//! Which columns of a file hold what, by header or by the shape of Binance's files without one.

use super::csv::Head;
use super::error::{Fault, quoted};
use super::number::parse_f64;
use super::stamp::Unit;

/// Names of a time column, without case and underscores, the most exact first.
const TIMES: [(&str, Option<Unit>); 16] = [
    ("timestampns", Some(Unit::Nanos)),
    ("tsns", Some(Unit::Nanos)),
    ("timens", Some(Unit::Nanos)),
    ("timestampus", Some(Unit::Micros)),
    ("tsus", Some(Unit::Micros)),
    ("timeus", Some(Unit::Micros)),
    ("timestampms", Some(Unit::Millis)),
    ("tsms", Some(Unit::Millis)),
    ("timems", Some(Unit::Millis)),
    ("timestamps", Some(Unit::Seconds)),
    ("timestamp", None),
    ("ts", None),
    ("transacttime", None),
    ("transactiontime", None),
    ("createdtime", None),
    ("time", None),
];
/// What bars name their time column, before the names above.
const OPEN_TIMES: [(&str, Option<Unit>); 4] = [
    ("opentimens", Some(Unit::Nanos)),
    ("opentimeus", Some(Unit::Micros)),
    ("opentimems", Some(Unit::Millis)),
    ("opentime", None),
];
const EXEC_TYPES: [&str; 3] = ["exectype", "x", "xunknownparameter"];
const SYMBOLS: [&str; 2] = ["symbol", "instrumentname"];
/// A depth update has a time and a price too, and must never move a level.
const BOOK_MARKS: [&str; 3] = ["isask", "issnapshot", "firstupdateid"];

const TIMES_NEEDED: &str = "timestamp_ns, timestamp_us, timestamp_ms, timestamp_s, timestamp, ts, \
                            time, transact_time";

/// Columns of a trade file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TickColumns {
    /// Index of the time stamp.
    pub time: usize,
    /// Its unit, where the name says it.
    pub unit: Option<Unit>,
    /// Index of the price.
    pub price: usize,
    /// Index of the execution type (Binance field `X`); rows other than `MARKET` are no market trades.
    pub exec_type: Option<usize>,
    /// Index of the symbol.
    pub symbol: Option<usize>,
}

/// Columns of a bar file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BarColumns {
    /// Index of the opening time.
    pub time: usize,
    /// Its unit, where the name says it.
    pub unit: Option<Unit>,
    /// Indices of open, high, low and close.
    pub prices: [usize; 4],
    /// Index of the symbol.
    pub symbol: Option<usize>,
}

/// A file's columns as its header or its first row tells them.
pub(super) struct Layout<C> {
    pub(super) columns: C,
    /// All names, for errors.
    pub(super) names: Vec<String>,
    pub(super) format: &'static str,
}

/// Why columns cannot be used: the one that is missing, if any, and the sentence for the user.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ColumnError {
    /// The missing or doubled column.
    pub column: Option<String>,
    /// What was found and what is needed.
    pub message: String,
}

impl From<ColumnError> for Fault {
    fn from(error: ColumnError) -> Self {
        Self { column: error.column, message: error.message }
    }
}

struct Header<'a> {
    names: &'a [String],
    plain: Vec<String>,
}

impl<'a> Header<'a> {
    fn new(names: &'a [String]) -> Self {
        let plain = names.iter().map(|n| plain(n)).collect();
        Self { names, plain }
    }

    fn find(&self, name: &str) -> Result<Option<usize>, ColumnError> {
        let mut found = (0..self.plain.len()).filter(|&i| self.plain[i] == name);
        let first = found.next();
        match (first, found.next()) {
            (Some(a), Some(b)) => Err(ColumnError {
                column: Some(self.names[a].clone()),
                message: format!("is there twice, as columns {} and {}; expected one", a + 1, b + 1),
            }),
            _ => Ok(first),
        }
    }

    fn find_any(&self, names: &[&str]) -> Result<Option<usize>, ColumnError> {
        for name in names {
            if let Some(index) = self.find(name)? {
                return Ok(Some(index));
            }
        }
        Ok(None)
    }

    fn time(&self, names: &[(&str, Option<Unit>)]) -> Result<(usize, Option<Unit>), ColumnError> {
        for &(name, unit) in names {
            if let Some(index) = self.find(name)? {
                return Ok((index, unit));
            }
        }
        Err(self.missing("timestamp", &format!("a time stamp ({TIMES_NEEDED})")))
    }

    fn need(&self, name: &str, needed: &str) -> Result<usize, ColumnError> {
        self.find(name)?.ok_or_else(|| self.missing(name, needed))
    }

    fn missing(&self, column: &str, needed: &str) -> ColumnError {
        ColumnError {
            column: Some(column.to_owned()),
            message: format!("missing; found {}; needed is {needed}", listed(self.names)),
        }
    }

    fn has_bars(&self) -> bool {
        ["open", "high", "low", "close"].iter().all(|name| self.plain.iter().any(|p| p == name))
    }
}

/// The column names as an error shows them, at a length that still fits a terminal.
fn listed(names: &[String]) -> String {
    const SHOWN: usize = 40;
    let shown: Vec<_> = names
        .iter()
        .take(SHOWN)
        .map(|n| n.chars().take(SHOWN).collect::<String>())
        .map(|n| n.escape_debug().to_string())
        .collect();
    let more = names.len().saturating_sub(SHOWN);
    let rest = if more > 0 { format!(" and {more} more") } else { String::new() };
    shown.join(", ") + &rest
}

/// `TimestampNs`, `timestamp_ns` and `TIMESTAMP NS` are one name. OKX appends a translation after a slash.
fn plain(name: &str) -> String {
    name.split('/')
        .next()
        .unwrap_or(name)
        .chars()
        .filter(|c| !matches!(c, '_' | ' ' | '-'))
        .map(|c| c.to_ascii_lowercase())
        .collect()
}

/// Finds the columns of trades among `names`, in any order, others ignored.
///
/// # Errors
/// A needed column is missing or doubled, or the columns are those of an order book or of bars.
pub fn tick_columns(names: &[String]) -> Result<TickColumns, ColumnError> {
    let header = Header::new(names);
    if let Some(mark) = header.find_any(&BOOK_MARKS)? {
        return Err(ColumnError {
            column: Some(names[mark].clone()),
            message: "belongs to order-book updates; expected trades".to_owned(),
        });
    }
    if header.has_bars() && header.find("price")?.is_none() {
        return Err(ColumnError {
            column: Some("price".to_owned()),
            message: format!(
                "missing; found {}, which are bars; expected trades, or read the file as bars",
                listed(names)
            ),
        });
    }
    let needed = format!("price, beside a time stamp ({TIMES_NEEDED})");
    let price = header.need("price", &needed)?;
    let (time, unit) = header.time(&TIMES)?;
    Ok(TickColumns {
        time,
        unit,
        price,
        exec_type: header.find_any(&EXEC_TYPES)?,
        symbol: header.find_any(&SYMBOLS)?,
    })
}

/// Finds the columns of bars among `names`, in any order, others ignored.
///
/// # Errors
/// A needed column is missing or doubled.
pub fn bar_columns(names: &[String]) -> Result<BarColumns, ColumnError> {
    let header = Header::new(names);
    let needed = "open_time (or open_time_ms, timestamp_ms, ...), open, high, low and close";
    let mut prices = [0; 4];
    for (index, name) in prices.iter_mut().zip(["open", "high", "low", "close"]) {
        *index = header.need(name, needed)?;
    }
    let names = [OPEN_TIMES.as_slice(), TIMES.as_slice()].concat();
    let (time, unit) = header.time(&names)?;
    Ok(BarColumns { time, unit, prices, symbol: header.find_any(&SYMBOLS)? })
}

/// Field names of Binance's files without a header, and the kind of each field: `i`nteger,
/// `d`ecimal, `b`oolean.
const AGG_TRADES: ([&str; 8], &[u8]) = (
    [
        "agg_trade_id",
        "price",
        "quantity",
        "first_trade_id",
        "last_trade_id",
        "transact_time",
        "is_buyer_maker",
        "is_best_match",
    ],
    b"iddiiibb",
);
const TRADES: ([&str; 7], &[u8]) =
    (["id", "price", "qty", "quote_qty", "time", "is_buyer_maker", "is_best_match"], b"idddibb");
const BARS: ([&str; 12], &[u8]) = (
    [
        "open_time",
        "open",
        "high",
        "low",
        "close",
        "volume",
        "close_time",
        "quote_volume",
        "count",
        "taker_buy_volume",
        "taker_buy_quote_volume",
        "ignore",
    ],
    b"idddddididdd",
);

fn has_shape(fields: &[String], kinds: &[u8]) -> bool {
    fields.len() == kinds.len()
        && fields.iter().zip(kinds).all(|(field, kind)| match kind {
            b'i' => field.bytes().all(|b| b.is_ascii_digit()) && !field.is_empty(),
            b'd' => parse_f64(field.as_bytes()).is_some(),
            _ => field.eq_ignore_ascii_case("true") || field.eq_ignore_ascii_case("false"),
        })
}

fn owned(names: &[&str]) -> Vec<String> {
    names.iter().map(|&n| n.to_owned()).collect()
}

/// Columns of a trade file with this first line.
pub(super) fn tick_layout(head: &Head) -> Result<Layout<TickColumns>, Fault> {
    if head.is_header {
        return Ok(Layout {
            columns: tick_columns(&head.fields)?,
            format: named_format(&head.fields),
            names: head.fields.clone(),
        });
    }
    let futures = |kinds: &'static [u8]| &kinds[..kinds.len() - 1];
    let fits =
        |kinds: &'static [u8]| has_shape(&head.fields, kinds) || has_shape(&head.fields, futures(kinds));
    let (names, format) = if fits(AGG_TRADES.1) {
        (AGG_TRADES.0.as_slice(), "binance aggTrades")
    } else if fits(TRADES.1) {
        (TRADES.0.as_slice(), "binance trades")
    } else {
        return Err(unknown(head, "Binance aggTrades or trades", "price"));
    };
    let names = owned(&names[..head.fields.len()]);
    Ok(Layout { columns: tick_columns(&names)?, names, format })
}

fn named_format(names: &[String]) -> &'static str {
    let has = |name: &str| names.iter().any(|n| n == name);
    if has("agg_trade_id") {
        "binance aggTrades"
    } else if has("quote_qty") {
        "binance trades"
    } else {
        "named columns"
    }
}

/// Columns of a bar file with this first line.
pub(super) fn bar_layout(head: &Head) -> Result<Layout<BarColumns>, Fault> {
    if head.is_header {
        return Ok(Layout {
            columns: bar_columns(&head.fields)?,
            names: head.fields.clone(),
            format: "named columns",
        });
    }
    if !has_shape(&head.fields, BARS.1) {
        return Err(unknown(head, "Binance klines", "open, high, low, close"));
    }
    let names = owned(&BARS.0);
    Ok(Layout { columns: bar_columns(&names)?, names, format: "binance klines" })
}

fn unknown(head: &Head, known: &str, prices: &str) -> Fault {
    let bars = if has_shape(&head.fields, BARS.1) && prices == "price" {
        ", but those of Binance klines, which are read as bars"
    } else {
        ""
    };
    Fault::row(format!(
        "no header, and its {} fields ({}) are not those of {known}{bars}; expected a header with \
         a time stamp ({TIMES_NEEDED}) and {prices}",
        head.fields.len(),
        quoted(head.fields.join(",").as_bytes()),
    ))
}
