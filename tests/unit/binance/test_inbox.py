import anyio
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from quantum_exit.adapters.binance.inbox import Inbox
from quantum_exit.domain.facts import Price, StreamGap, VenuePosition
from quantum_exit.domain.position import Side

pytestmark = pytest.mark.anyio


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


def price(ticks: int, symbol: str = "BTCUSDT") -> Price:
    return Price(symbol=symbol, ticks=ticks, mark=False, ts_ns=ticks)


def position(lots: int) -> VenuePosition:
    return VenuePosition(
        symbol="BTCUSDT",
        side=Side.LONG,
        hedge=False,
        lots=lots,
        entry_price="1",
        mark_price=None,
        liquidation_price=None,
        leverage=None,
        updated_ms=1,
    )


async def drained(inbox: Inbox, count: int) -> list[object]:
    return [await anext(inbox) for _ in range(count)]


async def test_facts_of_the_account_come_before_prices_and_keep_their_order() -> None:
    inbox = Inbox(10)
    for fact in (price(5), position(1), position(2)):
        inbox.put(fact)

    assert await drained(inbox, 3) == [position(1), position(2), price(5)]


async def test_a_slow_reader_still_sees_the_extremes_and_the_latest_price() -> None:
    inbox = Inbox(10)
    for ticks in (100, 101, 250, 102, 7, 103, 104, 105):
        inbox.put(price(ticks))

    assert await drained(inbox, 3) == [price(250), price(7), price(105)]
    assert inbox.conflated == 5


@settings(deadline=None)
@given(st.lists(st.integers(1, 1_000), min_size=1, max_size=200))
def test_whatever_waits_holds_both_extremes_and_ends_with_the_latest(ticks: list[int]) -> None:
    async def waiting() -> list[int]:
        inbox = Inbox(10)
        for each in ticks:
            inbox.put(price(each))
        count = len(ticks) - inbox.conflated
        return [fact.ticks for fact in await drained(inbox, count) if isinstance(fact, Price)]

    kept = anyio.run(waiting)

    assert len(kept) <= 3
    assert (min(kept), max(kept), kept[-1]) == (min(ticks), max(ticks), ticks[-1])


async def test_a_slow_symbol_does_not_hold_up_the_others() -> None:
    inbox = Inbox(10)
    for ticks in range(1, 100):
        inbox.put(price(ticks))
    inbox.put(price(5, "ETHUSDT"))

    found = await drained(inbox, 4)
    assert price(5, "ETHUSDT") in found


async def test_a_gap_that_waits_is_not_repeated() -> None:
    inbox = Inbox(10)
    gap = StreamGap(stream="user", why="connected")
    for _ in range(1_000):
        inbox.put(gap)
    inbox.put(position(1))

    assert await drained(inbox, 2) == [gap, position(1)]
    inbox.put(gap)
    assert await drained(inbox, 1) == [gap]


async def test_streams_wait_while_the_account_s_facts_fill_it() -> None:
    inbox = Inbox(2)
    inbox.put(position(1))
    inbox.put(position(2))
    order: list[str] = []

    async def stream(name: str) -> None:
        await inbox.room()
        order.append(name)

    async with anyio.create_task_group() as group:
        group.start_soon(stream, "first")
        group.start_soon(stream, "second")
        await anyio.wait_all_tasks_blocked()
        assert order == []
        await anext(inbox)
        await anyio.wait_all_tasks_blocked()
        assert sorted(order) == ["first", "second"]


async def test_a_price_is_seen_where_it_is_read_unless_older_ones_of_its_symbol_wait() -> None:
    seen: list[Price] = []
    taking = True

    def at_once(price: Price) -> bool:
        if taking:
            seen.append(price)
        return taking

    inbox = Inbox(10, at_once)
    inbox.put(price(1))
    taking = False
    inbox.put(price(2))
    taking = True
    for later in (price(3), price(4, "ETHUSDT")):
        inbox.put(later)

    assert seen == [price(1), price(4, "ETHUSDT")]
    assert await drained(inbox, 2) == [price(2), price(3)]
    inbox.put(price(5))
    assert seen[-1] == price(5)
