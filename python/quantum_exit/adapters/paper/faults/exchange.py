"""An exchange with faults."""

from typing import Any

from quantum_exit.adapters.paper.exchange import PaperExchange
from quantum_exit.adapters.paper.faults.plan import FaultPlan
from quantum_exit.adapters.paper.faults.spec import FaultSpec
from quantum_exit.adapters.paper.faults.stage import Stage
from quantum_exit.adapters.paper.rules import VenueRules


def faulty_exchange(
    spec: FaultSpec, *, now_ms: int, rules: VenueRules | None = None, **setup: Any
) -> tuple[PaperExchange, FaultPlan]:
    """An exchange on which the faults of `spec` happen, and the plan that counts them.

    Args:
        spec: What may happen.
        now_ms: Exchange time when it opens; scripted times count from there.
        rules: Rules of the venue; without, the usual ones.
        setup: The other arguments of `PaperExchange`.
    """
    rules = rules or VenueRules()
    plan = FaultPlan(spec, now_ms)
    exchange = PaperExchange(
        now_ms=now_ms,
        rules=rules,
        request_faults=plan,
        event_faults=plan,
        venue_faults=plan,
        **setup,
    )
    plan.attach(Stage(exchange, rules.trigger_latency_ms))
    return exchange, plan
