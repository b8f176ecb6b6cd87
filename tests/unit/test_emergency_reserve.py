from pathlib import Path
from zlib import crc32

import pytest

from quantum_exit.adapters.store.reserve import EmergencyReserve
from quantum_exit.errors import JournalUnavailableError, JournalVersionError

pytestmark = pytest.mark.anyio


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "reserve"


async def test_a_reserved_id_is_given_once_and_without_the_disk(path: Path) -> None:
    reserve = await EmergencyReserve.open(path)
    await reserve.put("BTCUSDT", ["a", "b"])
    path.unlink()
    path.parent.rmdir()

    taken = [reserve.take("BTCUSDT", one) for one in ("b", "a", "b", "c")]
    assert taken == [True, True, False, False]
    assert not reserve.take("ETHUSDT", "a")


async def test_after_a_restart_every_reserved_id_may_have_been_sent(path: Path) -> None:
    reserve = await EmergencyReserve.open(path)
    await reserve.put("BTCUSDT", ["a", "b"])
    await reserve.put("ETHUSDT", ["c"])
    await reserve.put("BTCUSDT", ["d"])
    await reserve.drop("ETHUSDT")
    reserve.take("BTCUSDT", "d")

    restarted = await EmergencyReserve.open(path)

    assert restarted.left_over == {"BTCUSDT": ("d",)}
    assert not restarted.take("BTCUSDT", "d")
    await restarted.put("SOLUSDT", ["e"])
    assert (await EmergencyReserve.open(path)).left_over == {"BTCUSDT": ("d",), "SOLUSDT": ("e",)}


async def test_a_reservation_that_cannot_be_stored_changes_nothing(path: Path) -> None:
    reserve = await EmergencyReserve.open(path)
    await reserve.put("BTCUSDT", ["a"])
    path.with_name("reserve.new").mkdir()

    with pytest.raises(JournalUnavailableError, match="reserve failed"):
        await reserve.put("BTCUSDT", ["b"])

    assert not reserve.take("BTCUSDT", "b")
    assert reserve.take("BTCUSDT", "a")
    assert (await EmergencyReserve.open(path)).left_over == {"BTCUSDT": ("a",)}


@pytest.mark.parametrize("harm", [b"", b"x", b"00000000\n{}\n"])
async def test_a_damaged_file_is_refused(path: Path, harm: bytes) -> None:
    path.write_bytes(harm)

    with pytest.raises(JournalUnavailableError, match="damaged"):
        await EmergencyReserve.open(path)


async def test_a_file_of_a_newer_version_is_refused(path: Path) -> None:
    payload = b'{"reserved":{},"v":2}'
    path.write_bytes(b"%08x\n%s\n" % (crc32(payload), payload))

    with pytest.raises(JournalVersionError):
        await EmergencyReserve.open(path)


async def test_the_file_is_readable_by_its_owner_only(path: Path) -> None:
    await (await EmergencyReserve.open(path)).put("BTCUSDT", ["a"])

    assert path.stat().st_mode & 0o777 == 0o600
