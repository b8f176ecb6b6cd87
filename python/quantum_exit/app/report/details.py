"""Price, stops and fills around single trades, from a second reading of the input."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from quantum_exit._core import EVENT_KINDS, REASONS, ExitPlan, Instrument
from quantum_exit.app.report.choose import Chosen
from quantum_exit.app.report.price import PriceLine
from quantum_exit.app.series import Series
from quantum_exit.execution.entries import Entry
from quantum_exit.execution.replay import ReplaySettings
from quantum_exit.execution.result import ReplayResult
from quantum_exit.execution.summary import NEVER_NS

Part = TypeVar("Part")

_SIDES = ("LONG", "SHORT")
_PADDING = 0.15
_MIN_PADDING_NS = 10_000_000_000
_BUCKETS = 400
_MOST_STOPS = 800
_NS_A_MS = 1_000_000
_FILLS = ("LEG_FILLED", "STOPPED", "TRAILED", "TIMED_OUT")


@dataclass(slots=True)
class _Window:
    """The ticks around one trade."""

    from_ns: int
    to_ns: int
    line: PriceLine

    def note(self, ts_ns: NDArray[np.int64], price: NDArray[np.float64]) -> None:
        if ts_ns[0] > self.to_ns or ts_ns[-1] < self.from_ns:
            return
        inside = (ts_ns >= self.from_ns) & (ts_ns <= self.to_ns)
        self.line.note(ts_ns[inside], price[inside])


def details(
    series: Series[Part],
    result: ReplayResult,
    chosen: Iterable[Chosen],
    entries: list[Entry],
    *,
    instrument: Instrument,
    settings: ReplaySettings,
) -> list[dict[str, Any]]:
    """What a chart of each chosen trade needs, as plain values; times in ms since the UNIX epoch.

    Args:
        series: The input, read once more as far as the last of these trades.
        result: The replay that the trades come from.
        chosen: The trades.
        entries: All positions, by id.
        instrument: Grid and minimums.
        settings: Those of the replay.
    """
    rows = {int(row["position_id"]): row for row in result.trades}
    labels = {one.position_id: one.label for one in chosen}
    if not labels:
        return []
    windows = {position_id: _window(rows[position_id]) for position_id in labels}
    again = [replace(entries[position_id], position_id=position_id) for position_id in labels]
    second = series.replay(
        _until(series, windows),
        again,
        instrument=instrument,
        settings=replace(settings, record_stop_path=True),
    )
    return [
        {
            "id": position_id,
            "label": label,
            **_drawn(
                rows[position_id], entries[position_id], windows[position_id], second, instrument
            ),
        }
        for position_id, label in labels.items()
    ]


def ms(ts_ns: NDArray[np.int64] | int) -> Any:
    """A time in ms since the UNIX epoch, as plotly takes it."""
    if isinstance(ts_ns, int):
        return ts_ns / _NS_A_MS
    return (ts_ns / _NS_A_MS).round(3).tolist()


def _window(row: np.void) -> _Window:
    opened = int(row["opened_ns"])
    closed = int(row["closed_ns"])
    if closed == NEVER_NS:
        return _Window(opened, np.iinfo(np.int64).max, PriceLine(_BUCKETS))
    padding = max(int((closed - opened) * _PADDING), _MIN_PADDING_NS)
    return _Window(opened - padding, closed + padding, PriceLine(_BUCKETS))


def _until(series: Series[Part], windows: Mapping[int, _Window]) -> Iterator[Part]:
    last_ns = max(window.to_ns for window in windows.values())
    for part in series.open():
        ts_ns, price = series.prices(part)
        if ts_ns[0] > last_ns:
            return
        for window in windows.values():
            window.note(ts_ns, price)
        yield part


def _drawn(
    row: np.void, entry: Entry, window: _Window, second: ReplayResult, instrument: Instrument
) -> dict[str, Any]:
    position_id = row["position_id"]
    events = second.events[second.events["position_id"] == position_id]
    stops = second.stop_path[second.stop_path["position_id"] == position_id]
    times, prices = window.line.points()
    end_ns = int(times[-1]) if row["closed_ns"] == NEVER_NS else int(row["closed_ns"])
    plan = _plan(row, entry, instrument)
    return {
        "side": _SIDES[row["side"]],
        "opened": ms(int(row["opened_ns"])),
        "end": ms(end_ns),
        "entry": float(row["entry_price"]),
        "price": {"t": ms(times), "v": prices.tolist()},
        "stop": _steps(stops["ts_ns"], stops["stop"], end_ns),
        "trail": _steps(stops["ts_ns"], stops["trail_stop"], end_ns),
        "levels": [
            {"leg": leg, "price": price, "qty": qty, "kind": kind}
            for leg, price, qty, kind in plan.levels
        ],
        "fills": [
            {
                "t": ms(int(event["ts_ns"])),
                "kind": EVENT_KINDS[event["kind"]],
                "leg": int(event["leg"]),
                "price": float(event["price"]),
                "qty": float(event["qty"]),
                "reason": REASONS[event["reason"]],
            }
            for event in events
            if EVENT_KINDS[event["kind"]] in _FILLS
        ],
    }


def _plan(row: np.void, entry: Entry, instrument: Instrument) -> ExitPlan:
    if isinstance(entry.plan, ExitPlan):
        return entry.plan
    return entry.plan.rules.plan(
        instrument,
        side=entry.plan.side,
        entry_price=float(row["entry_price"]),
        quantity=entry.plan.quantity,
        stop_price=float(row["stop_price"]),
    )


def _steps(ts_ns: NDArray[np.int64], stop: NDArray[np.float64], end_ns: int) -> dict[str, Any]:
    """The stop where it changes, at most `_MOST_STOPS` times, and held until the end."""
    known = ~np.isnan(stop)
    ts_ns, stop = ts_ns[known], stop[known]
    if stop.size == 0:
        return {"t": [], "v": []}
    changed = np.flatnonzero(np.diff(stop, prepend=np.nan) != 0)
    if changed.size > _MOST_STOPS:
        kept = np.linspace(0, changed.size - 1, _MOST_STOPS).round().astype(np.int64)
        changed = changed[kept]
    return {
        "t": [*ms(ts_ns[changed]), ms(end_ns)],
        "v": [*stop[changed].tolist(), float(stop[-1])],
    }
