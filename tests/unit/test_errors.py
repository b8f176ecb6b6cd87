import pickle

import pytest

from quantum_exit import InvalidInputError, MissingExtraError, QuantumExitError, TickFileError
from quantum_exit.errors import (
    JournalUnavailableError,
    JournalVersionError,
    LeaseHeldError,
    LeaseLostError,
    VenueReject,
)


def test_invalid_input_names_field_value_and_what_is_allowed() -> None:
    error = InvalidInputError("legs[1].r_multiple", -2, "a decimal above 0")

    assert str(error) == "legs[1].r_multiple: -2 is not allowed; a decimal above 0"
    assert (error.field, error.value, error.allowed) == (
        "legs[1].r_multiple",
        "-2",
        "a decimal above 0",
    )


def test_missing_extra_names_the_command_that_installs_it() -> None:
    assert str(MissingExtraError("data", "polars")) == (
        'polars is not installed; pip install "quantum-exit[data]"'
    )


@pytest.mark.parametrize(
    ("path", "row", "column", "expected"),
    [
        ("t.csv", 17, "price", "t.csv: row 17, column price: no number"),
        ("t.csv", 17, None, "t.csv: row 17: no number"),
        ("t.csv", None, "price", "t.csv: column price: no number"),
        ("t.csv", None, None, "t.csv: no number"),
        (None, 17, "price", "row 17, column price: no number"),
        (None, None, None, "no number"),
    ],
)
def test_tick_file_error_omits_what_is_unknown(
    path: str | None, row: int | None, column: str | None, expected: str
) -> None:
    assert str(TickFileError(path=path, row=row, column=column, message="no number")) == expected


@pytest.mark.parametrize(
    "error",
    [
        InvalidInputError("qty", "0", "above 0"),
        MissingExtraError("data", "polars"),
        VenueReject(-2021, "Order would immediately trigger."),
        TickFileError(path="t.csv", row=17, column="price", message="no number"),
        JournalUnavailableError("append", "disk full"),
        JournalVersionError("journal.db", 3, 1, 2),
        LeaseHeldError("BTCUSDT of main", "host-1", 1_700_000_000_000),
        LeaseLostError("BTCUSDT of main", 4, None),
    ],
)
def test_errors_survive_a_process_boundary(error: QuantumExitError) -> None:
    copy = pickle.loads(pickle.dumps(error))

    assert type(copy) is type(error)
    assert vars(copy) == vars(error)
    assert str(copy) == str(error)


def test_errors_are_what_a_caller_of_the_standard_library_would_catch() -> None:
    assert issubclass(InvalidInputError, ValueError)
    assert issubclass(MissingExtraError, ImportError)
