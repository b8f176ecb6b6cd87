//! Trailing stop: activation, the tightening schedule and the stop that follows a watermark.

use arrayvec::ArrayVec;

use crate::decimal::Ratio;
use crate::error::Invalid;
use crate::units::{Gain, PPM};

/// Most points of a tightening curve.
pub const MAX_CURVE: usize = 16;
/// Curve points plus the two of the rearm rule.
const MAX_STEPS: usize = MAX_CURVE + 2;
/// The rearm rule never tightens a callback below this (0.005).
pub const REARM_FLOOR_PPM: i64 = 5_000;

/// One point of a tightening curve.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CurvePoint {
    /// Profit of the watermark in R from which the callback holds, in ppm of R.
    pub r_ppm: i64,
    /// Callback as a fraction of the watermark, in ppm.
    pub callback_ppm: i64,
}

impl CurvePoint {
    fn check_after(self, before: Self) -> Result<(), Invalid> {
        check_r("r", self.r_ppm, 0)?;
        check_callback("callback", self.callback_ppm)?;
        if self.r_ppm <= before.r_ppm {
            let allowed = "points must be sorted by r, each above the one before";
            return Err(Invalid::new("r", ppm_text(self.r_ppm), allowed));
        }
        if self.callback_ppm > before.callback_ppm {
            let most = ppm_text(before.callback_ppm);
            let allowed = format!("a callback never grows: at most {most}, the one before");
            return Err(Invalid::new("callback", ppm_text(self.callback_ppm), allowed));
        }
        Ok(())
    }
}

/// A trailing stop as a profile writes it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TrailingSpec {
    /// Distance of the stop from the watermark, in ppm of the watermark, in (0, 500 000).
    pub callback_ppm: i64,
    /// Profit in R at which trailing starts, in ppm of R; 0 = at once.
    pub activation_r_ppm: i64,
    /// Tightening curve, sorted by `r_ppm`, callbacks never growing.
    pub curve: Vec<CurvePoint>,
    /// The rearm rule of dynamic and hybrid plans: above 5 % profit 0.75x, above 10 % 0.5x the initial callback.
    pub rearm: bool,
}

impl TrailingSpec {
    /// Checks ranges and order.
    ///
    /// # Errors
    /// [`Invalid`] naming the field.
    pub fn check(&self) -> Result<(), Invalid> {
        check_callback("trailing.callback_pct", self.callback_ppm)?;
        check_r("trailing.activation_r", self.activation_r_ppm, 0)?;
        if self.curve.len() > MAX_CURVE {
            let allowed = format!("at most {MAX_CURVE} points");
            return Err(Invalid::new("trailing.tightening_curve", self.curve.len(), allowed));
        }
        let mut before = CurvePoint { r_ppm: -1, callback_ppm: self.callback_ppm };
        for (index, point) in self.curve.iter().enumerate() {
            let place = format_args!("trailing.tightening_curve[{index}]");
            point.check_after(before).map_err(|error| error.within(place))?;
            before = *point;
        }
        Ok(())
    }
}

/// From this watermark on, this callback.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Step {
    from: Gain,
    callback_ppm: i64,
}

/// A trailing stop in price levels, ready for the tick path.
#[derive(Debug, Clone, PartialEq, Eq)]
#[repr(C)]
pub struct TrailRule {
    activation: Gain,
    initial_ppm: i64,
    steps: ArrayVec<Step, MAX_STEPS>,
}

impl TrailRule {
    /// Levels for a position entered at `entry` (gain scale) with distance `r` to its initial stop.
    ///
    /// # Errors
    /// [`Invalid`] when the spec is wrong or a level is out of range.
    pub fn new(spec: &TrailingSpec, entry: Ratio, r: Ratio) -> Result<Self, Invalid> {
        spec.check()?;
        let threshold = |field: &str, r_ppm: i64| {
            level_at(entry, r, r_ppm)
                .map(Gain)
                .ok_or_else(|| Invalid::new(field, ppm_text(r_ppm), "a smaller number of R"))
        };
        let activation = match spec.activation_r_ppm {
            0 => Gain::MIN,
            r_ppm => threshold("trailing.activation_r", r_ppm)?,
        };
        let mut points: ArrayVec<Step, MAX_STEPS> = ArrayVec::new();
        for point in &spec.curve {
            let from = threshold("trailing.tightening_curve", point.r_ppm)?;
            points.push(Step { from, callback_ppm: point.callback_ppm });
        }
        if spec.rearm {
            // Profit in percent of the entry, strictly above: the first tick beyond.
            for (profit_ppm, kept_ppm) in [(50_000, 750_000), (100_000, 500_000)] {
                let beyond = entry
                    .abs()
                    .times_ppm(profit_ppm)
                    .and_then(|profit| entry.plus(profit))
                    .and_then(|level| i64::try_from(level.floor()).ok())
                    .ok_or_else(|| Invalid::new("entry_price", entry.to_f64(), "a smaller price"))?;
                let callback = (spec.callback_ppm * kept_ppm / PPM).max(REARM_FLOOR_PPM);
                points.push(Step { from: Gain(beyond + 1), callback_ppm: callback });
            }
        }
        Ok(Self { activation, initial_ppm: spec.callback_ppm, steps: tightest_of(points, spec.callback_ppm) })
    }

    /// Price at which trailing starts; [`Gain::MIN`] for "at once".
    #[must_use]
    pub const fn activation(&self) -> Gain {
        self.activation
    }

    /// Watermarks from which the callback is tighter, nearest first, with that callback in ppm.
    pub fn steps(&self) -> impl Iterator<Item = (Gain, i64)> {
        self.steps.iter().map(|step| (step.from, step.callback_ppm))
    }

    /// Callback for a watermark, in ppm.
    #[must_use]
    pub fn callback_ppm(&self, watermark: Gain) -> i64 {
        self.steps
            .iter()
            .rev()
            .find(|step| watermark >= step.from)
            .map_or(self.initial_ppm, |step| step.callback_ppm)
    }

    /// The next watermark at which the callback becomes tighter, [`Gain::MAX`] when there is none.
    #[must_use]
    pub fn next_step(&self, watermark: Gain) -> Gain {
        self.steps.iter().map(|step| step.from).find(|from| *from > watermark).unwrap_or(Gain::MAX)
    }
}

/// `watermark - floor(|watermark| * callback)`: the trailing stop of a watermark, exact.
///
/// `|watermark|` is at most `MAX_TICKS`, so the product fits an `i64`.
#[must_use]
#[inline]
pub const fn trail_stop(watermark: Gain, callback_ppm: i64) -> Gain {
    Gain(watermark.0 - watermark.0.abs() * callback_ppm / PPM)
}

/// `entry + r_ppm * r`, rounded toward the entry (sooner), on the gain scale.
#[must_use]
pub fn level_at(entry: Ratio, r: Ratio, r_ppm: i64) -> Option<i64> {
    // The stop is whole, so entry and distance have one denominator: no reduction, one division.
    debug_assert_eq!(entry.den(), r.den());
    let scale = i128::from(PPM);
    let num = entry.num().checked_mul(scale)?.checked_add(r.num().checked_mul(i128::from(r_ppm))?)?;
    let den = entry.den().checked_mul(scale)?;
    let level = match (i64::try_from(num), i64::try_from(den)) {
        (Ok(num), Ok(den)) => num.div_euclid(den),
        _ => i64::try_from(num.div_euclid(den)).ok()?,
    };
    Some(level)
}

/// A fraction or R multiple in ppm as the decimal that the user wrote.
#[must_use]
pub fn ppm_text(ppm: i64) -> String {
    crate::decimal::Decimal { mantissa: i128::from(ppm), scale: 6 }
        .to_string()
        .trim_end_matches('0')
        .trim_end_matches('.')
        .to_owned()
}

/// Most R of any level: far beyond any profile, and safe to multiply.
pub const MAX_R_PPM: i64 = 10_000 * PPM;

pub(crate) fn check_r(field: &str, r_ppm: i64, least_ppm: i64) -> Result<(), Invalid> {
    if r_ppm < least_ppm || r_ppm > MAX_R_PPM {
        let least = if least_ppm == 0 { "0 or more" } else { "above 0" };
        let allowed = format!("{least}, at most 10000 R");
        return Err(Invalid::new(field, ppm_text(r_ppm), allowed));
    }
    Ok(())
}

fn check_callback(field: &str, ppm: i64) -> Result<(), Invalid> {
    if ppm <= 0 || ppm >= PPM / 2 {
        return Err(Invalid::new(field, ppm_text(ppm), "a fraction above 0 and below 0.5"));
    }
    Ok(())
}

/// Sorts the points by level and keeps those that are tighter than all before them.
fn tightest_of(mut points: ArrayVec<Step, MAX_STEPS>, initial_ppm: i64) -> ArrayVec<Step, MAX_STEPS> {
    points.sort_by_key(|step| (step.from, step.callback_ppm));
    let mut tightest = initial_ppm;
    points.retain(|step| {
        let tighter = step.callback_ppm < tightest;
        tightest = tightest.min(step.callback_ppm);
        tighter
    });
    points
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rule(callback_ppm: i64, curve: &[(i64, i64)], rearm: bool) -> TrailRule {
        let curve = curve.iter().map(|(r, c)| CurvePoint { r_ppm: r * PPM, callback_ppm: *c }).collect();
        let spec = TrailingSpec { callback_ppm, activation_r_ppm: PPM, curve, rearm };
        TrailRule::new(&spec, Ratio::whole(100_000), Ratio::whole(1_000)).unwrap()
    }

    #[test]
    fn the_last_curve_point_reached_holds() {
        let rule = rule(20_000, &[(2, 15_000), (4, 10_000), (6, 5_000)], false);
        for (r, callback) in [(1, 20_000), (2, 15_000), (3, 15_000), (5, 10_000), (10, 5_000)] {
            assert_eq!(rule.callback_ppm(Gain(100_000 + r * 1_000)), callback, "{r} R");
        }
        assert_eq!(rule.next_step(Gain(102_000)), Gain(104_000));
        assert_eq!(rule.next_step(Gain(106_000)), Gain::MAX);
    }

    #[test]
    fn rearm_is_strict_and_works_on_the_initial_callback_with_a_floor() {
        let rule = rule(20_000, &[], true);
        assert_eq!(rule.callback_ppm(Gain(105_000)), 20_000);
        assert_eq!(rule.callback_ppm(Gain(105_001)), 15_000);
        assert_eq!(rule.callback_ppm(Gain(110_000)), 15_000);
        assert_eq!(rule.callback_ppm(Gain(110_001)), 10_000);
        let floored = super::tests::rule(8_000, &[], true);
        assert_eq!(floored.callback_ppm(Gain(110_001)), REARM_FLOOR_PPM);
        let already_tighter = super::tests::rule(3_000, &[], true);
        assert_eq!(already_tighter.callback_ppm(Gain(110_001)), 3_000);
    }

    #[test]
    fn curve_and_rearm_meet_in_the_tightest() {
        let rule = rule(20_000, &[(6, 18_000), (11, 4_000)], true);
        assert_eq!(rule.callback_ppm(Gain(106_000)), 15_000);
        assert_eq!(rule.callback_ppm(Gain(110_500)), 10_000);
        assert_eq!(rule.callback_ppm(Gain(111_000)), 4_000);
    }

    #[test]
    fn the_stop_is_exact_on_both_sides() {
        assert_eq!(trail_stop(Gain(100_003), 15_000), Gain(100_003 - 1_500));
        assert_eq!(trail_stop(Gain(-100_003), 15_000), Gain(-100_003 - 1_500));
    }

    #[test]
    fn a_curve_must_be_sorted_and_never_loosen() {
        let spec = |curve: &[(i64, i64)]| TrailingSpec {
            callback_ppm: 20_000,
            activation_r_ppm: 0,
            curve: curve.iter().map(|(r, c)| CurvePoint { r_ppm: r * PPM, callback_ppm: *c }).collect(),
            rearm: false,
        };
        let unsorted = spec(&[(3, 15_000), (2, 10_000)]).check().unwrap_err();
        assert_eq!(
            unsorted.to_string(),
            "trailing.tightening_curve[1].r: 2 is not allowed; points must be sorted by r, each above the one before"
        );
        let growing = spec(&[(3, 15_000), (5, 18_000)]).check().unwrap_err();
        assert_eq!(
            growing.to_string(),
            "trailing.tightening_curve[1].callback: 0.018 is not allowed; a callback never grows: at most 0.015, the one before"
        );
    }
}
