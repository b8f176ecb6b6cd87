import json

import pytest

from quantum_exit.domain.facts import Fill, OrderSide
from quantum_exit.execution.guardian.codec import encode
from quantum_exit.execution.records import MAX_PAYLOAD_BYTES
from quantum_exit.execution.trade_pieces import pieces_of


def fill(trade_id: int) -> Fill:
    return Fill(
        symbol="1000000MOGUSDT",
        trade_id=10**12 + trade_id,
        venue_order_id=10**12,
        client_id="x1TB40001000002000000KT6-and-some-more",
        side=OrderSide.BUY,
        position_side=None,
        lots=10**12,
        price_ticks=10**12,
        fee="-123456789.12345678",
        fee_asset="USDT",
        realized_pnl="-123456789.12345678",
        maker=False,
        ts_ms=1_760_000_000_000,
        dust="0.12345678",
    )


@pytest.mark.parametrize("from_id", [None, 7])
@pytest.mark.parametrize(
    ("count", "sizes"), [(0, [0]), (1_000, [1_000]), (2_001, [1_000, 1_000, 1])]
)
def test_no_trade_is_lost_between_two_pieces(
    from_id: int | None, count: int, sizes: list[int]
) -> None:
    fills = tuple(map(fill, range(count)))

    pieces = pieces_of("BTCUSDT", from_id, fills, 5)

    assert [len(piece.fills) for piece in pieces] == sizes
    assert sum((piece.fills for piece in pieces), ()) == fills
    assert [piece.more for piece in pieces] == [True] * (len(sizes) - 1) + [False]
    starts = [from_id, *(piece.fills[-1].trade_id + 1 for piece in pieces[:-1])]
    assert [piece.from_id for piece in pieces] == starts


def test_the_longest_piece_fits_a_record() -> None:
    pieces = pieces_of("1000000MOGUSDT", 1, tuple(map(fill, range(1_000))), 5)

    assert len(json.dumps(encode(pieces[0]))) < MAX_PAYLOAD_BYTES / 2
