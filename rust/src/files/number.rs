//! Decimal text to the nearest `f64`.

/// Powers of ten that an `f64` holds exactly.
const EXACT_POWERS: [f64; 23] = [
    1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18,
    1e19, 1e20, 1e21, 1e22,
];
const MAX_EXACT_INTEGER: u64 = 1 << 53;

/// The `f64` nearest to `text` (ties to even), or `None` when it is not a number.
///
/// Takes what `str::parse` takes, `inf` and `nan` included, and spaces around it.
#[inline]
pub(super) fn parse_f64(text: &[u8]) -> Option<f64> {
    parse_short(text).or_else(|| parse_any(text))
}

/// Up to 18 digits with at most one point. Both operands of the one division are exact, so IEEE 754
/// rounds the quotient once, and correctly (Clinger 1990).
#[inline]
#[allow(clippy::cast_precision_loss, reason = "the mantissa is checked to be exact")]
fn parse_short(text: &[u8]) -> Option<f64> {
    if text.len() > 19 {
        return None;
    }
    let mut mantissa = 0_u64;
    let mut digits = 0_usize;
    let mut digits_at_point = None;
    for &byte in text {
        let digit = byte.wrapping_sub(b'0');
        if digit <= 9 {
            mantissa = mantissa * 10 + u64::from(digit);
            digits += 1;
        } else if byte == b'.' && digits_at_point.is_none() {
            digits_at_point = Some(digits);
        } else {
            return None;
        }
    }
    let scale = digits - digits_at_point.unwrap_or(digits);
    if digits == 0 || digits > 18 || mantissa > MAX_EXACT_INTEGER {
        return None;
    }
    Some(mantissa as f64 / EXACT_POWERS[scale])
}

#[cold]
fn parse_any(text: &[u8]) -> Option<f64> {
    std::str::from_utf8(text).ok()?.trim().parse().ok()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::parse_f64;

    #[test]
    fn numbers_at_the_edges_of_the_short_path_are_rounded_correctly() {
        for text in [
            "0",
            "0.1",
            "43251.1",
            "9007199254740992",
            "9007199254740993",
            "9007199254740.993",
            "123456789012345678",
            "1234567890123456789",
            "0.00000000000000001",
            ".5",
            "5.",
            "0.000000000000000001",
            "1e-7",
            "1E22",
            "-1.5",
            "+2",
            "0000000000000000001.5",
        ] {
            let expected: f64 = text.parse().expect("a number");
            let got = parse_f64(text.as_bytes()).expect("a number");
            assert_eq!(got.to_bits(), expected.to_bits(), "{text}");
        }
    }

    #[test]
    fn text_that_is_no_number_is_refused() {
        for text in ["", ".", "abc", "1,5", "1.2.3", "0x10", "1_000", "12 3", "--1", "1e", "\u{661}"] {
            assert_eq!(parse_f64(text.as_bytes()), None, "{text:?}");
        }
    }

    #[test]
    fn spaces_around_a_number_are_ignored() {
        assert_eq!(parse_f64(b" 43251.1 "), Some(43251.1));
    }

    proptest! {
        #[test]
        fn the_shortest_form_of_any_float_reads_back_exactly(bits: u64) {
            let value = f64::from_bits(bits);
            prop_assume!(value.is_finite());
            prop_assert_eq!(parse_f64(value.to_string().as_bytes()).map(f64::to_bits), Some(bits));
            prop_assert_eq!(parse_f64(format!("{value:e}").as_bytes()).map(f64::to_bits), Some(bits));
        }

        #[test]
        fn any_decimal_text_reads_as_the_standard_library_reads_it(text in "[0-9]{1,12}(\\.[0-9]{0,12})?") {
            let expected: f64 = text.parse().expect("a number");
            prop_assert_eq!(parse_f64(text.as_bytes()).map(f64::to_bits), Some(expected.to_bits()));
        }

        #[test]
        fn prices_on_a_decimal_grid_read_exactly(ticks in 1_u64..=999_999_999_999_999, scale in 0_usize..=10) {
            let digits = format!("{ticks:0>width$}", width = scale + 1);
            let (whole, fraction) = digits.split_at(digits.len() - scale);
            let text = format!("{whole}.{fraction}");
            let expected: f64 = text.parse().expect("a number");
            prop_assert_eq!(parse_f64(text.as_bytes()).map(f64::to_bits), Some(expected.to_bits()));
        }
    }
}
