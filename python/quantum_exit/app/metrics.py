"""Prometheus metrics of a running service, on loopback."""

from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

import anyio

from quantum_exit.app.tally import Tally
from quantum_exit.errors import InvalidInputError, MissingExtraError
from quantum_exit.execution.gateway import LATENCY_BOUNDS_MS
from quantum_exit.execution.service import ServiceStatus

if TYPE_CHECKING:
    from prometheus_client import CollectorRegistry
    from prometheus_client.metrics_core import Metric

_PREFIX = "quantum_exit_"
_EVERY_S = 0.25
_NS_PER_S = 1_000_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """The figures of one moment, for whichever thread asks.

    Attributes:
        status: The service.
        events: Events by kind.
        exits: Positions that are gone, by what closed them.
        fills: Trades of the account.
        loop_lag_s: How late the event loop was at last, s.
    """

    status: ServiceStatus
    events: Counter[str]
    exits: Counter[str]
    fills: int
    loop_lag_s: float


class Board:
    """The latest figures: read on the event loop, shown on the thread that serves them.

    Args:
        status: Tells the service as of now.
        tally: Counts its events.
        now_ns: Monotonic time, ns.
    """

    def __init__(
        self, status: Callable[[], ServiceStatus], tally: Tally, now_ns: Callable[[], int]
    ) -> None:
        self._status = status
        self._tally = tally
        self._now_ns = now_ns
        self.reading = self._read(0.0)

    async def keep(self) -> None:
        """Keeps the figures fresh until it is cancelled."""
        while True:
            before_ns = self._now_ns()
            await anyio.sleep(_EVERY_S)
            lag_s = (self._now_ns() - before_ns) / _NS_PER_S - _EVERY_S
            self.reading = self._read(max(lag_s, 0.0))

    def _read(self, lag_s: float) -> Reading:
        return Reading(
            status=self._status(),
            events=Counter(self._tally.events),
            exits=Counter(self._tally.exits),
            fills=self._tally.fills,
            loop_lag_s=lag_s,
        )


class ServiceCollector:
    """Gives the metrics of one moment.

    Args:
        board: Holds the figures.
    """

    def __init__(self, board: Board) -> None:
        self._board = board

    def collect(self) -> "Iterator[Metric]":
        """The metrics."""
        reading = self._board.reading
        yield from _counters(reading)
        yield from _gauges(reading)
        yield from _labelled(reading)
        yield _latencies(reading.status)


def _counters(reading: Reading) -> "Iterator[Metric]":
    from prometheus_client.core import CounterMetricFamily  # noqa: PLC0415 - optional dependency

    status = reading.status
    for name, value, text in (
        ("naked_seconds", status.naked_ms / 1000, "Time without protection, all positions."),
        ("protection_gaps", status.gaps, "Gaps in the protection that have ended."),
        ("fills", reading.fills, "Trades of the account."),
        ("stream_gaps", reading.events["trouble_stream_gap"], "Connections of streams made anew."),
        ("inputs", status.steps, "Inputs reduced."),
        ("prices", status.prices, "Prices seen."),
    ):
        yield CounterMetricFamily(_PREFIX + name, text, value=value)


def _gauges(reading: Reading) -> "Iterator[Metric]":
    from prometheus_client.core import GaugeMetricFamily  # noqa: PLC0415 - optional dependency

    status, guardian = reading.status, reading.status.guardian
    unprotected = sum(1 for one in guardian.positions if not one.protected)
    for name, value, text in (
        ("protection_gap_max_ms", status.longest_gap_ms, "Longest time without protection."),
        ("positions", len(guardian.positions), "Guarded positions."),
        ("unprotected", unprotected + len(guardian.unguarded), "Positions without protection."),
        ("dust_positions", len(guardian.dust), "Positions of which less than a lot is left."),
        ("unknown_orders", len(guardian.unknown), "Orders whose outcome is being proven."),
        ("inbox", status.waiting, "Inputs that wait."),
        ("venue_accepts", _accepts(status), "1 = it takes orders, 0 = it does not, NaN = unknown."),
        ("journal_up", int(status.journal_works), "Whether the last append was stored."),
        ("lease_left_ms", status.lease_left_ms, "How long requests may still leave."),
        ("stale_symbols", len(status.stale), "Watched symbols whose price is too old."),
        ("loop_lag_seconds", reading.loop_lag_s, "How late the event loop was at last."),
    ):
        yield GaugeMetricFamily(_PREFIX + name, text, value=value)


def _accepts(status: ServiceStatus) -> float:
    return float("nan") if status.venue_accepts is None else float(status.venue_accepts)


def _labelled(reading: Reading) -> "Iterator[Metric]":
    from prometheus_client.core import (  # noqa: PLC0415 - optional dependency
        CounterMetricFamily,
        GaugeMetricFamily,
    )

    left = GaugeMetricFamily(
        f"{_PREFIX}budget_left", "Units left of a rate limit.", labels=["limit"]
    )
    for limit, units in reading.status.budget_left.items():
        left.add_metric([limit], units)
    yield left
    for name, label, counts, text in (
        ("events", "event", reading.events, "Events."),
        ("exits", "reason", reading.exits, "Positions that are gone."),
        ("refused", "source", reading.status.refused, "Messages that made no sense."),
    ):
        family = CounterMetricFamily(_PREFIX + name, text, labels=[label])
        for value, count in sorted(counts.items()):
            family.add_metric([value], count)
        yield family


def _latencies(status: ServiceStatus) -> "Metric":
    from prometheus_client.core import HistogramMetricFamily  # noqa: PLC0415 - optional dependency

    took = HistogramMetricFamily(
        f"{_PREFIX}request_seconds",
        "Time from decision to outcome; WORKING is the replacement of a stop.",
        labels=["priority"],
    )
    for priority, latency in status.latencies.items():
        total = 0
        buckets = []
        for bound_ms, count in zip(LATENCY_BOUNDS_MS, latency.buckets, strict=True):
            total += count
            buckets.append((str(bound_ms / 1000), float(total)))
        buckets.append(("+Inf", float(latency.count)))
        took.add_metric([priority], buckets=buckets, sum_value=latency.sum_ms / 1000)
    return took


def registry_of(board: Board) -> "CollectorRegistry":
    """A registry with nothing but the metrics of one service.

    Raises:
        MissingExtraError: prometheus-client is not installed.
    """
    try:
        from prometheus_client import CollectorRegistry  # noqa: PLC0415 - optional dependency
    except ImportError as error:
        raise MissingExtraError("live", error.name or "prometheus_client") from error
    registry = CollectorRegistry(auto_describe=False)
    registry.register(ServiceCollector(board))
    return registry


@contextmanager
def serving_metrics(board: Board, port: int | None) -> Iterator[int | None]:
    """Serves the metrics on 127.0.0.1 inside the context; gives the port, None where it is off.

    Raises:
        MissingExtraError: prometheus-client is not installed.
        InvalidInputError: The port is taken.
    """
    if port is None:
        yield None
        return
    registry = registry_of(board)
    from prometheus_client import start_http_server  # noqa: PLC0415 - checked by `registry_of`

    try:
        server, thread = start_http_server(port, addr="127.0.0.1", registry=registry)
    except OSError as error:
        raise InvalidInputError("metrics.port", port, f"cannot listen: {error.strerror}") from error
    try:
        yield server.server_port
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
