//! Exact decimals and fractions: how a price gets into the core without a rounding that nobody asked for.

use crate::error::Invalid;

/// `mantissa * 10^-scale`, as it was written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Decimal {
    /// Digits without the point, with the sign.
    pub mantissa: i128,
    /// Number of digits after the point, at most [`Decimal::MAX_SCALE`].
    pub scale: u32,
}

impl Decimal {
    /// Most digits after the point.
    pub const MAX_SCALE: u32 = 18;
    /// Most significant digits.
    const MAX_DIGITS: usize = 18;

    /// Parses `[+-]digits[.digits][e[+-]digits]`.
    ///
    /// # Errors
    /// [`Invalid`] naming `field` when the text is not a decimal or has more than 18 significant digits
    /// or more than 18 digits after the point.
    pub fn parse(field: &str, text: &str) -> Result<Self, Invalid> {
        Self::try_parse(text.trim()).ok_or_else(|| {
            Invalid::new(
                field,
                format_args!("{text:?}"),
                "expected a finite decimal with at most 18 digits, such as 0.25",
            )
        })
    }

    fn try_parse(text: &str) -> Option<Self> {
        let (unsigned, negative) = match text.as_bytes().first()? {
            b'-' => (&text[1..], true),
            b'+' => (&text[1..], false),
            _ => (text, false),
        };
        let (digits, exponent) = match unsigned.find(['e', 'E']) {
            Some(at) => (&unsigned[..at], unsigned[at + 1..].parse::<i32>().ok()?),
            None => (unsigned, 0),
        };
        let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
        if whole.is_empty() && fraction.is_empty()
            || !whole.bytes().chain(fraction.bytes()).all(|b| b.is_ascii_digit())
        {
            return None;
        }
        let fraction = fraction.trim_end_matches('0');
        let significant = format!("{whole}{fraction}");
        let trimmed = significant.trim_start_matches('0');
        if trimmed.len() > Self::MAX_DIGITS {
            return None;
        }
        let mut mantissa: i128 = if trimmed.is_empty() { 0 } else { trimmed.parse().ok()? };
        let mut scale = i32::try_from(fraction.len()).ok()?.checked_sub(exponent)?;
        if mantissa == 0 {
            scale = 0;
        }
        while scale > 0 && mantissa % 10 == 0 && mantissa != 0 {
            mantissa /= 10;
            scale -= 1;
        }
        while scale < 0 {
            mantissa = mantissa.checked_mul(10)?;
            if mantissa >= 10i128.pow(18) {
                return None;
            }
            scale += 1;
        }
        let scale = u32::try_from(scale).ok()?;
        (scale <= Self::MAX_SCALE)
            .then_some(Self { mantissa: if negative { -mantissa } else { mantissa }, scale })
    }

    /// The nearest `f64`.
    #[must_use]
    pub fn to_f64(self) -> f64 {
        scaled_to_f64(self.mantissa, self.scale)
    }

    /// `true` for zero and below.
    #[must_use]
    pub const fn is_not_positive(self) -> bool {
        self.mantissa <= 0
    }
}

impl std::fmt::Display for Decimal {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let digits = self.mantissa.unsigned_abs().to_string();
        let scale = self.scale as usize;
        let sign = if self.mantissa < 0 { "-" } else { "" };
        if scale == 0 {
            return write!(f, "{sign}{digits}");
        }
        let padded = format!("{digits:0>width$}", width = scale + 1);
        let (whole, fraction) = padded.split_at(padded.len() - scale);
        write!(f, "{sign}{whole}.{fraction}")
    }
}

/// `mantissa * 10^-scale` as the nearest `f64`.
///
/// Below 2^53 and 10^22 both operands are exact, so the one division rounds correctly; beyond that the
/// decimal text is parsed, which rounds correctly as well.
#[must_use]
#[allow(clippy::cast_precision_loss, reason = "the cast is taken only where it is exact")]
pub fn scaled_to_f64(mantissa: i128, scale: u32) -> f64 {
    const EXACT: i128 = 1 << 53;
    if (-EXACT..=EXACT).contains(&mantissa) && scale <= 22 {
        mantissa as f64 / POWERS_OF_TEN[scale as usize]
    } else {
        format!("{mantissa}e-{scale}").parse().unwrap_or(f64::NAN)
    }
}

const POWERS_OF_TEN: [f64; 23] = [
    1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18,
    1e19, 1e20, 1e21, 1e22,
];

/// An exact fraction in lowest terms; the denominator is positive.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Ratio {
    num: i128,
    den: i128,
}

impl Ratio {
    /// `num / den` in lowest terms; `None` when `den` is zero.
    #[must_use]
    pub fn new(num: i128, den: i128) -> Option<Self> {
        match den {
            0 => return None,
            1 => return Some(Self { num, den }),
            _ => {}
        }
        let divisor = gcd(num.unsigned_abs(), den.unsigned_abs());
        let divisor = i128::try_from(divisor).ok()?;
        let sign = if den < 0 { -1 } else { 1 };
        Some(Self { num: quotient(num, divisor) * sign, den: quotient(den, divisor) * sign })
    }

    /// A whole number.
    #[must_use]
    pub const fn whole(value: i128) -> Self {
        Self { num: value, den: 1 }
    }

    /// `value / unit`, exactly; `None` when the unit is zero or the numbers are too large.
    #[must_use]
    pub fn of(value: Decimal, unit: Decimal) -> Option<Self> {
        let num = value.mantissa.checked_mul(pow10(unit.scale)?)?;
        let den = unit.mantissa.checked_mul(pow10(value.scale)?)?;
        Self::new(num, den)
    }

    /// Numerator.
    #[must_use]
    pub const fn num(self) -> i128 {
        self.num
    }

    /// Denominator, positive.
    #[must_use]
    pub const fn den(self) -> i128 {
        self.den
    }

    /// The whole number that this is, if it is one.
    #[must_use]
    pub fn to_whole(self) -> Option<i64> {
        if self.den == 1 { i64::try_from(self.num).ok() } else { None }
    }

    /// Greatest whole number not above.
    #[must_use]
    pub const fn floor(self) -> i128 {
        quotient(self.num, self.den)
    }

    /// Least whole number not below.
    #[must_use]
    pub const fn ceil(self) -> i128 {
        -quotient(-self.num, self.den)
    }

    /// Sum; `None` on overflow.
    #[must_use]
    pub fn plus(self, other: Self) -> Option<Self> {
        if self.den == 1 && other.den == 1 {
            return Some(Self::whole(self.num.checked_add(other.num)?));
        }
        // Over the least common denominator, so that exact prices do not overflow needlessly.
        let shared = i128::try_from(gcd(self.den.unsigned_abs(), other.den.unsigned_abs())).ok()?;
        let left = self.num.checked_mul(other.den / shared)?;
        let right = other.num.checked_mul(self.den / shared)?;
        Self::new(left.checked_add(right)?, self.den.checked_mul(other.den / shared)?)
    }

    /// Product with `ppm / 1e6`; `None` on overflow.
    #[must_use]
    pub fn times_ppm(self, ppm: i64) -> Option<Self> {
        Self::new(
            self.num.checked_mul(i128::from(ppm))?,
            self.den.checked_mul(i128::from(crate::units::PPM))?,
        )
    }

    /// The opposite number.
    #[must_use]
    pub const fn negated(self) -> Self {
        Self { num: -self.num, den: self.den }
    }

    /// The absolute value.
    #[must_use]
    pub const fn abs(self) -> Self {
        Self { num: self.num.abs(), den: self.den }
    }

    /// The nearest `f64`, within one unit in the last place.
    #[must_use]
    #[allow(clippy::cast_precision_loss, reason = "a report value, not a decision")]
    pub fn to_f64(self) -> f64 {
        self.num as f64 / self.den as f64
    }
}

/// `10^exponent`, for exponents up to 38.
#[must_use]
pub fn pow10(exponent: u32) -> Option<i128> {
    10i128.checked_pow(exponent)
}

/// Greatest common divisor, at least 1. Nearly all numbers here fit 64 bits, for which it needs no division.
fn gcd(a: u128, b: u128) -> u128 {
    match (u64::try_from(a), u64::try_from(b)) {
        (Ok(a), Ok(b)) => u128::from(gcd_u64(a, b)),
        _ => gcd_u128(a, b),
    }
}

/// `num.div_euclid(den)`, by the division of the machine where both fit it: it is ten times as fast.
#[allow(clippy::cast_possible_truncation, reason = "taken only where nothing is cut off")]
const fn quotient(num: i128, den: i128) -> i128 {
    let (narrow_num, narrow_den) = (num as i64, den as i64);
    if narrow_num as i128 == num && narrow_den as i128 == den && narrow_num != i64::MIN {
        narrow_num.div_euclid(narrow_den) as i128
    } else {
        num.div_euclid(den)
    }
}

/// Stein's algorithm.
fn gcd_u64(mut a: u64, mut b: u64) -> u64 {
    if a == 0 || b == 0 {
        return (a | b).max(1);
    }
    let twos = (a | b).trailing_zeros();
    a >>= a.trailing_zeros();
    while b != 0 {
        b >>= b.trailing_zeros();
        (a, b) = (a.min(b), a.abs_diff(b));
    }
    a << twos
}

fn gcd_u128(mut a: u128, mut b: u128) -> u128 {
    while b != 0 {
        (a, b) = (b, a % b);
    }
    a.max(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decimals_are_taken_as_written() {
        for (text, mantissa, scale) in [
            ("0.25", 25, 2),
            ("1000", 1000, 0),
            ("-0.10", -1, 1),
            ("1e-8", 1, 8),
            ("2.5E3", 2500, 0),
            (".5", 5, 1),
            ("0.000", 0, 0),
        ] {
            assert_eq!(Decimal::parse("x", text), Ok(Decimal { mantissa, scale }), "{text}");
        }
    }

    #[test]
    fn what_is_no_decimal_is_refused_by_name() {
        for text in ["", ".", "abc", "1.2.3", "nan", "inf", "1e-30", "1234567890123456789", "1_0"] {
            let error = Decimal::parse("tick_size", text).expect_err(text).to_string();
            assert!(error.starts_with("tick_size: "), "{error}");
        }
    }

    #[test]
    fn display_round_trips() {
        for text in ["0.25", "1000", "-0.1", "0.00000001", "43251.1"] {
            assert_eq!(Decimal::parse("x", text).unwrap().to_string(), text);
        }
    }

    #[test]
    fn floor_and_ceil_are_those_of_the_number_line() {
        let below = Ratio::new(-7, 2).unwrap();
        assert_eq!((below.floor(), below.ceil()), (-4, -3));
        let above = Ratio::new(7, 2).unwrap();
        assert_eq!((above.floor(), above.ceil()), (3, 4));
        assert_eq!(Ratio::whole(-3).floor(), -3);
        assert_eq!(Ratio::whole(-3).ceil(), -3);
    }

    #[test]
    fn f64_is_the_nearest_one() {
        assert_eq!(scaled_to_f64(432_511, 1).to_bits(), 43251.1f64.to_bits());
        assert_eq!(scaled_to_f64(1, 8).to_bits(), 1e-8f64.to_bits());
    }
}
