"""Every row of the fault catalogue has a mark, a test elsewhere, or a reason."""

from pathlib import Path

from tests.simulation import marks
from tests.simulation.table import EVERY_FAULT

ROWS = {
    *(f"F{row:02}" for row in range(1, 36)),
    *(f"F{row}" for row in range(40, 53)),
    *(f"F{row}" for row in range(60, 73)),
}
ROOT = Path(__file__).parents[2]


def test_no_row_of_the_catalogue_is_left_out() -> None:
    marked = {name.split()[0] for name in EVERY_FAULT}

    assert marked | marks.ELSEWHERE.keys() | marks.UNTESTED.keys() == ROWS
    assert not marked & (marks.ELSEWHERE.keys() | marks.UNTESTED.keys())


def test_what_is_tested_elsewhere_is_there() -> None:
    assert [where for _, where in marks.ELSEWHERE.values() if not (ROOT / where).is_file()] == []
