use proptest::prelude::*;
use serde_json::{Map, Value, json};

use super::*;

const BARE: &str = r#"{"e":"aggTrade","E":1700000000123,"s":"BTCUSDT","a":1,"p":"43251.10","q":"0.5","f":1,"l":2,"T":1700000000120,"m":true}"#;
const ENVELOPED: &str = r#"{"stream":"btcusdt@trade","data":{"e":"trade","E":1721347202813,"T":1721347202812,"s":"BTCUSDT","t":5182006711,"p":"63960.00","q":"0.310","X":"MARKET","m":false}}"#;

fn fault(message: &str) -> (&'static str, Fault) {
    let error = parse_trade(message.as_bytes()).expect_err(message);
    assert!(error.at <= message.len(), "{error}");
    (error.field, error.fault)
}

/// The bare message with `from` written as `to`.
fn bare_with(from: &str, to: &str) -> String {
    assert!(BARE.contains(from), "{from}");
    BARE.replace(from, to)
}

#[test]
fn a_bare_aggregate_trade_is_read() {
    let trade = parse_trade(BARE.as_bytes()).expect("a trade");
    assert_eq!(trade.symbol, b"BTCUSDT");
    assert_eq!(trade.price.text(), b"43251.10");
    assert_eq!(trade.ts, Ns(1_700_000_000_120_000_000));
    assert!(trade.is_market);
}

#[test]
fn an_enveloped_trade_is_read_and_space_between_tokens_is_ignored() {
    let tight = parse_trade(ENVELOPED.as_bytes()).expect("a trade");
    assert_eq!((tight.symbol, tight.price.text()), (&b"BTCUSDT"[..], &b"63960.00"[..]));
    let loose =
        ENVELOPED.replace(':', " :\t").replace(',', "\r\n, ").replace('{', " { ").replace('}', "\n} ");
    assert_eq!(parse_trade(loose.as_bytes()), Ok(tight));
}

#[test]
fn only_a_market_trade_counts_as_one() {
    for (x, is_market) in [("MARKET", true), ("INSURANCE_FUND", false), ("NA", false), ("", false)] {
        let message = ENVELOPED.replace("MARKET", x);
        let trade = parse_trade(message.as_bytes()).expect("a trade");
        assert_eq!(trade.is_market, is_market, "{x}");
    }
}

#[test]
fn a_trade_without_one_of_its_fields_is_refused_by_name() {
    for (field, text) in [
        ("e", r#""e":"aggTrade","#),
        ("s", r#""s":"BTCUSDT","#),
        ("p", r#""p":"43251.10","#),
        ("T", r#""T":1700000000120,"#),
    ] {
        assert_eq!(fault(&bare_with(text, "")), (field, Fault::Missing));
    }
    assert_eq!(fault(r#"{"stream":"x","data":{}}"#), ("e", Fault::Missing));
    assert_eq!(fault(r#"{"result":null,"id":1}"#), ("e", Fault::Missing));
}

#[test]
fn a_field_of_another_type_is_refused_by_name() {
    for (field, from, to) in [
        ("e", r#""e":"aggTrade""#, r#""e":1"#),
        ("s", r#""s":"BTCUSDT""#, r#""s":null"#),
        ("s", r#""s":"BTCUSDT""#, r#""s":"""#),
        ("p", r#""p":"43251.10""#, r#""p":43251.10"#),
        ("p", r#""p":"43251.10""#, r#""p":{}"#),
        ("T", r#""T":1700000000120"#, r#""T":"1700000000120""#),
        ("T", r#""T":1700000000120"#, r#""T":1700000000120.5"#),
        ("T", r#""T":1700000000120"#, r#""T":17e11"#),
        ("T", r#""T":1700000000120"#, r#""T":01700000000120"#),
        ("X", r#""m":true"#, r#""X":true"#),
    ] {
        let (named, fault) = fault(&bare_with(from, to));
        assert_eq!(named, field, "{to}");
        assert!(matches!(fault, Fault::Expected(_)), "{to}: {fault}");
    }
}

#[test]
fn a_price_that_is_no_plain_decimal_is_refused_where_it_stands() {
    for price in ["", "abc", "-1", "+1", "1e5", "43,251", "1.2.3", "1.", ".5", "NaN", "1234567890123456789"] {
        let message = bare_with("43251.10", price);
        let error = parse_trade(message.as_bytes()).expect_err(price);
        assert_eq!((error.field, error.at), ("p", message.find(r#""p":"#).expect("there") + 4), "{price}");
    }
}

#[test]
fn a_time_before_1970_or_in_microseconds_is_refused() {
    for time in ["-1", "-1700000000120", "9223372036855", "1700000000120000", "1234567890123456789012"] {
        assert_eq!(fault(&bare_with("1700000000120", time)), ("T", Fault::TimeOutOfRange), "{time}");
    }
    let last = bare_with("1700000000120", "9223372036854");
    assert!(parse_trade(last.as_bytes()).is_ok());
}

#[test]
fn another_event_is_told_apart_as_soon_as_it_is_known() {
    assert_eq!(fault(&bare_with("aggTrade", "bookTicker")), ("e", Fault::OtherEvent));
    assert_eq!(fault(r#"{"stream":"x","data":{"e":"depthUpdate","b":[["#), ("e", Fault::OtherEvent));
}

#[test]
fn a_field_given_twice_is_refused() {
    for (field, text) in [
        ("e", r#""e":"aggTrade""#),
        ("s", r#""s":"ETHUSDT""#),
        ("p", r#""p":"1""#),
        ("T", r#""T":1"#),
        ("X", r#""X":"MARKET","X":"MARKET""#),
        ("data", r#""data":{},"data":{}"#),
    ] {
        let message = bare_with("\"m\":true", text);
        assert_eq!(fault(&message), (field, Fault::Repeated), "{text}");
    }
}

#[test]
fn fields_of_a_trade_beside_an_envelope_are_refused() {
    let message = ENVELOPED.replace("\"stream\":\"btcusdt@trade\"", "\"s\":\"ETHUSDT\"");
    assert!(matches!(fault(&message), ("data", Fault::Expected(_))));
    assert!(matches!(fault(r#"{"data":[]}"#), (_, Fault::Expected("an object"))));
}

#[test]
fn escapes_are_skipped_in_other_values_and_refused_in_fields_and_keys() {
    let skipped = bare_with("\"m\":true", r#""note":"\"\\\/\b\f\n\r\t\u00e9 é"}"#);
    assert_eq!(fault(&skipped), ("message", Fault::Expected("the end of the message")));
    assert!(parse_trade(&skipped.as_bytes()[..skipped.len() - 1]).is_ok());
    assert_eq!(fault(&bare_with("BTCUSDT", r"BTC\u0055SDT")), ("s", Fault::Escaped));
    assert_eq!(fault(&bare_with("\"m\"", r#""\u0070""#)), ("message", Fault::Escaped));
}

#[test]
fn a_symbol_need_not_be_ascii() {
    let message = bare_with("BTCUSDT", "币安USDT");
    assert_eq!(parse_trade(message.as_bytes()).expect("a trade").symbol, "币安USDT".as_bytes());
}

#[test]
fn what_is_no_json_is_refused_even_in_what_is_skipped() {
    for value in [
        "tru",
        "True",
        "nul",
        "01",
        "1.",
        "1.e5",
        ".5",
        "1e",
        "1e+",
        "-",
        "+1",
        "[1,]",
        "[1 2]",
        "{1:2}",
        "{\"a\"}",
        "{\"a\":1,}",
        "\"\\x\"",
        "\"\\u12g4\"",
        "\"\u{1}\"",
        "",
    ] {
        let (field, fault) = fault(&bare_with("true", value));
        assert_eq!(field, "message", "{value}");
        assert!(matches!(fault, Fault::Expected(_)), "{value}: {fault}");
    }
    let broken = [BARE.replace("true", "\"").as_bytes(), &[0xff, b'"', b'}']].concat();
    assert!(matches!(
        parse_trade(&broken),
        Err(WireError { fault: Fault::Expected("UTF-8 in a string"), .. })
    ));
}

#[test]
fn every_message_that_is_cut_off_is_refused() {
    for message in [BARE, ENVELOPED] {
        for end in 0..message.len() {
            assert!(parse_trade(&message.as_bytes()[..end]).is_err(), "{}", &message[..end]);
        }
    }
    assert_eq!(fault(""), ("message", Fault::Truncated));
    assert_eq!(fault(&BARE[..BARE.len() - 1]), ("message", Fault::Truncated));
}

#[test]
fn depth_is_bounded_so_that_no_message_exhausts_the_stack() {
    let nested = |depth: usize| bare_with("true", &format!("{}{}", "[".repeat(depth), "]".repeat(depth)));
    assert!(parse_trade(nested(64).as_bytes()).is_ok());
    assert_eq!(fault(&nested(65)), ("message", Fault::TooDeep));
    assert_eq!(fault(&bare_with("true", &"{\"a\":[".repeat(100_000))), ("message", Fault::TooDeep));
}

#[test]
fn an_error_says_where_and_what() {
    let error = parse_trade(bare_with("43251.10", "x").as_bytes()).expect_err("no price");
    let text = "p at byte 58: expected a plain decimal in quotes such as \"43251.10\"";
    assert_eq!(error.to_string(), text);
}

/// Any JSON value of a few levels, with keys that look like a trade's.
fn noise() -> impl Strategy<Value = Value> {
    let number = prop_oneof![any::<i64>().prop_map(Value::from), (-1e9..1e9).prop_map(|x: f64| json!(x))];
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        number,
        any::<String>().prop_map(Value::from),
    ];
    leaf.prop_recursive(4, 24, 4, |inner| {
        let key = prop_oneof![Just("p".to_owned()), Just("data".to_owned()), any::<String>()];
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::vec((key, inner), 0..4)
                .prop_map(|pairs| Value::Object(pairs.into_iter().collect())),
        ]
    })
}

/// Keys that are no field and need no escape.
fn other_key() -> impl Strategy<Value = String> {
    "[a-zA-Z0-9_@é ]{0,12}"
        .prop_filter("a field", |key| !matches!(&key[..], "e" | "s" | "p" | "T" | "X" | "data"))
}

fn trade_fields() -> impl Strategy<Value = Vec<(String, Value)>> {
    let price = prop_oneof!["[0-9]{1,9}", "[0-9]{1,9}\\.[0-9]{1,8}"];
    let extra = prop::collection::vec((other_key(), noise()), 0..6);
    let x = prop::option::of(prop_oneof![Just("MARKET"), Just("INSURANCE_FUND"), Just("ADL")]);
    let event = prop_oneof![Just("trade"), Just("aggTrade")];
    (event, "[A-Z0-9_é]{1,24}", price, 0..=9_223_372_036_854_i64, x, extra)
        .prop_map(|(event, symbol, price, time, x, extra)| {
            let mut fields = vec![
                ("e".to_owned(), json!(event)),
                ("s".to_owned(), json!(symbol)),
                ("p".to_owned(), json!(price)),
                ("T".to_owned(), json!(time)),
            ];
            fields.extend(x.map(|x| ("X".to_owned(), json!(x))));
            fields.extend(extra);
            fields
        })
        .prop_shuffle()
}

/// JSON text of an object, with `space` between all tokens.
fn write(fields: &[(String, Value)], space: &str) -> String {
    let pair = |(key, value): &(String, Value)| format!("{space}{}{space}:{space}{value}{space}", json!(key));
    let pairs: Vec<String> = fields.iter().map(pair).collect();
    format!("{space}{{{}{space}}}{space}", pairs.join(","))
}

/// What a JSON library makes of a message; `None` where it is no trade.
fn reference(message: &[u8]) -> Option<(String, String, i64, bool)> {
    let value: Map<String, Value> = serde_json::from_slice(message).ok()?;
    let fields = match value.get("data") {
        Some(data) => data.as_object()?,
        None => &value,
    };
    matches!(fields.get("e")?.as_str()?, "trade" | "aggTrade").then_some(())?;
    let text = |key: &str| Some(fields.get(key)?.as_str()?.to_owned());
    let is_market = match fields.get("X") {
        Some(x) => x.as_str()? == "MARKET",
        None => true,
    };
    Some((text("s")?, text("p")?, fields.get("T")?.as_i64()?, is_market))
}

/// JSON by its grammar, but with a number or a character that the library cannot hold.
fn is_beyond_the_library(message: &[u8]) -> bool {
    let refused = serde_json::from_slice::<Value>(message).err().map(|error| error.to_string());
    refused.is_some_and(|why| why.contains("out of range") || why.contains("surrogate"))
}

fn parsed(trade: WireTrade<'_>) -> (String, String, i64, bool) {
    let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).expect("checked");
    (text(trade.symbol), text(trade.price.text()), trade.ts.0 / 1_000_000, trade.is_market)
}

proptest! {
    #[test]
    fn any_order_space_and_extra_keys_read_as_a_json_library_reads_them(
        fields in trade_fields(),
        space in "[ \t\r\n]{0,3}",
        enveloped: bool,
    ) {
        let mut message = write(&fields, &space);
        if enveloped {
            message = format!("{{\"stream\":\"x@trade\",{space}\"data\":{message}}}");
        }
        let trade = parse_trade(message.as_bytes());
        let trade = trade.map_err(|error| TestCaseError::fail(format!("{error} in {message}")))?;
        prop_assert_eq!(Some(parsed(trade)), reference(message.as_bytes()));
    }

    #[test]
    fn a_damaged_message_is_refused_or_reads_as_a_json_library_reads_it(
        fields in trade_fields(),
        damage in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>(), any::<bool>()), 1..4),
    ) {
        let mut message = write(&fields, "").into_bytes();
        for (at, byte, insert) in damage {
            let at = at.index(message.len());
            if insert {
                message.insert(at, byte);
            } else {
                message[at] = byte;
            }
        }
        if let Ok(trade) = parse_trade(&message) {
            prop_assume!(!is_beyond_the_library(&message));
            prop_assert_eq!(Some(parsed(trade)), reference(&message));
        }
    }

    #[test]
    fn no_bytes_make_it_panic(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        prop_assert!(parse_trade(&bytes).is_err());
    }
}
