"""One request from its first try to an outcome: fence, budget, deadline, the same id again."""

import random
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Protocol

import anyio

from quantum_exit.domain.checks import in_range, whole_numbers
from quantum_exit.errors import QuantumExitError
from quantum_exit.execution.budget import Access, Cost, RateBudget
from quantum_exit.execution.fence import Fence
from quantum_exit.execution.outcomes import NotDone, Outcome, Reaction, Unknown
from quantum_exit.execution.ports import Clock

_NS_PER_MS = 1_000_000
_NS_PER_S = 1_000_000_000

NOT_SENT = 0
"""Code of a refusal that is our own: the request never left."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SendingConfig:
    """How often and how long a request is tried.

    Attributes:
        deadline_ms: Longest wait for an answer; then the outcome is unknown.
        tries: Tries under the same id while the venue proves that it did nothing, 1 or more.
        backoff_ms: First pause between two tries; doubles each time.
        jitter_frac: Share of a pause that is drawn at random, 0 to 1.
        hold_ms: Longest wait for the rate limit; after that the request is given back unsent.
    """

    deadline_ms: int = 3_000
    tries: int = 4
    backoff_ms: int = 200
    jitter_frac: float = 0.25
    hold_ms: int = 10_000

    def __post_init__(self) -> None:
        whole_numbers(self, 1, "deadline_ms", "tries", "backoff_ms", "hold_ms")
        in_range("jitter_frac", self.jitter_frac, 0.0, 1.0)


class ClockFollower(Protocol):
    """Brings the clock back to the venue's."""

    async def resync(self) -> None:
        """Reads the venue's time and corrects the clock; does nothing where that fails."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """Something that changes the venue.

    Attributes:
        send: Sends it with this time stamp, ms since the UNIX epoch; every call sends the same
            request under the same id.
        cost: What one try uses up.
        access: How much of the rate limits it may use.
        urgency: Of those that wait for room the lowest leaves first.
        is_wanted: Asked at the last moment of each try; what it may not do any more stays here.
    """

    send: Callable[[int], Awaitable[Outcome]]
    cost: Cost
    access: Access
    urgency: int = 0
    is_wanted: Callable[[], bool] = lambda: True


class Sender:
    """Carries out requests one try at a time; any number at once.

    Args:
        clock: Time.
        fence: Says whether anything may leave.
        budget: The venue's rate limits.
        follower: Asked where the venue says that our clock is off.
        config: Tries and deadlines.
        seed: Source of the jitter.
    """

    def __init__(
        self,
        *,
        clock: Clock,
        fence: Fence,
        budget: RateBudget,
        follower: ClockFollower,
        config: SendingConfig,
        seed: int,
    ) -> None:
        self._clock = clock
        self._fence = fence
        self._budget = budget
        self._follower = follower
        self._config = config
        self._random = random.Random(seed)
        self._waiting: list[Request] = []

    async def carry_out(self, request: Request) -> tuple[Outcome, int]:
        """The outcome, and when the last try left, ms since the UNIX epoch."""
        outcome: Outcome = _not_sent("no try")
        sent_ms = self._clock.now_ms()
        for number in range(self._config.tries):
            admitted = await self._admit(request)
            if isinstance(admitted, NotDone):
                # What an earlier try proved stays true: nothing was done.
                return admitted, sent_ms
            sent_ms = admitted
            outcome = await self._try(request, sent_ms)
            if not isinstance(outcome, NotDone) or not await self._try_again(outcome, number):
                break
        return outcome, sent_ms

    async def _admit(self, request: Request) -> int | NotDone:
        """Waits for room in the budget and tells the time stamp under which the request may leave.

        A refusal where there is no room soon, no lease, or nobody wants it any more.
        """
        refusal = await self._room(request)
        if refusal is not None:
            return refusal
        # Stamped before the fence is asked: a process that is stopped anywhere behind this line
        # sends, when it wakes, what the venue refuses as too old.
        asked_ms = self._clock.now_ms()
        if not self._fence.is_open:
            return _not_sent("no lease is in force")
        if not request.is_wanted():
            return _not_sent("it is not wanted any more")
        self._budget.spend(request.cost, self._clock.monotonic_ns())
        return asked_ms

    async def _room(self, request: Request) -> NotDone | None:
        """Waits for room in the budget; a refusal where there is none soon."""
        held_ns = 0
        self._waiting.append(request)
        try:
            while (wait_ns := self._wait_ns(request)) > 0:
                held_ns += wait_ns
                if held_ns > self._config.hold_ms * _NS_PER_MS:
                    retry_ms = -(-wait_ns // _NS_PER_MS)
                    return _not_sent("the rate limit has no room", Reaction.WAIT, retry_ms)
                await anyio.sleep(wait_ns / _NS_PER_S)
        finally:
            self._waiting.remove(request)
        return None

    def _wait_ns(self, request: Request) -> int:
        """How long until there is room for it and for everything more urgent that waits."""
        ahead = [one.cost for one in self._waiting if one.urgency < request.urgency]
        cost = request.cost
        # What it does not use itself, it need not leave to others.
        behind = Cost(
            weight=cost.weight and cost.weight + sum(one.weight for one in ahead),
            orders=cost.orders and cost.orders + sum(one.orders for one in ahead),
        )
        return self._budget.wait_ns(behind, self._clock.monotonic_ns(), request.access)

    async def _try(self, request: Request, asked_ms: int) -> Outcome:
        deadline_ms = self._config.deadline_ms
        try:
            with anyio.move_on_after(deadline_ms / 1000):
                return await request.send(asked_ms)
        except (QuantumExitError, OSError) as error:
            # The request may have left before whatever failed.
            return Unknown(why=f"{type(error).__name__} while sending")
        return Unknown(why=f"no answer within {deadline_ms} ms")

    async def _try_again(self, outcome: NotDone, number: int) -> bool:
        """Whether the same request is worth another try, after the pause that it takes."""
        if outcome.reaction is Reaction.WAIT:
            retry_ms = outcome.retry_after_ms or self._config.backoff_ms * (1 << number)
            self._budget.close(retry_ms, self._clock.monotonic_ns())
            return True
        if outcome.reaction is Reaction.RESYNC_CLOCK:
            await self._follower.resync()
            return True
        if outcome.reaction is Reaction.RESEND:
            if number + 1 < self._config.tries:
                await anyio.sleep(self._pause_s(number))
            return True
        return False

    def _pause_s(self, number: int) -> float:
        pause_ms = self._config.backoff_ms * (1 << number)
        jitter = self._config.jitter_frac * (2 * self._random.random() - 1)
        return pause_ms * (1 + jitter) / 1000


def _not_sent(
    why: str, reaction: Reaction = Reaction.RESEND, retry_after_ms: int | None = None
) -> NotDone:
    return NotDone(code=NOT_SENT, message=why, reaction=reaction, retry_after_ms=retry_after_ms)
