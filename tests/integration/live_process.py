"""The simulated exchange and the service as processes of their own."""

import json
import os
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

_PATIENCE_S = 60


class Process:
    """A running `python -m quantum_exit`, its output read line by line."""

    def __init__(self, folder: Path, *arguments: str, env: Mapping[str, str] | None = None) -> None:
        self._errors = (folder / f"{arguments[0]}.err").open("w+")
        self._process = subprocess.Popen(
            [sys.executable, "-W", "error", "-m", "quantum_exit", *arguments],
            cwd=folder,
            env={**os.environ, **(env or {})},
            stdout=subprocess.PIPE,
            stderr=self._errors,
            text=True,
        )
        self.output: list[str] = []

    @property
    def pid(self) -> int:
        return self._process.pid

    @property
    def _out(self) -> IO[str]:
        assert self._process.stdout is not None
        return self._process.stdout

    def line(self) -> str:
        """The next line that it prints."""
        line = self._out.readline()
        assert line, f"it ended: {self.errors()}"
        self.output.append(line)
        return line

    def until(self, event: str) -> dict[str, Any]:
        """The next event of this name."""
        while True:
            body: dict[str, Any] = json.loads(self.line())
            if body["event"] == event:
                return body

    def end(self, sent: int = signal.SIGTERM) -> int:
        """Ends it, and gives its exit code."""
        self._process.send_signal(sent)
        return self.ended()

    def ended(self) -> int:
        """Waits for its end, and gives its exit code."""
        rest, _ = self._process.communicate(timeout=_PATIENCE_S)
        self.output += rest.splitlines(keepends=True)
        return self._process.returncode

    def errors(self) -> str:
        self._errors.seek(0)
        return self._errors.read()

    def stop(self) -> None:
        if self._process.poll() is None:
            self._process.kill()
            self._process.wait(_PATIENCE_S)
        self._out.close()
        self._errors.close()


@contextmanager
def running(
    folder: Path, *arguments: str, env: Mapping[str, str] | None = None
) -> Iterator[Process]:
    process = Process(folder, *arguments, env=env)
    try:
        yield process
    finally:
        process.stop()


class Exchange:
    """A simulated exchange over HTTP, whose price stands still unless it is moved."""

    def __init__(self, url: str) -> None:
        self.url = url

    def ask(self, path: str, body: object | None = None) -> Any:
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(
            self.url + path, data, {"content-type": "application/json"}
        )
        with urllib.request.urlopen(request, timeout=_PATIENCE_S) as reply:
            return json.load(reply)

    def as_user(self, method: str, path: str, **params: str) -> Any:
        """What a person does on the account by hand."""
        body = {"account": 0, "method": method, "path": path, "params": params}
        answer = self.ask("/sim/user/order", body)
        assert answer["status"] == 200, answer
        return answer["body"]

    def stops(self) -> list[str]:
        """Triggers of the stops at rest."""
        rows = self.as_user("GET", "/fapi/v1/openAlgoOrders")
        return sorted(row["triggerPrice"] for row in rows)


@contextmanager
def exchange(folder: Path, *arguments: str) -> Iterator[Exchange]:
    given = ("exchange", "--generate", "BTCUSDT=100000", "--port", "0", *arguments)
    with running(folder, *given) as process:
        url = process.line().split()[2]
        yield Exchange(url)


def eventually(seen: Any, patience_s: float = 20.0) -> None:
    """Asks again and again until `seen()` is true; fails where it never is."""
    for _ in range(int(patience_s / 0.05)):
        if seen():
            return
        time.sleep(0.05)
    raise AssertionError(seen)
