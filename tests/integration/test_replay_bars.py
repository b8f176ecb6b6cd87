from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

import quantum_exit as qe
from quantum_exit._core import EVENT_KINDS
from quantum_exit.adapters.sources import BarSource
from tests.integration.recorded import recorded

MINUTE_NS = 60_000_000_000
FIRST_NS = 1_700_000_040_000_000_000

# Around an entry at 1000 with a stop 10 away and all of it at 1 R: the second bar reaches both.
OPEN = [1000.0, 1000.0, 1002.0]
HIGH = [1003.0, 1012.0, 1004.0]
LOW = [998.0, 988.0, 1001.0]
CLOSE = [1000.0, 1002.0, 1003.0]


def bars() -> tuple[NDArray[np.int64], list[float], list[float], list[float], list[float]]:
    return (FIRST_NS + np.arange(3) * MINUTE_NS, OPEN, HIGH, LOW, CLOSE)


def entry(side: str, entry_ns: int = FIRST_NS) -> qe.Entry:
    rules = qe.ExitRules(legs=(qe.Leg(1, 1),))
    stop_price = 990 if side == "LONG" else 1010
    plan = rules.plan(
        qe.load_instrument("BTCUSDT"),
        side=side,
        entry_price=1000,
        quantity=1,
        stop_price=stop_price,
    )
    return qe.Entry(entry_ns, plan)


@pytest.mark.parametrize("side", ["LONG", "SHORT"])
@pytest.mark.parametrize(
    ("path", "kind", "r"), [("pessimistic", "STOPPED", -1.2), ("optimistic", "LEG_FILLED", 1.2)]
)
def test_a_bar_that_reaches_both_is_decided_by_the_path(
    side: str, path: str, kind: str, r: float
) -> None:
    result = qe.replay_bars(bars(), [entry(side)], instrument="BTCUSDT", path=path)

    (trade,) = result.trades
    assert [EVENT_KINDS[code] for code in result.events["kind"]] == ["OPEN", kind, "CLOSED"]
    assert trade["realised_r"] == pytest.approx(r)
    # The adverse or the favourable extreme is the second tick of the second bar.
    assert trade["closed_ns"] == FIRST_NS + MINUTE_NS + 1
    assert result.ticks == 12


def test_both_sides_meet_their_adverse_extreme_first() -> None:
    result = qe.replay_bars(bars(), [entry("LONG"), entry("SHORT")], instrument="BTCUSDT")

    assert result.trades["realised_r"].tolist() == pytest.approx([-1.2, -1.2])
    assert result.trades["exit_price"].tolist() == [988.0, 1012.0]
    order = list(zip(result.events["ts_ns"], result.events["position_id"], strict=True))
    assert order == sorted(order)
    assert dict(result.symbols) == {0: "BTCUSDT", 1: "BTCUSDT"}


def test_a_position_begins_at_the_open_of_a_bar() -> None:
    rules = qe.ExitRules(legs=(qe.Leg(1, 1),))
    at_market = qe.MarketPlan(side="LONG", quantity=1, rules=rules, stop_frac="0.005")

    result = qe.replay_bars(
        bars(), [qe.Entry(FIRST_NS + MINUTE_NS + 5, at_market)], instrument="BTCUSDT"
    )

    (trade,) = result.trades
    assert (trade["opened_ns"], trade["entry_price"]) == (FIRST_NS + 2 * MINUTE_NS, 1002.0)


def test_the_form_of_the_bars_does_not_matter(tmp_path: Path) -> None:
    path = tmp_path / "bars.csv"
    rows = zip((bars()[0] // 1_000_000).tolist(), OPEN, HIGH, LOW, CLOSE, strict=True)
    lines = [",".join(map(str, row)) for row in rows]
    path.write_text("\n".join(["open_time_ms,open,high,low,close", *lines]) + "\n")
    entries = [entry("LONG"), entry("SHORT", FIRST_NS + MINUTE_NS)]
    expected = qe.replay_bars(bars(), entries, instrument="BTCUSDT")
    sources: list[BarSource] = [path, [str(path)]]

    for source in sources:
        result = qe.replay_bars(source, entries, instrument="BTCUSDT")
        assert result.events.tobytes() == expected.events.tobytes()


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (
            {"path": "lucky"},
            "path: 'lucky' is not allowed; expected one of pessimistic, optimistic",
        ),
        ({"bars": bars()[:4]}, "bars: 4 arrays is not allowed; expected five: open_ns, open"),
        ({"bars": (*bars()[:2], LOW, HIGH, CLOSE)}, "bars: bar 0 is not allowed; expected low <="),
        ({"bars": (bars()[0][::-1], *bars()[1:])}, "bars: bar 1 is not allowed; expected low <="),
        ({"bars": 7}, "bars: int is not allowed; expected five arrays, paths or batches"),
        ({"bars": (np.empty(0, np.int64), [], [], [], [])}, "bars: 0 bars is not allowed"),
    ],
)
def test_bad_arguments_are_refused_by_name(change: dict[str, object], message: str) -> None:
    given: dict[str, object] = {"bars": bars(), "path": "pessimistic"} | change

    with pytest.raises(qe.InvalidInputError) as refused:
        qe.replay_bars(given["bars"], [], instrument="BTCUSDT", path=str(given["path"]))  # type: ignore[arg-type]

    assert str(refused.value).startswith(message)


def test_an_off_grid_price_is_refused_with_its_row(tmp_path: Path) -> None:
    path = tmp_path / "bars.csv"
    ms = FIRST_NS // 1_000_000
    path.write_text(f"open_time_ms,open,high,low,close\n{ms},1,3,1,2\n{ms + 60000},2,3.05,1,2\n")

    with pytest.raises(qe.TickFileError) as refused:
        qe.replay_bars(path, [], instrument="BTCUSDT")

    assert str(refused.value).startswith(f"{path}: row 3: price 3.05 is not on the grid")


@pytest.mark.data
def test_without_a_stop_that_moves_no_pessimistic_trade_beats_the_optimistic_one() -> None:
    (path,) = recorded("klines_1m").glob("*ETHUSDT_2025*")
    still = qe.Ratchet(None, follow_legs=False)
    rules = qe.ExitRules(legs=(qe.Leg(1, "0.5"), qe.Leg(2, "0.5")), ratchet=still)
    first_ns = 1_746_400_000_000_000_000
    entries = [
        qe.Entry(
            first_ns + hour * 60 * MINUTE_NS,
            qe.MarketPlan(side=side, quantity=1, rules=rules, stop_frac="0.0007"),
        )
        for hour in range(400)
        for side in ("LONG", "SHORT")
    ]
    worst, best = (
        qe.replay_bars(path, entries, instrument="ETHUSDT", path=way).trades["realised_r"]
        for way in ("pessimistic", "optimistic")
    )

    assert np.all(worst <= best)
    assert worst.sum() < best.sum()
