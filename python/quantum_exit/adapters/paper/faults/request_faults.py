"""Every fault of single requests: which requests it can hit, and how."""

from collections.abc import Callable
from dataclasses import dataclass

from quantum_exit.adapters.paper.faults import answers, confusion, overload, races
from quantum_exit.adapters.paper.faults.arrival import LISTEN_KEY, Arrival
from quantum_exit.adapters.paper.faults.blow import Blow
from quantum_exit.adapters.paper.faults.occasion import Occasion
from quantum_exit.adapters.paper.faults.stage import Stage
from quantum_exit.adapters.paper.hooks import RequestPlan


@dataclass(frozen=True, slots=True)
class RequestFault:
    """A fault of single requests.

    Attributes:
        hits: Whether it can hit a request.
        blow: What it does to one, `None` where it cannot after all.
    """

    hits: Callable[[Arrival], bool]
    blow: Callable[[Arrival, Occasion, Stage], Blow | None]


def _plain(
    hits: Callable[[Arrival], bool], blow: Callable[[Arrival, Occasion], Blow | None]
) -> RequestFault:
    return RequestFault(hits, lambda arrival, occasion, stage: blow(arrival, occasion))


def _keep_alive_fails(arrival: Arrival, occasion: Occasion) -> Blow:
    del arrival, occasion
    return Blow(plan=RequestPlan(execute=False, answer=answers.always(answers.coded(-1125))))


def _any(arrival: Arrival) -> bool:
    # Time is asked to measure the link; everything else is fair game.
    return not arrival.kind.endswith(("/ping", "/time"))


def request_faults(mixup: confusion.Mixup) -> dict[str, RequestFault]:
    """The faults by number.

    Args:
        mixup: Remembers the replies that F24 sends again.
    """
    changes: Callable[[Arrival], bool] = lambda arrival: arrival.changes_orders  # noqa: E731
    return {
        "F01": _plain(changes, overload.timeout_before),
        "F02": _plain(changes, overload.timeout_after),
        "F03": _plain(_any, overload.reply_lost),
        "F04": _plain(changes, overload.late),
        "F05": _plain(_any, overload.server_error),
        "F09": RequestFault(
            lambda arrival: arrival.is_stop, races.run(races.price_passes_stop, (-2021,))
        ),
        "F10": RequestFault(
            lambda arrival: arrival.is_reduce_only,
            races.run(races.nothing_to_reduce, (-2022, -4118)),
        ),
        "F11": RequestFault(
            lambda arrival: arrival.closes_position,
            races.run(races.second_close_position, (-4130,)),
        ),
        "F12": RequestFault(
            lambda arrival: arrival.is_conditional, races.run(races.limit_lowered, (-4045,))
        ),
        "F13": _plain(lambda arrival: arrival.places and bool(arrival.client_id), overload.twice),
        "F15": RequestFault(
            lambda arrival: arrival.places,
            races.run(races.stricter_filters, races.FILTER_CODES, momentary=True),
        ),
        "F21": _plain(lambda arrival: arrival.queries or arrival.lists, confusion.stale),
        "F22": _plain(lambda arrival: arrival.cancels, confusion.wrong_cancel),
        "F23": _plain(lambda arrival: arrival.is_batch, confusion.partial_batch),
        "F24": _plain(changes, mixup.blow),
        "F41": RequestFault(changes, overload.out_of_step),
        "F42": _plain(lambda arrival: arrival.kind == f"PUT {LISTEN_KEY}", _keep_alive_fails),
    }
