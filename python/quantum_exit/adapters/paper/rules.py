"""Rules of the venue that are not known for certain, each in both variants."""

from dataclasses import dataclass
from typing import Literal

from quantum_exit._core import Venue


@dataclass(frozen=True, slots=True, kw_only=True)
class VenueRules:
    """Variants of the venue; the defaults are the most probable ones.

    Attributes:
        close_position_singleton: One open closePosition order for each type and side, or for each
            side (-4130).
        oversized_reduce_only_stop: What becomes of a reduce-only stop that is larger than the
            position when it triggers.
        client_id_reuse_after_final: The client id of a final order may be used again (-4116).
        close_position_before_position: A closePosition order is accepted while flat.
        countdown_cancels_algo: `countdownCancelAll` reaches algo orders.
        reduce_only_budget: Resting reduce-only orders use up the position (-4118).
        gte_expires_with_position: closePosition orders expire when the position closes.
        expire_reduce_only_with_position: So do reduce-only orders.
        price_protect_violation: A protected order waits or expires where last and mark price are
            too far apart.
        trigger_latency_ms: From the trigger price to the child order, 0 or more.
    """

    close_position_singleton: Literal["per_type_and_side", "per_side"] = "per_type_and_side"
    oversized_reduce_only_stop: Literal["truncate", "reject"] = "truncate"
    client_id_reuse_after_final: bool = True
    close_position_before_position: bool = True
    countdown_cancels_algo: bool = True
    reduce_only_budget: bool = True
    gte_expires_with_position: bool = True
    expire_reduce_only_with_position: bool = False
    price_protect_violation: Literal["wait", "expire"] = "wait"
    trigger_latency_ms: int = 0

    def venue(self, now_ms: int) -> Venue:
        """A venue with these rules, without symbols and accounts.

        Args:
            now_ms: Its time, ms since the UNIX epoch.
        """
        return Venue(
            now_ms=now_ms,
            close_position_singleton=self.close_position_singleton,
            oversized_reduce_only_stop=self.oversized_reduce_only_stop,
            client_id_reuse_after_final=self.client_id_reuse_after_final,
            close_position_before_position=self.close_position_before_position,
            countdown_cancels_algo=self.countdown_cancels_algo,
            reduce_only_budget=self.reduce_only_budget,
            gte_expires_with_position=self.gte_expires_with_position,
            expire_reduce_only_with_position=self.expire_reduce_only_with_position,
            price_protect_violation=self.price_protect_violation,
            trigger_latency_ms=self.trigger_latency_ms,
        )
