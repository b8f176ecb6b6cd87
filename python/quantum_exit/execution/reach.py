"""Whether the venue answers and takes orders, as far as requests tell.

Nothing is held back for it: what protects is tried all the same. It is told to people, and its
return is noticed at once, so that nothing waits out the pauses of an outage that is over.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

import anyio
from anyio.abc import TaskGroup

from quantum_exit.domain.checks import whole_numbers
from quantum_exit.errors import VenueReadError
from quantum_exit.execution.guardian.facts import VenueState
from quantum_exit.execution.outcomes import Done, NotDone, Outcome, Reaction, Unknown
from quantum_exit.execution.sending import NOT_SENT


@dataclass(frozen=True, slots=True, kw_only=True)
class ReachConfig:
    """When the venue counts as lost, and how its return is noticed.

    Attributes:
        failures: Requests in a row without an answer, or orders in a row that the venue was not
            able to take, after which it counts as lost; 3.
        probe_ms: Time between two questions for the venue's clock while nothing answers, ms.
        probe_deadline_ms: Longest wait for the answer to one, ms.
        forget_ms: Time without an order after which nobody knows whether a venue that answers
            takes orders again, ms.
    """

    failures: int = 3
    probe_ms: int = 500
    probe_deadline_ms: int = 1_000
    forget_ms: int = 30_000

    def __post_init__(self) -> None:
        names = ("failures", "probe_ms", "probe_deadline_ms", "forget_ms")
        whole_numbers(self, 1, *names)


class Reach:
    """Hears what became of every request.

    Args:
        probe: Asks for the venue's time.
        put: Takes the fact in that it is lost, or back.
        config: Numbers.
        returned: Called when the venue answers again after it was lost.
    """

    def __init__(
        self,
        *,
        probe: Callable[[], Awaitable[object]],
        put: Callable[[VenueState], Awaitable[None]],
        config: ReachConfig,
        returned: Callable[[], None],
    ) -> None:
        self._probe = probe
        self._put = put
        self._config = config
        self._returned = returned
        self._silent = 0
        self._refused = 0
        self._heard = False
        self._lost = anyio.Event()
        self._back = anyio.Event()

    @property
    def accepts(self) -> bool | None:
        """Whether the venue takes orders; None = nothing was heard that tells."""
        if self._is_silent or self._is_refusing:
            return False
        return True if self._heard else None

    def hear_outcome(self, outcome: Outcome) -> None:
        """What became of an order or a cancel."""
        match outcome:
            case NotDone(code=code) if code == NOT_SENT:
                return
            case NotDone(reaction=Reaction.WAIT):
                # A limit of ours, not an outage.
                self._silent = 0
            case NotDone(reaction=Reaction.RESEND):
                self._silent, self._refused, self._heard = 0, self._refused + 1, True
            case Unknown():
                self._silent += 1
            case Done() | NotDone():
                self._silent, self._refused, self._heard = 0, 0, True
        self._note()

    def hear_read(self, *, answered: bool) -> None:
        """Whether a question was answered; that says nothing about orders where they are refused."""
        self._silent = 0 if answered else self._silent + 1
        self._heard = self._heard or answered
        self._note()

    async def run(self) -> None:
        """Tells the guardian of each change until it is cancelled."""
        async with anyio.create_task_group() as group:
            while True:
                await self._lost.wait()
                await self._put(VenueState(accepting=False))
                await self._until_back(group)
                self._lost = anyio.Event()
                self._returned()
                await self._put(VenueState(accepting=True))

    @property
    def _is_silent(self) -> bool:
        return self._silent >= self._config.failures

    @property
    def _is_refusing(self) -> bool:
        return self._refused >= self._config.failures

    def _note(self) -> None:
        (self._lost if self.accepts is False else self._back).set()

    async def _until_back(self, group: TaskGroup) -> None:
        """Questions overlap: one that is swallowed does not delay the news."""
        refused, quiet_ms = self._refused, 0
        while self.accepts is False:
            self._back = anyio.Event()
            if self._is_silent:
                group.start_soon(self._ask)
            with anyio.move_on_after(self._config.probe_ms / 1000):
                await self._back.wait()
            quiet_ms = quiet_ms + self._config.probe_ms if self._refused == refused else 0
            refused = self._refused
            if quiet_ms >= self._config.forget_ms and self._is_refusing:
                # Refusals that are old say nothing about now.
                self._refused, self._heard = 0, False

    async def _ask(self) -> None:
        with anyio.move_on_after(self._config.probe_deadline_ms / 1000):
            try:
                await self._probe()
            except VenueReadError:
                return
            self.hear_read(answered=True)
