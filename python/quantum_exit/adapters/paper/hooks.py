"""Where faults enter: between request and reply, and between event and channel."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol, TypeAlias

from quantum_exit.adapters.paper.wire import Json, Reply, Request

Answer: TypeAlias = Callable[[Reply], Reply]


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestPlan:
    """How one request is carried out and answered; without arguments: at once, as it should be.

    Attributes:
        execute: `False` drops the request before the exchange sees it.
        execute_after_ms: Delay of the execution in ms.
        answer: Makes the reply that is sent of the true one; `None` sends the true one. Of a
            request that was dropped the true one is -1007.
        reply_after_ms: Delay of the reply in ms, counted from the execution.
        never_reply: Nothing is ever sent back.
        drop_connection: The connection is closed in place of the reply.
    """

    execute: bool = True
    execute_after_ms: int = 0
    answer: Answer | None = None
    reply_after_ms: int = 0
    never_reply: bool = False
    drop_connection: bool = False


AS_IT_SHOULD_BE = RequestPlan()


class RequestFaults(Protocol):
    """Asked before a request is carried out."""

    def on_request(self, kind: str, request: Request) -> RequestPlan:
        """What becomes of `request`.

        Args:
            kind: Method and path, such as `POST /fapi/v1/algoOrder`.
            request: As it arrived.
        """


class EventFaults(Protocol):
    """Asked before a message goes to a channel."""

    def on_event(self, channel: str, message: Json, now_ms: int) -> Sequence[tuple[int, Json]]:
        """What reaches the channel of `message`, and how many ms later; nothing where it is lost.

        Args:
            channel: `user` for user data, else the name of the stream.
            message: The message.
            now_ms: Exchange time, ms since the UNIX epoch.
        """


class VenueFaults(Protocol):
    """Asked when time moves: what happens at the venue on its own account."""

    def next_due_ms(self) -> int | None:
        """When something may happen next, exchange time, or `None` where nothing will."""

    def happen(self, now_ms: int) -> None:
        """Lets happen what is due.

        Args:
            now_ms: Exchange time, ms since the UNIX epoch.
        """


class NoFaults:
    """Everything happens at once and as it should."""

    def on_request(self, kind: str, request: Request) -> RequestPlan:
        """The request is carried out and answered at once."""
        del kind, request
        return AS_IT_SHOULD_BE

    def on_event(self, channel: str, message: Json, now_ms: int) -> Sequence[tuple[int, Json]]:
        """The message itself, at once."""
        del channel, now_ms
        return ((0, message),)

    def next_due_ms(self) -> int | None:
        """Nothing will."""
        return None

    def happen(self, now_ms: int) -> None:
        """Nothing does."""
        del now_ms
