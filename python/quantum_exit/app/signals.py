"""Ends a run on SIGINT and SIGTERM, whatever it is doing at that moment."""

import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import anyio

from quantum_exit.execution.failures import only_failure

_SIGNALS = (signal.SIGINT, signal.SIGTERM)


class Stop:
    """Tells whether a run is to end.

    A signal during the start cuts it short; later ones end the run as it should end, and a second
    one cuts that short.

    Args:
        scope: What is cut short.

    Attributes:
        told: Set when the run is to end.
        cut_short: The signal that cut the start short, or None.
    """

    def __init__(self, scope: anyio.CancelScope) -> None:
        self._scope = scope
        self._has_started = False
        self.told = anyio.Event()
        self.cut_short: signal.Signals | None = None

    def started(self) -> None:
        """The start is complete."""
        self._has_started = True

    def ended(self) -> None:
        """The run is over."""
        self._scope.cancel()

    def take(self, number: signal.Signals) -> None:
        """Takes a signal."""
        if not self._has_started:
            self.cut_short = number
        if self.told.is_set() or not self._has_started:
            self._scope.cancel()
        self.told.set()


@asynccontextmanager
async def ending_on_signals() -> AsyncIterator[Stop]:
    """Takes the signals inside the context, which whoever opened it leaves by `Stop.ended`."""
    try:
        async with anyio.create_task_group() as group:
            stop = Stop(group.cancel_scope)
            await group.start(_listen, stop)
            yield stop
    except BaseExceptionGroup as failures:
        only = only_failure(failures)
        if only is None:
            raise
        raise only from None


async def _listen(
    stop: Stop, *, task_status: anyio.abc.TaskStatus[None] = anyio.TASK_STATUS_IGNORED
) -> None:
    with anyio.open_signal_receiver(*_SIGNALS) as signals:
        task_status.started()
        async for number in signals:
            stop.take(number)
