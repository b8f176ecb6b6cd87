//! Many plans over one tick array and its index, each plan alone: one trade a plan, no event table.

use std::thread;

use crate::event::Event;
use crate::instrument::Instrument;
use crate::plan::ExitPlan;
use crate::position::{FillRules, Position};
use crate::pyramid::Pyramid;
use crate::trade::Trade;
use crate::units::Ns;
use crate::walk::{CleanTicks, Jump, walk};

/// How a sweep is run. The trades do not depend on `threads`.
#[derive(Debug, Clone, Copy)]
pub struct SweepOptions {
    /// How orders are assumed to fill.
    pub rules: FillRules,
    /// Threads that share the plans; 0 is taken as 1.
    pub threads: usize,
}

/// The trade of each plan, in the order of `plans`; its `position_id` is the place of its plan there.
///
/// A plan comes with its entry time: the first tick at or after it is the first one evaluated. Where
/// there is none, the trade has `opened == None`. `pyramid` is the index of the prices of `ticks`.
#[must_use]
pub fn sweep(
    ticks: CleanTicks<'_>,
    pyramid: &Pyramid,
    plans: &[(ExitPlan, Ns)],
    instrument: &Instrument,
    options: SweepOptions,
) -> Vec<Trade> {
    let share = plans.len().div_ceil(options.threads.max(1)).max(1);
    let one_share = |first: usize, plans: &[(ExitPlan, Ns)]| -> Vec<Trade> {
        let mut events = Vec::new();
        let mut trade = |(at, (plan, entry)): (usize, &(ExitPlan, Ns))| {
            let id = (first + at) as u64;
            one_trade(id, plan, *entry, ticks, pyramid, instrument, options, &mut events)
        };
        plans.iter().enumerate().map(&mut trade).collect()
    };
    if share >= plans.len() {
        return one_share(0, plans);
    }
    thread::scope(|scope| {
        let one_share = &one_share;
        let shares: Vec<_> = plans
            .chunks(share)
            .enumerate()
            .map(|(at, plans)| scope.spawn(move || one_share(at * share, plans)))
            .collect();
        shares
            .into_iter()
            .flat_map(|share| share.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)))
            .collect()
    })
}

#[allow(clippy::too_many_arguments, reason = "the arguments of `sweep`, for one plan")]
fn one_trade(
    id: u64,
    plan: &ExitPlan,
    entry: Ns,
    ticks: CleanTicks<'_>,
    pyramid: &Pyramid,
    instrument: &Instrument,
    options: SweepOptions,
    events: &mut Vec<Event>,
) -> Trade {
    let mut trade = Trade::new(id, plan, entry, instrument);
    let mut position = Position::new(id, plan.clone(), entry);
    events.clear();
    let jump = Jump { pyramid };
    let from = ticks.first_at(entry);
    let walked = walk(&mut position, ticks, from, &options.rules, &jump, events, |_, _| ());
    trade.see(walked.range);
    trade.book(plan, events);
    trade
}
