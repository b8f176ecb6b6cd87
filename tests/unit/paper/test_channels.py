import json
from collections.abc import Sequence
from typing import Any

import pytest

from quantum_exit.adapters.paper.errors import VenueRefusal
from quantum_exit.adapters.paper.hooks import NoFaults
from quantum_exit.adapters.paper.listen_keys import ListenKeys
from quantum_exit.adapters.paper.streams.channels import Channels, Connection
from quantum_exit.adapters.paper.streams.names import Kind, Route, parse_stream
from quantum_exit.adapters.paper.wire import Json


class Echo:
    """Doubles every message: at once, and 50 ms later."""

    def on_event(self, channel: str, message: Json, now_ms: int) -> Sequence[tuple[int, Json]]:
        return ((0, message), (50, message))


@pytest.fixture
def keys() -> ListenKeys:
    return ListenKeys(seed=1)


@pytest.fixture
def channels(keys: ListenKeys) -> Channels:
    return Channels(keys, NoFaults())


def opened(channels: Channels, path: str, query: str = "") -> Connection:
    connection = channels.open(path, query, 0)
    assert connection is not None
    return connection


def bodies(channels: Channels, now_ms: int = 0) -> list[Any]:
    return [frame.body for frame in channels.due(now_ms)]


def control(channels: Channels, connection: Connection, message: object) -> Any:
    channels.receive(connection, json.dumps(message), 0)
    [answer] = bodies(channels)
    return answer


def test_a_raw_stream_carries_messages_alone_and_a_combined_one_their_stream(
    channels: Channels,
) -> None:
    opened(channels, "/ws/btcusdt@trade")
    opened(channels, "/stream", "streams=btcusdt@trade/ethusdt@trade")

    channels.publish("btcusdt@trade", {"e": "trade"}, 0)

    assert bodies(channels) == [{"e": "trade"}, {"stream": "btcusdt@trade", "data": {"e": "trade"}}]


def test_subscriptions_come_and_go(channels: Channels) -> None:
    connection = opened(channels, "/ws")

    subscribed = control(
        channels, connection, {"method": "SUBSCRIBE", "params": ["btcusdt@trade"], "id": 1}
    )
    listed = control(channels, connection, {"method": "LIST_SUBSCRIPTIONS", "id": "two"})
    control(channels, connection, {"method": "UNSUBSCRIBE", "params": ["btcusdt@trade"], "id": 3})
    channels.publish("btcusdt@trade", {}, 0)

    assert subscribed == {"result": None, "id": 1}
    assert listed == {"result": ["btcusdt@trade"], "id": "two"}
    assert bodies(channels) == []
    assert not channels.has("btcusdt@trade")


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("no json", 3),
        ("[1]", 2),
        ('{"method":"BUY","id":1}', 2),
        ('{"method":"SUBSCRIBE","params":"btcusdt@trade","id":1}', 2),
        ('{"method":"SUBSCRIBE","params":[1],"id":1}', 2),
        ("[" * 100_000, 3),
    ],
)
def test_a_message_that_is_none_is_answered_with_an_error(
    channels: Channels, text: str, code: int
) -> None:
    channels.receive(opened(channels, "/ws"), text, 0)

    [answer] = bodies(channels)

    assert answer["error"]["code"] == code


@pytest.mark.parametrize(
    ("path", "heard"),
    [
        ("/ws", {"btcusdt@depth", "btcusdt@aggTrade"}),
        ("/public/ws", {"btcusdt@depth"}),
        ("/market/ws", {"btcusdt@aggTrade"}),
        ("/private/ws", set()),
    ],
)
def test_each_route_carries_its_own_streams(channels: Channels, path: str, heard: set[str]) -> None:
    for stream in ("btcusdt@depth", "btcusdt@aggTrade"):
        opened(channels, f"{path}/{stream}")

    assert {s for s in ("btcusdt@depth", "btcusdt@aggTrade") if channels.has(s)} == heard


@pytest.mark.parametrize(
    "form", ["/ws/{}", "/private/ws/{}", "/private/ws?listenKey={}", "/stream?streams={}"]
)
def test_user_data_comes_by_listen_key(channels: Channels, keys: ListenKeys, form: str) -> None:
    listen_key = keys.start(7, 0)
    path, _, query = form.format(listen_key).partition("?")
    opened(channels, path, query)

    channels.publish(listen_key, {"e": "ACCOUNT_UPDATE"}, 0)

    assert len(bodies(channels)) == 1


def test_a_listen_key_that_is_none_hears_nothing(channels: Channels) -> None:
    opened(channels, "/ws/" + "a" * 64)

    assert not channels.has("a" * 64)


def test_an_unknown_path_is_no_connection(channels: Channels) -> None:
    assert channels.open("/other", "", 0) is None


def test_messages_arrive_in_order_of_their_delays(keys: ListenKeys) -> None:
    channels = Channels(keys, Echo())
    opened(channels, "/ws/btcusdt@trade")

    channels.publish("btcusdt@trade", {"n": 1}, 0)
    channels.publish("btcusdt@trade", {"n": 2}, 10)

    assert bodies(channels, 49) == [{"n": 1}, {"n": 2}]
    assert channels.next_due_ms() == 50
    assert bodies(channels, 60) == [{"n": 1}, {"n": 2}]


def test_a_connection_ends_after_a_day_and_hears_nothing_more(channels: Channels) -> None:
    connection = opened(channels, "/ws/btcusdt@trade")
    channels.publish("btcusdt@trade", {}, 0)

    channels.expire(86_400_000)

    [frame] = channels.due(86_400_000)
    assert (frame.connection, frame.body) == (connection, None)


@pytest.mark.parametrize(
    ("text", "kind", "period_ms", "levels", "interval", "route"),
    [
        ("btcusdt@aggTrade", Kind.AGGREGATE_TRADE, 0, 0, "", Route.MARKET),
        ("btcusdt@bookTicker", Kind.BOOK_TICKER, 0, 0, "", Route.PUBLIC),
        ("!bookTicker", Kind.BOOK_TICKER, 0, 0, "", Route.PUBLIC),
        ("btcusdt@depth", Kind.DEPTH, 250, 0, "", Route.PUBLIC),
        ("btcusdt@depth@0ms", Kind.DEPTH, 100, 0, "", Route.PUBLIC),
        ("btcusdt@depth20@500ms", Kind.DEPTH, 500, 20, "", Route.PUBLIC),
        ("btcusdt@markPrice", Kind.MARK_PRICE, 3_000, 0, "", Route.MARKET),
        ("!markPrice@arr@1s", Kind.MARK_PRICE, 1_000, 0, "", Route.MARKET),
        ("btcusdt@kline_1M", Kind.KLINE, 250, 0, "1M", Route.MARKET),
        ("!miniTicker@arr", Kind.MINI_TICKER, 1_000, 0, "", Route.MARKET),
        ("!forceOrder@arr", Kind.LIQUIDATION, 0, 0, "", Route.MARKET),
    ],
)
def test_stream_names_tell_what_they_carry(  # noqa: PLR0917 - a row of the table
    text: str, kind: Kind, period_ms: int, levels: int, interval: str, route: Route
) -> None:
    found = parse_stream(text)

    assert found is not None
    assert (found.kind, found.period_ms, found.levels, found.interval, found.route) == (
        kind,
        period_ms,
        levels,
        interval,
        route,
    )


@pytest.mark.parametrize(
    "text", ["", "btcusdt", "@trade", "btcusdt@", "btcusdt@kline_7m", "btcusdt@depth7", "!x"]
)
def test_other_names_are_no_streams(text: str) -> None:
    assert parse_stream(text) is None


def test_a_listen_key_lives_an_hour_after_the_last_sign(keys: ListenKeys) -> None:
    first = keys.start(1, 0)

    assert keys.start(1, 1_000) == first
    keys.keep_alive(1, 2_000_000)
    assert keys.expire(5_599_999) == []
    assert keys.expire(5_600_000) == [first]
    with pytest.raises(VenueRefusal, match="-1125"):
        keys.keep_alive(1, 5_600_001)
    assert keys.start(1, 5_600_001) != first
