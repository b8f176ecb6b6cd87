"""Faults planned while the exchange runs."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from quantum_exit.adapters.paper.faults.plan import FaultPlan
from quantum_exit.adapters.paper.faults.script_file import faults_from_values
from quantum_exit.adapters.paper.wire import JsonObject
from quantum_exit.errors import InputFileError, InvalidInputError

_WHERE = "fault"


class FaultInjector:
    """Takes what a fault file may hold, and adds it to a plan (`control.FaultControl`).

    Args:
        plan: The plan.
    """

    def __init__(self, plan: FaultPlan) -> None:
        self._plan = plan

    def inject(self, document: Mapping[str, Any]) -> JsonObject:
        """Adds rules and actions of a document like a fault file; their times count from now.

        Returns:
            What happened so far, by mark.

        Raises:
            InvalidInputError: Names the key, its value and what is allowed.
        """
        try:
            spec = faults_from_values(_exact(document), _WHERE)
        except InputFileError as error:
            raise InvalidInputError(error.place or _WHERE, "as given", error.message) from error
        self._plan.add(spec)
        return {"hits": dict(self._plan.hits), "misses": dict(self._plan.misses)}


def _exact(value: Any) -> Any:
    """Numbers with a point as `Decimal`, as the readers of files give them."""
    if isinstance(value, float):
        return Decimal(repr(value))
    if isinstance(value, Mapping):
        return {key: _exact(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_exact(item) for item in value]
    return value
