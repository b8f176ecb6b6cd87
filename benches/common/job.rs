//! Job J: one LONG position after the other through a whole tick array.

use quantum_exit::decimal::Decimal;
use quantum_exit::event::Event;
use quantum_exit::instrument::Instrument;
use quantum_exit::plan::{ExitPlan, LegKind, LegSpec, PlanSpec, RatchetSpec};
use quantum_exit::position::{FillRules, Position};
use quantum_exit::replay::stop_at_frac;
use quantum_exit::tick::Source;
use quantum_exit::trail::{CurvePoint, TrailingSpec};
use quantum_exit::units::{Ns, PPM, Side, Ticks};
use quantum_exit::walk::{CleanTicks, Finder, walk};

use super::tally::Tally;

/// Job J, or a variant of it: R = 0.5 % of the entry; take-profits at 1, 2, 3 and 4 R of 25 % each;
/// break-even + 0.05 % after the first; trailing of all that is open, armed at 1.5 R with a callback
/// of 0.40 %, 0.30 % from 2.5 R and 0.20 % from 3.5 R on.
///
/// The table of budgets gives J a hard stop at 1.5 R behind an internal one at 1 R. A plan has one
/// stop; it is the one at 1 R, behind which the other is never reached first. When a position has
/// closed, the next is opened at the next tick.
#[derive(Debug, Clone, Copy)]
pub struct Job {
    pub r_ppm: i64,
    pub callbacks_ppm: [i64; 3],
}

pub const J: Job = Job { r_ppm: 5_000, callbacks_ppm: [4_000, 3_000, 2_000] };

impl Job {
    /// The variants of a sweep: R from 0.4 to 0.6 %, callbacks from 0.8 to 1.2 of those of J.
    pub fn variants(count: usize) -> Vec<Self> {
        let variant = |at: usize| {
            let (r, callback) = ((at % 40) as i64, (at / 40 % 25) as i64);
            Self {
                r_ppm: 4_000 + 50 * r,
                callbacks_ppm: J.callbacks_ppm.map(|ppm| ppm * (50 + callback - 12) / 50),
            }
        };
        (0..count).map(variant).collect()
    }

    /// Variants that last: R from 2 to 8 % of the entry, callbacks as wide beside it as those of J.
    pub fn wide(count: usize) -> Vec<Self> {
        let variant = |at: usize| {
            let r_ppm = 20_000 + 60_000 * at as i64 / count as i64;
            Self { r_ppm, callbacks_ppm: J.callbacks_ppm.map(|ppm| ppm * r_ppm / J.r_ppm) }
        };
        (0..count).map(variant).collect()
    }

    pub fn plan(&self, instrument: &Instrument, side: Side, entry: Ticks) -> ExitPlan {
        self.plan_at(&mut self.spec(side), instrument, entry)
    }

    /// The plan but for its prices.
    fn spec(&self, side: Side) -> PlanSpec {
        let leg = |r: i64| LegSpec { r_ppm: r * PPM, fraction_ppm: PPM / 4, kind: LegKind::Hard };
        let [callback_ppm, second, third] = self.callbacks_ppm;
        let point = |r_ppm, callback_ppm| CurvePoint { r_ppm, callback_ppm };
        let one = Decimal { mantissa: 1, scale: 0 };
        PlanSpec {
            side,
            entry_price: one,
            quantity: one,
            stop_price: one,
            legs: (1..=4).map(leg).collect(),
            trailing: Some(TrailingSpec {
                callback_ppm,
                activation_r_ppm: 3 * PPM / 2,
                curve: vec![point(5 * PPM / 2, second), point(7 * PPM / 2, third)],
                rearm: false,
            }),
            ratchet: RatchetSpec {
                break_even_at_r_ppm: None,
                break_even_after: Some(1),
                break_even_offset_ppm: 500,
                follow_legs: false,
            },
            max_hold: None,
            time_stop: None,
            stop_source: Source::Last,
            leg_source: Source::Last,
        }
    }

    fn plan_at(&self, spec: &mut PlanSpec, instrument: &Instrument, entry: Ticks) -> ExitPlan {
        let tick = instrument.tick_size();
        spec.entry_price = Decimal { mantissa: i128::from(entry.0) * tick.mantissa, scale: tick.scale };
        spec.stop_price = stop_at_frac(spec.entry_price, spec.side, self.r_ppm).expect("a fraction");
        ExitPlan::new(instrument, spec).expect("a plan")
    }

    /// Through all of `ticks`, from one tick that `finder` finds to the next.
    pub fn run(&self, ticks: CleanTicks<'_>, instrument: &Instrument, finder: &impl Finder) -> Tally {
        let rules = FillRules::default();
        self.each_position(ticks, instrument, |position, from, events, tally| {
            let (id, mut told) = (position.id(), 0);
            let walked = walk(position, ticks, from, &rules, finder, events, |at, all| {
                for event in &all[told..] {
                    tally.add(at as u64, id, event.kind);
                }
                told = all.len();
            });
            walked.end
        })
    }

    /// The oracle: the reducer sees every tick.
    pub fn oracle(&self, ticks: CleanTicks<'_>, instrument: &Instrument) -> Tally {
        let rules = FillRules::default();
        self.each_position(ticks, instrument, |position, from, events, tally| {
            let mut at = from;
            while at < ticks.len() && position.open().0 > 0 {
                events.clear();
                let tick = ticks.get(at).expect("a price on the grid");
                position.on_tick(Source::Last, tick, &rules, events);
                tally.add_all(at as u64, events);
                at += 1;
            }
            at
        })
    }

    /// Opens one position after the other; `guard` takes each to the index after its last tick.
    fn each_position(
        &self,
        ticks: CleanTicks<'_>,
        instrument: &Instrument,
        mut guard: impl FnMut(&mut Position, usize, &mut Vec<Event>, &mut Tally) -> usize,
    ) -> Tally {
        let mut tally = Tally::default();
        let mut events = Vec::with_capacity(64);
        let mut spec = self.spec(Side::Long);
        let (mut at, mut id) = (0, 0);
        while at < ticks.len() {
            let first = ticks.get(at).expect("a price on the grid");
            let plan = self.plan_at(&mut spec, instrument, first.price);
            let mut position = Position::new(id, plan, Ns(first.ts.0));
            events.clear();
            at = guard(&mut position, at, &mut events, &mut tally);
            id += 1;
        }
        tally
    }
}
