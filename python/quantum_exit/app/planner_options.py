"""Options that say how exits are planned."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeAlias

import click

from quantum_exit.adapters.definitions import load_book
from quantum_exit.domain.market import MarketContext
from quantum_exit.domain.position import Position
from quantum_exit.domain.risk import RiskContext, RiskMode
from quantum_exit.planning.api import plan_exit
from quantum_exit.planning.book import ProfileBook
from quantum_exit.planning.config import PlanningConfig
from quantum_exit.planning.context import Advice
from quantum_exit.planning.planned import PlannedExit, Planner

Command: TypeAlias = Callable[..., Any]

_OPTIONS = (
    click.option("--leverage", type=float, default=1.0, show_default=True, help="At least 1."),
    click.option(
        "--strategy",
        "strategy_id",
        default="DEFAULT",
        show_default=True,
        help="Who entered, a key of the profile book.",
    ),
    click.option("--book", "book_path", metavar="FILE", help="Profile book, a TOML file."),
    click.option(
        "--risk-mode",
        type=click.Choice([mode.value for mode in RiskMode]),
        default=RiskMode.NORMAL.value,
        show_default=True,
    ),
    click.option(
        "--risk",
        type=click.Choice(["unknown", "calm"]),
        default="unknown",
        show_default=True,
        help="Risk of the account. Unknown counts as conservative in dynamic plans.",
    ),
    click.option("--signal-confidence", type=float, help="Confidence of the entry signal, 0..1."),
    click.option("--rl-tp-hint", type=float, help="Target of the policy, a fraction of the entry."),
    click.option("--rl-sl-hint", type=float, help="Stop of the policy, a fraction of the entry."),
    click.option("--rl-confidence", type=float, help="Confidence of the policy, 0..1."),
    click.option("--tp-zone", type=float, help="Factor of the policy's target zone, 0.5..1.5."),
    click.option("--trail-hint", type=float, help="Trailing callback, a fraction of the price."),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Planning:
    """How exits are planned.

    Attributes:
        planner: Who plans.
        book: The profiles.
        advice: What models suggest.
        risk_mode: How careful the account is.
        calm: Plan as if the account's risk were known, and none; else it is unknown.
        leverage: Notional over margin of every position.
        strategy_id: Who enters.
        config: Switches and numbers.
    """

    planner: Planner
    book: ProfileBook
    advice: Advice
    risk_mode: RiskMode
    calm: bool
    leverage: float
    strategy_id: str
    config: PlanningConfig

    def plan(self, position: Position, market: MarketContext, as_of_ns: int | None) -> PlannedExit:
        """The exit of one position.

        Raises:
            PlanRefusedError: No stop can protect it.
            InvalidInputError: Names what is out of range, or what the planner lacks.
        """
        return plan_exit(
            position,
            market,
            book=self.book,
            risk=_calm(as_of_ns) if self.calm else None,
            advice=self.advice,
            risk_mode=self.risk_mode,
            config=self.config,
            planner=self.planner,
            as_of_ns=as_of_ns,
        )


def planning(command: Command) -> Command:
    """The options that `planning_of` reads, besides `--planner`."""
    for option in reversed(_OPTIONS):
        command = option(command)
    return command


def planning_of(given: dict[str, Any], planner: str | None, config: PlanningConfig) -> Planning:
    """How exits are planned, from the command line's values.

    Args:
        given: The values by name.
        planner: Name of the planner; None = the one that the switches of `config` choose.
        config: Switches and numbers.

    Raises:
        InvalidInputError: A value is out of range.
        InputFileError: The book was refused.
    """
    return Planning(
        planner=config.planner if planner is None else Planner(planner),
        book=ProfileBook.default() if given["book_path"] is None else load_book(given["book_path"]),
        advice=Advice(
            signal_confidence=given["signal_confidence"],
            rl_tp_hint=given["rl_tp_hint"],
            rl_sl_hint=given["rl_sl_hint"],
            rl_confidence=given["rl_confidence"],
            tp_zone_multiplier=given["tp_zone"],
            trail_hint=given["trail_hint"],
        ),
        risk_mode=RiskMode(given["risk_mode"]),
        calm=given["risk"] == "calm",
        leverage=given["leverage"],
        strategy_id=given["strategy_id"],
        config=config,
    )


def _calm(as_of_ns: int | None) -> RiskContext:
    return RiskContext(
        as_of_ns=as_of_ns or 0, ess_factor=1.0, systemic_risk_level=0.0, correlation_risk=0.0
    )
