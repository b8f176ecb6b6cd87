"""Where a stop goes: only ever nearer to the market, unless a recorded command says otherwise."""

from quantum_exit.domain.position import Side


class StopRules:
    """The rules; they hold no state."""

    def trigger(self, side: Side, wanted: int, resting: int | None, *, loosened: bool) -> int:
        """Trigger in ticks of the stop that takes the place of one at `resting`."""
        if resting is None or loosened:
            return wanted
        return tighter(side, wanted, resting)

    def ratchet(self, side: Side, now: int, wanted: int) -> int:
        """The stop in ticks after the core asked for `wanted`."""
        return tighter(side, now, wanted)


def tighter(side: Side, one: int, other: int) -> int:
    """The one of two stops that is nearer to the market."""
    return max(one, other) if side is Side.LONG else min(one, other)


def gain_ticks(side: Side, resting: int, wanted: int) -> int:
    """Ticks by which `wanted` is tighter than `resting`; negative where it is looser."""
    return side.sign * (wanted - resting)
