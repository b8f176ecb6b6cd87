"""What a `Closed` says closed the position, whatever order the news of it come in."""

import itertools
from dataclasses import replace

import pytest

from quantum_exit.domain.facts import Fill, OrderSide, OrderView, VenuePosition
from quantum_exit.execution.guardian.effects import Alarm, AlarmKind, Place
from quantum_exit.execution.guardian.facts import (
    Action,
    CoreEvent,
    CoreKind,
    Sent,
    TradesRead,
)
from quantum_exit.execution.outcomes import Unknown
from tests.unit.guardian.acting import opened
from tests.unit.guardian.world import SYMBOL, World


@pytest.mark.parametrize("order", list(itertools.permutations(range(4))))
@pytest.mark.parametrize("named", [True, False])
def test_our_own_close_is_known_as_an_exit_whatever_comes_first(
    order: tuple[int, ...], named: bool
) -> None:
    world = World(audits=False)
    world.audit()
    world.run(200)
    world.trade(9)
    world.run(2_000)
    guardian, venue, now_ms = world.guardian, world.venue, world.now_ms
    decided = CoreEvent(key=world.key(), kind=CoreKind.CLOSE_ALL, reason="STOP", ts_ns=0)
    (close,) = [one for one in guardian.step(decided, now_ms) if isinstance(one, Place)]
    client_id = close.client_id
    venue.now_ms = now_ms + 1
    venue.drain()
    venue.place(close.order, client_id)
    told = venue.drain()
    fill = next(one for one in told if isinstance(one, Fill))
    shown = [one for one in told if isinstance(one, OrderView) and one.client_id == client_id][-1]
    flat = next(one for one in told if isinstance(one, VenuePosition) and one.lots == 0)
    bare = replace(fill, client_id=None)
    read = TradesRead(symbol=SYMBOL, from_id=None, fills=(bare,), asked_ms=now_ms + 1)
    lost = Sent(client_id=client_id, action=Action.PLACE, outcome=Unknown(why="x"), sent_ms=now_ms)
    news = (fill if named else read, shown, flat, lost)

    for step, number in enumerate(order):
        effects = guardian.step(news[number], now_ms + 10 + step)
        world.effects += effects

    for later_ms in (3_000, 6_000):
        venue.now_ms = now_ms + later_ms
        world.effects += guardian.step(news[2], now_ms + later_ms)
    assert [one.reason for one in world.closed()] == ["exit"]


def test_a_forced_close_of_less_than_a_lot_is_one_all_the_same() -> None:
    world = opened()
    closing = Fill(
        symbol=SYMBOL,
        trade_id=9_999,
        venue_order_id=9_999,
        client_id="autoclose-1",
        side=OrderSide.SELL,
        position_side=None,
        lots=0,
        price_ticks=900,
        fee="0",
        fee_asset="USDT",
        realized_pnl="0",
        maker=False,
        ts_ms=world.now_ms,
        dust="0.0005",
    )
    effects = world.feed(closing)

    assert [one.kind for one in effects if isinstance(one, Alarm)] == [AlarmKind.FORCED_CLOSE]
