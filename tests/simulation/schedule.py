"""A number becomes a life: what is held, where the price goes, what breaks and when."""

from dataclasses import dataclass
from enum import StrEnum

from quantum_exit.adapters.paper.faults.bundles import BUNDLES
from quantum_exit.adapters.paper.faults.occasion import Occasion
from quantum_exit.adapters.paper.faults.swarm import swarm_rates
from quantum_exit.adapters.paper.rules import VenueRules
from quantum_exit.adapters.store.memory import DiskFault, DiskPlan

STEP_MS = 500
START_PRICE = 100_000.0
_QUIET_FRAC = 0.2
_FEW = 3
_BUNDLE_RATE = 0.3
# A settled symbol, a liquidated or deleveraged position end a schedule: they stay rare.
_ENDINGS = ("F26", "F27", "F28")
_ENDING_RATE = 0.05
_CHAOS_MS = (9_000, 16_000)
HEAL_MS = 20_000


class Story(StrEnum):
    """What happens to the position."""

    ENTRY = "entry"
    LADDER = "ladder fill"
    TRAIL = "trail replace"
    STOP = "stop fire"
    OUTAGE = "outage"
    RESTART = "restart"
    ADOPTED = "adopted position"
    HAND = "hand changes"
    COMMAND = "close by command"
    DISK = "disk trouble"
    CLOCK = "wall clock jumps"
    GAP = "gap through levels"


class Deed(StrEnum):
    """What somebody does at one moment."""

    ENTER = "enter"
    PROTECT = "protect"
    ADD = "add"
    REDUCE = "reduce"
    FLIP = "flip"
    LEAVE = "leave"
    CANCEL_STOPS = "cancel stops"
    CLOSE = "close"
    TIGHTEN = "tighten"
    JUMP = "jump"
    BLOCK = "block"


@dataclass(frozen=True, slots=True, kw_only=True)
class Act:
    """One deed.

    Attributes:
        at_ms: When, ms since the start.
        deed: What.
        amount: Lots, or ms of a clock jump or a blocked loop.
    """

    at_ms: int
    deed: Deed
    amount: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Crash:
    """One death of the process.

    Attributes:
        at_ms: When, ms since the start.
        steps: Callbacks that still run after that.
        down_ms: Until it is started again.
        keep_frac: Share of the unsynced bytes that survive.
        torn_bytes: Bytes of anything that stand behind them.
    """

    at_ms: int
    steps: int
    down_ms: int
    keep_frac: float
    torn_bytes: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Schedule:
    """One life of an account.

    Attributes:
        seed: Its number.
        story: What happens.
        hedge: Whether the account is in hedge mode.
        is_long: Direction of the entry.
        lots: Lots of the entry.
        latency_ms: One way to the exchange.
        rules: Variant of the venue.
        rates: How often each fault happens.
        prices: Price of each step of `STEP_MS`.
        acts: What people and bots do.
        crashes: When the process dies.
        disk: What the disk does.
        drift_ppm: How much faster the machine's clock runs.
        chaos_ms: When everything heals.
        end_ms: When it is over.
        bad_frac: Share of what the exchange sends that makes no sense.
    """

    seed: int
    story: Story
    hedge: bool
    is_long: bool
    lots: int
    latency_ms: int
    rules: VenueRules
    rates: dict[str, float]
    prices: tuple[float, ...]
    acts: tuple[Act, ...]
    crashes: tuple[Crash, ...]
    disk: DiskPlan
    drift_ppm: int
    chaos_ms: int
    end_ms: int
    bad_frac: float = 0.0

    @property
    def entry_side(self) -> str:
        """BUY or SELL."""
        return "BUY" if self.is_long else "SELL"


def schedule_of(seed: int) -> Schedule:
    """The life that belongs to a number.

    Args:
        seed: 0 or more.
    """
    draw = Occasion(seed, "schedule", 0)
    story = draw.one_of("story", tuple(Story))
    is_long = draw.unit("side") < 1 / 2
    chaos_ms = draw.whole("chaos", *_CHAOS_MS)
    end_ms = chaos_ms + HEAL_MS
    lots = draw.one_of("lots", (1_000, 400, 37, 2_500))
    return Schedule(
        seed=seed,
        story=story,
        hedge=draw.unit("hedge") < 1 / 4,
        is_long=is_long,
        lots=lots,
        latency_ms=draw.whole("latency", 2, 50),
        rules=_rules(draw),
        rates=_rates(seed, draw, story),
        prices=prices_of(seed, story, chaos_ms, end_ms, sign=1 if is_long else -1),
        acts=_acts(draw, story, lots, chaos_ms),
        crashes=_crashes(seed, draw, story, chaos_ms),
        disk=_disk(draw, story),
        drift_ppm=draw.whole("drift", -500, 500) if story is Story.CLOCK else 0,
        chaos_ms=chaos_ms,
        end_ms=end_ms,
        bad_frac=_bad_frac(draw),
    )


def _bad_frac(draw: Occasion) -> float:
    """In a third of the lives some of what comes in makes no sense."""
    return draw.spread("bad", 10, 300) / 1_000 if draw.unit("bad input") < 1 / 3 else 0.0


def _rules(draw: Occasion) -> VenueRules:
    def often(what: str) -> bool:
        return draw.unit(what) < 3 / 4

    return VenueRules(
        close_position_singleton="per_type_and_side" if often("singleton") else "per_side",
        oversized_reduce_only_stop="truncate" if often("oversized") else "reject",
        client_id_reuse_after_final=often("reuse"),
        reduce_only_budget=often("budget"),
        gte_expires_with_position=often("gte"),
        expire_reduce_only_with_position=not often("expire"),
        trigger_latency_ms=0 if often("latency") else draw.whole("trigger", 1, 300),
    )


def _rates(seed: int, draw: Occasion, story: Story) -> dict[str, float]:
    if draw.unit("quiet") < _QUIET_FRAC:
        return {}
    rates = swarm_rates(seed)
    if draw.unit("few") < 1 / 2:
        # With all of them at once one hides the other.
        chosen = sorted(rates, key=draw.unit)[:_FEW]
        rates = {name: max(rates[name], 0.02) for name in chosen}
    for name in sorted(BUNDLES, key=draw.unit)[: draw.whole("bundles", 0, 2)]:
        if draw.unit(f"bundle {name}") < 1 / 4:
            rates |= dict.fromkeys(BUNDLES[name], _BUNDLE_RATE)
    for name in _ENDINGS:
        if name in rates:
            rates[name] = min(rates[name], _ENDING_RATE)
    if story is Story.OUTAGE:
        rates["F06"] = 0.05
    if story is Story.CLOCK:
        # Timers count for most where an outcome has to be proven.
        rates |= dict.fromkeys(("F01", "F03"), 0.1)
    return rates


_TARGETS: dict[Story, tuple[float, ...]] = {
    Story.LADDER: (0.6, 1.4, 2.7, 2.7),
    Story.TRAIL: (1.5, 2.8, 3.6, 4.4, 2.0),
    Story.STOP: (-1.0, -2.2, -3.2),
    Story.GAP: (0.2, 5.5, 0.5),
    Story.OUTAGE: (1.4, -3.0),
    Story.RESTART: (1.4, 2.7, 3.5, 1.5),
    Story.HAND: (0.3, 1.4, 0.2),
    Story.DISK: (1.4, 2.8, 3.6),
    Story.CLOCK: (1.4, 2.8, 1.0),
}


def prices_of(
    seed: int, story: Story, chaos_ms: int, end_ms: int, *, sign: int
) -> tuple[float, ...]:
    """A walk along the targets of the story, in percent of the profit side, with noise.

    It is over soon after the chaos: most of what it leads to happens while things break.

    Args:
        seed: Of the noise.
        story: Where the price goes.
        chaos_ms: Length of the chaos.
        end_ms: Length of the whole schedule.
        sign: 1 for a long position, -1 for a short one.
    """
    targets = (0.0, *_TARGETS.get(story, (0.3, -0.3, 0.2)))
    steps = end_ms // STEP_MS + 2
    prices = []
    for step in range(steps):
        place = step * STEP_MS / (chaos_ms * 1.1) * (len(targets) - 1)
        leg = min(int(place), len(targets) - 2)
        along = min(1.0, place - leg)
        if story is Story.GAP:
            along = round(along)
        percent = targets[leg] + (targets[leg + 1] - targets[leg]) * along
        noise = (Occasion(seed, "noise", step).unit("percent") - 0.5) * 0.3
        prices.append(round(START_PRICE * (1 + sign * (percent + noise) / 100), 1))
    return tuple(prices)


def _acts(draw: Occasion, story: Story, lots: int, chaos_ms: int) -> tuple[Act, ...]:
    enter_ms = draw.whole("enter", 100, 1_500)
    acts = [Act(at_ms=enter_ms, deed=Deed.ENTER, amount=lots)]
    if story is not Story.ADOPTED:
        acts.append(Act(at_ms=enter_ms + draw.whole("protect", 5, 120), deed=Deed.PROTECT))
    if story is Story.HAND:
        choices = (Deed.ADD, Deed.REDUCE, Deed.FLIP, Deed.LEAVE, Deed.CANCEL_STOPS)
        for number in range(draw.whole("changes", 1, 3)):
            deed = draw.one_of(f"change {number}", choices)
            at_ms = draw.whole(f"change at {number}", 2_000, chaos_ms)
            acts.append(Act(at_ms=at_ms, deed=deed, amount=max(1, lots // 3)))
    if story is Story.COMMAND or draw.unit("close") < 1 / 6:
        acts.append(Act(at_ms=draw.whole("close at", 2_500, chaos_ms), deed=Deed.CLOSE))
    if draw.unit("replan") < 1 / 3:
        acts.append(Act(at_ms=draw.whole("replan at", 3_000, chaos_ms), deed=Deed.PROTECT))
    if draw.unit("tighten") < 1 / 6:
        acts.append(Act(at_ms=draw.whole("tighten at", 2_500, chaos_ms), deed=Deed.TIGHTEN))
    if story is Story.CLOCK:
        for number in range(2):
            jump_ms = draw.spread(f"jump {number}", 500, 86_400_000)
            forward = draw.unit(f"forward {number}") < 1 / 2
            at_ms = draw.whole(f"jump at {number}", 1_000, chaos_ms)
            amount = jump_ms if forward else -jump_ms
            acts.append(Act(at_ms=at_ms, deed=Deed.JUMP, amount=amount))
            # The stop that follows the second change has to wait for a timer.
            acts += [
                Act(at_ms=at_ms + after_ms, deed=Deed.REDUCE, amount=max(1, lots // 10))
                for after_ms in (1_000, 1_150)
            ]
    if draw.unit("block") < 1 / 10:
        at_ms = draw.whole("block at", 1_500, chaos_ms)
        acts.append(Act(at_ms=at_ms, deed=Deed.BLOCK, amount=draw.spread("blocked", 100, 5_000)))
    return tuple(sorted(acts, key=lambda act: act.at_ms))


def _crashes(seed: int, draw: Occasion, story: Story, chaos_ms: int) -> tuple[Crash, ...]:
    count = 0
    if story is Story.RESTART:
        count = draw.whole("crashes", 1, 3)
    elif story is Story.CLOCK or draw.unit("crash") < 1 / 8:
        count = 1
    crashes = []
    for number in range(count):
        one = Occasion(seed, "crash", number)
        crashes.append(
            Crash(
                at_ms=one.whole("at", 600, chaos_ms),
                steps=one.whole("steps", 0, 60),
                down_ms=one.spread("down", 50, 4_000),
                keep_frac=one.unit("keep"),
                torn_bytes=one.spread("torn", 1, 4_096) if one.unit("tears") < 1 / 2 else 0,
            )
        )
    return tuple(sorted(crashes, key=lambda crash: crash.at_ms))


def _disk(draw: Occasion, story: Story) -> DiskPlan:
    if story is not Story.DISK:
        slow = draw.unit("slow disk") < 1 / 4
        return DiskPlan(fsync_ms=draw.whole("fsync", 1, 20) if slow else 0.0)
    first = draw.whole("disk fails", 3, 25)
    fault = draw.one_of("disk fault", tuple(DiskFault))
    length = draw.one_of("disk length", (1, 4))
    faults = dict.fromkeys(range(first, first + length), fault)
    stall = {first + length + 2: 1_500.0} if draw.unit("stall") < 1 / 3 else {}
    return DiskPlan(faults=faults, slow_fsync_ms=stall)
