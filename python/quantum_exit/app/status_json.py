"""Status and events of the service as plain JSON values."""

from collections.abc import Mapping
from dataclasses import asdict, fields, is_dataclass
from decimal import Decimal
from enum import Enum
from typing import Any

from quantum_exit.domain.keys import PositionKey
from quantum_exit.execution.guardian.status import PositionStatus
from quantum_exit.execution.hub import Event
from quantum_exit.execution.service import ServiceStatus
from quantum_exit.execution.watch_plan import WatchPlan


def status_as_json(status: ServiceStatus, plans: Mapping[PositionKey, WatchPlan]) -> dict[str, Any]:
    """The service as of one moment.

    Args:
        status: The service.
        plans: The plans of guarded positions, which know the grids.
    """
    guardian = status.guardian
    return {
        "command": "status",
        "account": status.account,
        "now_ms": status.now_ms,
        "breached": status.is_breached,
        "naked_seconds_total": status.naked_ms / 1000,
        "protection_gap_max_ms": status.longest_gap_ms,
        "gaps": status.gaps,
        "positions": [
            {
                "symbol": one.key.symbol,
                "side": one.key.side.value,
                "epoch": one.key.epoch,
                "lots": one.lots,
                "protected": one.protected,
                "floor_ticks": one.floor_ticks,
                "stop_ticks": one.working_ticks,
                "stop_lots": one.working_lots,
                "take_profits": one.take_profits,
                "exits": one.exits,
                "naked_since_ms": one.naked_since_ms,
                "degraded": list(one.degraded),
                **_in_units(one, plans.get(one.key)),
            }
            for one in guardian.positions
        ],
        "unguarded": list(guardian.unguarded),
        "dust": list(guardian.dust),
        "unknown_orders": list(guardian.unknown),
        "lease_epoch": guardian.lease_epoch,
        "lease_left_ms": status.lease_left_ms,
        "venue_accepts": status.venue_accepts,
        "stream_gaps": list(guardian.gaps),
        "stale": list(status.stale),
        "refused": dict(sorted(status.refused.items())),
        "journal_works": status.journal_works,
        "budget_left": status.budget_left,
        "inbox": status.waiting,
        "inputs": status.steps,
        "prices": status.prices,
        "latency_ms": {name: asdict(one) for name, one in status.latencies.items()},
    }


def _in_units(one: PositionStatus, plan: WatchPlan | None) -> dict[str, str | None]:
    """Prices in quote currency and quantities in base currency, decimal text; None = unknown."""
    if plan is None:
        return {"quantity": None, "entry_price": None, "floor_price": None, "stop_price": None}
    tick, lot = Decimal(plan.instrument.tick_size), Decimal(plan.instrument.lot_step)
    return {
        "quantity": str(one.lots * lot),
        "entry_price": plan.entry_price,
        "floor_price": None if one.floor_ticks is None else str(one.floor_ticks * tick),
        "stop_price": None if one.working_ticks is None else str(one.working_ticks * tick),
    }


def event_as_json(event: Event) -> dict[str, Any]:
    """One event, its kind under `event`."""
    body = _plain(event)
    return {"event": type(event).__name__.lower(), **body}


def _plain(value: Any) -> Any:
    if isinstance(value, Enum):
        return value.value
    if is_dataclass(value):
        return {one.name: _plain(getattr(value, one.name)) for one in fields(value)}
    if isinstance(value, tuple) and hasattr(value, "_asdict"):
        return {name: _plain(one) for name, one in value._asdict().items()}
    if isinstance(value, tuple | list):
        return [_plain(one) for one in value]
    return value
