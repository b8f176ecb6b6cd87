"""Which position is meant: a position that was closed and opened again is another one."""

from typing import NamedTuple

from quantum_exit.domain.position import Side


class PositionKey(NamedTuple):
    """Identity of a live position.

    Attributes:
        account: Name of the account, as the configuration gives it.
        symbol: Symbol of the venue.
        side: Direction.
        epoch: Our number of this position among those of the account, 1 or more. It survives
            restarts, so that a re-opened position inherits nothing.
    """

    account: str
    symbol: str
    side: Side
    epoch: int
