import json
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from quantum_exit.adapters.definitions import load_profile
from quantum_exit.app import profile_shape
from quantum_exit.app.cli import main
from quantum_exit.planning.book import ProfileBook
from quantum_exit.planning.book_toml import book_to_toml
from quantum_exit.planning.defaults import RANGE_DEFAULT
from quantum_exit.planning.profile_toml import profile_to_toml

PLAN = ("plan", "--symbol", "BTCUSDT", "--side", "LONG", "--entry", "50000", "--qty", "0.1")
MINUTE_MS = 60_000


def run(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    code = main(arguments)
    out, err = capsys.readouterr()
    assert (code, err) == (0, "")
    return out


def run_json(capsys: pytest.CaptureFixture[str], *arguments: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(run(capsys, *arguments, "--json"))
    return found


def refused(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    code = main(arguments)
    out, err = capsys.readouterr()
    assert (code, out) == (2, "")
    return err


@pytest.fixture
def klines(tmp_path: Path) -> str:
    """Ten hours of one-minute bars that rise steadily, five basis points a quarter hour."""
    path = tmp_path / "BTCUSDT-1m-test.csv"
    close = 50_000 * np.exp(np.linspace(0, 0.002, 601))
    bars = zip(range(600), close[:-1], close[1:], strict=True)
    rows = (
        f"{1_600_000_200_000 + i * MINUTE_MS},{begin:.1f},{end:.1f},{begin:.1f},{end:.1f}"
        for i, begin, end in bars
    )
    path.write_text("\n".join(["open_time_ms,open,high,low,close", *rows]))
    return str(path)


def test_plan_prints_the_ladder(capsys: pytest.CaptureFixture[str]) -> None:
    out = run(capsys, *PLAN)

    assert "market unknown (no bars given): planned for NORMAL" in out
    assert "NORMAL_DEFAULT (level 5 of 6)" in out
    assert "48750" in out


def test_plan_reads_the_market_from_bars(capsys: pytest.CaptureFixture[str], klines: str) -> None:
    found = run_json(capsys, *PLAN, "--bars", klines)

    assert found["market"]["regime"] == "TREND"
    assert found["market"]["trend_strength"] == pytest.approx(1.0)
    assert found["profile_name"] == "TREND_DEFAULT"
    assert found["stop_frac"] == pytest.approx(0.02)
    assert [leg["r_multiple"] for leg in found["legs"]] == [0.5, 1.0, 2.0]
    assert found["trailing"]["scope"] == "LEG"


def test_plan_explains_every_factor(capsys: pytest.CaptureFixture[str], klines: str) -> None:
    out = run(capsys, *PLAN, "--bars", klines, "--explain", "--risk-mode", "CONSERVATIVE")

    for part in ("market TREND", "stop", "CONSERVATIVE", "0.7"):
        assert part in out


@pytest.mark.parametrize("planner", ["exit-brain", "legacy", "dynamic", "hybrid", "policy"])
def test_every_planner_plans(capsys: pytest.CaptureFixture[str], klines: str, planner: str) -> None:
    options = ("--bars", klines, "--planner", planner, "--signal-confidence", "0.85")

    found = run_json(capsys, *PLAN, *options)

    assert found["planner"] == planner
    assert found["stop_price"] < 50_000
    assert found["why"]
    assert sum(leg["quantity"] for leg in found["legs"]) <= 0.1 + 1e-12


def test_the_environment_chooses_the_planner_where_none_is_named(
    capsys: pytest.CaptureFixture[str], klines: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("EXIT_BRAIN_V3_ENABLED", "false")
    monkeypatch.setenv("QT_AI_DYNAMIC_TPSL_ENABLED", "false")

    assert run_json(capsys, *PLAN, "--bars", klines)["planner"] == "policy"


def test_a_position_that_no_stop_can_protect_fails(capsys: pytest.CaptureFixture[str]) -> None:
    assert main([*PLAN, "--leverage", "80"]) == 1
    assert "no exit plan" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("extra", "named"),
    [
        (("--leverage", "0"), "leverage"),
        (("--signal-confidence", "2"), "signal_confidence"),
        (("--planner", "policy"), "market.atr"),
        (("--planner", "dynamic"), "signal_confidence"),
        (("--adopted",), "current_price"),
        (("--liquidation", "60000"), "liquidation_price"),
        (("--bars", "absent.csv"), "absent.csv"),
    ],
)
def test_bad_positions_are_refused_by_name(
    capsys: pytest.CaptureFixture[str], extra: tuple[str, ...], named: str
) -> None:
    assert named in refused(capsys, *PLAN, *extra)


def test_the_default_book_is_listed(capsys: pytest.CaptureFixture[str]) -> None:
    out = run(capsys, "profiles", "list")
    found = run_json(capsys, "profiles", "list")

    assert "0.5R 15% SOFT, 1R 20% HARD, 2R 30% HARD" in out
    assert len(found["entries"]) == 5
    assert found["content_hash"] == ProfileBook.default().content_hash


def test_a_profile_is_shown_with_what_is_left_after_each_leg(
    capsys: pytest.CaptureFixture[str],
) -> None:
    out = run(capsys, "profiles", "show", "TREND_DEFAULT")

    assert "85.0 %" in out
    assert "35.0 %" in out
    assert "trailing: 2% from 1.5R, 1.5% at 3R, 1% at 5R" in out
    assert run_json(capsys, "profiles", "show", "RANGE_DEFAULT")["trailing"] is None


def test_books_and_profiles_are_checked(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    book, profile, bad = (tmp_path / name for name in ("book.toml", "own.toml", "bad.toml"))
    book.write_text(book_to_toml(ProfileBook.default()))
    profile.write_text(profile_to_toml(RANGE_DEFAULT))
    bad.write_text(profile_to_toml(RANGE_DEFAULT).replace("0.6", "-0.6"))

    out = run(capsys, "profiles", "check", str(book), str(profile))

    assert "book version 1, 5 registrations" in out
    assert "profile RANGE_DEFAULT" in out
    assert "tp_legs[1].r_multiple" in refused(capsys, "profiles", "check", str(bad))


def test_books_are_compared(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    path = tmp_path / "book.toml"
    book = ProfileBook.default().with_scale("RL", "BTCUSDT", 0.9)
    path.write_text(book_to_toml(book))

    assert run(capsys, "profiles", "diff", "default", "default") == "no difference\n"
    found = run_json(capsys, "profiles", "diff", "default", str(path))
    assert found["changes"] == [{"place": "scale (RL, BTCUSDT)", "before": None, "after": "0.9"}]


def test_what_is_published_stands_in_the_history(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    book, history = tmp_path / "book.toml", str(tmp_path / "book.db")
    book.write_text(book_to_toml(ProfileBook.default().with_scale("RL_V3", "BTCUSDT", 1.05)))
    publish = ("profiles", "publish", str(book), "--history", history, "--author", "mara")

    first = run(capsys, *publish, "--reason", "TP1 hit 81 %")
    again = run(capsys, *publish, "--reason", "once more")
    shown = run(capsys, "profiles", "history", history)
    versions = run_json(capsys, "profiles", "history", history)["versions"]

    assert first.startswith("published: version 2, content ")
    assert again == "no difference: version 2 stays in force\n"
    assert [(one["version"], one["author"], one["changes"]) for one in versions] == [
        (1, "quantum_exit", None),
        (2, "mara", 1),
    ]
    assert versions[0]["content_hash"] == ProfileBook.default().content_hash
    assert versions[0]["at_ns"] <= versions[1]["at_ns"]
    assert shown.splitlines()[2].endswith("        1  TP1 hit 81 %")


def test_a_history_that_is_none_is_refused(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    assert "cannot be opened" in refused(capsys, "profiles", "history", str(tmp_path / "no.db"))


def test_the_conditions_of_the_policy_are_said(
    capsys: pytest.CaptureFixture[str], klines: str
) -> None:
    policy = (*PLAN, "--bars", klines, "--planner", "policy")
    found = run_json(capsys, *policy)

    said = run(capsys, *policy).splitlines()
    explained = run(capsys, *policy, "--explain").splitlines()

    assert found["time_stop"]["after_ns"] == 24 * 3_600_000_000_000
    for conditions in (
        f"stop to {found['break_even_price']:.10g} from {found['break_even_at_price']:.10g}",
        f"close after 24 h while short of {found['time_stop']['under_price']:.10g}",
    ):
        assert conditions in said
        assert conditions in explained


@pytest.mark.parametrize("name", ["TREND_DEFAULT", "RANGE_DEFAULT", "VOLATILE_DEFAULT"])
def test_a_profile_is_drawn_into_a_page_that_fetches_nothing(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, name: str
) -> None:
    pytest.importorskip("plotly")
    path = tmp_path / "profile.html"

    run(capsys, "profiles", "plot", name, "-o", str(path))

    text = path.read_text(encoding="utf-8")
    assert name in text
    assert "<script src=" not in text


@pytest.mark.parametrize("name", ["TREND_DEFAULT", "RANGE_DEFAULT", "VOLATILE_DEFAULT"])
def test_a_profile_is_drawn_into_a_png(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, name: str
) -> None:
    image = pytest.importorskip("matplotlib.image")
    paths = tmp_path / "profile.png", tmp_path / "again.PNG"

    for path in paths:
        assert run(capsys, "profiles", "plot", name, "-o", str(path)) == f"written: {path}\n"

    pixels = image.imread(paths[0])
    assert pixels.shape == (1240, 2200, 4)
    found = {tuple(colour) for colour in np.unique((pixels.reshape(-1, 4) * 255).round(), axis=0)}
    drawn = [profile_shape.LEFT_COLOUR, *(colour for _, colour in profile_shape.KIND_COLOURS)]
    if load_profile(name).trailing is not None:
        drawn.append(profile_shape.TRAIL_COLOUR)
    for colour in drawn:
        assert (*bytes.fromhex(colour[1:]), 255) in found
    assert paths[0].read_bytes() == paths[1].read_bytes()


def test_signs_in_a_name_are_drawn_as_they_are(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    pytest.importorskip("matplotlib")
    mine = replace(RANGE_DEFAULT, name="$x_{", description=r"5 $ to 10 $: \frac")
    path = tmp_path / "mine.toml"
    path.write_text(profile_to_toml(mine), encoding="utf-8")

    run(capsys, "profiles", "plot", str(path), "-o", str(tmp_path / "mine.png"))

    assert (tmp_path / "mine.png").read_bytes().startswith(b"\x89PNG")


def test_a_png_without_its_library_says_what_to_install(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "matplotlib.figure", None)

    code = main(("profiles", "plot", "TREND_DEFAULT", "-o", str(tmp_path / "profile.png")))

    assert code != 0
    assert 'pip install "quantum-exit[report]"' in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []


def test_another_suffix_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    assert ".html or .png" in refused(capsys, "profiles", "plot", "TREND_DEFAULT", "-o", "x.gif")


def test_regimes_are_counted_and_drawn(
    capsys: pytest.CaptureFixture[str], klines: str, tmp_path: Path
) -> None:
    pytest.importorskip("plotly")
    path = tmp_path / "regimes.html"

    out = run(capsys, "regimes", klines, klines, "--report", str(path))
    found = run_json(capsys, "regimes", klines)

    assert "BTCUSDT" in out
    assert "all" in out
    (market,) = found["markets"]
    shares = {one["regime"]: one["share"] for one in market["regimes"]}
    assert sum(shares.values()) == pytest.approx(1.0)
    assert shares["insufficient_data"] == pytest.approx(14 / 39, abs=0.02)
    assert "TREND" in shares
    assert "Market regimes" in path.read_text(encoding="utf-8")


def test_bars_that_do_not_divide_the_interval_are_refused(
    capsys: pytest.CaptureFixture[str], klines: str
) -> None:
    assert "bar_ns" in refused(capsys, "regimes", klines, "--interval", "90s")


def test_a_replay_is_planned_and_says_how(capsys: pytest.CaptureFixture[str]) -> None:
    found = run_json(capsys, "replay", "--demo", "--every", "6h", "--planner", "exit-brain")

    assert found["planning"]["planned"] == found["summary"]["positions"]
    assert sum(found["planning"]["regimes"].values()) == found["planning"]["planned"]
    assert len(found["planning"]["profiles"]) > 1
    assert found["rules"] == {"name": "planned by exit-brain", "stop_frac": None}


@pytest.mark.parametrize("option", [("--profile", "TREND_DEFAULT"), ("--stop-frac", "0.01")])
def test_a_planner_takes_no_rules_beside_it(
    capsys: pytest.CaptureFixture[str], option: tuple[str, str]
) -> None:
    err = refused(capsys, "replay", "--demo", "--planner", "hybrid", *option)

    assert f"{option[0]}: {option[1]} is not allowed; expected none with --planner" in err
