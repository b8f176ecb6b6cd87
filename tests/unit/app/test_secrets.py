import copy
import json
import logging
import os
import pickle
from pathlib import Path

import pytest

from quantum_exit.app.config.secret import Secret
from quantum_exit.app.config.settings import LogLevel
from quantum_exit.app.logs import logging_to
from quantum_exit.errors import InvalidInputError


def test_a_secret_shows_nowhere() -> None:
    secret = Secret("correct-horse")

    for text in (repr(secret), str(secret), f"{secret}", f"{secret!r:>9}", f"{secret:>40}"):
        assert "horse" not in text
    for copied in (pickle.dumps, copy.copy, copy.deepcopy):
        with pytest.raises(TypeError):
            copied(secret)
    with pytest.raises(TypeError):
        json.dumps(secret)
    assert secret.reveal() == "correct-horse"


@pytest.mark.parametrize("text", ["", " key", "key\n"])
def test_a_key_that_was_pasted_badly_is_refused_without_telling_it(text: str) -> None:
    with pytest.raises(InvalidInputError) as refused:
        Secret(text)
    assert "key" not in str(refused.value)


def test_the_log_masks_secrets_whoever_logs_them(tmp_path: Path) -> None:
    file = tmp_path / "run.log"
    pem = "-----BEGIN PRIVATE KEY-----\nMC4CAQAwBQYDK2VwBCIE\n-----END PRIVATE KEY-----"
    secrets = [Secret("correct-horse"), Secret(pem)]
    with logging_to(file, LogLevel.INFO, secrets) as log:
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
    if os.name == "posix":
        assert file.stat().st_mode & 0o077 == 0
