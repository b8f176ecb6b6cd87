"""One call and its reply, checked: what every read of the adapter goes through."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final, TypeVar

import msgspec

from quantum_exit.adapters.binance.classify import classify
from quantum_exit.adapters.binance.endpoints import Endpoint
from quantum_exit.adapters.binance.quarantine import Quarantine
from quantum_exit.adapters.binance.transport import Answer, Transport, TransportLost
from quantum_exit.errors import VenueReadError
from quantum_exit.execution.outcomes import NotDone, Outcome, Reaction, Unknown
from quantum_exit.execution.ports import Clock

_T = TypeVar("_T")
_LIMITS: Final = MappingProxyType(
    {
        "x-mbx-used-weight-1m": ("weight", 60_000),
        "x-mbx-order-count-10s": ("orders", 10_000),
        "x-mbx-order-count-1m": ("orders", 60_000),
    }
)
_SILENCED: Final = (418, 429)
_TOO_MANY_ORDERS: Final = -1015
_NOT_SENT: Final = 0
_NS_PER_MS: Final = 1_000_000
_COUNT: Final = re.compile(r"[0-9]{1,9}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Usage:
    """How much of the rate limits the venue has counted, as its last answers told.

    Attributes:
        weight_1m: Weight of this minute, or None before an answer told it.
        orders_10s: Orders of these 10 s, or None.
        orders_1m: Orders of this minute, or None.
    """

    weight_1m: int | None = None
    orders_10s: int | None = None
    orders_1m: int | None = None


class VenueRefusedError(VenueReadError):
    """The venue answered a read with a refusal.

    Attributes:
        code: The venue's code, or the HTTP status where there is none.
    """

    def __init__(self, what: str, refusal: NotDone) -> None:
        super().__init__(what, f"{refusal.code}: {refusal.message}", refusal.retry_after_ms)
        self.code = refusal.code


class Calls:
    """Makes calls and reads replies.

    Args:
        transport: Carries them.
        clock: Tells how long a ban lasts.
        quarantine: Where replies go that make no sense.
    """

    def __init__(self, transport: Transport, clock: Clock, quarantine: Quarantine) -> None:
        self._transport = transport
        self._clock = clock
        self._quarantine = quarantine
        self._usage = Usage()
        self._watchers: list[Callable[[str, int, int], None]] = []
        self._silent_until_ns = 0

    @property
    def usage(self) -> Usage:
        """What the venue has counted."""
        return self._usage

    def watch_usage(self, tell: Callable[[str, int, int], None]) -> None:
        """Calls `tell` with the name, window in ms and units used of each limit that is told."""
        self._watchers.append(tell)

    async def read(
        self, what: str, endpoint: Endpoint, params: Mapping[str, str], kind: type[_T]
    ) -> _T:
        """The reply of a call that changes nothing.

        Raises:
            VenueRefusedError: The venue refused.
            VenueReadError: No answer came, or it makes no sense.
        """
        outcome, answer = await self.act(endpoint, params)
        match outcome:
            case NotDone():
                raise VenueRefusedError(what, outcome)
            case Unknown():
                raise VenueReadError(what, outcome.why)
        reply = None if answer is None else self.decode(what, answer.body, kind)
        if reply is None:
            raise VenueReadError(what, "the reply could not be read")
        return reply

    async def act(
        self,
        endpoint: Endpoint,
        params: Mapping[str, str],
        *,
        asked_ms: int | None = None,
        may_trade: bool = False,
    ) -> tuple[Outcome, Answer | None]:
        """What became of a call, and the answer where one came; raises nothing.

        Between a 429 or a ban and the end that it names nothing leaves: whatever does makes it
        longer.

        Args:
            endpoint: Where it goes.
            params: Its parameters.
            asked_ms: Its time stamp, ms since the UNIX epoch; None = when it is signed.
            may_trade: Whether carrying it out may end in a trade.
        """
        if (left_ms := self._silence_left_ms()) > 0:
            return _silence(left_ms), None
        stamped = params if asked_ms is None else {**params, "timestamp": str(asked_ms)}
        try:
            answer = await self._transport.request(
                endpoint.method, endpoint.path, stamped, signed=endpoint.signed
            )
        except TransportLost as error:
            return Unknown(why=error.why), None
        self._count(answer.headers)
        outcome = classify(answer, may_trade=may_trade, now_ms=self._clock.now_ms())
        self._obey(answer.status, outcome)
        return outcome, answer

    def decode(self, what: str, body: bytes, kind: type[_T]) -> _T | None:
        """A body as this type, or None where it makes no sense."""
        try:
            return msgspec.json.decode(body, type=kind, strict=False)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
            self.refuse(what, str(error), body)
            return None

    def senseless(self, what: str, why: str) -> VenueReadError:
        """The error to raise for a reply that could be decoded and still makes no sense; counts it."""
        self._quarantine.add(what, why, b"")
        return VenueReadError(what, why)

    def refuse(self, what: str, why: str, body: bytes) -> None:
        """Counts a reply that makes no sense."""
        self._quarantine.add(what, why, body)

    def _obey(self, status: int, outcome: Outcome) -> None:
        if status not in _SILENCED or not isinstance(outcome, NotDone):
            return
        # Too many orders are a matter of the account: only orders wait for that.
        if outcome.code != _TOO_MANY_ORDERS and outcome.retry_after_ms is not None:
            until_ns = self._clock.monotonic_ns() + outcome.retry_after_ms * _NS_PER_MS
            self._silent_until_ns = max(self._silent_until_ns, until_ns)

    def _silence_left_ms(self) -> int:
        left_ns = self._silent_until_ns - self._clock.monotonic_ns()
        return -(-left_ns // _NS_PER_MS)

    def _count(self, headers: Mapping[str, str]) -> None:
        counts = {name: _number(headers.get(name)) for name in _LIMITS}
        weight, ten, minute = counts.values()
        self._usage = Usage(
            weight_1m=self._usage.weight_1m if weight is None else weight,
            orders_10s=self._usage.orders_10s if ten is None else ten,
            orders_1m=self._usage.orders_1m if minute is None else minute,
        )
        for name, used in counts.items():
            if used is not None:
                self._tell(*_LIMITS[name], used)

    def _tell(self, limit: str, window_ms: int, used: int) -> None:
        for tell in self._watchers:
            tell(limit, window_ms, used)


def _silence(left_ms: int) -> NotDone:
    return NotDone(
        code=_NOT_SENT,
        message="the venue has asked for silence",
        reaction=Reaction.WAIT,
        retry_after_ms=left_ms,
    )


def _number(text: str | None) -> int | None:
    return int(text) if text is not None and _COUNT.fullmatch(text) else None
