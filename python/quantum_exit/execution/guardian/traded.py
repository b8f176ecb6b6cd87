"""In which symbols the account has traded while nobody looked.

Trades can be read by symbol alone. Where the journal failed and the process died, a position may
have come and gone of which nothing is left, not even the name of its symbol: the venue is asked for
it after each start and each gap of the stream, until it answers.
"""

from quantum_exit.domain.facts import TradedSymbol
from quantum_exit.domain.position import Side
from quantum_exit.execution.guardian.effects import Alarm, AlarmKind, ReadTradedSymbols
from quantum_exit.execution.guardian.facts import TradedSymbolsRead
from quantum_exit.execution.guardian.sides import side_of
from quantum_exit.execution.guardian.turn import Turn

# How late the venue may be to tell of a trade, and the clocks to agree.
_MARGIN_MS = 60_000
_EVERY_MS = 600_000
# One answer costs as much of the rate limits as six lists of trades, and streams may end in a row.
_SPACING_MS = 10_000
_ALARM_AFTER_ASKS = 6


def watch(turn: Turn, watched_ms: int | None) -> None:
    """What was traded before the account was ever watched is nobody's business."""
    if turn.account.traded.since_ms == 0:
        # The clock may not have been that of the venue yet when it was written.
        turn.account.traded.since_ms = min(turn.now_ms, watched_ms or turn.now_ms)


def want(turn: Turn) -> None:
    """Trades may have been missed."""
    traded = turn.account.traded
    traded.wanted, traded.wanted_ms = True, turn.now_ms


def ask(turn: Turn) -> None:
    """Asks if that is wanted, at each audit anew until the venue answers; never before the first."""
    traded = turn.account.traded
    if turn.now_ms >= traded.since_ms + _MARGIN_MS + _EVERY_MS:
        # The less there is to tell after the next start, the better.
        traded.wanted = True
    if not traded.wanted or traded.since_ms == 0:
        return
    if 0 <= turn.now_ms - traded.answered_ms < _SPACING_MS:
        return
    traded.asks += 1
    turn.emit(ReadTradedSymbols(since_ms=traded.since_ms))
    if traded.asks == _ALARM_AFTER_ASKS:
        text = f"nobody tells in which symbols the account has traded since {traded.since_ms}"
        turn.emit(Alarm(kind=AlarmKind.TRADES_UNREAD, key=None, text=text))


def take(turn: Turn, read: TradedSymbolsRead) -> None:
    """Has the trades read of which nothing is known, and those that the venue still has to name."""
    traded = turn.account.traded
    for one in read.symbols:
        _take_symbol(turn, one)
    known_ms = read.asked_ms - _MARGIN_MS
    if read.next_ms is not None:
        known_ms = min(known_ms, read.next_ms)
        turn.emit(ReadTradedSymbols(since_ms=max(read.next_ms, read.since_ms + 1)))
    else:
        # What a gap has hidden that came after the question is in no answer to it.
        traded.wanted = read.asked_ms < traded.wanted_ms
        traded.asks, traded.answered_ms = 0, read.asked_ms
    traded.since_ms = max(traded.since_ms, known_ms)


def _take_symbol(turn: Turn, one: TradedSymbol) -> None:
    trades = turn.symbol(one.symbol).trades
    if trades.read_to is not None and one.last_id <= trades.read_to:
        return
    known = one.first_id if trades.first_id is None else trades.first_id
    trades.first_id = min(one.first_id, known)
    trades.wanted = True
    turn.touch(side_of(turn, one.symbol, Side.LONG))
