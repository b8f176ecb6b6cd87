"""What the checker sees: requests as they arrive, and the account after each change."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from quantum_exit._core import VenueAlgo, VenueFill, VenueOrder
from quantum_exit.execution.ids import OrderIdentity, identity_of

Place: TypeAlias = tuple[str, str]
"""Symbol and position side of the venue: BOTH, LONG or SHORT."""

_IDS = ("newClientOrderId", "clientAlgoId", "origClientOrderId")
_ORDER_PATHS = ("/fapi/v1/order", "/fapi/v1/algoOrder")
_WAITING = "NEW"
FIRING = ("TRIGGERING", "TRIGGERED")
"""States of a conditional order whose price was reached."""


@dataclass(slots=True, kw_only=True)
class Asked:
    """One request of the service.

    Attributes:
        method: HTTP method.
        path: Path.
        params: Its parameters.
        at_ms: Exchange time of its arrival.
        life: Number of the service's life that sent it.
        sender: Name of the process that sent it, where there are several.
        harmed: Whether a fault hit it or its reply.
        answered_ms: When its reply leaves the exchange, or None.
        status: HTTP status of the reply that is sent, or None.
        body: That reply.
        retry_after_ms: How long it asks to wait.
    """

    method: str
    path: str
    params: Mapping[str, str]
    at_ms: int
    life: int
    sender: str = ""
    harmed: bool = False
    answered_ms: int | None = None
    status: int | None = None
    body: Any = None
    retry_after_ms: int = 0
    client_id: str = field(init=False)
    identity: OrderIdentity | None = field(init=False)

    def __post_init__(self) -> None:
        self.client_id = next((self.params[name] for name in _IDS if name in self.params), "")
        self.identity = identity_of(self.client_id)

    @property
    def is_order(self) -> bool:
        """Whether it is about one order."""
        return self.path in _ORDER_PATHS

    @property
    def places(self) -> bool:
        """Whether it places an order."""
        return self.method == "POST" and self.is_order

    @property
    def cancels(self) -> bool:
        """Whether it cancels orders."""
        return self.method == "DELETE" and "rder" in self.path

    @property
    def is_too_old(self) -> bool:
        """Whether it is signed, and its receive window was over when it arrived (-1021)."""
        if not {"timestamp", "recvWindow"} <= self.params.keys():
            return False
        return int(self.params["timestamp"]) + int(self.params["recvWindow"]) < self.at_ms

    @property
    def place(self) -> Place:
        """What it is about."""
        return self.params.get("symbol", ""), self.params.get("positionSide", "BOTH")

    @property
    def code(self) -> int | None:
        """The venue's refusal, or None."""
        code = self.body.get("code") if isinstance(self.body, dict) else None
        return code if isinstance(code, int) and code < 0 else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Moment:
    """The account after one change.

    Attributes:
        now_ms: Exchange time.
        held: Signed lots of every position that is open.
        orders: Resting orders.
        algos: Open conditional orders.
        fills: What was traded in this change.
        ended: Orders of which this change told an end, by client id.
        fired: Conditional orders of which it told that the price has reached them, by client id.
        cause: The request that caused it; None where it was the venue, the market or a person.
        liquidation: Liquidation price in 1e-8 of open positions that have one.
    """

    now_ms: int
    held: Mapping[Place, int]
    orders: Sequence[VenueOrder]
    algos: Sequence[VenueAlgo]
    fills: Sequence[VenueFill] = ()
    ended: Sequence[str] = ()
    fired: Sequence[str] = ()
    cause: Asked | None = None
    liquidation: Mapping[Place, int] = field(default_factory=dict)


def is_ours(client_id: str) -> bool:
    """Whether an id follows our grammar."""
    return identity_of(client_id) is not None


def stops_of(moment: Moment, place: Place, held: int, firing_ms: int) -> list[VenueAlgo]:
    """Our stops that are live: waiting, or firing for at most `firing_ms`."""
    side = "SELL" if held > 0 else "BUY"
    return [
        algo
        for algo in moment.algos
        if (algo.symbol, algo.position_side) == place
        and algo.side == side
        and algo.type == "STOP_MARKET"
        and is_ours(algo.client_id)
        and is_live(algo, moment.now_ms, firing_ms)
    ]


def is_live(algo: VenueAlgo, now_ms: int, firing_ms: int) -> bool:
    """Whether a stop waits, or fires and has not had its time yet."""
    if algo.status == _WAITING:
        return True
    return algo.status in FIRING and now_ms - algo.triggered_ms <= firing_ms


def cover_of(stops: Sequence[VenueAlgo], held: int) -> int:
    """Lots of a position of `held` lots that stops cover."""
    if any(stop.close_position for stop in stops):
        return abs(held)
    return sum(stop.lots - stop.child_filled_lots for stop in stops)
