//! Commands to a live position, their events as lines or the words of their refusal.

use quantum_exit::units::{Lots, Ns};

use crate::case::{Case, Live, ppm};
use crate::world::decimal;

pub type Told = Result<Vec<String>, String>;

/// Commands are given at time 50, after the ticks below that and before those above.
const NOW: Ns = Ns(50);

pub fn tighten(live: &mut Live, price: &str) -> Told {
    let price = live.instrument.ticks("price", decimal(price)).expect("on the grid");
    live.command(|engine, id, events| engine.tighten_stop(id, price, NOW, events))
}

pub fn close(live: &mut Live, fraction: &str) -> Told {
    live.command(|engine, id, events| engine.close(id, ppm(fraction), NOW, events))
}

pub fn fill_leg(live: &mut Live, leg: u8) -> Told {
    live.command(|engine, id, events| engine.fill_leg(id, leg, NOW, events))
}

pub fn resize(live: &mut Live, lots: i64) -> Told {
    live.command(|engine, id, events| engine.resize(id, Lots(lots), NOW, events))
}

pub fn replace(live: &mut Live, plan: &Case, allow_loosen: bool) -> Told {
    let plan = plan.planned();
    live.command(|engine, id, events| engine.replace_plan(id, plan, allow_loosen, NOW, events))
}

#[allow(clippy::unnecessary_wraps, reason = "it stands beside `refused` in the tables")]
pub fn told(rows: &[&str]) -> Told {
    Ok(rows.iter().map(|row| (*row).to_owned()).collect())
}

pub fn refused(message: &str) -> Told {
    Err(message.to_owned())
}

/// `case` after its first tick.
pub fn open(case: &Case, script: &str) -> Live {
    let mut live = case.live();
    live.check(script);
    live
}

pub const UNKNOWN: &str = "position_id: 0 is not allowed; no open position has this id";
