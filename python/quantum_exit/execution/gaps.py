"""How long positions were without protection: the figure that all of this is about."""

from quantum_exit.execution.guardian.status import GuardianStatus


class GapMeter:
    """Adds up the time that positions were naked.

    A position that is found and then planned is in one gap from when it was first known.

    Attributes:
        longest_ms: Longest single gap that has ended, ms.
        gaps: Gaps that have ended.
    """

    def __init__(self) -> None:
        self._open: dict[str, int] = {}
        self._ended_ms = 0
        self.longest_ms = 0
        self.gaps = 0

    def note(self, status: GuardianStatus, now_ms: int) -> None:
        """Takes the state of the account in."""
        naked = {name: self._open.get(name, now_ms) for name in status.unguarded}
        for one in status.positions:
            if one.naked_since_ms is not None:
                name = f"{one.key.symbol} {one.key.side}"
                naked[name] = min(one.naked_since_ms, self._open.get(name, one.naked_since_ms))
        for name, since_ms in self._open.items():
            if name not in naked:
                gap_ms = now_ms - since_ms
                self._ended_ms += gap_ms
                self.longest_ms = max(self.longest_ms, gap_ms)
                self.gaps += 1
        self._open = naked

    def longest_now_ms(self, now_ms: int) -> int:
        """Longest single gap, those that last included, ms."""
        lasting = (now_ms - since_ms for since_ms in self._open.values())
        return max(self.longest_ms, *lasting, 0)

    def total_ms(self, now_ms: int) -> int:
        """Time in gaps, those that last included, ms; positions are added up."""
        return self._ended_ms + sum(now_ms - since_ms for since_ms in self._open.values())
