import json
import re
import shutil
import subprocess
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import quantum_exit as qe
from quantum_exit._core import TRADE_DTYPE
from quantum_exit.app.report.choose import choose
from quantum_exit.execution.summary import NEVER_NS
from tests.command import quantum_exit
from tests.integration.recorded import missing

CHARTS = ("detail", "overview", "equity", "distribution", "excursions", "legs", "reasons")


class Page(HTMLParser):
    """What a page loads, the ids it has, and its scripts."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.loads: list[str] = []
        self.ids: set[str] = set()
        self.scripts: list[str] = []
        self._in_script = False
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        for name, value in attrs:
            if name in ("src", "href", "srcset", "action", "data"):
                self.loads.append(f"{tag} {name}={value}")
            if name == "id" and value is not None:
                self.ids.add(value)
        self._in_script = tag == "script"
        if self._in_script:
            self.scripts.append("")

    def handle_endtag(self, tag: str) -> None:
        self._in_script = False

    def handle_data(self, data: str) -> None:
        if self._in_script:
            self.scripts[-1] += data


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("report") / "report.html"
    run = quantum_exit("replay", "--demo", "--report", file)
    assert (run.returncode, run.stderr) == (0, "")
    assert [one.name for one in file.parent.iterdir()] == ["report.html"]
    return file


def data_of(file: Path) -> dict[str, Any]:
    page = Page(file.read_text(encoding="utf-8"))
    (text,) = (one for one in page.scripts if one.startswith('{"headline"'))
    data: dict[str, Any] = json.loads(text)
    return data


def test_a_report_is_one_file_that_loads_nothing(report: Path) -> None:
    text = report.read_text(encoding="utf-8")

    page = Page(text)

    assert page.loads == []
    assert "@import" not in text
    own_style = re.search(r"<style>(.*?)</style>", text, re.DOTALL)
    assert own_style is not None
    assert "url(" not in own_style[1]
    plotly, _, own_script = page.scripts
    assert len(plotly) > 1_000_000
    assert not re.search(r"https?:|fetch\(|XMLHttpRequest|import\(", own_script)
    assert set(CHARTS) <= page.ids


def test_a_report_shows_the_figures_of_the_replay(report: Path) -> None:
    summary = json.loads(quantum_exit("replay", "--demo", "--json").stdout)["summary"]

    data = data_of(report)

    assert data["headline"]["symbol"] == "BTCUSDT"
    assert data["headline"]["rules"] == "TREND_DEFAULT"
    cards = {card["name"]: card["value"] for card in data["cards"]}
    assert cards["Net result"] == f"{summary['total_net_r']:+.2f} R"
    assert cards["Win rate"] == f"{100 * summary['win_rate']:.1f} %"
    assert cards["Positions"] == f"{summary['positions']}"
    assert data["reasons"] == summary["exit_reasons"]
    assert [leg["hit_rate"] for leg in data["legs"]] == [leg["hit_rate"] for leg in summary["legs"]]
    assert data["equity"]["net"][-1] == pytest.approx(summary["total_net_r"], abs=1e-3)
    assert len(data["rows"]) == data["trades"] == summary["opened"]


def test_single_trades_are_drawn_from_the_core(report: Path) -> None:
    data = data_of(report)
    closed = data["closed"]

    assert len(data["details"]) == 12
    for one in data["details"]:
        place = closed["id"].index(one["id"])
        sign = 1 if one["side"] == "LONG" else -1
        assert one["opened"] == closed["opened"][place]
        assert one["end"] == closed["closed"][place]
        assert np.all(sign * np.diff(one["stop"]["v"]) >= 0)
        assert np.all(sign * np.diff(one["trail"]["v"]) >= 0)
        assert sum(fill["qty"] for fill in one["fills"]) > 0
        assert {level["leg"] for level in one["levels"]} == {0, 1, 2}
        for fill in one["fills"]:
            assert min(one["price"]["v"]) <= fill["price"] <= max(one["price"]["v"])
        assert one["price"]["t"][0] <= one["opened"]
        assert one["price"]["t"][-1] >= one["end"]


def test_a_report_of_bars_and_of_entries(tmp_path: Path) -> None:
    ms = 1_700_000_000_000
    prices = [50_000, 50_500, 51_000, 50_200, 49_000, 48_500, 50_000, 50_000]
    rows = [f"{ms + i * 60_000},{p},{p + 50},{p - 50},{p}" for i, p in enumerate(prices)]
    (tmp_path / "k.csv").write_text("\n".join(["open_time_ms,open,high,low,close", *rows]) + "\n")
    (tmp_path / "e.csv").write_text(
        "entry_ns,side,entry_price,qty\n"
        f"{ms}000000,LONG,50010.55,0.1\n{ms + 400_000}000000,SHORT,,0.1\n"
    )

    run = quantum_exit(
        "bars", "k.csv", "--instrument", "BTCUSDT", "--profile", "CHOP_DEFAULT",
        "--entries", "e.csv", "--report", "</script>.html".replace("/", "_"), folder=tmp_path,
    )  # fmt: skip

    assert (run.returncode, run.stderr) == (0, "")
    data = data_of(tmp_path / "<_script>.html")
    assert [one["id"] for one in data["details"]] == [0]
    assert [row[6] for row in data["rows"]][1] == "open"


def test_a_report_without_a_trade_says_so(tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text("timestamp_ns,price\n1700000000000000000,50000\n")
    (tmp_path / "e.csv").write_text(
        "entry_ns,side,entry_price,qty\n1800000000000000000,LONG,,0.1\n"
    )

    run = quantum_exit(
        "replay", "t.csv", "--instrument", "BTCUSDT", "--profile", "CHOP_DEFAULT",
        "--entries", "e.csv", "--report", "r.html", folder=tmp_path,
    )  # fmt: skip

    assert (run.returncode, run.stderr) == (0, "")
    data = data_of(tmp_path / "r.html")
    assert (data["details"], data["rows"]) == ([], [])
    assert {card["value"] for card in data["cards"]} >= {"-"}


def test_the_chosen_trades_are_the_best_the_worst_and_the_typical() -> None:
    trades = np.zeros(30, TRADE_DTYPE)
    trades["position_id"] = np.arange(30)
    trades["closed_ns"] = np.arange(30)
    trades["realised_net_r"] = np.arange(30)
    trades["closed_ns"][29] = NEVER_NS

    chosen = {one.label: one.position_id for one in choose(trades)}

    assert list(chosen.values()) == [28, 27, 26, 25, 14, 13, 15, 12, 0, 1, 2, 3]
    assert list(chosen) == [
        f"{kind} {place}" for kind in ("best", "typical", "worst") for place in range(1, 5)
    ]


def test_without_plotly_a_report_names_the_extra(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from quantum_exit.app.cli import main  # noqa: PLC0415

    monkeypatch.setitem(__import__("sys").modules, "plotly.offline", None)
    monkeypatch.chdir(tmp_path)

    code = main(["replay", "--demo", "--report", "r.html", "--events", "e.csv"])

    assert code == 1
    assert capsys.readouterr().err == (
        'error: plotly is not installed; pip install "quantum-exit[report]"\n'
    )
    assert list(tmp_path.iterdir()) == []


def test_a_browser_draws_every_chart(report: Path, tmp_path: Path) -> None:
    browser = shutil.which("chromium") or shutil.which("google-chrome")
    if browser is None:
        missing("no chromium to open the report in")
    run = subprocess.run(
        [
            browser, "--headless=new", "--no-sandbox", "--disable-gpu", "--virtual-time-budget=10000",
            f"--user-data-dir={tmp_path}", "--host-resolver-rules=MAP * ~NOTFOUND",
            "--dump-dom", report.as_uri(),
        ],
        check=True, capture_output=True, text=True, timeout=90,
    )  # fmt: skip

    drawn = re.findall(r'id="(\w+)"[^>]*class="[^"]*js-plotly-plot|class="[^"]*js-plotly-plot[^"]*"[^>]*id="(\w+)"', run.stdout)  # fmt: skip
    assert {one or other for one, other in drawn} == set(CHARTS)
    assert run.stdout.count("<tr") > 300


def test_the_version_is_in_the_footer(report: Path) -> None:
    assert f"quantum_exit {qe.__version__}." in report.read_text(encoding="utf-8")
