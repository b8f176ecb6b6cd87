"""Runs schedules and adds up what was found."""

import contextlib
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from hashlib import sha256

from tests.simulation.pair_world import PairWorld, has_two, pair_schedule
from tests.simulation.promises.base import Broken
from tests.simulation.promises.ledger import compare_trades
from tests.simulation.promises.replayed import compare_replay
from tests.simulation.schedule import Crash, Schedule, schedule_of
from tests.simulation.sim_world import KEY, SYMBOL, SimWorld
from tests.simulation.virtual_loop import Killed, run_virtual

_LAST_RESORT = Crash(at_ms=0, steps=0, down_ms=400, keep_frac=0.5)
_MOST_LIVES = 12
_CAUGHT_UP_MS = 13_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """What one schedule showed.

    Attributes:
        seed: Its number.
        story: Its story.
        checked: Promises that were put to the test.
        broken: Those that were not kept.
        hits: How often each fault really happened.
        trace: Hash of requests, ledger and journal.
        requests: Requests that arrived.
        batches: Those that were about several orders at once.
        gaps_ms: Gaps of cover, available time.
        recovery_ms: Available time from each restart to a service that is ready and positions
            that are covered.
        lives: Lives of the process.
    """

    seed: int
    story: str
    checked: frozenset[str]
    broken: tuple[Broken, ...]
    hits: Mapping[str, int]
    trace: str
    requests: int
    batches: int
    gaps_ms: tuple[int, ...]
    recovery_ms: tuple[int, ...]
    lives: int


def run_seed(seed: int) -> Result:
    """Runs the schedule of a number."""
    if has_two(seed):
        return run_schedule(pair_schedule(seed), PairWorld)
    return run_schedule(schedule_of(seed))


def run_schedule(
    schedule: Schedule, make_world: Callable[[Schedule], SimWorld] = SimWorld
) -> Result:
    """Runs one schedule: chaos, then healing, judged all the way."""
    world = make_world(schedule)
    while not world.is_over and world.lives < _MOST_LIVES:
        _live_once(world)
    _judge_the_end(world)
    return _result(world)


def _live_once(world: SimWorld) -> None:
    seed = world.schedule.seed * 16 + world.lives
    try:
        kill_at = world.kills.get(world.lives + 1)
        run_virtual(world.live, seed=seed, kill_at=kill_at, make_loop=world.make_loop)
    except Killed:
        due = world.next_crash
        is_planned = due is not None and world.lives not in world.kills
        world.down(due if due is not None and is_planned else _LAST_RESORT)
    except Exception as error:  # noqa: BLE001 - whatever ends the service is a finding
        text = f"the service ended: {_causes(error)}"
        world.checker.sight.findings.check("P9", False, world.exchange.now_ms, text)
        world.down(_LAST_RESORT)


def _causes(error: BaseException) -> str:
    if isinstance(error, BaseExceptionGroup):
        return "; ".join(_causes(one) for one in error.exceptions)
    return f"{type(error).__name__}: {error}"


def _judge_the_end(world: SimWorld) -> None:
    now_ms = world.exchange.now_ms
    world.checker.ended(now_ms)
    sight, findings = world.checker.sight, world.checker.sight.findings
    fills = world.exchange.desk.venue.fills(0, SYMBOL, from_trade_id=1, limit=1_000_000)
    quiet_ms = sight.now_ms - world.checker.traded_at_ms
    compare_trades(sight, fills, at_rest=quiet_ms >= _CAUGHT_UP_MS)
    compare_replay(world.disk.durable, world.config, findings, now_ms)
    bytes_ = world.disk.visible
    clean = KEY.key.encode() not in bytes_ and (KEY.secret or "").encode() not in bytes_
    findings.check("P20", clean, now_ms, "a key is in the journal")
    if world.lives > 1 and findings.checked & {"P1a", "P1c"}:
        findings.checked.add("P6")
    if any(act.deed == "jump" for act in world.schedule.acts):
        findings.check("P8", not findings.broken, now_ms, "a promise broke while the clock jumped")


def _result(world: SimWorld) -> Result:
    trace = sha256(
        "\n".join(world.checker.log).encode()
        + world.exchange.desk.venue.ledger_hash().encode()
        + world.disk.visible
    )
    findings = world.checker.sight.findings
    with contextlib.suppress(KeyError):
        findings.checked.remove("")
    return Result(
        seed=world.schedule.seed,
        story=world.schedule.story,
        checked=frozenset(findings.checked),
        broken=tuple(findings.broken),
        hits=sum(map(Counter, (world.faults.hits, world.disk.hits, world.hits)), Counter()),
        trace=trace.hexdigest()[:16],
        requests=world.checker.requests,
        batches=world.checker.batches,
        gaps_ms=tuple(world.checker.soon.gaps_ms),
        recovery_ms=tuple(world.checker.recovery.took_ms),
        lives=world.lives,
    )
