"""Whether an order exists whose outcome is unknown: only proof ends the question.

Either the venue shows the order, or all of these hold: the time in which it could still come into
being is over, two questions at least `find_spacing_ms` apart were answered with "not found", and
neither the lists of open orders nor the trades, read after that time, show it.
"""

from quantum_exit.execution.guardian.config import GuardianConfig
from quantum_exit.execution.guardian.own_order import OwnOrder, Phase, Proof
from quantum_exit.execution.outcomes import Outcome

_FIRST_ASK_MS = 250
_UNANSWERED_MS = 500
_TWO = 2
_MOST_DOUBLINGS = 8


class Settling:
    """The rules; they hold no state."""

    def reading(self, outcome: Outcome) -> Outcome:
        """What an outcome says."""
        return outcome

    def is_absent(self, proof: Proof, now_ms: int, config: GuardianConfig) -> bool:
        """Whether it is proven that the order does not exist."""
        over_ms = proof.since_ms + config.proof_after_ms
        if now_ms <= over_ms or len(proof.not_found_ms) < _TWO:
            return False
        if proof.lists_ms is None or proof.trades_ms is None:
            return False
        return min(proof.not_found_ms[-1], proof.lists_ms, proof.trades_ms) > over_ms


def begin(own: OwnOrder, since_ms: int) -> None:
    """Its outcome is unknown from now on."""
    if not own.phase.is_over:
        own.phase = Phase.UNKNOWN
    own.proof = Proof(since_ms=since_ms)


def miss(own: OwnOrder, since_ms: int) -> None:
    """The venue does not show an order that it has shown: it counts as live until proven gone."""
    if own.proof is None:
        own.proof = Proof(since_ms=since_ms)


def not_found(proof: Proof, asked_ms: int, config: GuardianConfig) -> None:
    """Takes a "not found" in: the first one counts, and the last one far enough behind it."""
    if not proof.not_found_ms:
        proof.not_found_ms = [asked_ms]
    elif asked_ms - proof.not_found_ms[0] >= config.find_spacing_ms:
        proof.not_found_ms = [proof.not_found_ms[0], asked_ms]


def next_ask_ms(proof: Proof, config: GuardianConfig) -> int:
    """When the venue is to be asked again: soon until it answers, then when an answer counts."""
    if proof.asked_ms is None:
        return 0
    longest_ms = config.find_spacing_ms
    if not proof.not_found_ms:
        # After an outage the first answer begins the proof, and an exit may wait for it.
        longest_ms = min(longest_ms, _UNANSWERED_MS)
    pause_ms = _FIRST_ASK_MS << min(proof.asks - 1, _MOST_DOUBLINGS)
    at_ms = proof.asked_ms + min(pause_ms, longest_ms)
    if proof.not_found_ms and proof.asked_ms < (
        due_ms := proof.not_found_ms[0] + config.find_spacing_ms
    ):
        # The first question whose answer counts as the second one.
        at_ms = min(at_ms, due_ms)
    over_ms = proof.since_ms + config.proof_after_ms
    if proof.asked_ms <= over_ms:
        # The first question whose answer counts as the last one: an exit may wait for it.
        at_ms = min(at_ms, over_ms + 1)
    return at_ms
