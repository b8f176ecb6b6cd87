"""What a fault does to one request, and how one sees that it did."""

from collections.abc import Callable
from dataclasses import dataclass

from quantum_exit.adapters.paper.hooks import RequestPlan
from quantum_exit.adapters.paper.wire import Reply


@dataclass(frozen=True, slots=True, kw_only=True)
class Blow:
    """One fault that hits one request.

    Attributes:
        plan: How the request is carried out and answered.
        shows: Tells of the true and the sent reply whether the fault came to anything; `None`
            where it always does.
    """

    plan: RequestPlan
    shows: Callable[[Reply, Reply], bool] | None = None


def changed(true: Reply, sent: Reply) -> bool:
    """The sent reply is not the true one."""
    return sent is not true
