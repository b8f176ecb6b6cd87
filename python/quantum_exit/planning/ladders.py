"""The exit brain's three ladders as rules for the core."""

from decimal import Decimal

from quantum_exit.domain.position import Position
from quantum_exit.domain.rules import ExitRules, Leg, Trailing
from quantum_exit.planning.exit_brain_config import LegacyLadder, ProfitLock
from quantum_exit.planning.levels import Ruler, tighter
from quantum_exit.planning.profiles import TPProfile


def profile_ladder(ruler: Ruler, profile: TPProfile, zone: float) -> ExitRules:
    """The rules of `profile`, its legs moved by the policy's target zone.

    Only the legs move: activation and curve belong to the trailing stop, not to the targets. A leg
    that would collapse onto the entry on a coarse grid is set one tick beyond it.

    Args:
        ruler: R of the position.
        profile: The profile selected.
        zone: Factor of the legs' distances, 0.5..1.5.
    """
    rules = profile.rules()
    distances = [leg.r_multiple for leg in profile.tp_legs]
    moved = [ruler.reachable(r if zone == 1.0 else max(tighter(r * zone), 1e-6)) for r in distances]
    if moved == distances:
        return rules
    legs = tuple(
        Leg(r, leg.size_fraction, leg.kind) for r, leg in zip(moved, profile.tp_legs, strict=True)
    )
    return ExitRules(legs=legs, trailing=rules.trailing)


def legacy_ladder(
    ruler: Ruler, target: float, callback: float | None, zone: float, config: LegacyLadder
) -> ExitRules:
    """Two equal legs, and the rest trailing or at a third target.

    Args:
        ruler: R of the position.
        target: Base target as a fraction of the entry price.
        callback: Callback of the trailing rest, or None where trailing is not allowed.
        zone: Factor of the legs' distances, 0.5..1.5.
        config: Shares and distances.
    """
    share = config.leg_fraction
    legs = [
        Leg(ruler.r_at(ruler.gain_at(target * config.first_of_tp * zone)), share),
        Leg(ruler.r_at(ruler.gain_at(target * zone)), share),
    ]
    if callback is None:
        last = ruler.r_at(ruler.gain_at(target * config.last_of_tp * zone))
        return ExitRules(legs=(*legs, Leg(last, tighter(1.0 - 2 * share))))
    activation = ruler.r_at(ruler.gain_at(target * config.trail_from_tp))
    return ExitRules(legs=tuple(legs), trailing=Trailing(tighter(callback), activation))


def lock_ladder(ruler: Ruler, position: Position, config: ProfitLock) -> ExitRules:
    """One leg for everything, beyond the price by a share of the move so far.

    The policy's target zone is not applied: below 1 it could put the target behind the price.
    """
    gain = ruler.entry + position.move * Decimal(repr(config.target_of_move))
    return ExitRules(legs=(Leg(ruler.r_at(gain), 1),))


def lock_gain(ruler: Ruler, position: Position, callback: float, config: ProfitLock) -> Decimal:
    """Gain of the lock: just beyond the entry, and never nearer to the price than one callback."""
    beyond = ruler.closer(ruler.gain_at(config.lock_frac))
    price = ruler.sign * position.last_price
    behind = ruler.sooner(price - position.last_price * Decimal(repr(callback)))
    return min(beyond, behind)
