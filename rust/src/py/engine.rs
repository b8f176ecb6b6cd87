//! The live engine for Python.

use std::sync::{Arc, PoisonError, RwLock};

use pyo3::exceptions::PyIndexError;
use pyo3::prelude::*;

use super::convert;
use super::instrument::PyInstrument;
use super::latch::{Held, Latch};
use super::plan::PyExitPlan;
use super::replay::same_instrument;
use super::tables::to_array;
use crate::engine::{Engine, EngineError};
use crate::error::Invalid;
use crate::event::{Event, EventKind, EventRow, Reason};
use crate::instrument::Instrument;
use crate::snapshot::SnapshotReader;
use crate::tick::Source;
use crate::units::{Lots, Ns, Ticks};
use crate::wire::{SymbolMap, parse_trade};

/// Adds this file's classes to `m`.
pub fn register(m: &Bound<'_, PyModule>) -> PyResult<()> {
    m.add_class::<PyEngine>()?;
    m.add_class::<Events>()?;
    m.add_class::<PyEvent>()?;
    m.add_class::<Levels>()?;
    m.add_class::<Snapshot>()
}

struct Core {
    engine: Engine,
    instruments: Vec<Arc<Instrument>>,
    events: Vec<Event>,
    symbols: SymbolMap,
    non_market: u64,
}

impl Core {
    /// The events of the call just made, if any; the buffer is used again.
    #[inline]
    fn take(&mut self, symbol: u32) -> Option<Events> {
        if self.events.is_empty() { None } else { Some(self.take_some(symbol)) }
    }

    #[cold]
    fn take_some(&mut self, symbol: u32) -> Events {
        let instrument = &self.instruments[symbol as usize];
        Events { rows: self.events.drain(..).map(|event| event.to_row(instrument)).collect() }
    }
}

/// The live engine: ticks of many symbols in, events out.
#[pyclass(frozen, name = "Engine", module = "quantum_exit._core")]
pub struct PyEngine {
    core: Latch<Core>,
    /// Any thread reads positions here without the latch.
    reader: SnapshotReader,
    /// The instruments once more, for those readers; written when a symbol is added.
    shown: RwLock<Vec<Arc<Instrument>>>,
}

impl PyEngine {
    /// The engine, for one call. Nearly always free; a thread that has to wait lets others run.
    #[inline]
    fn hold(&self, py: Python<'_>) -> Held<'_, Core> {
        match self.core.try_hold() {
            Some(core) => core,
            None => self.wait(py),
        }
    }

    #[cold]
    fn wait(&self, py: Python<'_>) -> Held<'_, Core> {
        loop {
            py.detach(std::thread::yield_now);
            if let Some(core) = self.core.try_hold() {
                return core;
            }
        }
    }

    #[inline]
    pub fn tick(
        &self,
        py: Python<'_>,
        symbol: i64,
        source: Source,
        price: i64,
        ts: i64,
    ) -> PyResult<Option<Events>> {
        // A number that is no u32 is no symbol either.
        let symbol = u32::try_from(symbol).unwrap_or(u32::MAX);
        let mut core = self.hold(py);
        let Core { engine, events, .. } = &mut *core;
        engine.on_tick(symbol, source, Ticks(price), Ns(ts), events)?;
        Ok(core.take(symbol))
    }

    /// Runs a command on a position and gives its events.
    fn command(
        &self,
        py: Python<'_>,
        position_id: u64,
        command: impl FnOnce(&mut Engine, &Instrument, &mut Vec<Event>) -> PyResult<()>,
    ) -> PyResult<Option<Events>> {
        let mut guard = self.hold(py);
        let symbol = guard.engine.symbol_of(position_id)?;
        let Core { engine, instruments, events, .. } = &mut *guard;
        command(engine, &instruments[symbol as usize], events)?;
        Ok(guard.take(symbol))
    }
}

#[pymethods]
impl PyEngine {
    #[new]
    #[pyo3(signature = (*, limit_fill="through", slippage_ticks=0, max_jump_frac=None))]
    fn new(
        limit_fill: &str,
        slippage_ticks: i64,
        max_jump_frac: Option<&Bound<'_, PyAny>>,
    ) -> PyResult<Self> {
        let rules = convert::fill_rules(limit_fill, slippage_ticks)?;
        let engine = Engine::new(rules, convert::max_jump(max_jump_frac)?)?;
        let reader = engine.reader();
        let core = Core {
            engine,
            instruments: Vec::new(),
            events: Vec::new(),
            symbols: SymbolMap::new(),
            non_market: 0,
        };
        Ok(Self { core: Latch::new(core), reader, shown: RwLock::default() })
    }

    fn add_symbol(&self, py: Python<'_>, instrument: &PyInstrument) -> PyResult<u32> {
        let mut core = self.hold(py);
        let symbol = instrument.core.symbol();
        if core.symbols.get(symbol.as_bytes()).is_some() {
            return Err(Invalid::new("symbol", symbol, "a symbol that was not added before").into());
        }
        let id = core.engine.add_symbol((*instrument.core).clone());
        core.symbols.insert(symbol.as_bytes(), id);
        core.instruments.push(Arc::clone(&instrument.core));
        self.shown.write().unwrap_or_else(PoisonError::into_inner).push(Arc::clone(&instrument.core));
        Ok(id)
    }

    #[pyo3(signature = (symbol_id, plan, entry_ns, position_id=None))]
    fn open(
        &self,
        py: Python<'_>,
        symbol_id: u32,
        plan: &PyExitPlan,
        entry_ns: i64,
        position_id: Option<u64>,
    ) -> PyResult<u64> {
        let mut core = self.hold(py);
        same_instrument(plan, core.engine.instrument(symbol_id)?)?;
        Ok(core.engine.open(symbol_id, plan.core.clone(), Ns(entry_ns), position_id)?)
    }

    #[pyo3(signature = (symbol_id, price, ts_ns, /))]
    fn on_price(&self, py: Python<'_>, symbol_id: u32, price: f64, ts_ns: i64) -> PyResult<Option<Events>> {
        let mut guard = self.hold(py);
        let Core { engine, events, .. } = &mut *guard;
        engine.on_price(symbol_id, Source::Last, price, Ns(ts_ns), events)?;
        Ok(guard.take(symbol_id))
    }

    #[pyo3(signature = (symbol_id, price, ts_ns, /))]
    fn on_mark_price(
        &self,
        py: Python<'_>,
        symbol_id: u32,
        price: f64,
        ts_ns: i64,
    ) -> PyResult<Option<Events>> {
        let mut guard = self.hold(py);
        let Core { engine, events, .. } = &mut *guard;
        engine.on_mark_price(symbol_id, price, Ns(ts_ns), events)?;
        Ok(guard.take(symbol_id))
    }

    #[pyo3(signature = (message, /))]
    fn on_trade_json(&self, py: Python<'_>, message: &[u8]) -> PyResult<Option<Events>> {
        let trade = parse_trade(message).map_err(|error| {
            let allowed = "a Binance aggTrade or trade message";
            Invalid::new(format!("message.{}", error.field), error, allowed)
        })?;
        let mut guard = self.hold(py);
        let Core { engine, instruments, events, symbols, non_market } = &mut *guard;
        let name = || String::from_utf8_lossy(trade.symbol).into_owned();
        let Some(symbol) = symbols.get(trade.symbol) else {
            return Err(Invalid::new("message.s", name(), "a symbol that was added").into());
        };
        if !trade.is_market {
            *non_market += 1;
            return Ok(None);
        }
        let instrument = &instruments[symbol as usize];
        let Some(price) = trade.price.ticks(instrument) else {
            let allowed = format!("a multiple of the tick size {} of {}", instrument.tick_size(), name());
            return Err(
                Invalid::new("message.p", String::from_utf8_lossy(trade.price.text()), allowed).into()
            );
        };
        engine.on_tick(symbol, Source::Last, price, trade.ts, events)?;
        Ok(guard.take(symbol))
    }

    #[getter]
    fn non_market(&self, py: Python<'_>) -> u64 {
        self.hold(py).non_market
    }

    fn tighten_stop(
        &self,
        py: Python<'_>,
        position_id: u64,
        price: &Bound<'_, PyAny>,
        ts_ns: i64,
    ) -> PyResult<Option<Events>> {
        self.command(py, position_id, |engine, instrument, events| {
            let price = convert::ticks("price", price, instrument)?;
            Ok(engine.tighten_stop(position_id, price, Ns(ts_ns), events)?)
        })
    }

    #[pyo3(
        signature = (position_id, ts_ns, fraction=None),
        text_signature = "($self, position_id, ts_ns, fraction=1)"
    )]
    fn close(
        &self,
        py: Python<'_>,
        position_id: u64,
        ts_ns: i64,
        fraction: Option<&Bound<'_, PyAny>>,
    ) -> PyResult<Option<Events>> {
        let ppm = fraction.map_or(Ok(crate::units::PPM), |value| convert::ppm("fraction", value))?;
        self.command(py, position_id, |engine, _, events| {
            Ok(engine.close(position_id, ppm, Ns(ts_ns), events)?)
        })
    }

    fn fill_leg(&self, py: Python<'_>, position_id: u64, leg: u8, ts_ns: i64) -> PyResult<Option<Events>> {
        self.command(py, position_id, |engine, _, events| {
            Ok(engine.fill_leg(position_id, leg, Ns(ts_ns), events)?)
        })
    }

    fn resize(
        &self,
        py: Python<'_>,
        position_id: u64,
        new_qty: &Bound<'_, PyAny>,
        ts_ns: i64,
    ) -> PyResult<Option<Events>> {
        self.command(py, position_id, |engine, instrument, events| {
            let nothing = new_qty.eq(0)?;
            let lots = if nothing { Lots::ZERO } else { convert::lots("new_qty", new_qty, instrument)? };
            Ok(engine.resize(position_id, lots, Ns(ts_ns), events)?)
        })
    }

    #[pyo3(signature = (position_id, plan, ts_ns, *, allow_loosen=false))]
    fn replace_plan(
        &self,
        py: Python<'_>,
        position_id: u64,
        plan: &PyExitPlan,
        ts_ns: i64,
        allow_loosen: bool,
    ) -> PyResult<Option<Events>> {
        self.command(py, position_id, |engine, instrument, events| {
            same_instrument(plan, instrument)?;
            Ok(engine.replace_plan(position_id, plan.core.clone(), allow_loosen, Ns(ts_ns), events)?)
        })
    }

    fn snapshot(&self, position_id: u64) -> PyResult<Snapshot> {
        let unknown = EngineError::UnknownPosition(position_id);
        let symbol = self.reader.symbol_of(position_id).ok_or(unknown.clone())?;
        let seen = self.reader.snapshot(position_id).ok_or(unknown)?;
        let shown = self.shown.read().unwrap_or_else(PoisonError::into_inner);
        let instrument = &shown[symbol as usize];
        Ok(Snapshot {
            stop: instrument.price_f64(seen.stop),
            watermark: seen.watermark.map(|price| instrument.price_f64(price)),
            remaining: instrument.qty_f64(seen.remaining),
            revision: seen.revision,
        })
    }

    fn levels(&self, py: Python<'_>, position_id: u64) -> PyResult<Levels> {
        let position = self.hold(py).engine.position(position_id)?;
        Ok(Levels {
            stop_ticks: position.stop().0,
            trail_stop_ticks: position.trail_stop().map(|price| price.0),
            trail_lots: position.trailed_lots().0,
            open_lots: position.open().0,
        })
    }

    fn open_positions(&self, py: Python<'_>, symbol_id: u32) -> PyResult<usize> {
        Ok(self.hold(py).engine.open_positions(symbol_id)?)
    }

    fn refused(&self, py: Python<'_>, symbol_id: u32) -> PyResult<u64> {
        Ok(self.hold(py).engine.refused(symbol_id)?)
    }
}

/// The state of one position at one moment.
#[pyclass(frozen, get_all, module = "quantum_exit._core")]
struct Snapshot {
    stop: f64,
    watermark: Option<f64>,
    remaining: f64,
    revision: u64,
}

/// What guards an open position now, in ticks and lots.
#[pyclass(frozen, get_all, module = "quantum_exit._core")]
struct Levels {
    stop_ticks: i64,
    trail_stop_ticks: Option<i64>,
    trail_lots: i64,
    open_lots: i64,
}

/// The events of one call, in order.
#[pyclass(frozen, module = "quantum_exit._core")]
pub struct Events {
    rows: Vec<EventRow>,
}

#[pymethods]
impl Events {
    fn __len__(&self) -> usize {
        self.rows.len()
    }

    fn __getitem__(&self, index: isize) -> PyResult<PyEvent> {
        let length = self.rows.len().cast_signed();
        let place = if index < 0 { index + length } else { index };
        let row = usize::try_from(place).ok().and_then(|place| self.rows.get(place));
        row.map(|row| PyEvent { row: *row }).ok_or_else(|| PyIndexError::new_err("event index out of range"))
    }

    fn to_numpy<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        to_array(py, &self.rows)
    }

    fn __repr__(&self) -> String {
        let events = self.rows.iter().map(|row| PyEvent { row: *row }.__repr__());
        format!("[{}]", events.collect::<Vec<_>>().join(", "))
    }
}

/// One event.
#[pyclass(frozen, name = "Event", module = "quantum_exit._core")]
struct PyEvent {
    row: EventRow,
}

#[pymethods]
impl PyEvent {
    #[getter]
    fn position_id(&self) -> u64 {
        self.row.position_id
    }

    #[getter]
    fn ts_ns(&self) -> i64 {
        self.row.ts_ns
    }

    #[getter]
    fn kind(&self) -> &'static str {
        EventKind::ALL[self.row.kind as usize].name()
    }

    #[getter]
    fn leg(&self) -> i16 {
        self.row.leg
    }

    #[getter]
    fn price(&self) -> f64 {
        self.row.price
    }

    #[getter]
    fn qty(&self) -> f64 {
        self.row.qty
    }

    #[getter]
    fn remaining(&self) -> f64 {
        self.row.remaining
    }

    #[getter]
    fn stop(&self) -> f64 {
        self.row.stop
    }

    #[getter]
    fn reason(&self) -> &'static str {
        Reason::ALL[self.row.reason as usize].name()
    }

    fn __repr__(&self) -> String {
        format!(
            "<{} position {} leg {} price {} qty {} remaining {} stop {} {}>",
            self.kind(),
            self.position_id(),
            self.leg(),
            self.price(),
            self.qty(),
            self.remaining(),
            self.stop(),
            self.reason()
        )
    }
}
