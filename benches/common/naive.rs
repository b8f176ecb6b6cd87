//! The loop that one would write by hand for job J: every level is tested at every tick.

use quantum_exit::event::EventKind;
use quantum_exit::instrument::Instrument;
use quantum_exit::units::{PPM, Side, Ticks};

use super::job::Job;
use super::tally::Tally;

/// Runs `job` over prices on the 0.1 grid, in floats, which are compared as exactly as integers: a
/// level is the float nearest to its price, and so is every price.
pub fn run(job: &Job, price: &[f64], instrument: &Instrument) -> Tally {
    let mut tally = Tally::default();
    let (mut at, mut id) = (0, 0);
    while at < price.len() {
        at = one_position(job, price, at, id, instrument, &mut tally);
        id += 1;
    }
    tally
}

/// The first position only; gives the index after its last tick.
pub fn run_once(job: &Job, price: &[f64], instrument: &Instrument) -> (usize, Tally) {
    let mut tally = Tally::default();
    let end = one_position(job, price, 0, 0, instrument, &mut tally);
    (end, tally)
}

fn one_position(
    job: &Job,
    price: &[f64],
    from: usize,
    id: u64,
    instrument: &Instrument,
    tally: &mut Tally,
) -> usize {
    let level = |ticks: i64| ticks as f64 / 10.0;
    let entry = to_ticks(price[from]);
    let plan = job.plan(instrument, Side::Long, Ticks(entry));
    let r = entry - plan.stop().0;
    let at_r = |ppm: i64| entry + r * ppm / PPM;
    let legs = [1, 2, 3, 4].map(|k| level(at_r(k * PPM)));
    let activation = level(at_r(3 * PPM / 2));
    let steps = [5, 7].map(|halves| level(at_r(halves * PPM / 2)));
    let break_even = plan.break_even().0;
    let mut stop = level(plan.stop().0);
    let (mut filled, mut next_leg, mut active) = (0, legs[0], false);
    // From here on trailing has to look: the activation, then any new high.
    let mut look_at = activation;
    let (mut trail_stop, mut callback_ppm) = (0.0, job.callbacks_ppm[0]);
    tally.add(from as u64, id, EventKind::Open);
    for (offset, price) in price[from..].iter().enumerate() {
        let at = (from + offset) as u64;
        if *price <= trail_stop && trail_stop > stop {
            tally.add(at, id, EventKind::Trailed);
            tally.add(at, id, EventKind::Closed);
            return from + offset + 1;
        }
        if *price <= stop {
            tally.add(at, id, EventKind::Stopped);
            tally.add(at, id, EventKind::Closed);
            return from + offset + 1;
        }
        while *price >= next_leg {
            tally.add(at, id, EventKind::LegFilled);
            filled += 1;
            if filled == 4 {
                tally.add(at, id, EventKind::Closed);
                return from + offset + 1;
            }
            next_leg = legs[filled];
            if filled == 1 {
                stop = level(break_even.min(to_ticks(*price) - 1));
                tally.add(at, id, EventKind::StopMoved);
            }
        }
        if *price >= look_at {
            if !active {
                tally.add(at, id, EventKind::TrailActivated);
            }
            let callback_now = job.callbacks_ppm[steps.iter().filter(|step| *price >= **step).count()];
            if callback_now < callback_ppm {
                tally.add(at, id, EventKind::CallbackTightened);
            }
            let ticks = to_ticks(*price);
            (active, look_at, callback_ppm) = (true, level(ticks + 1), callback_now);
            trail_stop = level(ticks - ticks * callback_ppm / PPM).max(trail_stop);
        }
    }
    price.len()
}

#[allow(clippy::cast_possible_truncation, reason = "far below 2^53")]
fn to_ticks(price: f64) -> i64 {
    (price * 10.0).round() as i64
}
