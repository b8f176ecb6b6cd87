"""What stands in the way of a start is told in one line, with the field and what is allowed."""

import json
import signal
import socket
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from tests.command import quantum_exit
from tests.integration.live_process import running

DEMO = ("run", "--demo")


@pytest.fixture
def silent() -> Iterator[socket.socket]:
    """Somebody listens who never answers."""
    with closing(socket.create_server(("127.0.0.1", 0))) as listener:
        listener.settimeout(60)
        yield listener


def port_of(listener: socket.socket) -> int:
    port: int = listener.getsockname()[1]
    return port


def refused(folder: Path, *arguments: str, code: int = 2) -> str:
    run = quantum_exit(*arguments, folder=folder)
    assert run.returncode == code, run.stderr
    assert run.stderr.startswith("error: ")
    assert run.stderr.count("\n") == 1
    assert "Traceback" not in run.stderr
    return run.stderr


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((*DEMO, "--set", "account=../x"), "account: '../x' is not allowed; expected 1 to 64 letters"),
        ((*DEMO, "--set", "log.file=no/x.log"), "log.file: no/x.log is not allowed; expected a file that can be written"),
        (("run", "--venue", "http://127.0.0.1:99999"), "venue: 'http://127.0.0.1:99999' is not allowed; expected http://127.0.0.1:PORT"),
        (("run", "--venue", "http://[::1"), "venue: 'http://[::1' is not allowed"),
        (("run", "--config", "absent.toml"), "absent.toml: cannot be read: No such file"),
        (("run", "--config", "bad.toml"), "bad.toml: not TOML"),
        (("run", "--config", "binary.toml"), "binary.toml: cannot be read: not UTF-8"),
        (("run", "--config", "."), ".: cannot be read: Is a directory"),
        (("run", "--set", "folder=bad.toml"), "folder: bad.toml is not allowed; expected a folder"),
        (("run", "--set", "store.journal=../x"), "store.journal: '../x' is not allowed; expected 1 to 32"),
        (("run", "--set", "metrics.port=65536"), "metrics.port: 65536 is not allowed"),
        (("guard", "--config", "absent.toml"), "absent.toml: cannot be read"),
        (("config", "show", "--config", "bad.toml"), "bad.toml: not TOML"),
        (("status",), "--control: control.json is not allowed; expected the control file of a running service: No such file"),
        (("close", "BTCUSDT"), "--control: control.json is not allowed"),
        (("close",), "SYMBOL: none is not allowed; expected either SYMBOL or --all"),
        (("smoke", "more"), "Got unexpected extra argument (more)"),
    ],
)  # fmt: skip
def test_what_is_wrong_with_the_command_is_told(
    tmp_path: Path, arguments: tuple[str, ...], message: str
) -> None:
    (tmp_path / "bad.toml").write_text("x = [")
    (tmp_path / "binary.toml").write_bytes(b"\xff\xfe")
    folder = () if arguments[0] in ("smoke", "config") or "folder" in " ".join(arguments) else (
        "--set", "folder=.",
    )  # fmt: skip

    assert message in refused(tmp_path, *arguments, *folder)


def test_where_nobody_listens_the_address_is_told(tmp_path: Path) -> None:
    with closing(socket.create_server(("127.0.0.1", 0))) as listener:
        url = f"http://127.0.0.1:{port_of(listener)}"
    told = refused(tmp_path, "run", "--venue", url, "--set", "folder=.", code=1)

    assert f"venue {url}: server time: Connection refused" in told


@pytest.mark.parametrize("name", ["metrics.port", "control.port"])
def test_a_port_in_use_is_named(tmp_path: Path, silent: socket.socket, name: str) -> None:
    taken = port_of(silent)
    given = ("run", "--set", "folder=.", "--set", f"{name}={taken}")
    told = refused(tmp_path, *given)

    assert f"{name}: {taken} is not allowed; cannot listen: Address already in use" in told


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("garbage", "it holds no port and token"),
        ("{}", "it holds no port and token"),
        (json.dumps({"port": 1, "token": "x"}), "nobody listens at its port, the service has ended"),
    ],
)  # fmt: skip
def test_a_control_file_of_no_running_service_is_told(tmp_path: Path, text: str, why: str) -> None:
    (tmp_path / "control.json").write_text(text)

    assert why in refused(tmp_path, "status", "--set", "folder=.")


def test_the_journal_of_another_account_is_not_replayed(tmp_path: Path) -> None:
    ran = quantum_exit(*DEMO, "--set", "folder=.", "--set", "account=first", folder=tmp_path)
    assert ran.returncode == 0, ran.stderr
    given = ("journal", "replay", "main.db", "--set", "account=second")

    told = refused(tmp_path, *given)
    assert "account: second is not allowed; expected first, whose journal this is" in told


@pytest.mark.parametrize("sent", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_during_the_start_ends_it(
    tmp_path: Path, silent: socket.socket, sent: signal.Signals
) -> None:
    given = ("run", "--venue", f"http://127.0.0.1:{port_of(silent)}", "--set", "folder=.")
    with running(tmp_path, *given, "--set", "sending.deadline_ms=60000") as process:
        connection, _ = silent.accept()
        with closing(connection):
            assert process.end(sent) == 128 + sent
        expected = f"error: {sent.name} came before the start was complete: nothing is guarded\n"
        assert process.errors() == expected
