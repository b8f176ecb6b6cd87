"""Whether the venue can be reached: in an outage or a ban nothing is sent, and its end is noticed."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

import anyio
from anyio.abc import TaskGroup

from quantum_exit.domain.checks import whole_numbers
from quantum_exit.errors import VenueReadError
from quantum_exit.execution.guardian.facts import VenueState
from quantum_exit.execution.hub import Hub, Trouble
from quantum_exit.execution.outcomes import Done, NotDone, Outcome, Reaction, Unknown
from quantum_exit.execution.sending import NOT_SENT


@dataclass(frozen=True, slots=True, kw_only=True)
class ReachConfig:
    """When the venue counts as lost, and how its return is noticed.

    Attributes:
        failures: Requests in a row without an answer after which it counts as lost.
        silence_ms: A ban of at least so long counts as an outage, ms.
        probe_ms: Time between two questions for the venue's clock while it is lost, ms.
        probe_deadline_ms: Longest wait for the answer to one, ms.
    """

    failures: int = 3
    silence_ms: int = 5_000
    probe_ms: int = 250
    probe_deadline_ms: int = 1_000

    def __post_init__(self) -> None:
        whole_numbers(self, 1, "failures", "silence_ms", "probe_ms", "probe_deadline_ms")


class Reach:
    """Tells the guardian when the venue is lost and when it is back.

    Args:
        probe: Asks for the venue's time.
        put: Takes the fact in.
        config: Numbers.
        hub: Hears of it.
    """

    def __init__(
        self,
        *,
        probe: Callable[[], Awaitable[int]],
        put: Callable[[VenueState], Awaitable[None]],
        config: ReachConfig,
        hub: Hub,
    ) -> None:
        self._probe = probe
        self._put = put
        self._config = config
        self._hub = hub
        self._failures = 0
        self._lost = anyio.Event()

    def note_outcome(self, outcome: Outcome) -> None:
        """What became of an order or a cancel."""
        match outcome:
            case NotDone(code=code) if code == NOT_SENT:
                return
            case NotDone(reaction=Reaction.WAIT, retry_after_ms=int() as ms):
                if ms >= self._config.silence_ms:
                    self._lost.set()
            case Unknown() | NotDone(reaction=Reaction.RESEND):
                self.note_read(answered=False)
            case Done() | NotDone():
                self.note_read(answered=True)

    def note_read(self, *, answered: bool) -> None:
        """Whether a question was answered."""
        self._failures = 0 if answered else self._failures + 1
        if self._failures >= self._config.failures:
            self._lost.set()

    async def run(self) -> None:
        """Tells until it is cancelled."""
        while True:
            await self._lost.wait()
            self._hub.publish(Trouble(kind="venue_down", text="nothing is sent until it answers"))
            await self._put(VenueState(accepting=False))
            await self._until_back()
            self._failures = 0
            self._lost = anyio.Event()
            await self._put(VenueState(accepting=True))

    async def _until_back(self) -> None:
        """Questions overlap: one that is swallowed does not delay the news."""
        async with anyio.create_task_group() as group:
            while not group.cancel_scope.cancel_called:
                group.start_soon(self._ask, group)
                await anyio.sleep(self._config.probe_ms / 1000)

    async def _ask(self, group: TaskGroup) -> None:
        with anyio.move_on_after(self._config.probe_deadline_ms / 1000):
            try:
                await self._probe()
            except VenueReadError:
                return
            group.cancel_scope.cancel()
