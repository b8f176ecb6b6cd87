"""Request weights and order counts, and what happens to who exceeds them.

Source: Binance USD-M, "LIMITS": 2400 of weight a minute and address, 300 orders in 10 s and 1200 a
minute and account; HTTP 429 over the limit, 418 for who does not back off, for 2 minutes up to
3 days.
"""

from dataclasses import dataclass

from quantum_exit.adapters.paper.errors import VenueRefusal, refusal
from quantum_exit.adapters.paper.wire import JsonObject
from quantum_exit.errors import InvalidInputError

_MINUTE_MS = 60_000
_TEN_SECONDS_MS = 10_000
_MAX_BAN_MS = 3 * 86_400_000


@dataclass(frozen=True, slots=True, kw_only=True)
class LimitRules:
    """How much a client may ask.

    Attributes:
        weight_1m: Weight a minute and address, 1 or more.
        orders_10s: Orders in 10 s and account, 1 or more.
        orders_1m: Orders a minute and account, 1 or more.
        refusals_before_ban: Requests over the limit within a minute that are answered with 429;
            the next one is a ban.
        ban_ms: Length of the first ban in ms; each further one is twice as long.

    Raises:
        InvalidInputError: A number is below 1.
    """

    weight_1m: int = 2_400
    orders_10s: int = 300
    orders_1m: int = 1_200
    refusals_before_ban: int = 10
    ban_ms: int = 120_000

    def __post_init__(self) -> None:
        for name in ("weight_1m", "orders_10s", "orders_1m", "refusals_before_ban", "ban_ms"):
            if getattr(self, name) < 1:
                raise InvalidInputError(name, getattr(self, name), "expected 1 or more")

    def documents(self) -> list[JsonObject]:
        """The `rateLimits` of exchangeInfo."""
        return [_weight_limit(self.weight_1m), *self.order_documents()]

    def order_documents(self) -> list[JsonObject]:
        """The limits of orders alone."""
        return [
            _order_limit("SECOND", 10, self.orders_10s),
            _order_limit("MINUTE", 1, self.orders_1m),
        ]


@dataclass(frozen=True, slots=True, kw_only=True)
class Cost:
    """What a request costs.

    Attributes:
        weight: Of the address's weight.
        orders_10s: Of the account's orders in 10 s.
        orders_1m: Of the account's orders a minute.
    """

    weight: int = 1
    orders_10s: int = 0
    orders_1m: int = 0


class _Window:
    """A count that starts anew at every multiple of its length."""

    __slots__ = ("count", "length_ms", "start_ms")

    def __init__(self, length_ms: int) -> None:
        self.length_ms = length_ms
        self.start_ms = 0
        self.count = 0

    def at(self, now_ms: int) -> int:
        start_ms = now_ms - now_ms % self.length_ms
        if start_ms != self.start_ms:
            self.start_ms, self.count = start_ms, 0
        return self.count

    def left_s(self, now_ms: int) -> int:
        return max(1, -(-(self.start_ms + self.length_ms - now_ms) // 1_000))


class _Address:
    __slots__ = ("banned_until_ms", "bans", "refusals", "weight")

    def __init__(self) -> None:
        self.weight = _Window(_MINUTE_MS)
        self.refusals = _Window(_MINUTE_MS)
        self.banned_until_ms = 0
        self.bans = 0


class _Orders:
    __slots__ = ("minute", "ten_seconds")

    def __init__(self) -> None:
        self.ten_seconds = _Window(_TEN_SECONDS_MS)
        self.minute = _Window(_MINUTE_MS)


class RateLimits:
    """Counts of all clients.

    Args:
        rules: How much each may ask.
    """

    def __init__(self, rules: LimitRules) -> None:
        self.rules = rules
        self._addresses: dict[str, _Address] = {}
        self._orders: dict[int, _Orders] = {}

    def charge_weight(self, address: str, weight: int, now_ms: int) -> dict[str, str]:
        """Counts a request of `address` and gives the headers of its reply.

        Raises:
            VenueRefusal: -1003 with HTTP 429 over the limit, 418 during a ban.
        """
        client = self._addresses.setdefault(address, _Address())
        if now_ms < client.banned_until_ms:
            raise _banned(client.banned_until_ms, now_ms)
        used = client.weight.at(now_ms) + weight
        if used > self.rules.weight_1m:
            raise self._refused(client, now_ms)
        client.weight.count = used
        return {"X-MBX-USED-WEIGHT-1M": str(used)}

    def charge_orders(self, account: int, cost: Cost, now_ms: int) -> dict[str, str]:
        """Counts orders of `account` and gives the headers of the reply.

        Raises:
            VenueRefusal: -1015 over a limit.
        """
        orders = self._orders.setdefault(account, _Orders())
        in_10s = orders.ten_seconds.at(now_ms) + cost.orders_10s
        in_1m = orders.minute.at(now_ms) + cost.orders_1m
        if in_10s > self.rules.orders_10s:
            raise _too_many(self.rules.orders_10s, "TEN_SECONDS", orders.ten_seconds, now_ms)
        if in_1m > self.rules.orders_1m:
            raise _too_many(self.rules.orders_1m, "MINUTE", orders.minute, now_ms)
        orders.ten_seconds.count, orders.minute.count = in_10s, in_1m
        return {"X-MBX-ORDER-COUNT-10S": str(in_10s), "X-MBX-ORDER-COUNT-1M": str(in_1m)}

    def counts(self, address: str, account: int | None, now_ms: int) -> list[JsonObject]:
        """What is used of every limit, as the WebSocket API reports it."""
        client = self._addresses.setdefault(address, _Address())
        found = [{**_weight_limit(self.rules.weight_1m), "count": client.weight.at(now_ms)}]
        if account is not None:
            orders = self._orders.setdefault(account, _Orders())
            used = (orders.ten_seconds.at(now_ms), orders.minute.at(now_ms))
            limits = zip(self.rules.order_documents(), used, strict=True)
            found += [{**limit, "count": count} for limit, count in limits]
        return found

    def ban(self, address: str, now_ms: int, length_ms: int) -> None:
        """Bans `address` for `length_ms`; its requests are answered with HTTP 418."""
        client = self._addresses.setdefault(address, _Address())
        client.banned_until_ms = now_ms + length_ms

    def _refused(self, client: _Address, now_ms: int) -> VenueRefusal:
        client.refusals.count = client.refusals.at(now_ms) + 1
        if client.refusals.count > self.rules.refusals_before_ban:
            length_ms = min(self.rules.ban_ms << client.bans, _MAX_BAN_MS)
            client.bans = min(client.bans + 1, 16)
            client.banned_until_ms = now_ms + length_ms
            return _banned(client.banned_until_ms, now_ms)
        over = refusal(-1003, limit=self.rules.weight_1m)
        over.headers["Retry-After"] = str(client.weight.left_s(now_ms))
        return over


def _banned(until_ms: int, now_ms: int) -> VenueRefusal:
    return VenueRefusal(
        -1003,
        f"Way too much request weight used; IP banned until {until_ms}. Please use the websocket "
        "for live updates to avoid bans.",
        status=418,
        headers={"Retry-After": str(max(1, -(-(until_ms - now_ms) // 1_000)))},
    )


def _too_many(limit: int, interval: str, window: _Window, now_ms: int) -> VenueRefusal:
    over = refusal(-1015, limit=limit, interval=interval)
    over.headers["Retry-After"] = str(window.left_s(now_ms))
    return over


def _weight_limit(limit: int) -> JsonObject:
    return {
        "rateLimitType": "REQUEST_WEIGHT",
        "interval": "MINUTE",
        "intervalNum": 1,
        "limit": limit,
    }


def _order_limit(interval: str, number: int, limit: int) -> JsonObject:
    return {
        "rateLimitType": "ORDERS",
        "interval": interval,
        "intervalNum": number,
        "limit": limit,
    }
