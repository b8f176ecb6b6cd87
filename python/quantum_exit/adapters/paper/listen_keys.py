"""Listen keys: one a user-data stream, good for an hour after the last sign of interest."""

import hashlib
from dataclasses import dataclass

from quantum_exit.adapters.paper.errors import refusal

LIFETIME_MS = 3_600_000


@dataclass(slots=True)
class _Key:
    text: str
    account: int
    expires_ms: int


class ListenKeys:
    """The listen keys that are good.

    Args:
        seed: Two exchanges of one seed hand out the same keys.
    """

    def __init__(self, seed: int) -> None:
        self._seed = seed
        self._made = 0
        self._by_text: dict[str, _Key] = {}
        self._by_account: dict[int, _Key] = {}

    def start(self, account: int, now_ms: int) -> str:
        """The account's key, good for another hour; the same one while it is good."""
        key = self._by_account.get(account)
        if key is None:
            key = _Key(self._new_text(account), account, 0)
            self._by_account[account] = key
            self._by_text[key.text] = key
        key.expires_ms = now_ms + LIFETIME_MS
        return key.text

    def keep_alive(self, account: int, now_ms: int) -> str:
        """The account's key, good for another hour.

        Raises:
            VenueRefusal: -1125, it has none.
        """
        key = self._by_account.get(account)
        if key is None:
            raise refusal(-1125)
        key.expires_ms = now_ms + LIFETIME_MS
        return key.text

    def close(self, account: int) -> str | None:
        """Ends the account's key and gives it, or `None` where it has none."""
        key = self._by_account.pop(account, None)
        if key is None:
            return None
        del self._by_text[key.text]
        return key.text

    def account_of(self, text: str) -> int | None:
        """The account of a key that is good, else `None`."""
        key = self._by_text.get(text)
        return None if key is None else key.account

    def of_account(self, account: int) -> str | None:
        """The account's key, or `None` where it has none."""
        key = self._by_account.get(account)
        return None if key is None else key.text

    def expire(self, now_ms: int) -> list[str]:
        """Ends the keys whose hour is over and gives them."""
        over = [key for key in self._by_text.values() if key.expires_ms <= now_ms]
        for key in over:
            self.close(key.account)
        return [key.text for key in over]

    def next_expiry_ms(self) -> int | None:
        """When the next key ends, or `None` without keys."""
        return min((key.expires_ms for key in self._by_text.values()), default=None)

    def _new_text(self, account: int) -> str:
        self._made += 1
        text = f"{self._seed}/{account}/{self._made}"
        return hashlib.sha256(text.encode()).hexdigest()
