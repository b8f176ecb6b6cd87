//! Replay of plans that listen to the mark price: both series in the order of time, through the engine.

use crate::engine::{Engine, EngineError};
use crate::event::Event;
use crate::instrument::Instrument;
use crate::position::FillRules;
use crate::replay::{Entry, EntryPlan, ReplayError, SymbolOutcome, at_market};
use crate::screen::{OffGrid, Screened, Screener};
use crate::simd::Kernels;
use crate::tick::Source;
use crate::trade::Trade;
use crate::units::Ns;

/// Times and prices of one source.
pub type Series<'a> = (&'a [i64], &'a [f64]);

/// Replays `entries` along trade prices and mark prices. At equal times the trade comes first.
///
/// Mark prices are rounded to the nearest tick. Excursions are those of the trade price.
///
/// # Errors
/// [`ReplayError`] for a trade price off the grid or a plan that cannot be made.
pub fn replay_two_sources(
    instrument: &Instrument,
    rules: FillRules,
    max_jump_ppm: Option<i64>,
    entries: &[Entry],
    last: Series<'_>,
    mark: Series<'_>,
) -> Result<SymbolOutcome, ReplayError> {
    let screened = Screener::new(max_jump_ppm).screen(last.0, last.1, instrument)?;
    let (mut engine, mut trades, unopened) = open_all(instrument, rules, max_jump_ppm, entries, &screened)?;
    let events = drive(&mut engine, instrument, last, mark)?;
    let kernels = Kernels::best();
    for (trade, plan) in &mut trades {
        let own = events.iter().map(|(_, event)| *event);
        let own: Vec<Event> = own.filter(|event| event.position_id == trade.position_id).collect();
        trade.book(plan, &own);
        if let Some(opened) = trade.opened {
            let ticks = screened.ticks();
            let from = ticks.first_at(opened);
            let to = trade.closed.map_or(ticks.len(), |closed| ticks.first_at(Ns(closed.0 + 1)));
            trade.see(kernels.range(&ticks.price()[from..to]));
        }
    }
    let mut trades: Vec<Trade> = trades.into_iter().map(|(trade, _)| trade).collect();
    trades.sort_by_key(|trade| trade.position_id);
    let refused = engine.refused(0).unwrap_or(0);
    Ok(SymbolOutcome {
        events,
        trades,
        stop_path: Vec::new(),
        ticks: (last.0.len() + mark.0.len()) as u64,
        refused,
        unopened,
    })
}

type Planned = (Trade, crate::plan::ExitPlan);

fn open_all(
    instrument: &Instrument,
    rules: FillRules,
    max_jump_ppm: Option<i64>,
    entries: &[Entry],
    screened: &Screened<'_>,
) -> Result<(Engine, Vec<Planned>, Vec<u64>), ReplayError> {
    let refuse = |position_id| move |source| ReplayError::Plan { position_id, source };
    let mut engine = Engine::new(rules, max_jump_ppm).map_err(refuse(0))?;
    let symbol = engine.add_symbol(instrument.clone());
    let (mut trades, mut unopened) = (Vec::new(), Vec::new());
    let ticks = screened.ticks();
    for Entry { position_id, entry_ns, plan } in entries {
        let at = ticks.first_at(*entry_ns);
        let plan = match plan {
            EntryPlan::Fixed(plan) => (**plan).clone(),
            EntryPlan::AtMarket { .. } if at == ticks.len() => {
                unopened.push(*position_id);
                continue;
            }
            EntryPlan::AtMarket { spec, stop } => {
                at_market(instrument, spec, *stop, ticks.price()[at]).map_err(refuse(*position_id))?
            }
        };
        trades.push((Trade::new(*position_id, &plan, *entry_ns, instrument), plan.clone()));
        if let Err(EngineError::Invalid(source)) = engine.open(symbol, plan, *entry_ns, Some(*position_id)) {
            return Err(refuse(*position_id)(source));
        }
    }
    Ok((engine, trades, unopened))
}

/// Feeds both series; each event with the place of its tick in the common order.
fn drive(
    engine: &mut Engine,
    instrument: &Instrument,
    last: Series<'_>,
    mark: Series<'_>,
) -> Result<Vec<(u64, Event)>, ReplayError> {
    let (mut at_last, mut at_mark) = (0, 0);
    let (mut placed, mut events) = (Vec::new(), Vec::new());
    while at_last < last.0.len() || at_mark < mark.0.len() {
        let trade_first = match (last.0.get(at_last), mark.0.get(at_mark)) {
            (Some(trade), Some(mark)) => trade <= mark,
            (trade, _) => trade.is_some(),
        };
        let order = (at_last + at_mark) as u64;
        let fed = if trade_first {
            at_last += 1;
            let (ts, price) = (Ns(last.0[at_last - 1]), last.1[at_last - 1]);
            engine.on_price(0, Source::Last, price, ts, &mut events)
        } else {
            at_mark += 1;
            engine.on_mark_price(0, mark.1[at_mark - 1], Ns(mark.0[at_mark - 1]), &mut events)
        };
        if fed.is_err() {
            let (index, price) = if trade_first {
                (at_last - 1, last.1[at_last - 1])
            } else {
                (at_mark - 1, mark.1[at_mark - 1])
            };
            let tick_size = instrument.tick_size().to_f64();
            return Err(OffGrid { index, price, tick_size }.into());
        }
        placed.extend(events.drain(..).map(|event| (order, event)));
    }
    placed.sort_by_key(|(order, event)| (event.ts, *order, event.position_id));
    Ok(placed)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::decimal::Decimal;
    use crate::event::EventKind;
    use crate::plan::{ExitPlan, PlanSpec, RatchetSpec};
    use crate::units::Side;

    fn decimal(text: &str) -> Decimal {
        Decimal::parse("test", text).unwrap()
    }

    #[test]
    fn a_stop_on_the_mark_price_ignores_a_wick_of_the_trade_price() {
        let zero = decimal("0");
        let instrument = Instrument::new("X", decimal("0.1"), decimal("1"), zero, zero, None).unwrap();
        let spec = |stop_source| PlanSpec {
            side: Side::Long,
            entry_price: decimal("100"),
            quantity: decimal("1"),
            stop_price: decimal("95"),
            legs: Vec::new(),
            trailing: None,
            ratchet: RatchetSpec::default(),
            max_hold: None,
            time_stop: None,
            stop_source,
            leg_source: Source::Last,
        };
        let entry = |position_id, stop_source| Entry {
            position_id,
            entry_ns: Ns(0),
            plan: EntryPlan::Fixed(Box::new(ExitPlan::new(&instrument, &spec(stop_source)).unwrap())),
        };
        let entries = [entry(0, Source::Last), entry(1, Source::Mark)];
        let trades = ([0, 10, 20].as_slice(), [100.0, 94.0, 100.0].as_slice());
        let marks = ([5, 15, 25].as_slice(), [100.03, 96.0, 94.98].as_slice());
        let rules = FillRules::default();
        let outcome = replay_two_sources(&instrument, rules, None, &entries, trades, marks).unwrap();
        let stopped: Vec<(u64, i64)> = outcome
            .events
            .iter()
            .filter(|(_, event)| event.kind == EventKind::Stopped)
            .map(|(_, event)| (event.position_id, event.ts.0))
            .collect();
        assert_eq!(stopped, [(0, 10), (1, 25)]);
        assert_eq!(outcome.trades[1].closed, Some(Ns(25)));
    }
}
