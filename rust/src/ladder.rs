//! Ladder math: an exact split of a position over its take-profit legs and the remainder.

use arrayvec::ArrayVec;

use crate::units::{Lots, PPM};

/// Most take-profit legs of one plan; the tick path holds them inline.
pub const MAX_LEGS: usize = 16;

/// Where lots that were too small for an order of their own went.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Item {
    /// The leg with this 0-based index in the profile.
    Leg(usize),
    /// What no leg closes: the trailing leg or the runner.
    Remainder,
}

/// One merge of the packing, in the order in which it was made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Merge {
    /// The item that was too small.
    pub from: Item,
    /// The item that took its lots.
    pub into: Item,
    /// Lots moved; zero when rounding had left none.
    pub lots: Lots,
}

/// Lots by leg (zero for a leg merged away) and of the remainder; they sum to the position.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Packing {
    /// Lots of each leg of the profile, in order.
    pub legs: ArrayVec<Lots, MAX_LEGS>,
    /// Lots that no leg closes.
    pub remainder: Lots,
    /// Every merge made.
    pub merges: Vec<Merge>,
}

/// Splits `position` by `weights` (one a leg, then the remainder's as `remainder_weight`) by the
/// largest-remainder method, ties to the earlier item, and merges what `is_tradable(item, lots)` refuses.
///
/// Weights are relative: fractions in ppm for a fresh plan, lots for what is left of one.
/// The sum of the result is `position`, always.
pub fn pack(
    position: Lots,
    weights: &[i64],
    remainder_weight: i64,
    is_tradable: impl Fn(Item, Lots) -> bool,
) -> Packing {
    debug_assert!(weights.len() <= MAX_LEGS);
    let (mut legs, mut remainder) = split(position, weights, remainder_weight);
    let mut merges = Vec::new();
    merge_small_legs(&mut legs, &mut remainder, &mut merges, &is_tradable);
    if remainder.0 == 0 && remainder_weight > 0 {
        // Rounding left the remainder nothing: said, so that nobody looks for its trailing leg.
        let into = last_alive(&legs);
        merges.push(Merge { from: Item::Remainder, into: Item::Leg(into), lots: Lots::ZERO });
    } else if remainder.0 > 0 && !legs.is_empty() && !is_tradable(Item::Remainder, remainder) {
        let into = last_alive(&legs);
        legs[into].0 += remainder.0;
        merges.push(Merge { from: Item::Remainder, into: Item::Leg(into), lots: remainder });
        remainder = Lots::ZERO;
    }
    debug_assert_eq!(legs.iter().map(|l| l.0).sum::<i64>() + remainder.0, position.0);
    Packing { legs, remainder, merges }
}

/// The remainder's weight for leg fractions in ppm.
#[must_use]
pub fn remainder_ppm(fractions_ppm: &[i64]) -> i64 {
    PPM - fractions_ppm.iter().sum::<i64>()
}

fn split(position: Lots, weights: &[i64], remainder_weight: i64) -> (ArrayVec<Lots, MAX_LEGS>, Lots) {
    let total: i128 = weights.iter().chain([&remainder_weight]).map(|w| i128::from(*w)).sum();
    if total == 0 {
        return (weights.iter().map(|_| Lots::ZERO).collect(), position);
    }
    let share = |weight: i64| {
        let product = i128::from(position.0) * i128::from(weight);
        (product / total, product % total)
    };
    let mut lots: ArrayVec<i128, { MAX_LEGS + 1 }> = ArrayVec::new();
    let mut order: ArrayVec<(i128, usize), { MAX_LEGS + 1 }> = ArrayVec::new();
    for (index, weight) in weights.iter().chain([&remainder_weight]).enumerate() {
        let (whole, rest) = share(*weight);
        lots.push(whole);
        order.push((-rest, index));
    }
    // Largest rest first, then the earlier item; the remainder is the last item and so last in a tie.
    order.sort_unstable();
    let missing = i128::from(position.0) - lots.iter().sum::<i128>();
    for (_, index) in order.iter().take(usize::try_from(missing).unwrap_or(0)) {
        lots[*index] += 1;
    }
    let narrow = |value: i128| Lots(i64::try_from(value).unwrap_or(i64::MAX));
    let remainder = lots.pop().map_or(Lots::ZERO, narrow);
    (lots.into_iter().map(narrow).collect(), remainder)
}

fn merge_small_legs(
    legs: &mut [Lots],
    remainder: &mut Lots,
    merges: &mut Vec<Merge>,
    is_tradable: &impl Fn(Item, Lots) -> bool,
) {
    for index in 0..legs.len() {
        let lots = legs[index];
        if is_tradable(Item::Leg(index), lots) {
            continue;
        }
        let into = if index + 1 < legs.len() {
            Item::Leg(index + 1)
        } else if remainder.0 > 0 {
            Item::Remainder
        } else if let Some(previous) = (0..index).rev().find(|i| legs[*i].0 > 0) {
            Item::Leg(previous)
        } else {
            // Too small for any leg: everything stays at the last level of the ladder.
            return;
        };
        legs[index] = Lots::ZERO;
        match into {
            Item::Leg(target) => legs[target].0 += lots.0,
            Item::Remainder => remainder.0 += lots.0,
        }
        merges.push(Merge { from: Item::Leg(index), into, lots });
    }
}

/// The last leg that holds lots, or the last level of the ladder when none does.
fn last_alive(legs: &[Lots]) -> usize {
    legs.iter().rposition(|lots| lots.0 > 0).unwrap_or(legs.len().saturating_sub(1))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn packed(position: i64, weights: &[i64], min_lots: i64) -> (Vec<i64>, i64) {
        let remainder = remainder_ppm(weights);
        let packing = pack(Lots(position), weights, remainder, |_, lots| lots.0 > 0 && lots.0 >= min_lots);
        (packing.legs.iter().map(|l| l.0).collect(), packing.remainder.0)
    }

    #[test]
    fn the_largest_rest_gets_the_odd_lot_and_a_tie_goes_to_the_earlier_leg() {
        assert_eq!(packed(10, &[150_000, 200_000, 300_000], 1), (vec![2, 2, 3], 3));
        assert_eq!(packed(3, &[250_000, 250_000, 250_000, 250_000], 1), (vec![1, 1, 1, 0], 0));
        assert_eq!(packed(1, &[500_000], 1), (vec![1], 0));
        assert_eq!(packed(10, &[250_000, 250_000, 500_000], 1), (vec![3, 2, 5], 0));
    }

    #[test]
    fn a_small_leg_goes_to_the_next_and_a_small_last_leg_to_the_remainder_or_back() {
        assert_eq!(packed(100, &[100_000, 200_000, 300_000], 15), (vec![0, 30, 30], 40));
        assert_eq!(packed(100, &[300_000, 100_000], 15), (vec![30, 0], 70));
        assert_eq!(packed(100, &[500_000, 400_000, 100_000], 15), (vec![50, 50, 0], 0));
    }

    #[test]
    fn a_small_remainder_goes_to_the_last_leg() {
        assert_eq!(packed(100, &[500_000, 400_000], 15), (vec![50, 50], 0));
    }

    #[test]
    fn a_position_too_small_for_any_leg_is_one_leg_at_the_last_level() {
        assert_eq!(packed(5, &[300_000, 400_000, 300_000], 10), (vec![0, 0, 5], 0));
        assert_eq!(packed(5, &[150_000, 200_000, 300_000], 10), (vec![0, 0, 5], 0));
    }
}
