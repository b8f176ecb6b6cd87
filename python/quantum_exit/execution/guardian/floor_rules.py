"""The floor and its four-step dance, since a venue takes just one close-position stop a side.

Stand-in live -> old floor cancelled -> new floor live -> stand-in cancelled. Where the new floor is
refused, the stand-in stays.
"""

from enum import StrEnum


class Presence(StrEnum):
    """What is known about a stop."""

    ABSENT = "ABSENT"
    PENDING = "PENDING"
    """On its way, or unknown."""
    LIVE = "LIVE"
    FIRING = "FIRING"
    LEAVING = "LEAVING"
    """Its cancel was asked for."""


class FloorStep(StrEnum):
    """What is to be done."""

    WAIT = "WAIT"
    PLACE_FLOOR = "PLACE_FLOOR"
    PLACE_STANDIN = "PLACE_STANDIN"
    CANCEL_FLOOR = "CANCEL_FLOOR"
    RENEW_STANDIN = "RENEW_STANDIN"
    """The position has outgrown it."""
    DROP_STANDIN = "DROP_STANDIN"


class FloorRules:
    """The rules; they hold no state."""

    def next_step(
        self, floor: Presence, *, fits: bool, standin: Presence, covers: bool
    ) -> FloorStep:
        """The next step.

        Args:
            floor: The floor.
            fits: Whether it is where it should be.
            standin: The stand-in.
            covers: Whether the stand-in covers all that is open.
        """
        if floor is Presence.ABSENT:
            return FloorStep.PLACE_FLOOR
        if floor is Presence.LEAVING and standin is Presence.ABSENT:
            return FloorStep.PLACE_STANDIN
        if floor is not Presence.LIVE:
            return FloorStep.WAIT
        if fits:
            return FloorStep.DROP_STANDIN if standin is Presence.LIVE else FloorStep.WAIT
        return self._towards_cancel(standin, covers=covers)

    def _towards_cancel(self, standin: Presence, *, covers: bool) -> FloorStep:
        if standin is Presence.ABSENT:
            return FloorStep.PLACE_STANDIN
        if standin is not Presence.LIVE:
            return FloorStep.WAIT
        return FloorStep.CANCEL_FLOOR if covers else FloorStep.RENEW_STANDIN
