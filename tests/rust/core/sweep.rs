//! A sweep gives the trades of the replay, whatever the number of threads.

use proptest::prelude::*;
use quantum_exit::instrument::Instrument;
use quantum_exit::plan::ExitPlan;
use quantum_exit::position::FillRules;
use quantum_exit::pyramid::Pyramid;
use quantum_exit::replay::{Entry, EntryPlan, Strategy as Finding, SymbolReplay};
use quantum_exit::screen::Screener;
use quantum_exit::simd::Kernels;
use quantum_exit::sweep::{SweepOptions, sweep};
use quantum_exit::trade::Trade;
use quantum_exit::units::{Ns, Ticks};

use crate::world::{instrument, path, shape};

const LONGEST: usize = 3_000;

fn swept(
    ts: &[i64],
    price: &[f64],
    plans: &[(ExitPlan, Ns)],
    instrument: &Instrument,
    threads: usize,
) -> Vec<Trade> {
    let screened = Screener::new(None).screen(ts, price, instrument).expect("a price path on the grid");
    let pyramid = Pyramid::new(price, Kernels::best());
    let options = SweepOptions { rules: FillRules::default(), threads };
    sweep(screened.ticks(), &pyramid, plans, instrument, options)
}

fn replayed(ts: &[i64], price: &[f64], plans: &[(ExitPlan, Ns)], instrument: &Instrument) -> Vec<Trade> {
    let entry = |(id, (plan, entry_ns)): (usize, &(ExitPlan, Ns))| Entry {
        position_id: id as u64,
        entry_ns: *entry_ns,
        plan: EntryPlan::Fixed(Box::new(plan.clone())),
    };
    let entries = plans.iter().enumerate().map(entry).collect();
    let mut replay =
        SymbolReplay::new(instrument.clone(), FillRules::default(), Finding::EveryTick, None, false, entries);
    replay.feed(ts, price).expect("a price path on the grid");
    replay.finish().trades
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn a_sweep_gives_the_trades_of_looking_at_every_tick(
        path in path(LONGEST),
        shapes in prop::collection::vec(shape(3_000), 1..12),
    ) {
        let instrument = instrument(0, 1);
        let ts: Vec<i64> = path.iter().map(|(ts, _)| *ts).collect();
        let price: Vec<f64> = path.iter().map(|(_, price)| instrument.price_f64(Ticks(*price))).collect();
        let plans: Vec<_> = shapes
            .iter()
            .filter_map(|shape| {
                let near = path.iter().find(|(ts, _)| *ts >= shape.entry_ns).map_or(1_000, |(_, near)| *near);
                Some((shape.plan(&instrument, near)?, Ns(shape.entry_ns)))
            })
            .collect();
        let alone = swept(&ts, &price, &plans, &instrument, 1);
        // The replay lists the trades that some tick opened.
        let opened: Vec<_> = alone.iter().filter(|trade| trade.opened.is_some()).collect();
        let oracle = replayed(&ts, &price, &plans, &instrument);
        prop_assert_eq!(format!("{:?}", opened), format!("{:?}", oracle.iter().collect::<Vec<_>>()));
        prop_assert_eq!(alone.len(), plans.len());
        for threads in [0, 2, 5, 64] {
            let shared = swept(&ts, &price, &plans, &instrument, threads);
            prop_assert_eq!(format!("{:?}", shared), format!("{:?}", alone), "{} threads", threads);
        }
    }
}

#[test]
fn a_plan_whose_entry_no_tick_reaches_does_not_open() {
    let instrument = instrument(0, 1);
    let (ts, price) = ([1, 2], [100.0, 100.1]);
    let spec = crate::world::simple_spec(&instrument, 1_000, 10);
    let plan = ExitPlan::new(&instrument, &spec).expect("a plan");
    let trades = swept(&ts, &price, &[(plan.clone(), Ns(3)), (plan, Ns(2))], &instrument, 1);
    let opened: Vec<_> = trades.iter().map(|trade| (trade.position_id, trade.opened)).collect();
    assert_eq!(opened, [(0, None), (1, Some(Ns(2)))]);
}
