"""How large a position is: what the venue reports, and the trades that are newer than that.

A position is gone when two sources agree: a flat report of the stream, a flat audit, and trades
that add up to nothing. Audits that agree for longer than any list can lag count as two, and so does
one that was taken after the venue has refused a close because nothing was left to reduce.
"""

from bisect import insort

from quantum_exit.domain.facts import Fill, VenuePosition
from quantum_exit.execution.guardian.state import Holding, SideState
from quantum_exit.execution.orders import closing_side

_ENOUGH = 2


def reduces(side: SideState, fill: Fill) -> bool:
    """Whether a trade reduces the position, be it by less than a lot."""
    return fill.side is closing_side(side.side)


def signed_lots(side: SideState, fill: Fill) -> int:
    """Lots by which a trade changes the position: negative where it reduces."""
    return -fill.lots if reduces(side, fill) else fill.lots


def known_lots(side: SideState) -> int:
    """Lots by the newest report that was not flat and the trades since."""
    lots = side.holding.lots
    for _, changed_by in side.holding.later.values():
        lots += changed_by
    return max(0, lots)


def open_lots(side: SideState) -> int:
    """Lots that are open as far as anybody has said; nothing is placed for more than these."""
    holding = side.holding
    if holding.flat_stream_ms is not None:
        return 0
    return max(0, known_lots(side) - _unbooked(side))


def _unbooked(side: SideState) -> int:
    """Lots that order updates newer than the report call filled and no known trade shows yet."""
    as_of_ms = side.holding.as_of_ms
    lots = 0
    for own in side.orders.values():
        if own.updated_ms > as_of_ms:
            lots += max(0, own.filled_lots - own.booked_lots)
    return lots


def is_gone(side: SideState, proof_after_ms: int) -> bool:
    """Whether two sources agree that nothing is open."""
    holding = side.holding
    sources = 0
    if holding.flat_stream_ms is not None:
        sources += 1
    if holding.flat_audit_ms is not None:
        is_sure = _is_proven_flat(holding, proof_after_ms) or _is_refused_too(holding)
        sources += 2 if is_sure else 1
    is_based = side.plan is not None or not holding.assumed
    if is_based and known_lots(side) <= _unbooked(side):
        sources += 1
    return sources >= _ENOUGH


def is_seen_flat(holding: Holding, proof_after_ms: int) -> bool:
    """Whether the stream told that nothing is open, or readings alone have proven it."""
    return holding.flat_stream_ms is not None or _is_proven_flat(holding, proof_after_ms)


def _is_proven_flat(holding: Holding, proof_after_ms: int) -> bool:
    """Whether audits alone agree for longer than any list can lag."""
    audits = holding.flat_audit_ms
    return audits is not None and audits[1] - audits[0] >= proof_after_ms


def _is_refused_too(holding: Holding) -> bool:
    """Whether an audit shows it flat that was taken after a close was refused for that."""
    audits, refused_ms = holding.flat_audit_ms, holding.refused_ms
    return audits is not None and refused_ms is not None and audits[1] >= refused_ms


def is_doubtful(side: SideState) -> bool:
    """Whether one source says flat: reading again will tell."""
    holding = side.holding
    flat = holding.flat_stream_ms is not None or holding.flat_audit_ms is not None
    return flat or open_lots(side) == 0


def report(holding: Holding, position: VenuePosition, *, read_ms: int | None, lag_ms: int) -> bool:
    """Takes a report that is not flat in; whether it was news.

    Args:
        holding: What is known.
        position: The report.
        read_ms: When the account was read, or None = it came on the stream.
        lag_ms: How far behind a reading may be.
    """
    at_ms = position.updated_ms
    newest_ms = max(holding.as_of_ms, holding.flat_stream_ms or 0)
    is_same = (at_ms, position.lots) == (holding.as_of_ms, holding.lots)
    has_doubts = holding.flat_stream_ms is not None or holding.flat_audit_ms is not None
    if is_same and not holding.assumed and not has_doubts:
        return False
    # What is assumed gives way to any report, but for one that is older than a flat one.
    is_first = holding.assumed and at_ms >= holding.as_of_ms
    if not is_first and not _is_newer(holding, position, read_ms, newest_ms + lag_ms):
        return False
    if holding.assumed or at_ms < holding.as_of_ms:
        holding.since_ms, holding.traded_lots, holding.parts = at_ms, position.lots, []
    elif at_ms > holding.as_of_ms:
        holding.since_ms, holding.traded_lots, holding.parts = holding.as_of_ms, holding.lots, []
    holding.lots, holding.as_of_ms, holding.assumed = position.lots, at_ms, False
    holding.entry_price = position.entry_price
    holding.flat_stream_ms = holding.flat_audit_ms = holding.refused_ms = None
    for trade_id in [one for one, (ts_ms, _) in holding.later.items() if ts_ms <= at_ms]:
        _add_up(holding, trade_id, *holding.later.pop(trade_id))
    return True


def _add_up(holding: Holding, trade_id: int, ts_ms: int, lots: int) -> None:
    """Takes a trade in that is not newer than the report."""
    if ts_ms > holding.since_ms:
        holding.traded_lots += lots
        if ts_ms == holding.as_of_ms:
            insort(holding.parts, (trade_id, lots))


def _is_overtaken(holding: Holding, lots: int) -> bool:
    """Whether trades within the report's millisecond came after the one that left `lots`.

    An order that fills in many parts changes the position as often within one millisecond, and what
    is told of it may come late, twice or in any order.
    """
    missing = holding.traded_lots - lots
    for _, changed_by in reversed(holding.parts):
        if missing * changed_by <= 0:
            return False
        missing -= changed_by
        if missing == 0:
            return True
    return False


def _is_newer(holding: Holding, position: VenuePosition, read_ms: int | None, sure_ms: int) -> bool:
    """Whether a report says more than what is known.

    Within one millisecond the order of the stream decides, unless trades show that it is not that
    of the venue; a reading that no lag can explain away is always right.
    """
    if read_ms is not None and read_ms > sure_ms:
        return True
    at_ms, flat_ms = position.updated_ms, holding.flat_stream_ms
    if at_ms <= holding.ended_ms:
        return False
    if flat_ms is not None and (at_ms < flat_ms or (at_ms == flat_ms and read_ms is not None)):
        return False
    if at_ms == holding.as_of_ms:
        if read_ms is None:
            return not _is_overtaken(holding, position.lots)
        return position.lots == holding.lots
    return at_ms > holding.as_of_ms


def report_flat_stream(holding: Holding, at_ms: int) -> bool:
    """Takes a flat report of the stream in; whether it was news."""
    if at_ms < holding.as_of_ms:
        return False
    if holding.flat_stream_ms is not None and at_ms <= holding.flat_stream_ms:
        return False
    holding.flat_stream_ms = at_ms
    return True


def report_flat_audit(holding: Holding, taken_at_ms: int) -> bool:
    """Takes an audit without this position in; whether it says anything."""
    if taken_at_ms < holding.as_of_ms:
        return False
    first = taken_at_ms if holding.flat_audit_ms is None else holding.flat_audit_ms[0]
    holding.flat_audit_ms = (first, max(first, taken_at_ms))
    return True


def add_fill(side: SideState, fill: Fill) -> None:
    """Takes a trade of this side in that was not known before."""
    lots, holding = signed_lots(side, fill), side.holding
    holding.ledger_lots += lots
    if fill.ts_ms > holding.as_of_ms:
        holding.later[fill.trade_id] = (fill.ts_ms, lots)
    elif not holding.assumed:
        _add_up(holding, fill.trade_id, fill.ts_ms, lots)
        if _is_overtaken(holding, holding.lots):
            holding.lots = max(0, holding.traded_lots)
    if reduces(side, fill):
        side.fills += 1
        side.closed_lots += fill.lots


def belongs(side: SideState, fill: Fill) -> bool:
    """Whether a trade changes this side: in one-way mode the side that is open."""
    if fill.position_side is not None:
        return fill.position_side is side.side
    return side.plan is not None or known_lots(side) > 0
