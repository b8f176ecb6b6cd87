"""Which trades of a symbol are known: each is booked once, however often it is told."""

from quantum_exit.domain.facts import Fill
from quantum_exit.execution.guardian.state import Trades


class TradeRules:
    """The rules; they hold no state."""

    def is_new(self, trades: Trades, fill: Fill) -> bool:
        """Whether a trade was not known before."""
        if fill.trade_id in trades.seen:
            return False
        return trades.read_to is None or fill.trade_id > trades.read_to


def note(trades: Trades, fill: Fill) -> None:
    """The trade is known now."""
    trades.seen.add(fill.trade_id)


def next_from_id(trades: Trades) -> int | None:
    """First trade that is to be read: what the stream told is read again, and so checked."""
    return trades.first_id if trades.read_to is None else trades.read_to + 1


def read_through(trades: Trades, from_id: int | None, fills: tuple[Fill, ...]) -> None:
    """Every trade from `from_id` to the last of `fills` is known now.

    A reading that starts behind an unread stretch closes no gap, and one that was asked for before
    another and comes after it makes nothing unknown again.
    """
    starts_in_time = trades.read_to is None or (
        from_id is not None and from_id <= trades.read_to + 1
    )
    if not fills or not starts_in_time:
        return
    newest = max(fill.trade_id for fill in fills)
    trades.read_to = newest if trades.read_to is None else max(newest, trades.read_to)
    trades.seen = {one for one in trades.seen if one > trades.read_to}
