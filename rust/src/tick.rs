//! Ticks and the gate that every tick passes before it may move anything.

use arrayvec::ArrayVec;

use crate::instrument::MAX_TICKS;
use crate::units::{Ns, PPM, Ticks};

/// Where a price comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[repr(u8)]
pub enum Source {
    /// Last trade price.
    Last = 0,
    /// Mark price.
    Mark = 1,
}

impl Source {
    /// `LAST` or `MARK`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Last => "LAST",
            Self::Mark => "MARK",
        }
    }
}

/// One price at one time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Tick {
    /// Time of the print.
    pub ts: Ns,
    /// Price of the print.
    pub price: Ticks,
}

/// Why a tick was not let through.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub enum Refusal {
    /// NaN or infinite.
    NotFinite,
    /// Zero or negative.
    NotPositive,
    /// Above [`MAX_TICKS`].
    OutOfRange,
    /// Older than the last tick of its source.
    OutOfOrder,
    /// Further than `max_jump_frac` from the last tick, and the tick after it did not confirm it.
    Jump,
}

/// What the gate decided about one tick.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// Evaluate it.
    Pass(Tick),
    /// Report it; it changed nothing.
    Refuse(Tick, Refusal),
}

/// Rule 1 of a tick, for one symbol and source: the order, the sign and the jump guard.
#[derive(Debug, Clone)]
pub struct Gate {
    max_jump_ppm: Option<i64>,
    last: Option<Tick>,
    held: Option<Tick>,
}

impl Gate {
    /// A gate that has seen nothing. `max_jump_ppm`: the jump guard as a fraction in ppm, `None` = off.
    #[must_use]
    pub const fn new(max_jump_ppm: Option<i64>) -> Self {
        Self { max_jump_ppm, last: None, held: None }
    }

    /// The jump guard in ppm, `None` = off.
    #[must_use]
    pub const fn max_jump_ppm(&self) -> Option<i64> {
        self.max_jump_ppm
    }

    /// The last tick that passed.
    #[must_use]
    pub const fn last(&self) -> Option<Tick> {
        self.last
    }

    /// The tick that waits for the next one to confirm or to refute it.
    #[must_use]
    pub const fn held(&self) -> Option<Tick> {
        self.held
    }

    /// `true` when [`Gate::offer`] would pass this tick and nothing else: the case of nearly every tick.
    #[must_use]
    #[inline]
    pub fn is_plain(&self, tick: Tick) -> bool {
        self.max_jump_ppm.is_none()
            && (1..=MAX_TICKS).contains(&tick.price.0)
            && self.last.is_none_or(|last| tick.ts >= last.ts)
    }

    /// `true` when order and sign are all that is checked.
    #[must_use]
    pub const fn takes_plain_ticks(&self) -> bool {
        self.max_jump_ppm.is_none()
    }

    /// Notes a tick for which [`Gate::is_plain`] held.
    #[inline]
    pub fn note(&mut self, tick: Tick) {
        debug_assert!(self.is_plain(tick));
        self.last = Some(tick);
    }

    /// Takes over the last of some plain ticks that were noted elsewhere.
    pub fn resume(&mut self, tick: Tick) {
        if self.last.is_none_or(|last| tick.ts >= last.ts) {
            self.last = Some(tick);
        }
    }

    /// Decides about `tick`, and about the one held before it, in the order of their evaluation.
    pub fn offer(&mut self, tick: Tick) -> ArrayVec<Verdict, 2> {
        let mut verdicts = ArrayVec::new();
        if tick.price.0 <= 0 {
            verdicts.push(Verdict::Refuse(tick, Refusal::NotPositive));
            return verdicts;
        }
        if tick.price.0 > MAX_TICKS {
            verdicts.push(Verdict::Refuse(tick, Refusal::OutOfRange));
            return verdicts;
        }
        let newest = self.held.or(self.last);
        if newest.is_some_and(|newest| tick.ts < newest.ts) {
            verdicts.push(Verdict::Refuse(tick, Refusal::OutOfOrder));
            return verdicts;
        }
        if let Some(held) = self.held.take() {
            if self.is_near(held, tick) {
                verdicts.push(Verdict::Pass(held));
                verdicts.push(Verdict::Pass(tick));
                self.last = Some(tick);
                return verdicts;
            }
            verdicts.push(Verdict::Refuse(held, Refusal::Jump));
        }
        match self.last {
            Some(last) if !self.is_near(last, tick) => self.held = Some(tick),
            _ => {
                verdicts.push(Verdict::Pass(tick));
                self.last = Some(tick);
            }
        }
        verdicts
    }

    fn is_near(&self, reference: Tick, tick: Tick) -> bool {
        let Some(max_jump_ppm) = self.max_jump_ppm else {
            return true;
        };
        let distance = i128::from((tick.price.0 - reference.price.0).abs());
        distance * i128::from(PPM) <= i128::from(max_jump_ppm) * i128::from(reference.price.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tick(ts: i64, price: i64) -> Tick {
        Tick { ts: Ns(ts), price: Ticks(price) }
    }

    fn offered(gate: &mut Gate, ts: i64, price: i64) -> Vec<Verdict> {
        gate.offer(tick(ts, price)).into_iter().collect()
    }

    #[test]
    fn equal_time_passes_and_older_is_refused() {
        let mut gate = Gate::new(None);
        assert_eq!(offered(&mut gate, 5, 100), [Verdict::Pass(tick(5, 100))]);
        assert_eq!(offered(&mut gate, 5, 101), [Verdict::Pass(tick(5, 101))]);
        assert_eq!(offered(&mut gate, 4, 99), [Verdict::Refuse(tick(4, 99), Refusal::OutOfOrder)]);
        assert_eq!(offered(&mut gate, 6, 0), [Verdict::Refuse(tick(6, 0), Refusal::NotPositive)]);
        assert_eq!(gate.last(), Some(tick(5, 101)));
    }

    #[test]
    fn a_price_beyond_the_range_of_ticks_is_refused() {
        let mut gate = Gate::new(None);
        let beyond = tick(1, MAX_TICKS + 1);
        assert!(!gate.is_plain(beyond));
        assert_eq!(gate.offer(beyond).as_slice(), [Verdict::Refuse(beyond, Refusal::OutOfRange)]);
        assert!(gate.is_plain(tick(1, MAX_TICKS)));
    }

    #[test]
    fn a_jump_is_held_until_the_next_tick_confirms_it() {
        let mut gate = Gate::new(Some(200_000));
        assert_eq!(offered(&mut gate, 1, 100).len(), 1);
        assert_eq!(offered(&mut gate, 2, 120).len(), 1, "exactly at the limit passes");
        assert!(offered(&mut gate, 3, 60).is_empty());
        let both = [Verdict::Pass(tick(3, 60)), Verdict::Pass(tick(4, 61))];
        assert_eq!(offered(&mut gate, 4, 61), both);
    }

    #[test]
    fn a_jump_that_the_next_tick_refutes_is_dropped_and_reported() {
        let mut gate = Gate::new(Some(200_000));
        offered(&mut gate, 1, 100);
        assert!(offered(&mut gate, 2, 10).is_empty());
        let dropped = Verdict::Refuse(tick(2, 10), Refusal::Jump);
        assert_eq!(offered(&mut gate, 3, 101), [dropped, Verdict::Pass(tick(3, 101))]);
        assert!(offered(&mut gate, 4, 10).is_empty());
        assert_eq!(offered(&mut gate, 5, 500), [Verdict::Refuse(tick(4, 10), Refusal::Jump)]);
        assert_eq!(gate.held(), Some(tick(5, 500)), "the next outlier is held in its turn");
    }
}
