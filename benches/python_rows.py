"""The rows of the speed table that are measured from Python: S2 and S3 against numba, S8 and S9.

Each function checks the result before it times anything, and times both sides in turns, so that
whatever else the machine does meets both.
"""

from __future__ import annotations

import importlib.util
import math
import re
import shutil
import subprocess
import sysconfig
import tempfile
import time
from collections.abc import Callable, Iterable
from functools import partial
from pathlib import Path
from types import MappingProxyType
from typing import Any, TypedDict

from quantum_exit import _core

T0_NS = 1_700_000_000_000_000_000
# The sizes that the Rust side takes with --smoke.
SMOKE_TICKS = MappingProxyType({"DRAM": 200_000, "L2": 20_000})


class Row(TypedDict):
    """One line of the table, as the Rust side prints it."""

    row: str
    what: str
    value: float
    baseline: float | None
    unit: str
    ratio: float | None
    budget: str | None
    ok: bool | None
    note: str


def rows(rust: Iterable[Row], *, smoke: bool) -> list[Row]:
    """All rows measured from Python; `rust` are those of the Rust side of the same run."""
    return [*numba_rows(list(rust), smoke=smoke), call_row(smoke=smoke), message_row(smoke=smoke)]


def in_turns(rounds: int, *sides: Callable[[], Any]) -> list[float]:
    """The shortest time of each side in seconds, the sides taking turns."""
    best = [math.inf] * len(sides)
    for _ in range(rounds):
        for at, side in enumerate(sides):
            started = time.perf_counter()
            side()
            best[at] = min(best[at], time.perf_counter() - started)
    return best


def faster(
    row: str, what: str, *, value: float, baseline: float, unit: str, least: float, note: str
) -> Row:
    """A row whose ratio says how many times faster than the baseline."""
    ratio = baseline / value
    return Row(
        row=row,
        what=what,
        value=value,
        baseline=baseline,
        unit=unit,
        ratio=ratio,
        budget=f">= {least:g}",
        ok=ratio >= least,
        note=note,
    )


def numba_rows(rust: list[Row], *, smoke: bool) -> list[Row]:
    """Job J against the loop by hand in numba: in memory, in the cache, and a plan of a sweep."""
    from benches import numba_job  # noqa: PLC0415 - numba takes seconds to import

    found = []
    for place, full, rounds, least in (("DRAM", 10_000_000, 7, 5.0), ("L2", 100_000, 50, 15.0)):
        ticks = SMOKE_TICKS[place] if smoke else full
        prices = numba_job.walk(1, ticks)
        events, checksum, _ = numba_job.job(prices, 5_000, 4_000, 3_000, 2_000)
        ours = only(row for row in rust if row["row"] == "S1" and f"job J, {place}" in row["what"])
        said = f"{events} events, checksum {int(checksum):016x}"
        if said not in ours["note"]:
            raise AssertionError(f"numba found {said}; the replay says {ours['note']}")
        by_hand = partial(numba_job.job, prices, 5_000, 4_000, 3_000, 2_000)
        [seconds] = in_turns(1 if smoke else rounds, by_hand)
        found.append(
            faster(
                "S2",
                f"job J, {place}, against numba",
                value=ours["value"],
                baseline=seconds / ticks * 1e9,
                unit="ns/tick",
                least=least,
                note=said,
            )
        )
        if place == "DRAM":
            found.extend(sweep_rows(rust, ns_per_tick=seconds / ticks * 1e9, ticks=ticks))
    return found


def sweep_rows(rust: list[Row], *, ns_per_tick: float, ticks: int) -> list[Row]:
    """S3: a plan of a sweep against the time that the loop in numba takes for as many ticks."""
    variant = only(row for row in rust if row["row"] == "S3" and row["unit"] == "us/plan")
    lasting = only(row for row in rust if row["row"] == "S3" and row["unit"] == "us/trade")
    guarded = re.search(r"([0-9.]+) M ticks guarded", lasting["note"])
    if guarded is None:
        raise AssertionError(f"how many ticks were guarded? {lasting['note']}")
    return [
        faster(
            "S3",
            what,
            value=row["value"],
            baseline=ns_per_tick * passed / 1e3,
            unit=row["unit"],
            least=150.0,
            note=row["note"],
        )
        for row, what, passed in (
            (lasting, "sweep() of plans that last, against numba", float(guarded[1]) * 1e6),
            (variant, "job J again and again along the index, against numba", ticks),
        )
    ]


def only(rows: Iterable[Row]) -> Row:
    """The one row that matches."""
    [row] = rows
    return row


def quiet_engine() -> _core.Engine:
    """An engine with one position far from every level."""
    instrument = _core.Instrument("BTCUSDT", "0.1", "0.001")
    plan = _core.ExitPlan(
        instrument,
        side="LONG",
        entry_price="43251.1",
        quantity=1,
        stop_price=42000,
        legs=[_core.Leg(1, 0.5)],
    )
    engine = _core.Engine()
    engine.open(engine.add_symbol(instrument), plan, T0_NS)
    if engine.on_tick(0, 432_511, T0_NS) is None or engine.on_tick(0, 432_512, T0_NS) is not None:
        raise AssertionError("the first tick opens the position, the second concerns nobody")
    return engine


def per_call(function: Callable[[int, int, int], object], calls: int) -> Callable[[], None]:
    """A loop of calls with the arguments of a tick."""

    def loop() -> None:
        for _ in range(calls):
            function(0, 432_511, T0_NS)

    return loop


def call_row(*, smoke: bool) -> Row:
    """S8: one call of `engine.on_tick` against an empty C function with the same arguments."""
    on_tick = quiet_engine().on_tick
    baseline, name = fastcall()
    calls, rounds = (1_000, 2) if smoke else (20_000, 200)
    ours, theirs = in_turns(rounds, per_call(on_tick, calls), per_call(baseline, calls))
    return Row(
        row="S8",
        what=f"engine.on_tick, one call, against {name}",
        value=ours / calls * 1e9,
        baseline=theirs / calls * 1e9,
        unit="ns/call",
        ratio=ours / theirs,
        budget="<= 1.5",
        ok=ours / theirs <= 1.5,
        note="the loop around the calls is in both",
    )


def fastcall() -> tuple[Callable[[int, int, int], object], str]:
    """A C function with three integers, or `math.ldexp` where no compiler is at hand."""
    compiler = shutil.which("cc")
    if compiler is None:
        return (lambda _symbol, price, _ts: math.ldexp(price, 0)), "math.ldexp (no C compiler)"
    built = Path(tempfile.mkdtemp()) / "fastcall.so"
    source = Path(__file__).with_name("fastcall.c")
    include = sysconfig.get_path("include")
    subprocess.run(
        [compiler, "-O2", "-shared", "-fPIC", f"-I{include}", source, "-o", built], check=True
    )
    spec = importlib.util.spec_from_file_location("fastcall", built)
    if spec is None or spec.loader is None:
        raise AssertionError(f"{built} is no extension module")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.take_three, "a C METH_FASTCALL function"


MESSAGE = (
    b'{"e":"aggTrade","E":1700000000123,"s":"BTCUSDT","a":26129,"p":"43251.10","q":"0.150",'
    b'"f":100,"l":105,"T":1700000000120,"m":true}'
)


def message_row(*, smoke: bool) -> Row:
    """S9: a raw aggTrade, parsed and decided, against msgspec, a float and a call."""
    import msgspec  # noqa: PLC0415 - an optional dependency

    class AggTrade(msgspec.Struct, gc=False):
        s: str
        p: str
        T: int

    engine, other = quiet_engine(), quiet_engine()
    decode = msgspec.json.Decoder(AggTrade).decode
    symbols = {"BTCUSDT": 0}
    on_trade_json, on_price = engine.on_trade_json, other.on_price

    def by_hand(message: bytes) -> _core.Events | None:
        trade = decode(message)
        return on_price(symbols[trade.s], float(trade.p), trade.T * 1_000_000)

    if (on_trade_json(MESSAGE), by_hand(MESSAGE)) != (None, None):
        raise AssertionError("the message concerns nobody")
    far = MESSAGE.replace(b"43251.10", b"41000.00")
    ours_stopped, theirs_stopped = on_trade_json(far), by_hand(far)
    if ours_stopped is None or theirs_stopped is None:
        raise AssertionError("a price through the stop stops")
    if ours_stopped.to_numpy().tobytes() != theirs_stopped.to_numpy().tobytes():
        raise AssertionError("the two ways decide differently")
    calls, rounds = (1_000, 2) if smoke else (20_000, 60)

    def loop(function: Callable[[bytes], object]) -> Callable[[], None]:
        def run() -> None:
            for _ in range(calls):
                function(MESSAGE)

        return run

    ours, theirs = in_turns(rounds, loop(on_trade_json), loop(by_hand))
    return faster(
        "S9",
        "a raw aggTrade to a decision, against msgspec + float + call",
        value=ours / calls * 1e9,
        baseline=theirs / calls * 1e9,
        unit="ns/message",
        least=2.5,
        note=f"{len(MESSAGE)} bytes",
    )
