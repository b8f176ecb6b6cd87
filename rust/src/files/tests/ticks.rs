//! Layouts, units and bad rows of tick files.

use std::fmt::Write;

use proptest::prelude::*;

use super::{Scratch, TickFileOptions, name_only, read, read_path, refusal};

const MS: i64 = 1_700_000_000_000;

#[test]
fn binance_files_without_a_header_are_recognised_by_their_fields() {
    let futures_agg = format!("10,100.5,0.2,11,12,{MS},true\n11,100.6,0.1,13,13,{},false\n", MS + 1);
    let spot_agg =
        format!("10,100.5,0.2,11,12,{MS}000,True,True\n11,100.6,0.1,13,13,{}000,False,True\n", MS + 1);
    let futures_trades = format!("10,100.5,0.2,20.1,{MS},true\n11,100.6,0.1,10,{},false\n", MS + 1);
    let spot_trades =
        format!("10,100.5,0.2,20,{MS}000,True,True\n11,100.6,0.1,10,{}000,False,True\n", MS + 1);
    for (text, format) in [
        (futures_agg, "binance aggTrades"),
        (spot_agg, "binance aggTrades"),
        (futures_trades, "binance trades"),
        (spot_trades, "binance trades"),
    ] {
        let ticks = read(&text).expect(&text);
        assert_eq!(ticks.ts_ns, [MS * 1_000_000, (MS + 1) * 1_000_000], "{text}");
        assert_eq!(ticks.price, [100.5, 100.6]);
        assert_eq!(ticks.rows, [1, 2]);
        assert_eq!(ticks.format, format);
    }
}

#[test]
fn a_header_names_columns_in_any_order() {
    for (header, row) in [
        (
            "agg_trade_id,price,quantity,first_trade_id,last_trade_id,transact_time,is_buyer_maker",
            format!("1,100.5,2,3,4,{MS},true"),
        ),
        ("id,price,qty,quote_qty,time,is_buyer_maker", format!("1,100.5,2,3,{MS},true")),
        ("timestamp_ns,price", format!("{MS}000000,100.5")),
        ("price,qty,timestamp_us", format!("100.5,1,{MS}000")),
        ("Timestamp_MS, Price", format!("{MS}, 100.5")),
        ("timestamp_s,price", "1700000000.000,100.5".to_owned()),
        ("ts,price", format!("{MS}000,100.5")),
        ("timestamp,price", "1700000000,100.5".to_owned()),
        (
            "exchange,symbol,timestamp,local_timestamp,id,side,price,amount",
            format!("binance-futures,BTCUSDT,{MS}000,1,2,buy,100.5,1"),
        ),
        ("\"timestamp_ms\",\"note\",\"price\"", format!("{MS},\"a, \"\"b\"\"\",\"100.5\"")),
        ("\u{feff}timestamp_ms,price", format!("{MS},100.5")),
        ("# a comment\n\nts,price", format!("{MS},100.5")),
    ] {
        let ticks = read(format!("{header}\r\n{row}\r\n\r\n")).expect(header);
        assert_eq!(ticks.ts_ns, [MS * 1_000_000], "{header}");
        assert_eq!(ticks.price, [100.5], "{header}");
    }
}

#[test]
fn rows_that_are_no_market_trade_are_dropped_and_counted_and_keep_their_numbers() {
    let text = format!(
        "TransactionTime,Price,XUnknownParameter\n{MS},1.5,MARKET\n{MS},0.0,\n\n{MS},9,INSURANCE_FUND\n{MS},1.6,MARKET\n"
    );
    let ticks = read(text).expect("good");
    assert_eq!(ticks.price, [1.5, 1.6]);
    assert_eq!(ticks.rows, [2, 6]);
    assert_eq!(ticks.non_market, 2);
}

#[test]
fn a_last_line_without_an_end_mark_counts() {
    let ticks = read(format!("ts,price\n{MS},1.5\n{MS},1.6")).expect("good");
    assert_eq!(ticks.price, [1.5, 1.6]);
}

#[test]
fn a_bad_row_is_named_with_column_value_and_what_is_expected() {
    let row = |row: &str| refusal(format!("time,price,note\n{MS},1.5,\n{row}\n"));
    assert_eq!(
        row(&format!("{MS},abc,")),
        "t.csv: row 3, column price: \"abc\" is not a number; expected a decimal such as 43251.1"
    );
    assert_eq!(
        row(&format!("{MS},-1,")),
        "t.csv: row 3, column price: \"-1\" is not a price; expected a positive, finite decimal such as 43251.1"
    );
    for value in ["0", "nan", "inf", "1e400", "1e-400"] {
        assert!(row(&format!("{MS},{value},")).contains("is not a price"), "{value}");
    }
    assert_eq!(
        row("2024-01-01,1.5,"),
        "t.csv: row 3, column time: \"2024-01-01\" is not a time stamp; expected an integer such as 1700000000000"
    );
    assert_eq!(
        row("5,1.5,"),
        "t.csv: row 3, column time: \"5\" is too small to tell its unit; expected a time after March 1973, or a column named timestamp_ns, timestamp_us, timestamp_ms or timestamp_s"
    );
    assert_eq!(
        row(&format!("{MS}000,1.5,")),
        "t.csv: row 3, column time: \"1700000000000000\" is a time in us, the rows above are in ms; expected one unit a file"
    );
    assert_eq!(row(&format!("{MS},1.5")), "t.csv: row 3: 2 fields; expected 3 (time, price, note)");
    assert_eq!(
        row(&format!("{},1.5,", MS - 5)),
        "t.csv: row 3, column time: time goes back 5000000 ns behind the latest row above; allowed are 0 ns (allow_unsorted_ns)"
    );
    assert_eq!(
        row(&format!("{MS},1.5,\"x")),
        "t.csv: row 3: a quoted field does not end on its line; expected a closing quote"
    );
    assert!(row(&format!("{MS},{},", "9x".repeat(100))).contains("9x9x\"... (200 bytes)"));
}

#[test]
fn a_carriage_return_inside_a_quoted_line_is_data() {
    let ticks = read(format!("ts,note,price\n{MS},\r\"a,\r b\",1.5\n{MS},\"a,\r b\",1.5\n"));
    assert_eq!(
        ticks.map(|t| t.price).map_err(|e| name_only(&e)),
        Err("t.csv: row 2: 4 fields; expected 3 (ts, note, price)".to_owned())
    );
    let ticks = read(format!("ts,note,price\n{MS},\"a,\r b\",1.5\n")).expect("good");
    assert_eq!(ticks.price, [1.5]);
}

#[test]
fn a_time_beyond_64_bit_nanoseconds_is_refused() {
    assert_eq!(
        refusal("timestamp_ms,price\n99999999999999,1\n"),
        "t.csv: row 2, column timestamp_ms: \"99999999999999\" ms lies after the year 2262; expected a time that fits 64-bit nanoseconds"
    );
}

#[test]
fn bytes_that_are_no_text_matter_only_where_a_value_is_needed() {
    let row = |price: &[u8]| [b"ts,note,price\n1700000000000,\xff\xfe,", price, b"\n"].concat();
    assert_eq!(read(row(b"1.5")).expect("good").price, [1.5]);
    assert_eq!(
        refusal(row(b"1.\xff")),
        "t.csv: row 2, column price: \"1.\u{fffd}\" is not a number; expected a decimal such as 43251.1"
    );
}

#[test]
fn columns_that_cannot_be_used_are_refused_with_those_found() {
    assert_eq!(
        refusal("timestamp_ns,qty\n1,2\n"),
        "t.csv: row 1, column price: missing; found timestamp_ns, qty; needed is price, beside a time stamp (timestamp_ns, timestamp_us, timestamp_ms, timestamp_s, timestamp, ts, time, transact_time)"
    );
    assert_eq!(
        refusal("# x\nprice,qty\n1,2\n"),
        "t.csv: row 2, column timestamp: missing; found price, qty; needed is a time stamp (timestamp_ns, timestamp_us, timestamp_ms, timestamp_s, timestamp, ts, time, transact_time)"
    );
    assert_eq!(
        refusal("ts,price,Price\n1,2,3\n"),
        "t.csv: row 1, column price: is there twice, as columns 2 and 3; expected one"
    );
    assert_eq!(
        refusal("timestamp,is_snapshot,side,price,amount\n1,true,bid,2,3\n"),
        "t.csv: row 1, column is_snapshot: belongs to order-book updates; expected trades"
    );
    assert_eq!(
        refusal("open_time,open,high,low,close\n1,2,3,4,5\n"),
        "t.csv: row 1, column price: missing; found open_time, open, high, low, close, which are bars; expected trades, or read the file as bars"
    );
    assert!(refusal("1,2,3\n").starts_with(
        "t.csv: row 1: no header, and its 3 fields (\"1,2,3\") are not those of Binance aggTrades or trades; expected a header"
    ));
    let kline = format!("{MS},1,2,0.5,1.5,10,{MS},15,3,5,7,0\n");
    assert!(refusal(kline).contains("but those of Binance klines, which are read as bars"));
}

#[test]
fn a_file_without_rows_is_refused() {
    let empty = "t.csv: file is empty; expected a CSV with one trade or bar a line";
    assert_eq!(refusal(""), empty);
    assert_eq!(refusal("\n\n# nothing\n"), empty);
    assert_eq!(refusal("ts,price\n"), "t.csv: no rows after the header; expected one trade or bar a line");
}

#[test]
fn two_symbols_are_refused() {
    assert_eq!(
        refusal(format!("ts,symbol,price\n{MS},BTCUSDT,1\n{MS},ETHUSDT,2\n")),
        "t.csv: row 3, column symbol: \"ETHUSDT\" follows \"BTCUSDT\"; expected one symbol a file"
    );
}

#[test]
fn a_line_without_end_is_refused() {
    assert!(refusal(vec![b'1'; 1 << 20]).starts_with("t.csv: row 1: the line is longer than 65536 bytes"));
}

#[test]
fn time_may_go_back_as_far_as_allowed_behind_the_latest() {
    let file = Scratch::new("t.csv", "timestamp_ns,price\n10,1\n8,2\n7,3\n10,4\n");
    let read = |allow_unsorted_ns| read_path(file.path(), TickFileOptions { allow_unsorted_ns }, 1);
    assert_eq!(read(3).expect("allowed").ts_ns, [10, 8, 7, 10]);
    let error = read(2).expect_err("3 ns back");
    assert_eq!(error.row, Some(4));
    assert_eq!(
        name_only(&read(-1).expect_err("negative")),
        "t.csv: allow_unsorted_ns: -1 is not allowed; expected 0 or more"
    );
}

#[test]
fn an_error_is_kept() {
    let file = Scratch::new("t.csv", "timestamp_ns,price\n1,1\n1,x\n1,2\n");
    let mut reader = super::TickReader::open(file.path(), TickFileOptions::default()).expect("a header");
    assert!(reader.next_batch(super::size(1)).expect("a good row").is_some());
    let first = reader.next_batch(super::size(1)).expect_err("a bad row");
    assert_eq!(reader.next_batch(super::size(1)), Err(first));
}

proptest! {
    #[test]
    fn what_was_written_is_read_whatever_the_batch_size(
        ticks in proptest::collection::vec((0_i64..1_000_000, 1_u64..10_000_000), 1..200),
        batch in 1_usize..50,
    ) {
        let mut ts_ns = 0;
        let mut text = "timestamp_ns,price\n".to_owned();
        let mut expected = (Vec::new(), Vec::new());
        for (step, cents) in ticks {
            ts_ns += step;
            let price = format!("{}.{:02}", cents / 100, cents % 100);
            writeln!(text, "{ts_ns},{price}").expect("written to memory");
            expected.0.push(ts_ns);
            expected.1.push(price.parse::<f64>().expect("a number"));
        }
        prop_assume!(expected.1.iter().all(|&p| p > 0.0));
        let file = Scratch::new("t.csv", text);
        let got = read_path(file.path(), TickFileOptions::default(), batch).expect("good");
        prop_assert_eq!((got.ts_ns, got.price), expected);
        prop_assert!(got.rows.iter().copied().eq(2..got.rows.len() as u64 + 2));
    }

    #[test]
    fn arbitrary_bytes_never_panic(bytes in proptest::collection::vec(csv_byte(), 0..300)) {
        // Only the absence of a panic is claimed: some bytes are a file.
        drop(read(&bytes));
        drop(read([b"ts,price\n".as_slice(), &bytes].concat()));
    }
}

/// Any byte, and those that mean something in a CSV far more often.
fn csv_byte() -> impl Strategy<Value = u8> {
    prop_oneof![
        3 => proptest::sample::select(b",\"\r\n .#-".to_vec()),
        2 => proptest::sample::select(b"0123456789e".to_vec()),
        1 => any::<u8>(),
    ]
}
