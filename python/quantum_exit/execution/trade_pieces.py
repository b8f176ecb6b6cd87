"""A long list of trades in pieces, each of which fits a record of the journal."""

from quantum_exit.domain.facts import Fill
from quantum_exit.execution.guardian.facts import TradesRead

# About 300 bytes each.
_TRADES_OF_A_PIECE = 1_000


def pieces_of(
    symbol: str, from_id: int | None, fills: tuple[Fill, ...], asked_ms: int
) -> list[TradesRead]:
    """The answer to a question about trades: one piece at least, and the last one says so.

    Args:
        symbol: Symbol.
        from_id: First id that was asked for, or None = the latest trades.
        fills: The trades, oldest first.
        asked_ms: When the question left, ms since the UNIX epoch.
    """
    pieces = []
    for start in range(0, max(1, len(fills)), _TRADES_OF_A_PIECE):
        part = fills[start : start + _TRADES_OF_A_PIECE]
        more = start + _TRADES_OF_A_PIECE < len(fills)
        pieces.append(
            TradesRead(symbol=symbol, from_id=from_id, fills=part, asked_ms=asked_ms, more=more)
        )
        from_id = part[-1].trade_id + 1 if part else from_id
    return pieces
