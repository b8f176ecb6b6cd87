"""Marks of the machine and of people: rows of the fault catalogue that the world itself causes.

A schedule that meets a row leaves its mark; rows that no schedule can meet name the test that does.
"""

from collections.abc import Mapping
from types import MappingProxyType

WORLD: Mapping[str, str] = MappingProxyType(
    {
        "F48": "the price of an open position jumps by 2 % and more",
        "F50": "the wall clock jumps",
        "F60": "the process dies between two callbacks",
        "F61": "the process dies again before it has recovered",
        "F63": "the disk refuses a write, or takes long for it",
        "F66": "the event loop is blocked",
        "F69": "commands and plans come while something is under way",
    }
)
"""What the marks of the simulated world stand for."""

ELSEWHERE: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        "F44": ("reconnect storm", "tests/unit/binance/test_pacing.py"),
        "F45": ("frozen prices", "tests/simulation/test_failures.py"),
        "F49": ("burst of prices and fills", "tests/simulation/test_flood.py"),
        "F51": ("a refused time stamp (-1021)", "tests/unit/execution/test_sending.py"),
        "F64": ("damage to the journal", "tests/integration/test_sqlite_damage.py"),
        "F68": ("an exception in a task", "tests/simulation/test_failures.py"),
        "F70": ("another version's journal", "tests/unit/test_journal_records.py"),
        "F71": ("no name, no route, no reply", "tests/integration/test_binance_transport.py"),
    }
)
"""Rows that are tested outside of schedules: what they are, and where."""

UNTESTED: Mapping[str, str] = MappingProxyType(
    {"F67": "a model that hangs or crashes: none runs inside the service"}
)
"""Rows that nothing here can meet, and why."""

JUMP_FRAC = 0.02
"""Relative change between two prices that counts as a jump through several levels."""
