import logging
import pickle
import traceback
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quantum_exit.app.config import LogSection, Mode, RunConfig, StoreKind
from quantum_exit.app.config_reader import config_as_dict, load_config
from quantum_exit.app.logs import logging_to
from quantum_exit.app.secret import Keys, Secret, keys_of
from quantum_exit.app.wiring import check_switches, needed_keys, service_config
from quantum_exit.errors import InputFileError, InvalidInputError, QuantumExitError


def written(folder: Path, text: str) -> str:
    path = folder / "run.toml"
    path.write_text(text)
    return str(path)


def test_without_a_file_the_defaults_hold() -> None:
    assert load_config(None, {}) == RunConfig()


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
        [store]
        kind = "postgres"
        """,
    )
    env = {"QUANTUM_EXIT_GUARDIAN__CLOSE_MS": "2000", "QUANTUM_EXIT_HEDGE": "true", "HOME": "/"}

    config = load_config(path, env, {"guardian.close_ms": "3000", "account": "two"})

    assert (config.mode, config.account, config.hedge) == (Mode.TESTNET, "two", True)
    assert config.symbols == ("BTCUSDT", "ETHUSDT")
    assert (config.guardian.close_ms, config.guardian.settle_ms) == (3000, 11000)
    assert (config.orders.hard_stop_factor, config.store.kind) == (2.0, StoreKind.POSTGRES)


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
        ("[orders]\nhard_stop_factor = 150", "orders.hard_stop_factor"),
        ("[watch]\nmax_jump_frac = 1e400", "watch.max_jump_frac"),
        ("[sending]\ntries = 0", "sending.tries"),
        ("[monitor]\naudit_ms = 0", "monitor.audit_ms"),
        ("[adoption]\nenabled = 1", "adoption.enabled"),
        ("[log]\nlevel = 'loud'", "log.level"),
        ("[store]\nkind = 'tape'", "store.kind"),
        ("store = 1", "store"),
        ("symbols = [1]", "symbols[0]"),
        ("mode = 'live'\n[store]\nkind = 'memory'", "store.kind"),
        ("mode = 'live'\nvenue_url = 'http://127.0.0.1:1'", "venue_url"),
    ],
)
def test_what_is_wrong_is_named_with_its_place(tmp_path: Path, text: str, place: str) -> None:
    path = written(tmp_path, text)

    with pytest.raises(InputFileError) as refused:
        load_config(path, {})
    assert (refused.value.path, refused.value.place) == (path, place)


@given(st.text(max_size=60))
def test_any_text_is_a_configuration_or_refused(text: str) -> None:
    try:
        load_config(None, {}, {"guardian": text, "account": text})
    except QuantumExitError:
        return


def test_a_variable_that_configures_nothing_is_refused() -> None:
    with pytest.raises(InputFileError, match=r"guardian\.close_msec"):
        load_config(None, {"QUANTUM_EXIT_GUARDIAN__CLOSE_MSEC": "1"})


def test_variables_that_are_read_elsewhere_are_left_alone() -> None:
    env = {
        "QUANTUM_EXIT_API_KEY": "k",
        "QUANTUM_EXIT_API_SECRET": "s",
        "QUANTUM_EXIT_EXIT_BRAIN__ENABLED": "0",
        "QUANTUM_EXIT_POSTGRES_DSN": "postgresql://u:p@h/d",
    }

    assert load_config(None, env) == RunConfig()
    assert "p@h" not in str(config_as_dict(load_config(None, env)))


def test_live_trading_takes_two_switches() -> None:
    live = RunConfig(mode=Mode.LIVE)
    check_switches(live, live=True)
    check_switches(RunConfig(), live=False)
    for config, switch in ((live, False), (RunConfig(), True)):
        with pytest.raises(InvalidInputError):
            check_switches(config, live=switch)


def test_times_that_do_not_fit_each_other_are_refused() -> None:
    config = load_config(None, {}, {"lease.margin_ms": "3000"})

    with pytest.raises(InvalidInputError, match="recv_window_ms"):
        service_config(config)


def test_a_secret_shows_nowhere() -> None:
    secret = Secret("correct horse battery")
    keys = Keys(secret, secret, "a test")

    for text in (repr(secret), str(secret), f"{secret}", f"{secret!r:>9}", repr(keys), str([keys])):
        assert "horse" not in text
    with pytest.raises(TypeError):
        pickle.dumps(secret)
    assert secret == Secret("correct horse battery")
    assert secret != Secret("other")
    assert secret != "correct horse battery"
    assert len({secret, Secret("correct horse battery")}) == 1


def test_keys_come_from_the_environment_or_a_private_file(tmp_path: Path) -> None:
    path = tmp_path / "keys.toml"
    path.write_text('api_key = "file-key"\napi_secret = "file-secret"\n')
    path.chmod(0o600)
    env = {"QUANTUM_EXIT_API_KEY": "env-key", "QUANTUM_EXIT_API_SECRET": "env-secret"}

    from_file, from_env = keys_of({}, str(path)), keys_of(env, str(path))
    assert from_file is not None
    assert from_file.secret.reveal() == "file-secret"
    assert from_env is not None
    assert from_env.key.reveal() == "env-key"
    assert keys_of({}, None) is None
    with pytest.raises(InvalidInputError, match="both"):
        keys_of({"QUANTUM_EXIT_API_KEY": "k"}, None)


def test_a_key_file_that_others_may_read_is_refused_without_telling_it(tmp_path: Path) -> None:
    path = tmp_path / "keys.toml"
    path.write_text('api_key = "file-key"\napi_secret = "file-secret"\n')
    path.chmod(0o640)

    with pytest.raises(InputFileError, match="0640") as refused:
        keys_of({}, str(path))
    assert "file-secret" not in "".join(traceback.format_exception(refused.value))


def test_only_the_simulated_exchange_has_keys_of_its_own() -> None:
    assert needed_keys(RunConfig(), {}).source == "the simulated exchange"
    with pytest.raises(InvalidInputError, match="QUANTUM_EXIT_API_KEY"):
        needed_keys(RunConfig(mode=Mode.TESTNET), {})


def test_the_log_masks_secrets_whoever_logs_them(tmp_path: Path) -> None:
    file = tmp_path / "run.log"
    pem = "-----BEGIN PRIVATE KEY-----\nMC4CAQAwBQYDK2VwBCIE\n-----END PRIVATE KEY-----\n"
    secrets = [Secret("correct-horse"), Secret(pem)]
    with logging_to(LogSection(file=str(file)), secrets) as log:
        log.info("url?signature=correct-horse", extra={"data": {"key": ["correct-horse"]}})
        logging.getLogger("aiohttp.client").warning("sent %s", pem)
        logging.getLogger("ccxt").info("never logged below warnings: correct-horse")
        try:
            raise ValueError("correct-horse")
        except ValueError:
            log.exception("it failed")

    text = file.read_text()
    assert len(text.splitlines()) == 3
    assert "horse" not in text
    assert "MC4CAQAwBQYDK2VwBCIE" not in text
    assert file.stat().st_mode & 0o077 == 0
