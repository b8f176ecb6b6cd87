"""Exit rules as JSON: a ladder, trailing, ratchet and time limits without a profile around them."""

from dataclasses import dataclass
from decimal import Decimal

from quantum_exit._core import Leg, Ratchet, TimeStop, Trailing
from quantum_exit.domain.documents import parse_json
from quantum_exit.domain.fields import Fields, located
from quantum_exit.domain.rules import ExitRules

_PLAN = ("legs", "trailing", "ratchet", "max_hold_ns", "time_stop", "stop_frac")
_LEG = ("r_multiple", "size_fraction", "kind")
_TRAILING = ("callback_pct", "activation_r", "tightening_curve", "rearm")
_RATCHET = ("break_even_after", "break_even_offset_frac", "follow_legs", "break_even_at_r")
_TIME_STOP = ("after_ns", "under_r")
_MOST_LEGS_BEFORE_BREAK_EVEN = 255


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanFile:
    """What a plan file says.

    Attributes:
        rules: Legs, trailing, ratchet and time limits.
        stop_frac: Distance of the initial stop as a fraction of the entry price, or None.
    """

    rules: ExitRules
    stop_frac: Decimal | None


def plan_from_json(text: str, path: str) -> PlanFile:
    """The exit rules that a JSON object describes; every key is optional.

    - `legs`: objects with `r_multiple`, `size_fraction` and, optional, `kind` ("HARD" or "SOFT");
    - `trailing`: object with `callback_pct`, `activation_r`, `tightening_curve` (list of [R,
      callback]) and `rearm`, all but the first optional; null = none;
    - `ratchet`: object with `break_even_after` (null = never), `break_even_offset_frac`,
      `follow_legs` and `break_even_at_r`, all optional, defaults as of `Ratchet`;
    - `max_hold_ns`: whole number above 0, or null;
    - `time_stop`: object with `after_ns` and `under_r`, or null;
    - `stop_frac`: fraction of the entry price in (0, 1).

    Numbers are JSON numbers or text; both are taken as written.

    Args:
        text: The JSON document.
        path: Where it comes from, for errors.

    Raises:
        InputFileError: Names the file and the key.
    """
    fields = Fields(parse_json(text, path), path=path, known=_PLAN, decimal_text=True)
    legs = tuple(_leg(leg) for leg in fields.tables("legs", _LEG))
    trailing = None
    if fields.has("trailing"):
        trailing = _trailing(fields.table("trailing", _TRAILING))
    ratchet = _ratchet(fields.table("ratchet", _RATCHET)) if fields.has("ratchet") else None
    max_hold_ns = _time(fields, "max_hold_ns") if fields.has("max_hold_ns") else None
    time_stop = None
    if fields.has("time_stop"):
        time_stop = _time_stop(fields.table("time_stop", _TIME_STOP))
    stop_frac = fields.number("stop_frac") if fields.has("stop_frac") else None
    if stop_frac is not None and not 0 < stop_frac < 1:
        fields.refuse("stop_frac", f"{stop_frac} is not allowed; expected a fraction in (0, 1)")
    rules = ExitRules(
        legs=legs,
        trailing=trailing,
        ratchet=ratchet,
        max_hold_ns=max_hold_ns,
        time_stop=time_stop,
    )
    return PlanFile(rules=rules, stop_frac=stop_frac)


def _leg(fields: Fields) -> Leg:
    r_multiple = fields.number("r_multiple")
    size_fraction = fields.number("size_fraction")
    kind = fields.text("kind") if fields.has("kind") else "HARD"
    with located(fields.path, fields.place):
        return Leg(r_multiple, size_fraction, kind)


def _trailing(fields: Fields) -> Trailing:
    callback_pct = fields.number("callback_pct")
    activation_r = fields.number("activation_r") if fields.has("activation_r") else Decimal(0)
    curve = fields.pairs("tightening_curve")
    rearm = fields.flag("rearm") if fields.has("rearm") else False
    # The core's errors name the table themselves.
    with located(fields.path):
        return Trailing(callback_pct, activation_r, curve, rearm)


def _ratchet(fields: Fields) -> Ratchet:
    default = Ratchet()
    after: int | None = default.break_even_after
    if fields.has("break_even_after"):
        after = fields.integer("break_even_after")
        if not 0 < after <= _MOST_LEGS_BEFORE_BREAK_EVEN:
            fields.refuse(
                "break_even_after", f"{after} is not allowed; expected 1 or more, or null"
            )
    elif fields.is_null("break_even_after"):
        after = None
    offset = (
        fields.number("break_even_offset_frac")
        if fields.has("break_even_offset_frac")
        else default.break_even_offset_frac
    )
    follow = fields.flag("follow_legs") if fields.has("follow_legs") else default.follow_legs
    at_r = fields.number("break_even_at_r") if fields.has("break_even_at_r") else None
    with located(fields.path):
        return Ratchet(after, offset, follow, at_r)


def _time_stop(fields: Fields) -> TimeStop:
    after_ns = _time(fields, "after_ns")
    under_r = fields.number("under_r")
    with located(fields.path):
        return TimeStop(after_ns, under_r)


def _time(fields: Fields, key: str) -> int:
    time_ns = fields.integer(key)
    if not 0 < time_ns < 1 << 63:
        fields.refuse(key, f"{time_ns} is not allowed; expected ns above 0")
    return time_ns


def rules_to_json(rules: ExitRules) -> dict[str, object]:
    """`rules` as the JSON values that `plan_from_json` reads back."""
    trailing, ratchet = rules.trailing, rules.ratchet
    return {
        "legs": [
            {"r_multiple": leg.r_multiple, "size_fraction": leg.size_fraction, "kind": leg.kind}
            for leg in rules.legs
        ],
        "trailing": None
        if trailing is None
        else {
            "callback_pct": trailing.callback_pct,
            "activation_r": trailing.activation_r,
            "tightening_curve": [list(point) for point in trailing.tightening_curve],
            "rearm": trailing.rearm,
        },
        "ratchet": None
        if ratchet is None
        else {
            "break_even_after": ratchet.break_even_after,
            "break_even_offset_frac": ratchet.break_even_offset_frac,
            "follow_legs": ratchet.follow_legs,
            "break_even_at_r": ratchet.break_even_at_r,
        },
        "max_hold_ns": rules.max_hold_ns,
        "time_stop": None
        if rules.time_stop is None
        else {"after_ns": rules.time_stop.after_ns, "under_r": rules.time_stop.under_r},
    }
