"""Text that shows nowhere by accident."""

from typing import Final, NoReturn

from quantum_exit.errors import InvalidInputError

MASK: Final = "***"


class Secret:
    """A key, a password, or an address that holds one; only `reveal` tells it.

    It has no `repr`, text or format that shows it, cannot be pickled or copied, and equals only
    itself.

    Args:
        text: What is secret, not empty.

    Raises:
        InvalidInputError: It is empty, or has a space or line end around it.
    """

    __slots__ = ("_text",)

    def __init__(self, text: str) -> None:
        if not text or text != text.strip():
            raise InvalidInputError("secret", MASK, "expected text without space around it")
        self._text = text

    def reveal(self) -> str:
        """The text; for the one place that needs it."""
        return self._text

    def __repr__(self) -> str:
        return f"Secret({MASK})"

    def __str__(self) -> str:
        return MASK

    def __format__(self, spec: str) -> str:
        return MASK

    def __reduce_ex__(self, protocol: object) -> NoReturn:
        msg = "a secret is not pickled"
        raise TypeError(msg)
