"""What all promises share: where they look, and where they say what they found."""

from dataclasses import dataclass, field

from tests.simulation.available import AvailableTime
from tests.simulation.durable_journal import DurableJournal
from tests.simulation.seen import Asked, Moment, Place, cover_of, stops_of
from tests.simulation.told_grid import ToldGrid


@dataclass(frozen=True, slots=True)
class Broken:
    """A promise that was not kept.

    Attributes:
        promise: Its name.
        at_ms: When, ms since the start of the schedule.
        text: How.
    """

    promise: str
    at_ms: int
    text: str


@dataclass(slots=True)
class Findings:
    """What was found in one schedule.

    Attributes:
        start_ms: Exchange time of its start.
        checked: Promises that were put to the test.
        broken: Those that were not kept.
    """

    start_ms: int
    checked: set[str] = field(default_factory=set)
    broken: list[Broken] = field(default_factory=list)

    def check(self, promise: str, kept: bool, now_ms: int, text: str) -> None:
        """Notes that a promise was put to the test, and how it went."""
        self.checked.add(promise)
        if not kept:
            self.broken.append(Broken(promise, now_ms - self.start_ms, text))


@dataclass(slots=True, kw_only=True)
class Sight:
    """What every promise may look at.

    Attributes:
        available: Available time.
        journal: What is durable.
        findings: Where results go.
        hedge: Whether the account is in hedge mode.
        moment: The account as it was last seen.
        latency_ms: One way to the exchange.
        healed: Whether the chaos is over.
        life: Number of the service's life.
        disk_fails: Whether the disk has refused writes in this life.
        disk_failed_ms: Available time of its last failure.
        jumped: Whether somebody has set the wall clock of the machine.
        rough: Faults of the venue itself that have happened: they excuse what depends on it.
        grid: Steps of quantities as the service was told.
    """

    available: AvailableTime
    journal: DurableJournal
    findings: Findings
    hedge: bool
    moment: Moment
    latency_ms: int = 0
    healed: bool = False
    life: int = 0
    disk_fails: bool = False
    disk_failed_ms: int = -1_000_000
    jumped: bool = False
    rough: frozenset[str] = frozenset()
    grid: ToldGrid = field(default_factory=ToldGrid)

    @property
    def now_ms(self) -> int:
        """Available time."""
        return self.available.now_ms

    def whole(self, place: Place, lots: int) -> int:
        """`lots` of a position without its dust, which no order can close."""
        return self.grid.whole(place[0], lots)

    def is_dust(self, place: Place) -> bool:
        """Whether no order can express what is open, on the grid that was told last."""
        return self.whole(place, self.moment.held.get(place, 0)) == 0

    def is_covered(self, moment: Moment, place: Place, firing_ms: int) -> bool:
        """Whether our stops cover all that is open at `place`, but for its dust."""
        held = moment.held.get(place, 0)
        needed = abs(self.whole(place, held))
        return needed == 0 or cover_of(stops_of(moment, place, held, firing_ms), held) >= needed

    def deaf_since(self, since_ms: int) -> bool:
        """Whether signals were missing at some time since `since_ms`, available time."""
        return self.available.is_deaf or self.available.deaf_at_ms >= since_ms

    def restarted_since(self, since_ms: int) -> bool:
        """Whether the service was started anew since `since_ms`, available time."""
        return self.available.life_at_ms >= since_ms


class Promise:
    """One promise, or a few that need the same memory.

    Args:
        sight: What it may look at.
    """

    def __init__(self, sight: Sight) -> None:
        self.sight = sight

    def arrived(self, asked: Asked) -> None:
        """A request arrived."""

    def replied(self, asked: Asked) -> None:
        """A reply left."""

    def changed(self, before: Moment, after: Moment) -> None:
        """The account changed."""

    def passed(self, now_ms: int) -> None:
        """Time has passed."""

    def told(self, client_id: str, status: str, due_ms: list[int]) -> None:
        """An event goes to the service, or is lost."""

    def ended(self, now_ms: int) -> None:
        """The schedule is over and everything has come to rest."""

    def check(self, name: str, kept: bool, text: str) -> None:
        """Notes the result of a test."""
        self.sight.findings.check(name, kept, self.sight.moment.now_ms, text)


def direction(held: int) -> int:
    """1 for a long position, -1 for a short one, 0 for none."""
    return (held > 0) - (held < 0)


def grew(before: Moment, after: Moment, place: Place) -> bool:
    """Whether a position is larger than it was, or another one."""
    was, now = before.held.get(place, 0), after.held.get(place, 0)
    return now != 0 and (direction(was) != direction(now) or abs(now) > abs(was))
