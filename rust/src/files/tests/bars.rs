//! Bar files.

use super::{Scratch, name_only, size, zipped};
use crate::files::{BarBatch, BarReader, FileError};

const MS: i64 = 1_700_000_040_000;

fn read_named(name: &str, bytes: impl AsRef<[u8]>) -> Result<BarBatch, FileError> {
    let file = Scratch::new(name, bytes);
    let mut reader = BarReader::open(file.path())?;
    Ok(reader.next_batch(size(1000))?.expect("a first batch"))
}

fn refusal(rows: &str) -> String {
    let text = format!("open_time_ms,open,high,low,close\n{rows}\n");
    name_only(&read_named("t.csv", text).expect_err("refused"))
}

#[test]
fn klines_are_read_with_and_without_header_and_zipped() {
    let row = format!("{MS},1,2.5,0.5,1.5,10,{},15,3,5,7,0\n", MS + 59_999);
    let header = "open_time,open,high,low,close,volume,close_time,quote_volume,count,taker_buy_volume,taker_buy_quote_volume,ignore\n";
    let with_header = format!("{header}{row}");
    let zip = zipped(&[("k.csv", row.as_bytes())], zip::CompressionMethod::Deflated);
    for (name, bytes) in [("k.csv", row.as_bytes()), ("k.csv", with_header.as_bytes()), ("k.zip", &zip)] {
        let bars = read_named(name, bytes).expect("good");
        assert_eq!(bars.open_ns, [MS * 1_000_000]);
        assert_eq!([bars.open, bars.high, bars.low, bars.close], [[1.0], [2.5], [0.5], [1.5]]);
    }
}

#[test]
fn bars_that_contradict_themselves_are_refused() {
    assert_eq!(
        refusal(&format!("{MS},1,1.2,0.5,1.5")),
        "t.csv: row 2, column high: 1.2 is below open 1 or close 1.5; expected the highest price"
    );
    assert_eq!(
        refusal(&format!("{MS},1,2,1.1,1.5")),
        "t.csv: row 2, column low: 1.1 is above open 1 or close 1.5; expected the lowest price"
    );
    assert_eq!(
        refusal(&format!("{MS},1,2,x,1.5")),
        "t.csv: row 2, column low: \"x\" is not a number; expected a decimal such as 43251.1"
    );
    assert_eq!(
        refusal(&format!("{MS},1,2,1,1\n{MS},1,2,1,1")),
        "t.csv: row 3, column open_time_ms: the bar opens 0 ns before the bar above; expected a later opening"
    );
}

#[test]
fn trades_are_no_bars() {
    let error = read_named("t.csv", "timestamp_ms,price\n1,2\n").expect_err("trades");
    assert_eq!(
        name_only(&error),
        "t.csv: row 1, column open: missing; found timestamp_ms, price; needed is open_time (or open_time_ms, timestamp_ms, ...), open, high, low and close"
    );
}
