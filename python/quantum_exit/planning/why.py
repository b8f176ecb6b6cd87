"""Why a plan is what it is: every factor that was applied, in order."""

from typing import NamedTuple, TypeAlias

from quantum_exit.domain.numbers import Number

Value: TypeAlias = Number | bool | None


class Factor(NamedTuple):
    """One step on the way to a plan.

    Attributes:
        name: What was decided or applied, such as `risk mode`.
        value: The value that went in, such as 0.7.
        source: Who gave the value, such as `RiskMode.CONSERVATIVE`.
        result: What came out of the step, such as the stop fraction after it; None where the value
            itself is the result.
    """

    name: str
    value: Value
    source: str
    result: Value = None


def explain(why: tuple[Factor, ...]) -> str:
    """`why` as a table of text, one line a factor."""
    rows = [("factor", "value", "source", "result")]
    for name, value, source, result in why:
        rows.append((name, _text(value), source, "" if result is None else _text(result)))
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in rows
    )


def _text(value: Value) -> str:
    if value is None:
        return "none"
    if isinstance(value, float):
        # Ten digits hide the last bits of a product such as 0.025 * 0.7.
        return f"{value:.10g}"
    return str(value)
