//! A price as decimal text, and the one way from there to ticks.

use crate::decimal::Decimal;
use crate::instrument::{Instrument, MAX_TICKS};
use crate::units::Ticks;

/// Most digits that are read: more do not fit the mantissa.
const MAX_DIGITS: usize = 18;

/// An unsigned plain decimal, `digits[.digits]`, of at most 18 digits that count.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PriceText<'a> {
    text: &'a [u8],
    mantissa: u64,
    scale: u32,
}

impl<'a> PriceText<'a> {
    /// Takes `43251.10`; `None` for anything with a sign, an exponent, a space, no digit on one side
    /// of the point, or more than 18 digits beside zeros at either end.
    #[must_use]
    #[inline]
    pub fn parse(text: &'a [u8]) -> Option<Self> {
        let mut mantissa = 0_u64;
        let mut point = None;
        for (at, byte) in text.iter().enumerate() {
            let digit = byte.wrapping_sub(b'0');
            if digit <= 9 {
                // Wraps only for texts so long that they are read anew below.
                mantissa = mantissa.wrapping_mul(10).wrapping_add(u64::from(digit));
            } else if *byte == b'.' && point.is_none() && at > 0 {
                point = Some(at);
            } else {
                return None;
            }
        }
        let scale = point.map_or(0, |point| text.len() - point - 1);
        if text.is_empty() || (scale == 0 && point.is_some()) {
            return None;
        }
        if text.len() > MAX_DIGITS {
            return Self::parse_long(text, text.len() - scale);
        }
        #[expect(clippy::cast_possible_truncation, reason = "at most 18")]
        Some(Self { text, mantissa, scale: scale as u32 })
    }

    /// The same for a text that may only be long because of its zeros.
    #[cold]
    fn parse_long(text: &'a [u8], fraction_at: usize) -> Option<Self> {
        let has_fraction = fraction_at < text.len();
        let zeros_after = text.iter().rev().take_while(|byte| **byte == b'0').count();
        let zeros_after = if has_fraction { zeros_after } else { 0 };
        let digits = text[..text.len() - zeros_after].iter().filter(|byte| **byte != b'.');
        let counting = digits.skip_while(|byte| **byte == b'0');
        let scale = (text.len() - zeros_after).saturating_sub(fraction_at);
        if counting.clone().count() > MAX_DIGITS || scale > MAX_DIGITS {
            return None;
        }
        let mantissa = counting.fold(0, |value, digit| value * 10 + u64::from(digit - b'0'));
        Some(Self { text, mantissa, scale: u32::try_from(scale).ok()? })
    }

    /// The digits as they were written.
    #[must_use]
    pub const fn text(&self) -> &'a [u8] {
        self.text
    }

    /// The price in ticks; `None` when it lies off the grid of `instrument` or above [`MAX_TICKS`].
    #[must_use]
    #[inline]
    pub fn ticks(&self, instrument: &Instrument) -> Option<Ticks> {
        let ticks = self.in_units_of(instrument.tick_size())?;
        (ticks <= MAX_TICKS).then_some(Ticks(ticks))
    }

    /// `mantissa * 10^-scale / unit`, when that is whole.
    #[inline]
    fn in_units_of(&self, unit: Decimal) -> Option<i64> {
        let step = u64::try_from(unit.mantissa).ok()?;
        let (num, den) = if self.scale <= unit.scale {
            let raise = POWERS_OF_TEN[(unit.scale - self.scale) as usize];
            match self.mantissa.checked_mul(raise) {
                Some(num) => (num, step),
                None => return wide_quotient(self.mantissa, raise, step),
            }
        } else {
            let raise = POWERS_OF_TEN[(self.scale - unit.scale) as usize];
            match step.checked_mul(raise) {
                Some(den) => (self.mantissa, den),
                // The denominator is above every mantissa: less than one unit.
                None => return (self.mantissa == 0).then_some(0),
            }
        };
        if den == 1 {
            return i64::try_from(num).ok();
        }
        num.is_multiple_of(den).then_some(num / den).and_then(|whole| i64::try_from(whole).ok())
    }
}

/// `mantissa * raise / step`, when that is whole and fits.
#[cold]
fn wide_quotient(mantissa: u64, raise: u64, step: u64) -> Option<i64> {
    let (num, den) = (u128::from(mantissa) * u128::from(raise), u128::from(step));
    num.is_multiple_of(den).then_some(num / den).and_then(|whole| i64::try_from(whole).ok())
}

/// The price `text` in ticks of `instrument`, exactly and without a float.
///
/// `None` when it is no plain decimal, lies off the grid, or is above [`MAX_TICKS`]. Zero is zero
/// ticks; refusing it is the gate's business.
#[must_use]
pub fn exact_ticks(text: &[u8], instrument: &Instrument) -> Option<Ticks> {
    PriceText::parse(text)?.ticks(instrument)
}

const POWERS_OF_TEN: [u64; 19] = {
    let mut powers = [1; 19];
    let mut at = 1;
    while at < powers.len() {
        powers[at] = powers[at - 1] * 10;
        at += 1;
    }
    powers
};

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn instrument(tick_size: &str) -> Instrument {
        let decimal = |text| Decimal::parse("test", text).expect("a decimal");
        let (lot, zero) = (decimal("0.001"), decimal("0"));
        Instrument::new("TESTUSDT", decimal(tick_size), lot, lot, zero, None).expect("an instrument")
    }

    fn ticks(text: &str, tick_size: &str) -> Option<i64> {
        exact_ticks(text.as_bytes(), &instrument(tick_size)).map(|ticks| ticks.0)
    }

    #[test]
    fn a_price_on_the_grid_is_its_ticks_whatever_zeros_it_carries() {
        for (text, tick_size, expected) in [
            ("43251.10", "0.1", 432_511),
            ("43251.1", "0.1", 432_511),
            ("43251", "0.1", 432_510),
            ("0043251.100000000000000000000", "0.1", 432_511),
            ("64680.23000000", "0.01", 6_468_023),
            ("100.25", "0.25", 401),
            ("100.250", "0.25", 401),
            ("5000", "1000", 5),
            ("5000.0", "1000", 5),
            ("0.00001234", "0.00000001", 1_234),
            ("0", "0.1", 0),
            ("0.000", "0.000000000000000001", 0),
            ("0.000009000000000000", "0.000000000000000001", 9_000_000_000_000),
            ("123456789012345678", "123456789012345678", 1),
        ] {
            assert_eq!(ticks(text, tick_size), Some(expected), "{text} on {tick_size}");
        }
    }

    #[test]
    fn a_price_off_the_grid_or_beyond_the_range_has_no_ticks() {
        for (text, tick_size) in [
            ("43251.15", "0.1"),
            ("100.20", "0.25"),
            ("5001", "1000"),
            ("0.000000000000000001", "0.1"),
            ("0.1", "123456789012345678"),
            ("9000000000000.1", "0.1"),
            ("999999999999999999", "0.000000000000000001"),
        ] {
            assert_eq!(ticks(text, tick_size), None, "{text} on {tick_size}");
        }
    }

    #[test]
    fn what_is_no_plain_decimal_is_refused() {
        let nineteen = "1234567890123456789";
        let deep = "0.0000000000000000001";
        for text in
            ["", ".", "1.", ".5", "-1", "+1", "1e3", "1.2.3", " 1", "1 ", "1,5", "NaN", nineteen, deep]
        {
            assert_eq!(PriceText::parse(text.as_bytes()), None, "{text:?}");
        }
    }

    proptest! {
        #[test]
        fn ticks_are_those_of_exact_division(
            mantissa in 0_i128..1_000_000_000_000_000_000,
            scale in 0_u32..=18,
            step in prop_oneof![Just(1_i128), 1_i128..1_000_000],
            step_scale in 0_u32..=18,
            trailing in 0_usize..24,
        ) {
            let price = Decimal { mantissa, scale };
            let step = Decimal { mantissa: step, scale: step_scale };
            let exact = crate::decimal::Ratio::of(price, step).expect("within range");
            let expected = exact.to_whole().filter(|ticks| *ticks <= MAX_TICKS);
            let mut text = price.to_string();
            if scale > 0 {
                text.extend(std::iter::repeat_n('0', trailing));
            }
            let tick_size = step.to_string();
            prop_assert_eq!(ticks(&text, &tick_size), expected, "{} on {}", text, tick_size);
        }

        #[test]
        fn every_price_of_a_grid_comes_back(count in 0_i64..=MAX_TICKS, step in 1_i128..100_000, scale in 0_u32..=18) {
            let tick_size = Decimal { mantissa: step, scale };
            let price = Decimal { mantissa: step * i128::from(count), scale }.to_string();
            prop_assert_eq!(ticks(&price, &tick_size.to_string()), Some(count));
        }
    }
}
