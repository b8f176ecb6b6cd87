"""Ids of our orders: a pure function of the intent, readable again when everything else is lost.

`x` version(1) role(1) account(2) lease(4) position(6) rung(1) revision(4) attempt(1) checksum(3),
numbers in base 32: 24 characters that every venue takes. The checksum tells our orders from those of
others, which are never touched.
"""

from dataclasses import dataclass
from zlib import crc32

from quantum_exit.domain.checks import in_range
from quantum_exit.errors import InvalidInputError
from quantum_exit.execution.orders import Role

_PREFIX = "x"
_VERSION = "1"
_DIGITS = "0123456789ABCDEFGHIJKLMNOPQRSTUV"
_BITS = 5
_ROLES = (
    (Role.FLOOR, "F"),
    (Role.WORKING, "T"),
    (Role.TAKE_PROFIT, "L"),
    (Role.TRAIL, "V"),
    (Role.CLOSE, "C"),
    (Role.EMERGENCY, "E"),
)
_TAG = 2
_LEASE = 4
_POSITION = 6
_REVISION = 4
_CHECKSUM = 3
_LENGTH = 3 + _TAG + _LEASE + _POSITION + 1 + _REVISION + 1 + _CHECKSUM

MAX_LEASE_EPOCH = (1 << _BITS * _LEASE) - 1
MAX_POSITION_EPOCH = (1 << _BITS * _POSITION) - 1
MAX_RUNG = (1 << _BITS) - 1
MAX_REVISION = (1 << _BITS * _REVISION) - 1
MAX_ATTEMPT = (1 << _BITS) - 1


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderIdentity:
    """What an order id says.

    Attributes:
        role: What the order is for.
        account_tag: `account_tag` of the account.
        lease_epoch: Lease under which it was made, 0 to 2**20 - 1.
        position_epoch: Epoch of its position, 0 to 2**30 - 1.
        rung: Which of several of its role: a leg, or the stand-in of the floor; 0 to 31.
        revision: Number of the order among those of its role and rung, 0 to 2**20 - 1.
        attempt: Number of the try, 0 to 31.

    Raises:
        InvalidInputError: A number does not fit, or the tag is none.
    """

    role: Role
    account_tag: str
    lease_epoch: int
    position_epoch: int
    rung: int
    revision: int
    attempt: int

    def __post_init__(self) -> None:
        if len(self.account_tag) != _TAG or not set(self.account_tag) <= set(_DIGITS):
            allowed = f"expected {_TAG} base-32 digits"
            raise InvalidInputError("account_tag", repr(self.account_tag), allowed)
        in_range("lease_epoch", self.lease_epoch, 0, MAX_LEASE_EPOCH)
        in_range("position_epoch", self.position_epoch, 0, MAX_POSITION_EPOCH)
        in_range("rung", self.rung, 0, MAX_RUNG)
        in_range("revision", self.revision, 0, MAX_REVISION)
        in_range("attempt", self.attempt, 0, MAX_ATTEMPT)


def account_tag(account: str) -> str:
    """Two base-32 digits that stand for an account in its ids."""
    return _written(crc32(account.encode()) % (1 << _BITS * _TAG), _TAG)


def client_id(identity: OrderIdentity) -> str:
    """The id of an order."""
    body = "".join(
        (
            _PREFIX,
            _VERSION,
            next(letter for role, letter in _ROLES if role is identity.role),
            identity.account_tag,
            _written(identity.lease_epoch, _LEASE),
            _written(identity.position_epoch, _POSITION),
            _written(identity.rung, 1),
            _written(identity.revision, _REVISION),
            _written(identity.attempt, 1),
        )
    )
    return body + _checksum(body)


def identity_of(text: str) -> OrderIdentity | None:
    """What an id says, or None where it is not one of ours."""
    body, checksum = text[:-_CHECKSUM], text[-_CHECKSUM:]
    if len(text) != _LENGTH or text[:2] != _PREFIX + _VERSION or _checksum(body) != checksum:
        return None
    role = next((role for role, letter in _ROLES if letter == text[2]), None)
    numbers = text[3:-_CHECKSUM]
    if role is None or not set(numbers) <= set(_DIGITS):
        return None
    at = _TAG
    values = []
    for width in (_LEASE, _POSITION, 1, _REVISION, 1):
        values.append(int(numbers[at : at + width], 32))
        at += width
    lease, position, rung, revision, attempt = values
    return OrderIdentity(
        role=role,
        account_tag=numbers[:_TAG],
        lease_epoch=lease,
        position_epoch=position,
        rung=rung,
        revision=revision,
        attempt=attempt,
    )


def _checksum(body: str) -> str:
    return _written(crc32(body.encode()) % (1 << _BITS * _CHECKSUM), _CHECKSUM)


def _written(number: int, width: int) -> str:
    digits = []
    for _ in range(width):
        digits.append(_DIGITS[number & MAX_RUNG])
        number >>= _BITS
    return "".join(reversed(digits))
