"""Prometheus metrics of a running service, read when they are asked for."""

from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from quantum_exit.errors import MissingExtraError
from quantum_exit.execution.service import ServiceStatus

if TYPE_CHECKING:
    from prometheus_client import CollectorRegistry
    from prometheus_client.metrics_core import Metric

_PREFIX = "quantum_exit_"


class ServiceCollector:
    """Gives the metrics of one moment.

    Args:
        status: Tells the status now; called on the thread that serves the metrics.
        events: Counts of events by name, kept by whoever listens.
    """

    def __init__(self, status: Callable[[], ServiceStatus], events: Counter[str]) -> None:
        self._status = status
        self._events = events

    def collect(self) -> "Iterator[Metric]":
        """The metrics."""
        from prometheus_client.core import (  # noqa: PLC0415 - optional dependency
            CounterMetricFamily,
            GaugeMetricFamily,
            SummaryMetricFamily,
        )

        status = self._status()
        guardian = status.guardian
        for name, value, text in (
            ("naked_seconds", status.naked_ms / 1000, "Time without protection, all positions."),
            ("protection_gaps", status.gaps, "Gaps in the protection that have ended."),
            ("inputs", status.steps, "Inputs reduced."),
            ("prices", status.prices, "Prices seen."),
        ):
            yield CounterMetricFamily(_PREFIX + name, text, value=value)
        unprotected = sum(1 for one in guardian.positions if not one.protected)
        for name, value, text in (
            ("protection_gap_max_ms", status.longest_gap_ms, "Longest time without protection."),
            ("positions", len(guardian.positions), "Guarded positions."),
            ("unprotected", unprotected + len(guardian.unguarded), "Positions without protection."),
            ("unknown_orders", len(guardian.unknown), "Orders whose outcome is being proven."),
            ("inbox", status.waiting, "Inputs that wait."),
            ("journal_up", int(status.journal_works), "Whether the last append was stored."),
            ("lease_left_ms", status.lease_left_ms, "How long requests may still leave."),
            ("stale_symbols", len(status.stale), "Watched symbols whose price is too old."),
        ):
            yield GaugeMetricFamily(_PREFIX + name, text, value=value)
        left = GaugeMetricFamily(
            f"{_PREFIX}budget_left", "Units left of a rate limit.", labels=["limit"]
        )
        for limit, units in status.budget_left.items():
            left.add_metric([limit], units)
        yield left
        took = SummaryMetricFamily(
            f"{_PREFIX}request_ms",
            "Time from decision to outcome; WORKING is the replacement of a stop.",
            labels=["priority"],
        )
        longest = GaugeMetricFamily(
            f"{_PREFIX}request_max_ms", "Longest such time.", labels=["priority"]
        )
        for priority, latency in status.latencies.items():
            took.add_metric([priority], count_value=latency.count, sum_value=latency.sum_ms)
            longest.add_metric([priority], latency.max_ms)
        yield took
        yield longest
        events = CounterMetricFamily(f"{_PREFIX}events", "Events.", labels=["event"])
        for event, count in sorted(self._events.items()):
            events.add_metric([event], count)
        yield events


def registry_of(status: Callable[[], ServiceStatus], events: Counter[str]) -> "CollectorRegistry":
    """A registry with nothing but the metrics of one service.

    Raises:
        MissingExtraError: prometheus-client is not installed.
    """
    try:
        from prometheus_client import CollectorRegistry  # noqa: PLC0415 - optional dependency
    except ImportError as error:
        raise MissingExtraError("live", error.name or "prometheus_client") from error
    registry = CollectorRegistry(auto_describe=False)
    registry.register(ServiceCollector(status, events))
    return registry


@contextmanager
def serving_metrics(
    status: Callable[[], ServiceStatus], events: Counter[str], port: int | None
) -> Iterator[int | None]:
    """Serves the metrics on 127.0.0.1 inside the context; gives the port, None where it is off.

    Raises:
        MissingExtraError: prometheus-client is not installed.
        OSError: The port is taken.
    """
    if port is None:
        yield None
        return
    registry = registry_of(status, events)
    from prometheus_client import start_http_server  # noqa: PLC0415 - checked by `registry_of`

    server, thread = start_http_server(port, addr="127.0.0.1", registry=registry)
    try:
        yield server.server_port
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
