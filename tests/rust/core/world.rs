//! Random instruments, plans and price paths, built through the real constructors.

use proptest::prelude::*;
use quantum_exit::decimal::Decimal;
use quantum_exit::instrument::Instrument;
use quantum_exit::plan::{ExitPlan, LegKind, LegSpec, PlanSpec, RatchetSpec, TimeStopSpec};
use quantum_exit::tick::Source;
use quantum_exit::trail::{CurvePoint, TrailingSpec};
use quantum_exit::units::{Ns, PPM, Side};

/// Grids that are no powers of ten among them.
pub const GRIDS: [(&str, &str); 5] =
    [("0.1", "0.001"), ("0.25", "0.005"), ("1000", "1000"), ("0.00000001", "1"), ("0.05", "0.25")];

pub fn decimal(text: &str) -> Decimal {
    Decimal::parse("test", text).expect("a decimal")
}

pub fn instrument(grid: usize, min_lots: i64) -> Instrument {
    let (tick, lot) = GRIDS[grid];
    let lot = decimal(lot);
    let min_qty = Decimal { mantissa: lot.mantissa * i128::from(min_lots), ..lot };
    Instrument::new("TESTUSDT", decimal(tick), lot, min_qty, decimal("0"), None).expect("an instrument")
}

/// `ticks` of the grid as a price, `tenths` of a tick beside it.
pub fn price(instrument: &Instrument, ticks: i64, tenths: i64) -> Decimal {
    let tick = instrument.tick_size();
    Decimal { mantissa: tick.mantissa * i128::from(10 * ticks + tenths), scale: tick.scale + 1 }
}

pub fn lots(instrument: &Instrument, lots: i64) -> Decimal {
    let step = instrument.lot_step();
    Decimal { mantissa: step.mantissa * i128::from(lots), ..step }
}

/// Everything about a plan that does not depend on the price.
#[derive(Debug, Clone)]
pub struct Shape {
    pub side: Side,
    pub entry_tenths: i64,
    pub stop_ticks: i64,
    pub lots: i64,
    pub legs: Vec<LegSpec>,
    pub trailing: Option<TrailingSpec>,
    pub ratchet: RatchetSpec,
    pub max_hold: Option<Ns>,
    pub time_stop: Option<TimeStopSpec>,
    pub entry_ns: i64,
}

impl Shape {
    /// The plan for an entry near `entry_ticks`, when its numbers make one.
    pub fn plan(&self, instrument: &Instrument, entry_ticks: i64) -> Option<ExitPlan> {
        self.plan_on(instrument, entry_ticks, Source::Last, Source::Last)
    }

    /// The plan that listens to the given sources.
    pub fn plan_on(
        &self,
        instrument: &Instrument,
        entry_ticks: i64,
        stop_source: Source,
        leg_source: Source,
    ) -> Option<ExitPlan> {
        let spec = PlanSpec {
            side: self.side,
            entry_price: price(instrument, entry_ticks, self.entry_tenths),
            quantity: lots(instrument, self.lots),
            stop_price: price(instrument, entry_ticks - self.side.sign() * self.stop_ticks, 3),
            legs: self.legs.clone(),
            trailing: self.trailing.clone(),
            ratchet: self.ratchet,
            max_hold: self.max_hold,
            time_stop: self.time_stop,
            stop_source,
            leg_source,
        };
        ExitPlan::new(instrument, &spec).ok()
    }
}

/// A LONG plan with nothing but its stop.
pub fn simple_spec(instrument: &Instrument, entry_ticks: i64, stop_ticks: i64) -> PlanSpec {
    PlanSpec {
        side: Side::Long,
        entry_price: price(instrument, entry_ticks, 0),
        quantity: lots(instrument, 1_000),
        stop_price: price(instrument, entry_ticks - stop_ticks, 0),
        legs: Vec::new(),
        trailing: None,
        ratchet: RatchetSpec::default(),
        max_hold: None,
        time_stop: None,
        stop_source: Source::Last,
        leg_source: Source::Last,
    }
}

fn legs() -> impl Strategy<Value = Vec<LegSpec>> {
    let leg = (1i64..40, 1i64..10, any::<bool>());
    prop::collection::vec(leg, 0..6).prop_map(|raw| {
        let total: i64 = raw.iter().map(|(_, weight, _)| weight).sum::<i64>() + 3;
        let mut legs: Vec<LegSpec> = raw
            .into_iter()
            .map(|(r, weight, hard)| LegSpec {
                r_ppm: r * PPM / 10,
                fraction_ppm: weight * PPM / total,
                kind: if hard { LegKind::Hard } else { LegKind::Soft },
            })
            .collect();
        legs.sort_by_key(|leg| leg.r_ppm);
        legs
    })
}

/// Legs that close everything, so that trailing guards whatever is open.
fn full_legs() -> impl Strategy<Value = Vec<LegSpec>> {
    legs().prop_map(|mut legs| {
        let sum: i64 = legs.iter().map(|leg| leg.fraction_ppm).sum();
        if let Some(last) = legs.last_mut() {
            last.fraction_ppm += PPM - sum;
        }
        legs
    })
}

fn trailing() -> impl Strategy<Value = TrailingSpec> {
    let curve = prop::collection::vec((1i64..50, 1i64..9), 0..4);
    (500i64..60_000, prop_oneof![Just(0), 1i64..30], curve, any::<bool>()).prop_map(
        |(callback_ppm, activation, raw, rearm)| {
            let mut curve: Vec<CurvePoint> = Vec::new();
            let (mut r_ppm, mut callback) = (0, callback_ppm);
            for (step, tenths) in raw {
                r_ppm += step * PPM / 10;
                callback = (callback * tenths / 10).max(1);
                curve.push(CurvePoint { r_ppm, callback_ppm: callback });
            }
            TrailingSpec { callback_ppm, activation_r_ppm: activation * PPM / 10, curve, rearm }
        },
    )
}

fn ratchet() -> impl Strategy<Value = RatchetSpec> {
    (prop::option::of(1u8..4), prop::option::of(1i64..30), 0i64..3_000, any::<bool>()).prop_map(
        |(break_even_after, at_r, break_even_offset_ppm, follow_legs)| RatchetSpec {
            break_even_after,
            break_even_at_r_ppm: at_r.map(|tenths| tenths * PPM / 10),
            break_even_offset_ppm,
            follow_legs,
        },
    )
}

fn time_stop(last_ns: i64) -> impl Strategy<Value = TimeStopSpec> {
    (1..last_ns.max(2), 0i64..30)
        .prop_map(|(after, tenths)| TimeStopSpec { after: Ns(after), under_r_ppm: tenths * PPM / 10 })
}

pub fn shape(last_ns: i64) -> impl Strategy<Value = Shape> {
    (
        any::<bool>(),
        0i64..10,
        1i64..120,
        1i64..400,
        prop_oneof![legs(), full_legs()],
        prop::option::of(trailing()),
        ratchet(),
        prop::option::weighted(0.2, 1..last_ns.max(2)),
        prop::option::weighted(0.3, time_stop(last_ns)),
        0..last_ns.max(1),
    )
        .prop_map(
            |(
                long,
                entry_tenths,
                stop_ticks,
                lots,
                legs,
                trailing,
                ratchet,
                max_hold,
                time_stop,
                entry_ns,
            )| Shape {
                side: if long { Side::Long } else { Side::Short },
                entry_tenths,
                stop_ticks,
                lots,
                legs,
                trailing,
                ratchet,
                max_hold: max_hold.map(Ns),
                time_stop,
                entry_ns,
            },
        )
}

/// Times (equal ones among them) and prices in ticks: small steps, now and then a gap.
pub fn path(most: usize) -> impl Strategy<Value = Vec<(i64, i64)>> {
    let step = prop_oneof![
        8 => -3i64..=3,
        2 => -15i64..=15,
        1 => -90i64..=90,
    ];
    (200i64..3_000, prop::collection::vec((0i64..3, step), 1..most)).prop_map(|(start, steps)| {
        let (mut ts, mut price) = (0, start);
        let mut path = vec![(ts, price)];
        for (dt, dp) in steps {
            ts += dt;
            price = (price + dp).max(1);
            path.push((ts, price));
        }
        path
    })
}
