"""P9: input that makes no sense is refused, counted and journaled, and moves nothing."""

from tests.simulation.promises.base import Promise, Sight
from tests.simulation.seen import Asked

_ON_ITS_WAY_MS = 2_500
_AS_MANY_AS_ONE_REPLY_HOLDS = "F24"


class Harmless(Promise):
    """The process lives, and every message that makes no sense is in the journal.

    That it moves nothing is what all other promises say while it arrives. A life that was cut
    short, or whose disk failed, owes no records of what came last.
    """

    def __init__(self, sight: Sight) -> None:
        super().__init__(sight)
        self._delivered = 0
        self._life = 0
        self._since_ms = 0

    def delivered(self) -> None:
        """The service was given a message that it must refuse."""
        if self.sight.life != self._life:
            self._life, self._delivered = self.sight.life, 0
        self._delivered += 1
        self._since_ms = self.sight.moment.now_ms

    def arrived(self, asked: Asked) -> None:
        text = f"{asked.method} {asked.path} of another symbol: {asked.params.get('symbol')}"
        known = asked.params.get("symbol", "BTCUSDT") == "BTCUSDT"
        if self._delivered:
            self.check("P9", known, text)

    def ended(self, now_ms: int) -> None:
        if not self._delivered or self._life != self.sight.life:
            return
        self.sight.journal.read()
        journaled = self.sight.journal.refused_of_newest
        if self.sight.disk_fails or now_ms - self._since_ms < _ON_ITS_WAY_MS:
            return
        text = f"{self._delivered} messages made no sense, {journaled} are in the journal"
        self.check("P9", journaled >= self._delivered, text)
