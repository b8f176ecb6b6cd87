from collections.abc import Awaitable

import anyio
import pytest

from quantum_exit.errors import VenueReadError
from quantum_exit.execution.budget import Access, Cost, Limit, RateBudget
from quantum_exit.execution.fence import Fence
from quantum_exit.execution.outcomes import Done, NotDone, Outcome, Reaction, Unknown
from quantum_exit.execution.sending import NOT_SENT, Request, Sender, SendingConfig
from tests.simulation.virtual_clock import VirtualClock
from tests.simulation.virtual_loop import run_virtual

DONE = Done(order=None)
LIMIT = Limit(name="orders", most=10, window_ms=60_000)


def refused(reaction: Reaction, retry_after_ms: int | None = None) -> NotDone:
    return NotDone(code=-1, message="no", reaction=reaction, retry_after_ms=retry_after_ms)


class World:
    """A sender against a venue with a list of answers; None = it never answers."""

    def __init__(self, answers: list[Outcome | Exception | None], *, lease_ms: int = 600_000):
        self.clock = VirtualClock(1_000_000)
        self.fence = Fence(self.clock, 1_000)
        self.fence.grant(1, 0, lease_ms)
        self.budget = RateBudget((LIMIT,))
        self.answers = answers
        self.sent_at: list[float] = []
        self.stamps: list[int] = []
        self.resyncs = 0
        self.sender = Sender(
            clock=self.clock,
            fence=self.fence,
            budget=self.budget,
            follower=self,
            config=SendingConfig(jitter_frac=0.0),
            seed=1,
        )

    async def resync(self) -> None:
        self.resyncs += 1

    async def send(self, asked_ms: int) -> Outcome:
        self.sent_at.append(anyio.current_time())
        self.stamps.append(asked_ms)
        answer = self.answers.pop(0)
        if answer is None:
            await anyio.sleep_forever()
        if isinstance(answer, Exception):
            raise answer
        assert answer is not None
        return answer

    def carry_out(
        self, access: Access = Access.VITAL, urgency: int = 0
    ) -> Awaitable[tuple[Outcome, int]]:
        request = Request(send=self.send, cost=Cost(orders=1), access=access, urgency=urgency)
        return self.sender.carry_out(request)


def run(
    answers: list[Outcome | Exception | None], *, lease_ms: int = 600_000
) -> tuple[World, Outcome, int]:
    async def main() -> tuple[World, Outcome, int]:
        world = World(answers, lease_ms=lease_ms)
        return world, *await world.carry_out()

    return run_virtual(main)


def test_what_is_done_is_done_at_once() -> None:
    world, outcome, sent_ms = run([DONE])

    assert outcome == DONE
    assert (world.sent_at, sent_ms) == ([0.0], 1_000_000)


def test_what_was_not_carried_out_is_sent_again_with_growing_pauses() -> None:
    world, outcome, sent_ms = run([refused(Reaction.RESEND)] * 3 + [DONE])

    assert outcome == DONE
    assert world.sent_at == pytest.approx([0.0, 0.2, 0.6, 1.4])
    assert sent_ms == 1_001_400


def test_after_the_last_try_the_refusal_is_given_back() -> None:
    world, outcome, _ = run([refused(Reaction.RESEND)] * 4)

    assert outcome == refused(Reaction.RESEND)
    assert len(world.sent_at) == 4


def test_no_answer_is_unknown_and_never_sent_again() -> None:
    world, outcome, _ = run([None])

    assert outcome == Unknown(why="no answer within 3000 ms")
    assert world.sent_at == [0.0]


def test_a_failure_of_the_adapter_is_unknown() -> None:
    _, outcome, _ = run([VenueReadError("order", "unreadable")])

    assert outcome == Unknown(why="VenueReadError while sending")


def test_a_clock_that_is_off_is_corrected_before_the_next_try() -> None:
    world, outcome, _ = run([refused(Reaction.RESYNC_CLOCK), DONE])

    assert (outcome, world.resyncs) == (DONE, 1)


def test_nothing_leaves_before_the_time_that_the_venue_named() -> None:
    world, outcome, _ = run([refused(Reaction.WAIT, 5_000), DONE])

    assert outcome == DONE
    assert world.sent_at == pytest.approx([0.0, 5.0])


def test_a_long_ban_gives_the_request_back_unsent() -> None:
    world, outcome, _ = run([refused(Reaction.WAIT, 120_000)])

    assert isinstance(outcome, NotDone)
    assert (outcome.reaction, outcome.retry_after_ms) == (Reaction.WAIT, 120_000)
    assert len(world.sent_at) == 1


def test_a_meaningful_refusal_is_not_repeated() -> None:
    world, outcome, _ = run([refused(Reaction.PRICE_THROUGH)])

    assert outcome == refused(Reaction.PRICE_THROUGH)
    assert len(world.sent_at) == 1


def test_every_try_carries_the_time_at_which_the_fence_let_it_pass() -> None:
    world, outcome, sent_ms = run([refused(Reaction.RESEND), DONE])

    assert outcome == DONE
    assert world.stamps == [1_000_000, 1_000_200]
    assert sent_ms == world.stamps[-1]


def test_without_time_left_on_the_lease_nothing_leaves() -> None:
    world, outcome, _ = run([], lease_ms=1_000)

    assert isinstance(outcome, NotDone)
    assert outcome.message == "no lease is in force"
    assert world.sent_at == []


def test_the_reserve_is_left_to_protection() -> None:
    async def main() -> tuple[Outcome, Outcome]:
        world = World([DONE] * 9)
        for _ in range(8):
            await world.carry_out(Access.PLAIN)
        held, _ = await world.carry_out(Access.PLAIN)
        protected, _ = await world.carry_out(Access.VITAL)
        return held, protected

    held, protected = run_virtual(main)

    assert isinstance(held, NotDone)
    assert held.message == "the rate limit has no room"
    assert protected == DONE


def test_what_is_more_urgent_leaves_before_what_has_waited_for_longer() -> None:
    async def main() -> list[int]:
        world = World([DONE] * 14)
        world.sender = Sender(
            clock=world.clock,
            fence=world.fence,
            budget=RateBudget((Limit(name="orders", most=10, window_ms=5_000),)),
            follower=world,
            config=SendingConfig(),
            seed=1,
        )
        for _ in range(10):
            await world.carry_out()
            await anyio.sleep(0.1)
        left: list[int] = []

        async def wait(urgency: int) -> None:
            await world.carry_out(Access.VITAL, urgency)
            left.append(urgency)

        async with anyio.create_task_group() as group:
            for urgency in (3, 3, 1, 1):
                group.start_soon(wait, urgency)
                await anyio.sleep(0.01)
        return left

    assert run_virtual(main) == [1, 1, 3, 3]


def test_what_is_not_wanted_any_more_is_not_tried_again() -> None:
    async def main() -> None:
        world = World([refused(Reaction.RESEND), DONE])
        wanted = [True, False]
        request = Request(
            send=world.send,
            cost=Cost(orders=1),
            access=Access.VITAL,
            is_wanted=lambda: wanted.pop(0),
        )

        outcome, sent_ms = await world.sender.carry_out(request)

        assert isinstance(outcome, NotDone)
        assert outcome.code == NOT_SENT
        assert (world.sent_at, sent_ms) == ([0.0], 1_000_000)

    run_virtual(main)
