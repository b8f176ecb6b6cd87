//! Just enough JSON: walks objects, checks what it skips, copies nothing.

#![allow(clippy::inline_always, reason = "a message is a dozen keys and values: calls double its price")]

use super::{Fault, WireError};

/// Arrays and objects inside each other, in a value that is skipped.
pub(super) const MAX_DEPTH: u32 = 64;
/// Stands for the field where no field is concerned.
const MESSAGE: &str = "message";

/// A place in a message, and what was wrong there.
#[derive(Debug)]
pub(super) struct Scan<'a> {
    rest: &'a [u8],
    message: &'a [u8],
    error: Option<WireError>,
}

/// The scan met something wrong, which it keeps: so that results fit into registers.
#[derive(Debug)]
pub(super) struct Stop;

type Scanned<T> = Result<T, Stop>;

impl<'a> Scan<'a> {
    pub(super) const fn new(message: &'a [u8]) -> Self {
        Self { rest: message, message, error: None }
    }

    /// What stopped the scan.
    #[cold]
    pub(super) fn into_error(self) -> WireError {
        debug_assert!(self.error.is_some(), "somebody stopped it");
        self.error.unwrap_or(WireError { field: MESSAGE, at: self.message.len(), fault: Fault::Truncated })
    }

    /// What is not read yet.
    pub(super) const fn rest(&self) -> &'a [u8] {
        self.rest
    }

    /// Stops at `rest` because of `fault` in `field`.
    #[cold]
    pub(super) fn stop_at(&mut self, rest: &[u8], field: &'static str, fault: Fault) -> Stop {
        self.error = Some(WireError { field, at: self.message.len() - rest.len(), fault });
        Stop
    }

    /// Stops here because of `fault` in `field`.
    #[cold]
    pub(super) fn stop(&mut self, field: &'static str, fault: Fault) -> Stop {
        self.stop_at(self.rest, field, fault)
    }

    /// Something else stands here than `what`, or nothing.
    #[cold]
    fn expected(&mut self, field: &'static str, what: &'static str) -> Stop {
        let fault = if self.rest.is_empty() { Fault::Truncated } else { Fault::Expected(what) };
        self.stop(field, fault)
    }

    #[inline(always)]
    pub(super) fn space(&mut self) {
        while let [b' ' | b'\t' | b'\n' | b'\r', tail @ ..] = self.rest {
            self.rest = tail;
        }
    }

    #[inline(always)]
    pub(super) fn take(&mut self, byte: u8) -> bool {
        match self.rest {
            [first, tail @ ..] if *first == byte => {
                self.rest = tail;
                true
            }
            _ => false,
        }
    }

    #[inline(always)]
    pub(super) fn expect(&mut self, byte: u8, what: &'static str) -> Scanned<()> {
        if self.take(byte) { Ok(()) } else { Err(self.expected(MESSAGE, what)) }
    }

    /// Nothing but the message is left.
    pub(super) fn end(&mut self) -> Scanned<()> {
        if self.rest.is_empty() { Ok(()) } else { Err(self.expected(MESSAGE, "the end of the message")) }
    }

    /// After a value: `true` at the end of its object, `false` before its next key.
    #[inline(always)]
    pub(super) fn ends_object(&mut self) -> Scanned<bool> {
        self.ends(b'}', "a comma or the end of the object")
    }

    #[inline(always)]
    fn ends(&mut self, close: u8, what: &'static str) -> Scanned<bool> {
        self.space();
        if self.take(b',') {
            self.space();
            return Ok(false);
        }
        self.expect(close, what)?;
        Ok(true)
    }

    /// A key with its colon; the value comes next.
    #[inline(always)]
    pub(super) fn key(&mut self) -> Scanned<&'a [u8]> {
        if let [b'"', letter, b'"', b':', tail @ ..] = self.rest
            && letter.is_ascii_alphanumeric()
        {
            let key = std::slice::from_ref(letter);
            self.rest = tail;
            self.space();
            return Ok(key);
        }
        self.long_key("a key in quotes")
    }

    fn long_key(&mut self, what: &'static str) -> Scanned<&'a [u8]> {
        let start = self.rest;
        let (key, escaped) = self.string(MESSAGE, what)?;
        if escaped {
            return Err(self.stop_at(start, MESSAGE, Fault::Escaped));
        }
        self.colon()?;
        Ok(key)
    }

    fn colon(&mut self) -> Scanned<()> {
        self.space();
        self.expect(b':', "a colon after the key")?;
        self.space();
        Ok(())
    }

    /// The text of a string field, which has no escape in it.
    #[inline(always)]
    pub(super) fn text(&mut self, field: &'static str) -> Scanned<&'a [u8]> {
        let start = self.rest;
        let (text, escaped) = self.string(field, "a string")?;
        if escaped {
            return Err(self.stop_at(start, field, Fault::Escaped));
        }
        Ok(text)
    }

    /// What stands between the quotes, as written, and whether there is an escape in it.
    #[inline(always)]
    fn string(&mut self, field: &'static str, what: &'static str) -> Scanned<(&'a [u8], bool)> {
        let [b'"', body @ ..] = self.rest else {
            return Err(self.expected(field, what));
        };
        let plain = plain_prefix(body);
        match &body[plain..] {
            [b'"', tail @ ..] => {
                self.rest = tail;
                Ok((&body[..plain], false))
            }
            _ => self.unusual_string(body, plain),
        }
    }

    /// The same with escapes or more than ASCII in it; `body` is plain up to `plain`.
    #[cold]
    fn unusual_string(&mut self, body: &'a [u8], plain: usize) -> Scanned<(&'a [u8], bool)> {
        self.rest = &body[plain..];
        loop {
            match self.rest {
                [b'"', tail @ ..] => {
                    let text = &body[..body.len() - self.rest.len()];
                    if std::str::from_utf8(text).is_err() {
                        return Err(self.stop_at(body, MESSAGE, Fault::Expected("UTF-8 in a string")));
                    }
                    self.rest = tail;
                    return Ok((text, text.contains(&b'\\')));
                }
                [b'\\', b'u', a, b, c, d, tail @ ..]
                    if [a, b, c, d].into_iter().all(u8::is_ascii_hexdigit) =>
                {
                    self.rest = tail;
                }
                [b'\\', b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't', tail @ ..]
                | [0x20..=0x5b | 0x5d.., tail @ ..] => self.rest = tail,
                _ => return Err(self.expected(MESSAGE, "a character or an escape of JSON")),
            }
        }
    }

    /// A whole number, not negative and below 10^18; `None` when it is a whole number beyond that.
    #[inline(always)]
    pub(super) fn whole_number(&mut self, field: &'static str) -> Scanned<Option<i64>> {
        let start = self.rest;
        let digits = self.digits();
        let is_whole = !matches!(self.rest, [b'.' | b'e' | b'E', ..]);
        match digits {
            [b'1'..=b'9', ..] | [b'0'] if is_whole => Ok(decimal_value(digits)),
            [] if start.starts_with(b"-") => {
                self.number()?;
                Ok(None)
            }
            _ => {
                self.rest = start;
                Err(self.expected(field, "a whole number"))
            }
        }
    }

    #[inline(always)]
    fn digits(&mut self) -> &'a [u8] {
        let (digits, tail) = self.rest.split_at(digit_prefix(self.rest));
        self.rest = tail;
        digits
    }

    /// Skips one value of any type.
    #[inline(always)]
    pub(super) fn skip_value(&mut self) -> Scanned<()> {
        match self.rest {
            [b'"', ..] => self.string(MESSAGE, "a string").map(|_| ()),
            [b'0'..=b'9', ..] => self.number(),
            _ => self.skip_other(MAX_DEPTH),
        }
    }

    fn skip_other(&mut self, depth_left: u32) -> Scanned<()> {
        match self.rest {
            [b't', b'r', b'u', b'e', tail @ ..]
            | [b'n', b'u', b'l', b'l', tail @ ..]
            | [b'f', b'a', b'l', b's', b'e', tail @ ..] => {
                self.rest = tail;
                Ok(())
            }
            [b'-', ..] => self.number(),
            [b'{' | b'[', ..] if depth_left == 0 => Err(self.stop(MESSAGE, Fault::TooDeep)),
            [b'{', ..] => self.skip_object(depth_left - 1),
            [b'[', ..] => self.skip_array(depth_left - 1),
            _ => Err(self.expected(MESSAGE, "a value")),
        }
    }

    fn skip_nested(&mut self, depth_left: u32) -> Scanned<()> {
        match self.rest {
            [b'{' | b'[', ..] => self.skip_other(depth_left),
            _ => self.skip_value(),
        }
    }

    fn skip_object(&mut self, depth_left: u32) -> Scanned<()> {
        self.expect(b'{', "an object")?;
        self.space();
        if self.take(b'}') {
            return Ok(());
        }
        loop {
            self.string(MESSAGE, "a key in quotes")?;
            self.colon()?;
            self.skip_nested(depth_left)?;
            if self.ends_object()? {
                return Ok(());
            }
        }
    }

    fn skip_array(&mut self, depth_left: u32) -> Scanned<()> {
        self.expect(b'[', "an array")?;
        self.space();
        if self.take(b']') {
            return Ok(());
        }
        loop {
            self.skip_nested(depth_left)?;
            if self.ends(b']', "a comma or the end of the array")? {
                return Ok(());
            }
        }
    }

    /// Skips a number: `-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?`.
    #[inline(always)]
    fn number(&mut self) -> Scanned<()> {
        let start = self.rest;
        self.take(b'-');
        match self.digits() {
            [b'0'] | [b'1'..=b'9', ..] => {}
            [] => return Err(self.expected(MESSAGE, "a digit")),
            _ => {
                let fault = Fault::Expected("a number without leading zeros");
                return Err(self.stop_at(start, MESSAGE, fault));
            }
        }
        match self.rest {
            [b'.' | b'e' | b'E', ..] => self.fraction_and_exponent(),
            _ => Ok(()),
        }
    }

    fn fraction_and_exponent(&mut self) -> Scanned<()> {
        if self.take(b'.') && self.digits().is_empty() {
            return Err(self.expected(MESSAGE, "a digit"));
        }
        if self.take(b'e') || self.take(b'E') {
            let _ = self.take(b'+') || self.take(b'-');
            if self.digits().is_empty() {
                return Err(self.expected(MESSAGE, "a digit"));
            }
        }
        Ok(())
    }
}

const LOW_BITS: u64 = 0x0101_0101_0101_0101;
const HIGH_BITS: u64 = LOW_BITS * 0x80;

/// Bytes before the first that is a quote, a backslash, a control character or not ASCII.
///
/// Eight at a time: a byte's high bit of `marks` is set where it is special. A borrow can only set
/// marks above a true one, and only the lowest counts.
#[inline(always)]
fn plain_prefix(text: &[u8]) -> usize {
    let is_zero = |word: u64| word.wrapping_sub(LOW_BITS) & !word;
    prefix(
        text,
        |word| {
            let quote = is_zero(word ^ (LOW_BITS * u64::from(b'"')));
            let backslash = is_zero(word ^ (LOW_BITS * u64::from(b'\\')));
            let control = word.wrapping_sub(LOW_BITS * 0x20) & !word;
            quote | backslash | control | word
        },
        |byte| !matches!(byte, b'"' | b'\\' | 0..0x20 | 0x80..),
    )
}

/// Bytes before the first that is no digit.
#[inline(always)]
fn digit_prefix(text: &[u8]) -> usize {
    prefix(
        text,
        |word| {
            let value = word ^ (LOW_BITS * u64::from(b'0'));
            ((value & !HIGH_BITS) + LOW_BITS * (0x80 - 10)) | value
        },
        |byte| byte.is_ascii_digit(),
    )
}

#[inline(always)]
fn prefix(text: &[u8], marks: impl Fn(u64) -> u64, belongs: impl Fn(u8) -> bool) -> usize {
    let (words, _) = text.as_chunks::<8>();
    for (at, word) in words.iter().enumerate() {
        let marks = marks(u64::from_le_bytes(*word)) & HIGH_BITS;
        if marks != 0 {
            return at * 8 + marks.trailing_zeros() as usize / 8;
        }
    }
    let done = words.len() * 8;
    done + text[done..].iter().take_while(|byte| belongs(**byte)).count()
}

/// The value of some digits, `None` for more than 18.
#[inline(always)]
pub(super) fn decimal_value(digits: &[u8]) -> Option<i64> {
    if digits.len() > 18 {
        return None;
    }
    let (eights, rest) = digits.as_chunks::<8>();
    let high = eights.iter().fold(0, |value, eight| value * 100_000_000 + eight_digits(*eight));
    let value = rest.iter().fold(high, |value, digit| value * 10 + i64::from(digit - b'0'));
    Some(value)
}

/// The value of eight digits: neighbours are joined to pairs, pairs to fours, fours to the number.
#[inline(always)]
fn eight_digits(digits: [u8; 8]) -> i64 {
    const PAIRS: u64 = 0x0000_00ff_0000_00ff;
    let ones = u64::from_le_bytes(digits) - LOW_BITS * u64::from(b'0');
    let pairs = ones * 10 + (ones >> 8);
    let high = (pairs & PAIRS).wrapping_mul(100 + (1_000_000 << 32));
    let low = ((pairs >> 16) & PAIRS).wrapping_mul(1 + (10_000 << 32));
    i64::from((high.wrapping_add(low) >> 32) as u32)
}
