"""What breaks the best-known bots, each fault put where it hurts."""

from dataclasses import replace

import pytest

from quantum_exit.adapters.paper.faults.answers import always, coded
from quantum_exit.adapters.paper.faults.operator import ExpireOrder, SilenceStreams
from quantum_exit.adapters.paper.faults.spec import FaultSpec, Match, RequestRule, TimedAction
from quantum_exit.adapters.paper.faults.users import UserOrder
from quantum_exit.adapters.paper.hooks import RequestPlan
from quantum_exit.adapters.paper.rules import VenueRules
from quantum_exit.adapters.store.memory import DiskPlan
from quantum_exit.execution.guardian.exit_rules import ExitRules
from tests.simulation.planted import planted
from tests.simulation.runner import Result, run_schedule
from tests.simulation.schedule import Act, Deed, Schedule, Story
from tests.simulation.sim_world import START_MS, SYMBOL, SimWorld

HOUR_MS = 3_600_000
OUTAGE_MS = (10_000, 10_000 + 2 * HOUR_MS)
EVERYTHING = (
    *(("GET", path) for path in ("v1/time", "v1/exchangeInfo", "v3/positionRisk", "v1/userTrades")),
    *(("GET", path) for path in ("v1/openOrders", "v1/openAlgoOrders", "v1/positionSide/dual")),
    *((method, "v1/order") for method in ("GET", "POST", "DELETE")),
    *((method, "v1/algoOrder") for method in ("GET", "POST", "DELETE")),
    *((method, "v1/listenKey") for method in ("POST", "PUT")),
)


def calm(*, end_ms: int, close_ms: int) -> Schedule:
    """A long position that is closed by command, and nothing that breaks unless it is scripted."""
    acts = [
        Act(at_ms=300, deed=Deed.ENTER, amount=1_000),
        Act(at_ms=320, deed=Deed.PROTECT),
        Act(at_ms=close_ms, deed=Deed.CLOSE),
    ]
    return Schedule(
        seed=0,
        story=Story.ENTRY,
        hedge=False,
        is_long=True,
        lots=1_000,
        latency_ms=20,
        rules=VenueRules(reduce_only_budget=False),
        rates={},
        prices=(100_000.0,),
        acts=tuple(acts),
        crashes=(),
        disk=DiskPlan(),
        drift_ppm=0,
        chaos_ms=end_ms,
        end_ms=end_ms,
    )


def run_scripted(schedule: Schedule, spec: FaultSpec) -> tuple[Result, SimWorld]:
    worlds: list[SimWorld] = []

    def make(planned: Schedule) -> SimWorld:
        world = SimWorld(planned)
        world.plan.add(spec)
        worlds.append(world)
        return world

    return run_schedule(schedule, make), worlds[0]


def closes_of(world: SimWorld) -> list[str]:
    return [
        line.split()[-1]
        for line in world.checker.log
        if "POST /fapi/v1/order x1C" in line or "POST /fapi/v1/order x1E" in line
    ]


def answered_1007_later_filled() -> FaultSpec:
    rule = RequestRule(
        kind="POST /fapi/v1/order",
        match=Match(client_id="x1C", nth=1),
        plan=RequestPlan(answer=always(coded(-1007))),
        events_after_ms=6_000,
    )
    # Nor does the report of the position come in time.
    silence = TimedAction(at_ms=2_900, action=SilenceStreams(length_ms=6_000))
    return FaultSpec(requests=(rule,), actions=(silence,))


def test_an_executed_close_answered_1007_whose_fill_comes_later_is_not_sent_again() -> None:
    schedule = calm(end_ms=25_000, close_ms=3_000)

    result, world = run_scripted(schedule, answered_1007_later_filled())
    with planted("-1007 as reject"):
        _, careless = run_scripted(schedule, answered_1007_later_filled())

    assert result.broken == ()
    assert len(closes_of(world)) == 1
    assert len(closes_of(careless)) > 1


OTHER = "web_1"


def other_bot(lots: int, *, leaves_ms: int | None = None) -> FaultSpec:
    """Another bot rests a reduce-only order far above the price, which uses up as many lots."""
    order = UserOrder(
        symbol=SYMBOL,
        side="SELL",
        lots=lots,
        price_ticks=1_040_000,
        reduce_only=True,
        client_id=OTHER,
    )
    # Before our take-profit, beside which there would be no room for it.
    actions = [TimedAction(at_ms=310, action=order)]
    if leaves_ms is not None:
        actions.append(TimedAction(at_ms=leaves_ms, action=ExpireOrder(client_id=OTHER)))
    return FaultSpec(actions=tuple(actions))


def closing() -> Schedule:
    # After the chaos no refusal stops the available time by itself.
    schedule = replace(calm(end_ms=20_000, close_ms=3_000), chaos_ms=4_000)
    return replace(schedule, rules=VenueRules(reduce_only_budget=True))


def held(world: SimWorld) -> int:
    return sum(one.lots for one in world.exchange.desk.venue.holdings(0, SYMBOL))


def test_an_exit_closes_what_the_orders_of_others_leave_and_goes_on_trying() -> None:
    result, world = run_scripted(closing(), other_bot(400))

    assert result.broken == ()
    assert held(world) == 400
    assert len(closes_of(world)) > 4
    assert OTHER in [one.client_id for one in world.exchange.desk.venue.open_orders(0)]


def test_an_exit_that_orders_of_others_kept_out_is_complete_soon_after_they_have_left() -> None:
    result, world = run_scripted(closing(), other_bot(1_000, leaves_ms=12_000))

    assert result.broken == ()
    assert held(world) == 0
    assert world.checker.exits.took_ms[0] <= 3_000


def test_who_closes_too_late_once_nothing_keeps_the_exit_out_is_found(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(ExitRules, "pause_ms", lambda rules, failures, config: 12_000)

    result, _ = run_scripted(closing(), other_bot(1_000, leaves_ms=9_000))

    assert "P11" in {one.promise for one in result.broken}


def test_an_exit_that_was_refused_while_the_loop_was_blocked_goes_on_at_once() -> None:
    # Our take-profits use up what it would reduce.
    block = Act(at_ms=3_005, deed=Deed.BLOCK, amount=4_000)
    schedule = closing()

    result, world = run_scripted(
        replace(schedule, acts=(*schedule.acts, block), chaos_ms=2_000), FaultSpec()
    )

    assert result.broken == ()
    assert len(closes_of(world)) == 2
    assert held(world) == 0
    assert world.checker.exits.took_ms[0] <= 500


def outage() -> FaultSpec:
    from_ms, to_ms = OUTAGE_MS
    match = Match(from_ms=from_ms, to_ms=to_ms)
    lost = RequestPlan(execute=False, drop_connection=True)
    return FaultSpec(
        requests=tuple(
            RequestRule(kind=f"{method} /fapi/{path}", match=match, plan=lost)
            for method, path in EVERYTHING
        ),
        actions=(TimedAction(at_ms=from_ms, action=SilenceStreams(length_ms=to_ms - from_ms)),),
    )


def test_a_two_hour_outage_leaves_the_stops_and_the_exit_follows_at_once() -> None:
    from_ms, to_ms = OUTAGE_MS
    schedule = calm(end_ms=to_ms + 30_000, close_ms=from_ms + HOUR_MS)

    result, world = run_scripted(schedule, outage())

    sells = [
        fill
        for fill in world.exchange.desk.venue.fills(0, SYMBOL, from_trade_id=1, limit=100)
        if fill.side == "SELL"
    ]
    assert result.broken == ()
    assert [fill.lots for fill in sells] == [1_000]
    # Two "not found" two seconds apart prove that nothing of what left during the outage exists.
    assert sells[0].ts_ms - START_MS - to_ms <= 3_000
