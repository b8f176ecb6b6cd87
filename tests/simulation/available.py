"""Available time: it counts only while the service is up and the exchange takes its orders."""

from tests.simulation.seen import Asked

_PROOF_MS = 17_000
_READ_MS = 6_500
_AUDIT_MS = 11_500
_REFUSED_MS = 1_600
_HEARD_MS = 50
_GIVEN_UP_MS = 2_300
_PROFITS = ("L", "V")
_CHAOS_REFUSALS = frozenset(
    {-2021, -2022, -4118, -4130, -4045, -4116, -4117, -4164, -4023, -4014, -1111, -4131}
    | {-4140, -4141, -4142, -4088, -2025, -2019, -4061, -4509, -4003, -4005, -4016, -4024, -1013}
)


class AvailableTime:
    """The clock in which every deadline of the service is measured.

    Attributes:
        now_ms: Available time so far.
        up: Whether the service runs.
        healed: Whether the chaos is over.
        is_deaf: Whether no signal reaches the service: it hears by its audit only.
        deaf_at_ms: Available time at which it was deaf last.
        began_at_ms: Available time at which it was started.
        is_ready: Whether it has read the account.
        banned_until_ms: Exchange time until which the exchange wanted to be left alone.
        life_at_ms: Available time at which it was started, or ready.
    """

    def __init__(self, start_ms: int) -> None:
        self._last_ms = start_ms
        self._until_ms = 0
        self._unproven: dict[str, int] = {}
        self._harmed: dict[str, Asked] = {}
        self.now_ms = 0
        self.up = False
        self.healed = False
        self.is_deaf = False
        self.deaf_at_ms = -1
        self.life_at_ms = 0
        self.began_at_ms = 0
        self.is_ready = False
        self.banned_until_ms = 0

    def passed(self, now_ms: int) -> None:
        """Exchange time went on to `now_ms`."""
        last_ms, self._last_ms = self._last_ms, max(self._last_ms, now_ms)
        if self.is_deaf:
            self.deaf_at_ms = self.now_ms
        if not self.up:
            return
        until_ms = max([self._until_ms, *self._unproven.values()])
        self.now_ms += max(0, self._last_ms - max(last_ms, until_ms))
        for client_id in [one for one, due_ms in self._unproven.items() if due_ms <= now_ms]:
            del self._unproven[client_id]

    @property
    def counts(self) -> bool:
        """Whether it goes on: the service is up, and the exchange takes its orders."""
        return self.up and self._last_ms >= max([self._until_ms, *self._unproven.values()])

    def begin_life(self) -> None:
        """The service starts."""
        self.up = True
        self.is_deaf = True
        self.life_at_ms = self.began_at_ms = self.now_ms

    def ready(self) -> None:
        """It has read the account for the first time."""
        self.life_at_ms = self.now_ms
        self.is_ready = True

    def stall(self, length_ms: int) -> None:
        """The machine cannot go on for so long."""
        self._block(self._last_ms + length_ms)

    def harmed(self, asked: Asked) -> None:
        """A fault has taken hold of a request that is still under way."""
        if asked.is_order and asked.method != "GET":
            self._harmed[asked.client_id] = asked
            # Nothing but the answer to a take-profit is waited for: it is neither cover nor exit.
            wait_ms = _GIVEN_UP_MS if asked.client_id[2:3] in _PROFITS else _PROOF_MS
            self._unproven[asked.client_id] = asked.at_ms + wait_ms
        else:
            self._block(asked.at_ms + _READ_MS)

    def end_life(self) -> None:
        """The service is gone."""
        self.up = self.is_ready = False

    def replied(self, asked: Asked) -> None:
        """A request was answered, or its answer was lost."""
        if asked.retry_after_ms:
            self.banned_until_ms = max(self.banned_until_ms, asked.at_ms + asked.retry_after_ms)
            self._block(asked.at_ms + asked.retry_after_ms + _READ_MS)
        elif not asked.harmed:
            self._take_true(asked)
        else:
            self.harmed(asked)

    def _take_true(self, asked: Asked) -> None:
        if asked.status == 200 and asked.method == "GET" and asked.client_id in self._unproven:
            # What is known of the order does not answer the request that is still under way.
            self._unproven[asked.client_id] = _waited_ms(self._harmed[asked.client_id])
        elif asked.status == 200:
            self._unproven.pop(asked.client_id, None)
        elif not self.healed and asked.code in _CHAOS_REFUSALS and asked.is_order:
            self._block(asked.at_ms + _REFUSED_MS)

    def told(self, client_id: str, due_ms: list[int], now_ms: int) -> None:
        """An event goes to the service, or is lost."""
        if not due_ms:
            self._block(now_ms + _AUDIT_MS)
            return
        soonest_ms = min(due_ms)
        if soonest_ms > now_ms:
            self._block(min(soonest_ms, now_ms + _AUDIT_MS))
        if client_id in self._unproven:
            # What waits behind a request leaves when its answer has come, or is given up.
            given_up_ms = self._harmed[client_id].at_ms + _GIVEN_UP_MS
            self._unproven[client_id] = max(soonest_ms + _HEARD_MS, given_up_ms)

    def block(self, until_ms: int) -> None:
        """The exchange cannot do what is asked of it until then."""
        self._block(until_ms)

    def _block(self, until_ms: int) -> None:
        self._until_ms = max(self._until_ms, until_ms)


def _waited_ms(harmed: Asked) -> int:
    """Until when the service waits for the answer to a request."""
    given_up_ms = harmed.at_ms + _GIVEN_UP_MS
    return given_up_ms if harmed.answered_ms is None else min(given_up_ms, harmed.answered_ms)
