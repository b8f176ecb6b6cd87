//! Time stamps: which unit a column has, and its values as nanoseconds since the UNIX epoch.

/// Unit of a time stamp.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unit {
    /// Seconds.
    Seconds,
    /// Milliseconds.
    Millis,
    /// Microseconds.
    Micros,
    /// Nanoseconds.
    Nanos,
}

/// Smallest value whose unit can be told, in seconds: March 1973.
const RECOGNISABLE: i64 = 100_000_000;
/// A unit's values end where those of the next finer unit begin: `RECOGNISABLE` of the finer unit.
const SPAN: i64 = 1_000;

impl Unit {
    /// Nanoseconds in one unit.
    #[must_use]
    pub const fn ns(self) -> i64 {
        match self {
            Self::Seconds => 1_000_000_000,
            Self::Millis => 1_000_000,
            Self::Micros => 1_000,
            Self::Nanos => 1,
        }
    }

    /// Short name: `s`, `ms`, `us` or `ns`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Seconds => "s",
            Self::Millis => "ms",
            Self::Micros => "us",
            Self::Nanos => "ns",
        }
    }

    /// The unit in which `value` lies between March 1973 and the year 5138; `None` for a smaller value.
    #[must_use]
    pub const fn of_magnitude(value: i64) -> Option<Self> {
        if value < RECOGNISABLE {
            None
        } else if value < RECOGNISABLE * SPAN {
            Some(Self::Seconds)
        } else if value < RECOGNISABLE * SPAN * SPAN {
            Some(Self::Millis)
        } else if value < RECOGNISABLE * SPAN * SPAN * SPAN {
            Some(Self::Micros)
        } else {
            Some(Self::Nanos)
        }
    }
}

/// A time stamp as written: whole units and the digits after a decimal point.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Stamp<'a> {
    pub(super) whole: i64,
    pub(super) fraction: &'a [u8],
}

impl<'a> Stamp<'a> {
    /// Parses `digits[.digits]`, with spaces around it; `None` for anything else.
    #[inline]
    pub(super) fn parse(text: &'a [u8]) -> Option<Self> {
        // 18 digits cannot overflow, and every ns stamp of the last 20 years has 19.
        let Some((&last, init)) = text.split_last().filter(|_| text.len() <= 19) else {
            return Self::parse_any(text);
        };
        let mut whole = 0_i64;
        for &byte in init {
            let digit = byte.wrapping_sub(b'0');
            if digit > 9 {
                return Self::parse_any(text);
            }
            whole = whole * 10 + i64::from(digit);
        }
        let digit = last.wrapping_sub(b'0');
        if digit > 9 {
            return Self::parse_any(text);
        }
        let whole = whole.checked_mul(10)?.checked_add(i64::from(digit))?;
        Some(Self { whole, fraction: &[] })
    }

    #[cold]
    fn parse_any(text: &'a [u8]) -> Option<Self> {
        let text = text.trim_ascii();
        let point = text.iter().position(|&b| b == b'.');
        let (whole, fraction) = match point {
            Some(at) => (&text[..at], &text[at + 1..]),
            None => (text, &text[text.len()..]),
        };
        if whole.is_empty() || !whole.iter().chain(fraction).all(u8::is_ascii_digit) {
            return None;
        }
        let whole = std::str::from_utf8(whole).ok()?.parse().ok()?;
        Some(Self { whole, fraction })
    }

    /// Nanoseconds since the UNIX epoch; what is finer is cut off. `None` after the year 2262.
    #[inline]
    pub(super) fn to_ns(self, unit: Unit) -> Option<i64> {
        let ns = self.whole.checked_mul(unit.ns())?;
        if self.fraction.is_empty() {
            return Some(ns);
        }
        let mut digit_ns = unit.ns();
        let fraction_ns: i64 = self
            .fraction
            .iter()
            .map(|byte| {
                digit_ns /= 10;
                i64::from(byte - b'0') * digit_ns
            })
            .sum();
        ns.checked_add(fraction_ns)
    }
}

#[cfg(test)]
mod tests {
    use super::{Stamp, Unit};

    #[test]
    fn the_unit_of_today_is_told_by_magnitude() {
        assert_eq!(Unit::of_magnitude(1_700_000_000), Some(Unit::Seconds));
        assert_eq!(Unit::of_magnitude(1_700_000_000_000), Some(Unit::Millis));
        assert_eq!(Unit::of_magnitude(1_700_000_000_000_000), Some(Unit::Micros));
        assert_eq!(Unit::of_magnitude(1_700_000_000_000_000_000), Some(Unit::Nanos));
        assert_eq!(Unit::of_magnitude(5), None);
    }

    #[test]
    fn a_fraction_counts_to_the_nanosecond() {
        let stamp = Stamp::parse(b"1585180801.4983").expect("a stamp");
        assert_eq!(stamp.to_ns(Unit::Seconds), Some(1_585_180_801_498_300_000));
        let finer = Stamp::parse(b"1.2345678919").expect("a stamp");
        assert_eq!(finer.to_ns(Unit::Seconds), Some(1_234_567_891));
    }

    #[test]
    fn what_is_no_stamp_or_out_of_range_is_refused() {
        for text in ["", "-5", "1e12", "2024-01-01", "1.2.3", "9223372036854775808"] {
            assert_eq!(Stamp::parse(text.as_bytes()), None, "{text}");
        }
        let far = Stamp::parse(b"9223372036854775807").expect("a stamp");
        assert_eq!(far.to_ns(Unit::Nanos), Some(i64::MAX));
        assert_eq!(far.to_ns(Unit::Millis), None);
    }
}
