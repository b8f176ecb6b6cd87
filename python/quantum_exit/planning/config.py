"""What planning can be told: which planner, and the numbers of each."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from quantum_exit.errors import InvalidInputError
from quantum_exit.planning.dynamic_tpsl import DynamicTPSLParams
from quantum_exit.planning.exit_brain_config import ExitBrainConfig
from quantum_exit.planning.exit_policy import ExitPolicyParams
from quantum_exit.planning.hybrid import HybridParams
from quantum_exit.planning.planned import Planner

_TRUE = ("1", "true", "yes", "on")
_FALSE = ("0", "false", "no", "off")
_SWITCHES = (
    ("QUANTUM_EXIT_EXIT_BRAIN__ENABLED", "EXIT_BRAIN_V3_ENABLED"),
    ("QUANTUM_EXIT_EXIT_BRAIN__USE_PROFILES",),
    ("QUANTUM_EXIT_DYNAMIC_TPSL__ENABLED", "QT_AI_DYNAMIC_TPSL_ENABLED"),
    ("QUANTUM_EXIT_DYNAMIC_TPSL__OVERRIDE_LEGACY", "QT_AI_DYNAMIC_TPSL_OVERRIDE"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class DynamicTPSLConfig:
    """Whether the dynamic calculator plans (seed 000).

    Attributes:
        enabled: Off = it never plans.
        override_legacy: It plans in place of the exit policy engine where the exit brain is off.
        params: The numbers.
    """

    enabled: bool = True
    override_legacy: bool = True
    params: DynamicTPSLParams = field(default_factory=DynamicTPSLParams)


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanningConfig:
    """The configuration of planning.

    The risk floor of the exit brain (`exit_brain.stop_limits`) binds every planner.

    Attributes:
        exit_brain: The exit brain's switches and numbers.
        dynamic_tpsl: The dynamic calculator's.
        hybrid: The hybrid levels'; they plan where they are asked for by name.
        exit_policy: The exit policy engine's; it plans where the others are off.
    """

    exit_brain: ExitBrainConfig = field(default_factory=ExitBrainConfig)
    dynamic_tpsl: DynamicTPSLConfig = field(default_factory=DynamicTPSLConfig)
    hybrid: HybridParams = field(default_factory=HybridParams)
    exit_policy: ExitPolicyParams = field(default_factory=ExitPolicyParams)

    @property
    def planner(self) -> Planner:
        """The planner that the switches choose."""
        if self.exit_brain.enabled:
            return Planner.EXIT_BRAIN if self.exit_brain.use_profiles else Planner.LEGACY
        if self.dynamic_tpsl.enabled and self.dynamic_tpsl.override_legacy:
            return Planner.DYNAMIC
        return Planner.POLICY


def config_from_env(env: Mapping[str, str], base: PlanningConfig | None = None) -> PlanningConfig:
    """`base` with the switches that `env` sets.

    `QUANTUM_EXIT_EXIT_BRAIN__ENABLED` (alias `EXIT_BRAIN_V3_ENABLED`),
    `QUANTUM_EXIT_EXIT_BRAIN__USE_PROFILES`, `QUANTUM_EXIT_DYNAMIC_TPSL__ENABLED` (alias
    `QT_AI_DYNAMIC_TPSL_ENABLED`), `QUANTUM_EXIT_DYNAMIC_TPSL__OVERRIDE_LEGACY` (alias
    `QT_AI_DYNAMIC_TPSL_OVERRIDE`). Everything else in `env` is not read.

    Args:
        env: Names and values, such as those of the process.
        base: What holds where `env` says nothing.

    Raises:
        InvalidInputError: A value is neither true nor false, or a name and its alias differ.
    """
    config = PlanningConfig() if base is None else base
    enabled, use_profiles, dynamic, override = (_switch(env, names) for names in _SWITCHES)
    brain, tpsl = config.exit_brain, config.dynamic_tpsl
    return replace(
        config,
        exit_brain=replace(
            brain,
            enabled=brain.enabled if enabled is None else enabled,
            use_profiles=brain.use_profiles if use_profiles is None else use_profiles,
        ),
        dynamic_tpsl=replace(
            tpsl,
            enabled=tpsl.enabled if dynamic is None else dynamic,
            override_legacy=tpsl.override_legacy if override is None else override,
        ),
    )


def _switch(env: Mapping[str, str], names: tuple[str, ...]) -> bool | None:
    """What the names in `env` say, or None where none of them is set."""
    said = {name: _flag(name, env[name]) for name in names if name in env}
    if len(set(said.values())) > 1:
        text = ", ".join(f"{name}={env[name]}" for name in said)
        raise InvalidInputError(names[0], text, "expected one of the two, or both alike")
    return next(iter(said.values()), None)


def _flag(name: str, text: str) -> bool:
    value = text.strip().lower()
    if value in _TRUE:
        return True
    if value in _FALSE:
        return False
    raise InvalidInputError(name, repr(text), f"expected one of {', '.join((*_TRUE, *_FALSE))}")
