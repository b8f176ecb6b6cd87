"""Exit engine for leveraged crypto positions.

Importing the package loads the extension module and nothing heavier. What needs an optional
dependency imports it when it is called and raises `MissingExtraError` where it is absent.
"""

from quantum_exit._core import __version__
from quantum_exit.errors import (
    InvalidInputError,
    MissingExtraError,
    QuantumExitError,
    TickFileError,
)

__all__ = [
    "InvalidInputError",
    "MissingExtraError",
    "QuantumExitError",
    "TickFileError",
    "__version__",
]
