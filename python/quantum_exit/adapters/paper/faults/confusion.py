"""Replies that are wrong about orders: stale, partial, or meant for another: F21 to F24."""

from typing import Any

from quantum_exit.adapters.paper.faults import answers
from quantum_exit.adapters.paper.faults.arrival import ALGO, Arrival
from quantum_exit.adapters.paper.faults.blow import Blow, changed
from quantum_exit.adapters.paper.faults.occasion import Occasion
from quantum_exit.adapters.paper.hooks import RequestPlan
from quantum_exit.adapters.paper.wire import JsonObject, Reply

_LAG_MS = 5_000
_IDS = ("orderId", "algoId")


def stale(arrival: Arrival, occasion: Occasion) -> Blow:
    """F21: a replica answers that lags up to 5 s behind: newer orders are not there yet."""
    lag_ms = occasion.whole("lag", 1, _LAG_MS)
    seen_ms = arrival.now_ms - lag_ms

    def answer(true: Reply) -> Reply:
        body = true.body
        if isinstance(body, list):
            seen = [item for item in body if _made_ms(item) <= seen_ms]
            return true if len(seen) == len(body) else Reply(status=200, body=seen)
        if isinstance(body, dict) and answers.is_success(true) and _made_ms(body) > seen_ms:
            return answers.coded(-2013)
        return true

    return Blow(plan=RequestPlan(answer=answer), shows=changed)


def wrong_cancel(arrival: Arrival, occasion: Occasion) -> Blow:
    """F22: -2011 of an order that lives on, or success of one that was gone already."""
    if occasion.unit("variant") < 1 / 2:
        answer = answers.always(answers.coded(-2011))
        return Blow(plan=RequestPlan(execute=False, answer=answer))

    def pretend(true: Reply) -> Reply:
        gone = answers.refused_with(true, -2011)
        return Reply(status=200, body=_cancelled(arrival)) if gone else true

    return Blow(plan=RequestPlan(answer=pretend), shows=changed)


def partial_batch(arrival: Arrival, occasion: Occasion) -> Blow:
    """F23: one result of the batch is -1007, or the results end before it; all was carried out."""
    del arrival
    cut = occasion.unit("variant") < 1 / 3

    def answer(true: Reply) -> Reply:
        if not isinstance(true.body, list) or not true.body:
            return true
        at = occasion.whole("at", 0, len(true.body) - 1)
        unknown = answers.coded(-1007).body
        results = true.body[:at] if cut else [*true.body[:at], unknown, *true.body[at + 1 :]]
        return Reply(status=200, headers=true.headers, body=results)

    return Blow(plan=RequestPlan(answer=answer), shows=changed)


class Mixup:
    """F24: an order request gets the reply that the one before it of its kind got."""

    def __init__(self) -> None:
        self._last: dict[str, Reply] = {}

    def saw(self, kind: str, reply: Reply) -> None:
        """Remembers a true reply."""
        if answers.is_success(reply):
            self._last[kind] = reply

    def blow(self, arrival: Arrival, occasion: Occasion) -> Blow | None:
        """The earlier reply, or `None` before there is one."""
        del occasion
        other = self._last.get(arrival.kind)
        if other is None:
            return None
        return Blow(plan=RequestPlan(answer=answers.always(other)), shows=_of_another)


def _of_another(true: Reply, sent: Reply) -> bool:
    return _id(true.body) != _id(sent.body)


def _id(body: Any) -> object:
    if not isinstance(body, dict):
        return None
    return next((body[name] for name in _IDS if name in body), None)


def _made_ms(item: JsonObject) -> int:
    return int(item["createTime"] if "createTime" in item else item.get("time", 0))


def _cancelled(arrival: Arrival) -> JsonObject:
    if arrival.kind.endswith(ALGO):
        algo_id = arrival.params.get("algoId", "0")
        return {
            "algoId": int(algo_id),
            "clientAlgoId": arrival.client_id,
            "code": "200",
            "msg": "success",
        }
    return {
        "orderId": int(arrival.params.get("orderId", "0")),
        "symbol": arrival.symbol,
        "clientOrderId": arrival.client_id,
        "origQty": "0",
        "executedQty": "0",
        "status": "CANCELED",
    }
