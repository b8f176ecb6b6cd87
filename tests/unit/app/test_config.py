import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quantum_exit.app.config.layers import secret_variables
from quantum_exit.app.config.load import Effective, check_ready, load
from quantum_exit.app.config.schema import keys
from quantum_exit.app.config.settings import Mode, RunConfig, StoreKind
from quantum_exit.app.wiring import desk_of, service_config
from quantum_exit.errors import InputFileError, InvalidInputError, QuantumExitError
from quantum_exit.planning.planned import Planner

KEYS = {"QUANTUM_EXIT_API_KEY": "canary-key", "QUANTUM_EXIT_API_SECRET": "canary-secret"}


def written(folder: Path, text: str, mode: int = 0o644) -> str:
    path = folder / "run.toml"
    path.write_text(text)
    path.chmod(mode)
    return str(path)


def of_file(path: str) -> Effective:
    return load(file=path, env={}, options={})


def of_env(**env: str) -> Effective:
    return load(env=env, options={})


def test_without_a_file_the_defaults_hold_and_trade_on_paper() -> None:
    found = load(env={"HOME": "/"}, options={})

    assert found.config == RunConfig()
    assert found.config.mode is Mode.PAPER
    assert {source for _, _, source in found.rows()} == {"default"}


def test_the_command_line_beats_the_environment_and_that_the_file(tmp_path: Path) -> None:
    path = written(
        tmp_path,
        """
        mode = "testnet"
        symbols = ["BTCUSDT", "ETHUSDT"]
        [guardian]
        close_ms = 1000
        settle_ms = 11000
        [orders]
        hard_stop_factor = 2
        [paper]
        wallet = 12.5
        """,
    )
    env = {"QUANTUM_EXIT_GUARDIAN__CLOSE_MS": "2000", "QUANTUM_EXIT_HEDGE": "true"}

    found = load(file=path, env=env, options={"guardian.close_ms": "3000", "account": "two"})

    config = found.config
    assert (config.mode, config.account, config.hedge) == (Mode.TESTNET, "two", True)
    assert config.symbols == ("BTCUSDT", "ETHUSDT")
    assert (config.guardian.close_ms, config.guardian.settle_ms) == (3000, 11000)
    assert config.orders.hard_stop_factor == 2.0
    assert str(config.paper.wallet) == "12.5"
    assert found.sources["guardian.close_ms"] == "command line"
    assert found.sources["hedge"] == "environment QUANTUM_EXIT_HEDGE"
    assert found.sources["symbols"] == path
    assert ("guardian.close_ms", "3000", "command line") in found.rows()


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("colour = 1", "colour"),
        ("mode = 'yolo'", "mode"),
        ("[guardian]\nclose = 1", "guardian.close"),
        ("[guardian]\nclose_ms = 1.5", "guardian.close_ms"),
        ("[guardian]\nclose_ms = nan", "guardian.close_ms"),
        ("[guardian]\nclose_ms = '1s'", "guardian.close_ms"),
        ("[guardian]\nclose_ms = -1", "guardian.close_ms"),
        ("[guardian]\nclose_ms = 0", "guardian.close_ms"),
        ("[guardian]\nclose_ms = true", "guardian.close_ms"),
        ("[orders]\nhard_stop_factor = 150", "orders.hard_stop_factor"),
        ("[orders]\nhard_stop_factor = inf", "orders.hard_stop_factor"),
        ("[watch]\nmax_jump_frac = 1e400", "watch.max_jump_frac"),
        ("[sending]\ntries = 0", "sending.tries"),
        ("[monitor]\naudit_ms = 0", "monitor.audit_ms"),
        ("[adoption]\nenabled = 1", "adoption.enabled"),
        ("[log]\nlevel = 'loud'", "log.level"),
        ("[store]\nkind = 'tape'", "store.kind"),
        ("[store]\nkind = 'postgres'", "store.dsn"),
        ("[store]\njournal = '../x'", "store.journal"),
        ("[metrics]\nport = 70000", "metrics.port"),
        ("[paper]\nwallet = -1", "paper.wallet"),
        ("store = 1", "store"),
        ("symbols = [1]", "symbols[0]"),
        ("reserve_frac = 0.1", "reserve_frac"),
        ("mode = 'live'\n[store]\nkind = 'memory'", "store.kind"),
        ("mode = 'live'\nvenue_url = 'http://127.0.0.1:1'", "venue_url"),
    ],
)
def test_what_is_wrong_is_named_with_its_place(tmp_path: Path, text: str, place: str) -> None:
    with pytest.raises(InputFileError) as refused:
        of_file(written(tmp_path, text))
    assert refused.value.place == place


def test_a_near_miss_is_told_what_was_meant(tmp_path: Path) -> None:
    with pytest.raises(InputFileError, match=r"did you mean guardian\.close_ms\?"):
        of_file(written(tmp_path, "[guardian]\nclose_msec = 1"))
    with pytest.raises(InputFileError, match=r"did you mean guardian\.close_ms\?"):
        of_env(QUANTUM_EXIT_GUARDIAN__CLOSE_MSEC="1")


@given(st.sampled_from(sorted(keys())), st.text(max_size=40))
def test_any_text_is_a_value_or_refused(name: str, text: str) -> None:
    try:
        load(env={}, options={name: text})
    except QuantumExitError:
        return


def test_a_file_of_an_impossible_name_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputFileError, match="null byte"):
        of_file(f"{tmp_path}/a\0b.toml")


def test_names_of_the_first_version_are_still_read() -> None:
    env = {
        "EXIT_BRAIN_V3_ENABLED": "false",
        "QT_AI_DYNAMIC_TPSL_ENABLED": "0",
        "QT_AI_DYNAMIC_TPSL_OVERRIDE": "no",
    }

    config = load(env=env, options={}).config

    assert (config.exit_brain.enabled, config.dynamic_tpsl.enabled) == (False, False)
    assert not config.dynamic_tpsl.override_legacy
    assert desk_of(config).config.planner is Planner.POLICY
    with pytest.raises(InputFileError, match="the same as EXIT_BRAIN_V3_ENABLED"):
        of_env(EXIT_BRAIN_V3_ENABLED="1", QUANTUM_EXIT_EXIT_BRAIN__ENABLED="0")


def test_the_switches_of_planning_stand_in_a_file_too(tmp_path: Path) -> None:
    config = of_file(written(tmp_path, "[exit_brain]\nuse_profiles = false\n")).config

    assert desk_of(config).config.planner is Planner.LEGACY


def test_trading_with_money_takes_two_switches_and_a_key() -> None:
    live = load(env=KEYS, options={"mode": "live"}).config
    check_ready(live, live=True)
    check_ready(RunConfig(), live=False)
    for config, switch in ((live, False), (RunConfig(), True)):
        with pytest.raises(InvalidInputError, match="both switches"):
            check_ready(config, live=switch)
    with pytest.raises(InvalidInputError, match="QUANTUM_EXIT_API_KEY"):
        check_ready(RunConfig(mode=Mode.TESTNET), live=False)


def test_times_that_do_not_fit_each_other_are_refused() -> None:
    config = load(env={}, options={"lease.margin_ms": "3000"}).config

    with pytest.raises(InvalidInputError, match="recv_window_ms"):
        service_config(config, Path())


def test_secrets_are_masked_wherever_the_configuration_shows() -> None:
    dsn = "postgresql://user:canary-password@db/x"
    env = {**KEYS, "QUANTUM_EXIT_STORE__DSN": dsn, "QUANTUM_EXIT_STORE__KIND": "postgres"}

    found = load(env=env, options={})

    assert found.config.store.kind is StoreKind.POSTGRES
    assert [one.reveal() for one in found.secrets()] == ["canary-key", "canary-secret", dsn]
    assert "canary" not in repr(found) + str(found.config) + str(found.rows())
    assert set(env) - {"QUANTUM_EXIT_STORE__KIND"} == set(secret_variables())


def test_half_a_key_is_refused() -> None:
    with pytest.raises(InputFileError, match="api_secret"):
        of_env(QUANTUM_EXIT_API_KEY="canary-key")


@pytest.mark.skipif(os.name != "posix", reason="files have no mode there")
def test_a_secret_in_a_file_that_others_may_read_is_refused_without_telling_it(
    tmp_path: Path,
) -> None:
    text = 'api_key = "canary-key"\napi_secret = "canary-secret"\n'

    with pytest.raises(InputFileError, match="0640") as refused:
        of_file(written(tmp_path, text, 0o640))
    assert "canary" not in str(refused.value)
    found = of_file(written(tmp_path, text, 0o600))
    assert len(found.secrets()) == 2


def test_keys_come_from_a_file_of_their_own(tmp_path: Path) -> None:
    file = tmp_path / "keys.toml"
    file.write_text('api_key = "canary-key"\napi_secret = "canary-secret"\n')
    file.chmod(0o600)

    found = load(env={}, options={"keys_file": str(file)})

    assert found.sources["api_secret"] == str(file)
    with pytest.raises(InputFileError, match="too; expected it once"):
        load(env=KEYS, options={"keys_file": str(file)})


def test_a_secret_of_the_wrong_type_is_not_quoted(tmp_path: Path) -> None:
    with pytest.raises(InputFileError) as refused:
        of_file(written(tmp_path, "api_key = 123456789\n", 0o600))
    assert "123456789" not in str(refused.value)
