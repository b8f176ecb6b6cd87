"""The errors of the package: one root, split by what the caller can do about them."""

from os import PathLike, fspath


class QuantumExitError(Exception):
    """Root of every error that the package raises on purpose."""


class InvalidInputError(QuantumExitError, ValueError):
    """An input was refused; nothing was changed.

    Attributes:
        field: Name of the offending field as the caller wrote it (`legs[1].r_multiple`).
        value: The value given, as text.
        allowed: What would have been accepted.
    """

    def __init__(self, field: str, value: object, allowed: str) -> None:
        self.field = field
        self.value = str(value)
        self.allowed = allowed
        # The arguments themselves go to `args`, so that the error survives pickling.
        super().__init__(field, self.value, allowed)

    def __str__(self) -> str:
        return f"{self.field}: {self.value} is not allowed; {self.allowed}"


class VenueReject(QuantumExitError):  # noqa: N818 (a venue rejects; the word of the field)
    """The simulated venue refused a request; nothing was changed.

    Attributes:
        code: The error code of Binance USD-M, negative.
        message: Its text.
    """

    def __init__(self, code: int, message: str) -> None:
        self.code = code
        self.message = message
        super().__init__(code, message)

    def __str__(self) -> str:
        return f"{self.code}: {self.message}"


class PlanRefusedError(QuantumExitError):
    """The inputs are right, but no exit plan can protect the position; live: close it now.

    Attributes:
        symbol: Symbol of the position.
        reason: Why there is no plan, with the numbers.
    """

    def __init__(self, symbol: str, reason: str) -> None:
        self.symbol = symbol
        self.reason = reason
        super().__init__(symbol, reason)

    def __str__(self) -> str:
        return f"{self.symbol}: no exit plan: {self.reason}"


class MissingExtraError(QuantumExitError, ImportError):
    """A function needs an optional dependency that is not installed.

    Attributes:
        extra: The extra of this package that brings the dependency (`data`, `report`, ...).
        module: The module that could not be imported.
    """

    def __init__(self, extra: str, module: str) -> None:
        self.extra = extra
        self.module = module
        super().__init__(extra, module)

    def __str__(self) -> str:
        return f'{self.module} is not installed; pip install "quantum-exit[{self.extra}]"'


class TickFileError(QuantumExitError):
    """A tick file could not be read; nothing was written.

    Attributes:
        path: The file, or `None` where the input has no name.
        row: 1-based row of the file, or `None` where the error concerns no single row.
        column: Name of the column, or `None` where the error concerns no single column.
        message: What is wrong, and what is allowed.
    """

    def __init__(
        self,
        *,
        path: str | PathLike[str] | None = None,
        row: int | None = None,
        column: str | None = None,
        message: str,
    ) -> None:
        self.path = None if path is None else fspath(path)
        self.row = row
        self.column = column
        self.message = message
        super().__init__(message)

    def __str__(self) -> str:
        place = ", ".join(
            part
            for part in (
                None if self.row is None else f"row {self.row}",
                None if self.column is None else f"column {self.column}",
            )
            if part is not None
        )
        return ": ".join(part for part in (self.path, place, self.message) if part)

    def __reduce__(self) -> tuple[object, ...]:
        # Keyword-only arguments do not fit the default protocol, which calls `cls(*args)`.
        return (_tick_file_error, (self.path, self.row, self.column, self.message))


def _tick_file_error(
    path: str | None, row: int | None, column: str | None, message: str
) -> TickFileError:
    return TickFileError(path=path, row=row, column=column, message=message)


class OffGridError(QuantumExitError, ValueError):
    """A tick has a price that is no multiple of the tick size; the replay cannot be used any more.

    Attributes:
        index: 0-based place of the tick in the stretch that was fed.
        price: The price, quote currency.
        tick_size: The tick size, quote currency.
    """

    def __init__(self, index: int, price: float, tick_size: float) -> None:
        self.index = index
        self.price = price
        self.tick_size = tick_size
        super().__init__(index, price, tick_size)

    def __str__(self) -> str:
        return (
            f"tick {self.index}: price {self.price} is not a multiple "
            f"of the tick size {self.tick_size}"
        )


class InputFileError(QuantumExitError, ValueError):
    """An instrument, profile, plan, grid or entries file was refused; nothing was changed.

    Attributes:
        path: The file, as the caller wrote it.
        place: The key (`tp_legs[1].r_multiple`) or row and column, or `None` for the file as such.
        message: What is wrong, and what is allowed.
    """

    def __init__(self, path: str, place: str | None, message: str) -> None:
        self.path = path
        self.place = place
        self.message = message
        super().__init__(path, place, message)

    def __str__(self) -> str:
        return ": ".join(part for part in (self.path, self.place, self.message) if part)


class VenueReadError(QuantumExitError):
    """A venue could not be read; nothing is known, which is not the same as nothing being there.

    Attributes:
        what: What was asked for, such as `positions`.
        why: What happened.
        retry_after_ms: Earliest next try, ms from now, or None.
    """

    def __init__(self, what: str, why: str, retry_after_ms: int | None = None) -> None:
        self.what = what
        self.why = why
        self.retry_after_ms = retry_after_ms
        super().__init__(what, why, retry_after_ms)

    def __str__(self) -> str:
        return f"{self.what}: {self.why}"


class JournalUnavailableError(QuantumExitError):
    """The journal could not store or give what was asked; what it had stored stays stored.

    An append that fails so must be taken for not stored: nothing may be sent on its strength. It
    may still be found after a restart, whole or not at all, where the failure struck between the
    write and its confirmation.

    Attributes:
        operation: What was asked: `open`, `append`, `read`, `snapshot`, `lease`, `backup`, ...
        reason: What failed.
    """

    def __init__(self, operation: str, reason: str) -> None:
        self.operation = operation
        self.reason = reason
        super().__init__(operation, reason)

    def __str__(self) -> str:
        return f"journal: {self.operation} failed: {self.reason}"


class JournalVersionError(QuantumExitError):
    """A journal was written by a newer version, or by one that is too old; nothing was changed.

    Attributes:
        place: The file, table or record.
        found: The version that it states.
        oldest: The oldest version that can be read.
        newest: The newest version that can be read.
    """

    def __init__(self, place: str, found: int, oldest: int, newest: int) -> None:
        self.place = place
        self.found = found
        self.oldest = oldest
        self.newest = newest
        super().__init__(place, found, oldest, newest)

    def __str__(self) -> str:
        return (
            f"{self.place}: version {self.found} is not allowed; "
            f"this build reads versions {self.oldest} to {self.newest}"
        )


class LeaseHeldError(QuantumExitError):
    """Somebody else owns what was asked for; wait until it expires, or do not start.

    Attributes:
        resource: What is owned: `BTCUSDT of main`, or a folder.
        owner: Who owns it.
        expires_ms: When the lease runs out, ms of the store's clock; None = with its owner's end.
    """

    def __init__(self, resource: str, owner: str, expires_ms: int | None) -> None:
        self.resource = resource
        self.owner = owner
        self.expires_ms = expires_ms
        super().__init__(resource, owner, expires_ms)

    def __str__(self) -> str:
        until = "" if self.expires_ms is None else f" until {self.expires_ms} ms"
        return f"{self.resource}: owned by {self.owner}{until}"


class LeaseLostError(QuantumExitError):
    """A lease was taken over or released; its former owner must send nothing more.

    Attributes:
        resource: What was owned: `BTCUSDT of main`.
        epoch: Epoch of the lost lease.
        newest_epoch: Newest epoch of the resource that the store knows, or None.
    """

    def __init__(self, resource: str, epoch: int, newest_epoch: int | None) -> None:
        self.resource = resource
        self.epoch = epoch
        self.newest_epoch = newest_epoch
        super().__init__(resource, epoch, newest_epoch)

    def __str__(self) -> str:
        newest = "unknown" if self.newest_epoch is None else str(self.newest_epoch)
        return f"{self.resource}: the lease of epoch {self.epoch} is lost; newest epoch: {newest}"


class NotProtectedError(QuantumExitError):
    """A position is guarded, but its stop is not proven to rest yet; the service goes on trying.

    Attributes:
        position: `SYMBOL SIDE`.
        why: What is known of its orders.
    """

    def __init__(self, position: str, why: str) -> None:
        self.position = position
        self.why = why
        super().__init__(position, why)

    def __str__(self) -> str:
        return f"{self.position}: not protected yet: {self.why}"


class InterruptedStartError(QuantumExitError):
    """A signal came before anything was guarded.

    Attributes:
        name: Name of the signal.
        exit_code: 128 + its number, as shells give it.
    """

    def __init__(self, name: str, number: int) -> None:
        self.name = name
        self.exit_code = 128 + number
        super().__init__(f"{name} came before the start was complete: nothing is guarded")
