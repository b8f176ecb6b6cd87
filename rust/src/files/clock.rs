//! Reads a time column: one unit a member, found once and then held.

use super::error::quoted;
use super::stamp::{Stamp, Unit};

/// A time column of one member.
#[derive(Debug, Clone, Copy)]
pub(super) struct Clock {
    declared: Option<Unit>,
    found: Option<Unit>,
}

impl Clock {
    /// A column whose name says `declared`, or whose unit is told by its first value.
    pub(super) fn new(declared: Option<Unit>) -> Self {
        Self { declared, found: None }
    }

    /// `text` as ns since the UNIX epoch.
    ///
    /// # Errors
    /// The sentence for the user: no time stamp, of another unit than before, or out of range.
    #[inline]
    pub(super) fn read(&mut self, text: &[u8]) -> Result<i64, String> {
        let Some(stamp) = Stamp::parse(text) else {
            return Err(not_a_stamp(text));
        };
        let unit = match self.declared {
            Some(unit) => unit,
            None => self.told_by(stamp, text)?,
        };
        stamp.to_ns(unit).ok_or_else(|| too_late(text, unit))
    }

    #[inline]
    fn told_by(&mut self, stamp: Stamp<'_>, text: &[u8]) -> Result<Unit, String> {
        let Some(told) = Unit::of_magnitude(stamp.whole) else {
            return Err(too_small(text));
        };
        let unit = *self.found.get_or_insert(told);
        if told == unit { Ok(unit) } else { Err(another_unit(text, told, unit)) }
    }
}

#[cold]
fn not_a_stamp(text: &[u8]) -> String {
    format!("{} is not a time stamp; expected an integer such as 1700000000000", quoted(text))
}

#[cold]
fn too_small(text: &[u8]) -> String {
    format!(
        "{} is too small to tell its unit; expected a time after March 1973, or a column named \
         timestamp_ns, timestamp_us, timestamp_ms or timestamp_s",
        quoted(text)
    )
}

#[cold]
fn another_unit(text: &[u8], told: Unit, unit: Unit) -> String {
    format!(
        "{} is a time in {}, the rows above are in {}; expected one unit a file",
        quoted(text),
        told.name(),
        unit.name()
    )
}

#[cold]
fn too_late(text: &[u8], unit: Unit) -> String {
    format!(
        "{} {} lies after the year 2262; expected a time that fits 64-bit nanoseconds",
        quoted(text),
        unit.name()
    )
}
