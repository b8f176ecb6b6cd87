"""What the guardian tells about itself: frozen, for people, metrics and the auditor."""

from dataclasses import dataclass

from quantum_exit.domain.keys import PositionKey


@dataclass(frozen=True, slots=True, kw_only=True)
class PositionStatus:
    """One guarded position.

    Attributes:
        key: The position.
        lots: Open lots as far as known.
        floor_ticks: Trigger of the floor that is proven live, or None.
        working_ticks: Trigger of the working stop that is proven live, or None.
        working_lots: Its lots, 0 without one.
        take_profits: Take-profit orders that are live.
        protected: Whether stops that are proven live, or a close inside the venue, cover all lots.
        naked_since_ms: Since when it is not protected, ms since the UNIX epoch, or None.
        exits: Exits that are being carried out.
        degraded: What is weaker than planned, in words; empty where nothing is.
    """

    key: PositionKey
    lots: int
    floor_ticks: int | None
    working_ticks: int | None
    working_lots: int
    take_profits: int
    protected: bool
    naked_since_ms: int | None
    exits: int
    degraded: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class GuardianStatus:
    """The whole account.

    Attributes:
        positions: Guarded positions, by symbol and side.
        unguarded: `SYMBOL SIDE` of positions that are known and not guarded yet.
        unknown: Ids of orders whose outcome is being proven.
        lease_epoch: The lease under which orders are made, or None = nothing is sent.
        gaps: Streams that are interrupted now.
        dust: `SYMBOL SIDE QUANTITY` of what is open and no order can express.
    """

    positions: tuple[PositionStatus, ...]
    unguarded: tuple[str, ...]
    unknown: tuple[str, ...]
    lease_epoch: int | None
    gaps: tuple[str, ...]
    dust: tuple[str, ...]
