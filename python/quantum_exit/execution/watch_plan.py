"""What the core is told about a position, in a form that a journal can hold."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

from quantum_exit._core import ExitPlan, Instrument
from quantum_exit.domain.keys import PositionKey
from quantum_exit.domain.position import Side
from quantum_exit.domain.rules import ExitRules
from quantum_exit.errors import InvalidInputError
from quantum_exit.planning.plan_json import plan_from_json, rules_to_json

_INSTRUMENT = ("symbol", "tick_size", "lot_step", "min_qty", "min_notional", "max_qty")


@dataclass(frozen=True, slots=True, kw_only=True)
class WatchPlan:
    """Everything from which the core's plan is made.

    Attributes:
        key: The position.
        instrument: Grid and minimums.
        entry_price: Average entry price, decimal text.
        quantity: Quantity in base currency, decimal text on the lot grid.
        stop_price: Initial stop, decimal text; it defines R.
        rules: Legs, trailing, ratchet and time limit.
        opened_ns: The core watches from the first tick at or after this time, ns since the UNIX
            epoch.
        tighten_ticks: Stop to set on the first tick, or None = that of the plan.
    """

    key: PositionKey
    instrument: Instrument
    entry_price: str
    quantity: str
    stop_price: str
    rules: ExitRules
    opened_ns: int
    tighten_ticks: int | None = None

    def exit_plan(self) -> ExitPlan:
        """The core's plan.

        Raises:
            InvalidInputError: The core refuses it.
        """
        return self.rules.plan(
            self.instrument,
            side=self.key.side,
            entry_price=self.entry_price,
            quantity=self.quantity,
            stop_price=self.stop_price,
        )

    def as_json(self) -> dict[str, Any]:
        """Plain JSON values that `from_json` reads back."""
        return {
            "key": list(self.key),
            "instrument": {name: getattr(self.instrument, name) for name in _INSTRUMENT},
            "entry_price": self.entry_price,
            "quantity": self.quantity,
            "stop_price": self.stop_price,
            "rules": rules_to_json(self.rules),
            "opened_ns": self.opened_ns,
            "tighten_ticks": self.tighten_ticks,
        }

    @classmethod
    def from_json(cls, body: Mapping[str, Any]) -> Self:
        """The plan that `as_json` gave as `body`.

        Raises:
            InvalidInputError: It is none.
            InputFileError: Its rules are none.
        """
        try:
            account, symbol, side, epoch = body["key"]
            grid = body["instrument"]
            return cls(
                key=PositionKey(account, symbol, Side(side), epoch),
                instrument=Instrument(*(grid[name] for name in _INSTRUMENT)),
                entry_price=body["entry_price"],
                quantity=body["quantity"],
                stop_price=body["stop_price"],
                rules=plan_from_json(json.dumps(body["rules"]), "journal").rules,
                opened_ns=body["opened_ns"],
                tighten_ticks=body["tighten_ticks"],
            )
        except (KeyError, TypeError, ValueError) as error:
            raise InvalidInputError("watch plan", error, "expected its fields") from error
