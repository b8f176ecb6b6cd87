//! What the core tells: one record for everything that happened to a position.

use crate::instrument::Instrument;
use crate::tick::Refusal;
use crate::units::{Lots, Ns, Ticks};

/// `position_id` of an event that belongs to no position (a refused tick).
pub const NO_POSITION: u64 = u64::MAX;
/// `leg` of an event that belongs to no leg.
pub const NO_LEG: i16 = -1;

/// What happened.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[repr(u8)]
pub enum EventKind {
    /// The position is guarded from this tick on.
    Open = 0,
    /// A take-profit leg was filled.
    LegFilled = 1,
    /// The trailing stop became active.
    TrailActivated = 2,
    /// The trailing stop follows more closely from now on.
    CallbackTightened = 3,
    /// The stop was raised (ratchet, break-even or from outside).
    StopMoved = 4,
    /// The stop closed everything that was open.
    Stopped = 5,
    /// The trailing stop closed the lots that it guards.
    Trailed = 6,
    /// The clock (`max_hold` or a time stop) closed everything that was open.
    TimedOut = 7,
    /// Nothing is open any more.
    Closed = 8,
    /// A tick was refused; it changed nothing.
    RejectedTick = 9,
    /// A command from outside closed lots.
    Reduced = 10,
    /// A command from outside changed the quantity that is guarded.
    Resized = 11,
    /// A command from outside put a new plan in place for what is open.
    Replanned = 12,
}

impl EventKind {
    /// Every kind, by its code.
    pub const ALL: [Self; 13] = [
        Self::Open,
        Self::LegFilled,
        Self::TrailActivated,
        Self::CallbackTightened,
        Self::StopMoved,
        Self::Stopped,
        Self::Trailed,
        Self::TimedOut,
        Self::Closed,
        Self::RejectedTick,
        Self::Reduced,
        Self::Resized,
        Self::Replanned,
    ];

    /// The name in tables and files.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Open => "OPEN",
            Self::LegFilled => "LEG_FILLED",
            Self::TrailActivated => "TRAIL_ACTIVATED",
            Self::CallbackTightened => "CALLBACK_TIGHTENED",
            Self::StopMoved => "STOP_MOVED",
            Self::Stopped => "STOPPED",
            Self::Trailed => "TRAILED",
            Self::TimedOut => "TIMED_OUT",
            Self::Closed => "CLOSED",
            Self::RejectedTick => "REJECTED_TICK",
            Self::Reduced => "REDUCED",
            Self::Resized => "RESIZED",
            Self::Replanned => "REPLANNED",
        }
    }

    /// `true` for the kinds that close lots.
    #[must_use]
    pub const fn is_exit(self) -> bool {
        matches!(self, Self::LegFilled | Self::Stopped | Self::Trailed | Self::TimedOut | Self::Reduced)
    }
}

/// Why it happened: what set the stop, which rule closed, why a tick was refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[repr(u8)]
pub enum Reason {
    /// Nothing to say beyond the kind.
    None = 0,
    /// The initial stop.
    Stop = 1,
    /// The break-even level.
    BreakEven = 2,
    /// The level of a leg filled earlier.
    Ratchet = 3,
    /// A command from outside.
    External = 4,
    /// The trailing stop.
    Trail = 5,
    /// The time exit.
    Time = 6,
    /// A take-profit level.
    TakeProfit = 7,
    /// A tick that was NaN or infinite.
    NotFinite = 8,
    /// A tick at or below zero.
    NotPositive = 9,
    /// A tick older than the last one of its source.
    OutOfOrder = 10,
    /// A tick beyond `max_jump_frac` that the next one did not confirm.
    Jump = 11,
    /// A tick above the range of prices.
    OutOfRange = 12,
}

impl Reason {
    /// Every reason, by its code.
    pub const ALL: [Self; 13] = [
        Self::None,
        Self::Stop,
        Self::BreakEven,
        Self::Ratchet,
        Self::External,
        Self::Trail,
        Self::Time,
        Self::TakeProfit,
        Self::NotFinite,
        Self::NotPositive,
        Self::OutOfOrder,
        Self::Jump,
        Self::OutOfRange,
    ];

    /// The name in tables and files; empty for [`Reason::None`].
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::None => "",
            Self::Stop => "STOP",
            Self::BreakEven => "BREAK_EVEN",
            Self::Ratchet => "RATCHET",
            Self::External => "EXTERNAL",
            Self::Trail => "TRAIL",
            Self::Time => "TIME",
            Self::TakeProfit => "TAKE_PROFIT",
            Self::NotFinite => "NOT_FINITE",
            Self::NotPositive => "NOT_POSITIVE",
            Self::OutOfOrder => "OUT_OF_ORDER",
            Self::Jump => "JUMP",
            Self::OutOfRange => "OUT_OF_RANGE",
        }
    }
}

impl From<Refusal> for Reason {
    fn from(refusal: Refusal) -> Self {
        match refusal {
            Refusal::NotFinite => Self::NotFinite,
            Refusal::NotPositive => Self::NotPositive,
            Refusal::OutOfOrder => Self::OutOfOrder,
            Refusal::Jump => Self::Jump,
            Refusal::OutOfRange => Self::OutOfRange,
        }
    }
}

/// The price of an event: on the grid, except for an average entry and for a tick that was no price.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EventPrice {
    /// A price of the instrument's grid.
    Grid(Ticks),
    /// The bits of an `f64` in quote currency.
    Float(u64),
}

impl EventPrice {
    /// A price that need not lie on the grid, in quote currency.
    #[must_use]
    pub const fn float(price: f64) -> Self {
        Self::Float(price.to_bits())
    }

    fn to_f64(self, instrument: &Instrument) -> f64 {
        match self {
            Self::Grid(ticks) => instrument.price_f64(ticks),
            Self::Float(bits) => f64::from_bits(bits),
        }
    }
}

/// An event in the integers of the core.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Event {
    /// Position that it happened to, or [`NO_POSITION`].
    pub position_id: u64,
    /// Time of the tick or command that caused it.
    pub ts: Ns,
    /// What happened.
    pub kind: EventKind,
    /// Why.
    pub reason: Reason,
    /// 0-based index of the leg in the profile, or [`NO_LEG`].
    pub leg: i16,
    /// Price of the fill for an exit, the entry price for [`EventKind::Open`], otherwise of the tick.
    pub price: EventPrice,
    /// Lots closed by an exit, guarded after an `OPEN`, `RESIZED` or `REPLANNED`, otherwise zero.
    pub qty: Lots,
    /// Lots open afterwards.
    pub remaining: Lots,
    /// The stop afterwards (not the trailing stop).
    pub stop: Ticks,
}

impl Event {
    /// The event of a refused tick.
    #[must_use]
    pub const fn refused(ts: Ns, offered: f64, reason: Reason) -> Self {
        Self {
            position_id: NO_POSITION,
            ts,
            kind: EventKind::RejectedTick,
            reason,
            leg: NO_LEG,
            price: EventPrice::float(offered),
            qty: Lots::ZERO,
            remaining: Lots::ZERO,
            stop: Ticks(0),
        }
    }

    /// The event in quote and base currency, as the tables show it.
    #[must_use]
    pub fn to_row(&self, instrument: &Instrument) -> EventRow {
        let refused = self.kind == EventKind::RejectedTick;
        EventRow {
            position_id: self.position_id,
            ts_ns: self.ts.0,
            price: self.price.to_f64(instrument),
            qty: instrument.qty_f64(self.qty),
            remaining: instrument.qty_f64(self.remaining),
            stop: if refused { f64::NAN } else { instrument.price_f64(self.stop) },
            leg: self.leg,
            kind: self.kind as u8,
            reason: self.reason as u8,
        }
    }
}

/// One row of the event table: the layout of the numpy structured array, byte for byte.
///
/// `repr(C, packed)`: 52 bytes, no padding, so that equal events are equal bytes.
#[derive(Debug, Clone, Copy, PartialEq)]
#[repr(C, packed)]
pub struct EventRow {
    /// Position that it happened to, or [`NO_POSITION`].
    pub position_id: u64,
    /// Nanoseconds since the UNIX epoch.
    pub ts_ns: i64,
    /// [`EventKind`] as its code.
    pub kind: u8,
    /// 0-based index of the leg in the profile, or [`NO_LEG`].
    pub leg: i16,
    /// Quote currency.
    pub price: f64,
    /// Base currency.
    pub qty: f64,
    /// Base currency.
    pub remaining: f64,
    /// Quote currency; NaN where there is none.
    pub stop: f64,
    /// [`Reason`] as its code.
    pub reason: u8,
}

const _: () = assert!(size_of::<EventRow>() == 52);

/// The columns of the event table: name, numpy type, byte offset.
pub const EVENT_COLUMNS: [(&str, &str, usize); 9] = [
    ("position_id", "<u8", std::mem::offset_of!(EventRow, position_id)),
    ("ts_ns", "<i8", std::mem::offset_of!(EventRow, ts_ns)),
    ("kind", "|u1", std::mem::offset_of!(EventRow, kind)),
    ("leg", "<i2", std::mem::offset_of!(EventRow, leg)),
    ("price", "<f8", std::mem::offset_of!(EventRow, price)),
    ("qty", "<f8", std::mem::offset_of!(EventRow, qty)),
    ("remaining", "<f8", std::mem::offset_of!(EventRow, remaining)),
    ("stop", "<f8", std::mem::offset_of!(EventRow, stop)),
    ("reason", "|u1", std::mem::offset_of!(EventRow, reason)),
];
