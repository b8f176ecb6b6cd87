"""Whether the venue takes orders is told from what requests tell, and its return at once."""

from collections.abc import Awaitable, Callable

import anyio
import anyio.lowlevel

from quantum_exit.errors import VenueReadError
from quantum_exit.execution.guardian.facts import VenueState
from quantum_exit.execution.outcomes import Done, NotDone, Outcome, Reaction, Unknown
from quantum_exit.execution.reach import Reach, ReachConfig
from tests.simulation.virtual_loop import run_virtual

SILENCE = Unknown(why="no answer")
ANSWER = Done(order=None)


def refused(reaction: Reaction, code: int = -1008) -> NotDone:
    return NotDone(code=code, message="no", reaction=reaction)


class World:
    """A venue that can be asked for its clock, and what is told of it."""

    def __init__(self) -> None:
        self.up = False
        self.asked_at: list[float] = []
        self.told: list[tuple[float, bool]] = []
        self.returns = 0
        self.reach = Reach(
            probe=self._probe,
            put=self._put,
            config=ReachConfig(),
            returned=self._return,
        )

    async def _probe(self) -> None:
        self.asked_at.append(anyio.current_time())
        if not self.up:
            raise VenueReadError("server time", "no answer")

    async def _put(self, state: VenueState) -> None:
        self.told.append((anyio.current_time(), state.accepting))

    def _return(self) -> None:
        self.returns += 1

    def accepts(self) -> bool | None:
        return self.reach.accepts

    def hear(self, *outcomes: Outcome) -> None:
        for outcome in outcomes:
            self.reach.hear_outcome(outcome)


def living(live: Callable[[World], Awaitable[None]]) -> None:
    async def main() -> None:
        world = World()
        async with anyio.create_task_group() as group:
            group.start_soon(world.reach.run)
            await anyio.lowlevel.checkpoint()
            await live(world)
            group.cancel_scope.cancel()

    run_virtual(main)


def test_before_anything_was_heard_nobody_knows() -> None:
    async def live(world: World) -> None:
        assert world.accepts() is None
        world.hear(refused(Reaction.WAIT), refused(Reaction.RESEND, code=0))
        assert world.accepts() is None
        world.hear(ANSWER)
        assert world.accepts() is True

    living(live)


def test_three_requests_in_a_row_without_an_answer_are_an_outage_and_one_answer_ends_it() -> None:
    async def live(world: World) -> None:
        world.hear(ANSWER, SILENCE, SILENCE)
        world.reach.hear_read(answered=True)
        world.hear(SILENCE, SILENCE)
        assert world.accepts() is True
        world.reach.hear_read(answered=False)
        assert world.accepts() is False
        await anyio.sleep(10)
        assert world.told == [(0.0, False)]
        world.up = True
        await anyio.sleep(1)

        assert [state for _, state in world.told] == [False, True]
        assert world.told[-1][0] <= 10.5
        assert world.returns == 1
        assert world.accepts() is True

    living(live)


def test_while_nothing_answers_the_clock_is_asked_for_and_not_before_or_after() -> None:
    async def live(world: World) -> None:
        await anyio.sleep(5)
        assert world.asked_at == []
        world.hear(SILENCE, SILENCE, SILENCE)
        await anyio.sleep(2.1)
        assert world.asked_at == [5.0, 5.5, 6.0, 6.5, 7.0]
        world.hear(ANSWER)
        await anyio.sleep(5)
        assert len(world.asked_at) == 5

    living(live)


def test_a_venue_that_answers_and_takes_no_orders_is_lost_until_it_takes_one() -> None:
    async def live(world: World) -> None:
        world.hear(*[refused(Reaction.RESEND)] * 3)
        world.reach.hear_read(answered=True)
        await anyio.sleep(1)
        assert world.accepts() is False
        # Questions are answered: asking for its clock would tell nothing.
        assert world.asked_at == []
        # A refusal that is about the order itself comes of a venue that judges orders.
        world.hear(refused(Reaction.ALARM, code=-4014))
        await anyio.sleep(1)

        assert world.accepts() is True
        assert [state for _, state in world.told] == [False, True]

    living(live)


def test_refusals_that_are_old_say_nothing_about_now() -> None:
    async def live(world: World) -> None:
        world.hear(*[refused(Reaction.RESEND)] * 3)
        await anyio.sleep(29)
        assert world.accepts() is False
        await anyio.sleep(3)
        assert world.accepts() is None

    living(live)


def test_an_outage_that_follows_the_last_one_at_once_is_told_again() -> None:
    async def live(world: World) -> None:
        for _ in range(3):
            world.hear(SILENCE, SILENCE, SILENCE)
            await anyio.sleep(1)
            world.hear(ANSWER)
            await anyio.sleep(0.1)

        assert [state for _, state in world.told] == [False, True] * 3

    living(live)
