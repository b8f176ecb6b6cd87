//! Trades as Binance sends them: the raw bytes of one WebSocket message, without a copy.
//!
//! [`parse_trade`] takes an `aggTrade` or a `trade` event, bare or as the `data` of a combined-stream
//! envelope. Keys may stand in any order; unknown ones are skipped, however deep, but must be JSON.
//! Prices stay decimal text until an [`Instrument`](crate::instrument::Instrument) turns them into
//! ticks, exactly: no float lies on the way.

mod price;
mod scan;
mod symbols;

pub use price::{PriceText, exact_ticks};
pub use symbols::SymbolMap;

use crate::units::Ns;
use scan::{Scan, Stop};

/// One trade, borrowed from the message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct WireTrade<'a> {
    /// Symbol as the venue writes it (`s`), not empty.
    pub symbol: &'a [u8],
    /// Price (`p`), in quote currency.
    pub price: PriceText<'a>,
    /// Time of the trade (`T`).
    pub ts: Ns,
    /// `false` when `X` is present and other than `MARKET` (insurance fund, auto-deleveraging, a
    /// cancelled print): such a price moves no level.
    pub is_market: bool,
}

/// Why a message is not a trade.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("{field} at byte {at}: {fault}")]
pub struct WireError {
    /// Key of the field concerned, or `message`.
    pub field: &'static str,
    /// Offset in the message, in bytes from 0.
    pub at: usize,
    /// What is wrong there.
    pub fault: Fault,
}

/// What can be wrong with a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Fault {
    /// The message ends too early.
    #[error("the message is cut off")]
    Truncated,
    /// Not JSON, or a value of another type.
    #[error("expected {0}")]
    Expected(&'static str),
    /// Arrays or objects inside each other.
    #[error("at most {} levels of arrays and objects are allowed", scan::MAX_DEPTH)]
    TooDeep,
    /// A valid event that is no trade. Returned as soon as `e` is read; what follows is not checked.
    #[error("another event; expected aggTrade or trade")]
    OtherEvent,
    /// A field that every trade has is not there.
    #[error("missing; a trade has e, s, p and T")]
    Missing,
    /// A field of the trade is there twice: which one is meant, nobody can know.
    #[error("given twice")]
    Repeated,
    /// A key, or a field of the trade, is written with a backslash. Binance writes none.
    #[error("written with an escape, which is not allowed here")]
    Escaped,
    /// A time before 1970 or, in ms, after 2262: such as a stream in us.
    #[error("expected ms since the UNIX epoch, from 0 to 9223372036854")]
    TimeOutOfRange,
}

/// The trade in one WebSocket message. Allocates nothing.
///
/// `e`, `s`, `p` and `T` must be there once; a message with a key `data` is an envelope and has none
/// of them beside it. Fields may not be written with escapes.
///
/// # Errors
/// [`WireError`] for anything else, with the place in the message.
pub fn parse_trade(message: &[u8]) -> Result<WireTrade<'_>, WireError> {
    let mut scan = Scan::new(message);
    read_message(&mut scan).map_err(|Stop| scan.into_error())
}

fn read_message<'a>(scan: &mut Scan<'a>) -> Result<WireTrade<'a>, Stop> {
    let mut fields = Fields::default();
    let mut enveloped = None;
    scan.space();
    fields.read(scan, |scan| {
        let mut data = Fields::default();
        data.read(scan, Scan::skip_value)?;
        match enveloped.replace(data) {
            None => Ok(()),
            Some(_) => Err(scan.stop("data", Fault::Repeated)),
        }
    })?;
    scan.space();
    scan.end()?;
    match enveloped {
        None => fields.trade(scan),
        Some(data) if fields == Fields::default() => data.trade(scan),
        Some(_) => Err(scan.stop("data", Fault::Expected("no fields of a trade beside it"))),
    }
}

/// The fields of a trade that were read so far.
#[derive(Debug, Default, PartialEq, Eq)]
struct Fields<'a> {
    is_trade: bool,
    symbol: Option<&'a [u8]>,
    price: Option<PriceText<'a>>,
    ts: Option<Ns>,
    is_market: Option<bool>,
}

impl<'a> Fields<'a> {
    /// Reads an object; `data` reads the value of that key.
    #[inline]
    fn read(
        &mut self,
        scan: &mut Scan<'a>,
        mut data: impl FnMut(&mut Scan<'a>) -> Result<(), Stop>,
    ) -> Result<(), Stop> {
        scan.expect(b'{', "an object")?;
        scan.space();
        if scan.take(b'}') {
            return Ok(());
        }
        loop {
            let key = scan.key()?;
            match key {
                b"e" => self.read_event(scan)?,
                b"s" => self.read_symbol(scan)?,
                b"p" => self.read_price(scan)?,
                b"T" => self.read_time(scan)?,
                b"X" => self.read_execution(scan)?,
                b"data" => data(scan)?,
                _ => scan.skip_value()?,
            }
            if scan.ends_object()? {
                return Ok(());
            }
        }
    }

    fn read_event(&mut self, scan: &mut Scan<'a>) -> Result<(), Stop> {
        once(scan, "e", self.is_trade)?;
        match scan.text("e")? {
            b"aggTrade" | b"trade" => self.is_trade = true,
            _ => return Err(scan.stop("e", Fault::OtherEvent)),
        }
        Ok(())
    }

    #[inline]
    fn read_symbol(&mut self, scan: &mut Scan<'a>) -> Result<(), Stop> {
        once(scan, "s", self.symbol.is_some())?;
        match scan.text("s")? {
            [] => Err(scan.stop("s", Fault::Expected("a symbol such as BTCUSDT"))),
            symbol => {
                self.symbol = Some(symbol);
                Ok(())
            }
        }
    }

    #[inline]
    fn read_price(&mut self, scan: &mut Scan<'a>) -> Result<(), Stop> {
        once(scan, "p", self.price.is_some())?;
        let start = scan.rest();
        let text = scan.text("p")?;
        self.price = PriceText::parse(text);
        match self.price {
            Some(_) => Ok(()),
            None => Err(scan.stop_at(
                start,
                "p",
                Fault::Expected("a plain decimal in quotes such as \"43251.10\""),
            )),
        }
    }

    #[inline]
    fn read_time(&mut self, scan: &mut Scan<'a>) -> Result<(), Stop> {
        const NS_PER_MS: i64 = 1_000_000;
        once(scan, "T", self.ts.is_some())?;
        let start = scan.rest();
        let ms = scan.whole_number("T")?;
        self.ts = ms.and_then(|ms| ms.checked_mul(NS_PER_MS)).map(Ns);
        match self.ts {
            Some(_) => Ok(()),
            None => Err(scan.stop_at(start, "T", Fault::TimeOutOfRange)),
        }
    }

    #[inline]
    fn read_execution(&mut self, scan: &mut Scan<'a>) -> Result<(), Stop> {
        once(scan, "X", self.is_market.is_some())?;
        self.is_market = Some(scan.text("X")? == b"MARKET");
        Ok(())
    }

    #[inline]
    fn trade(self, scan: &mut Scan<'a>) -> Result<WireTrade<'a>, Stop> {
        let field = match self {
            Self { is_trade: true, symbol: Some(symbol), price: Some(price), ts: Some(ts), is_market } => {
                return Ok(WireTrade { symbol, price, ts, is_market: is_market.unwrap_or(true) });
            }
            Self { is_trade: false, .. } => "e",
            Self { symbol: None, .. } => "s",
            Self { price: None, .. } => "p",
            _ => "T",
        };
        Err(scan.stop(field, Fault::Missing))
    }
}

#[inline]
fn once(scan: &mut Scan<'_>, field: &'static str, is_there: bool) -> Result<(), Stop> {
    if is_there { Err(scan.stop(field, Fault::Repeated)) } else { Ok(()) }
}

#[cfg(test)]
mod tests;
