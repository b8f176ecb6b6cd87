"""Order slots under Python threads: the same answers with and without a GIL."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest

from quantum_exit import _core
from quantum_exit._core import Busy, Claim, OrderSlots, Phase

THREADS = 8
ROUNDS = 300
BARRIER_TIMEOUT_S = 60


def on_threads(work: Callable[[int], None]) -> None:
    """Run `work(0) .. work(THREADS - 1)` at once and raise what any of them raised."""
    with ThreadPoolExecutor(THREADS) as pool:
        for future in [pool.submit(work, number) for number in range(THREADS)]:
            future.result()


def claim(slots: OrderSlots, slot: int) -> Claim:
    attempt = slots.try_claim(slot, slots.revision(slot))
    assert isinstance(attempt, Claim)
    return attempt


def test_each_round_has_one_winner_and_the_tokens_only_grow() -> None:
    slots = OrderSlots(1)
    barrier = threading.Barrier(THREADS, timeout=BARRIER_TIMEOUT_S)
    attempts: list[list[Claim | Busy]] = [[] for _ in range(ROUNDS)]

    def contend(number: int) -> None:
        for answers in attempts:
            seen = slots.revision(0)
            barrier.wait()
            answers.append(slots.try_claim(0, seen))
            barrier.wait()
            if number == 0:
                (won,) = [answer for answer in answers if isinstance(answer, Claim)]
                slots.release(won, Phase.PROTECTED)
            barrier.wait()

    on_threads(contend)

    claims = [[a for a in answers if isinstance(a, Claim)] for answers in attempts]
    assert [len(won) for won in claims] == [1] * ROUNDS
    assert [len(answers) for answers in attempts] == [THREADS] * ROUNDS
    assert [won.sequence for (won,) in claims] == list(range(1, ROUNDS + 1))


def test_claims_of_a_free_for_all_never_overlap() -> None:
    slots = OrderSlots(2)
    slot = 3
    holders: list[int] = []
    tokens: list[list[int]] = [[] for _ in range(THREADS)]

    def work(number: int) -> None:
        while len(tokens[number]) < ROUNDS:
            attempt = slots.try_claim(slot, slots.revision(slot))
            if isinstance(attempt, Busy):
                time.sleep(0)  # Lets the holder run where one core or one GIL is shared.
                continue
            holders.append(number)
            assert holders == [number]
            holders.remove(number)
            tokens[number].append(attempt.sequence)
            slots.release(attempt, Phase.UNKNOWN)

    on_threads(work)

    assert all(own == sorted(own) for own in tokens)
    assert sorted(token for own in tokens for token in own) == list(range(1, THREADS * ROUNDS + 1))


def test_one_claim_in_many_hands_is_released_once() -> None:
    slots = OrderSlots(1)
    barrier = threading.Barrier(THREADS, timeout=BARRIER_TIMEOUT_S)
    shared = [claim(slots, 0)]
    released: list[int] = []

    def release(number: int) -> None:
        for round_number in range(ROUNDS):
            barrier.wait()
            try:
                slots.release(shared[0], Phase.FLAT, new_plan=True)
            except _core.ClaimExpired:
                pass
            else:
                released.append(round_number)
            barrier.wait()
            if number == 0:
                shared[0] = claim(slots, 0)

    on_threads(release)

    assert released == list(range(ROUNDS))
    assert slots.revision(0).generation == ROUNDS


def test_a_fence_and_a_release_never_both_succeed() -> None:
    slots = OrderSlots(1)
    barrier = threading.Barrier(THREADS, timeout=BARRIER_TIMEOUT_S)
    shared = [claim(slots, 0)]
    succeeded: list[list[str]] = [[] for _ in range(ROUNDS)]

    def work(number: int) -> None:
        for done in succeeded:
            barrier.wait()
            held = shared[0]
            try:
                if number % 2:
                    slots.fence(0, held.revision)
                    done.append("fence")
                else:
                    slots.release(held, Phase.PROTECTED)
                    done.append("release")
            except (_core.ClaimExpired, _core.SlotChanged):
                pass
            barrier.wait()
            if number == 0:
                assert not slots.is_current(held)
                expected = {"fence": Phase.UNKNOWN, "release": Phase.PROTECTED}
                assert slots.phase(0) == expected[done[0]]
                shared[0] = claim(slots, 0)

    on_threads(work)

    assert [len(done) for done in succeeded] == [1] * ROUNDS


def test_busy_tells_a_held_slot_from_a_stale_revision() -> None:
    slots = OrderSlots(1)
    seen = slots.revision(0)
    held = claim(slots, 0)
    busy = slots.try_claim(0, seen)
    assert isinstance(busy, Busy)
    assert (busy.stale, busy.phase, busy.revision) == (False, Phase.SETTLING, held.revision)
    after = slots.release(held, Phase.FLAT)
    busy = slots.try_claim(0, seen)
    assert isinstance(busy, Busy)
    assert (busy.stale, busy.phase, busy.revision) == (True, Phase.FLAT, after)


def test_a_step_expires_the_claim_it_came_from() -> None:
    slots = OrderSlots(1)
    settling = claim(slots, 0)
    closing = slots.step(settling, Phase.CLOSING)
    assert closing.sequence == settling.sequence
    assert slots.is_current(closing)
    assert not slots.is_current(settling)
    with pytest.raises(_core.ClaimExpired, match="claim 1 has expired; the slot is CLOSING"):
        slots.release(settling, Phase.FLAT)


def test_an_illegal_release_says_what_is_allowed_and_keeps_the_claim() -> None:
    slots = OrderSlots(1)
    held = claim(slots, 0)
    with pytest.raises(_core.IllegalTransition, match="phase: PLACING is not allowed"):
        slots.release(held, Phase.PLACING)
    assert slots.is_current(held)


def test_a_claim_of_a_larger_table_is_refused() -> None:
    foreign = claim(OrderSlots(2), 3)
    slots = OrderSlots(1)
    for use in (slots.is_current, lambda held: slots.release(held, Phase.FLAT)):
        with pytest.raises(ValueError, match="slot: 3 is not allowed; 0 to 1"):
            use(foreign)


@pytest.mark.parametrize("capacity", [0, 65_537])
def test_a_capacity_out_of_range_names_the_field(capacity: int) -> None:
    with pytest.raises(ValueError, match=r"symbols: .* is not allowed; 1 to 65536"):
        OrderSlots(capacity)


def test_nothing_is_known_of_a_new_slot() -> None:
    slots = OrderSlots(1)
    assert len(slots) == 2
    assert slots.phase(1) == Phase.UNKNOWN
    assert not slots.phase(1).is_held
    assert claim(slots, 1).phase.is_held


@pytest.mark.parametrize(
    ("name", "held"),
    [
        ("FLAT", False),
        ("NAKED", False),
        ("PROTECTED", False),
        ("UNKNOWN", False),
        ("SETTLING", True),
        ("PLACING", True),
        ("REPLACING", True),
        ("CLOSING", True),
    ],
)
def test_each_phase_has_its_own_name(name: str, held: bool) -> None:
    phase = getattr(Phase, name)
    assert (phase.name, phase.is_held) == (name, held)
