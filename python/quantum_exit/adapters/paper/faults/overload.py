"""Requests that time out, come late, or meet a server in trouble: F01 to F05, F13, F41."""

from quantum_exit.adapters.paper.faults import answers
from quantum_exit.adapters.paper.faults.arrival import Arrival
from quantum_exit.adapters.paper.faults.blow import Blow
from quantum_exit.adapters.paper.faults.occasion import Occasion
from quantum_exit.adapters.paper.faults.stage import Stage
from quantum_exit.adapters.paper.hooks import AS_IT_SHOULD_BE, RequestPlan
from quantum_exit.adapters.paper.wire import Reply

_PATIENCE_MS = 10_000
"""How long the front waits for the matching engine (Binance USD-M, "General Info", HTTP 503)."""

_LATE_MS = 5_000


def timeout_before(arrival: Arrival, occasion: Occasion) -> Blow:
    """F01: the request is dropped, and answered with -1007 when the front has waited enough."""
    del arrival
    wait_ms = occasion.whole("wait", 1_000, _PATIENCE_MS)
    answer = answers.always(answers.coded(-1007))
    return Blow(plan=RequestPlan(execute=False, answer=answer, reply_after_ms=wait_ms))


def timeout_after(arrival: Arrival, occasion: Occasion) -> Blow:
    """F02: the request is carried out at once, and answered with -1007 later on."""
    del arrival
    wait_ms = occasion.whole("wait", 1_000, _PATIENCE_MS)
    answer = answers.always(answers.coded(-1007))
    return Blow(plan=RequestPlan(answer=answer, reply_after_ms=wait_ms))


def reply_lost(arrival: Arrival, occasion: Occasion) -> Blow:
    """F03: carried out; then the connection closes, or nothing is ever heard."""
    del arrival
    if occasion.unit("silent") < 1 / 4:
        return Blow(plan=RequestPlan(never_reply=True))
    return Blow(plan=RequestPlan(drop_connection=True))


def late(arrival: Arrival, occasion: Occasion) -> Blow:
    """F04: queued for up to one and a half recvWindow; what comes too late is refused with -5028."""
    longest_ms = max(1, arrival.recv_window_ms * 3 // 2)
    return Blow(plan=RequestPlan(execute_after_ms=occasion.whole("delay", 1, longest_ms)))


def server_error(arrival: Arrival, occasion: Occasion) -> Blow:
    """F05: 503 whose outcome is unknown, 503 and -1008 that did nothing, and pages of a proxy."""
    if occasion.unit("class") < 1 / 2:
        executed = occasion.unit("executed") < 1 / 2
        reply = occasion.one_of(
            "unknown", (answers.unknown_503(), *map(answers.page, (500, 502, 504)))
        )
        return Blow(plan=RequestPlan(execute=executed, answer=answers.always(reply)))
    # The overload of -1008 spares orders that only reduce.
    spared = arrival.is_reduce_only or arrival.closes_position
    choices = (answers.unavailable(), answers.coded(-1001), answers.coded(-1008))
    reply = occasion.one_of("refused", choices[:2] if spared else choices)
    return Blow(plan=RequestPlan(execute=False, answer=answers.always(reply)))


def twice(arrival: Arrival, occasion: Occasion) -> Blow:
    """F13: the network brings the request twice; the reply is that of the second: -4116."""
    del arrival, occasion
    duplicate = answers.coded(-4116)

    def answer(true: Reply) -> Reply:
        return duplicate if answers.is_success(true) else true

    return Blow(plan=RequestPlan(answer=answer), shows=lambda true, sent: sent is not true)


def out_of_step(arrival: Arrival, occasion: Occasion, stage: Stage) -> Blow:
    """F41: the events of the order are there before its reply, or a while after it."""
    delay_ms = occasion.spread("delay", 10, _LATE_MS)
    if not arrival.client_id or occasion.unit("variant") < 1 / 2:
        return Blow(plan=RequestPlan(reply_after_ms=delay_ms))
    stage.hold_events(arrival.client_id, delay_ms, "F41")
    # Each event that is held back counts, so that the request itself does not.
    return Blow(plan=AS_IT_SHOULD_BE, shows=lambda true, sent: False)
