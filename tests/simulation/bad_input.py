"""Replies and frames that make no sense, on top of whatever else goes wrong."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from types import MappingProxyType
from typing import Any

from quantum_exit.adapters.paper.faults.occasion import Occasion
from quantum_exit.adapters.paper.faults.plan import FaultPlan
from quantum_exit.adapters.paper.hooks import AS_IT_SHOULD_BE, RequestPlan
from quantum_exit.adapters.paper.streams.channels import USER_CHANNEL
from quantum_exit.adapters.paper.wire import Json, Reply, Request
from tests.simulation.bad_bodies import PRICES, REPLIES, SPOILT, Make
from tests.simulation.raw_wire import raw

_FORBIDDEN = "page 403"
_ROWS = MappingProxyType({"reply": "F72 reply", "event": "F72 event", "price": "F46 price"})
_FIREWALL = f"F08 reply {_FORBIDDEN}"
_ANOTHER_TIME = "F47 price another time"
_TIMES_MS = (-3_600_000, -60_000, 60_000, 86_400_000)

MARKS: Mapping[str, str] = {
    _FIREWALL: "a reply: the page of a firewall",
    **{f"{_ROWS['reply']} {name}": f"a reply: {name}" for name in REPLIES},
    **{f"{_ROWS['event']} {name}": f"an event of the account: {name}" for name in SPOILT},
    **{f"{_ROWS['price']} {name}": f"a price: {name}" for name in PRICES},
    _ANOTHER_TIME: "a price: of another time",
}
"""What the marks of this injector stand for."""


class BadInput:
    """Stands before a fault plan and spoils some of what the exchange sends.

    A spoilt event of the account comes before the true one, or in its place; a spoilt price comes
    before the true one. What the service cannot know to be nonsense is not made up here.

    Args:
        plan: The faults.
        seed: Of the schedule.
        rate_frac: Share of replies, and of frames, that are spoilt.
    """

    def __init__(self, plan: FaultPlan, seed: int, rate_frac: float) -> None:
        self._plan = plan
        self._seed = seed
        self._rate_frac = rate_frac
        self._chances: Counter[str] = Counter()
        self._hits: Counter[str] = Counter()

    @property
    def hits(self) -> Mapping[str, int]:
        """How often each fault really happened."""
        return {**self._plan.hits, **self._hits}

    def on_request(self, kind: str, request: Request) -> RequestPlan:
        """What becomes of a request; see `hooks.RequestFaults`."""
        plan = self._plan.on_request(kind, request)
        draw = self._chance("reply")
        if draw is None:
            return plan
        if draw.unit("forbidden") < 1 / 10:
            self._hits[_FIREWALL] += 1
            return replace(AS_IT_SHOULD_BE, execute=False, answer=_forbidden)

        def answer(true: Reply) -> Reply:
            sent = true if plan.answer is None else plan.answer(true)
            return self._spoilt_reply(sent, draw) if sent == true else sent

        return replace(plan, answer=answer)

    def on_event(self, channel: str, message: Json, now_ms: int) -> Sequence[tuple[int, Json]]:
        """What becomes of a message; see `hooks.EventFaults`."""
        sent = self._plan.on_event(channel, message, now_ms)
        is_user = channel == USER_CHANNEL
        draw = self._chance("event" if is_user else "price")
        if draw is None or not sent or not isinstance(message, dict):
            return sent
        spoilt = self._spoilt_event(message, draw) if is_user else self._spoilt_price(message, draw)
        if spoilt is None:
            return sent
        first: tuple[int, Any] = (sent[0][0], spoilt)
        return [first] if is_user and draw.unit("lost") < 1 / 3 else [first, *sent]

    def next_due_ms(self) -> int | None:
        """When something may happen next; see `hooks.VenueFaults`."""
        return self._plan.next_due_ms()

    def happen(self, now_ms: int) -> None:
        """Lets happen what is due; see `hooks.VenueFaults`."""
        self._plan.happen(now_ms)

    def _chance(self, what: str) -> Occasion | None:
        if not self._rate_frac:
            return None
        draw = Occasion(self._seed, f"bad {what}", self._chances[what])
        self._chances[what] += 1
        return draw if draw.happens(self._rate_frac) else None

    def _spoilt_reply(self, true: Reply, draw: Occasion) -> Reply:
        if true.status != 200:
            return true
        text = self._made("reply", REPLIES, true.body, draw)
        return true if text is None else replace(true, body=text)

    def _spoilt_event(self, message: dict[str, Any], draw: Occasion) -> str | None:
        if message.get("e") not in ("ORDER_TRADE_UPDATE", "ALGO_UPDATE", "ACCOUNT_UPDATE"):
            return None
        return self._made("event", SPOILT, message, draw)

    def _spoilt_price(self, message: dict[str, Any], draw: Occasion) -> Any:
        if message.get("e") not in ("aggTrade", "markPriceUpdate"):
            return None
        if draw.unit("time") < 1 / 4:
            self._hits[_ANOTHER_TIME] += 1
            by_ms = draw.one_of("by", _TIMES_MS)
            times: dict[str, Any] = {
                name: message[name] + by_ms for name in ("E", "T") if name in message
            }
            return {**message, **times}
        return self._made("price", PRICES, message, draw)

    def _made(
        self, what: str, kinds: Mapping[str, Make], body: object, draw: Occasion
    ) -> str | None:
        name = draw.one_of("kind", tuple(kinds))
        text = kinds[name](body, draw)
        if text is None:
            return None
        self._hits[f"{_ROWS[what]} {name}"] += 1
        return raw(text)


def _forbidden(_: Reply) -> Reply:
    text = raw("<html><body>403 Forbidden</body></html>", is_counted=False)
    return Reply(status=403, headers={"Content-Type": "text/html"}, body=text)
