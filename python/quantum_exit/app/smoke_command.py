"""The command `smoke`: seed 000's smoke test, from a signal to orders on the simulated exchange."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Any, NamedTuple

import click

from quantum_exit.app.output import print_json
from quantum_exit.domain.instruments import built_in_instrument
from quantum_exit.domain.market import MarketContext
from quantum_exit.domain.position import Position, Side
from quantum_exit.domain.risk import RiskContext
from quantum_exit.planning.api import plan_exit
from quantum_exit.planning.context import Advice
from quantum_exit.planning.dynamic_tpsl import DynamicTPSLCalculator, DynamicTPSLOutput
from quantum_exit.planning.hybrid import HybridLevels, HybridParams, calculate_hybrid_levels
from quantum_exit.planning.planned import PlannedExit, Planner

_SYMBOL = "BTCUSDT"
_ENTRY = Decimal(100_000)
_QUANTITY = Decimal("0.010")
_VOLATILITY = 0.02
_VALUE_SCALE = 10.0
_ZONE_SCALE = 20.0
_BASE_TP = 0.06
_MIN_TP = 0.05
_MIN_RR = 1.5
_CONFIDENT = 0.8


class Check(NamedTuple):
    """One check.

    Attributes:
        name: What is checked.
        passed: Whether it holds.
        found: The figures.
    """

    name: str
    passed: bool
    found: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Signal:
    """What a policy says, from its value estimate, as seed 000 derives it.

    Attributes:
        confidence: `min(1, |value| / 10)`.
        tp_zone_multiplier: `1 + value / 20`, 0.5 to 1.5.
        suggested_tp_pct: 0.06 of the entry price times the multiplier.
    """

    confidence: float
    tp_zone_multiplier: float
    suggested_tp_pct: float


def signal_of(value: float) -> Signal:
    """The signal of a value estimate."""
    multiplier = max(0.5, min(1.5, 1.0 + value / _ZONE_SCALE))
    return Signal(
        confidence=min(1.0, abs(value) / _VALUE_SCALE),
        tp_zone_multiplier=multiplier,
        suggested_tp_pct=_BASE_TP * multiplier,
    )


@click.command()
@click.option(
    "--value",
    type=click.FloatRange(-10, 10),
    default=8.5,
    show_default=True,
    help="Value estimate of the policy; no trained policy is needed.",
)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
@click.pass_context
def smoke(context: click.Context, /, **given: Any) -> None:
    """Try the whole way once: signal, dynamic TP/SL, hybrid levels, plan, orders, close.

    Orders go to a simulated exchange in this process; nothing is read and nothing stays. Exit code
    1 where a check fails.
    """
    from quantum_exit.app.smoke_orders import orders_checked  # noqa: PLC0415 - live only

    signal = signal_of(given["value"])
    risk = RiskContext(as_of_ns=0, ess_factor=1.0, systemic_risk_level=0.0, correlation_risk=0.0)
    market = MarketContext(volatility=_VOLATILITY)
    dynamic = DynamicTPSLCalculator().calculate(
        signal.confidence,
        "BUY",
        market,
        risk_v3_context=risk,
        rl_tp_suggestion=signal.suggested_tp_pct,
    )
    params = HybridParams()
    hybrid = calculate_hybrid_levels(
        _ENTRY,
        Side.LONG,
        params.risk_sl_percent,
        params.base_tp_percent,
        dynamic.tp_percent,
        dynamic.trail_percent,
        signal.confidence,
        params,
    )
    position = Position(
        instrument=built_in_instrument(_SYMBOL),
        side=Side.LONG,
        entry_price=_ENTRY,
        quantity=_QUANTITY,
    )
    advice = Advice(
        signal_confidence=signal.confidence,
        rl_tp_hint=dynamic.tp_percent,
        trail_hint=dynamic.trail_percent,
        rl_confidence=signal.confidence,
    )
    planned = plan_exit(position, market, risk=risk, advice=advice, planner=Planner.HYBRID)
    checks = [*_level_checks(signal, hybrid), *orders_checked(position, planned, advice)]
    passed = all(check.passed for check in checks)
    if given["as_json"]:
        rows = [check._asdict() for check in checks]
        print_json({"command": "smoke", "passed": passed, "checks": rows})
    else:
        _print(signal, dynamic, hybrid, planned, checks)
        click.echo("passed" if passed else "FAILED")
    context.exit(0 if passed else 1)


def _level_checks(signal: Signal, hybrid: HybridLevels) -> list[Check]:
    target, stop = hybrid.final_tp_percent, hybrid.final_sl_percent
    trail = hybrid.trail_callback_percent
    return [
        Check("the signal has a confidence", signal.confidence > 0, f"{signal.confidence:.2f}"),
        Check("target beyond stop", target > stop, f"{target:.2%} > {stop:.2%}"),
        Check("target of at least 5 %", target >= _MIN_TP, f"{target:.2%}"),
        Check("target of at least 1.5 stops", target >= _MIN_RR * stop, f"{target / stop:.2f}"),
        Check(
            "trailing where confident",
            trail > 0 if signal.confidence > _CONFIDENT else True,
            f"callback {trail:.2%}",
        ),
    ]


def _print(
    signal: Signal,
    dynamic: DynamicTPSLOutput,
    hybrid: HybridLevels,
    planned: PlannedExit,
    checks: list[Check],
) -> None:
    click.echo(
        f"signal   confidence {signal.confidence:.2f}, target zone x "
        f"{signal.tp_zone_multiplier:.3f}, suggested target {signal.suggested_tp_pct:.2%}"
    )
    click.echo(
        f"dynamic  target {dynamic.tp_percent:.2%}, stop {dynamic.sl_percent:.2%}, "
        f"callback {dynamic.trail_percent:.2%}"
    )
    click.echo(
        f"hybrid   target {hybrid.final_tp_percent:.2%}, stop {hybrid.final_sl_percent:.2%}, "
        f"callback {hybrid.trail_callback_percent:.2%}, mode {hybrid.mode}"
    )
    levels = ", ".join(f"{price:.10g}" for _, price, _, _ in planned.plan.levels)
    click.echo(f"plan     stop {planned.plan.stop_price:.10g}, targets {levels}")
    for check in checks:
        click.echo(f"{'ok  ' if check.passed else 'FAIL'}     {check.name}: {check.found}")
