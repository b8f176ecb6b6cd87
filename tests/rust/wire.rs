//! Messages as the venue sent them, from recorded sessions.
//!
//! The recordings lie beside the repository and are too large for it. Where they are absent the test
//! says so and passes, except with `CI=true`.
#![cfg(not(loom))]

use std::fs::{self, File};
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};

use flate2::read::MultiGzDecoder;
use quantum_exit::decimal::Decimal;
use quantum_exit::instrument::Instrument;
use quantum_exit::wire::{Fault, parse_trade};
use serde_json::Value;

fn recordings(below: &str) -> Option<PathBuf> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/data").join(below);
    if path.exists() {
        return Some(path);
    }
    let required = std::env::var("CI").is_ok_and(|ci| ci == "true");
    assert!(!required, "{} is absent", path.display());
    println!("skipped: {} is absent", path.display());
    None
}

/// Compares one message with what a JSON library makes of it; `true` for a trade.
fn check(message: &str) -> bool {
    let value: Value = serde_json::from_str(message).expect("a recorded message is JSON");
    let fields = value.get("data").unwrap_or(&value);
    let text = |key: &str| fields[key].as_str().unwrap_or_default();
    let is_trade = matches!(text("e"), "trade" | "aggTrade");
    let trade = match parse_trade(message.as_bytes()) {
        Ok(trade) => trade,
        Err(error) => {
            assert!(!is_trade, "{error}: {message}");
            assert!(matches!(error.fault, Fault::OtherEvent | Fault::Missing), "{error}: {message}");
            return false;
        }
    };
    assert!(is_trade, "{message}");
    assert_eq!(trade.symbol, text("s").as_bytes());
    assert_eq!(trade.price.text(), text("p").as_bytes());
    assert_eq!(Some(trade.ts.0), fields["T"].as_i64().map(|ms| ms * 1_000_000));
    assert_eq!(trade.is_market, matches!(text("X"), "MARKET" | ""));
    true
}

#[test]
fn recorded_events_of_every_kind_are_read_or_told_apart() {
    let Some(path) = recordings("fixtures/binance_usdm_market_events.jsonl") else { return };
    let lines = fs::read_to_string(path).expect("readable");
    let raw = |line: &str| serde_json::from_str::<Value>(line).expect("JSON")["raw"].to_string();
    let trades = lines.lines().filter(|line| check(&raw(line))).count();
    assert!(trades >= 12, "{trades} trades");
}

#[test]
fn recorded_sessions_are_read_message_by_message_and_lie_on_the_grid() {
    let Some(folder) = recordings("book/raw_ws_captures") else { return };
    let decimal = |text| Decimal::parse("test", text).expect("a decimal");
    let cent = Instrument::new("ANY", decimal("0.01"), decimal("1"), decimal("0"), decimal("0"), None)
        .expect("an instrument");
    let mut trades = 0;
    for entry in fs::read_dir(folder).expect("readable") {
        let file = File::open(entry.expect("readable").path()).expect("readable");
        for line in BufReader::new(MultiGzDecoder::new(file)).lines() {
            let line = line.expect("readable");
            let Some(message) = message_of(&line) else { continue };
            if check(&message) {
                trades += 1;
                let trade = parse_trade(message.as_bytes()).expect("just read");
                let price: f64 =
                    str::from_utf8(trade.price.text()).expect("digits").parse().expect("a number");
                let ticks = trade.price.ticks(&cent).filter(|ticks| ticks.0 > 0 || !trade.is_market);
                assert_eq!(ticks, cent.snap(price).or(ticks.filter(|ticks| ticks.0 == 0)), "{message}");
            }
        }
    }
    assert!(trades > 10_000, "{trades} trades");
}

/// The message in a line: `{"raw": "..."}`, or a receive time, a space and the message.
fn message_of(line: &str) -> Option<String> {
    if line.starts_with('{') {
        let value: Value = serde_json::from_str(line).expect("JSON");
        return value["raw"].as_str().map(str::to_owned);
    }
    line.split_once(' ').map(|(_, message)| message.to_owned())
}
